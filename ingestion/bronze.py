"""Bronze on disk: typed Parquet, one file per table and input version, and the list of the files that count.

dbt reads exactly what ``current.parquet`` lists: a glob over an absent table fails everything downstream, and a glob
over two versions doubles rows. Hence also a zero-row file per table, always there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ingestion.schemas import TABLES, Table
from warehouse.files import fsync_file
from warehouse.paths import Home

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

EMPTY = "empty.parquet"


@dataclass(frozen=True)
class BronzeFile:
    """One line of ``current.parquet``: a file that counts. ``superseded_at`` is null while it is current.

    On disk both times are naive and UTC, as DuckDB's TIMESTAMP is.
    """

    table_name: str
    version: str
    path: str
    source: str
    received_at: datetime
    superseded_at: datetime | None


def write_version(home: Home, table_name: str, version: str, frame: pl.DataFrame) -> str:
    """Write one input version's rows of one table; returns the path relative to ``bronze/``.

    ``frame`` has the table's schema without ``input_sha256``, which is added here.
    """
    import polars as pl

    table = TABLES[table_name]
    stamped = frame.with_columns(pl.lit(version, dtype=pl.String()).alias("input_sha256"))
    path = home.bronze / table.name / f"{version[:16]}.parquet"
    _write(path, stamped.select(list(table.schema)).cast(pl.Schema(table.schema)))
    return path.relative_to(home.bronze).as_posix()


def write_empty_files(home: Home) -> None:
    """Make sure that every table has its zero-row file with today's columns."""
    for table in TABLES.values():
        _write(home.bronze / table.name / EMPTY, empty_frame(table))


def empty_frame(table: Table) -> pl.DataFrame:
    """No row, all columns of the table."""
    import polars as pl

    return pl.DataFrame(schema=table.schema)


def write_current(home: Home, files: Iterable[BronzeFile]) -> None:
    """Replace the list of the files that count, in one atomic step."""
    import polars as pl

    moment = pl.Datetime("us")
    schema = {
        "table_name": pl.String(),
        "version": pl.String(),
        "path": pl.String(),
        "source": pl.String(),
        "received_at": moment,
        "superseded_at": moment,
    }
    rows = [
        asdict(file) | {"received_at": _naive(file.received_at), "superseded_at": _naive(file.superseded_at)}
        for file in files
    ]
    listed = pl.DataFrame(rows, schema=schema)
    _write(home.bronze / "current.parquet", listed.sort("table_name", "source", "version"))


def _naive(at: datetime | None) -> datetime | None:
    return at.astimezone(UTC).replace(tzinfo=None) if at else None


def _write(path: Path, frame: pl.DataFrame) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    frame.write_parquet(part, compression="zstd")
    part.replace(path)
    fsync_file(path)
