"""What ``make bench-extraction`` measures does not fall: floors a little under docs/extraction.md, on the documents."""

from __future__ import annotations

import sys
from functools import reduce
from pathlib import Path

import pytest

from ingestion.extraction.lexicon import Lexicon, load_lexicon

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import extraction as bench  # noqa: E402

FLOORS = {"indicator": 0.81, "territory": 0.88, "period": 0.88, "kind": 0.94, "value_form": 0.95, "obs_status": 0.94}


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return load_lexicon()


@pytest.fixture(scope="module")
def narrative(documents: Path) -> list[bench.Case]:
    return list(bench.cases(documents, but=bench.LAID_OUT))


def test_figures_are_found_and_little_else(narrative: list[bench.Case]) -> None:
    found = reduce(bench.Finding.__add__, map(bench.finding, narrative))
    assert found.recall >= 0.99
    assert found.precision >= 0.97


def test_a_report_never_read_gets_proposals_that_hold(narrative: list[bench.Case], lexicon: Lexicon) -> None:
    results = [bench.proposing(case, lexicon.without(case.report_id)) for case in narrative]
    total = reduce(bench.Proposing.__add__, results)
    below = {name: round(total.share(name), 3) for name, floor in FLOORS.items() if total.share(name) < floor}
    assert below == {}
    assert total.accepted_right / total.accepted >= 0.87


def test_the_bench_ends_well_where_the_documents_are_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("BAROMETRE_DOCUMENTS", raising=False)
    monkeypatch.setattr(sys, "argv", ["extraction.py"])
    assert bench.main() == 0
    assert "not on this machine" in capsys.readouterr().out
