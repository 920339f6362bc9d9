"""What is told of fetching, in ``barometre status`` and ``sources``; and what an operator must act on. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ingestion.datasets.contract_model import Contract
    from warehouse.source_memory import SourceMemory

#: Portals are down for a day or two now and then; one that failed three times over a week needs a person.
PATIENCE = timedelta(days=7)
LEAST_FAILURES = 3


def fetching_rows(
    contracts: Iterable[Contract], memories: Mapping[str, SourceMemory], now: datetime
) -> list[dict[str, Any]]:
    """One row per dataset that is fetched: what its last look brought, since when it fails, when the next is due."""
    from ingestion.fetching.rounds import fetched_contracts

    return [_row(contract, memories.get(contract.code), now) for contract in fetched_contracts(contracts)]


def fetching_line(row: Mapping[str, Any]) -> str:
    """The same in one line."""
    if row["outcome"] is None:
        return f"{row['dataset']}: never looked at ({row['kind']})"
    due = "due now" if row["is_due"] else f"next {row['next_look_at']:%Y-%m-%d}"
    looked = f"looked {row['attempted_at']:%Y-%m-%d %H:%M}"
    if row["outcome"] == "failed":
        times = f"{row['failures']} time{'s' if row['failures'] > 1 else ''}"
        return (
            f"{row['dataset']}: FAILED {times} since {row['failing_since']:%Y-%m-%d}: {row['told']} ({looked}, {due})"
        )
    return f"{row['dataset']}: {row['told']} ({looked}, {due})"


def fetching_problems(rows: Iterable[Mapping[str, Any]], now: datetime) -> list[str]:
    """The sources that fail for so long that an operator must look, each with what to do."""
    return [
        f"{row['dataset']} cannot be fetched since {row['failing_since']:%Y-%m-%d}: {row['told']}. Correct its "
        f"contract (fetch), or deliver the file by hand; `barometre fetch {row['dataset']}` tries again."
        for row in rows
        if row["outcome"] == "failed" and row["failures"] >= LEAST_FAILURES and now - row["failing_since"] > PATIENCE
    ]


def _row(contract: Contract, memory: SourceMemory | None, now: datetime) -> dict[str, Any]:
    names = ("outcome", "told", "attempted_at", "succeeded_at", "new_at", "failing_since", "failures", "next_look_at")
    return {
        "dataset": contract.code,
        "kind": contract.fetch.kind,
        **{name: getattr(memory, name, None) for name in names},
        "is_due": memory is None or memory.next_look_at <= now,
    }
