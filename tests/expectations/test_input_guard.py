"""The first point: what the guard refuses, and what it must let through."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from expectations.inputs import (
    InputReport,
    KnownCodes,
    Refusal,
    RowLabel,
    check_inputs,
    decide,
    table_checks,
    with_dependents,
)
from expectations.suite import Check, CheckResult, NothingEvaluated, raised_message, run_checks
from ingestion.schemas import TABLES

# Great Expectations takes seconds to import: one worker pays for it.

KNOWN = KnownCodes(frozenset({"cesp_cumul"}), frozenset({"region:75"}), frozenset({"2019", "2015-10"}))
FIGURE = {
    "report_id": "r1",
    "figure_key": "k",
    "indicator_code": "cesp_cumul",
    "territory_key": "region:75",
    "period": "2019",
    "value": Decimal(45),
    "unit": "count",
    "kind": "actual",
    "value_form": "level",
    "obs_status": "observed",
    "date_is_explicit": True,
    "printed": "45",
    "exhibit_kind": "text",
    "statement_origin": "publisher",
    "extraction_method": "manual",
    "review_status": "reviewed",
    "input_sha256": "a" * 64,
}
REPORT = {
    "report_id": "r1",
    "title": "Bilan",
    "publisher": "ARS",
    "scope_territory_key": "region:75",
    "published_on": date(2019, 9, 1),
    "published_precision": "month",
    "source_name": "r1.txt",
    "source_sha256": "f" * 64,
    "licence": "inconnue",
    "extract_version": 1,
    "input_sha256": "a" * 64,
}
LINK = {"report_id": "r1", "link_key": "l", "figure_key": "k", "role": "total", "exhaustive": "yes"}
LINK |= {"input_sha256": "a" * 64}


def rows(table: str, *given: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(given), schema=TABLES[table].schema)


@pytest.fixture(scope="session")
def refused() -> InputReport:
    """One run over two inputs, with one fault of each kind."""
    return check_inputs(
        {
            "report": rows("report", REPORT, REPORT | {"report_id": "r2", "licence": " ", "input_sha256": "b" * 64}),
            "figure": rows(
                "figure",
                FIGURE,
                FIGURE | {"figure_key": "blank", "printed": " "},
                FIGURE | {"figure_key": "kind", "kind": "nope"},
                FIGURE | {"figure_key": "code", "territory_key": "region:99"},
                FIGURE | {"figure_key": "ends", "value_low": Decimal(3), "value_high": Decimal(2)},
                FIGURE | {"figure_key": "twice"},
                FIGURE | {"figure_key": "twice"},
                FIGURE | {"report_id": "r2", "input_sha256": "b" * 64},
                FIGURE | {"figure_key": "share", "value": Decimal(104), "unit": "percent", "value_form": "share"},
                FIGURE | {"figure_key": "repeat", "repeats": "kind"},
            ),
            "figure_link": rows("figure_link", LINK, LINK | {"figure_key": "code"}),
            "count": rows("count"),
        },
        KNOWN,
    )


@pytest.mark.parametrize(
    ("expectation", "keys"),
    [
        ("figure.required.printed", ("r1|blank",)),
        ("figure.accepted.kind", ("r1|kind",)),
        ("figure.known.territory_key", ("r1|code",)),
        ("figure.order.value_low", ("r1|ends",)),
        ("figure.unique", ("r1|twice", "r1|twice")),
        ("report.required.licence", ("r2",)),
        ("figure.refers.repeats", ("r1|repeat",)),
        ("figure_link.refers.figure_key", ("r1|l|code|total",)),
    ],
)
def test_each_fault_refuses_its_rows(refused: InputReport, expectation: str, keys: tuple[str, ...]) -> None:
    assert [r.keys for r in refused.refusals if r.expectation == expectation] == [keys]


def test_nothing_else_is_refused(refused: InputReport) -> None:
    assert refused.faults == ()
    assert refused.refused_inputs == {"b" * 64}
    assert refused.refused_rows("figure") == {1, 2, 3, 4, 5, 6, 9}


def test_accepted_frames_keep_the_rest(refused: InputReport) -> None:
    figures = rows("figure", *([FIGURE] * 7), FIGURE | {"input_sha256": "b" * 64}, FIGURE, FIGURE)
    assert refused.accepted({"figure": figures})["figure"].height == 2


def test_an_unexpected_column_refuses_the_input_not_the_guard() -> None:
    report = check_inputs({"report": rows("report", REPORT).with_columns(pl.lit(1).alias("extra"))}, KNOWN)
    assert [(r.expectation, r.whole_input, r.raised) for r in report.refusals] == [("report.columns", True, False)]


def test_nothing_arrived_is_nothing_to_refuse() -> None:
    assert check_inputs({}, KNOWN) == InputReport((), 0)


def test_a_guard_without_any_check_does_not_pass(tmp_path: Path) -> None:
    with pytest.raises(NothingEvaluated):
        run_checks(tmp_path / "none.duckdb", [], guard="test")


def test_a_check_that_raises_is_told_apart_and_the_file_is_free_again(tmp_path: Path) -> None:
    import duckdb

    path = tmp_path / "one.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE t AS SELECT range AS i FROM range(1000)")
    checks = [
        Check("broken", "t", "Cassé.", found="SELECT nope AS found FROM {batch}"),
        Check("false", "t", "Faux.", found="SELECT i AS found FROM {batch} WHERE i >= 500"),
        Check("true", "t", "Vrai.", found="SELECT i AS found FROM {batch} WHERE i < 0"),
    ]
    results = {r.check.name: r for r in run_checks(path, checks, guard="test")}
    assert results["broken"].raised
    assert "nope" in results["broken"].raised
    assert (results["false"].raised, len(results["false"].found)) == (None, 500)
    assert results["true"].success
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE u AS SELECT 1")


LABELS = {"figure": [RowLabel("a", "k0"), RowLabel("b", "k1")], "report": [RowLabel("a", "r")]}


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (CheckResult(Check("n", "figure", "s", found="…"), True), ()),
        (
            CheckResult(Check("n", "figure", "s", found="…"), False, (1,)),
            (Refusal("figure", "n", "s", (1,), ("k1",), ("b",)),),
        ),
        (
            CheckResult(Check("n", "figure", "s", columns=("x",)), False),
            (Refusal("figure", "n", "s", (0, 1), ("k0", "k1"), ("a", "b"), whole_input=True),),
        ),
        (
            CheckResult(Check("n", "report", "s", found="…"), False, (0,)),
            (Refusal("report", "n", "s", (0,), ("r",), ("a",), whole_input=True),),
        ),
        (
            CheckResult(Check("n", "figure", "s", found="…"), False, (), "boom"),
            (Refusal("figure", "n", "s (boom)", raised=True),),
        ),
    ],
)
def test_decision(result: CheckResult, expected: tuple[Refusal, ...]) -> None:
    assert decide([result], LABELS).refusals == expected


def test_dependents_of_dependents_go_too() -> None:
    figures = rows("figure", FIGURE, FIGURE | {"figure_key": "b", "repeats": "k"})
    figures = pl.concat([figures, rows("figure", FIGURE | {"figure_key": "c", "repeats": "b"})])
    first = InputReport((Refusal("figure", "n", "s", (0,), ("r1|k",), ("a" * 64,)),), 1)
    assert with_dependents(first, {"figure": figures}).refused_rows("figure") == {0, 1, 2}


def test_what_is_summed_with_a_refused_row_goes_too() -> None:
    frames = {
        "figure": rows("figure", FIGURE, FIGURE | {"figure_key": "b"}),
        "figure_link": rows(
            "figure_link",
            LINK | {"role": "part"},
            LINK | {"figure_key": "b"},
            LINK | {"figure_key": "b", "link_key": "m"},
        ),
    }
    first = InputReport((Refusal("figure", "n", "s", (0,), ("r1|k",), ("a" * 64,)),), 1)
    report = with_dependents(first, frames)
    assert report.refused_rows("figure") == {0}
    assert report.refused_rows("figure_link") == {0, 1}
    assert report.refusals[-1].expectation == "figure_link.summed.link_key"


@pytest.mark.parametrize(
    ("info", "message"),
    [
        ({"raised_exception": False, "exception_message": None}, None),
        ({"raised_exception": True, "exception_message": "boom"}, "boom"),
        ({"metric": {"raised_exception": True, "exception_message": "boom"}}, "boom"),
        ({}, None),
    ],
)
def test_both_shapes_of_an_exception_are_read(info: dict[str, Any], message: str | None) -> None:
    assert raised_message(info) == message


def test_every_required_and_coded_column_is_checked() -> None:
    for table in TABLES.values():
        columns = [*(c.name for c in table.columns), "input_sha256"]
        names = {check.name for check in table_checks(table, columns)}
        assert {f"{table.name}.required.{c.name}" for c in table.columns if c.required} <= names
        assert {f"{table.name}.accepted.{c.name}" for c in table.columns if c.accepted} <= names
