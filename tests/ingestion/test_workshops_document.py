"""The committed extract of the workshops' synthesis against the document itself, where it is at hand."""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path
from shutil import copytree

import pytest

from ingestion.workshops import (
    WorkshopExtract,
    declared_layout,
    extract_files,
    parse_workshops,
    recognise_form,
    write_extract,
)

REPORT_ID = "cnr-na-2022"
EXTRACT = Path(__file__).resolve().parents[2] / "ingestion" / "extracts" / REPORT_ID


@pytest.fixture(scope="module")
def text(documents: Path) -> str:
    source = documents / "reports" / str(declared_layout(REPORT_ID).report["source_name"])
    if not source.is_file():
        pytest.skip(f"the source document is not at hand: {source.name}")
    return source.read_bytes().decode("utf-8")


@pytest.fixture(scope="module")
def extract(text: str) -> WorkshopExtract:
    return parse_workshops(text, declared_layout(REPORT_ID))


def test_parsing_the_document_again_changes_nothing_in_the_committed_extract(
    extract: WorkshopExtract, tmp_path: Path
) -> None:
    folder = tmp_path / REPORT_ID
    copytree(EXTRACT, folder)
    write_extract(extract, folder)
    committed = {path.name: path.read_bytes() for path in EXTRACT.iterdir()}
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == committed


def test_the_rows_of_the_parser_are_committed_as_they_are_parsed(extract: WorkshopExtract) -> None:
    parsed = {name: rows(content) for name, content in extract_files(extract).items() if name.endswith(".csv")}
    committed = {name: rows((EXTRACT / name).read_bytes()) for name in parsed}
    by_hand = {frozenset(row.items()) for row in committed["figures.csv"] if row["extraction_method"] == "manual"}
    assert [row for row in committed["figures.csv"] if frozenset(row.items()) not in by_hand] == parsed["figures.csv"]
    for name in ("counts.csv", "workshops.csv", "participants.csv", "statements.csv"):
        assert committed[name] == parsed[name]
    for name in ("links.csv", "ledger.csv"):
        kept = {frozenset(row.items()) for row in committed[name]}
        assert [row for row in parsed[name] if frozenset(row.items()) not in kept] == []


def test_the_form_is_recognised_whatever_the_region(text: str, extract: WorkshopExtract) -> None:
    elsewhere = text.replace("Nouvelle-Aquitaine", "Occitanie").replace("2022", "2023")
    layout = recognise_form(elsewhere, "occitanie.txt")
    assert layout is not None
    assert (layout.report["report_id"], layout.workshops_period) == ("cnr-occitanie-2023", "2023-11/2023-12")
    read = parse_workshops(elsewhere, layout)
    assert [row["mentions"] for row in read.counts] == [row["mentions"] for row in extract.counts]
    assert len(read.ledger) == len(extract.ledger)
    assert recognise_form(text) == declared_layout(REPORT_ID)


def rows(content: bytes) -> list[dict[str, str]]:
    """The rows of a CSV file without their empty cells."""
    read = csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""))
    return [{name: cell for name, cell in row.items() if cell} for row in read]


def test_every_span_holds_what_is_printed(extract: WorkshopExtract, text: str) -> None:
    rows = [*extract.counts, *extract.participants, *extract.statements, *extract.figures, *extract.ledger]
    placed = [row for row in rows if isinstance(row["char_start"], int)]
    assert len(placed) > 4800
    for row in placed:
        start, end = row["char_start"], row["char_end"]
        assert isinstance(start, int)
        assert isinstance(end, int)
        assert " ".join(text[start:end].split()) == row["printed"]
        assert text.count("\n", 0, start) + 1 == row["source_line"]


def test_groups_and_regional_sums_hold_in_what_was_just_read(extract: WorkshopExtract) -> None:
    groups: dict[str, list[int]] = {}
    lines: dict[tuple[object, ...], list[int]] = {}
    for row in extract.counts:
        key, mentions = str(row["count_key"]), int(str(row["mentions"]))
        if row["group_label_fr"]:
            sides = groups.setdefault(key[: key.index("-g") + 4], [0, 0])
            sides[0 if row["is_group_total"] else 1] += mentions
            line = (row["theme_no"], row["section"], row["group_label_fr"], row["item_label_fr"])
            sides = lines.setdefault(line, [0, 0])
            sides[0 if row["territory_key"] == "region:75" else 1] += mentions
    assert (len(groups), len(lines)) == (304, 284)
    assert not {name: sides for name, sides in {**groups, **lines}.items() if sides[0] != sides[1]}


def test_reading_takes_well_under_two_seconds(text: str) -> None:
    """Measured 0.4 s on two cores, its ledger of numerals included; two is what a refresh can spare for a document."""
    layout = declared_layout(REPORT_ID)
    start = time.perf_counter()
    parse_workshops(text, layout)
    assert time.perf_counter() - start < 2
