"""Is there anything to do, and how much? A pure decision, taken before Dagster, dbt or Great Expectations are imported.

Two questions, two comparisons. Whether anything is to be published hangs on what the *published* file was made from;
whether dbt must run hangs on what the *working database* was made from, as it says itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Work(StrEnum):
    """How much a refresh does, the least first."""

    NOTHING = "nothing"
    RESEAL = "reseal"
    FULL = "full"


#: What reaches the published file when it is sealed, or what the working database follows without dbt.
WITHOUT_DBT = frozenset({"configuration", "acts", "decisions"})


@dataclass(frozen=True)
class Situation:
    """What the decision hangs on.

    ``parts`` are today's fingerprints by name, ``last_parts`` those of the last published refresh (null before the
    first), ``build_parts`` those of the working database (null when there is none that passed its audit). ``known``
    names the waiting files whose bytes were taken before, ``waiting`` counts the others; ``due`` counts findings'
    dates that have come; ``is_published`` says that the last snapshot is there, ``rolled_back`` that a person put an
    earlier one in its place.
    """

    parts: Mapping[str, str]
    last_parts: Mapping[str, str] | None
    build_parts: Mapping[str, str] | None
    is_published: bool
    waiting: int = 0
    known: tuple[str, ...] = ()
    due: int = 0
    rolled_back: bool = False


@dataclass(frozen=True)
class Plan:
    """What to do and why, in words for operators. ``known`` names deliveries that bring nothing new."""

    work: Work
    reasons: tuple[str, ...] = ()
    known: tuple[str, ...] = ()


def plan(situation: Situation) -> Plan:
    """The least work after which the published file tells all that is known."""
    reasons = _reasons(situation)
    if not reasons or _was_taken_back(situation):
        return Plan(Work.NOTHING, known=situation.known)
    enough = situation.waiting == 0 and is_build_of(situation.build_parts, situation.parts)
    return Plan(Work.RESEAL if enough else Work.FULL, tuple(reasons), situation.known)


def is_build_of(build_parts: Mapping[str, str] | None, parts: Mapping[str, str]) -> bool:
    """Whether dbt would build the same again, decisions aside, from ``parts``."""
    return build_parts is not None and _for_dbt(build_parts) == _for_dbt(parts)


def _was_taken_back(situation: Situation) -> bool:
    """Whether a refresh would only publish again what a person rolled back: acts and dates wait for something new."""
    return situation.rolled_back and situation.waiting == 0 and is_build_of(situation.last_parts, situation.parts)


def _for_dbt(parts: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in parts.items() if name not in WITHOUT_DBT}


def _reasons(situation: Situation) -> list[str]:
    if situation.last_parts is None:
        return ["first refresh of this home"]
    reasons = [
        f"{name} changed"
        for name in sorted({*situation.parts, *situation.last_parts})
        if situation.parts.get(name) != situation.last_parts.get(name)
    ]
    if situation.waiting:
        reasons.append(f"{situation.waiting} new file{'s' if situation.waiting > 1 else ''}")
    if situation.due:
        reasons.append(f"{situation.due} waiver{'s' if situation.due > 1 else ''} ran out")
    if not situation.is_published:
        reasons.append("the published snapshot is missing")
    return reasons
