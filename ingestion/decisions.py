"""The stewards' decisions as a bronze table. They live in the state store; bronze holds a copy that dbt can read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ingestion.bronze import BronzeFile, write_current, write_version
from ingestion.schemas import DECISION

if TYPE_CHECKING:
    import polars as pl

    from warehouse.paths import Home


def decisions_frame(rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Rows of the state store as the bronze table that the reconciliation reads."""
    import polars as pl

    schema = {column.name: column.dtype for column in DECISION.columns}
    picked = [{name: row.get(name) for name in schema} for row in rows]
    for row in picked:
        row["decided_at"] = row["decided_at"].date() if row["decided_at"] else None
    return pl.DataFrame(picked, schema=schema)


def relist_decisions(home: Home, decisions: pl.DataFrame, version: str, received_at: datetime) -> None:
    """Write a version of the decisions and make it the one that counts, leaving every other file as listed."""
    import polars as pl

    path = write_version(home, DECISION.name, version, decisions)
    names = [field.name for field in fields(BronzeFile)]
    listed = pl.read_parquet(home.bronze / "current.parquet").filter(pl.col("table_name") != DECISION.name)
    others = [BronzeFile(**_aware(row)) for row in listed.select(names).iter_rows(named=True)]
    write_current(home, [*others, BronzeFile(DECISION.name, version, path, "decisions", received_at, None)])


def _aware(row: dict[str, Any]) -> dict[str, Any]:
    """Times on disk are naive and UTC."""
    moments = {name: value.replace(tzinfo=UTC) for name, value in row.items() if isinstance(value, datetime)}
    return row | moments
