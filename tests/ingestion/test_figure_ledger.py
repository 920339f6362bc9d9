"""The figure ledger: every numeral of every report accounted for, with the document at hand and without.

That each row stands at its span is tested with the other spans, in ``test_extract_spans.py``.
"""

from __future__ import annotations

import csv
import time
from bisect import bisect_right
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.documents.plain_text import read_text
from ingestion.extracts_reading import Extract, read_folder
from ingestion.figures.finding import find_figures
from ingestion.figures.ledger import account, unaccounted
from ingestion.figures.numerals import Numeral, find_numerals
from ingestion.schemas import LEDGER

EXTRACTS = Path(__file__).resolve().parents[2] / "ingestion" / "extracts"
FOLDERS = sorted(file.parent for file in EXTRACTS.glob("*/ledger.csv"))
by_name = pytest.mark.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])

Row = dict[str, str]


def rows(folder: Path, name: str) -> list[Row]:
    file = folder / f"{name}.csv"
    if not file.is_file():
        return []
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


# --- what a ledger says of a text ------------------------------------------------------------------------------------

TEXT = "En 2012, 2 millions de \nFrançais et 3/4 des 1 811 élus ; au moins une MSP (voir page 4) et 8 régions."


def at(printed: str, text: str = TEXT) -> tuple[int, int]:
    return text.index(printed), text.index(printed) + len(printed)


def test_every_numeral_of_a_text_has_one_row() -> None:
    ledger = account(
        TEXT,
        observed={at("2 millions"): "habitants", at("3/4"): "part", at("une"): "msp"},
        dismissed={at("2012"): "date", at("voir page 4"): "renvoi à une page"},
        facts={at("1 811"): "elus-total"},
    )
    assert [
        tuple(row[name] for name in ("printed", "disposition", "figure_key", "fact_ref", "reason")) for row in ledger
    ] == [
        ("2012", "dismissed", "", "", "date"),
        ("2", "observed", "habitants", "", ""),
        ("3", "observed", "part", "", ""),
        ("4", "part_of", "part", "", ""),
        ("1 811", "observed", "", "elus-total", ""),
        ("une", "observed", "msp", "", ""),
        ("4", "dismissed", "", "", "renvoi à une page"),
        ("8", "pending", "", "", ""),
    ]
    assert [row["source_line"] for row in ledger] == ["1", "1", "2", "2", "2", "2", "2", "2"]
    assert unaccounted(TEXT, ledger) == []


def test_the_columns_are_those_of_the_bronze_table() -> None:
    (row,) = account("8", {}, {})
    assert list(row) == [column.name for column in LEDGER.columns if column.name != "report_id"]


def test_a_figure_goes_before_a_dismissal_and_the_shorter_span_before_the_longer() -> None:
    text = "12 PTA en 2019"
    assert account(text, {(0, 2): "pta"}, {(0, 14): "titre"})[0]["figure_key"] == "pta"
    assert account(text, {}, {(0, 14): "titre", (10, 14): "date"})[1]["reason"] == "date"


def test_a_numeral_is_accounted_for_when_each_of_its_digits_is() -> None:
    def row(start: int, end: int) -> Row:
        return {"char_start": str(start), "char_end": str(end)}

    text = "50 000 € et deux tiers"
    assert unaccounted(text, []) == find_numerals(text)
    assert unaccounted(text, [row(0, 2), row(12, 22)]) == [Numeral(0, 6, "50 000", is_word=False)]
    assert unaccounted(text, [row(0, 2), row(3, 6), row(17, 22)]) == []


@given(st.text("0123456789 ,.%aàdeuxtrois\n", max_size=120), st.data())
def test_a_ledger_accounts_for_every_numeral_whatever_is_observed(text: str, data: st.DataObject) -> None:
    numerals = find_numerals(text)
    chosen = data.draw(st.lists(st.sampled_from(numerals), unique=True) if numerals else st.just([]))
    observed = {(numeral.start, numeral.end): str(index) for index, numeral in enumerate(chosen)}
    ledger = account(text, observed, {})
    assert unaccounted(text, ledger) == []
    assert sum(row["disposition"] == "observed" for row in ledger) == len(observed)
    assert len(ledger) == len(numerals)


# --- committed ledgers, no document needed ---------------------------------------------------------------------------


def test_there_are_ledgers_to_check() -> None:
    assert {"ms2022-2019", "ms2022-na-2019", "pts-na-2016", "pts2-2015"} <= {folder.name for folder in FOLDERS}


@by_name
def test_nothing_is_pending_and_every_dismissal_has_its_reason(folder: Path) -> None:
    for row in rows(folder, "ledger"):
        said = {name for name in ("figure_key", "fact_ref", "reason") if row.get(name)}
        wanted = {"reason"} if row["disposition"] == "dismissed" else {"figure_key"}, {"fact_ref"}
        assert row["disposition"] != "pending", row
        assert said in wanted, row


@by_name
def test_rows_follow_each_other_without_overlap(folder: Path) -> None:
    ledger = rows(folder, "ledger")
    assert all(int(row["char_start"]) < int(row["char_end"]) for row in ledger)
    for earlier, later in pairwise(ledger):
        assert int(earlier["char_end"]) <= int(later["char_start"]), (earlier, later)
        assert int(earlier["source_line"]) <= int(later["source_line"]), (earlier, later)


@by_name
def test_every_observed_row_points_at_a_figure_or_a_fact(folder: Path) -> None:
    keys = {row["figure_key"] for row in rows(folder, "figures")}
    facts = {row["count_key"] for row in rows(folder, "counts")}
    facts |= {row["workshop_key"] for row in rows(folder, "workshops")}
    facts |= {row["statement_key"] for row in rows(folder, "statements")}
    facts |= {f"{row['workshop_key']}|{row['participant_category']}" for row in rows(folder, "participants")}
    for row in rows(folder, "ledger"):
        assert not row.get("figure_key") or row["figure_key"] in keys, row
        assert not row.get("fact_ref") or row["fact_ref"] in facts, row


@by_name
def test_every_placed_figure_and_count_is_in_the_ledger(folder: Path) -> None:
    ledger = [row for row in rows(folder, "ledger") if row["disposition"] != "dismissed"]
    starts = [int(row["char_start"]) for row in ledger]
    for row in (*rows(folder, "figures"), *rows(folder, "counts")):
        if row.get("char_start"):
            nearest = ledger[max(bisect_right(starts, int(row["char_end"]) - 1) - 1, 0)]
            assert int(nearest["char_end"]) > int(row["char_start"]), row


# --- committed ledgers with the documents at hand --------------------------------------------------------------------


def source(documents: Path, extract: Extract) -> str:
    name = extract.frames["report"]["source_name"].item()
    return read_text((documents / "reports" / name).read_bytes(), name).text


@by_name
def test_no_numeral_of_the_report_is_unaccounted_for(folder: Path, documents: Path) -> None:
    extract = read_folder(folder)
    text = source(documents, extract)
    ledger = extract.frames["ledger"].rows(named=True)
    assert [(text.count("\n", 0, n.start) + 1, n.printed) for n in unaccounted(text, ledger)] == []


@by_name
def test_each_numeral_of_a_figure_is_observed_or_part_of_one(folder: Path, documents: Path) -> None:
    text = source(documents, read_folder(folder))
    held = [row for row in rows(folder, "ledger") if row["disposition"] != "dismissed"]
    figures = [(int(r["char_start"]), int(r["char_end"])) for r in rows(folder, "figures") if r.get("char_start")]
    lost = {(numeral.start, numeral.end) for numeral in unaccounted(text, held)}
    assert [figure for figure in figures if any(figure[0] <= start and end <= figure[1] for start, end in lost)] == []


def test_a_numeral_left_out_is_noticed(documents: Path) -> None:
    extract = read_folder(EXTRACTS / "pts2-2015")
    text = source(documents, extract)
    ledger = extract.frames["ledger"].rows(named=True)
    assert [numeral.start for numeral in unaccounted(text, ledger[:50] + ledger[51:])] == [ledger[50]["char_start"]]


def test_the_longest_report_is_read_searched_and_accounted_for_in_time(documents: Path) -> None:
    content = next((documents / "reports").glob("003_*.txt")).read_bytes()
    find_figures(read_text(b"deux", "essai.txt"))
    start = time.process_time()
    document = read_text(content, "003.txt")
    candidates = find_figures(document)
    noise = {(c.start, c.end): c.noise for c in candidates if c.noise}
    ledger = account(document.text, {(c.start, c.end): "f" for c in candidates if not c.noise}, noise)
    assert unaccounted(document.text, ledger) == []
    assert time.process_time() - start < 2  # 0.8 s of processor time here; the aim is 1.5 s
