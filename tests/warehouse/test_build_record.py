"""The record inside the working database: what it was made from, and what follows a decision without dbt."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from warehouse.build_record import BuildUnusable, Model, built_from, follow_decisions, record_build

PARTS = {"sql": "1", "decisions": "2"}
RETAINED = "SELECT fact, coalesce(chosen, first) AS value FROM facts LEFT JOIN decisions USING (fact)"
COUNTED = "SELECT count(value) AS known FROM marts.retained"


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A working database in which one table hangs on the decisions, and another on that one."""
    path = tmp_path / "build.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE SCHEMA marts")
        connection.execute("CREATE TABLE facts AS SELECT 1 AS fact, CAST(NULL AS INT) AS first")
        connection.execute("CREATE TABLE decisions (fact INT, chosen INT)")
        connection.execute(f"CREATE TABLE marts.retained AS {RETAINED}")
        connection.execute(f"CREATE TABLE marts.counted AS {COUNTED}")
    record_build(path, PARTS, [Model("marts", "retained", RETAINED), Model("marts", "counted", COUNTED)])
    return path


def _run(build: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(build)) as connection:
        return connection.execute(sql).fetchall()


def test_a_build_says_what_it_was_made_from(build: Path) -> None:
    assert built_from(build) == PARTS


def test_a_decision_reaches_every_table_that_hangs_on_it(build: Path) -> None:
    _run(build, "INSERT INTO decisions VALUES (1, 36)")
    follow_decisions(build, "3")
    assert _run(build, "SELECT value, known FROM marts.retained, marts.counted") == [(36, 1)]
    assert built_from(build) == PARTS | {"decisions": "3"}


def test_a_decision_that_makes_facts_is_refused_and_leaves_everything(build: Path) -> None:
    _run(build, "INSERT INTO decisions VALUES (1, 36), (1, 32)")
    with pytest.raises(BuildUnusable, match="number of rows"):
        follow_decisions(build, "3")
    assert _run(build, "SELECT value FROM marts.retained") == [(None,)]
    assert built_from(build) == PARTS


def test_queries_that_no_longer_run_leave_everything(build: Path) -> None:
    _run(build, "DROP TABLE decisions")
    with pytest.raises(BuildUnusable, match="cannot follow"):
        follow_decisions(build, "3")
    assert built_from(build) == PARTS


@pytest.mark.parametrize("content", [None, b"", b"not a database" * 1000])
def test_what_is_no_audited_build_has_no_parts(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "build.duckdb"
    if content is not None:
        path.write_bytes(content)
    assert built_from(path) is None


def test_a_build_without_a_record_has_no_parts(tmp_path: Path) -> None:
    """dbt wrote it, and the audit did not come to its end."""
    path = tmp_path / "build.duckdb"
    _run(path, "CREATE TABLE t (a INT)")
    assert built_from(path) is None
