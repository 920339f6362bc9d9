"""When a home is unwell, told by facts alone; and that telling it stays quick and without Dagster."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.health import FREE_BYTES, Facts, facts_of, problems, waiting
from orchestration.serve import heartbeat, last_heartbeat, service_holder, service_lock
from orchestration.status import describe, status_lines, with_freshness
from stewardship.stewards_problems import stewards_problems
from warehouse.lock import refresh_lock
from warehouse.paths import Home

NOW = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
PUBLISHED = {
    "refresh_id": 7,
    "trigger": "landing",
    "outcome": "published",
    "started_at": NOW - timedelta(hours=3),
    "finished_at": NOW - timedelta(hours=3),
}
WELL = Facts(
    now=NOW,
    service_holder="process 12 (service) since …",
    last_look_at=NOW - timedelta(seconds=5),
    lock_holder=None,
    last_refresh=PUBLISHED,
    is_served=True,
    waiting_since=None,
    due_since=None,
    free_bytes=50 << 30,
    snapshot_bytes=20 << 20,
)
RUNNING = PUBLISHED | {"outcome": "running", "finished_at": None}


def test_all_is_well() -> None:
    assert problems(WELL) == []


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"service_holder": None, "last_look_at": NOW - timedelta(days=3)}, "does not run: landing/ was last looked"),
        ({"last_look_at": NOW - timedelta(minutes=40)}, "watches no more: landing/ was last looked at 40 min ago"),
        ({"is_served": False}, "Nothing is published yet"),
        ({"last_refresh": PUBLISHED | {"outcome": "failed"}}, "last refresh (7, landing) was failed"),
        ({"last_refresh": PUBLISHED | {"outcome": "blocked"}}, "the snapshot before it is served"),
        ({"last_refresh": RUNNING, "lock_holder": "process 13"}, "runs for 3 h (process 13): it hangs"),
        ({"waiting_since": NOW - timedelta(minutes=16)}, "waits in landing/ for 16 min"),
        ({"due_since": NOW - timedelta(hours=5)}, "due for 5 h"),
        ({"free_bytes": FREE_BYTES - 1}, "disk is nearly full"),
        ({"free_bytes": 7 << 30, "snapshot_bytes": 2 << 30}, "7.0 GiB are free, 8.0 GiB are needed"),
    ],
)
def test_each_problem_is_told_alone_with_what_to_do(facts: dict[str, Any], words: str) -> None:
    [problem] = problems(replace(WELL, **facts))
    assert words in problem
    assert problem.endswith(".")


@pytest.mark.parametrize(
    "facts",
    [
        {"service_holder": None, "last_look_at": None},  # refreshed by hand, on purpose
        {"is_served": False, "lock_holder": "process 13"},  # the first refresh runs
        {"last_refresh": RUNNING},  # killed: the next refresh recovers
        {"last_refresh": RUNNING | {"started_at": NOW - timedelta(minutes=3)}, "lock_holder": "process 13"},
        {"waiting_since": NOW - timedelta(minutes=14)},
        {"due_since": NOW - timedelta(minutes=59)},
        {"last_refresh": None},
    ],
)
def test_what_looks_like_a_problem_and_is_none(facts: dict[str, Any]) -> None:
    assert problems(replace(WELL, **facts)) == []


def test_facts_are_those_of_the_home(home: Path) -> None:
    at = Home(home).create()
    (at.landing / "a.zip").touch()
    (at.landing / "b.zip.part").touch()
    before = datetime.now(UTC)
    with refresh_lock(service_lock(at), "service"), refresh_lock(at.lock, "a test"):
        heartbeat(at).touch()
        facts = facts_of(at, None, [], datetime.now(UTC))
        assert facts.is_alive
        assert facts.service_holder == service_holder(at)
        assert f"process {os.getpid()} (a test)" in str(facts.lock_holder)
    assert not facts_of(at, None, [], datetime.now(UTC)).is_alive
    assert [name for name, _ in waiting(at)] == ["a.zip"]
    assert facts.waiting_since is not None
    assert abs(facts.waiting_since - before) < timedelta(minutes=1)
    assert last_heartbeat(Home(home / "elsewhere")) is None


def test_a_file_moved_in_waits_since_it_was_moved(home: Path) -> None:
    """Its time of writing may be years ago; nobody let it wait for years."""
    at = Home(home).create()
    old = home / "old.zip"
    old.touch()
    os.utime(old, (1.0e9, 1.0e9))
    old.rename(at.landing / "old.zip")
    [(_, since)] = waiting(at)
    assert datetime.now(UTC) - since < timedelta(minutes=5)


def test_a_dataset_is_held_to_its_own_cadence_and_a_report_to_none() -> None:
    def source(kind: str, name: str, age: int) -> dict[str, Any]:
        row = {"source": name, "kind": kind, "received_at": NOW - timedelta(days=age)}
        return row | {"cadence": None, "next_by": None, "freshness": None}

    yearly = "insee-populations-legales"
    sources = [source("extract", "pts2-2015", 4000), source("dataset", yearly, 900), source("dataset", yearly, 200)]
    report, *vintages = with_freshness(sources, NOW)
    assert (report["cadence"], report["freshness"]) == (None, None)
    assert {(vintage["cadence"], vintage["freshness"]) for vintage in vintages} == {("yearly", "fresh")}
    [late] = with_freshness([source("dataset", yearly, 600)], NOW)
    assert late["freshness"] == "late"
    assert late["next_by"] < NOW.date()


@pytest.mark.usefixtures("home")
def test_status_needs_no_dagster() -> None:
    code = (
        "import sys; from orchestration.status import describe; from warehouse.paths import Home\n"
        "describe(Home.from_environment())\n"
        "print(sorted({'dagster', 'dbt', 'great_expectations', 'polars', 'pandas'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.usefixtures("home")
def test_the_check_ends_with_1_and_says_why() -> None:
    command = [sys.executable, "-m", "orchestration.cli", "status", "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Nothing is published yet" in done.stdout


STEWARDS = """\
default: ada
stewards: [{id: ada, name: Ada}]
ownership:
  - {steward: ada, indicator: msp}
  - {steward: ada, report: [bilan-2019, bilan-2109]}
  - {steward: ada, dataset: drees-maternites}
  - {steward: ada, concept: relecture}
"""


def published_codes(home: Home) -> None:
    """A snapshot that has the codes of everything that a steward may own, and nothing else."""
    home.create()
    with duckdb.connect(str(home.snapshots / "x.duckdb")) as connection:
        connection.execute(
            """
            CREATE SCHEMA marts; CREATE SCHEMA quality;
            CREATE TABLE marts.dim_indicator AS SELECT 'msp' AS indicator_code, 'msp' AS concept_code;
            CREATE TABLE marts.dim_measure AS SELECT 'pacte' AS measure_code;
            CREATE TABLE marts.dim_report AS SELECT 'bilan-2019' AS report_id;
            CREATE TABLE marts.dim_dataset AS SELECT 'finess' AS dataset_code;
            CREATE TABLE marts.dim_territory AS SELECT 'region:75' AS territory_key;
            CREATE TABLE quality.verdict AS SELECT 'relecture' AS concept_code;
            """
        )
    home.current.symlink_to("snapshots/x.duckdb")


def test_a_steward_of_what_is_not_there_is_told_with_its_line(home: Path) -> None:
    at = Home(home)
    published_codes(at)
    assert stewards_problems(at) == []
    at.stewards.write_text(STEWARDS, encoding="utf-8")
    [problem] = stewards_problems(at)
    assert problem.startswith(
        f"{at.stewards}:5: ownership[1]: no report of the published snapshot is called 'bilan-2109'"
    )


@pytest.mark.parametrize("snapshot", [None, b"no database"])
def test_without_a_snapshot_to_look_in_no_code_is_unknown(home: Path, snapshot: bytes | None) -> None:
    at = Home(home).create()
    at.stewards.write_text(STEWARDS, encoding="utf-8")
    if snapshot:
        (at.snapshots / "x.duckdb").write_bytes(snapshot)
        at.current.symlink_to("snapshots/x.duckdb")
    assert stewards_problems(at) == []


def test_status_says_what_is_wrong_with_the_stewards(home: Path) -> None:
    at = Home(home).create()
    at.stewards.write_text(STEWARDS.replace("default: ada", "default: eda"), encoding="utf-8")
    lines = status_lines(describe(at))
    told = f"PROBLEM       {at.stewards}:1: default: one of ada was expected, 'eda' is no steward."
    assert [line.startswith(told) for line in lines if str(at.stewards) in line] == [True]
