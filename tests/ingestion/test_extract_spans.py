"""Every figure of every committed extract: it reads as the value kept for it, and stands where the extract says."""

from __future__ import annotations

import csv
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest

from ingestion import schemas
from ingestion.extracts_reading import Extract, read_folder
from ingestion.numbers import interval, reads_as
from ingestion.verification import verify_spans

EXTRACTS = Path(__file__).resolve().parents[2] / "ingestion" / "extracts"
FOLDERS = sorted(folder.parent for folder in EXTRACTS.glob("*/report.yml"))
WITH_FIGURES = [folder for folder in FOLDERS if (folder / "figures.csv").is_file()]


def by_name(folders: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("folder", folders, ids=[folder.name for folder in folders])


def figures(folder: Path) -> list[dict[str, str]]:
    with (folder / "figures.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def decimal(cell: str | None) -> Decimal | None:
    return Decimal(cell) if cell else None


def source_text(documents: Path, extract: Extract) -> str:
    """The text that the extract was made of, checked by its SHA-256; read without newline translation."""
    report = extract.frames["report"].row(0, named=True)
    content = (documents / "reports" / report["source_name"]).read_bytes()
    assert sha256(content).hexdigest() == report["source_sha256"]
    return content.decode("utf-8")


def test_there_are_extracts_to_check() -> None:
    assert {"pts2-2015", "pts-na-2016"} <= {folder.name for folder in WITH_FIGURES}


@by_name(WITH_FIGURES)
def test_each_print_reads_as_the_value_kept_for_it(folder: Path) -> None:
    misread = [
        (row["figure_key"], row["printed"], row["value"])
        for row in figures(folder)
        if not reads_as(
            row["printed"],
            row["unit"],
            decimal(row["value"]),
            decimal(row.get("value_low")),
            decimal(row.get("value_high")),
        )
    ]
    assert misread == []


@by_name(WITH_FIGURES)
def test_each_interval_holds_its_value(folder: Path) -> None:
    outside = []
    for row in figures(folder):
        value = decimal(row["value"])
        low, high = interval(
            value, row["printed"], row.get("hedge") or None, row["unit"], row["value_form"], row["obs_status"]
        )
        if value is not None and not ((low is None or low <= value) and (high is None or value <= high)):
            outside.append((row["figure_key"], low, value, high))
    assert outside == []


@by_name(WITH_FIGURES)
def test_figure_keys_are_unique_and_bonds_point_at_figures(folder: Path) -> None:
    extract = read_folder(folder)
    keys = extract.frames["figure"]["figure_key"].to_list()
    assert len(keys) == len(set(keys))
    for table in ("figure_link", "policy_parameter", "ledger"):
        if table in extract.frames:
            assert set(extract.frames[table]["figure_key"].drop_nulls()) <= set(keys), table
    for row in extract.frames["figure"].iter_rows(named=True):
        assert row["repeats"] is None or row["repeats"] in set(keys) - {row["figure_key"]}


@by_name(WITH_FIGURES)
def test_coded_cells_hold_accepted_values_only(folder: Path) -> None:
    extract = read_folder(folder)
    for name, frame in extract.frames.items():
        for column in schemas.TABLES[name].columns:
            if column.accepted:
                found = set(frame[column.name].drop_nulls())
                assert found <= set(column.accepted), f"{name}.{column.name}"


@by_name(FOLDERS)
def test_every_figure_stands_at_its_span_and_line(folder: Path, documents: Path) -> None:
    extract = read_folder(folder)
    assert verify_spans(extract, source_text(documents, extract)) is None


@by_name(WITH_FIGURES)
def test_the_running_text_is_not_committed(folder: Path) -> None:
    """Titles and labels are short; a cell as long as a paragraph would be the report's own prose."""
    for row in figures(folder):
        assert len(row["printed"]) <= 60, row["figure_key"]
        assert all(len(cell) <= 300 for cell in row.values()), row["figure_key"]


@by_name([EXTRACTS / "pts2-2015"])
def test_a_span_moved_by_one_character_is_noticed(folder: Path, documents: Path) -> None:
    extract = read_folder(folder)
    text = source_text(documents, extract)
    assert verify_spans(extract, "x" + text) is not None
