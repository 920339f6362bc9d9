"""Writes a bronze home from Python rows, through the declarations of :mod:`ingestion.schemas`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from ingestion.schemas import DECIMAL, NUMBER, TABLES, Column

Row = Mapping[str, Any]
FIRST_RECEIPT = datetime(2026, 1, 1, 8)


@dataclass(frozen=True)
class Input:
    """One accepted input: rows by bronze table, and when it was received and superseded (UTC)."""

    source: str
    rows: Mapping[str, Sequence[Row]]
    received_at: datetime = FIRST_RECEIPT
    superseded_at: datetime | None = None

    @property
    def sha256(self) -> str:
        return hashlib.sha256(repr((self.source, self.rows)).encode()).hexdigest()


def write_bronze(home: Path, inputs: Iterable[Input]) -> None:
    """Write ``<home>/bronze``: the inputs' tables, every zero-row file and ``current.parquet``."""
    bronze = home / "bronze"
    for name, table in TABLES.items():
        (bronze / name).mkdir(parents=True)
        pl.DataFrame(schema=table.schema).write_parquet(bronze / name / "empty.parquet")
    listing = [_write_table(bronze, received, name) for received in inputs for name in received.rows]
    pl.DataFrame(listing, schema=CURRENT_SCHEMA, orient="row").write_parquet(bronze / "current.parquet")


CURRENT_SCHEMA = {
    "table_name": pl.String(),
    "version": pl.String(),
    "path": pl.String(),
    "source": pl.String(),
    "received_at": pl.Datetime("us"),
    "superseded_at": pl.Datetime("us"),
}


def _write_table(bronze: Path, received: Input, name: str) -> tuple[Any, ...]:
    table = TABLES[name]
    path = f"{name}/{received.sha256[:16]}.parquet"
    rows = [
        {c.name: _typed(c, row.get(c.name)) for c in table.columns} | {"input_sha256": received.sha256}
        for row in received.rows[name]
    ]
    pl.DataFrame(rows, schema=table.schema).write_parquet(bronze / path)
    return (name, received.sha256, path, received.source, received.received_at, received.superseded_at)


def _typed(column: Column, value: Any) -> Any:
    if value is None:
        return None
    if column.type == DECIMAL:
        return Decimal(str(value))
    return float(value) if column.type == NUMBER else value


def figure(report_id: str, figure_key: str, indicator_code: str, value: float | None, **changes: Any) -> dict[str, Any]:
    """Return a FIGURE row: an exact, reviewed count printed in the text, for France at the end of 2018."""
    return {
        "report_id": report_id,
        "figure_key": figure_key,
        "indicator_code": indicator_code,
        "territory_key": "country:FR",
        "period": "end:2018",
        "value": value,
        "value_low": value,
        "value_high": value,
        "unit": "count",
        "kind": "actual",
        "value_form": "level",
        "obs_status": "observed",
        "date_is_explicit": True,
        "printed": str(value),
        "source_line": 1,
        "exhibit_kind": "text",
        "statement_origin": "publisher",
        "extraction_method": "manual",
        "review_status": "reviewed",
    } | changes


def target(report_id: str, figure_key: str, indicator_code: str, value: float, **changes: Any) -> dict[str, Any]:
    """Return a FIGURE row that promises ``value`` for France by the end of 2019."""
    promise = {"kind": "target", "obs_status": "target", "period": "by:2019"}
    return figure(report_id, figure_key, indicator_code, value, **(promise | changes))
