"""Shuffled orders: the same deliveries, in any order and in any batches, make the same bronze and the same marts."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from ingestion.receiving import deliver
from orchestration.session import opened_session
from warehouse.paths import Home

#: Columns that tell when something came in, was judged or was sealed: the only ones that the order may change.
BOOKKEEPING = {"recorded_at", "superseded_at", "received_at", "first_seen_at", "last_seen_at"}


def batches(deliveries: Sequence[Path], order: random.Random) -> list[list[Path]]:
    """The deliveries in a random order, cut into random batches: each is what one refresh finds in the drop folder."""
    shuffled = list(deliveries)
    order.shuffle(shuffled)
    cuts = sorted(order.sample(range(1, len(shuffled)), order.randint(0, min(2, len(shuffled) - 1))))
    return [shuffled[start:end] for start, end in zip([0, *cuts], [*cuts, len(shuffled)], strict=True)]


def collect_in_batches(home: Home, ordered: Sequence[Sequence[Path]]) -> None:
    """Take each batch as a refresh would, up to bronze."""
    for batch in ordered:
        for path in batch:
            deliver(home, path, datetime.now(UTC))
        with opened_session(home, "shuffled order") as session:
            session.collect()


def bronze_content(home: Home) -> dict[str, Any]:
    """What bronze says, by table: which versions count, and the hash of the rows that dbt would read of each."""
    listed = duckdb.sql(f"SELECT * FROM read_parquet('{home.bronze}/current.parquet') ORDER BY table_name, version")
    names = [column[0] for column in listed.description]
    rows = [dict(zip(names, row, strict=True)) for row in listed.fetchall()]
    return {
        f"{row['table_name']} {row['version']}": {
            "source": row["source"],
            "is_current": row["superseded_at"] is None,
            "rows": _hash(duckdb.connect(), f"read_parquet('{home.bronze / row['path']}')"),
        }
        for row in rows
    }


def marts_content(snapshot: Path) -> dict[str, Any]:
    """A hash of every published mart and verdict, bookkeeping columns aside."""
    with duckdb.connect(str(snapshot), read_only=True) as connection:
        tables = connection.execute(
            "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE schema_name IN ('marts', 'quality') "
            "AND table_name <> 'finding_history' ORDER BY 1"
        ).fetchall()
        return {name: _hash(connection, name) for (name,) in tables}


def _hash(connection: duckdb.DuckDBPyConnection, relation: str) -> str:
    """One hash over a relation's rows, whatever their order. That a row was superseded counts, not when."""
    names = sorted(row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall())
    told = [f'"{name}"' for name in names if name not in BOOKKEEPING]
    told += ["superseded_at IS NULL"] if "superseded_at" in names else []
    row = f"md5_number(CAST(ROW({', '.join(told)}) AS VARCHAR))"
    count, total = connection.execute(
        f"SELECT count(*), sum(CAST({row} % 1000000007 AS HUGEINT)) + sum(CAST({row} % 998244353 AS HUGEINT) * 7) "
        f"FROM {relation}"
    ).fetchone() or (0, 0)
    return f"{count} rows, {total}"
