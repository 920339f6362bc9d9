"""Postal codes: with a name they tell a commune, in the geography of a year; alone they tell none."""

from __future__ import annotations

import polars as pl
import pytest

from ingestion.postal_codes import POSTAL_CODES, PostalCode, PostalIndex, postal_index
from ingestion.reference.build_postal_codes import postal_codes
from ingestion.reference.packages import Package, Vintage
from ingestion.territories import scan_territories

ROWS = [
    PostalCode("49270", "commune:49069", "Orée d’Anjou", 2021, 2024),
    PostalCode("49270", "commune:49126", "Orée d’Anjou", 2025, 2026),
    PostalCode("49530", "commune:49126", "Orée d’Anjou", 2025, 2026),
    PostalCode("49999", "commune:49069", "Orée d’Anjou", 2021, 2024),
    PostalCode("19140", "commune:19248", "Saint-Ybard", 2021, 2024),
    PostalCode("33000", "commune:33063", "Bordeaux", 2021, 2026),
    PostalCode("33200", "commune:33063", "Bordeaux", 2021, 2026),
    PostalCode("01330", "commune:01005", "Ambérieux-en-Dombes", 2021, 2026),
    PostalCode("97100", "commune:97105", "Basse-Terre", 2021, 2026),
    PostalCode("59440", "commune:59001", "Homonyme", 2021, 2026),
    PostalCode("59360", "commune:59002", "Homonyme", 2021, 2026),
    PostalCode("59100", "commune:59003", "Jumelle", 2021, 2026),
    PostalCode("59100", "commune:59004", "La Jumelle", 2021, 2026),
]


@pytest.mark.parametrize(
    ("postal_code", "name", "cog", "found"),
    [
        ("33200", "BORDEAUX", 2025, "commune:33063"),
        ("01330", "Amberieux en Dombes", 2025, "commune:01005"),
        # The same name and postal code, another code since 2025: the geography decides.
        ("49270", "Orée d'Anjou", 2024, "commune:49069"),
        ("49270", "Orée d'Anjou", 2025, "commune:49126"),
        # Its new code was yet to come at the post: the department's commune of that name in that year.
        ("49999", "Orée d'Anjou", 2025, "commune:49126"),
        # A name that nobody bears any more is still somebody's.
        ("19140", "Saint-Ybard", 2025, "commune:19248"),
        # Another postal code of the department: one commune bears the name there, or none is taken.
        ("33999", "Bordeaux", 2025, "commune:33063"),
        ("59999", "Homonyme", 2025, None),
        ("34999", "Bordeaux", 2025, None),
        ("97400", "Basse-Terre", 2025, None),
        # Two communes at once under one postal code and name: nothing says which.
        ("59100", "Jumelle", 2025, None),
        ("33200", "Pessac", 2025, None),
        ("", "", 2025, None),
    ],
)  # fmt: skip
def test_a_postal_code_and_a_name_tell_one_commune_or_none(
    postal_code: str, name: str, cog: int, found: str | None
) -> None:
    assert PostalIndex(ROWS).find(postal_code, name, cog) == found


def test_names_and_codes_have_the_years_that_have_them() -> None:
    def vintage(year: int, name: str, codes: list[str]) -> Vintage:
        paris = {"code": "75101", "nom": "Paris 1er", "codesPostaux": ["75001"]}
        communes = {"15141": {"code": "15141", "nom": name, "codesPostaux": codes}, "98411": {"code": "98411"}}
        return Vintage(Package(year, "0", "", None), communes, {"75101": paris}, {}, {}, {}, {}, {})

    frame = postal_codes(
        [vintage(2024, "Neussargues en Pinatelle", ["15170"]), vintage(2025, "Neussargues", ["15170"])]
    )
    assert frame.rows() == [
        ("15170", "commune:15141", "Neussargues en Pinatelle", 2024, 2024),
        ("15170", "commune:15141", "Neussargues", 2025, 2025),
        ("75001", "municipal_arrondissement:75101", "Paris 1er", 2024, 2025),
    ]


def test_every_committed_postal_code_leads_to_a_territory() -> None:
    committed = pl.read_parquet(POSTAL_CODES)
    known = scan_territories().select("territory_key").collect()
    assert committed.join(known, on="territory_key", how="anti").is_empty()
    assert committed.filter(~pl.col("postal_code").str.contains(r"^\d{5}$")).is_empty()
    assert postal_index().find("33800", "Bordeaux", 2026) == "commune:33063"
    assert postal_index().find("75116", "Paris 16e Arrondissement", 2026) == "municipal_arrondissement:75116"
