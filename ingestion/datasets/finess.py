"""What every form of FINESS shares: its numbers, its codes of communes, its dates that are none, its addresses.

A facility's territory is its commune where the file says which, by its code or by the postal address; where neither
tells it, the department, with the reason: a commune is never guessed. Addresses were measured on the 10,007
establishments of Occitanie (April 2026), which carry both: of the 9,968 addresses that tell a commune, 579 of CEDEX
among them, 9,967 tell the one that the code says (the other, Conques-en-Rouergue, had changed its code).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from ingestion.postal_codes import PostalIndex, postal_index

if TYPE_CHECKING:
    import polars as pl

#: Opening dates that stand for « unknown ». 1900-01-01 is the default of the flow's own schema (etalab_cs1100502);
#: 1901-01-01 and 1904-04-04 are 2,309 of the 18,728 dates of January 2021, the next date 20.
PLACEHOLDER_DATES = ("1900-01-01", "1901-01-01", "1904-04-04")
#: Departments of the overseas as FINESS writes them (9A…9F), and INSEE's.
OVERSEAS = {"9A": "971", "9B": "972", "9C": "973", "9D": "974", "9E": "975", "9F": "976"}
SAINT_PIERRE_ET_MIQUELON = "975"
#: Saint-Barthélemy and Saint-Martin left Guadeloupe in 2007 (organic law 2007-223) and had new codes; FINESS keeps the
#: former.
LEFT_GUADELOUPE = {"97123": "97701", "97127": "97801"}
#: A delivery label has 26 characters at most (record layout of the flow), so a longer one is cut.
LABEL_WIDTH = 26

_CEDEX = re.compile(r" CED(?:E(?:X(?: \d*)?)?)?$| SP(?: \d+)?$")
#: Postal codes of the municipal arrondissements' own, and INSEE's code before the first one. The 16th of Paris has two.
_CITIES = {
    "paris": (re.compile(r"750(0[1-9]|1\d|20)|751(16)"), 75100),
    "lyon": (re.compile(r"6900([1-9])"), 69380),
    "marseille": (re.compile(r"130(0[1-9]|1[0-6])"), 13200),
}

Basis = Literal["commune_code", "postal_label", "department"]


@dataclass(frozen=True)
class Place:
    """Territory of a facility, what tells it, and why it is no commune where it is none."""

    territory_key: str | None
    basis: Basis
    note_fr: str | None = None


def registration_department(finess: str) -> str | None:
    """INSEE's code of the department that gave a FINESS number, by its first characters.

    Numbers of the four departments of 1946 and of Saint-Pierre-et-Miquelon (975) begin with 970 and the last digit of
    the code, those of Mayotte with 98.
    """
    if finess.startswith("970"):
        return f"97{finess[3]}" if finess[3] in "12345" else None
    if finess.startswith("98"):
        return "976"
    return finess[:2]


def registration_territory(finess: str) -> str | None:
    """Key of the department, or of the overseas collectivity, that gave a FINESS number."""
    home = registration_department(finess)
    if home is None:
        return None
    return f"overseas_collectivity:{home}" if home == SAINT_PIERRE_ET_MIQUELON else f"department:{home}"


def insee_commune(department: str, commune: str) -> str:
    """INSEE's five characters of a commune from FINESS's department (``33``, ``2A``, ``9D``) and three digits.

    The overseas department has three characters, the first of which the commune's digits repeat: ``9D`` and ``411``
    are ``97411``.
    """
    code = f"97{commune}" if department in OVERSEAS else f"{department}{commune}"
    return LEFT_GUADELOUPE.get(code, code)


def place_of_address(finess: str, postal_code: str, label: str, cog: int, index: PostalIndex | None = None) -> Place:
    """The commune, or municipal arrondissement, that the postal code and the delivery label of an address tell.

    First by the postal code with the label, then by the label within the department that gave the FINESS number
    (communes have been known to be served from the next department); a label cut at its 26 characters tells a commune
    where one alone begins so. CEDEX and its number are no part of a name.
    """
    known = index or postal_index()
    name = _CEDEX.sub("", label)
    if arrondissement := _arrondissement(postal_code, label):
        return Place(arrondissement, "postal_label")
    home = registration_department(finess)
    found = known.find(postal_code, name, cog) or (known.find_in(home, name, cog) if home else None)
    if found is None and len(label) == LABEL_WIDTH:
        found = known.find_beginning(postal_code, name, cog)
    if found is not None:
        return Place(found, "postal_label")
    reason = f"aucune commune certaine pour « {postal_code} {label} »"
    return Place(registration_territory(finess), "department", reason)


def _arrondissement(postal_code: str, label: str) -> str | None:
    """Municipal arrondissement of a postal code that is one's own; those of CEDEX are a delivery office's."""
    codes, before = _CITIES.get(label.lower(), (None, 0))
    found = codes.fullmatch(postal_code) if codes else None
    number = next(filter(None, found.groups())) if found else None
    return f"municipal_arrondissement:{before + int(number)}" if number else None


def with_places(rows: pl.DataFrame, cog: int) -> pl.DataFrame:
    """``rows`` with ``territory_key``, ``territory_basis`` and ``territory_note_fr`` by their postal address.

    Needs ``facility_key``, ``postal_code`` and ``delivery_label``.
    """
    import polars as pl

    # The first four characters of a number tell who gave it.
    tell = lru_cache(maxsize=None)(lambda home, code, label: place_of_address(home, code, label, cog))
    places = [
        tell(finess[:4], code or "", label or "")
        for finess, code, label in rows.select("facility_key", "postal_code", "delivery_label").iter_rows()
    ]
    return rows.with_columns(
        pl.Series("territory_key", [place.territory_key for place in places], dtype=pl.String()),
        pl.Series("territory_basis", [place.basis for place in places], dtype=pl.String()),
        pl.Series("territory_note_fr", [place.note_fr for place in places], dtype=pl.String()),
    )


def unquoted(name: str) -> str:
    """A name that a converter cut out of CSV with its quotes: those around it go, a doubled one is one."""
    if len(name) > 1 and name.startswith('"') and name.endswith('"'):
        return name[1:-1].replace('""', '"')
    return name


def establishments(rows: pl.DataFrame, vintage: str) -> pl.DataFrame:
    """Rows of the bronze table ``facility`` for files of open establishments, as the stock files are.

    Needs the table's columns that the file gives, ``opened_on`` with its flag of placeholders among them, and the
    territory.
    """
    import polars as pl

    from ingestion.datasets.reading import placeholder

    return rows.with_columns(
        pl.col("name").map_elements(unquoted, return_dtype=pl.String()),
        pl.lit(vintage).alias("period"),
        pl.lit("etablissement").alias("counted_entity"),
        pl.lit("open").alias("open_status"),
        pl.col(placeholder("opened_on")).alias("is_placeholder_date"),
        pl.lit("observed").alias("obs_status"),
        pl.lit(False).alias("is_aggregate"),
    )


def with_communes(rows: pl.DataFrame) -> pl.DataFrame:
    """``rows`` with ``territory_key`` and ``territory_basis`` by ``department`` and the three digits of ``commune``."""
    import polars as pl

    from ingestion.datasets.shaping import territory_of

    codes = [insee_commune(*pair) for pair in rows.select("department", "commune").iter_rows()]
    coded = rows.with_columns(pl.Series("commune", codes, dtype=pl.String()))
    return coded.with_columns(
        territory_of("commune", pl.col("commune")).alias("territory_key"),
        pl.lit("commune_code").alias("territory_basis"),
    )


def authorisations(rows: pl.DataFrame, vintage: str, kind: str, number: str = "facility_key") -> pl.DataFrame:
    """Rows of the bronze table ``authorisation``, of the department that gave the FINESS number in this column."""
    import polars as pl

    homes = [registration_territory(finess) for finess in rows[number]]
    flags = [name for name in rows.columns if name.endswith("__placeholder")]
    return rows.with_columns(
        pl.Series("territory_key", homes, dtype=pl.String()),
        pl.lit("finess_number").alias("territory_basis"),
        pl.lit(vintage).alias("period"),
        pl.lit(kind).alias("kind"),
        pl.any_horizontal(flags).alias("is_placeholder_date"),
        pl.lit("observed").alias("obs_status"),
        pl.lit(False).alias("is_aggregate"),
    )


def cog_of(vintage: str) -> int:
    """The year of the COG that a vintage's communes are of."""
    return int(vintage[:4])
