"""Delivering one file of a packaged dataset, and what became of its lines."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from ingestion.datasets.contracts import load_contracts
from ingestion.datasets.delivery import Delivery, read_delivery
from ingestion.datasets.recognition import recognised_in


def deliver(path: Path, *, vintage: str | None = None, whole: bool = False) -> Delivery:
    """Read a file as the contract that its header is of; ``whole`` asks for as many rows as the published file has."""
    contract = load_contracts()[recognised_in(path)]
    if not whole:
        contract = contract.model_copy(update={"at_least": 1})
    return read_delivery(contract, path, path.name, "0" * 64, vintage=vintage)


def counts(read: Delivery) -> tuple[int, int, int, int]:
    """Lines under the header: all, loaded, set aside, quarantined."""
    account = read.account
    assert account.lines == account.loaded + account.set_aside + account.quarantined
    return account.lines, account.loaded, account.set_aside, account.quarantined


def totals(table: pl.DataFrame, *by: str, value: str = "headcount") -> dict[object, float]:
    """Sums over the rows that are no totals of others."""
    summed = table.filter(~pl.col("is_aggregate")).group_by(by).agg(pl.col(value).sum()).rows()
    return {row[0] if len(by) == 1 else row[:-1]: row[-1] for row in summed}
