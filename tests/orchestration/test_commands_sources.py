"""``barometre sources``: what is told of each dataset, and of a file before it is delivered."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from ingestion.datasets.contracts import load_contracts
from ingestion.datasets.freshness import freshness
from orchestration.commands_sources import account_lines, source_lines, source_rows, sources

SAMPLE = Path(__file__).parents[1] / "ingestion" / "datasets_sample"
CODE = "insee-populations-legales"
TODAY = date(2026, 11, 22)


def vintage(year: str, received: datetime) -> dict[str, object]:
    return {"dataset_code": CODE, "vintage": year, "rows": 104967, "rows_rejected": 6, "received_at": received}


@pytest.mark.parametrize(
    ("cadence", "received", "expected"),
    [
        ("yearly", date(2025, 11, 1), "fresh"),
        ("yearly", date(2025, 8, 21), "fresh"),
        ("yearly", date(2025, 8, 20), "late"),
        ("yearly", date(2024, 11, 21), "late"),
        ("yearly", date(2024, 11, 20), "frozen"),
        ("monthly", date(2026, 11, 1), "fresh"),
        ("monthly", date(2026, 10, 1), "late"),
        ("irregular", date(2010, 1, 1), "no cadence"),
        ("weekly", None, "never delivered"),
    ],
)
def test_a_dataset_is_late_once_its_cadence_and_a_quarter_have_gone_by(
    cadence: str, received: date | None, expected: str
) -> None:
    assert freshness(cadence, received, TODAY) == expected


def test_every_contract_is_listed_with_its_newest_vintage() -> None:
    published = [vintage("2017", datetime(2026, 11, 20, 8)), vintage("2016", datetime(2026, 11, 21, 8))]
    rows = {row["dataset"]: row for row in source_rows(load_contracts().values(), published, TODAY)}
    assert set(rows) == set(load_contracts())
    assert source_lines(rows[CODE]) == [
        f"{CODE}  2017, earlier 2016: 104967 rows, 6 lines refused; fresh (yearly, received 2026-11-21)",
        "  Populations légales des communes · INSEE · Licence Ouverte 2.0",
    ]
    assert source_lines(rows["cnam-effectifs-densites"])[0].endswith("nothing published (yearly)")


def test_sources_of_an_empty_home(home: Path) -> None:
    assert not (home / "barometre.duckdb").exists()
    done = CliRunner().invoke(sources, ["--format", "json"])
    assert {row["freshness"] for row in json.loads(done.stdout)} == {"never delivered"}


def test_a_file_is_checked_without_a_home(tmp_path: Path) -> None:
    done = CliRunner().invoke(sources, ["check", str(SAMPLE / "effectifs.csv")])
    assert "at least 4000 rows were expected, 4 found" in str(done.exception)
    unknown = tmp_path / "x.csv"
    unknown.write_text("a;b\n1;2\n", encoding="utf-8")
    done = CliRunner().invoke(sources, ["check", str(unknown)])
    assert "the header of a known dataset was expected" in str(done.exception)
    done = CliRunner().invoke(sources, ["check", "--as", "nothing", str(unknown)])
    assert "No dataset is called 'nothing'" in str(done.exception)


def test_a_published_file_is_accounted_for(documents: Path) -> None:
    file = documents / "opendata" / "insee-populations-legales-2017" / "Communes.csv"
    lines = CliRunner().invoke(sources, ["check", str(file)]).stdout.splitlines()
    assert lines[:2] == [
        f"{CODE}@2017: 104985 rows for population",
        "  lines 34995 = loaded 34995 + quarantined 0 + set aside 0",
    ]


def test_lines_of_a_second_encoding_and_sheets_are_told() -> None:
    counts = {"lines": 9, "loaded": 8, "quarantined": 1, "set_aside": 0, "rows": 16, "fallback_lines": 3}
    refused = {"file": "a.xlsx", "sheet": "2023", "line": 7, "column": "n", "value": "x", "expectation": "a number"}
    told = {"dataset": "a", "vintage": "2023", "target": "population", "refused": [refused], "warnings": [], **counts}
    assert account_lines(told)[1:] == [
        "  lines 9 = loaded 8 + quarantined 1 + set aside 0",
        "  read in the second encoding: 3 lines",
        "  a.xlsx:2023:7 n: a number, 'x' found",
    ]
