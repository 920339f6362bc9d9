"""Whether arithmetic can tell a fault at all, decided without the rules and before they are asked.

A verdict of the true world lists its figures and what they are to each other. Where it was held, the same relation is
worked out again with the fault in place, in plain Python: if no true values are left, arithmetic can tell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Interval = tuple[float, float]
_INFINITE = float("inf")


@dataclass(frozen=True)
class Subject:
    """One verdict of the true world: its relation and its figures, by reference."""

    rule: str
    relation: str
    figures: Mapping[str, tuple[str, Interval]]
    computed: Interval
    printed: Interval
    unit: str

    @property
    def is_bounded_only(self) -> bool:
        """Whether the sides were held without meeting: the parts of a list that is not complete, say."""
        return not _meet(self.computed, self.printed)


def subject_of(rule: str, evidence: Mapping[str, Any]) -> Subject:
    """A verdict's evidence, read."""
    figures = {
        str(figure["ref"]): (str(figure["role"]), (_low(figure["low"]), _high(figure["high"])))
        for figure in evidence["figures"]
    }
    arithmetic = evidence["arithmetic"]
    computed = (_low(arithmetic["computed_low"]), _high(arithmetic["computed_high"]))
    printed = (_low(arithmetic["printed_low"]), _high(arithmetic["printed_high"]))
    unit = str(evidence["figures"][0]["unit"]) if evidence["figures"] else ""
    return Subject(rule, str(evidence["relation"]), figures, computed, printed, unit)


def tells(subject: Subject, ref: str, after: Interval) -> bool:
    """Whether the relation cannot hold once the figure ``ref`` is ``after``."""
    reworked = _REWORKED.get(subject.relation)
    if reworked is None or ref not in subject.figures:
        return False
    role, before = subject.figures[ref]
    return reworked(subject, role, before, after)


def _same_fact(subject: Subject, _: str, before: Interval, after: Interval) -> bool:
    intervals = [interval for _, interval in subject.figures.values()]
    intervals.remove(before)
    return any(_meet(before, other) and not _meet(after, other) for other in intervals)


def _sum(subject: Subject, role: str, before: Interval, after: Interval) -> bool:
    computed, printed = subject.computed, subject.printed
    if role == "part":
        computed = (computed[0] + _difference(after[0], before[0]), computed[1] + _difference(after[1], before[1]))
    else:
        printed = after
    if subject.is_bounded_only:
        return computed[0] > printed[1]
    return not _meet(computed, printed)


def _beyond_bounds(subject: Subject, _: str, __: Interval, after: Interval) -> bool:
    return not _meet(after, subject.computed)


def _part_and_whole(subject: Subject, role: str, _: Interval, after: Interval) -> bool:
    terms = dict(subject.figures.values()) | {role: after}
    return terms["part"][0] > terms["whole"][1]


def _earlier_and_later(subject: Subject, role: str, _: Interval, after: Interval) -> bool:
    earlier, later = (after, subject.computed) if role == "earlier" else (subject.printed, after)
    return later[1] < earlier[0]


def _ratio(subject: Subject, role: str, _: Interval, after: Interval) -> bool:
    """A growth or a share: the one figure that changed against what the others give for it."""
    if role in ("growth", "share", "whole"):
        return not _meet(after, subject.computed)
    terms = dict(subject.figures.values()) | {role: after}
    upper, lower = ("level", "base") if "level" in terms else ("part", "base")
    if upper not in terms or lower not in terms or terms[lower][0] <= 0:
        return False
    ratio = (terms[upper][0] / terms[lower][1], terms[upper][1] / terms[lower][0])
    scale = {"percent": 100.0, "multiple": 1.0, "per_10000": 1e4, "per_100000": 1e5}.get(subject.unit, 1.0)
    shift = 1.0 if upper == "level" and subject.unit == "percent" else 0.0
    return not _meet((scale * (ratio[0] - shift), scale * (ratio[1] - shift)), subject.printed)


#: What is not here asks for likelihood, dates or neighbours: what such a rule tells of a fault is never expected of it.
_REWORKED: Mapping[str, Callable[[Subject, str, Interval, Interval], bool]] = {
    "contradiction": _same_fact,
    "statement": _same_fact,
    "sum": _sum,
    "groups": _sum,
    "range": _beyond_bounds,
    "register": _beyond_bounds,
    "part_whole": _part_and_whole,
    "cumulative": _earlier_and_later,
    "growth": _ratio,
    "share": _ratio,
}


def _meet(one: Interval, other: Interval) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _difference(after: float, before: float) -> float:
    return 0.0 if after == before else after - before


def _low(end: float | None) -> float:
    return -_INFINITE if end is None else float(end)


def _high(end: float | None) -> float:
    return _INFINITE if end is None else float(end)
