"""In which capacity a figure stands: an actual, a target, an estimate, a growth, a share, an amount, a capacity.

Told from the print (a sign, a unit), from the words around it, and from what its indicator is. The cells follow the
conventions of the reviewed extracts: a target keeps its indicator and says so; what a text of law grants is a rule.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ingestion.extraction.moments import Moment
from ingestion.numbers import Printed
from ingestion.reference.models import Indicator

Form = Literal["growth", "multiple", "share", "amount", "rank", "duration", "level"]

_DURATIONS = frozenset({"hours", "minutes", "days", "months", "years", "km"})
#: What a printed unit may be read in; a bare number may be a count, or a duration whose unit stands further on.
UNITS_OF_PRINT: dict[str, frozenset[str]] = {
    "none": frozenset({"count", "years", "months", "days"}),
    "percent": frozenset({"percent", "points"}),
    "fraction": frozenset({"percent", "ratio"}),
    "eur": frozenset({"eur", "eur_per_month"}),
    "multiple": frozenset({"multiple", "ratio"}),
    "rank": frozenset({"rank"}),
}

_OF_A_WHOLE = re.compile(r"[\s*]*(?:des?\b|du\b|d'|de la\b|de l')")
_RISES_BY = re.compile(r"\b(?:de|d'|par|a)\s*$")
_FUTURE = re.compile(r"\b(?:sera|seront|aura|auront|\w{3,}(?:er|ir|tr|dr)(?:a|ont))\b")
_NOT_FUTURE = re.compile(r"(?:sera|aura)it")


@dataclass(frozen=True)
class Capacity:
    """The cells that say in which capacity a figure stands."""

    kind: str
    value_form: str
    obs_status: str
    growth_form: str | None = None


@dataclass(frozen=True)
class Signs:
    """What the words around a figure say. ``near`` are the cues of its clause, ``around`` those of its sentence."""

    near: frozenset[str]
    around: frozenset[str]
    moment: Moment | None
    future: bool
    limits: bool  # « moins de », « jusqu’à », « au plus » before the figure

    @property
    def targeted(self) -> bool:
        """Whether an objective is meant: a deadline, an objective named, or a future without doubt."""
        if (
            self.moment is not None
            and self.moment.role in ("at", "now")
            and not self.future
            and "target" not in self.near
        ):
            return False
        return "target" in self.near or (self.moment is not None and self.moment.role == "by") or self.future

    @property
    def foreseen(self) -> bool:
        """Whether it is expected, not aimed at."""
        return bool({"forecast"} & self.near) or ("forecast" in self.around and "target" not in self.near)


def form_of(read: Printed, before: str, after: str, cues: frozenset[str]) -> Form:
    """What a print is, from its unit and the folded text on both sides within its sentence."""
    if read.unit in ("percent", "points"):
        return "growth" if _is_growth(read, before, after, cues) else "share"
    forms: dict[str, Form] = {"fraction": "share", "eur": "amount", "eur_per_month": "amount", "multiple": "multiple"}
    if read.unit in forms:
        return forms[read.unit]
    return "rank" if read.unit == "rank" else "duration" if read.unit in _DURATIONS else "level"


def _is_growth(read: Printed, before: str, after: str, cues: frozenset[str]) -> bool:
    if read.sign:
        return True
    if not {"growth", "decrease"} & cues:
        return False
    return bool(_RISES_BY.search(before)) and not _OF_A_WHOLE.match(after)


def speaks_of_future(folded: str) -> bool:
    """Whether a clause has a verb in the future."""
    return bool(_FUTURE.search(folded)) and not _NOT_FUTURE.search(folded)


def capacity_of(form: Form, signs: Signs, indicator: Indicator | None) -> Capacity:
    """The capacity of a figure of that form and indicator."""
    nature = indicator.nature if indicator else None
    if form in ("growth", "multiple"):
        return _growth(form, signs)
    if form == "share":
        return _share(signs, nature)
    if form == "amount":
        return _amount(signs, nature)
    if form == "rank":
        return Capacity("actual", "rank", "observed")
    if form == "duration" and nature != "duration":
        return _limit(signs)
    return _level(signs, nature)


def _growth(form: Form, signs: Signs) -> Capacity:
    value_form = "multiple" if form == "multiple" else "growth"
    growth_form = "multiple" if form == "multiple" else "annual" if "rate" in signs.near else "total"
    if signs.targeted:
        return Capacity("target", value_form, "target", growth_form)
    return Capacity("growth", value_form, "observed", growth_form)


def _share(signs: Signs, nature: str | None) -> Capacity:
    if nature == "parameter":
        return Capacity("actual", "parameter", "rule")
    if nature == "growth":
        return Capacity("growth", "growth", "observed", "total")
    if signs.targeted:
        return Capacity("target", "share", "target")
    return Capacity("share", "share", "estimated" if "estimated" in signs.around else "observed")


def _amount(signs: Signs, nature: str | None) -> Capacity:
    if "ceiling" in signs.around and nature != "amount":
        return Capacity("amount", "threshold", "rule")
    if nature == "parameter" or (nature is None and "rule" in signs.near):
        return Capacity("amount", "parameter", "rule")
    if "plan" in signs.near or signs.targeted:
        return Capacity("amount", "parameter", "target")
    return Capacity("amount", "level", "observed")


def _limit(signs: Signs) -> Capacity:
    """A duration set as a limit: an aim where it is promised, a rule where it is a condition."""
    if signs.limits:
        return Capacity("target", "threshold", "target")
    return Capacity("actual", "threshold", "rule")


def _level(signs: Signs, nature: str | None) -> Capacity:
    form = "increment" if "increment" in signs.near else "level"
    if nature == "capacity" and not signs.targeted:
        return Capacity("capacity", form, "observed")
    if signs.foreseen or (nature == "duration" and signs.future):
        return Capacity("estimate", form, "estimated" if "estimated" in signs.near else "forecast")
    if signs.targeted:
        return Capacity("target", form, "target")
    return Capacity("actual", form, "provisional" if "provisional" in signs.near else "observed")
