"""A home lost and restored: what cannot be rebuilt was in the backup, everything else comes back from the archive."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from homes import Corrected, packaged_version

from warehouse.paths import Home
from warehouse.state import StateStore

# Whole refreshes, on machines that may be busy with the rest of the suite.
pytestmark = pytest.mark.timeout(900)
REBUILT = ("bronze", "build.duckdb", "dbt", "dagster", "snapshots", "barometre.duckdb")


def run(home: Path, *arguments: str) -> Any:
    """The parsed output of a command that ends well."""
    environment = {**os.environ, "BAROMETRE_HOME": str(home)}
    environment.pop("BAROMETRE_STATE_URL", None)
    command = [sys.executable, "-m", "orchestration.cli", *arguments, "--format", "json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=420, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@contextmanager
def published(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str((home / "barometre.duckdb").resolve()), read_only=True) as connection:
        yield connection


def rows(home: Path, query: str) -> list[tuple[Any, ...]]:
    with published(home) as connection:
        return connection.execute(query).fetchall()


def marts(home: Path) -> dict[str, tuple[int, int]]:
    """Rows and one hash of all of them, whatever their order, by table of the marts and of what the rules found."""
    with published(home) as connection:
        tables = connection.execute(
            "SELECT schema_name || '.' || table_name FROM duckdb_tables() "
            "WHERE schema_name = 'marts' OR table_name IN ('verdict', 'check_index', 'rule', 'figure_ledger')"
        ).fetchall()
        hashed = "SELECT count(*), coalesce(bit_xor(hash(t)), 0) FROM {} AS t"
        return {name: connection.execute(hashed.format(name)).fetchone() for (name,) in tables}


def findings(home: Path) -> list[tuple[Any, ...]]:
    return rows(home, "SELECT finding_id, status, steward, first_seen_at, message_fr FROM quality.finding ORDER BY 1")


def history(home: Path) -> list[tuple[Any, ...]]:
    return rows(home, "SELECT * FROM quality.finding_history ORDER BY ALL")


@dataclass(frozen=True)
class Lost:
    """What the home said before it was lost, and the home that came back."""

    marts: dict[str, tuple[int, int]]
    findings: list[tuple[Any, ...]]
    history: list[tuple[Any, ...]]
    acknowledged: str
    before_refresh: set[str]
    status: Any
    refreshed: Any
    home: Path


@pytest.fixture(scope="module")
def lost(corrected: Corrected, tmp_path_factory: pytest.TempPathFactory) -> Lost:
    """A home that got a correction which nobody will have any more; an act of a person, backup, the home deleted,
    restore, refresh."""
    outside, home = tmp_path_factory.mktemp("outside"), corrected.command.home
    acknowledged = findings(home)[0][0]
    with StateStore.open(Home(home), now=datetime.now(UTC)) as store:
        store.record_act(acknowledged, "acknowledged", actor="Anne", why="connu", at=datetime.now(UTC))
    (home / "config" / "settings.yml").write_text("snapshots:\n  keep: 5\n")
    told = marts(home), findings(home), history(home), acknowledged
    saved = run(home, "backup", str(outside / "backup.tar"))
    assert saved["damaged"] == []
    shutil.rmtree(home)
    run(home, "restore", saved["path"])
    left = {path.name for path in home.iterdir() if path.is_file() or any(path.iterdir())}
    status = run(home, "status")
    return Lost(*told, left, status, run(home, "refresh"), home)


def test_nothing_that_can_be_rebuilt_was_in_the_backup(lost: Lost) -> None:
    assert lost.before_refresh.isdisjoint(REBUILT)
    assert {"archive", "config", "state.sqlite"} <= lost.before_refresh
    assert lost.status["would_refresh_because"] != [], "a restored home says that it must be refreshed"


def test_everything_else_is_rebuilt_from_the_archive(lost: Lost) -> None:
    assert lost.refreshed["outcome"] == "published"
    assert lost.refreshed["refused"] == []
    assert marts(lost.home) == lost.marts
    assert all((lost.home / name).exists() for name in REBUILT)


def test_findings_keep_their_first_day_their_history_and_what_people_did(lost: Lost) -> None:
    before = {row[0]: row for row in lost.findings}
    after = {row[0]: row for row in findings(lost.home)}
    assert after.keys() == before.keys()
    for finding_id, row in before.items():
        status = "acknowledged" if finding_id == lost.acknowledged else row[1]
        assert after[finding_id] == (finding_id, status, *row[2:])
    events = [event for event in history(lost.home) if event not in lost.history]
    assert [(event[0], event[2], event[4]) for event in events] == [(lost.acknowledged, "acknowledged", "Anne")]


def test_what_was_delivered_once_is_still_there(lost: Lost) -> None:
    versions = rows(lost.home, "SELECT extract_version FROM marts.dim_report WHERE report_id = 'ms2022-na-2019'")
    assert versions == [(packaged_version("ms2022-na-2019") + 1,)]
    received = rows(lost.home, "SELECT count(*) FROM meta.source_file WHERE dataset_or_report = 'ms2022-na-2019'")
    assert received == [(2,)]
    assert (lost.home / "config" / "settings.yml").read_text() == "snapshots:\n  keep: 5\n"


def test_the_lost_snapshot_is_told_but_not_offered(lost: Lost) -> None:
    assert [row["current"] for row in run(lost.home, "snapshots", "list")] == [True]
    outcomes = rows(lost.home, "SELECT outcome FROM meta.refresh ORDER BY refresh_id")
    assert outcomes == [("published",)] * 3
