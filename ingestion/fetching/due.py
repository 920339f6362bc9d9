"""When a source is looked at again, and since when it has been silent for too long. Pure; dates in, dates out."""

from __future__ import annotations

from datetime import datetime, timedelta

#: How often one looks, by the publisher's cadence: nobody knows the day, and a look that finds nothing costs one
#: request. Four hours less, so that a schedule that starts at the same hour each day is never a minute too early.
LOOK_EVERY = {
    "weekly": timedelta(days=1),
    "monthly": timedelta(days=7),
    "quarterly": timedelta(days=14),
    "yearly": timedelta(days=30),
    "irregular": timedelta(days=30),
}
_EARLY = timedelta(hours=4)
_FIRST_RETRY = timedelta(days=1)


def next_look(cadence: str, at: datetime, failures: int = 0) -> datetime:
    """When to ask again after a look that succeeded, or after so many that failed in a row.

    What failed is asked again the next day, then after two, four…, never later than after a success.
    """
    usual = LOOK_EVERY[cadence]
    wait = min(usual, _FIRST_RETRY * 2 ** min(failures - 1, 10)) if failures else usual
    return at + wait - _EARLY
