"""Bronze on disk: typed Parquet, one file per table and input version, and the list of the files that count.

dbt reads exactly what ``current.parquet`` lists: a glob over an absent table fails everything downstream, and a glob
over two versions doubles rows. Hence also a zero-row file per table, always there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from ingestion.schemas import TABLES, Table
from warehouse.files import fsync_file, write_durably
from warehouse.paths import Home

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

EMPTY = "empty.parquet"
CURRENT = "current.parquet"
#: Key in a Parquet file's own metadata: the hash of the code and reference data that its rows were made with.
RECIPE = "barometre.recipe"


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


@dataclass(frozen=True)
class Made:
    """What became of one input version, kept so that it is neither read nor checked again while nothing changed.

    ``recipe`` is the hash of the code and reference data it was made with; ``tables`` gives its accepted rows by
    bronze table; ``document`` is the SHA-256 of the report's text and ``verified`` says that it was at hand.
    """

    recipe: str
    sha256: str
    kind: str
    source: str
    version: int | None
    vintage: str | None
    document: str | None
    verified: bool
    tables: dict[str, int]
    periods: list[str]
    rows_accepted: int
    rows_rejected: int
    rejections: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def remember(home: Home, made: Made) -> None:
    """Keep what became of an input version, beside its files."""
    path = _made_path(home, made.sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_durably(path, json.dumps(asdict(made), ensure_ascii=False, default=str).encode())


def recall(home: Home, version: str, recipe: str) -> Made | None:
    """What became of an input version made with this very recipe, if its files are still there."""
    try:
        made = Made(**json.loads(_made_path(home, version).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    standing = all(made_with(home.bronze / version_path(table, version)) == recipe for table in made.tables)
    return made if made.recipe == recipe and standing else None


def keep_draft(home: Home, version: str, packed: bytes) -> None:
    """Keep the extract that a machine drafted of a text beside what became of it: a review starts from it."""
    path = draft_path(home, version)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_durably(path, packed)


def draft_path(home: Home, version: str) -> Path:
    """Where the drafted extract of a text is, packed as one zip, if there is one."""
    return home.bronze / "made" / f"{version[:16]}.extract.zip"


def told_before(home: Home, version: str) -> tuple[str | None, str | None]:
    """Source and vintage that an input version was last taken for, whatever it was made with; nulls when never."""
    try:
        made = json.loads(_made_path(home, version).read_text(encoding="utf-8"))
        return made["source"], made["vintage"]
    except (OSError, ValueError, KeyError, TypeError):
        return None, None


def version_path(table_name: str, version: str) -> str:
    """Where one input version's rows of one table are, relative to ``bronze/``."""
    return f"{table_name}/{version[:16]}.parquet"


def write_version(home: Home, table_name: str, version: str, frame: pl.DataFrame, recipe: str | None = None) -> str:
    """Write one input version's rows of one table; returns the path relative to ``bronze/``.

    ``frame`` has the table's schema without ``input_sha256``, which is added here. A file of this version made with
    the same ``recipe`` has the same rows: it is left as it is.
    """
    import polars as pl

    table = TABLES[table_name]
    path = home.bronze / version_path(table.name, version)
    if recipe is None or made_with(path) != recipe:
        stamped = frame.with_columns(pl.lit(version, dtype=pl.String()).alias("input_sha256"))
        _write(path, stamped.select(list(table.schema)).cast(pl.Schema(table.schema)), recipe)
    return version_path(table.name, version)


def made_with(path: Path) -> str | None:
    """The recipe that a Parquet file says it was made with; None when it is absent, damaged or does not say."""
    import polars as pl

    try:
        return pl.read_parquet_metadata(path).get(RECIPE)
    except (OSError, pl.exceptions.PolarsError):
        return None


def remove_unlisted(home: Home, files: Iterable[BronzeFile]) -> None:
    """Remove what ``current.parquet`` no longer lists; to be called once it has been replaced."""
    listed = {file.path for file in files}
    for name in TABLES:
        for path in (home.bronze / name).glob("*.parquet"):
            if path.name != EMPTY and path.relative_to(home.bronze).as_posix() not in listed:
                path.unlink()
        for left in (home.bronze / name).glob(".*.part"):
            left.unlink()
    _forget_unlisted(home, {file.version for file in files})


def write_empty_files(home: Home) -> None:
    """Make sure that every table has its zero-row file with today's columns."""
    for table in TABLES.values():
        path, columns = home.bronze / table.name / EMPTY, sha256(repr(table.schema).encode()).hexdigest()
        if made_with(path) != columns:
            _write(path, empty_frame(table), columns)


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
    _write(home.bronze / CURRENT, listed.sort("table_name", "source", "version"))


def _naive(at: datetime | None) -> datetime | None:
    return at.astimezone(UTC).replace(tzinfo=None) if at else None


def _made_path(home: Home, version: str) -> Path:
    return home.bronze / "made" / f"{version[:16]}.json"


def _forget_unlisted(home: Home, versions: Collection[str]) -> None:
    kept = {version[:16] for version in versions}
    for path in (home.bronze / "made").glob("[!.]*"):
        if path.name.partition(".")[0] not in kept:
            path.unlink()


def _write(path: Path, frame: pl.DataFrame, recipe: str | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    frame.write_parquet(part, compression="zstd", metadata={RECIPE: recipe} if recipe else None)
    fsync_file(part)
    part.replace(path)
    fsync_file(path)
