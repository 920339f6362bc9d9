"""Dagster's storage under the home: its settings, what may be pruned, which runs are dead."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from orchestration import dagster_home
from orchestration.dagster_home import (
    AT_MOST_RUNS,
    KEEP_DAYS,
    KEEP_RUNS,
    LAUNCHED_TAG,
    SETTINGS,
    Ended,
    dagster_instance,
    end_dead_runs,
    prepare_dagster,
    prune_runs,
    runs_to_prune,
)
from warehouse.lock import refresh_lock
from warehouse.paths import Home

if TYPE_CHECKING:
    from dagster import DagsterInstance, JobDefinition

NOW = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)


def ended(count: int, days_ago: int) -> list[Ended]:
    return [Ended(f"{days_ago}-{n}", NOW - timedelta(days=days_ago, seconds=n)) for n in range(count)]


def test_runs_go_when_they_are_old_and_not_among_the_newest() -> None:
    recent, old = ended(KEEP_RUNS, 1), ended(3, KEEP_DAYS + 1)
    assert runs_to_prune([*old, *recent], NOW) == ["31-0", "31-1", "31-2"]
    assert runs_to_prune(old, NOW) == []
    assert runs_to_prune(ended(2 * KEEP_RUNS, KEEP_DAYS - 1), NOW) == []


def test_a_busy_month_fills_no_disk() -> None:
    assert runs_to_prune(ended(AT_MOST_RUNS + 2, 1), NOW) == [f"1-{AT_MOST_RUNS}", f"1-{AT_MOST_RUNS + 1}"]


def test_settings_are_written_kept_up_to_date_and_left_to_whoever_made_them_theirs(home: Path) -> None:
    at = Home(home).create()
    settings = at.dagster / "dagster.yaml"
    for found in (None, "telemetry:\n  enabled: false\n", SETTINGS.replace("nux", "# an older form\nnux")):
        if found:
            settings.write_text(found)
        prepare_dagster(at)
        assert settings.read_text() == SETTINGS
    theirs = SETTINGS.split("\n", 1)[1] + "storage: {}\n"
    settings.write_text(theirs)
    prepare_dagster(at)
    assert settings.read_text() == theirs


@pytest.fixture
def instance(home: Path) -> Iterator[DagsterInstance]:
    with dagster_instance(Home(home).create()) as opened:
        yield opened


def test_dagster_understands_the_settings(instance: DagsterInstance, home: Path) -> None:
    queue = instance.get_concurrency_config().run_queue_config
    assert queue
    assert queue.max_concurrent_runs == 1
    assert instance.telemetry_enabled is False
    assert Path(instance.root_directory) == home / "dagster"
    assert instance.run_monitoring_enabled


def test_the_tag_of_launched_runs_is_dagsters() -> None:
    """Mistaken, every run of the service would be declared dead while it starts."""
    from dagster._core.storage.tags import GRPC_INFO_TAG

    assert LAUNCHED_TAG == GRPC_INFO_TAG


def test_only_runs_that_nobody_can_be_running_are_ended(instance: DagsterInstance, home: Path) -> None:
    from dagster import DagsterRunStatus

    at = Home(home)
    runs = {
        "killed command line": (DagsterRunStatus.STARTED, {}),
        "of a code server that is gone": (DagsterRunStatus.STARTED, {LAUNCHED_TAG: '{"socket": "/tmp/old/code.sock"}'}),
        "of this code server": (DagsterRunStatus.STARTED, {LAUNCHED_TAG: '{"socket": "/tmp/new/code.sock"}'}),
        "about to start": (DagsterRunStatus.STARTING, {}),
    }
    ids = {
        instance.create_run_for_job(_job(), status=status, tags=tags).run_id: n for n, (status, tags) in runs.items()
    }
    with refresh_lock(at.lock, "a test"):
        assert end_dead_runs(instance, at, "/tmp/new/code.sock") == []
    dead = end_dead_runs(instance, at, "/tmp/new/code.sock")
    assert {ids[run_id] for run_id in dead} == {"killed command line", "of a code server that is gone"}
    assert end_dead_runs(instance, at, "/tmp/new/code.sock") == []
    statuses = [run.status for run_id in dead if (run := instance.get_run_by_id(run_id))]
    assert statuses == [DagsterRunStatus.FAILURE] * 2


def test_pruned_runs_leave_nothing(instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dagster_home, "KEEP_RUNS", 1)
    old, new = (_job().execute_in_process(instance=instance).run_id for _ in range(2))
    assert prune_runs(instance, datetime.now(UTC)) == []
    assert prune_runs(instance, datetime.now(UTC) + timedelta(days=KEEP_DAYS + 1)) == [old]
    assert instance.get_run_by_id(old) is None
    assert instance.get_run_by_id(new) is not None
    assert [path for path in Path(instance.root_directory).rglob("*") if old in path.name] == []


def _job() -> JobDefinition:
    import dagster as dg

    @dg.op
    def step() -> None:
        print("something for the logs")

    @dg.job(executor_def=dg.in_process_executor)
    def small() -> None:
        step()

    return small
