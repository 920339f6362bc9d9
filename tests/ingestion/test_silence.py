"""Since when datasets are silent: by what was received, whoever delivered it; and when that is too long."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from ingestion.datasets.contracts import load_contracts
from ingestion.datasets.freshness import DAYS, due_by, frozen_from, is_frozen
from ingestion.datasets.silence import frozen_sources, last_received, silence_frame

CNAM, INSEE = "cnam-effectifs-densites", "insee-populations-legales"
DAY = date(2024, 1, 10)


def received(source: str | None, day: date, **more: Any) -> dict[str, Any]:
    at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    return {"kind": "dataset", "source": source, "received_at": at, "status": "accepted", **more}


@pytest.mark.parametrize("cadence", DAYS)
def test_a_source_is_late_before_it_is_frozen(cadence: str) -> None:
    frozen, due = frozen_from(cadence, DAY), due_by(cadence, DAY)
    assert frozen is not None
    assert due is not None
    assert frozen - DAY == 2 * timedelta(days=DAYS[cadence])
    assert due < frozen
    assert not is_frozen(cadence, DAY, frozen - timedelta(days=1))
    assert is_frozen(cadence, DAY, frozen)


def test_without_a_cadence_nothing_freezes() -> None:
    assert not is_frozen("irregular", DAY, date(2099, 1, 1))


def test_the_last_bytes_taken_count_and_nothing_else() -> None:
    rows = [
        received(CNAM, DAY),
        received(CNAM, DAY + timedelta(days=30), status="superseded"),
        received(CNAM, DAY + timedelta(days=60), status="quarantined"),
        received("a-report", DAY, kind="report"),
        received(None, DAY, status="accepted"),
    ]
    assert last_received(rows) == {CNAM: DAY + timedelta(days=30)}


def test_the_table_tells_every_dataset_that_came_once() -> None:
    contracts, today = load_contracts(), date(2026, 11, 22)
    irregular = next(code for code, contract in contracts.items() if contract.cadence == "irregular")
    days = {CNAM: DAY, INSEE: date(2026, 1, 1), irregular: DAY, "gone-since": DAY}
    assert frozen_sources(contracts, days, today) == [CNAM]
    frame = silence_frame(contracts, days, today)
    assert frame.select("dataset_code", "last_received_on", "frozen_from", "is_frozen").rows() == [
        (CNAM, DAY, date(2026, 1, 11), True),
        (INSEE, date(2026, 1, 1), date(2028, 1, 3), False),
    ]
    assert silence_frame(contracts, {}, today).columns == frame.columns
