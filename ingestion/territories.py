"""Territories: their keys, the committed reference of them, and the commune that a printed name stands for.

A territory's key is ``level:code`` (``region:75``, ``commune:33063``, ``place:bordeaux-nord``); codes are INSEE's,
SIREN for an EPCI, slugs for what reports name. The committed tables come from
:mod:`ingestion.reference.build_territories`; the regions and departments that went from ``former_regions.csv`` and
``former_departments.csv``. What reports name beside
them is in ``ingestion/reference/places`` and ``groups``, read by :mod:`ingestion.reference.loading`.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

REFERENCE = Path(__file__).parent / "reference"
SHAPES = REFERENCE / "shapes.parquet"

LEVELS = (
    "country",
    "region",
    "former_region",
    "department",
    "former_department",
    "overseas_collectivity",
    "arrondissement",
    "epci",
    "ept",
    "commune",
    "municipal_arrondissement",
    "canton_ville",
    "bassin_de_vie",
    "tvs",
    "qpv",
    "local_area",
    "training_subdivision",
    "place",
    "group",
    "not_stated",
)
# Levels whose codes reports make up: a slug, where the others have an official code.
SLUG_LEVELS = frozenset({"local_area", "training_subdivision", "place", "group"})

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
# Padded with _ by the DREES application for TVS; QPV and EPCI are alphanumeric.
_CODE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_ARTICLE = re.compile(r"(?:les|le|la|l) (?=\S)")
_Name = tuple[str, str]
_ABBREVIATIONS = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}


class TerritoryKeyError(ValueError):
    """A text that is not a territory key; the message says what was expected."""


def territory_key(level: str, code: str) -> str:
    """The key of a territory.

    Raises:
        TerritoryKeyError: an unknown level, or a code that its level cannot have.
    """
    if level not in LEVELS:
        raise TerritoryKeyError(f"{level!r} is no territory level: expected one of {', '.join(LEVELS)}")
    pattern, wanted = (_SLUG, "a slug (a-z, 0-9, -)") if level in SLUG_LEVELS else (_CODE, "a code without spaces")
    if not pattern.fullmatch(code):
        raise TerritoryKeyError(f"{code!r} is no code of level {level}: expected {wanted}")
    return f"{level}:{code}"


def split_key(key: str) -> tuple[str, str]:
    """Level and code of a key.

    Raises:
        TerritoryKeyError: the text is no territory key.
    """
    level, colon, code = key.partition(":")
    if not colon:
        raise TerritoryKeyError(f"{key!r} is no territory key: expected level:code, as department:33")
    territory_key(level, code)
    return level, code


def scan_territories() -> pl.LazyFrame:
    """The official territories, in the columns of the bronze table ``territory``, those that went included."""
    import polars as pl

    return pl.concat([pl.scan_parquet(REFERENCE / "territories.parquet"), *(_former(level).lazy() for level in FORMER)])


def scan_memberships() -> pl.LazyFrame:
    """Their memberships, in the columns of ``territory_membership``.

    Relations: ``epci`` and ``arrondissement`` of a commune; ``merged_into``, the territory that holds the ground of a
    commune or region that went; ``former_region`` and ``former_department`` of a department, to the end of them;
    ``france_scope`` of a region.
    """
    import polars as pl

    former = (_former_memberships(level).lazy() for level in FORMER)
    return pl.concat([pl.scan_parquet(REFERENCE / "memberships.parquet"), *former])


def scan_commune_movements() -> pl.LazyFrame:
    """INSEE's movements of communes since 1943, in the columns of ``commune_movement``."""
    import polars as pl

    return pl.scan_parquet(REFERENCE / "commune_movements.parquet")


def scan_commune_grounds() -> pl.LazyFrame:
    """The commune that each piece of ground lay in, in the columns of ``commune_ground``."""
    import polars as pl

    return pl.scan_parquet(REFERENCE / "commune_grounds.parquet")


def scan_populations() -> pl.LazyFrame:
    """Municipal populations, in the columns of ``population``: communes, and totals marked ``is_aggregate``."""
    import polars as pl

    return pl.scan_parquet(REFERENCE / "populations.parquet")


#: Levels that went: a seed of their own, with the departments that lay in each.
FORMER = ("former_region", "former_department")


@cache
def _former_seed(level: str) -> pl.DataFrame:
    import polars as pl

    return pl.read_csv(REFERENCE / f"{level}s.csv", infer_schema=False).with_columns(
        pl.col("valid_to").str.to_date(), territory_key=f"{level}:" + pl.col("code")
    )


def _former(level: str) -> pl.DataFrame:
    """The regions that the mergers of 2016 ended, or the departments cut up in 1968 and 1976.

    Their parent is the region that holds their ground now.
    """
    import polars as pl

    nothing = pl.lit(None, pl.String)
    return _former_seed(level).select(
        "territory_key",
        territory_code="code",
        territory_level=pl.lit(level),
        name="name",
        france_scope=nothing,
        parent_territory_key="region:" + pl.col("region_code"),
        region_code="region_code",
        department_code=nothing,
        valid_from=pl.lit(None, pl.Date),
        valid_to="valid_to",
        source="source",
    )


def _former_memberships(level: str) -> pl.DataFrame:
    import polars as pl

    seed = _former_seed(level)
    members = seed.with_columns(pl.col("departments").str.split(" ")).explode("departments")
    departments = members.select(
        territory_key="department:" + pl.col("departments"),
        parent_territory_key="territory_key",
        relation=pl.lit(level),
        valid_from=pl.lit(None, pl.Date),
        valid_to="valid_to",
    )
    if level != "former_region":
        return departments
    merged = seed.select(
        "territory_key",
        parent_territory_key="region:" + pl.col("region_code"),
        relation=pl.lit("merged_into"),
        valid_from=pl.col("valid_to") + pl.duration(days=1),
        valid_to=pl.lit(None, pl.Date),
    )
    return pl.concat([merged, departments])


def resolve_commune(name: str, department_code: str, year: int | None = None) -> str | None:
    """Key of the one commune of the department that bears this name, or null when none does or several do.

    Accents, case, hyphens, a leading article and the abbreviations St and Ste make no difference. Only communes in
    force count, and after them those that went since ``year`` began, where the name was written in that year: a name
    that passed on with its code's change is not two communes.
    """
    in_force, gone = _communes_by_name()
    at = (department_code, fold_name(name))
    found = in_force.get(at, frozenset())
    if not found and year is not None:
        found = frozenset(key for key, last in gone.get(at, ()) if last >= date(year, 1, 1))
    return next(iter(found)) if len(found) == 1 else None


def fold_name(name: str) -> str:
    """A place name reduced to what spellings of it share: ``L’Île-d’Yeu`` and ``ILE D'YEU`` give ``ile d yeu``."""
    decomposed = unicodedata.normalize("NFKD", name.lower().replace("œ", "oe").replace("æ", "ae"))
    letters = "".join(c for c in decomposed if not unicodedata.combining(c))
    words = re.sub(r"[^a-z0-9]+", " ", letters).strip()
    without_article = _ARTICLE.sub("", words, count=1) if _ARTICLE.match(words) else words
    return " ".join(_ABBREVIATIONS.get(word, word) for word in without_article.split())


def scan_shapes() -> pl.LazyFrame:
    """Outlines of departments, regions and regions of before 2016 for small maps, in the columns of ``shape``."""
    import polars as pl

    return pl.scan_parquet(SHAPES)


@lru_cache(maxsize=1)
def _communes_by_name() -> tuple[dict[_Name, frozenset[str]], dict[_Name, list[tuple[str, date]]]]:
    """Communes in force, and those gone with their last day, by department and folded name."""
    import polars as pl

    communes = (
        scan_territories()
        .filter(pl.col("territory_level") == "commune", pl.col("department_code").is_not_null())
        .select("department_code", "name", "territory_key", "valid_to")
        .collect()
    )
    in_force: dict[_Name, frozenset[str]] = {}
    gone: dict[_Name, list[tuple[str, date]]] = {}
    for department, name, key, last in communes.iter_rows():
        at = (department, fold_name(name))
        if last is None:
            in_force[at] = in_force.get(at, frozenset()) | {key}
        else:
            gone.setdefault(at, []).append((key, last))
    return in_force, gone
