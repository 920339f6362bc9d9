"""Territories that files give by name or by a label instead of a code."""

from __future__ import annotations

import re
from functools import lru_cache

from ingestion.territories import fold_name, scan_territories

#: « 001 -Ain », « 01 - Ain », « 02A-Corse-du-Sud », « 075-Paris », « 971 -Guadeloupe », « 82-RHONE ALPES », « 01 Ain ».
_LABEL = re.compile(r"(0?\d[\dABab]|97\d|98\d)\s*-?\s*(?=\D)(.+)", re.DOTALL)
#: Spellings that are not the reference's under any folding.
_SPELLINGS = {
    ("department", "alpes haute provence"): "alpes de haute provence",
    ("department", "alpes de hte pce"): "alpes de haute provence",
    ("region", "provence alpes cote dazur"): "provence alpes cote d azur",
    ("region", "auvergne et rhone alpes"): "auvergne rhone alpes",
    ("region", "reunion"): "la reunion",
}
_FRANCE = {
    "france": "country:FR",
    "france entiere": "country:FR",
    "france metropolitaine": "country:FR-METRO",
    "metropole": "country:FR-METRO",
    "france hors mayotte": "country:FR-HORS-MAYOTTE",
}


def by_name(level: str, name: str) -> str | None:
    """Key of the one territory of this level that bears the name, or null. Accents, case, hyphens and a leading article
    make no difference.

    A region of before 2016 is found as such under level ``region`` too; a name that both bear (Bretagne) is one of now.
    """
    folded = fold_name(name)
    if level == "country":
        return _FRANCE.get(folded)
    folded = fold_name(_SPELLINGS.get((level, folded), folded))
    levels = ("region", "former_region") if level == "region" else (level,)
    for one in levels:
        found = _names(one).get(folded, frozenset())
        if len(found) == 1:
            return next(iter(found))
    return None


def by_label(level: str, label: str) -> str | None:
    """Key of the territory whose label begins with its code: « 001 -Ain », « 02A-Corse-du-Sud », « 82-RHONE ALPES ».

    The code decides; without one the label is taken as a name.
    """
    found = _LABEL.fullmatch(label.strip())
    if found is None:
        return by_name(level, label)
    code = found.group(1).upper()
    if len(code) == 3 and code.startswith("0"):
        code = code[1:]
    if level == "region" and code in former_region_codes():
        return f"former_region:{code}"
    return f"{level}:{code}"


@lru_cache(maxsize=1)
def former_region_codes() -> frozenset[str]:
    """The codes of the regions that ended in 2015; none of them is a region's today."""
    import polars as pl

    former = scan_territories().filter(pl.col("territory_level") == "former_region").select("territory_code")
    return frozenset(former.collect().to_series())


@lru_cache(maxsize=8)
def _names(level: str) -> dict[str, frozenset[str]]:
    """Territories in force by folded name; where none bears it, those that went, but for communes: 4,000 old names of
    theirs are those of hamlets and quarters today."""
    import polars as pl

    in_force: dict[str, frozenset[str]] = {}
    gone: dict[str, frozenset[str]] = {}
    territories = scan_territories().filter(pl.col("territory_level") == level)
    for name, key, lasts in (
        territories.select("name", "territory_key", pl.col("valid_to").is_null()).collect().iter_rows()
    ):
        index, folded = (in_force if lasts else gone), fold_name(name)
        index[folded] = index.get(folded, frozenset()) | {key}
    return in_force if level == "commune" else gone | in_force
