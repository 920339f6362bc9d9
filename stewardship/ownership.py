"""Whose is a finding? The most specific rule of ``config/stewards.yml`` that names what it concerns.

An indicator is more specific than a concept, that than a measure, that than a report or dataset, that than a territory;
of measures and territories the innermost. Two reports or datasets are as specific as each other: the rule that stands
first in the file wins. What no rule names is the default steward's.

What is found here stands in the finding's evidence (``ownership``), which the engine alone writes and which is put back
when a refresh is undone. Whom a person assigned a finding to stands in the store's column ``steward``, which nothing
here writes: a person's choice wins for as long as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.errors import InputError

if TYPE_CHECKING:
    from stewardship.stewards import Stewards
    from warehouse.paths import Home

Ownership = Mapping[str, Any]
#: From what is known of a finding (a verdict, or the finding as stored) and its ownership before, the one now.
Own = Callable[[Mapping[str, Any], Ownership | None], Ownership | None]
DEFAULT = "default"
_RANKS = {"indicator": 0, "concept": 1, "measure": 2, "report": 3, "dataset": 3, "territory": 4}
_NOT_STATED = "not_stated:none"


@dataclass(frozen=True)
class Concern:
    """What a finding is about: codes by kind. Measures and territories stand from the innermost to the outermost."""

    indicator: tuple[str, ...] = ()
    concept: tuple[str, ...] = ()
    measure: tuple[str, ...] = ()
    report: tuple[str, ...] = ()
    dataset: tuple[str, ...] = ()
    territory: tuple[str, ...] = ()

    def distance(self, kind: str, code: str) -> int | None:
        """How far out a code stands (0 is the thing itself); None where the finding does not concern it."""
        codes: tuple[str, ...] = getattr(self, kind)
        if code not in codes:
            return None
        return codes.index(code) if kind in ("measure", "territory") else 0


@dataclass(frozen=True)
class Owner:
    """A steward's identifier, and the rule that named them; ``by`` is ``default`` where none did."""

    steward: str
    by: str = DEFAULT
    code: str | None = None


@dataclass(frozen=True)
class Links:
    """What lies in what: concept and measure of an indicator, the measure around one, the territories around one."""

    concepts: Mapping[str, str] = field(default_factory=dict)
    measures: Mapping[str, str] = field(default_factory=dict)
    parent_measures: Mapping[str, str] = field(default_factory=dict)
    around: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def owner_of(stewards: Stewards, concern: Concern) -> Owner:
    """Who owns a finding that concerns this."""
    matching = [
        ((_RANKS[kind], distance, place), Owner(rule.steward, kind, code))
        for place, rule in enumerate(stewards.ownership)
        for kind, code in rule.claims
        if (distance := concern.distance(kind, code)) is not None
    ]
    return min(matching, key=lambda found: found[0])[1] if matching else Owner(stewards.default)


def concern_of(row: Mapping[str, Any], links: Links) -> Concern:
    """What a verdict is about, or a finding as stored, whose row has neither concept nor territory's key."""
    indicator, territory = row.get("indicator_code"), row.get("territory_key") or _NOT_STATED
    refs = [*(row.get("observation_ids") or ()), *(row.get("fact_refs") or ())]
    concepts = (row.get("concept_code"), links.concepts.get(indicator or ""))
    measure = links.measures.get(indicator or "")
    return Concern(
        indicator=(indicator,) if indicator else (),
        concept=tuple(dict.fromkeys(concept for concept in concepts if concept)),
        measure=outwards(measure, lambda one: _each(links.parent_measures.get(one))) if measure else (),
        report=_sources(refs, "#"),
        dataset=_sources(refs, "@"),
        territory=() if territory == _NOT_STATED else outwards(territory, lambda t: links.around.get(t, ())),
    )


def outwards(innermost: str, around: Callable[[str], Iterable[str]]) -> tuple[str, ...]:
    """A thing and all that lies around it, those that have most around them first: a department before its region."""
    surrounding: dict[str, set[str]] = {}

    def all_around(one: str) -> set[str]:
        if one not in surrounding:
            surrounding[one] = set()  # A circle ends here.
            nearest = {other for other in around(one) if other != one}
            surrounding[one] = nearest.union(*(all_around(other) for other in nearest)) - {one}
        return surrounding[one]

    all_around(innermost)
    outer = sorted(surrounding.keys() - {innermost}, key=lambda one: (-len(surrounding[one]), one))
    return (innermost, *outer)


def owning(home: Home) -> Own:
    """How the findings of a home get their owners at this refresh, over its working database.

    Without a file nobody owns anything; while the file is refused, findings keep the owners that they have.
    """
    from stewardship.stewards import read_stewards

    try:
        entry = read_stewards(home)
    except InputError:
        return as_before
    return nobody if entry is None else matched(entry.value, read_links(home.build))


def nobody(_: Mapping[str, Any], __: Ownership | None) -> None:
    """There are no stewards."""


def as_before(_: Mapping[str, Any], before: Ownership | None) -> Ownership | None:
    """Who the stewards are is not known now."""
    return before


def matched(stewards: Stewards, links: Links) -> Own:
    """Owners by the rules of a file. Ownership keeps what a finding as stored does not tell."""

    def own(row: Mapping[str, Any], before: Ownership | None) -> Ownership:
        kept = {name: row.get(name) or (before or {}).get(name) for name in ("concept_code", "territory_key")}
        owner = owner_of(stewards, concern_of({**row, **kept}, links))
        return {"steward": stewards.by_id(owner.steward).name, "by": owner.by, "code": owner.code, **kept}

    return own


def read_links(build: Path) -> Links:
    """What lies in what, as the working database tells."""
    import duckdb

    with duckdb.connect(str(build), read_only=True) as connection:
        indicators = connection.execute(
            "SELECT indicator_key, concept_code, measure_key FROM marts.dim_indicator"
        ).fetchall()
        measures = connection.execute(
            "SELECT measure_key, parent_measure_key FROM marts.dim_measure WHERE parent_measure_key IS NOT NULL"
        ).fetchall()
        territories = connection.execute(
            """
            SELECT
                territory_key,
                list_distinct(list_filter(
                    [parent_territory_key, 'department:' || department_code, 'region:' || region_code],
                    lambda one: one IS NOT NULL AND one <> territory_key
                ))
            FROM marts.dim_territory
            """
        ).fetchall()
    return Links(
        concepts={indicator: concept for indicator, concept, _ in indicators if concept},
        measures={indicator: measure for indicator, _, measure in indicators if measure},
        parent_measures=dict(measures),
        around={territory: tuple(around) for territory, around in territories},
    )


def _sources(refs: Iterable[str], mark: str) -> tuple[str, ...]:
    """Reports (``report#figure``) or datasets (``dataset@vintage|…``) that refs name; a bare ref may be either."""
    parted = (re.match(r"([^#@|]*)(.?)", ref) for ref in refs)
    return tuple(dict.fromkeys(found[1] for found in parted if found and found[1] and found[2] in ("", mark)))


def _each(one: str | None) -> tuple[str, ...]:
    return () if one is None else (one,)
