"""Since when each dataset is silent, as a bronze table: what the rule ``source_frozen`` judges.

The days are those on which bytes were received, from the state store. That today is late enough to call a source frozen
is the one thing that time alone changes, and it changes on one day: the frozen sources are a part of what a refresh is
made from, so that a refresh follows then, and none on the days after.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from ingestion.datasets.freshness import frozen_from, is_frozen
from ingestion.schemas import SOURCE_STATUS

if TYPE_CHECKING:
    import polars as pl

    from ingestion.datasets.contract_model import Contract


def last_received(inputs: Iterable[Mapping[str, Any]]) -> dict[str, date]:
    """The last day on which bytes of each dataset were taken, by its code; ``inputs`` are rows of the state store."""
    days: dict[str, date] = {}
    for row in inputs:
        if row["kind"] == "dataset" and row["source"] and row["status"] in ("accepted", "superseded"):
            received: datetime = row["received_at"]
            days[row["source"]] = max(received.date(), days.get(row["source"], date.min))
    return days


def frozen_sources(contracts: Mapping[str, Contract], received: Mapping[str, date], today: date) -> list[str]:
    """The codes of the datasets of which nothing new came for twice their cadence."""
    known = {code: day for code, day in received.items() if code in contracts}
    return sorted(code for code, day in known.items() if is_frozen(contracts[code].cadence, day, today))


def silence_frame(contracts: Mapping[str, Contract], received: Mapping[str, date], today: date) -> pl.DataFrame:
    """The bronze table ``source_status``, without ``input_sha256``: datasets that were received and have a cadence."""
    import polars as pl

    rows = [
        {
            "dataset_code": code,
            "title": contracts[code].title,
            "publisher": contracts[code].publisher,
            "cadence": contracts[code].cadence,
            "last_received_on": received[code],
            "frozen_from": frozen,
            "is_frozen": is_frozen(contracts[code].cadence, received[code], today),
        }
        for code in sorted(set(received) & set(contracts))
        if (frozen := frozen_from(contracts[code].cadence, received[code])) is not None
    ]
    return pl.DataFrame(rows, schema={column.name: column.dtype for column in SOURCE_STATUS.columns})
