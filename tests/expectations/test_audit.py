"""The second point: what blocks publication, what only warns, and what the audit cannot be fooled by."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from expectations.audit import AuditReport, AuditResult, as_audit_result, audit, declared_checks, load_demands
from expectations.suite import Check, CheckResult
from warehouse.state import finding_id

# Great Expectations takes seconds to import: one worker pays for it.

EVIDENCE = """'{"figures": [{"ref": "r#1"}]}'"""


def warehouse(path: Path) -> None:
    """A working database that passes: every table of the demands, and one row where rows are demanded."""
    with duckdb.connect(str(path)) as connection:
        for name in load_demands():
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {name.split('.')[0]}")
        for name, demand in load_demands().items():
            if name.startswith("marts.") or name == "quality.figure_ledger":
                columns = dict.fromkeys((*demand.key, *demand.columns))
                connection.execute(f"CREATE TABLE {name} ({', '.join(f'{c} VARCHAR' for c in columns)})")
                if demand.rows:
                    connection.execute(f"INSERT INTO {name} VALUES {tuple(columns)}".replace(",)", ")"))
        connection.execute(
            f"""
            CREATE TABLE quality.rule AS SELECT 'contradiction' AS rule_code, 't' AS title_fr, 'd' AS definition_fr,
                'T1' AS tolerance, 3 AS level, 'error' AS severity, 's' AS source;
            CREATE TABLE quality.check_index AS SELECT 'contradiction' AS rule_code, 1 AS expected, 1 AS evaluated,
                0 AS held, 1 AS failed, 0 AS not_evaluable, []::VARCHAR[] AS missing_inputs;
            CREATE TABLE quality.verdict AS SELECT 'contradiction' AS rule_code, 'k' AS subject_key,
                'impossible' AS verdict, 'error' AS severity, 'i' AS indicator_code, 'c' AS concept_code,
                'u' AS counted_unit, 'f' AS champ_fr, 't' AS territory_key, 't' AS territory_code, 'p' AS period_key,
                'p' AS period_label, ['observation_id'] AS observation_ids, []::VARCHAR[] AS fact_refs,
                1::DECIMAL(18, 4) AS gap, 1.0 AS gap_pct, NULL::VARCHAR AS missing_input, 'c' AS case_key,
                NULL::VARCHAR AS parent_subject_key, NULL::VARCHAR AS decision_id, {EVIDENCE}::JSON AS evidence
            """
        )


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "build.duckdb"
    warehouse(path)
    yield path
    # Whatever the audit said, the publisher may open the file.
    duckdb.connect(str(path)).close()


def names(results: tuple[AuditResult, ...]) -> list[str]:
    return [result.name for result in results]


def test_a_sound_warehouse_passes(build: Path) -> None:
    report = audit(build, {})
    assert report.blocking == ()
    assert report.warnings == ()
    assert report.evaluated > len(load_demands())


FAULTS = {
    "marts.fct_zoning.columns": "DROP TABLE marts.fct_zoning",
    "marts.dim_workshop.columns": "ALTER TABLE marts.dim_workshop DROP COLUMN place",
    "marts.dim_measure.rows": "DELETE FROM marts.dim_measure",
    "marts.dim_report.unique": "INSERT INTO marts.dim_report SELECT * FROM marts.dim_report",
    "marts.fct_observation.period_key": "UPDATE marts.fct_observation SET period_key = 'gone'",
    "quality.verdict.known_rule": "INSERT INTO wrong SELECT * REPLACE ('gone' AS rule_code) FROM right_",
    "quality.verdict.accepted": "INSERT INTO wrong SELECT * REPLACE ('wrong' AS verdict, NULL AS severity) FROM right_",
    "quality.verdict.severity": "INSERT INTO wrong SELECT * REPLACE (NULL AS severity) FROM right_",
    "quality.verdict.evidence": "INSERT INTO wrong SELECT * REPLACE ('{}' AS evidence) FROM right_",
    "quality.verdict.facts": "INSERT INTO wrong SELECT * REPLACE ([] AS observation_ids) FROM right_",
    "quality.verdict.observations": "INSERT INTO wrong SELECT * REPLACE (['gone'] AS observation_ids) FROM right_",
    "quality.verdict.asked_once": (
        "INSERT INTO wrong SELECT * REPLACE ('not_comparable' AS verdict, 'info' AS severity) FROM right_"
    ),
    "quality.verdict.decided": "INSERT INTO wrong SELECT * REPLACE ('d1' AS decision_id) FROM right_",
    "quality.verdict.missing": "INSERT INTO wrong SELECT * REPLACE ('base' AS missing_input) FROM right_",
    "quality.check_index.adds_up": "UPDATE quality.check_index SET evaluated = 2",
    "quality.check_index.every_rule": (
        "INSERT INTO quality.rule SELECT * REPLACE ('new' AS rule_code) FROM quality.rule"
    ),
}


def test_each_fault_blocks_by_its_own_name(build: Path) -> None:
    """One audit over all the faults; each verdict at fault bears the name of its fault."""
    with duckdb.connect(str(build)) as connection:
        connection.execute("CREATE TEMP TABLE right_ AS SELECT * FROM quality.verdict")
        connection.execute("CREATE TEMP TABLE wrong AS SELECT * FROM right_ LIMIT 0")
        for name, fault in FAULTS.items():
            connection.execute(fault)
            connection.execute(f"UPDATE wrong SET subject_key = '{name}' WHERE subject_key = 'k'")
        connection.execute("INSERT INTO quality.verdict SELECT * FROM wrong")
    report = audit(build, {})
    assert sorted(names(report.blocking)) == sorted(FAULTS)
    for result in report.blocking:
        assert not result.raised
        assert ".verdict." not in result.name or result.sentence.endswith(
            (f"{result.name} (1 en tout).", "gone (1 en tout).")
        )


def test_a_rule_that_judges_less_warns_and_one_that_judges_nothing_blocks(build: Path) -> None:
    assert names(audit(build, {"contradiction": 2}).warnings) == ["quality.check_index.fewer"]
    with duckdb.connect(str(build)) as connection:
        connection.execute("UPDATE quality.check_index SET expected = 0, evaluated = 0, failed = 0")
    report = audit(build, {"contradiction": 2})
    assert names(report.blocking) == ["quality.check_index.silent"]
    assert "0 au lieu de 2" in report.blocking[0].sentence
    assert names(report.warnings) == ["quality.check_index.no_subject"]


def test_a_rule_without_subjects_warns_unless_few_inputs_feed_it(build: Path) -> None:
    with duckdb.connect(str(build)) as connection:
        connection.execute("UPDATE quality.check_index SET expected = 0, evaluated = 0, failed = 0")
        added = "SELECT * REPLACE ('edition_difference' AS rule_code) FROM quality.check_index"
        connection.execute(f"INSERT INTO quality.check_index {added}")
    (warning,) = audit(build, {}).warnings
    assert (warning.name, "contradiction (1 en tout)" in warning.sentence) == ("quality.check_index.no_subject", True)


@pytest.mark.parametrize(
    ("failed", "held", "warned"), [(5, 0, ["quality.check_index.always_fires"]), (4, 0, []), (5, 1, [])]
)
def test_a_rule_that_finds_fault_with_everything_warns(build: Path, failed: int, held: int, warned: list[str]) -> None:
    counts = f"failed = {failed}, held = {held}, evaluated = {failed + held}, expected = {failed + held}"
    with duckdb.connect(str(build)) as connection:
        connection.execute(f"UPDATE quality.check_index SET {counts}")
    assert names(audit(build, {}).warnings) == warned


def test_an_error_of_ours_that_is_not_corrected_warns(build: Path) -> None:
    with duckdb.connect(str(build)) as connection:
        connection.execute(
            f"""
            CREATE SCHEMA staging;
            CREATE TABLE staging.stg_decision AS SELECT '{finding_id("contradiction", "k")}' AS finding_id,
                'our_error' AS decision
            """
        )
    assert names(audit(build, {}).warnings) == ["quality.verdict.our_errors"]
    with duckdb.connect(str(build)) as connection:
        connection.execute("UPDATE staging.stg_decision SET decision = 'keep_both'")
    assert audit(build, {}).warnings == ()


def test_a_rule_taken_out_of_the_catalogue_is_not_expected(build: Path) -> None:
    report = audit(build, {"retired": 7})
    assert report.blocking == ()
    assert report.warnings == ()


def test_a_rule_whose_subjects_may_all_go_may_fall_silent(build: Path) -> None:
    with duckdb.connect(str(build)) as connection:
        connection.execute("INSERT INTO quality.check_index VALUES ('edition_difference', 0, 0, 0, 0, 0, [])")
        connection.execute(
            "INSERT INTO quality.rule SELECT 'edition_difference', * EXCLUDE rule_code FROM quality.rule"
        )
    report = audit(build, {"edition_difference": 7})
    assert (report.blocking, report.warnings) == ((), ())


def test_what_an_audit_may_check_is_announced(build: Path) -> None:
    announced = {check.name: check.sentence for check in declared_checks()}
    made = {result.name for result in audit(build, {"contradiction": 1}).results}
    assert made <= announced.keys()
    assert announced.keys() - made == {"quality.verdict.our_errors"}
    assert len(set(announced.values())) == len(announced)


def test_a_check_that_breaks_blocks_whatever_its_severity(build: Path) -> None:
    with duckdb.connect(str(build)) as connection:
        connection.execute("ALTER TABLE quality.check_index ALTER evaluated TYPE VARCHAR USING 'many'")
    report = audit(build, {"contradiction": 2})
    assert "quality.check_index.adds_up" in names(report.blocking)
    assert any(result.raised for result in report.blocking)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (CheckResult(Check("n", "t", "Vrai.", found="…"), True), AuditResult("n", "Vrai.", "blocking", True)),
        (
            CheckResult(Check("n", "t", "Faux.", "warning", found="…"), False, tuple("abcdefg")),
            AuditResult("n", "Faux. Trouvé : a, b, c, d, e (7 en tout).", "warning", False),
        ),
        (
            CheckResult(Check("n", "t", "Cassé.", "warning", found="…"), False, (), "boom"),
            AuditResult("n", "Cassé. Contrôle en panne : boom", "warning", False, raised=True),
        ),
    ],
)
def test_results_are_told(result: CheckResult, expected: AuditResult) -> None:
    assert as_audit_result(result) == expected


def test_what_raised_blocks_and_never_warns() -> None:
    report = AuditReport((AuditResult("n", "s", "warning", False, raised=True),))
    assert (names(report.blocking), report.warnings) == (["n"], ())
