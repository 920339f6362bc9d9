"""Territories that files name instead of giving their code."""

from __future__ import annotations

import pytest

from ingestion.datasets.territory_names import by_label, by_name
from ingestion.territories import scan_territories


@pytest.mark.parametrize(
    ("level", "label", "key"),
    [
        ("department", "001 -Ain", "department:01"),
        ("department", "01 - Ain", "department:01"),
        ("department", "01-Ain", "department:01"),
        ("department", "01 Ain", "department:01"),
        ("department", "02A-Corse-du-Sud", "department:2A"),
        ("department", "2b Haute-Corse", "department:2B"),
        ("department", "075-Paris", "department:75"),
        ("department", "971 -Guadeloupe", "department:971"),
        ("department", "972 - Martinique", "department:972"),
        ("department", " 33 - Gironde", "department:33"),
        ("region", "82-RHONE ALPES", "former_region:82"),
        ("region", "93-PROVENCE ALPES COTE D'AZUR", "region:93"),
        ("region", "84-Auvergne-Rhône-Alpes", "region:84"),
        ("department", "Ain", "department:01"),
        ("department", "France entière", None),
    ],
)
def test_a_label_begins_with_its_code_or_is_a_name(level: str, label: str, key: str | None) -> None:
    assert by_label(level, label) == key


@pytest.mark.parametrize(
    ("level", "name", "key"),
    [
        ("region", "Nouvelle-Aquitaine", "region:75"),
        ("region", "NOUVELLE AQUITAINE", "region:75"),
        ("region", "Provence-Alpes-Côte dAzur", "region:93"),
        ("region", "Provence-Alpes-Côte d’Azur", "region:93"),
        ("region", "Ile-de-France", "region:11"),
        ("region", "Auvergne et Rhône-Alpes", "region:84"),
        ("region", "Réunion", "region:04"),
        ("region", "La Réunion", "region:04"),
        ("region", "Aquitaine", "former_region:72"),
        ("region", "LANGUEDOC-ROUSSILLON", "former_region:91"),
        ("former_region", "Limousin", "former_region:74"),
        ("department", "Alpes-de-Hte-Pce", "department:04"),
        ("department", "Côtes d'Armor", "department:22"),
        ("department", "Val-d'Oise", "department:95"),
        ("country", "FRANCE ENTIERE", "country:FR"),
        ("country", "France métropolitaine", "country:FR-METRO"),
        ("country", "France hors Mayotte", "country:FR-HORS-MAYOTTE"),
        ("country", "Europe", None),
        ("commune", "Sainte-Colombe", None),
    ],
)
def test_a_name_stands_for_one_territory_of_its_level_or_none(level: str, name: str, key: str | None) -> None:
    assert by_name(level, name) == key


@pytest.mark.parametrize("level", ["region", "former_region", "department"])
def test_every_name_of_the_reference_is_found_again(level: str) -> None:
    import polars as pl

    living = scan_territories().filter(pl.col("territory_level") == level).collect()
    if level != "former_region":
        living = living.filter(pl.col("valid_to").is_null())
    assert [(name, by_name(level, name)) for name in living["name"]] == list(
        zip(living["name"], living["territory_key"], strict=True)
    )
