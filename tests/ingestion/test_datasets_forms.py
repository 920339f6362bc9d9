"""What published text files do besides having a header over their data: each oddity is declared, and accounted for."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from ingestion.datasets.contract_model import Contract, folded
from ingestion.datasets.contracts import load_contracts
from ingestion.datasets.delivery import Delivery, read_delivery
from ingestion.datasets.grids import SHEET_LINES, headings_of, place, placed
from ingestion.datasets.reading import Refused, Sheet, read_sheet
from ingestion.datasets.recognition import recognise_dataset
from ingestion.datasets.records import TooLarge, open_limited
from ingestion.datasets.shaping import Known
from warehouse.errors import InputError

CODE = "exemple"
BASE = """\
code: exemple
title: Exemple
publisher: Exemple
licence: Licence Ouverte 2.0
landing_page: https://example.org/exemple
cadence: yearly
file_pattern: exemple-*.csv
definition_version: "1"
"""
CONSTANTS = "{unit: count, label_fr: Libellé, local_indicator_code: nombre, obs_status: observed, is_aggregate: false}"
TAIL = f"""\
territories: {{level: department}}
vintage: {{read_from: constant, value: "2024"}}
target: local_indicator
transform:
  territory: departement
  period: vintage
  constants: {CONSTANTS}
"""
DEPARTMENT = '{published: dep, name: departement, type: code, pattern: "\\\\d{2}|2[AB]"}'
VALUE = "{published: n, name: value, type: number}"
KNOWN = Known(
    frozenset({"department:01", "department:02", "department:2A", "region:75", "former_region:72"}), frozenset()
)


def contract(folder: Path, text: str, code: str = CODE) -> Contract:
    folder.mkdir(exist_ok=True)
    (folder / f"{code}.yml").write_text(text, encoding="utf-8")
    return load_contracts.__wrapped__(folder)[code]


def declared(
    folder: Path,
    *columns: str,
    form: str = 'encoding: utf-8, delimiter: ";", decimal: "."',
    more: str = "keys: [departement]\n",
    tail: str = TAIL,
) -> Contract:
    listed = "".join(f"  - {column}\n" for column in columns)
    return contract(folder / "contracts", f"{BASE}format: {{{form}}}\ncolumns:\n{listed}{more}{tail}")


def delivered(
    contract: Contract, folder: Path, content: str | bytes, name: str = "exemple-2024.csv", known: Known = KNOWN
) -> Delivery:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_delivery(contract, path, name, "0" * 64, known=known)


def facts(read: Delivery, *columns: str) -> list[Any]:
    (table,) = set(read.frames) - {"dataset"}
    return sorted(read.frames[table].select(*columns).rows(), key=str)


def sheet(contract: Contract, folder: Path, content: str) -> Sheet:
    path = folder / "exemple-2024.csv"
    path.write_text(content, encoding="utf-8")
    return read_sheet(contract, path, path.name)


# Lines and headers


def test_a_header_over_several_lines_with_line_breaks_and_a_column_without_heading(tmp_path: Path) -> None:
    """The form of INSEE's Pop_departement_2020.csv: 657,0 thousand people under a heading of five lines."""
    form = 'encoding: windows-1252, delimiter: ";", decimal: ",", thousands: space, header_row: 3, footers: ["1. "]'
    wide = declared(
        tmp_path,
        '{position: 1, name: departement, type: code, pattern: "(\\\\d{2}|2[AB]) .+"}',
        '{published: "Estimation de population en milliers", name: value, type: integer, scale: 1000, '
        "null_marks: [nd], may_be_empty: true}",
        form=form,
        more='ignored_like: "Variation .*"\nkeys: [departement]\n',
    )
    text = (
        'Population;;;\n;;;\n;"Estimation\nde population\nen milliers";"Variation\n20/12";;;\n01 Ain;657,0;0,9;;;\n'
        "2A Corse-du-Sud;1 079,4;1,4;;;\n02 Aisne;nd;-0,3;;;\n1. Provisoire.;;;;;\n"
    )
    read = delivered(wide, tmp_path, text.encode("windows-1252"))
    assert facts(read, "territory_key", "value") == [
        ("department:01", 657000.0),
        ("department:02", None),
        ("department:2A", 1079400.0),
    ]
    assert (read.account.lines, read.account.loaded, read.account.set_aside) == (4, 3, 1)


def test_two_header_rows_are_one(tmp_path: Path) -> None:
    two = declared(
        tmp_path,
        DEPARTMENT,
        '{published: "Hommes | 2023", name: m, type: number}',
        '{published: "Hommes | 2024", name: value, type: number}',
        form='encoding: utf-8, delimiter: ";", decimal: ".", header_rows: [1, 2]',
    )
    read = delivered(two, tmp_path, ";Hommes;\ndep;2023;2024\n01;1;2\n")
    assert facts(read, "value") == [(2.0,)]


@given(
    upper=st.lists(st.sampled_from(["", "Hommes", "Femmes"]), max_size=6),
    lower=st.lists(st.text("ab \n", max_size=3), max_size=6),
)
def test_headings_are_as_many_as_the_columns_that_have_any(upper: list[str], lower: list[str]) -> None:
    made = headings_of([upper, lower])
    filled = max((n for row in (upper, lower) for n, cell in enumerate(row, start=1) if cell.strip()), default=0)
    assert len(made) == filled
    for n, cell in enumerate(lower[:filled]):
        assert made[n].endswith(folded(cell))


def test_a_file_without_header_has_sections_and_positions(tmp_path: Path) -> None:
    """The form of the FINESS flow of before 2026: two sections, quotation marks that are nothing, a cell too many."""
    flow = declared(
        tmp_path,
        '{name: departement, position: 3, type: code, pattern: "\\\\d{2}"}',
        "{name: label, position: 2, type: text}",
        "{name: value, position: 4, type: number}",
        form='encoding: utf-8, delimiter: ";", decimal: ".", header: none, quotes: false, '
        'marker: "^finess;etalab;", section: {position: 1, equals: structureet}, data_row: 2',
    )
    text = (
        'finess;etalab;94;2022-01-01\nstructureet;CH "LE BOURG;01;12;\nstructureet;CH;02;3\ngeolocalisation;x;y\n'
        "structureet;CH;2A\n"
    )
    assert recognise_dataset(text.encode(), {CODE: flow}) == CODE
    assert recognise_dataset(text.replace("etalab", "autre").encode(), {CODE: flow}) is None
    read_lines = sheet(flow, tmp_path, text)
    assert read_lines.rows.rows() == [(2, "01", 'CH "LE BOURG', 12.0), (3, "02", "CH", 3.0)]
    assert (read_lines.lines, read_lines.set_aside) == (4, 1)
    assert [(r.line, r.expectation) for r in read_lines.refused] == [(5, "4 cells were expected, 3 found")]


def test_a_file_without_header_may_have_more_cells_than_columns_of_ours(tmp_path: Path) -> None:
    form = 'encoding: utf-8, delimiter: ";", decimal: ".", header: none, marker: "^a;", width: 4'
    columns = ("{name: departement, position: 2, type: code}", "{name: value, position: 3, type: number}")
    wide = declared(tmp_path, *columns, form=form)
    read = sheet(wide, tmp_path, "a;01;1;x\na;02;2\na;2A;3;x;y\n")
    assert read.rows.rows() == [(1, "01", 1.0)]
    assert [(r.line, r.expectation) for r in read.refused] == [
        (2, "4 cells were expected, 3 found"),
        (3, "4 cells were expected, 5 found"),
    ]
    assert recognise_dataset(b"a;01;1;x\na;", {CODE: wide}) == CODE
    assert recognise_dataset(b"a;01;1\na;02;2\n", {CODE: wide}) is None


def test_a_header_that_is_not_over_its_data(tmp_path: Path) -> None:
    """The form of finess_materiels_lourds.txt: the first cell of every row is lost, an empty one ends it."""
    shifted = declared(
        tmp_path,
        '{published: dep, position: 1, name: departement, type: code, pattern: "\\\\d{2}"}',
        "{published: n, position: 2, name: value, type: number}",
        form='encoding: utf-8, delimiter: ";", decimal: ".", header: misplaced',
        more="ignored_columns: [lost]\nkeys: [departement]\n",
    )
    text = "lost;dep;n\n01;5;\n02;6;\n"
    assert recognise_dataset(text.encode(), {CODE: shifted}) == CODE
    assert facts(delivered(shifted, tmp_path, text), "territory_key", "value") == [
        ("department:01", 5.0),
        ("department:02", 6.0),
    ]


def test_lines_may_be_short_where_the_contract_says(tmp_path: Path) -> None:
    columns = (DEPARTMENT, VALUE, "{published: note, name: note, type: text, may_be_empty: true}")
    strict = declared(tmp_path, *columns)
    text = "dep;n;note\n01;5\n"
    assert [r.expectation for r in sheet(strict, tmp_path, text).refused] == ["3 cells were expected, 2 found"]
    lenient = declared(tmp_path, *columns, form='encoding: utf-8, delimiter: ";", decimal: ".", short_lines: true')
    assert sheet(lenient, tmp_path, text).rows.rows() == [(2, "01", 5.0, None)]


def test_lines_of_a_second_encoding_are_read_and_counted(tmp_path: Path) -> None:
    """The form of the DREES's exports: rows in Windows-1252, a footnote in UTF-8."""
    mixed = declared(
        tmp_path,
        '{published: dep, name: departement, type: code, values: {Corrèze: "01", Réunion: "02", "Val-d’Oise": "2A"}}',
        VALUE,
        form='encoding: utf-8, fallback_encoding: windows-1252, delimiter: ";", decimal: "."',
    )
    content = b"dep;n\n" + "Corrèze;1\nVal-d’Oise;2\n".encode("windows-1252") + "Réunion;3\n".encode()
    read = delivered(mixed, tmp_path, content)
    assert facts(read, "territory_key") == [("department:01",), ("department:02",), ("department:2A",)]
    assert (read.account.fallback_lines, read.refused) == (2, ())


# Columns


def test_a_heading_carries_a_year(tmp_path: Path) -> None:
    yearly = declared(
        tmp_path,
        DEPARTMENT,
        '{published_like: "Population totale (\\\\d{4})", name: value, type: number}',
        '{published: "@heading:value", name: period_of_population, type: code}',
        '{published: "@file", name: file, type: code, pattern: "exemple-(\\\\d+).csv"}',
        '{published: "@line", name: at, type: integer}',
        tail=TAIL.replace("period: vintage", "period: period_of_population").replace(
            'read_from: constant, value: "2024"', 'read_from: heading, pattern: "totale (\\\\d{4})"'
        ),
    )
    text = "dep;Population  totale 2021\n01;5\n"
    assert recognise_dataset(text.encode(), {CODE: yearly}) == CODE
    assert sheet(yearly, tmp_path, text).rows.rows() == [(2, "01", 5.0, "2021", "2024", 2)]
    read = delivered(yearly, tmp_path, text)
    assert (read.vintage, facts(read, "period", "value")) == ("2021", [("2021", 5.0)])
    with pytest.raises(InputError, match="each column once"):
        delivered(yearly, tmp_path, "dep;Population totale 2021;Population totale 2022\n01;5;6\n")


def test_a_family_of_years_becomes_rows(tmp_path: Path) -> None:
    years = declared(
        tmp_path,
        DEPARTMENT,
        '{published_like: "(?P<period>20\\\\d\\\\d)", family: true, name: n, type: number, secrecy_marks: [ND]}',
        tail=TAIL.replace("  period: vintage\n", "") + "  unpivot: {value: value, skip_empty: true, cells: {n: {}}}\n",
    )
    read = delivered(years, tmp_path, "dep;2012;2013\n01;5;6\n02;ND;7\n")
    assert facts(read, "territory_key", "period", "value", "conf_status") == [
        ("department:01", "2012", 5.0, None),
        ("department:01", "2013", 6.0, None),
        ("department:02", "2012", None, "secret"),
        ("department:02", "2013", 7.0, None),
    ]


def test_columns_of_different_meaning_become_rows_that_say_it(tmp_path: Path) -> None:
    """The form of CartoSanté: every column an indicator, its year at the end of its heading."""
    both = declared(
        tmp_path,
        DEPARTMENT,
        '{published_like: "(?P<label_fr>Densité .+) (?P<period>\\\\d{4})", name: density, type: number}',
        '{published_like: "(?P<label_fr>Part .+) (?P<period>\\\\d{4})", name: share, type: number, decimal: ","}',
        tail=TAIL.replace("  period: vintage\n", "").replace(CONSTANTS, "{obs_status: observed, is_aggregate: false}")
        + "  unpivot:\n    value: value\n    cells:\n"
        "      density: {local_indicator_code: mg, unit: per_10000}\n"
        "      share: {local_indicator_code: ald, unit: percent}\n",
    )
    read = delivered(both, tmp_path, "dep;Densité de généralistes 2024;Part des ALD 2023\n01;9.5;13,7\n")
    assert facts(read, "local_indicator_code", "label_fr", "period", "value", "unit") == [
        ("ald", "Part des ALD", "2023", 13.7, "percent"),
        ("mg", "Densité de généralistes", "2024", 9.5, "per_10000"),
    ]


def test_dates_that_mean_unknown_and_flags(tmp_path: Path) -> None:
    dated = contract(
        tmp_path / "contracts",
        BASE
        + """\
format: {encoding: utf-8, delimiter: ";", decimal: "."}
columns:
  - {published: numero, name: authorisation_key, type: code}
  - {published: ouvert, name: is_open, type: flag, values: {oui: "true", non: "false"}}
  - published: date
    name: authorised_on
    type: date
    formats: ["%Y-%m-%d", "%d/%m/%Y"]
    placeholders: ["1904-04-04", "01/01/1900"]
keys: [authorisation_key]
territories: {level: country, code: FR}
vintage: {read_from: file_name, pattern: "(\\\\d{4})"}
target: authorisation
transform:
  period: vintage
  constants: {kind: activity, activity_code: "03", activity: Réanimation, obs_status: observed, is_aggregate: false}
""",
    )
    known = Known(frozenset({"country:FR"}), frozenset())
    text = "numero;ouvert;date\na;oui;2020-02-29\nb;non;31/12/1999\nc;oui;1904-04-04\n"
    many = text + "".join(f"n{n};oui;2020-01-01\n" for n in range(30)) + "d;oui;2021-02-29\n"
    read = delivered(dated, tmp_path, many, known=known)
    rows = read.frames["authorisation"]
    assert [str(day) for day in rows["authorised_on"].head(3)] == ["2020-02-29", "1999-12-31", "None"]
    assert rows["is_placeholder_date"].head(3).to_list() == [False, False, True]
    assert rows["territory_key"].unique().to_list() == ["country:FR"]
    assert [(r.line, r.value) for r in read.refused] == [(35, "2021-02-29")]
    flags = sheet(dated, tmp_path, text)
    assert flags.rows["is_open"].to_list() == [True, False, True]


def test_codes_that_were_read_as_numbers(tmp_path: Path) -> None:
    floats = declared(
        tmp_path,
        '{published: dep, name: departement, type: code, unfloat: true, pad_to: 2, pattern: "\\\\d{2}|2[AB]"}',
        "{published: n, name: value, type: integer, unfloat: true}",
    )
    read = sheet(floats, tmp_path, "dep;n\n1.0;3.0\n2A;4\n02;4.5\n")
    assert read.rows.rows() == [(2, "01", 3), (3, "2A", 4)]
    assert [(r.line, r.column, r.value) for r in read.refused] == [(4, "n", "4.5")]


@given(st.integers(min_value=0, max_value=10**10))
def test_a_scale_multiplies_decimals_without_noise(tenths: int) -> None:
    text = f"{tenths // 10},{tenths % 10}"
    column = '{"published": "n", "name": "value", "type": "integer", "decimal": ",", "scale": 1000}'
    code = '{"published": "dep", "name": "departement", "type": "code"}'
    form = {"encoding": "utf-8", "delimiter": ";", "decimal": "."}
    document = YAML(typ="safe", pure=True).load(BASE + "keys: [departement]\n" + TAIL)
    scaled = Contract.model_validate({**document, "format": form, "columns": [json.loads(code), json.loads(column)]})
    from ingestion.datasets.cells import typed
    from ingestion.datasets.layout import Member

    members = tuple(Member(c.name, c, c.label) for c in scaled.columns)
    published = Sheet(pl.DataFrame({"line": [2], "departement": ["01"], "value": [text]}), 1, 0, members=members)
    assert typed(scaled, published).rows["value"].to_list() == [tenths * 100]


# Territories


def test_a_level_a_row_and_regions_of_then(tmp_path: Path) -> None:
    mixed = declared(
        tmp_path,
        "{published: dep, name: departement, type: code}",
        "{published: niveau, name: level, type: code, values: {r: region, d: department}}",
        VALUE,
        tail=TAIL.replace("{level: department}", "{level_from: level}"),
    )
    read = delivered(mixed, tmp_path, "dep;niveau;n\n01;d;1\n75;r;2\n72;r;3\n")
    assert facts(read, "territory_key") == [("department:01",), ("former_region:72",), ("region:75",)]


def test_territories_by_name(tmp_path: Path) -> None:
    named = declared(
        tmp_path,
        "{published: dep, name: departement, type: text}",
        VALUE,
        tail=TAIL.replace("{level: department}", "{level: region, by: name}"),
    )
    many = Known(KNOWN.territories | {"region:93", "region:53"}, frozenset())
    text = "dep;n\nNouvelle Aquitaine;1\nAQUITAINE;2\nProvence-Alpes-Côte dAzur;3\nBretagne;4\n"
    assert facts(delivered(named, tmp_path, text, known=many), "territory_key", "value") == [
        ("former_region:72", 2.0),
        ("region:53", 4.0),
        ("region:75", 1.0),
        ("region:93", 3.0),
    ]
    with pytest.raises(InputError, match="'Atlantide' found in dep"):
        delivered(named, tmp_path, text + "Atlantide;1\n", known=many)


# Recognition and vintages


def test_of_two_datasets_alike_the_name_of_the_file_decides(tmp_path: Path) -> None:
    text = BASE + 'format: {encoding: utf-8, delimiter: ";", decimal: "."}\n'
    text += f"columns:\n  - {DEPARTMENT}\n  - {VALUE}\nkeys: [departement]\n{TAIL}"
    one = contract(tmp_path, text)
    other = contract(tmp_path, text.replace("exemple-*", "autre-*").replace("code: exemple", "code: autre"), "autre")
    both = {"exemple": one, "autre": other}
    assert recognise_dataset(b"dep;n\n", both, name="autre-1.csv") == "autre"
    assert recognise_dataset(b"dep;n\n", both, name="exemple-1.csv") == "exemple"
    assert recognise_dataset(b"dep;n\n", both, name="download.csv") is None
    assert recognise_dataset(b"dep;n\n", both) is None


def test_a_dataset_that_knows_every_heading_comes_before_one_that_knows_some(tmp_path: Path) -> None:
    text = BASE + 'format: {encoding: utf-8, delimiter: ";", decimal: "."}\n'
    few = contract(tmp_path, text + f"columns:\n  - {DEPARTMENT}\n  - {VALUE}\nkeys: [departement]\n{TAIL}")
    many = few.model_copy(update={"code": "autre", "ignored_columns": ("label", "note")})
    both = {"exemple": few, "autre": many}
    assert recognise_dataset(b"dep;n;label\n", both) == "autre"
    assert recognise_dataset(b"dep;n;new\n", {"exemple": few}) == "exemple"
    assert recognise_dataset(b"dep;n;new;other\n", {"exemple": few}) is None


def test_a_vintage_in_the_title(tmp_path: Path) -> None:
    titled = declared(
        tmp_path,
        DEPARTMENT,
        VALUE,
        form='encoding: utf-8, delimiter: ";", decimal: ".", header_row: 3',
        tail=TAIL.replace('read_from: constant, value: "2024"', 'read_from: title, pattern: "au 01/01/(\\\\d{4})"'),
    )
    assert delivered(titled, tmp_path, "Grille\nGéographie au 01/01/2025\ndep;n\n01;2\n").vintage == "2025"


# Functions and records


@pytest.fixture
def module(tmp_path: Path) -> Iterator[ModuleType]:
    """The module of the dataset ``exemple``: a file for the contract's check, and what is run."""
    (tmp_path / "contracts" / "transforms").mkdir(parents=True)
    (tmp_path / "contracts" / "transforms" / "exemple.py").touch()
    made = ModuleType("exemple")
    sys.modules["ingestion.datasets.transforms.exemple"] = made
    yield made
    del sys.modules["ingestion.datasets.transforms.exemple"]


TWO_TABLES = TAIL[: TAIL.index("target:")] + "targets: [population, local_indicator]\ntransform: {function: true}\n"


def test_a_file_of_two_tables_is_accounted_for_by_line(tmp_path: Path, module: ModuleType) -> None:
    def transform(rows: pl.DataFrame, vintage: str) -> dict[str, pl.DataFrame]:
        keyed = rows.with_columns(
            territory_key="department:" + pl.col("departement"),
            period=pl.lit(vintage),
            obs_status=pl.lit("observed"),
            is_aggregate=pl.lit(False),
        )
        people = keyed.with_columns(population="value", population_kind=pl.lit("municipale"), sex=pl.lit("T"))
        doctors = keyed.filter(pl.col("departement") != "02").with_columns(
            local_indicator_code=pl.lit("mg"), label_fr=pl.lit("Médecins"), unit=pl.lit("count")
        )
        return {"population": people, "local_indicator": doctors}

    module.transform = transform
    both = declared(tmp_path, DEPARTMENT, VALUE, tail=TWO_TABLES)
    many = "".join(f"{n};{n}\n" for n in range(30, 60))
    known = Known(KNOWN.territories | {f"department:{n}" for n in range(30, 60)}, frozenset())
    read = delivered(both, tmp_path, f"dep;n\n01;1\n02;2\n99;3\n{many}", known=known)
    assert (read.frames["population"].height, read.frames["local_indicator"].height) == (32, 31)
    assert (read.account.lines, read.account.loaded, read.account.quarantined) == (33, 32, 1)
    assert read.account.rows == 63
    assert {refused.line for refused in read.refused} == {4}


RECORDS = 'kind: records, marker: "\\"resourceType\\": ?\\"Organization\\""'


def organisations(path: Path) -> Iterator[tuple[int, dict[str, str | None] | str]]:
    with open_limited(path) as stream:
        for number, line in enumerate(stream, start=1):
            said = json.loads(line)
            yield number, {"dep": said["id"], "n": said["n"]} if "id" in said else "an id was expected"


def test_records_are_read_by_their_module(tmp_path: Path, module: ModuleType) -> None:
    module.records = organisations
    lines = [{"resourceType": "Organization", "id": f"{n:02}", "n": f"{n}.5"} for n in range(1, 40)]
    content = "\n".join(map(json.dumps, [*lines, {"resourceType": "Location"}]))
    packed = gzip.compress(content.encode())
    each = declared(tmp_path, DEPARTMENT, VALUE, form=RECORDS)
    assert recognise_dataset(packed, {CODE: each}) == recognise_dataset(content.encode(), {CODE: each}) == CODE
    assert recognise_dataset(b'{"resourceType": "Location"}', {CODE: each}) is None
    known = Known(frozenset(f"department:{n:02}" for n in range(1, 40)), frozenset())
    read = delivered(each, tmp_path, packed, "exemple.ndjson.gz", known)
    assert (read.account.lines, read.account.loaded, read.account.quarantined) == (40, 39, 1)
    assert read.refused == (Refused(40, None, None, "an id was expected"),)
    assert facts(read, "value")[0] == (1.5,)


@pytest.mark.parametrize("spoil", [lambda packed: packed[:-20], lambda packed: packed[:60] + b"\0" * 20 + packed[80:]])
def test_records_that_are_cut_short_or_damaged_are_refused(tmp_path: Path, module: ModuleType, spoil: Any) -> None:
    module.records = organisations
    lines = "\n".join(json.dumps({"resourceType": "Organization", "id": f"{n:02}", "n": "1"}) for n in range(1, 40))
    each = declared(tmp_path, DEPARTMENT, VALUE, form=RECORDS)
    with pytest.raises(InputError, match="a whole file of its form was expected"):
        delivered(each, tmp_path, spoil(gzip.compress(lines.encode())), "exemple.ndjson.gz")


def test_a_record_with_an_unknown_cell_is_another_file(tmp_path: Path, module: ModuleType) -> None:
    module.records = lambda _path: iter([(1, {"dep": "01", "n": "1", "autre": "x"})])
    each = declared(tmp_path, DEPARTMENT, VALUE, form=RECORDS)
    with pytest.raises(InputError, match="unknown column 'autre'"):
        delivered(each, tmp_path, "{}")


def test_a_file_that_unpacks_to_too_much_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(b"0" * 1_000_000))
    with open_limited(tmp_path / "bomb.gz", 1_000_000) as stream:
        assert len(stream.read()) == 1_000_000
    with open_limited(tmp_path / "bomb.gz", 999_999) as stream, pytest.raises(TooLarge):
        stream.read()


# Contracts


@pytest.mark.parametrize(
    ("columns", "form", "says"),
    [
        ((DEPARTMENT, "{name: value, type: number}"), None, "the position of a column without a heading"),
        ((DEPARTMENT, "{published: n, published_like: m, name: value, type: number}"), None, "not both"),
        ((DEPARTMENT, "{published: n, family: true, name: value, type: number}"), None, "published_like was expected"),
        ((DEPARTMENT, '{published: "@page", name: value, type: number}'), None, "@sheet"),
        ((DEPARTMENT, '{published: "@heading:x", name: value, type: number}'), None, "@heading:departement"),
        ((DEPARTMENT, '{published_like: "(", name: value, type: number}'), None, "no regular expression"),
        ((DEPARTMENT, "{published: n, name: value, type: flag, values: {oui: vrai}}"), None, "true and false"),
        ((DEPARTMENT, '{published_like: "n(?P<x>.)", family: true, name: value, type: number}'), None, "unpivot"),
        ((DEPARTMENT, VALUE), "encoding: utf-8", "delimiter was expected"),
        ((DEPARTMENT, VALUE), "kind: spreadsheet", "sheets was expected"),
        ((DEPARTMENT, VALUE), "kind: records", "marker was expected"),
        ((DEPARTMENT, VALUE), "kind: records, marker: x", "transforms/exemple.py was expected"),
        ((DEPARTMENT, VALUE), 'kind: spreadsheet, sheets: ".*", header: none', "section or marker"),
        ((DEPARTMENT, VALUE), 'kind: spreadsheet, sheets: ".*", header: misplaced', "position was expected"),
        ((DEPARTMENT, VALUE), 'kind: spreadsheet, sheets: ".*", header_row: 1, header_rows: [1]', "not both"),
        ((DEPARTMENT, VALUE), 'kind: spreadsheet, sheets: ".*", width: 4', "header: none was expected"),
    ],
)
def test_a_wrong_form_is_refused(tmp_path: Path, columns: tuple[str, ...], form: str | None, says: str) -> None:
    with pytest.raises(InputError) as refused:
        declared(tmp_path, *columns, **({} if form is None else {"form": form}))
    assert says in refused.value.expectation
    assert refused.value.line is not None


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("target: local_indicator", "targets: [local_indicator]", "a function was expected"),
        ("target: local_indicator", "target: population\ntargets: [population]", "either target or targets"),
        ("{level: department}", "{level_from: niveau}", "'niveau' found"),
        ("{level: department}", "{by: name}", "either level or level_from"),
        ("read_from: constant, value: ", "read_from: title, pattern: ", "exactly one group"),
        ("read_from: constant, value: ", "read_from: constant, known: ", "known"),
        (
            "  period: vintage\n",
            "  unpivot: {value: value, cells: {value: x}}\n  period: vintage\n",
            "column was expected",
        ),
        (
            "  period: vintage\n",
            "  unpivot: {value: value, cells: {value: {}}, values: {sex: {a: b}}}\n  period: vintage\n",
            "'sex' found",
        ),
    ],
)
def test_a_wrong_end_is_refused(tmp_path: Path, before: str, after: str, says: str) -> None:
    assert before in TAIL
    with pytest.raises(InputError) as refused:
        declared(tmp_path, DEPARTMENT, VALUE, tail=TAIL.replace(before, after))
    assert says in refused.value.expectation


@given(st.integers(min_value=0, max_value=500), st.integers(min_value=1, max_value=SHEET_LINES - 1))
def test_a_place_is_a_sheet_and_a_line(number: int, line: int) -> None:
    assert placed(place(number, line)) == (number, line)
