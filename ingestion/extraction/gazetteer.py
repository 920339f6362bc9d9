"""Territories as texts name them: the official ones, those that reports declared, demonyms and turns of phrase.

A commune is believed only after a preposition of place (``à Tours``): among 35,000 names there is one for every noun.
Of communes of one name, the one inside the report's scope goes first, then the most peopled.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ingestion.extraction.phrases import Hit, PhraseBook
from ingestion.extraction.words import WORD, Word, fold
from ingestion.territories import scan_populations, scan_territories

NATIONAL = "country:FR"

#: Smaller communes are not known by their bare name; a report that speaks of one declares it, or names its department.
_LEAST_INHABITANTS = 2_000
_OFFICIAL_LEVELS = ("region", "former_region", "department")
_LOCATIVE = re.compile(r"(?:\b[aà]|\bville de|\bcommune de|\bpres de|\bautour de)[\s«]*$")
# The place in the name of a body says where the body sits, not what the figure is about.
_BODY = re.compile(
    r"\b(?:ars|agences? regionales? de sante|chu|ch|cpam|urps|universite|faculte|conseil regional|academie|federation|"
    r"dreal|msa|mutualite|ordre des \w+|sante publique|(?:regions|departements|maires) de)"
    r"(?:\s+(?:de|du|des|d'|de la|en))*\s*$"
)


@dataclass(frozen=True)
class Name:
    """A name of a territory. ``declared_by`` is the report whose places declare it; null for common knowledge."""

    name: str
    territory_key: str
    declared_by: str | None = None


@dataclass(frozen=True)
class Mention:
    """A territory named in a text.

    ``of_body`` marks the seat of an agency, hospital or university; ``locative`` a place where something happens
    (``en Gironde``, ``VIENNE :``), which goes on in the sentences after it.
    """

    start: int
    end: int
    territory_key: str
    of_body: bool
    locative: bool


class Gazetteer:
    """Finds the territories that a text names."""

    def __init__(self, names: Iterable[Name]) -> None:
        self._names = tuple(names)
        known = ((n.name, n) for n in (*_official_names(), *self._names) if fold(n.name).strip())
        self._book = PhraseBook(known)

    def mentions(self, text: str, folded: str, words: Sequence[Word], report_id: str, scope: str) -> list[Mention]:
        """The territories named, in order. A place that the report itself declares goes before any other.

        A place that only another report declares gives way to a commune of its name: each report has its own places.
        """
        found: dict[tuple[int, int], Name] = {}
        for hit in self._book.find(text, words):
            if _is_written(text, folded, hit):
                at = hit.start, hit.end
                found[at] = min(found.get(at, hit.means), hit.means, key=lambda name: _rank(name, report_id))
        every = _communes(text, folded, words, scope)
        known = {commune.start for commune in every}
        places = [
            self._mention(folded, start, end, name)
            for (start, end), name in found.items()
            if start not in known or name.declared_by in (None, report_id)
        ]
        taken = [(m.start, m.end) for m in places]
        communes = [m for m in every if not _inside(m, taken)]
        return sorted((*places, *communes), key=lambda mention: mention.start)

    def _mention(self, folded: str, start: int, end: int, name: Name) -> Mention:
        return Mention(start, end, name.territory_key, _is_of_body(folded, start), _is_locative(folded, start, end))


_PLACED = re.compile(
    r"(?:\b(?:en|dans (?:la |le |les |l')?|a|au|aux|chez les?)\s*(?:region |departement )?(?:des? |de la |du )?)$"
)


def _is_locative(folded: str, start: int, end: int) -> bool:
    """Whether a name is where something happens: after a preposition of place, or as the heading of what follows."""
    return bool(_PLACED.search(folded, max(start - 30, 0), start)) or bool(re.match(r"\s*:", folded[end : end + 3]))


def _is_of_body(folded: str, start: int) -> bool:
    """Whether a place name belongs to the name of an agency, a hospital or a university."""
    return bool(_BODY.search(folded, max(start - 60, 0), start))


def _rank(name: Name, report_id: str) -> tuple[int, str]:
    own = 0 if name.declared_by == report_id else 1 if name.declared_by is None else 2
    return own, name.territory_key


def _inside(mention: Mention, taken: list[tuple[int, int]]) -> bool:
    return any(start <= mention.start < end for start, end in taken)


def _is_written(text: str, folded: str, hit: Hit[Name]) -> bool:
    """Whether the text spells the name itself, with the capital of a proper name where the name has one."""
    wanted = WORD.findall(fold(hit.means.name))
    found = WORD.findall(folded, hit.start, hit.end)
    inflected = hit.means.territory_key.split(":")[0] == "country" or hit.means.declared_by is None
    if found != wanted and not (inflected and [w.rstrip("s") for w in found] == [w.rstrip("s") for w in wanted]):
        return False
    if not hit.means.name[0].isupper():
        return True
    last = max(hit.means.name.rfind(" "), hit.means.name.rfind("’")) + 1
    return any(c.isupper() for c in text[hit.start : hit.end]) and (
        last == 0
        or not hit.means.name[last].isupper()
        or any(c.isupper() for c in text[hit.start + 1 : hit.end])
        or text[hit.start : hit.end].isupper()
    )


@lru_cache(maxsize=1)
def _official_names() -> tuple[Name, ...]:
    """Regions, former regions and departments. A department goes where a region has its name (La Réunion apart)."""
    import polars as pl

    rows = (
        scan_territories()
        .filter(pl.col("territory_level").is_in(_OFFICIAL_LEVELS))
        .select("territory_level", "name", "territory_key")
        .collect()
        .sort(pl.col("territory_level").replace_strict(dict(zip(_OFFICIAL_LEVELS, (0, 2, 1), strict=True))))
        .unique("name", keep="first", maintain_order=True)
    )
    return tuple(Name(name, key) for _, name, key in rows.iter_rows())


def _communes(text: str, folded: str, words: Sequence[Word], scope: str) -> list[Mention]:
    """Communes named after a preposition of place."""
    found = []
    for index, word in enumerate(words):
        if text[word.start].isupper() and _LOCATIVE.search(folded, max(word.start - 14, 0), word.start):
            best = _commune_at(folded, words[index : index + 5], scope)
            if best is not None:
                found.append(Mention(word.start, best[0], best[1], of_body=False, locative=True))
    return found


def _commune_at(folded: str, words: Sequence[Word], scope: str) -> tuple[int, str] | None:
    """The end and the key of the commune that begins at the first word: the longest name known."""
    index = communes_by_name()
    for length in range(len(words), 0, -1):
        candidates = index.get(" ".join(folded[w.start : w.end] for w in words[:length]))
        if candidates:
            return words[length - 1].end, min(candidates, key=lambda c: (not _lies_in(c, scope), -c.inhabitants)).key
    return None


@dataclass(frozen=True)
class Commune:
    """A commune known by its name."""

    key: str
    department: str
    region: str
    inhabitants: int


def _lies_in(commune: Commune, scope: str) -> bool:
    return scope in (f"department:{commune.department}", f"region:{commune.region}")


@lru_cache(maxsize=1)
def communes_by_name() -> dict[str, list[Commune]]:
    """Communes in force of at least 2,000 inhabitants, by folded name."""
    import polars as pl

    people = scan_populations().group_by("territory_key").agg(pl.col("population").max())
    rows = (
        scan_territories()
        .filter(pl.col("territory_level") == "commune", pl.col("valid_to").is_null())
        .join(people, on="territory_key")
        .filter(pl.col("population") >= _LEAST_INHABITANTS)
        .select("name", "territory_key", "department_code", "region_code", "population")
        .collect()
    )
    found: dict[str, list[Commune]] = {}
    for name, key, department, region, inhabitants in rows.iter_rows():
        folded = " ".join(WORD.findall(fold(name)))
        found.setdefault(folded, []).append(Commune(key, department or "", region or "", int(inhabitants)))
    return found
