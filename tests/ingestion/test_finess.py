"""What every form of FINESS shares: numbers, codes of communes, and addresses that tell a commune or say why not."""

from __future__ import annotations

import polars as pl
import pytest

from ingestion.datasets.finess import (
    insee_commune,
    place_of_address,
    registration_department,
    registration_territory,
    unquoted,
    with_places,
)
from ingestion.postal_codes import PostalCode, PostalIndex

INDEX = PostalIndex(
    [
        PostalCode("33000", "commune:33063", "Bordeaux", 2021, 2026),
        PostalCode("24290", "commune:24291", "Montignac-Lascaux", 2021, 2026),
        PostalCode("24230", "commune:24335", "Port-Sainte-Foy-et-Ponchapt", 2021, 2026),
        PostalCode("33220", "commune:33402", "Sainte-Foy-la-Grande", 2021, 2026),
        PostalCode("20090", "commune:2A004", "Ajaccio", 2021, 2026),
        PostalCode("20200", "commune:2B033", "Bastia", 2021, 2026),
        PostalCode("73800", "commune:73089", "Coise-Saint-Jean-Pied-Gauthier", 2021, 2026),
        PostalCode("86230", "commune:86001", "Saint-Gervais-les-Trois-Clochers", 2021, 2026),
        PostalCode("86230", "commune:86002", "Saint-Gervais-les-Trois-Clochettes", 2021, 2026),
        PostalCode("97420", "commune:97407", "Le Port", 2021, 2026),
        PostalCode("97133", "commune:97701", "Saint-Barthélemy", 2021, 2026),
        *(PostalCode(f"750{n:02}", "commune:75056", "Paris", 2021, 2026) for n in range(1, 21)),
    ]
)


@pytest.mark.parametrize(
    ("number", "department"),
    [("330781204", "33"), ("010000024", "01"), ("2A0000014", "2A"), ("970463659", "974"), ("970100001", "971"),
     ("980500011", "976"), ("970500005", "975"), ("970900001", None)],
)  # fmt: skip
def test_a_number_begins_with_the_department_that_gave_it(number: str, department: str | None) -> None:
    assert registration_department(number) == department


def test_a_number_tells_the_department_or_the_collectivity_that_gave_it() -> None:
    assert registration_territory("970400001") == "department:974"
    assert registration_territory("970500005") == "overseas_collectivity:975"
    assert registration_territory("970900001") is None


@pytest.mark.parametrize(
    ("department", "commune", "code"),
    [("33", "063", "33063"), ("2A", "004", "2A004"), ("9A", "101", "97101"), ("9F", "611", "97611"),
     ("9A", "127", "97801"), ("9A", "123", "97701"), ("09", "122", "09122")],
)  # fmt: skip
def test_three_digits_and_a_department_make_a_code_of_insee(department: str, commune: str, code: str) -> None:
    assert insee_commune(department, commune) == code


@pytest.mark.parametrize(
    ("finess", "postal_code", "label", "territory"),
    [
        ("330000001", "33000", "BORDEAUX", "commune:33063"),
        # CEDEX has a code of its own, and a number after it.
        ("330000001", "33076", "BORDEAUX CEDEX", "commune:33063"),
        ("330000001", "33404", "BORDEAUX CEDEX 9", "commune:33063"),
        ("330000001", "33404", "BORDEAUX CED", "commune:33063"),
        # Served from the next department, where no commune bears the name.
        ("240000001", "33220", "PORT STE FOY ET PONCHAPT", "commune:24335"),
        # The two departments of Corsica share postal codes.
        ("2A0000001", "20700", "AJACCIO CEDEX 9", "commune:2A004"),
        ("2B0000001", "20200", "BASTIA", "commune:2B033"),
        # A label cut at 26 characters: one commune with this postal code begins so, or two do.
        ("730000001", "73800", "COISE ST JEAN PIED GAUTHIE", "commune:73089"),
        # Postal codes of arrondissements are theirs; those of CEDEX are an office's.
        ("750000001", "75012", "PARIS", "municipal_arrondissement:75112"),
        ("750000001", "75116", "PARIS", "municipal_arrondissement:75116"),
        ("690000001", "69009", "LYON", "municipal_arrondissement:69389"),
        ("130000001", "13016", "MARSEILLE", "municipal_arrondissement:13216"),
        ("750000001", "75571", "PARIS CEDEX 12", "commune:75056"),
        ("750000001", "75350", "PARIS SP 07", "commune:75056"),
        # The number tells the department where the postal code does not.
        ("970400001", "97829", "LE PORT CEDEX", "commune:97407"),
        ("970100001", "97133", "ST BARTHELEMY", "commune:97701"),
    ],
)  # fmt: skip
def test_an_address_tells_a_commune(finess: str, postal_code: str, label: str, territory: str) -> None:
    place = place_of_address(finess, postal_code, label, 2021, INDEX)
    assert (place.territory_key, place.basis, place.note_fr) == (territory, "postal_label", None)


@pytest.mark.parametrize(
    ("finess", "postal_code", "label", "territory"),
    [
        ("240000001", "24290", "MONTIGNAC", "department:24"),
        ("860000001", "86230", "ST GERVAIS LES TROIS CLOCH", "department:86"),
        # The beginning of a name is no name where nothing cut it.
        ("730000001", "73800", "COISE ST JEAN", "department:73"),
        ("970900001", "97999", "NULLE PART", None),
    ],
)
def test_what_tells_no_commune_is_a_department_with_the_reason(
    finess: str, postal_code: str, label: str, territory: str | None
) -> None:
    place = place_of_address(finess, postal_code, label, 2021, INDEX)
    assert (place.territory_key, place.basis) == (territory, "department")
    assert place.note_fr == f"aucune commune certaine pour « {postal_code} {label} »"


def test_rows_have_their_places() -> None:
    rows = pl.DataFrame(
        {
            "facility_key": ["330000001", "240000001"],
            "postal_code": ["33000", "24290"],
            "delivery_label": ["BORDEAUX", "MONTIGNAC SUR NULLE PART"],
        }
    )
    placed = with_places(rows, 2021)
    assert placed["territory_key"].to_list() == ["commune:33063", "department:24"]
    assert placed["territory_basis"].to_list() == ["postal_label", "department"]
    assert placed["territory_note_fr"].null_count() == 1


@pytest.mark.parametrize(
    ("published", "name"),
    [('"EHPAD ""LE PARC"""', 'EHPAD "LE PARC"'), ("EHPAD LE PARC", "EHPAD LE PARC"), ('"', '"'), ('L"A', 'L"A')],
)
def test_quotes_that_a_converter_left_are_taken_off(published: str, name: str) -> None:
    assert unquoted(published) == name
