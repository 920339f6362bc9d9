"""Why a numeral is no figure: one small rule for each reason, on the words around the numeral.

The words are data (``ingestion/reference/lexicon/noise.yml``), the rules are functions of a :class:`Place` in
:mod:`.moments` and :mod:`.naming`, asked in the order below: the first reason found wins. A numeral joined to the one
before it (``pages 3 à 5``, ``Séquences 3 et 4``) shares its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ingestion.figures import moments, naming
from ingestion.figures.place import JOINT, Place
from ingestion.figures.stretches import Stretches

Rule = Callable[[Place], str | None]


def noise_of(place: Place, stretches: Stretches) -> str | None:
    """The reason why a numeral is no figure; None where it may be one."""
    if place.line.role != "body":
        return "header_footer"
    inside = stretches.reason(place.numeral.start)
    if inside:
        return inside
    rules = _WORD_RULES if place.numeral.is_word else _RULES
    return next((reason for rule in rules if (reason := rule(place))), None)


def _joined(place: Place) -> str | None:
    """« pages 3 à 5 », « Séquences 3 et 4 », « art. L. 1434-4 », « d’ici 5 à 7 ans »."""
    if not JOINT.fullmatch(place.gap):
        return None
    of_durations = place.previous in ("age_threshold", "relative_date") and place.shape.read.unit in moments.DURATIONS
    return place.previous if of_durations or place.previous in _SHARED else None


_SHARED = ("heading_number", "page_reference", "reference", "law_article", "emergency_number", "class_number")


def _unreadable(place: Place) -> str | None:
    read = place.shape.read
    return "unreadable" if read.value is None and read.low is None else None


_RULES: Sequence[Rule] = (
    _joined,
    naming.link,
    naming.citation,
    naming.code,
    naming.numbered,
    naming.led_to,
    moments.date,
    moments.time_of_day,
    naming.address,
    naming.emergency_number,
    naming.heading,
    naming.department,
    naming.ordinal,
    naming.name,
    moments.age,
    moments.relative_date,
    naming.announced,
    naming.anaphora,
    naming.rate_base,
    _unreadable,
)
_WORD_RULES: Sequence[Rule] = (
    _joined,
    naming.numbered,
    moments.age,
    moments.relative_date,
    naming.announced,
    naming.anaphora,
)
