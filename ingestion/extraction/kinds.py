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

#: A word of growth this near before a figure, in characters, makes it one (« une hausse ciblée de … »).
_RIGHT_BESIDE = 30
_DURATIONS = frozenset({"hours", "minutes", "days", "months", "years", "km"})
# What a printed unit may be read in, where not in itself alone; the unit of a bare duration stands further on.
_READ_IN = {
    "none": {"count", "years", "months", "days"},
    "percent": {"percent", "points"},
    "fraction": {"percent", "ratio"},
    "multiple": {"multiple", "ratio"},
    "fte": {"count"},
    "seconds": {"minutes"},
    "weeks": {"days"},
}
_MONTHLY = re.compile(r"\b(?:mensuel|mois\b)")
_PER = {"per_100000": re.compile(r"\bpour\s+100\s*000\b"), "per_10000": re.compile(r"\bpour\s+10\s*000\b")}

_OF_A_WHOLE = re.compile(r"[\s*]*(?:des?\b|du\b|d'|de la\b|de l')")
_MORE_OF = re.compile(r"[\s*]*(?:de|d')\s*\w+(?:\s+\w+)?\s+supplementaires?\b")
_RISES_BY = re.compile(r"\b(?:de|d'|par)\s*$")
_FUTURE = re.compile(r"\b(?:sera|seront|aura|auront|vont|devra|devront|soient|\w{3,}(?:er|ir)(?:a|ont))\b")
# « permet la création de 400 postes », « prévoit l’ouverture de … »: what is set going is still to come.
_SETS_GOING = re.compile(
    r"\b(?:perme(?:t|ttent)|prevoi(?:t|ent)|soutien(?:t|nent)|finance(?:nt)?|vise(?:nt)?)\b[^.;]{0,30}"
    r"\b(?:creation|ouverture|recrutement|installation|deploiement|financement|embauche)\b"
)
# What a list of measures begins with: « Doubler le nombre … », « Installation de … », « Hausse ciblée … »
_ANNOUNCES = re.compile(
    r"\W*(?:en\s+\w+ant\b|[a-z]+(?:er|ir|dre|tre)\b|[a-z]+(?:tion|ement)s?\s+(?:d|im)|hausse\b|soutien\b)"
)
_DONE = re.compile(r"\b(?:est|sont|a|ont|était|étaient|existe|compte|dispose)\b")
_PAST = re.compile(r"\b(?:a|ont)\s+(?:deja\s+)?ete\b")
_DEFINITE = re.compile(r"\b(?:les|des|aux|ces|nos|leurs)\s+$")
_INTENDED_MULTIPLE = re.compile(r".*(?:er|ement)$")


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
    done: bool  # a verb in the past
    announced: bool  # an item of a list of measures to take
    limits: bool  # « moins de », « jusqu’à », « au plus » before the figure

    @property
    def due(self) -> bool:
        """Whether there is a deadline or an objective is named."""
        return "target" in self.near or (self.moment is not None and self.moment.role == "by")

    @property
    def targeted(self) -> bool:
        """Whether an objective is meant."""
        return self.due or self.future or self.announced

    @property
    def foreseen(self) -> bool:
        """Whether it is expected, not aimed at."""
        return "forecast" in self.near and not self.done


def units_of(printed: str, folded: str) -> frozenset[str]:
    """The units of the warehouse that a printed unit may be read in, by the folded sentence around it."""
    if printed == "eur":
        return frozenset({"eur", "eur_per_month"} if _MONTHLY.search(folded) else {"eur"})
    rates = {unit for unit, said in _PER.items() if printed == "none" and said.search(folded)}
    return frozenset(_READ_IN.get(printed, {printed}) | rates)


def form_of(read: Printed, before: str, after: str, growth_ends: int | None) -> Form:
    """What a print is, from its unit and the folded text on both sides within its sentence.

    ``growth_ends`` is where, in the text before, the last word of growth ends; null where there is none.
    """
    if read.unit in ("percent", "points"):
        return "growth" if _is_growth(read, before, after, growth_ends) else "share"
    forms: dict[str, Form] = {"fraction": "share", "eur": "amount", "eur_per_month": "amount", "multiple": "multiple"}
    if read.unit in forms:
        return forms[read.unit]
    return "rank" if read.unit == "rank" else "duration" if read.unit in _DURATIONS else "level"


def _is_growth(read: Printed, before: str, after: str, growth_ends: int | None) -> bool:
    """A sign, « … % de patients supplémentaires », « hausse de … »; but « … % des » says of what it is a share."""
    if read.sign or _MORE_OF.match(after):
        return True
    if growth_ends is None or not _RISES_BY.search(before):
        return False
    return len(before) - growth_ends < _RIGHT_BESIDE or not _OF_A_WHOLE.match(after)


def speaks_of_future(folded: str) -> bool:
    """Whether a clause has a verb in the future or the subjunctive, or sets going what is to come."""
    return bool(_FUTURE.search(folded) or _SETS_GOING.search(folded))


def speaks_of_past(folded: str) -> bool:
    """Whether a clause says that something has been done."""
    return bool(_PAST.search(folded))


def announces(folded: str, text: str) -> bool:
    """Whether an item of a list is a measure to take: it begins with a verb or its noun, and says nothing done.

    The text itself is looked at too, since folding makes « à » of « a ».
    """
    return bool(_ANNOUNCES.match(folded)) and not _DONE.search(text)


def is_definite(before: str) -> bool:
    """Whether a figure is spoken of as known (« les 9 territoires »), by the folded text before it."""
    return bool(_DEFINITE.search(before))


def is_intended(printed: str) -> bool:
    """Whether a word of multiplication is an aim (« doubler », « doublement ») rather than a fact (« doublé »)."""
    return bool(_INTENDED_MULTIPLE.match(printed.lower()))


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
    if signs.due or signs.future:
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
    if nature == "capacity" and not signs.due:
        return Capacity("capacity", form, "observed")
    if signs.foreseen or (nature == "duration" and signs.future):
        return Capacity("estimate", form, "estimated" if "estimated" in signs.near else "forecast")
    if signs.due or (signs.targeted and nature != "parameter"):
        return Capacity("target", form, "target")
    return Capacity("actual", form, "provisional" if "provisional" in signs.near else "observed")
