"""Datasets: contracts that say what is wrong with them, and files that publishers really write."""

from __future__ import annotations

import hashlib
import string
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from ingestion.datasets import collecting
from ingestion.datasets.contract_model import Contract
from ingestion.datasets.contracts import CONTRACTS, load_contracts
from ingestion.datasets.declarations import declared
from ingestion.datasets.delivery import Account, Delivery, read_delivery, read_vintage
from ingestion.datasets.reading import Sheet, published_sheet, read_sheet, secret
from ingestion.datasets.recognition import recognise_dataset
from ingestion.datasets.shaping import Known
from warehouse.errors import BarometreError, InputError, UsageError
from warehouse.paths import Home

SAMPLE = Path(__file__).with_name("datasets_sample")

CONTRACT = """\
code: densite-exemple
title: Densité d’exemple
publisher: Exemple
licence: Licence Ouverte 2.0
landing_page: https://example.org/densite
cadence: yearly
file_pattern: densite-*.csv
definition_version: "1"
reference_day: 01-01
format: {encoding: utf-8, delimiter: ";", decimal: ",", thousands: space, footers: [Source]}
columns:
  - {published: Code, aliases: [Code commune], name: commune, type: code, pattern: "(?:\\\\d{2}|2[AB])\\\\d{3}"}
  - {published: Nom, name: label, type: text, may_be_empty: true}
  - published: Effectif
    name: headcount
    type: integer
    null_marks: [nd]
    secrecy_marks: [N/A - secret statistique]
    may_be_empty: true
  - {published: Densité, name: density, type: number, may_be_empty: true}
keys: [commune]
totals:
  - {column: label, cells: [Ensemble]}
territories: {level: commune, years_after: 2}
vintage: {read_from: file_name, pattern: "densite-(\\\\d{4})"}
target: professional
transform:
  territory: commune
  period: vintage
  constants:
    profession_key: infirmiers
    practice_mode: liberal
    location_basis: cabinet
    sex: T
    counted_unit: personne
    obs_status: observed
    is_aggregate: false
"""
HEADER = "Code;Nom;Effectif;Densité\n"
KNOWN = Known(
    frozenset({"commune:01004", "commune:2A004", "commune:33063", "municipal_arrondissement:75101"}),
    frozenset({"infirmiers"}),
)


def contract(folder: Path, text: str = CONTRACT) -> Contract:
    folder.mkdir(exist_ok=True)
    (folder / "densite-exemple.yml").write_text(text, encoding="utf-8")
    return load_contracts.__wrapped__(folder)["densite-exemple"]


@pytest.fixture
def example(tmp_path: Path) -> Contract:
    return contract(tmp_path / "contracts")


def write(folder: Path, content: str | bytes, name: str = "densite-2023.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def sheet(example: Contract, folder: Path, rows: str | bytes) -> Sheet:
    content = HEADER.encode() + (rows.encode() if isinstance(rows, str) else rows)
    return read_sheet(example, write(folder, content), "densite-2023.csv")


def delivered(example: Contract, folder: Path, rows: str) -> Delivery:
    path = write(folder, HEADER + rows)
    return read_delivery(example, path, path.name, hashlib.sha256(path.read_bytes()).hexdigest(), known=KNOWN)


# Contracts


def test_a_contract_is_read(example: Contract) -> None:
    assert (example.code, example.format.first_data_row, example.table.name) == ("densite-exemple", 2, "professional")


@pytest.mark.parametrize(
    ("before", "after", "line", "says"),
    [
        ("publisher:", "publisherr:", 1, "publisher"),
        ("cadence: yearly", "cadence: yearly\ncadence: monthly", 7, "duplicate key"),
        ("cadence: yearly", "cadence: often", 6, "cadence"),
        ("decimal: \",\"", 'decimal: "x"', 10, "format.decimal"),
        ("type: number", "type: float", 20, "columns[3].type"),
        ("type: number, may_be_empty", "type: number, may_be_emptied", 20, "columns[3].may_be_emptied"),
        ("keys: [commune]", "keys: [comune]", 21, "keys[0]"),
        ("name: density", "name: headcount", 20, "columns[3].name"),
        ("published: Densité", "published: Code commune", 20, "columns[3]"),
        ("{column: label,", "{column: labels,", 23, "totals[0].column"),
        ("level: commune", "level: village", 24, "territories.level"),
        ("densite-(\\\\d{4})", "densite-\\\\d{4}", 25, "vintage.pattern"),
        ("read_from: file_name", "read_from: column", 25, "vintage"),
        ("target: professional", "target: professionals", 26, "target"),
        ("territory: commune", "territory: town", 28, "transform.territory"),
        ("    practice_mode: liberal\n", "", 28, "practice_mode"),
        ("practice_mode: liberal", "practice_modes: liberal", 28, "practice_modes"),
        ("obs_status: observed", "obs_status: seen", 36, "transform.constants.obs_status"),
        ("constants:", "function: true\n  constants:", 28, "either function"),
    ],
)  # fmt: skip
def test_a_wrong_contract_is_refused_at_its_place(
    tmp_path: Path, before: str, after: str, line: int, says: str
) -> None:
    assert before in CONTRACT
    with pytest.raises(InputError, match=r"densite-exemple\.yml") as refused:
        contract(tmp_path, CONTRACT.replace(before, after))
    assert says in refused.value.expectation
    assert refused.value.line == line


def test_a_file_is_named_after_its_code(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"other\.yml was expected"):
        contract(tmp_path, CONTRACT.replace("code: densite-exemple", "code: other"))


def test_a_function_needs_its_module(tmp_path: Path) -> None:
    declared = CONTRACT[: CONTRACT.index("transform:")] + "transform: {function: true}\n"
    with pytest.raises(InputError, match=r"transforms/densite_exemple\.py was expected"):
        contract(tmp_path, declared)


def test_a_function_says_which_column_it_finds_territories_by(tmp_path: Path) -> None:
    declared = CONTRACT[: CONTRACT.index("transform:")] + "transform: {function: true, territory: town}\n"
    with pytest.raises(InputError, match="'town' found"):
        contract(tmp_path, declared)


def test_contracts_that_no_file_could_tell_apart_are_refused(tmp_path: Path) -> None:
    (tmp_path / "same.yml").write_text(CONTRACT.replace("code: densite-exemple", "code: same"), encoding="utf-8")
    with pytest.raises(InputError, match="tell them apart"):
        contract(tmp_path)


# Recognition


def test_a_file_is_recognised_by_its_header_not_by_its_name(example: Contract) -> None:
    known = {"densite-exemple": example}
    assert recognise_dataset(HEADER.encode(), known) == "densite-exemple"
    assert recognise_dataset(b"\xef\xbb\xbf" + HEADER.encode(), known) == "densite-exemple"
    assert recognise_dataset("Code commune;Nom;Effectif;Densité;;\r\n".encode(), known) == "densite-exemple"
    assert recognise_dataset(HEADER.replace("Densité", "Taux").encode(), known) is None
    assert recognise_dataset(b"", known) is None
    assert recognise_dataset(b"PK\x03\x04\x00\xff\xfe", known) is None


def test_a_header_under_titles_is_found(tmp_path: Path) -> None:
    titled = contract(tmp_path, CONTRACT.replace("footers:", "header_row: 3, footers:"))
    text = "Titre; ;\nRéférentiel\n" + HEADER
    assert recognise_dataset(text.encode(), {"densite-exemple": titled}) == "densite-exemple"
    path = write(tmp_path, text + "33063;Bordeaux;1;2\n")
    assert read_sheet(titled, path, path.name).rows["line"].to_list() == [4]


def test_two_contracts_that_match_alike_are_left_to_a_person(example: Contract) -> None:
    assert recognise_dataset(HEADER.encode(), {"a": example, "b": example}) is None


@pytest.mark.parametrize(("name", "code"), [("Communes.csv", "insee-populations-legales"),
                                            ("effectifs.csv", "cnam-effectifs-densites")])  # fmt: skip
def test_packaged_contracts_recognise_files_of_their_form(name: str, code: str) -> None:
    assert recognise_dataset((SAMPLE / name).read_bytes()) == code


# Reading


def test_numbers_as_french_files_write_them(example: Contract, tmp_path: Path) -> None:
    read = sheet(
        example, tmp_path, "33063;Bordeaux;1 194;1 234,5\n01004;Amb;12\u202f345;0,7\n2A004;Aj;12\u00a0345;+3\n"
    )
    assert read.rows["headcount"].to_list() == [1194, 12345, 12345]
    assert read.rows["density"].to_list() == [1234.5, 0.7, 3.0]
    assert read.rows["commune"].to_list() == ["33063", "01004", "2A004"]


@pytest.mark.parametrize("cell", ["12 34", "1.5", "1,5", "12a", "1 2345", "--1", "1e3", "inf", "nan"])
def test_what_is_no_whole_number_quarantines_its_row(example: Contract, tmp_path: Path, cell: str) -> None:
    read = sheet(example, tmp_path, f"33063;Bordeaux;{cell};1\n01004;Amb;2;1\n")
    assert [(r.line, r.column, r.value, r.expectation) for r in read.refused] == [
        (2, "Effectif", cell, "a whole number was expected")
    ]
    assert read.rows["line"].to_list() == [3]


def test_marks_of_absence_and_of_secrecy(example: Contract, tmp_path: Path) -> None:
    rows = "33063;B;nd;1\n01004;A;N/A - secret statistique;1\n2A004;C;;1\n"
    read = sheet(example, tmp_path, rows)
    assert read.refused == ()
    assert read.rows["headcount"].to_list() == [None, None, None]
    assert read.rows[secret("headcount")].to_list() == [False, True, False]
    frames = delivered(example, tmp_path, rows).frames
    assert dict(frames["professional"].select("territory_key", "conf_status").iter_rows()) == {
        "commune:33063": None,
        "commune:01004": "secret",
        "commune:2A004": None,
    }


def test_a_byte_order_mark_and_windows_lines(example: Contract, tmp_path: Path) -> None:
    path = write(tmp_path, b"\xef\xbb\xbf" + (HEADER + "33063;Été;1;2\n").replace("\n", "\r\n").encode())
    assert read_sheet(example, path, path.name).rows["label"].to_list() == ["Été"]


def test_windows_1252(tmp_path: Path) -> None:
    old = contract(tmp_path, CONTRACT.replace("encoding: utf-8", "encoding: windows-1252"))
    path = write(tmp_path, (HEADER + "33063;Val-d’Oise €;1;2\n").encode("windows-1252"))
    assert read_sheet(old, path, path.name).rows["label"].to_list() == ["Val-d’Oise €"]


def test_utf_8_taken_for_windows_1252_is_noticed(tmp_path: Path) -> None:
    old = contract(tmp_path, CONTRACT.replace("utf-8", "windows-1252").replace("published: Densité", "published: D"))
    path = write(tmp_path, (HEADER.replace("Densité", "D") + "33063;Été;1;2\n33064;Val-d’Oise;1;2\n").encode())
    assert [r.expectation for r in read_sheet(old, path, path.name).refused] == ["another encoding was expected"] * 2


def test_two_encodings_in_one_file_cost_their_lines_only(example: Contract, tmp_path: Path) -> None:
    read = sheet(example, tmp_path, "33063;Été;1;2\n01004;R".encode() + b"\xe9union;1;2\n2A004;Ajaccio;1;2\n")
    assert [(r.line, r.expectation) for r in read.refused] == [(3, "utf-8 was expected")]
    assert read.rows["line"].to_list() == [2, 4]


def test_ragged_rows_phantom_columns_blanks_footers_and_totals(example: Contract, tmp_path: Path) -> None:
    rows = "00000;Ensemble;9;9\n33063;B;1;2;;\n01004;A;1\n2A004;C;1;2;3\n;;;\n\nSource : INSEE\n75101;P;1;2\n"
    read = sheet(example, tmp_path, rows)
    assert [(r.line, r.expectation) for r in read.refused] == [
        (4, "4 cells were expected, 3 found"),
        (5, "4 cells were expected, 5 found"),
    ]
    assert read.rows["line"].to_list() == [3, 9]
    assert (read.lines, read.set_aside) == (8, 4)


def test_lines_are_those_of_the_file_even_with_breaks_inside_cells(example: Contract, tmp_path: Path) -> None:
    read = sheet(example, tmp_path, '33063;"Bor\ndeaux";1;2\n0100;Amb;1;2\n')
    assert [(r.line, r.column, r.value) for r in read.refused] == [(4, "Code", "0100")]


def test_lost_zeros_come_back_where_the_contract_says_so(example: Contract, tmp_path: Path) -> None:
    assert [r.value for r in sheet(example, tmp_path, "1004;Amb;1;2\n").refused] == ["1004"]
    padded = contract(tmp_path / "padded", CONTRACT.replace("name: commune,", "name: commune, pad_to: 5,"))
    assert sheet(padded, tmp_path, "1004;Amb;1;2\n2A004;C;1;2\n").rows["commune"].to_list() == ["01004", "2A004"]


def test_both_rows_of_a_key_given_twice_are_refused(example: Contract, tmp_path: Path) -> None:
    read = sheet(example, tmp_path, "33063;B;1;2\n01004;A;1;2\n33063;B;3;4\n")
    assert [(r.line, r.column, r.value) for r in read.refused] == [(2, "Code", "33063"), (4, "Code", "33063")]


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        ("", 1, "missing column 'Code'"),
        ("Code;Nom;Effectif\n", 1, "missing column 'Densité'"),
        (HEADER.replace("\n", ";Autre\n"), 1, "unknown column 'Autre'"),
        (HEADER.replace("\n", ";Code commune\n"), 1, "each column once"),
        (HEADER + '33063;"Bordeaux;1;2\n', 2, "valid CSV"),
    ],
)
def test_a_file_of_another_form_is_refused_whole(
    example: Contract, tmp_path: Path, content: str, line: int, says: str
) -> None:
    path = write(tmp_path, content)
    with pytest.raises(InputError) as refused:
        published_sheet(example, path, path.name)
    assert says in refused.value.expectation
    assert refused.value.line == line


WIDE = (
    CONTRACT[: CONTRACT.index("format:")]
    + """\
format: {encoding: windows-1252, delimiter: ",", decimal: ".", thousands: space, footers: [Champ, "TRUE"]}
columns:
  - {published: dep_insc, name: departement, type: code, pattern: "0?(\\\\d{2,3}|2[AB]) ?- ?.+"}
  - {published: "2012", name: y2012, type: integer, may_be_empty: true}
  - {published: "2013", name: y2013, type: integer}
keys: [departement]
totals:
  - {column: departement, cells: [Ensemble]}
territories: {level: department}
vintage: {read_from: content, known: [{vintage: "2013", where: {departement: 001 -Ain, y2013: 1 199}}]}
target: professional
transform:
  territory: departement
  unpivot: {column: period, value: headcount, cells: {y2012: "2012", y2013: "2013"}}
  constants:
    profession_key: infirmiers
    practice_mode: ensemble
    location_basis: inscription
    sex: T
    counted_unit: personne
    obs_status: observed
    is_aggregate: false
"""
)


def test_a_wide_table_of_years_with_labels_for_codes(tmp_path: Path) -> None:
    """The form of the DREES's exports: a total first, codes inside labels, a footnote in another encoding, TRUE."""
    wide = contract(tmp_path / "contracts", WIDE)
    rows = (
        "dep_insc,2012,2013\n Ensemble,215 930,217 598\n001 -Ain,1 194,1 199\n02A-Corse-du-Sud,,1\n974 -Réunion,2,3\n"
    )
    footer = '"Champ : données","",""\nTRUE,TRUE,TRUE\n'
    path = write(tmp_path, rows.encode("windows-1252") + footer.encode())
    known = Known(frozenset({"department:01", "department:2A", "department:974"}), KNOWN.professions)
    read = read_delivery(wide, path, path.name, "0" * 64, known=known)
    assert (read.vintage, read.account.set_aside, read.account.loaded, read.refused) == ("2013", 3, 3, ())
    facts = read.frames["professional"].select("territory_key", "period", "headcount").rows()
    assert sorted(facts, key=str) == [
        ("department:01", "2012", 1194.0),
        ("department:01", "2013", 1199.0),
        ("department:2A", "2012", None),
        ("department:2A", "2013", 1.0),
        ("department:974", "2012", 2.0),
        ("department:974", "2013", 3.0),
    ]


# Rows of bronze, vintages, the account


def test_rows_reach_their_table_and_every_line_is_accounted_for(example: Contract, tmp_path: Path) -> None:
    rows = "33063;B;1;2,5\n75101;P;2;3\n90000;X;1;1\nSource : x\n"
    many = Known(KNOWN.territories | {f"commune:{n:05}" for n in range(10_000, 10_040)}, KNOWN.professions)
    path = write(tmp_path, HEADER + rows + "".join(f"{n};Y;1;1\n" for n in range(10_000, 10_040)))
    read = read_delivery(example, path, path.name, "0" * 64, known=many)
    assert [(r["file"], r["lines"], r["column"], r["keys"]) for r in read.rejections] == [
        ("densite-2023.csv", [4], "Code", ["90000"])
    ]
    account = read.account
    assert (account.lines, account.loaded, account.quarantined, account.set_aside) == (44, 42, 1, 1)
    table = read.frames["professional"]
    assert table.row(1, named=True) == {
        "dataset_key": "densite-exemple@2023",
        "territory_key": "municipal_arrondissement:75101",
        "period": "2023",
        "profession_key": "infirmiers",
        "practice_mode": "liberal",
        "location_basis": "cabinet",
        "sex": "T",
        "age_from": None,
        "age_to": None,
        "counted_unit": "personne",
        "headcount": 2.0,
        "density": 3.0,
        "density_per": None,
        "density_population": None,
        "obs_status": "observed",
        "conf_status": None,
        "is_aggregate": False,
    }
    described = read.frames["dataset"].row(0, named=True)
    assert (described["dataset_key"], described["territory_vintage"]) == ("densite-exemple@2023", "2025")
    assert described["covered_territories"] == table.height == 42


def test_too_much_to_quarantine_is_another_file(example: Contract, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"1 of 3 rows cannot be taken.*'99999' found in Code"):
        delivered(example, tmp_path, "33063;B;1;2\n01004;A;1;2\n99999;X;1;2\n")


def test_half_a_file_is_refused(example: Contract, tmp_path: Path) -> None:
    whole = example.model_copy(update={"at_least": 3})
    with pytest.raises(InputError, match="at least 3 rows were expected, 2 found"):
        delivered(whole, tmp_path, "33063;B;1;2\n01004;A;1;2\nSource : x\n")


def test_a_vintage_is_read_where_the_contract_says(tmp_path: Path) -> None:
    declared = "vintage: {read_from: column, column: label, pattern: '(\\d{4})'}"
    told = CONTRACT[CONTRACT.index("vintage: {") : CONTRACT.index("\ntarget:")]
    by_column = contract(tmp_path / "column", CONTRACT.replace(told, declared))
    assert delivered(by_column, tmp_path, "33063;an 2019;1;2\n01004;an 2022;1;2\n").vintage == "2022"
    known = "vintage: {read_from: content, known: [{vintage: '2017', where: {commune: '33063', headcount: 1 194}}]}"
    by_content = contract(tmp_path / "content", CONTRACT.replace(told, known))
    assert delivered(by_content, tmp_path, "33063;B;1 194;2\n").vintage == "2017"
    with pytest.raises(InputError, match=r"--as densite-exemple@VINTAGE"):
        delivered(by_content, tmp_path, "33063;B;1 195;2\n")


def test_a_vintage_may_be_told_by_a_person(example: Contract, tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + "33063;B;1;2\n", "download.csv")
    published, read = published_sheet(example, path, path.name), read_sheet(example, path, path.name)
    with pytest.raises(InputError, match="file name"):
        read_vintage(example, path.name, published, read)
    assert read_delivery(example, path, path.name, "0" * 64, vintage="2021", known=KNOWN).dataset_key.endswith("@2021")


codes = st.from_regex(r"(?:\d{2}|2[AB])\d{3}", fullmatch=True, alphabet=string.digits + "AB")
labels = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=12).map(str.strip)
numbers = st.none() | st.integers(min_value=0, max_value=10**9)
decimals = st.none() | st.decimals(min_value=0, max_value=10**6, places=2).map(float)


def printed(value: float | None) -> str:
    """A number as French files print it."""
    return "" if value is None else f"{value:,}".replace(",", " ").replace(".", ",")


@settings(deadline=None, max_examples=50)  # the first example pays for the imports
@given(rows=st.dictionaries(codes, st.tuples(labels, numbers, decimals), max_size=8))
def test_what_was_written_is_read_again(rows: dict[str, tuple[str, int | None, float | None]]) -> None:
    import csv
    import tempfile

    example = Contract.model_validate(YAML(typ="safe", pure=True).load(CONTRACT))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "densite-2023.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, delimiter=";")
            writer.writerow(["Code", "Nom", "Effectif", "Densité"])
            writer.writerows([code, label, printed(n), printed(d)] for code, (label, n, d) in rows.items())
        read = read_sheet(example, path, path.name)
    kept = {code: row for code, row in rows.items() if row[0] != "Ensemble"}
    assert read.refused == ()
    found = read.rows.select("commune", "label", "headcount", "density").iter_rows()
    assert {code: (label or "", n, d) for code, label, n, d in found} == kept


# Collecting


def test_what_a_person_declares_is_remembered_beside_the_bytes(tmp_path: Path) -> None:
    home, sha256 = Home(tmp_path).create(), "a" * 64
    (home.archive / "aa").mkdir()
    assert declared(home, sha256) is None
    collecting.declare(home, sha256, "insee-populations-legales@2018")
    assert declared(home, sha256) == "insee-populations-legales@2018"
    with pytest.raises(UsageError, match="No dataset is called 'nothing'"):
        collecting.declare(home, sha256, "nothing")


# The published files themselves

INSEE = "insee-populations-legales-2017/Communes.csv"
CNAM = "cnam-demographie-effectifs-densites-2024/toutes_specialites_departement.csv"


def real(documents: Path, name: str) -> Delivery:
    path = documents / "opendata" / name
    code = recognise_dataset(path.read_bytes())
    assert code is not None
    return read_delivery(load_contracts()[code], path, path.name, "0" * 64)


def test_legal_populations_as_published(documents: Path) -> None:
    """66,524,339 is the sum of the departments' file of the same set; six communes had gone by the COG of 2026."""
    import polars as pl

    read = real(documents, INSEE)
    assert read.dataset_key == "insee-populations-legales@2017"
    assert (read.account.lines, read.account.loaded, read.refused) == (34_995, 34_995, ())
    keys = set(read.frames["population"]["territory_key"])
    assert {f"commune:{code}" for code in ("16351", "21213", "21507", "45287", "53239", "53274")} <= keys
    totals = dict(read.frames["population"].group_by("population_kind").agg(pl.col("population").sum()).iter_rows())
    assert totals["municipale"] == 66_524_339
    assert totals["municipale"] + totals["comptee_a_part"] == totals["totale"]
    assert read.frames["population"].height == 3 * read.account.loaded


def test_professionals_by_department_as_published(documents: Path) -> None:
    import polars as pl

    read = real(documents, CNAM)
    assert read.dataset_key == "cnam-effectifs-densites@2024"
    assert (read.account.lines, read.account.loaded, read.refused) == (4_560, 4_560, ())
    table = read.frames["professional"]
    gironde = table.filter(pl.col("territory_key") == "department:33")
    assert gironde.height == 38
    assert gironde.filter(pl.col("profession_key") == "cnam-medecins-generalistes")["headcount"].to_list() == [1845.0]
    france = table.filter((pl.col("territory_key") == "country:FR") & (pl.col("profession_key") == "cnam-infirmiers"))
    departments = table.filter(
        pl.col("territory_key").str.starts_with("department:") & (pl.col("profession_key") == "cnam-infirmiers")
    )
    assert departments.height == 101
    assert departments["headcount"].sum() == france["headcount"].item()
    assert table.filter(~pl.col("is_aggregate"))["territory_key"].str.starts_with("department:").all()


def test_every_packaged_contract_says_where_its_data_come_from() -> None:
    assert {file.stem for file in CONTRACTS.glob("*.yml")} == set(load_contracts())
    assert all(contract.licence and contract.landing_page for contract in load_contracts().values())


def test_a_vintage_may_be_known_by_the_bytes_and_may_be_a_day(tmp_path: Path) -> None:
    content = (HEADER + "33063;B;1;2\n").encode()
    sha256 = hashlib.sha256(content).hexdigest()
    by_bytes = f'vintage: {{read_from: bytes, files: {{{sha256}: "20230105"}}}}'
    text = CONTRACT.replace("reference_day: 01-01\n", "").replace(
        'vintage: {read_from: file_name, pattern: "densite-(\\\\d{4})"}', by_bytes
    )
    known = contract(tmp_path / "contracts", text)
    path = write(tmp_path, content, "download.csv")
    read = read_delivery(known, path, path.name, sha256, known=KNOWN)
    described = read.frames["dataset"].row(0, named=True)
    assert (read.vintage, described["reference_date"]) == ("2023-01-05", date(2023, 1, 5))
    assert described["territory_vintage"] == "2025"
    with pytest.raises(InputError, match="vintage was expected in the bytes"):
        read_delivery(known, path, path.name, "0" * 64, known=KNOWN)


def test_an_account_that_does_not_add_up_is_our_fault() -> None:
    Account(lines=3, loaded=1, quarantined=1, set_aside=1, rows=5)
    with pytest.raises(BarometreError, match="lost in silence"):
        Account(lines=4, loaded=1, quarantined=1, set_aside=1, rows=5)
