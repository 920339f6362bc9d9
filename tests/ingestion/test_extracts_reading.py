"""Extracts are read strictly, and are one input however they were packed."""

from __future__ import annotations

import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.extracts_reading import Extract, identity, read_folder, read_members, read_zip
from ingestion.packing import MAX_BYTES, pack
from warehouse.errors import InputError

REPORT = """\
report_id: bilan-2030
title: Bilan
publisher: ARS Exemple
scope_territory_key: region:75
published_on: 2030-06-01
published_precision: day
source_name: bilan-2030.txt
source_sha256: {sha}
licence: Licence Ouverte 2.0
extract_version: {version}
"""

HEADER = (
    "figure_key,indicator_code,territory_key,period,value,unit,kind,value_form,obs_status,date_is_explicit,"
    "printed,exhibit_kind,statement_origin,extraction_method,review_status"
)
ROW = "msp,msp_en_fonctionnement,region:75,2030,168,count,actual,level,observed,true,168,box,publisher,manual,reviewed"


def members(figures: str = f"{HEADER}\n{ROW}\n", report: str | None = None, **others: str) -> dict[str, bytes]:
    """The files of a small extract."""
    files = {"report.yml": report or REPORT.format(sha="0" * 64, version=1), "figures.csv": figures, **others}
    return {name: content.encode() for name, content in files.items()}


def read(**changes: str) -> Extract:
    return read_members("bilan-2030", members(**changes))


def test_a_good_extract_is_typed() -> None:
    extract = read()
    assert (extract.report_id, extract.extract_version) == ("bilan-2030", 1)
    figure = extract.frames["figure"].row(0, named=True)
    assert figure["value"] == Decimal(168)
    assert figure["date_is_explicit"] is True
    assert figure["report_id"] == "bilan-2030"
    assert figure["hedge"] is None
    assert (figure["value_low"], figure["value_high"]) == (Decimal(168), Decimal(168))
    assert str(extract.frames["report"]["published_on"].item()) == "2030-06-01"


@pytest.mark.parametrize(
    ("changes", "file", "line", "expectation"),
    [
        ({"figures": f"{HEADER}\n{ROW},x\n"}, "figures.csv", 2, "15 cells were expected, 16 were found"),
        ({"figures": f"{HEADER},colour\n{ROW},x\n"}, "figures.csv", 1, "unknown column 'colour'"),
        ({"figures": HEADER.replace(",unit", "") + "\n"}, "figures.csv", 1, "missing column 'unit'"),
        ({"figures": f"{HEADER},unit\n"}, "figures.csv", 1, "column given twice 'unit'"),
        ({"figures": ""}, "figures.csv", 1, "a header was expected"),
        (
            {"figures": f"{HEADER}\n{ROW}\n{ROW.replace(',168,count', ',1 68,count')}\n"},
            "figures.csv",
            3,
            "'1 68' found",
        ),
        ({"figures": f"{HEADER}\n{ROW.replace('true', 'oui')}\n"}, "figures.csv", 2, "true or false was expected"),
        ({"figures": f'{HEADER}\n"{ROW}\n'}, "figures.csv", 2, "valid CSV was expected"),
        (
            {"figures": f"{HEADER}\n{ROW.replace(',168,box', ',186,box')}\n"},
            "figures.csv",
            2,
            "was expected to read as",
        ),
        ({"figures": f"{HEADER}\n{ROW.replace(',168,box', ',beaucoup,box')}\n"}, "figures.csv", 2, "beaucoup"),
        ({"report": "report_id: [\n"}, "report.yml", 1, "one plain value"),
        ({"report": "report_id: a\n  b: c\n"}, "report.yml", 2, "valid YAML was expected"),
        ({"report": "report_id: a\nreport_id: b\n"}, "report.yml", 2, "valid YAML was expected"),
        ({"report": "titre: Bilan\n"}, "report.yml", 1, "'titre' was found"),
        ({"report": "- a\n"}, "report.yml", 1, "were expected"),
        ({"notes.txt": "x"}, "notes.txt", None, "a file of an extract was expected"),
    ],
)
def test_a_bad_extract_says_where_and_what(
    changes: dict[str, str], file: str, line: int | None, expectation: str
) -> None:
    with pytest.raises(InputError) as caught:
        read(**changes)
    assert caught.value.file == f"bilan-2030/{file}"
    assert caught.value.line == line
    assert expectation in caught.value.expectation
    assert caught.value.next_step


def test_another_encoding_is_refused_at_its_line() -> None:
    files = members() | {"figures.csv": f"{HEADER}\n{ROW}\n".encode() + ROW.replace("168", "é").encode("cp1252")}
    with pytest.raises(InputError) as caught:
        read_members("bilan-2030", files)
    assert (caught.value.line, caught.value.expectation) == (3, "UTF-8 was expected")


def test_a_folder_and_any_zip_of_it_are_one_input(tmp_path: Path) -> None:
    folder = tmp_path / "bilan-2030"
    folder.mkdir()
    for name, content in members().items():
        (folder / name).write_bytes(content)
    (folder / ".DS_Store").write_bytes(b"x")
    compressed = tmp_path / "sent.extract.zip"
    with zipfile.ZipFile(compressed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in reversed(list(members())):
            archive.writestr(name, members()[name])
    assert read_folder(folder).sha256 == read_zip(compressed, "sent").sha256 == identity(compressed)


@given(st.dictionaries(st.text("abc.", min_size=1), st.binary(max_size=50), max_size=5))
def test_packing_does_not_depend_on_order(files: dict[str, bytes]) -> None:
    assert pack(files) == pack(dict(reversed(files.items())))


def test_a_bomb_is_refused_before_it_inflates(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("figures.csv", b"0" * (MAX_BYTES + 1))
    with pytest.raises(InputError, match="at most"):
        read_zip(bomb, "bomb.zip")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not really", b"no zip at all"])
def test_what_is_no_zip_is_an_input_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.extract.zip"
    path.write_bytes(content)
    with pytest.raises(InputError, match="a readable zip was expected"):
        read_zip(path, path.name)
