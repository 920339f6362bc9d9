"""Seal and swap: whole files only, with their DDL and comments, whatever clients do to the one before."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from warehouse.errors import NothingPublished, PublishError
from warehouse.reading import connect_snapshot
from warehouse.seal import STATE_TABLES, Sealed, seal, without_catalog
from warehouse.snapshots import list_snapshots, manifest_path, remove_leftovers, swap

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)

BUILD = """
CREATE SCHEMA marts; CREATE SCHEMA quality; CREATE SCHEMA staging;
CREATE TABLE marts.fct_observation (observation_id VARCHAR NOT NULL, indicator_key VARCHAR, territory_key VARCHAR,
    period_key VARCHAR, value DECIMAL(18,4));
COMMENT ON TABLE marts.fct_observation IS 'Mentions. Grain: one figure.';
COMMENT ON COLUMN marts.fct_observation.value IS 'L''effectif. Unit: persons.';
CREATE TABLE marts.fct_indicator_value (indicator_key VARCHAR, territory_key VARCHAR, period_key VARCHAR,
    has_open_finding BOOLEAN);
CREATE TABLE quality.verdict (rule_code VARCHAR);
CREATE VIEW marts.v_b AS SELECT * FROM build.marts.v_a;
"""


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A working database as dbt leaves it, with views in an unlucky order of names."""
    path = tmp_path / "build.duckdb"
    with duckdb.connect(str(path)) as connection:
        tables, view = BUILD.split("CREATE VIEW")
        connection.execute(tables)
        connection.execute("CREATE VIEW marts.v_z AS SELECT observation_id, value FROM build.marts.fct_observation")
        connection.execute("COMMENT ON VIEW marts.v_z IS 'Seen'; COMMENT ON COLUMN marts.v_z.value IS 'Seen value'")
        connection.execute("CREATE VIEW" + view.replace("v_a", "v_z"))
        connection.execute(
            "INSERT INTO marts.fct_observation VALUES ('r#a', 'i', 't', 'p', 3), ('r#b', 'i', 't', 'q', 4)"
        )
        connection.execute(
            "INSERT INTO marts.fct_indicator_value VALUES ('i', 't', 'p', false), ('i', 't', 'q', false)"
        )
        connection.execute("CREATE TABLE staging.hidden (x INTEGER)")
    return path


def _finding(status: str = "open", severity: str = "error") -> dict[str, object]:
    return {
        "finding_id": "f1",
        "status": status,
        "severity": severity,
        "observation_ids": ["r#a"],
        "evidence": '{"relation": "sum"}',
    }


def _seal(build: Path, home: Path, at: datetime = NOON, findings: list[dict[str, object]] | None = None) -> Sealed:
    (home / "snapshots").mkdir(parents=True, exist_ok=True)
    rows: dict[str, list[dict[str, object]]] = {f"{t.schema}.{t.name}": [] for t in STATE_TABLES}
    rows["quality.finding"] = [_finding()] if findings is None else findings
    return seal(build, home / "snapshots", input_set="a" * 64, sealed_at=at, state_rows=rows, facts={"k": 1})


def test_functions_stand_in_the_sealed_file_under_the_guards_of_readers(build: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(build)) as connection:
        connection.execute(
            "CREATE MACRO marts.mentions_of(code, least) AS TABLE "
            "SELECT observation_id FROM build.marts.fct_observation WHERE indicator_key = code AND value >= least"
        )
        connection.execute("COMMENT ON MACRO TABLE marts.mentions_of IS 'Mentions of an indicator''s code.'")
    sealed = _seal(build, tmp_path)
    build.unlink()
    with connect_snapshot(sealed.path) as connection:
        assert connection.execute("FROM marts.mentions_of('i', 4)").fetchall() == [("r#b",)]
        told = connection.execute(
            "SELECT comment FROM duckdb_functions() WHERE function_name = 'mentions_of'"
        ).fetchall()
        assert told == [("Mentions of an indicator's code.",)]


def test_a_function_on_what_is_not_published_stops_the_seal(build: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(build)) as connection:
        connection.execute("CREATE MACRO marts.hidden(x) AS TABLE SELECT x FROM staging.hidden")
    with pytest.raises(PublishError, match="hidden"):
        _seal(build, tmp_path)


def test_the_sealed_file_keeps_ddl_comments_and_views(build: Path, tmp_path: Path) -> None:
    sealed = _seal(build, tmp_path)
    with duckdb.connect(str(sealed.path), read_only=True) as connection:
        comments = dict(
            connection.execute("SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'v_z'").fetchall()
        )
        assert comments["value"] == "Seen value"
        ddl = connection.execute("SELECT sql FROM duckdb_tables() WHERE table_name = 'fct_observation'").fetchone()[0]
        assert "NOT NULL" in ddl
        assert connection.execute("SELECT count(*) FROM marts.v_b").fetchone() == (2,)
        unit = connection.execute(
            "SELECT unit FROM meta.dictionary WHERE \"table\" = 'fct_observation' AND \"column\" = 'value'"
        ).fetchone()
        assert unit == ("persons",)
        schemas = {row[0] for row in connection.execute("SELECT DISTINCT schema_name FROM duckdb_tables()").fetchall()}
        assert schemas == {"marts", "quality", "meta"}
    assert sealed.rows["marts.fct_observation"] == 2


def test_the_file_is_described_and_read_only(build: Path, tmp_path: Path) -> None:
    sealed = _seal(build, tmp_path)
    manifest = json.loads(manifest_path(sealed.path).read_text())
    assert manifest["k"] == 1
    assert manifest["bytes"] == sealed.path.stat().st_size
    assert sealed.path.stat().st_mode & 0o777 == 0o444
    assert sealed.path.name == "20300101T120000000000Z-aaaaaaaaaaaa.duckdb"


@pytest.mark.parametrize(
    ("status", "severity", "expected"),
    [("open", "error", True), ("resolved", "error", False), ("settled", "error", False), ("open", "info", False)],
)
def test_a_value_is_marked_by_an_open_finding(
    build: Path, tmp_path: Path, status: str, severity: str, expected: bool
) -> None:
    sealed = _seal(build, tmp_path, findings=[_finding(status, severity)])
    with duckdb.connect(str(sealed.path), read_only=True) as connection:
        rows = connection.execute("SELECT period_key, has_open_finding FROM marts.fct_indicator_value").fetchall()
    assert dict(rows) == {"p": expected, "q": False}


def test_a_build_without_marts_is_refused(tmp_path: Path) -> None:
    duckdb.connect(str(tmp_path / "empty.duckdb")).close()
    with pytest.raises(PublishError, match="no marts"):
        _seal(tmp_path / "empty.duckdb", tmp_path)
    assert list_snapshots(tmp_path / "snapshots", tmp_path / "barometre.duckdb") == []


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT x FROM build.marts.t", "SELECT x FROM marts.t"),
        ('SELECT x FROM "build"."quality"."t"', 'SELECT x FROM "quality"."t"'),
        ("SELECT 'build.marts' AS rebuild, a.build.marts", "SELECT 'build.marts' AS rebuild, a.build.marts"),
    ],
)
def test_views_lose_the_catalog_and_nothing_else(sql: str, expected: str) -> None:
    assert without_catalog(sql) == expected


def test_swap_is_a_relative_link_and_a_session_keeps_its_snapshot(build: Path, tmp_path: Path) -> None:
    current = tmp_path / "barometre.duckdb"
    first = _seal(build, tmp_path)
    swap(current, first.path)
    assert str(current.readlink()) == f"snapshots/{first.path.name}"
    reader = connect_snapshot(current)
    second = _seal(build, tmp_path, NOON + timedelta(hours=1), findings=[])
    swap(current, second.path)
    assert reader.execute("SELECT count(*) FROM quality.finding").fetchone() == (1,)
    with connect_snapshot(current) as other:
        assert other.execute("SELECT count(*) FROM quality.finding").fetchone() == (0,)
    reader.close()
    listed = list_snapshots(tmp_path / "snapshots", current)
    assert [(s.path.name, s.is_current) for s in listed] == [(second.path.name, True), (first.path.name, False)]


CLIENT = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "ro")
if sys.argv[2] == "rw":
    connection.execute("CREATE TABLE marts.scribble AS SELECT 1 AS x")
print("open", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("mode", ["ro", "rw"])
def test_a_client_that_holds_the_file_open_neither_blocks_nor_spoils(build: Path, tmp_path: Path, mode: str) -> None:
    """Also when it opened read-write (made writable on purpose) and left a write-ahead log behind."""
    current = tmp_path / "barometre.duckdb"
    first = _seal(build, tmp_path)
    swap(current, first.path)
    if mode == "rw":
        first.path.chmod(0o644)
    client = subprocess.Popen(
        [sys.executable, "-c", CLIENT, str(current), mode], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert client.stdout.readline() == "open\n"
    second = _seal(build, tmp_path, NOON + timedelta(hours=1))
    swap(current, second.path)
    client.kill()
    client.wait()
    client.stdin.close()
    client.stdout.close()
    with connect_snapshot(current) as connection:
        tables = {row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
        assert "scribble" not in tables
        assert connection.execute("SELECT count(*) FROM marts.fct_observation").fetchone() == (2,)


def test_a_changed_file_is_not_published(build: Path, tmp_path: Path) -> None:
    sealed = _seal(build, tmp_path)
    sealed.path.chmod(0o644)
    with sealed.path.open("r+b") as stream:
        stream.seek(5000)
        byte = stream.read(1)
        stream.seek(5000)
        stream.write(bytes([byte[0] ^ 0xFF]))
    with pytest.raises(PublishError, match="does not match its manifest"):
        swap(tmp_path / "barometre.duckdb", sealed.path)


def test_leftovers_of_a_killed_seal_go_and_nothing_else(build: Path, tmp_path: Path) -> None:
    sealed = _seal(build, tmp_path)
    folder = tmp_path / "snapshots"
    unfinished = folder / "20300101T130000000000Z-bbbbbbbbbbbb.duckdb"
    for path in (unfinished, folder / f"{unfinished.name}.wal", folder / ".x.duckdb.1.part", folder / "notes.txt"):
        path.write_bytes(b"x")
    client_log = folder / f"{sealed.path.name}.wal"
    client_log.write_bytes(b"x")
    removed = {path.name for path in remove_leftovers(folder)}
    assert removed == {unfinished.name, f"{unfinished.name}.wal", ".x.duckdb.1.part"}
    assert sealed.path.exists()
    assert client_log.exists()


def test_the_guarded_connection_has_no_way_out(build: Path, tmp_path: Path) -> None:
    current = tmp_path / "barometre.duckdb"
    swap(current, _seal(build, tmp_path).path)
    escapes = [
        "COPY (SELECT 1) TO '{0}'",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM read_csv('{0}')",
        "ATTACH '{0}' AS other",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "CREATE TABLE marts.t AS SELECT 1",
        "EXPORT DATABASE '{0}'",
        "PRAGMA memory_limit='100GB'",
    ]
    with connect_snapshot(current) as connection:
        for escape in escapes:
            with pytest.raises(duckdb.Error):
                connection.execute(escape.format(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_nothing_published_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NothingPublished, match="barometre refresh"):
        connect_snapshot(tmp_path / "barometre.duckdb")
