"""Zonings by commune: what is odd in the files, and what they say as published."""

from __future__ import annotations

from pathlib import Path

import pytest
from dataset_files import counts, deliver

from warehouse.errors import InputError

SAMPLE = Path(__file__).with_name("datasets_sample")


# Nurses


def test_nurses_zones_with_arrondissements_and_results_that_are_none() -> None:
    read = deliver(SAMPLE / "zonage-infirmiers-2024.csv")
    assert read.dataset_key == "cartosante-zonage-infirmiers@2024"
    assert counts(read) == (6, 5, 1, 0)
    assert read.frames["zoning"].select("territory_key", "zone").rows() == [
        ("commune:01004", "très dotée"),
        ("commune:2A004", "surdotée"),
        ("commune:33063", "intermédiaire"),
        ("municipal_arrondissement:75101", "sous-dotée"),
        ("commune:97617", "très sous-dotée"),
    ]
    assert read.frames["dataset"]["territory_vintage"].to_list() == ["2025"]


def test_a_zoning_that_says_nowhere_of_which_year_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "zonage-raw.csv"
    path.write_bytes((SAMPLE / "zonage-infirmiers-2024.csv").read_bytes())
    with pytest.raises(InputError, match="vintage was expected") as refused:
        deliver(path)
    assert "--as cartosante-zonage-infirmiers@VINTAGE" in refused.value.next_step
    assert deliver(path, vintage="2024").dataset_key == "cartosante-zonage-infirmiers@2024"


def test_nurses_zones_as_published(documents: Path) -> None:
    """Counts by zone are those of the file's own description; two overseas collectivities have no zone."""
    path = documents / "opendata" / "cartosante-zonage-infirmiers" / "zonage-raw.csv"
    read = deliver(path, vintage="2024", whole=True)
    assert counts(read) == (34_919, 34_917, 2, 0)
    assert dict(read.frames["zoning"]["zone"].value_counts().rows()) == {
        "très sous-dotée": 1_400,
        "sous-dotée": 4_257,
        "intermédiaire": 15_676,
        "très dotée": 8_792,
        "surdotée": 4_792,
    }


# Physicians: postal codes for INSEE's


def physicians(folder: Path, *rows: str) -> Path:
    path = folder / "zonage-medecins-2025.csv"
    path.write_text("\r\n".join(["Code_postal,Nom_commune,Zonage", *rows]) + "\r\n", encoding="utf-8", newline="")
    return path


def test_communes_are_found_again_by_postal_code_and_name(tmp_path: Path) -> None:
    read = deliver(
        physicians(
            tmp_path,
            "1500,Ambérieu-en-Bugey,2_ZAC",
            "33000,Bordeaux,3_HZ",
            "33100,Bordeaux,3_HZ",
            "33100,Bordeaux,3_HZ",
            "20000,Ajaccio,4_ZAR",
            "75116,Paris 16e Arrondissement,1_ZIP",
            "97400,Saint-Denis,N/A - résultat non disponible",
        )
    )
    assert (read.dataset_key, counts(read)) == ("zonage-medecins-communes@2025", (7, 6, 1, 0))
    assert read.frames["zoning"].select("territory_key", "zone").rows() == [
        ("commune:01004", "ZAC"),
        ("commune:33063", "HZ"),
        ("commune:2A004", "ZAR"),
        ("municipal_arrondissement:75116", "ZIP"),
    ]


def test_what_no_commune_is_named_and_two_zones_of_one_commune_are_quarantined(tmp_path: Path) -> None:
    many = [f"750{n:02},Paris {n}e Arrondissement,3_HZ" for n in range(2, 21) for _ in range(5)]
    contradictory = ["33000,Bordeaux,3_HZ", "33100,Bordeaux,2_ZAC", "33200,Bordeaux,3_HZ"]
    read = deliver(physicians(tmp_path, *many, "33000,Nulle-Part,1_ZIP", *contradictory))
    assert counts(read) == (99, 95, 0, 4)
    assert [(r.line, r.value) for r in read.refused] == [
        (97, "Nulle-Part"),
        (98, "Bordeaux"),
        (99, "Bordeaux"),
        (100, "Bordeaux"),
    ]
    assert read.frames["zoning"].height == 19


@pytest.mark.parametrize(
    ("vintage", "method"), [("2022", "2,5"), ("2025", "2,5"), ("2025-11", "2,71"), ("2026", "2,71")]
)
def test_zones_of_two_methods_are_told_apart(tmp_path: Path, vintage: str, method: str) -> None:
    read = deliver(physicians(tmp_path, "33000,Bordeaux,3_HZ"), vintage=vintage)
    (told,) = read.frames["zoning"]["method_version"].to_list()
    assert f"{method} " in told or f"{method} et" in told


def test_physicians_zones_as_derived(documents: Path) -> None:
    """Every row finds its commune: 34,912 of them, and 26 have no zone (La Réunion and two collectivities)."""
    read = deliver(documents / "opendata" / "zonage-medecins-communes-2025" / "zonmed.csv", vintage="2025", whole=True)
    assert counts(read) == (38_907, 38_820, 87, 0)
    zones = read.frames["zoning"]
    assert zones.height == 34_886
    assert zones["territory_key"].n_unique() == 34_886
    bordeaux = zones.filter(zones["territory_key"] == "commune:33063")
    assert bordeaux["zone"].to_list() == ["HZ"]
