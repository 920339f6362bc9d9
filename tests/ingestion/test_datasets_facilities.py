"""FINESS in the forms of its national flows and of what others made of them."""

from __future__ import annotations

import gzip
import hashlib
from collections import Counter
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from facility_samples import (
    COMMENT,
    flow,
    geolocalisation,
    location,
    ndjson,
    organization,
    structure_ej,
    structure_et,
)

from ingestion.datasets.contract_model import Contract
from ingestion.datasets.contracts import load_contracts
from ingestion.datasets.delivery import Delivery, read_delivery
from ingestion.datasets.lambert import wgs84
from ingestion.datasets.recognition import recognised_in
from warehouse.errors import InputError

HOME = structure_et("330000001", "MSP DE LA PAIX", "063", "33", "603", "2014-05-01")
HOSPITAL = structure_et("330000002", '"CH ""LES PINS"""', "522", "33", "355", "1901-01-01")


def small(code: str) -> Contract:
    """The packaged contract, for files of a few rows."""
    return load_contracts()[code].model_copy(update={"at_least": 1})


def delivered(folder: Path, name: str, content: bytes, vintage: str | None = None) -> Delivery:
    path = folder / name
    path.write_bytes(content)
    return read_delivery(small(recognised_in(path)), path, name, hashlib.sha256(content).hexdigest(), vintage=vintage)


def facilities(read: Delivery) -> dict[str, dict[str, object]]:
    return {row["facility_key"]: row for row in read.frames["facility"].iter_rows(named=True)}


def reasons(read: Delivery) -> list[tuple[int, str]]:
    return [(refused.line, refused.expectation) for refused in read.refused]


# The national flows


def test_the_flow_of_located_establishments(tmp_path: Path) -> None:
    content = flow([HOME, HOSPITAL, geolocalisation("330000001", "417250.5", "6421730.2"), ("",)])
    read = delivered(tmp_path, "etalab-cs1100507-stock-20210108-0427.csv", content)
    assert (read.dataset_key, read.refused) == ("finess-etablissements-geolocalises@2021-01-08", ())
    # The line of coordinates and the blank one are set aside: the first is told with its establishment.
    assert (read.account.lines, read.account.loaded, read.account.set_aside) == (4, 2, 2)
    home, hospital = facilities(read).values()
    assert (home["territory_key"], home["territory_basis"]) == ("commune:33063", "commune_code")
    assert (home["opened_on"], home["is_placeholder_date"]) == (date(2014, 5, 1), False)
    assert (home["category"], home["category_label_fr"]) == ("603", "Maison de santé (L.6223-3)")
    assert (home["counted_entity"], home["legal_entity_key"]) == ("etablissement", "330780001")
    assert home["latitude"] == pytest.approx(44.84, abs=0.01)
    assert home["longitude"] == pytest.approx(-0.57, abs=0.01)
    assert (hospital["name"], hospital["territory_key"]) == ('CH "LES PINS"', "commune:33522")
    assert (hospital["opened_on"], hospital["is_placeholder_date"], hospital["latitude"]) == (None, True, None)
    described = read.frames["dataset"].row(0, named=True)
    assert (described["reference_date"], described["territory_vintage"]) == (date(2021, 1, 8), "2021")


def test_coordinates_of_nobody_and_lines_of_another_section_are_told(tmp_path: Path) -> None:
    many = [structure_et(f"3300001{n:02}", "MSP", "063", "33", "603", "2014-05-01") for n in range(60)]
    rows = [*many, geolocalisation("330000999", "1", "2"), ("structureej", "330780001")]
    read = delivered(tmp_path, "etalab-cs1100507-stock-20210108-0427.csv", flow(rows))
    assert reasons(read) == [
        (62, "coordinates of an establishment of the file were expected, 330000999"),
        (63, "a line of structureet was expected, 'structureej' found"),
    ]


def test_two_encodings_in_one_flow(tmp_path: Path) -> None:
    old = ";".join(structure_et("330000003", "CENTRE DE SANTÉ", "063", "33", "124", "")).encode("iso-8859-15")
    read = delivered(tmp_path, "etalab-cs1100507-stock-20210108-0427.csv", flow([HOME]) + old + b"\r\n")
    assert read.refused == ()
    assert facilities(read)["330000003"]["name"] == "CENTRE DE SANTÉ"
    assert facilities(read)["330000003"]["opened_on"] is None
    assert facilities(read)["330000003"]["is_placeholder_date"] is False


def test_quotes_never_closed_semicolons_in_quotes_and_semicolons_too_many(tmp_path: Path) -> None:
    open_quote = structure_et("330000004", '"MAISON "A" COTE', "063", "33", "603", "2014-05-01")
    inside = structure_et("330000005", '"MAISON; ET JARDIN"', "063", "33", "603", "2014-05-01")
    too_many = (*structure_et("330000006", "MSP", "063", "33", "603", "2014-05-01"), "")
    short = HOME[:-3]
    many = [structure_et(f"3300001{n:02}", "MSP", "063", "33", "603", "2014-05-01") for n in range(20)]
    read = delivered(
        tmp_path, "etalab-cs1100507-stock-20210108-0427.csv", flow([*many, open_quote, inside, too_many, short])
    )
    assert reasons(read) == [(25, "31 cells were expected, 28 found")]
    names = {number: row["name"] for number, row in facilities(read).items()}
    assert (names["330000004"], names["330000005"]) == ('"MAISON "A" COTE', "MAISON; ET JARDIN")
    assert names["330000006"] == "MSP"


def test_codes_of_overseas_and_corsica_are_glued_as_insee_writes_them(tmp_path: Path) -> None:
    rows = [
        structure_et("970400001", "MSP", "411", "9D", "603", "2014-05-01"),
        structure_et("2A0000001", "MSP", "004", "2A", "603", "2014-05-01"),
        structure_et("970100001", "MSP", "127", "9A", "603", "2014-05-01"),
        structure_et("750000001", "CENTRE", "112", "75", "124", "2014-05-01"),
        structure_et("010000001", "MSP", "053", "01", "603", "1904-04-04"),
    ]
    read = delivered(tmp_path, "etalab-cs1100507-stock-20210108-0427.csv", flow(rows))
    assert [row["territory_key"] for row in facilities(read).values()] == [
        "commune:97411",
        "commune:2A004",
        "commune:97801",
        "municipal_arrondissement:75112",
        "commune:01053",
    ]


def test_the_flow_without_coordinates_has_one_cell_more(tmp_path: Path) -> None:
    name = "etalab_cs1100502_stock_20210108.csv"
    read = delivered(tmp_path, name, flow([(*HOME, ""), (*HOSPITAL, "0330001A")]))
    assert read.dataset_key == "finess-etablissements@2021-01-08"
    assert list(facilities(read)) == ["330000001", "330000002"]


def test_of_two_flows_that_their_lines_do_not_tell_apart_the_name_decides(tmp_path: Path) -> None:
    ambiguous = flow([(*HOME, ""), (*HOSPITAL, ""), geolocalisation("330000001", "417250.5", "6421730.2")])
    read = delivered(tmp_path, "etalab_cs1100507_stock_20210108-0427.csv", ambiguous)
    assert (read.dataset_key, read.refused) == ("finess-etablissements-geolocalises@2021-01-08", ())
    path = tmp_path / "stock.csv"
    path.write_bytes(flow([HOME]))
    assert recognised_in(path) == "finess-etablissements-geolocalises"
    path.write_bytes(ambiguous)
    with pytest.raises(InputError, match="a known dataset"):
        recognised_in(path)


def test_the_flow_of_legal_entities(tmp_path: Path) -> None:
    rows = [
        structure_ej("330780001", "CENTRE HOSPITALIER", "063", "33", "1900-01-01"),
        structure_ej("980500003", "CENTRE HOSPITALIER DE MAYOTTE", "611", "9F", "2004-01-01"),
    ]
    read = delivered(tmp_path, "etalab-cs1100501-stock-20210108-0427.csv", flow(rows))
    assert read.dataset_key == "finess-entites-juridiques@2021-01-08"
    assert {row["counted_entity"] for row in facilities(read).values()} == {"entite_juridique"}
    first, mayotte = facilities(read).values()
    assert (first["opened_on"], first["is_placeholder_date"], first["category"]) == (None, True, None)
    assert (mayotte["territory_key"], mayotte["opened_on"]) == ("commune:97611", date(2004, 1, 1))


def test_a_flow_packed_as_it_is_archived(tmp_path: Path) -> None:
    read = delivered(tmp_path, "etalab-cs1100507-stock-20210108-0427.csv.gz", gzip.compress(flow([HOME])))
    assert list(facilities(read)) == ["330000001"]


def test_a_flow_without_its_comment_is_refused_whole(tmp_path: Path) -> None:
    path = tmp_path / "etalab-cs1100507-stock-20210108-0427.csv"
    path.write_bytes(flow([HOME], comment="autre;etalab;93;2021-01-08"))
    with pytest.raises(InputError, match="finess;etalab"):
        read_delivery(small("finess-etablissements-geolocalises"), path, path.name, "0" * 64)
    assert COMMENT.startswith("finess;etalab")


def test_lambert_93_as_ign_computes_it(documents: Path) -> None:
    """Both are published of 10,004 establishments of Occitanie."""
    rows = pl.read_csv(documents / "opendata" / OCCITANIE, separator=";", infer_schema=False).drop_nulls("coordxet")
    both = rows.select(pl.col("coordxet", "coordyet", "latitude", "longitude").cast(pl.Float64))
    assert both.height == 10_004
    for x, y, *place in both.iter_rows():
        assert wgs84(x, y) == pytest.approx(tuple(place), abs=1e-9)


@pytest.mark.parametrize(("x", "y"), [(659_000.0, 1_793_000.0), (338_000.0, 7_690_000.0), (0.0, 0.0), (6e6, 9e5)])
def test_what_is_no_lambert_93_has_no_place(x: float, y: float) -> None:
    assert wgs84(x, y) is None


# FHIR


def test_fhir_pairs_an_organization_with_its_location(tmp_path: Path) -> None:
    resources = [
        organization("330000001", '"MSP ""LE PARC"""', "BORDEAUX CEDEX", "33076", "603", "2014-05-01"),
        location("330000001", 44.84, -0.57),
        organization("240000001", "EHPAD", "MONTIGNAC", "24290", "500", "1901-01-01") | {"active": False},
    ]
    read = delivered(tmp_path, "finess_fhir_test_20210108.ndjson.gz", gzip.compress(ndjson(resources)))
    assert (read.dataset_key, read.refused) == ("finess-fhir@2021-01-08", ())
    assert (read.account.lines, read.account.loaded, read.account.set_aside) == (3, 2, 1)
    home, care = facilities(read).values()
    assert (home["name"], home["legal_entity_key"]) == ('MSP "LE PARC"', "330780001")
    assert (home["territory_key"], home["territory_basis"]) == ("commune:33063", "postal_label")
    assert (home["latitude"], home["longitude"], home["open_status"]) == (44.84, -0.57, "open")
    assert (care["territory_key"], care["territory_basis"]) == ("department:24", "department")
    assert care["territory_note_fr"] == "aucune commune certaine pour « 24290 MONTIGNAC »"
    assert (care["opened_on"], care["is_placeholder_date"], care["open_status"]) == (None, True, "closed")


def test_a_location_of_nobody_is_told(tmp_path: Path) -> None:
    many = [organization(f"3300001{n:02}", "MSP", "BORDEAUX", "33000", "603", "2014-05-01") for n in range(20)]
    read = delivered(tmp_path, "finess_fhir_test_20210108.ndjson", ndjson([*many, location("330000999", 44.0, 0.0)]))
    assert reasons(read) == [(21, "a Location of an Organization of the file was expected")]


def test_fhir_cut_short_is_refused_whole(tmp_path: Path) -> None:
    whole = ndjson([organization("330000001", "MSP", "BORDEAUX", "33000", "603", "2014-05-01")])
    path = tmp_path / "finess_fhir_test_20210108.ndjson"
    path.write_bytes(whole + whole[:200])
    with pytest.raises(InputError, match="a whole file of its form"):
        read_delivery(small("finess-fhir"), path, path.name, "0" * 64)


# Extracts and authorisations

ACCESS = (
    "nofinesset;nofinessej;rs;adresse;codepostal;libacheminement;categetab;libcategetab;categagretab;libcategagretab;"
    "siret;codeape;dateouv;datemaj;latitude;longitude\r\n"
)


def test_an_extract_without_codes_of_communes(tmp_path: Path) -> None:
    quoted = '"""MSP """"LE PARC"""""""'
    rows = (
        f"330000001;330780001;{quoted};1 R;33000;BORDEAUX;603;Maison;2103;A;;;2014-05-01;2020-01-01;44.8;-0.5\r\n"
        "240000001;330780001;EHPAD;;24290;MONTIGNAC;500;EHPAD;4401;A;;;1904-04-04;2020-01-01;;\r\n"
    )
    read = delivered(tmp_path, "derive_finess_acces_aux_soins_20210108.csv", (ACCESS + rows).encode())
    assert (read.dataset_key, read.refused) == ("finess-acces-aux-soins@2021-01-08", ())
    home, care = facilities(read).values()
    assert (home["name"], home["territory_key"]) == ('MSP "LE PARC"', "commune:33063")
    assert (care["territory_basis"], care["opened_on"], care["latitude"]) == ("department", None, None)


LOURDS = "nofinessej;rsej;eml;libeml;noautor;noautorarhgos;noimplarhgos;dateautor;nofinesset;datemeo\n"


def test_a_header_one_column_ahead_of_its_data(tmp_path: Path) -> None:
    """A reader that trusts the header puts names where numbers of legal entities belong."""
    rows = (
        "SCM IMAGERIE;06201;Appareil d'IRM;722610001;72-33-1;72-33-1;2015-01-10;330000001;2016-02-01;\n"
        "GIE SCANNER;05602;Scanographe;722610002;72-33-2;72-33-2;1901-01-01;980500001;;\n"
    )
    read = delivered(tmp_path, "finess_materiels_lourds.txt", (LOURDS + rows).encode(), vintage="2026-04-07")
    assert read.refused == ()
    first, second = read.frames["authorisation"].iter_rows(named=True)
    assert (first["authorisation_key"], first["activity_code"]) == ("722610001", "06201")
    assert (first["facility_key"], first["legal_entity_key"], first["kind"]) == ("330000001", None, "equipment")
    assert (first["authorised_on"], first["started_on"]) == (date(2015, 1, 10), date(2016, 2, 1))
    assert (first["territory_key"], first["territory_basis"]) == ("department:33", "finess_number")
    assert (second["territory_key"], second["authorised_on"]) == ("department:976", None)
    assert (second["is_placeholder_date"], second["started_on"]) == (True, None)


def test_a_file_that_says_nowhere_of_which_day_it_is_is_known_by_its_bytes(tmp_path: Path) -> None:
    content = (LOURDS + "SCM;06201;IRM;722610001;72-33-1;72-33-1;2015-01-10;330000001;2016-02-01;\n").encode()
    with pytest.raises(InputError, match="vintage was expected in the bytes"):
        delivered(tmp_path, "finess_materiels_lourds.txt", content)
    assert delivered(tmp_path, "x.txt", content, vintage="2026-05-05").dataset_key.endswith("@2026-05-05")


# The published files themselves

ACCESS_2021 = "finess-2021-01-fhir/derive_finess_acces_aux_soins_20210108.csv"
FHIR_2021 = "finess-2021-01-fhir/finess_fhir_nouvelle-aquitaine_20210108.ndjson.gz"
OCCITANIE = "finess-2026-reexposition/derive_etablissements_occitanie.csv"
ACTIVITIES = "finess-2026-reexposition/finess_activites_soin.txt"
EQUIPMENT = "finess-2026-reexposition/finess_materiels_lourds.txt"
GIRONDE = "finess-gironde-2017/FINESS33.csv"


def real(documents: Path, name: str) -> Delivery:
    path = documents / "opendata" / name
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return read_delivery(load_contracts()[recognised_in(path)], path, path.name, sha256)


def counted(read: Delivery, column: str) -> dict[str, int]:
    return dict(Counter(read.frames["facility"][column].to_list()))


def test_access_to_care_in_2021_as_extracted(documents: Path) -> None:
    read = real(documents, ACCESS_2021)
    assert read.dataset_key == "finess-acces-aux-soins@2021-01-08"
    assert (read.account.lines, read.account.loaded, read.refused) == (18_728, 18_728, ())
    categories = counted(read, "category")
    assert [categories[code] for code in ("603", "124", "500", "604", "354")] == [1_763, 2_495, 7_501, 103, 1_970]
    # 1904-04-04, 1901-01-01 and 1900-01-01.
    assert counted(read, "is_placeholder_date")[True] == 1_226 + 1_083 + 5
    assert counted(read, "territory_basis") == {"postal_label": 18_610, "department": 118}
    told = read.frames["facility"].filter(pl.col("territory_basis") == "department")
    assert told["territory_note_fr"].null_count() == 0
    assert told["territory_key"].str.starts_with("department:").all()


def test_every_category_of_nouvelle_aquitaine_in_2021_as_converted(documents: Path) -> None:
    read = real(documents, FHIR_2021)
    assert (read.account.lines, read.account.loaded, read.account.set_aside) == (18_038, 9_019, 9_019)
    assert read.refused == ()
    assert counted(read, "category")["603"] == 198
    # The same vintage in two forms: what both have of an establishment is the same.
    other = real(documents, ACCESS_2021).frames["facility"]
    both = read.frames["facility"].join(other, on="facility_key", suffix="_extract")
    assert both.height == 2_002
    for column in ("legal_entity_key", "name", "category", "territory_key", "opened_on", "is_placeholder_date"):
        assert both.filter(pl.col(column).ne_missing(pl.col(f"{column}_extract"))).is_empty()


def test_occitanie_in_2026_as_extracted(documents: Path) -> None:
    read = real(documents, OCCITANIE)
    assert read.dataset_key == "finess-etablissements-occitanie@2026-04-07"
    assert (read.account.lines, read.account.loaded, read.refused) == (10_007, 10_007, ())
    categories = counted(read, "category")
    assert [categories[code] for code in ("603", "124", "500", "604")] == [372, 280, 817, 82]
    assert counted(read, "territory_basis") == {"commune_code": 10_007}
    published = pl.read_csv(documents / "opendata" / OCCITANIE, separator=";", infer_schema=False)
    codes = dict(published.select("numero_finess_etablissement", "code_insee").iter_rows())
    keys = read.frames["facility"].select("facility_key", "territory_key").iter_rows()
    assert all(key == f"commune:{codes[number]}" for number, key in keys)


@pytest.mark.parametrize(
    ("name", "rows", "kind", "placeholders"), [(ACTIVITIES, 10_291, "activity", 571), (EQUIPMENT, 550, "equipment", 4)]
)
def test_authorisations_of_2026_as_published(
    documents: Path, name: str, rows: int, kind: str, placeholders: int
) -> None:
    read = real(documents, name)
    assert (read.vintage, read.account.lines, read.account.loaded, read.refused) == ("2026-04-07", rows, rows, ())
    table = read.frames["authorisation"]
    assert set(table["kind"]) == {kind}
    assert table["authorised_on"].null_count() == placeholders
    assert table["authorisation_key"].n_unique() == rows
    assert table["territory_key"].null_count() == 0


def test_gironde_in_2017_as_reduced(documents: Path) -> None:
    read = real(documents, GIRONDE)
    assert (read.dataset_key, read.refused) == ("finess-gironde-2017@2017-01-20", ())
    assert (read.account.lines, read.account.loaded) == (2_007, 2_007)
    assert counted(read, "territory_basis") == {"department": 2_007}
    assert counted(read, "category") == {None: 2_007}
