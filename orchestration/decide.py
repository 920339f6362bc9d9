"""Is there anything to do? A pure decision, taken before Dagster, dbt or Great Expectations are imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Situation:
    """What the decision hangs on.

    ``parts`` are today's fingerprints and ``last_parts`` those of the last published refresh (null before the first);
    ``waiting`` counts files in the drop folder; ``is_published`` says that the last snapshot is there.
    """

    parts: Mapping[str, str]
    last_parts: Mapping[str, str] | None
    waiting: int
    is_published: bool


def reasons_to_refresh(situation: Situation) -> list[str]:
    """Why a refresh is needed, in words for operators; empty when there is nothing to do."""
    if situation.last_parts is None:
        return ["first refresh of this home"]
    reasons = [
        f"{name} changed"
        for name in sorted({*situation.parts, *situation.last_parts})
        if situation.parts.get(name) != situation.last_parts.get(name)
    ]
    if situation.waiting:
        reasons.append(f"{situation.waiting} new file{'s' if situation.waiting > 1 else ''}")
    if not situation.is_published:
        reasons.append("the published snapshot is missing")
    return reasons
