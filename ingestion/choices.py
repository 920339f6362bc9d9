"""What a person may choose from while reviewing: indicators and territories, found by words of their names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.territories import REFERENCE, fold_name

if TYPE_CHECKING:
    import polars as pl

#: The wider territory first: « Bretagne » is the region before it is anything of the same name.
_WIDEST_FIRST = ("country", "region", "department", "former_region", "group", "epci", "arrondissement", "commune")
LEVEL_FR = {
    "country": "pays",
    "region": "région",
    "former_region": "ancienne région",
    "department": "département",
    "former_department": "ancien département",
    "overseas_collectivity": "collectivité d’outre-mer",
    "arrondissement": "arrondissement",
    "epci": "EPCI",
    "ept": "établissement public territorial",
    "commune": "commune",
    "municipal_arrondissement": "arrondissement municipal",
    "canton_ville": "canton-ville",
    "bassin_de_vie": "bassin de vie",
    "tvs": "territoire de vie-santé",
    "qpv": "quartier prioritaire",
    "local_area": "territoire local",
    "training_subdivision": "subdivision d’internat",
    "place": "lieu",
    "group": "groupe de territoires",
    "not_stated": "non précisé",
}


@dataclass(frozen=True)
class Choice:
    """Something to choose: its code, what a person calls it, what tells it from others of that name."""

    code: str
    label: str
    detail: str
    rank: int = 0

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Its words as they are compared, those of the code included."""
        return tuple(f"{fold_name(self.label)} {fold_name(self.detail)} {fold_name(self.code)}".split())


@dataclass(frozen=True)
class Choices:
    """Indicators and territories by code; unit and nature of each indicator."""

    indicators: Mapping[str, Choice]
    territories: Mapping[str, Choice]
    units: Mapping[str, str]
    natures: Mapping[str, str]


@lru_cache(maxsize=1)
def load_choices(folder: Path = REFERENCE) -> Choices:
    """The choices that the reference allows.

    Raises:
        ReferenceInvalid: the reference cannot be read.
    """
    from ingestion.reference.loading import load_reference

    reference = load_reference(folder)
    measures = dict(reference["measure"].select("measure_code", "label_fr").iter_rows())
    indicators = [_indicator(row, measures) for row in reference["indicator"].iter_rows(named=True)]
    territories = _territories(reference["territory"])
    facts = reference["indicator"]
    return Choices(
        {one.code: one for one in indicators},
        {one.code: one for one in territories},
        dict(facts.select("indicator_code", "unit").iter_rows()),
        dict(facts.select("indicator_code", "nature").iter_rows()),
    )


def search(choices: Iterable[Choice], asked: str, limit: int = 12) -> list[Choice]:
    """The choices of which every word asked begins a word; those that are called so first, then by rank and name."""
    words = fold_name(asked).split()
    if not words:
        return []
    found = [choice for choice in choices if all(any(w.startswith(word) for w in choice.words) for word in words)]
    return sorted(found, key=lambda choice: _order(choice, words))[:limit]


def _order(choice: Choice, words: list[str]) -> tuple[bool, int, bool, int, str]:
    label = fold_name(choice.label).split()
    named = all(any(w.startswith(word) for w in label) for word in words)
    return label != words, choice.rank if label == words else 0, not named, len(label), choice.code


def _indicator(row: Mapping[str, str | None], measures: Mapping[str, str]) -> Choice:
    detail = [row["unit"], row["counted_unit"], row["champ_fr"], measures.get(row["measure_code"] or "")]
    return Choice(row["indicator_code"] or "", row["label_fr"] or "", " · ".join(filter(None, detail)))


def _territories(frame: pl.DataFrame) -> list[Choice]:
    """Territories in force, and the regions of before 2016, of which reports go on speaking."""
    import polars as pl

    columns = ("territory_key", "territory_level", "name", "department_code", "region_code")
    former = pl.col("territory_level") == "former_region"
    rows = frame.filter(pl.col("valid_to").is_null() | former).select(columns).iter_rows()
    return [
        Choice(key, name, f"{LEVEL_FR[level]} {department or region or ''}".strip(), _rank(level))
        for key, level, name, department, region in rows
    ]


def _rank(level: str) -> int:
    return _WIDEST_FIRST.index(level) if level in _WIDEST_FIRST else len(_WIDEST_FIRST)
