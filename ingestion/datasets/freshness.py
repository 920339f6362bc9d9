"""Whether a dataset is as fresh as its publisher's cadence lets one hope."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

Freshness = Literal["fresh", "late", "frozen", "never delivered", "no cadence"]

DAYS = {"weekly": 7, "monthly": 31, "quarterly": 92, "yearly": 366}
#: Publishers slip: a yearly file comes some weeks later than the year before. A quarter of the cadence is forgiven.
SLACK = 0.25
#: Nothing new for so many times its cadence: the publisher stopped, or publishes elsewhere.
FROZEN_AFTER = 2


def due_by(cadence: str, received_on: date) -> date | None:
    """The day by which a newer delivery should have come; None for a dataset without a cadence."""
    return received_on + timedelta(days=round(DAYS[cadence] * (1 + SLACK))) if cadence in DAYS else None


def frozen_from(cadence: str, received_on: date) -> date | None:
    """The day from which a source is frozen if nothing newer comes; None for a dataset without a cadence."""
    return received_on + timedelta(days=FROZEN_AFTER * DAYS[cadence]) if cadence in DAYS else None


def is_frozen(cadence: str, received_on: date, today: date) -> bool:
    """Whether nothing new came for twice the cadence."""
    frozen = frozen_from(cadence, received_on)
    return frozen is not None and today >= frozen


def freshness(cadence: str, received_on: date | None, today: date) -> Freshness:
    """What the last delivery's age says."""
    if received_on is None:
        return "never delivered"
    due = due_by(cadence, received_on)
    if due is None:
        return "no cadence"
    if is_frozen(cadence, received_on, today):
        return "frozen"
    return "late" if today > due else "fresh"
