"""The commands that keep a home, on homes without a warehouse: what they print, their exit codes, the lock."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result

from orchestration import commands_keep
from orchestration.cli import cli
from orchestration.commands_keep import declared_keys
from warehouse.errors import LockHeld, NothingPublished, UsageError
from warehouse.paths import Home
from warehouse.snapshots import snapshot_name, swap, write_manifest
from warehouse.state import StateStore

NOON = datetime(2020, 1, 1, 12, tzinfo=UTC)
TABLES = """
CREATE SCHEMA marts; CREATE SCHEMA quality;
CREATE TABLE marts.fct_population (territory_key VARCHAR, age_from INTEGER, population BIGINT);
CREATE TABLE quality.finding (finding_id VARCHAR, rule_code VARCHAR, severity VARCHAR, status VARCHAR,
    territory_code VARCHAR, message_fr VARCHAR, last_seen_at TIMESTAMP);
"""


def publish(home: Home, store: StateStore, at: datetime, rows: str) -> Path:
    """What a refresh leaves, with a few rows in it."""
    path = home.snapshots / snapshot_name(at, "a" * 64)
    with duckdb.connect(str(path)) as connection:
        connection.execute(TABLES + rows)
    write_manifest(path, {"sealed_at": at.isoformat()})
    number = store.begin_refresh(trigger="test", input_set="f" * 64, inputs={}, started_at=at)
    store.mark_prepared(number, path.name)
    swap(home.current, path)
    store.mark_published(number, finished_at=at)
    return path


@pytest.fixture
def kept(home: Path) -> tuple[Home, list[Path]]:
    """A home with three published snapshots, each two years after the one before."""
    at = Home(home).create()
    rows = [
        "INSERT INTO marts.fct_population VALUES ('x', NULL, 1);",
        "INSERT INTO marts.fct_population VALUES ('x', NULL, 2);",
        "INSERT INTO marts.fct_population VALUES ('x', NULL, 2), ('y', 15, 3);"
        "INSERT INTO quality.finding VALUES ('f1', 'C1', 'error', 'open', '75', 'Écart de 4.', NULL);",
    ]
    with StateStore.open(at, now=NOON) as store:
        years = (NOON - timedelta(days=730 * age) for age in (2, 1, 0))
        return at, [publish(at, store, moment, sql) for moment, sql in zip(years, rows, strict=True)]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def read(*arguments: str) -> Any:
    """The parsed output of a command that ends well."""
    done = run(*arguments, "--format", "json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_rollback_serves_the_one_before_and_can_be_taken_back(kept: tuple[Home, list[Path]]) -> None:
    home, (_, second, third) = kept
    done = run("snapshots", "rollback", "--by", "Anne", "--why", "chiffre faux")
    assert done.exit_code == 0
    assert home.current.resolve() == second
    assert f"barometre snapshots rollback {third.name}" in done.stdout
    with StateStore.open(home, now=NOON) as store:
        assert store.rollback_in_force(second.name)["actor"] == "Anne"
    assert read("snapshots", "rollback", third.name[:12]) == {"from_snapshot": second.name, "to_snapshot": third.name}
    assert home.current.resolve() == third


def test_rollback_names_the_user_when_nobody_is_named(
    kept: tuple[Home, list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands_keep.getpass, "getuser", lambda: "exploitation")
    read("snapshots", "rollback")
    with StateStore.open(kept[0], now=NOON) as store:
        assert store.rollback_in_force(kept[1][1].name)["actor"] == "exploitation"


def test_prune_keeps_what_settings_say(kept: tuple[Home, list[Path]]) -> None:
    home, (first, second, third) = kept
    home.settings.write_text("snapshots:\n  keep: 1\n  keep_days: 365\n")
    assert read("snapshots", "prune", "--dry-run")["snapshots"] == [second.name, first.name]
    assert first.exists()
    done = run("snapshots", "prune")
    assert (done.exit_code, "2 snapshots removed" in done.stdout) == (0, True)
    assert list(home.snapshots.glob("*.duckdb")) == [third]
    home.settings.write_text("snapshots:\n  kep: 1\n")
    assert isinstance(run("snapshots", "prune").exception, UsageError)


def test_diff_tells_rows_by_declared_key_and_findings(kept: tuple[Home, list[Path]]) -> None:
    home, (first, second, third) = kept
    manifest = {
        "nodes": {
            "model.m": {"schema": "marts", "name": "fct_population"},
            "test.t": {
                "attached_node": "model.m",
                "test_metadata": {"name": "unique_key", "kwargs": {"columns": ["territory_key", "age_from"]}},
            },
            "test.u": {"attached_node": "model.m", "test_metadata": {"name": "not_null", "kwargs": {}}},
        }
    }
    (home.dbt / "target").mkdir(parents=True)
    (home.dbt / "target" / "manifest.json").write_text(json.dumps(manifest))
    assert declared_keys(home) == {"marts.fct_population": ["territory_key", "age_from"]}
    newest = read("snapshots", "diff")
    assert (newest["earlier"], newest["later"]) == (second.name, third.name)
    counted = {t["table"]: (t["added"], t["removed"], t["changed"]) for t in newest["tables"]}
    assert counted == {"marts.fct_population": (1, 0, 0), "quality.finding": (1, 0, 0)}
    assert [finding["finding_id"] for finding in newest["findings_opened"]] == ["f1"]
    between = read("snapshots", "diff", first.name, second.name)
    assert [(t["table"], t["changed"]) for t in between["tables"]] == [("marts.fct_population", 1)]
    shown = run("snapshots", "diff").stdout
    assert "Écart de 4." in shown
    assert "1 finding opened" in shown
    assert "No row differs" in run("snapshots", "diff", first.name, first.name).stdout


def test_without_dbt_s_manifest_rows_are_compared_whole(kept: tuple[Home, list[Path]]) -> None:
    _, (first, second, _) = kept
    found = read("snapshots", "diff", first.name, second.name)
    assert [(t["added"], t["removed"], t["changed"]) for t in found["tables"]] == [(1, 1, 0)]


def test_backup_then_restore_into_another_home(
    kept: tuple[Home, list[Path]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, _ = kept
    sha = sha256(b"delivered").hexdigest()
    (home.archive / sha[:2]).mkdir()
    (home.archive / sha[:2] / sha).write_bytes(b"delivered")
    saved = read("backup", str(tmp_path))
    assert saved["damaged"] == []
    assert isinstance(run("restore", saved["path"]).exception, UsageError), "the home is used"
    monkeypatch.setenv("BAROMETRE_HOME", str(tmp_path / "other"))
    done = run("restore", saved["path"])
    assert (done.exit_code, "Next: barometre refresh" in done.stdout) == (0, True)
    assert (tmp_path / "other" / "archive" / sha[:2] / sha).read_bytes() == b"delivered"


def test_a_backup_of_a_damaged_archive_is_exit_1_and_names_the_file(
    kept: tuple[Home, list[Path]], tmp_path: Path
) -> None:
    home, _ = kept
    sha = sha256(b"delivered").hexdigest()
    (home.archive / sha[:2]).mkdir()
    (home.archive / sha[:2] / sha).write_bytes(b"bit rot")
    done = run("backup", str(tmp_path / "b.tar"))
    assert done.exit_code == 1
    assert sha in done.stderr
    assert (tmp_path / "b.tar").exists()


@pytest.mark.parametrize("command", [["prune"], ["rollback"]])
def test_what_changes_snapshots_waits_for_nobody(
    kept: tuple[Home, list[Path]], command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(*_: object) -> None:
        raise LockHeld("process 1 (a refresh)")

    monkeypatch.setattr(commands_keep, "refresh_lock", held)
    before = kept[0].current.resolve()
    assert isinstance(run("snapshots", *command).exception, LockHeld)
    assert kept[0].current.resolve() == before


@pytest.mark.parametrize("command", [["rollback"], ["diff"]])
def test_nothing_published_says_what_to_do(home: Path, command: list[str]) -> None:
    assert list(home.iterdir()) == []
    error = run("snapshots", *command).exception
    assert isinstance(error, NothingPublished)
    assert "barometre refresh" in str(error)
