"""FINESS+: structures and activities as JSON, in the first schema's form and in the one published since."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from finess_plus_samples import (
    activities,
    activity,
    address,
    establishment,
    first_activities,
    first_structures,
    structures,
)
from jsonschema import Draft202012Validator
from referencing.exceptions import Unresolvable

from ingestion.datasets.contracts import load_contracts
from ingestion.datasets.delivery import Delivery, read_delivery
from ingestion.datasets.recognition import recognised_in
from warehouse.errors import InputError

STRUCTURES, ACTIVITIES = "finess-structures-journalier-20260309.json.gz", "finess-activites-journalier-20260401.json"


def delivered(folder: Path, name: str, document: dict[str, Any]) -> Delivery:
    content = json.dumps(document).encode()
    path = folder / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return read_delivery(load_contracts()[recognised_in(path)], path, name, "0" * 64)


def rows(read: Delivery, table: str, key: str) -> dict[str, dict[str, Any]]:
    return {row[key]: row for row in read.frames[table].iter_rows(named=True)}


def schema(documents: Path, name: str) -> dict[str, Any]:
    path = documents / "opendata" / "finess-specifications" / f"finess-plus_schema-{name}-v1.json"
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


# The samples are of the published form


def test_the_sample_of_activities_is_of_the_published_schema(documents: Path) -> None:
    assert list(Draft202012Validator(schema(documents, "activites")).iter_errors(first_activities())) == []


def test_the_sample_of_structures_is_of_the_published_schema(documents: Path) -> None:
    """The first schema of structures refers to six definitions that it lacks: they are taken as anything here."""
    published = schema(documents, "structures")
    with pytest.raises(Unresolvable):
        list(Draft202012Validator(published).iter_errors(first_structures()))
    missing = (
        "informationsGeneralesEGE",
        "codingEtatObjet",
        "codingCategorieExercice",
        "codingModeFixationTarifaire",
        "codingTypeBudget",
        "codingRoleEGE",
    )
    assert not published["definitions"].keys() & set(missing)
    published["definitions"] |= dict.fromkeys(missing, True)
    assert list(Draft202012Validator(published).iter_errors(first_structures())) == []


# Structures


@pytest.mark.parametrize("name", [STRUCTURES, "finess-structures-mensuel-20260309.json"])
def test_structures_of_the_first_schema(tmp_path: Path, name: str) -> None:
    read = delivered(tmp_path, name, first_structures())
    assert (read.dataset_key, read.refused) == ("finess-plus-structures@2026-03-09", ())
    entity, home = rows(read, "facility", "facility_key").values()
    assert (entity["counted_entity"], entity["facility_key"]) == ("entite_juridique", "330780001")
    assert (entity["opened_on"], entity["is_placeholder_date"], entity["category"]) == (None, True, None)
    assert (home["counted_entity"], home["legal_entity_key"]) == ("etablissement", "330780001")
    assert (home["category"], home["category_label_fr"], home["open_status"]) == ("603", None, "open")
    assert (home["opened_on"], home["territory_key"]) == (date(2014, 5, 1), "commune:33063")
    # Degrees are read, whichever way round the projected coordinates stand.
    assert (home["latitude"], home["longitude"]) == (44.8377, -0.5791)
    assert read.frames["dataset"].row(0, named=True)["definition_version"].startswith("2")


def test_structures_as_published_since(tmp_path: Path) -> None:
    where = [address("33063", "33000", "BORDEAUX")]
    document = structures(
        establishment("330000001", "603", "2014-05-01", where),
        establishment("330000002", "603", "1904-04-04", [], dateFermeture="2019-03-03"),
        establishment(
            "330000003", "321", "2014-05-01", [{"codePostal": "33076", "ligneAcheminement": "BORDEAUX CEDEX"}]
        ),
        establishment("750000001", "124", "2014-05-01", [address("75112", "75012", "PARIS")]),
    )
    read = delivered(tmp_path, STRUCTURES, document)
    assert (read.refused, read.account.lines, read.account.loaded) == ((), 5, 5)
    found = rows(read, "facility", "facility_key")
    assert found["330780001"]["name"] == "SOCIETE"
    closed = found["330000002"]
    assert (closed["open_status"], closed["closed_on"], closed["opened_on"]) == ("closed", date(2019, 3, 3), None)
    # Without an address, no more is known than who gave the number.
    assert (closed["territory_key"], closed["territory_basis"]) == ("department:33", "department")
    assert (found["330000003"]["territory_key"], found["330000003"]["territory_basis"]) == (
        "commune:33063",
        "postal_label",
    )
    assert found["750000001"]["territory_key"] == "municipal_arrondissement:75112"


def test_a_state_or_a_commune_that_we_do_not_know_quarantines_its_structure(tmp_path: Path) -> None:
    where = [address("33063", "33000", "BORDEAUX")]
    many = [establishment(f"3300001{n:02}", "603", "2014-05-01", where) for n in range(60)]
    unknown = establishment("330000001", "603", "2014-05-01", [address("33999", "33000", "BORDEAUX")])
    other = establishment("330000002", "603", "2014-05-01", where) | {"etatObjet": "X"}
    read = delivered(tmp_path, STRUCTURES, structures(*many, unknown, other))
    assert [(refused.line, refused.column, refused.value) for refused in read.refused] == [
        (62, "territory_key", "commune:33999"),
        (63, "etatObjet", "X"),
    ]


def test_a_document_cut_short_is_refused_whole(tmp_path: Path) -> None:
    path = tmp_path / "finess-structures-journalier-20260309.json"
    path.write_bytes(json.dumps(structures()).encode()[:-40])
    with pytest.raises(InputError, match="a whole file of its form"):
        read_delivery(load_contracts()["finess-plus-structures"], path, path.name, "0" * 64)


# Activities


def test_activities_of_the_first_schema(tmp_path: Path) -> None:
    read = delivered(tmp_path, ACTIVITIES, first_activities())
    assert (read.dataset_key, read.refused) == ("finess-plus-activites@2026-04-01", ())
    authorised, exercised = rows(read, "authorisation", "authorisation_key").values()
    assert (authorised["kind"], authorised["activity_code"], authorised["facility_key"]) == ("activity", "272", None)
    assert (exercised["kind"], exercised["facility_key"]) == ("equipment", "330000001")


def test_an_authorisation_and_its_exercise_are_not_counted_twice(tmp_path: Path) -> None:
    care = {"activiteAMF": "18", "modaliteActivite": "69", "formeActivite": "15"}
    other = {"activiteSanitaireDiverseRegulee": "824", "modeFonctionnement": "09", "public": "990"}
    document = activities(
        [activity("1", "AMF", care), activity("2", "ASDR", other, dateDebutActiviteAutorisee="1903-03-03")],
        [
            activity("3", "AMF", care, under="1", dateFinEffectiveActivite="2020-01-31"),
            activity("4", "EML", {"typeEmlId": "05602"}, under="9", capacite=["2"]),
            activity("5", "ASR", {"activiteSanitaireRegulee": "R7"}, under="8", capacite=["5", "4"]),
        ],
    )
    read = delivered(tmp_path, ACTIVITIES, document)
    assert read.refused == ()
    found = rows(read, "authorisation", "authorisation_key")
    assert {key: row["is_aggregate"] for key, row in found.items()} == {
        "1": True,
        "2": False,
        "3": False,
        "4": False,
        "5": False,
    }
    assert (found["3"]["activity_code"], found["3"]["modality_code"], found["3"]["form_code"]) == ("18", "69", "15")
    assert (found["3"]["ends_on"], found["3"]["status"], found["3"]["activity"]) == (date(2020, 1, 31), "actif", None)
    assert (found["2"]["activity_code"], found["2"]["authorised_on"]) == ("ASDR-824", None)
    assert found["2"]["is_placeholder_date"] is True
    assert (found["4"]["kind"], found["4"]["activity_code"], found["4"]["capacity"]) == ("equipment", "05602", 2.0)
    assert found["5"]["capacity"] is None
    assert {row["territory_key"] for row in found.values()} == {"department:33"}
