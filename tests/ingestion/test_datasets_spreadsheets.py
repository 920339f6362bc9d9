"""Workbooks as publishers write them: several sheets, titles, merged headers, codes as numbers; and hostile ones."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import xlwt
from hypothesis import given
from hypothesis import strategies as st

from ingestion.datasets import spreadsheets
from ingestion.datasets.contract_model import Contract
from ingestion.datasets.contracts import load_contracts
from ingestion.datasets.delivery import Delivery, read_delivery
from ingestion.datasets.recognition import recognise_dataset
from ingestion.datasets.shaping import Known
from ingestion.datasets.spreadsheets import read_sheets
from ingestion.datasets.workbook_child import canonical
from warehouse.errors import InputError

CONTRACT = """\
code: population-exemple
title: Population d’exemple
publisher: Exemple
licence: Licence Ouverte 2.0
landing_page: https://example.org/population
cadence: yearly
file_pattern: population-*.xls
definition_version: "1"
format: {kind: spreadsheet, sheets: "\\\\d{4}", header_rows: [3, 4], footers: [Source]}
columns:
  - {published: "@sheet", name: year, type: code, pattern: "\\\\d{4}"}
  - {published: Départements, position: 1, name: departement, type: code, unfloat: true, pad_to: 2}
  - {published: Départements, position: 2, name: label, type: text, may_be_empty: true}
  - published_like: "(?P<sex>Hommes|Femmes) \\\\| (?P<age_from>\\\\d+)(?: à (?P<age_to>\\\\d+))? ans(?: et plus)?"
    family: true
    name: people
    type: integer
    null_marks: [nd]
    may_be_empty: true
keys: [year, departement]
totals:
  - {column: departement, cells: [France métropolitaine]}
territories: {level: department}
vintage: {read_from: sheet, pattern: "(\\\\d{4})"}
target: population
transform:
  territory: departement
  period: year
  constants: {population_kind: estimee, obs_status: observed, is_aggregate: false}
  unpivot: {value: population, cells: {people: {}}, values: {sex: {Hommes: M, Femmes: F}}}
"""
KNOWN = Known(frozenset({"department:01", "department:2A"}), frozenset())
ROWS: list[list[Any]] = [
    ["Estimation de population", None, None, None, None, None],
    [None, None, None, None, None, None],
    ["Départements", None, "Hommes", None, "Femmes", None],
    [None, None, "0 à 19\nans", "75 ans et plus", "0 à 19\nans", "75 ans et plus"],
    [1, "Ain", 88293, 24308, 82434, 34452],
    ["2A", "Corse-du-Sud", 15000.0, "nd", 14000, 9000],
    ["France métropolitaine", None, 103293, 24308, 96434, 43452],
    ["Source : Insee", None, None, None, None, None],
]


def example(folder: Path, text: str = CONTRACT) -> Contract:
    folder.mkdir(exist_ok=True)
    (folder / "population-exemple.yml").write_text(text, encoding="utf-8")
    return load_contracts.__wrapped__(folder)["population-exemple"]


def xlsx(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for line, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, date):
                        sheet.write_datetime(line, column, cell, book.add_format({"num_format": "dd/mm/yyyy"}))
                    else:
                        sheet.write(line, column, cell)
    return path


def xls(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    book = xlwt.Workbook()
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for line, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell is not None:
                    sheet.write(line, column, cell)
    book.save(str(path))
    return path


def delivered(contract: Contract, path: Path) -> Delivery:
    return read_delivery(contract, path, path.name, "0" * 64, known=KNOWN)


@pytest.mark.parametrize("write", [xlsx, xls])
def test_years_are_sheets_and_ages_are_columns(tmp_path: Path, write: Any) -> None:
    contract = example(tmp_path / "contracts")
    path = write(tmp_path / "download", {"À savoir": [["note"]], "2023": ROWS, "2022": ROWS})
    assert recognise_dataset(path.read_bytes(), {"population-exemple": contract}, path=path) == "population-exemple"
    read = delivered(contract, path)
    assert (read.vintage, read.account.lines, read.account.loaded, read.account.set_aside) == ("2023", 8, 4, 4)
    rows = read.frames["population"]
    assert rows.height == 16
    ain = rows.filter(territory_key="department:01", period="2022").select("sex", "age_from", "age_to", "population")
    assert sorted(ain.rows(), key=str) == [
        ("F", 0, 19, 82434.0),
        ("F", 75, None, 34452.0),
        ("M", 0, 19, 88293.0),
        ("M", 75, None, 24308.0),
    ]


def test_a_refusal_names_the_sheet(tmp_path: Path) -> None:
    contract = example(tmp_path / "contracts")
    many = [*ROWS[:4], *([[f"9{n:02}", "X", 1, 1, 1, 1] for n in range(40)])]
    known = Known(KNOWN.territories | {f"department:9{n:02}" for n in range(40)}, frozenset())
    bad = [*many[:6], ["901", "X", "beaucoup", 1, 1, 1], *many[7:]]
    path = xlsx(tmp_path / "population.xlsx", {"2023": many, "2022": bad})
    read = read_delivery(contract, path, path.name, "0" * 64, known=known)
    assert {(r.sheet, r.line) for r in read.refused if r.column == "Hommes | 0 à 19 ans"} == {("2022", 7)}
    assert read.account.lines == read.account.loaded + read.account.quarantined == 80


def test_a_workbook_without_the_sheets_is_refused(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "other.xlsx", {"Feuil1": ROWS})
    with pytest.raises(InputError, match="la feuille s’appelle «\u00a0Feuil1\u00a0»"):
        delivered(example(tmp_path / "contracts"), path)
    other = xlsx(tmp_path / "nothing.xlsx", {"Feuil1": [["Population"]]})
    with pytest.raises(InputError, match="a sheet named like"):
        delivered(example(tmp_path / "contracts"), other)


def test_a_truncated_workbook_is_refused(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "whole.xlsx", {"2023": ROWS})
    cut = tmp_path / "cut.xlsx"
    cut.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(InputError, match="a whole workbook within the limits was expected"):
        delivered(example(tmp_path / "contracts"), cut)


def test_a_cell_that_says_to_stand_at_the_end_of_the_sheet_is_refused(tmp_path: Path) -> None:
    """Memory for every cell before it would be asked for: 17 billion."""
    whole, lying = xlsx(tmp_path / "whole.xlsx", {"2023": ROWS}), tmp_path / "lying.xlsx"
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(lying, "w") as target:
        for member in source.namelist():
            content = source.read(member)
            if member.endswith("sheet1.xml"):
                content = content.replace(b'r="F8"', b'r="XFD1048576"').replace(b'r="A8"', b'r="XFD1048576"')
            target.writestr(member, content)
    with pytest.raises(InputError, match="row 1048576 and column 16384"):
        delivered(example(tmp_path / "contracts"), lying)


def test_a_cell_with_an_error_quarantines_its_row(tmp_path: Path) -> None:
    """The reader gives it as an empty cell, and an optional cell that is empty says something else."""
    path = tmp_path / "errors.xlsx"
    many = [*ROWS[:4], *([[f"9{n:02}", "X", 1, 1, 1, 1] for n in range(40)])]
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("2023")
        for line, row in enumerate(many):
            sheet.write_row(line, 0, row)
        sheet.write_formula(9, 3, "=1/0", value="#DIV/0!")
    known = Known(frozenset(f"department:9{n:02}" for n in range(40)), frozenset())
    read = read_delivery(example(tmp_path / "contracts"), path, path.name, "0" * 64, known=known)
    assert [(r.sheet, r.line, r.expectation) for r in read.refused] == [
        ("2023", 10, "no error was expected in a cell, column 4 holds one")
    ]


def test_a_sheet_that_begins_further_down_and_right_keeps_its_places(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "far.xlsx") as book:
        sheet = book.add_worksheet("a")
        sheet.write(2, 1, "x")
        sheet.write(3, 2, date(2024, 1, 31), book.add_format({"num_format": "dd/mm/yyyy"}))
        sheet.write(3, 3, 1e-07)
        sheet.write(4, 3, True)
    (read,) = [(name, list(rows)) for name, rows in read_sheets(tmp_path / "far.xlsx", "far.xlsx", ".*")]
    assert read == (
        "a",
        [
            [None, None, None, None],
            [None, None, None, None],
            [None, "x", None, None],
            [None, None, "2024-01-31", "0.0000001"],
            [None, None, None, "true"],
        ],
    )


@given(number=st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_of_a_cell_is_its_own_text(number: float) -> None:
    text = canonical(number)
    assert text is not None
    assert re.fullmatch(r"-?\d+(\.\d+)?", text)
    assert float(text) == number


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = xlsx(tmp_path / "bomb.xlsx", {"2023": [["a" * 30_000] * 50 for _ in range(20)]})
    assert path.stat().st_size < 100_000
    monkeypatch.setattr(spreadsheets, "LIMITS", replace(spreadsheets.LIMITS, inflated_bytes=16_000))
    with pytest.raises(InputError, match="it unpacks to more than 0 MiB"):
        delivered(example(tmp_path / "contracts"), path)


def test_a_reader_that_takes_too_much_memory_is_no_end_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = xlsx(tmp_path / "large.xlsx", {"2023": ROWS})
    monkeypatch.setattr(spreadsheets, "LIMITS", replace(spreadsheets.LIMITS, memory_bytes=1 << 20))
    with pytest.raises(InputError, match="did not survive it"):
        delivered(example(tmp_path / "contracts"), path)
