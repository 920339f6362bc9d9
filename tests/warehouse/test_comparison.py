"""What differs between two snapshots: by key, with nulls in it, and where keys or columns come and go."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from warehouse.comparison import Comparison, TableDifference, compare
from warehouse.errors import PublishError

BASE = """
CREATE SCHEMA marts; CREATE SCHEMA quality; CREATE SCHEMA meta;
CREATE TABLE quality.finding (finding_id VARCHAR, rule_code VARCHAR, severity VARCHAR, status VARCHAR,
    territory_code VARCHAR, message_fr VARCHAR, last_seen_at TIMESTAMP);
CREATE TABLE meta.refresh (refresh_id BIGINT);
CREATE TABLE marts.dim_topic (topic_key VARCHAR PRIMARY KEY, label_fr VARCHAR);
CREATE TABLE marts.fct_population (territory_key VARCHAR, age_from INTEGER, population BIGINT);
"""
KEYS = {"marts.fct_population": ["territory_key", "age_from"]}


def snapshot(folder: Path, name: str, sql: str = "") -> Path:
    path = folder / f"{name}.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(BASE + sql)
    path.chmod(0o444)
    return path


def differ(folder: Path, before: str, after: str, keys: dict[str, list[str]] | None = None) -> Comparison:
    return compare(snapshot(folder, "a", before), snapshot(folder, "b", after), KEYS if keys is None else keys)


def finding(name: str, status: str = "open", severity: str = "error", seen: int = 1) -> str:
    values = f"'{name}', 'C1', '{severity}', '{status}', '75', 'Écart de 4.', TIMESTAMP '2030-01-0{seen}'"
    return f"INSERT INTO quality.finding VALUES ({values});"


def test_snapshots_that_say_the_same_do_not_differ(tmp_path: Path) -> None:
    same = "INSERT INTO marts.dim_topic VALUES ('t', NULL); INSERT INTO marts.fct_population VALUES ('x', NULL, 1);"
    found = differ(
        tmp_path,
        same + finding("f") + "INSERT INTO meta.refresh VALUES (1);",
        same + finding("f", seen=2) + "INSERT INTO meta.refresh VALUES (1), (2);",
    )
    assert found == Comparison("a.duckdb", "b.duckdb", (), (), ())


def test_rows_are_told_by_key(tmp_path: Path) -> None:
    found = differ(
        tmp_path,
        "INSERT INTO marts.fct_population VALUES ('x', NULL, 1), ('x', 15, 2), ('gone', NULL, 3), ('y', NULL, NULL);",
        "INSERT INTO marts.fct_population VALUES ('x', NULL, 10), ('x', 15, 2), ('n', NULL, 4), ('m', 1, 4), "
        "('y', NULL, 5);",
    )
    assert found.tables == (TableDifference("marts.fct_population", 2, 1, 2, ("territory_key", "age_from")),)


def test_a_primary_key_needs_no_telling(tmp_path: Path) -> None:
    found = differ(
        tmp_path,
        "INSERT INTO marts.dim_topic VALUES ('t', 'Accès'), ('u', 'x');",
        "INSERT INTO marts.dim_topic VALUES ('t', 'Accès aux soins'), ('v', 'x');",
        {},
    )
    assert found.tables == (TableDifference("marts.dim_topic", 1, 1, 1, ("topic_key",)),)


@pytest.mark.parametrize("keys", [{}, {"marts.fct_population": ["territory_key", "not_there_then"]}])
def test_without_a_key_a_change_is_a_removal_and_an_addition(tmp_path: Path, keys: dict[str, list[str]]) -> None:
    found = differ(
        tmp_path,
        "INSERT INTO marts.fct_population VALUES ('x', NULL, 1), ('x', NULL, 1), ('z', 1, 1);",
        "INSERT INTO marts.fct_population VALUES ('x', NULL, 1), ('z', 1, 2);",
        keys,
    )
    assert found.tables == (TableDifference("marts.fct_population", 1, 2, 0, ()),)


def test_columns_and_tables_that_come_and_go(tmp_path: Path) -> None:
    found = differ(
        tmp_path,
        "CREATE TABLE marts.old (k INTEGER); INSERT INTO marts.old VALUES (1), (2);"
        "INSERT INTO marts.fct_population VALUES ('x', 1, 1);",
        "CREATE TABLE marts.new (k INTEGER); INSERT INTO marts.new VALUES (1);"
        "ALTER TABLE marts.fct_population ADD COLUMN sex VARCHAR;"
        "INSERT INTO marts.fct_population VALUES ('x', 1, 1, 'F');",
    )
    assert found.tables == (
        TableDifference("marts.fct_population", 0, 0, 0, ("territory_key", "age_from"), ("sex",)),
        TableDifference("marts.new", 1, 0, 0, (), ("k",)),
        TableDifference("marts.old", 0, 2, 0, (), (), ("k",)),
    )


def test_findings_opened_and_resolved(tmp_path: Path) -> None:
    found = differ(
        tmp_path,
        finding("stays") + finding("resolved") + finding("back", "resolved") + finding("withdrawn", severity="info"),
        finding("stays", "acknowledged")
        + finding("resolved", "resolved")
        + finding("back", "reopened")
        + finding("new", severity="warning"),
    )
    assert [f["finding_id"] for f in found.findings_opened] == ["back", "new"]
    assert [f["finding_id"] for f in found.findings_resolved] == ["resolved", "withdrawn"]
    assert found.findings_opened[0]["message_fr"] == "Écart de 4."
    assert [(t.table, t.added, t.removed, t.changed) for t in found.tables] == [("quality.finding", 1, 1, 3)]


def test_a_file_that_is_no_snapshot_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.duckdb").write_bytes(b"x" * 5_000)
    with pytest.raises(PublishError, match=r"a\.duckdb"):
        compare(tmp_path / "a.duckdb", snapshot(tmp_path, "b"), {})
