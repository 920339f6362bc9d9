"""Dagster's side of the service: everything runs by default, ticks ask for the right job, or say why they do not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from orchestration.dagster_home import JOB, RESEAL_JOB, TRIGGER_TAG, dagster_instance
from orchestration.serve import last_heartbeat
from warehouse import state_tables
from warehouse.lock import refresh_lock
from warehouse.paths import Home
from warehouse.state import StateStore

if TYPE_CHECKING:
    from dagster import DagsterInstance, SensorDefinition, SensorResult

NOW = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)


@pytest.fixture
def instance(home: Path) -> Iterator[DagsterInstance]:
    with dagster_instance(Home(home).create()) as opened:
        yield opened


def tick(sensor: SensorDefinition, instance: DagsterInstance, cursor: str | None = None) -> SensorResult:
    from dagster import build_sensor_context

    result: Any = sensor(build_sensor_context(instance=instance, cursor=cursor, sensor_name=sensor.name))
    return result  # type: ignore[no-any-return]


def test_everything_runs_by_default_and_nothing_else_starts_runs() -> None:
    from dagster import DefaultScheduleStatus, DefaultSensorStatus

    from orchestration.triggers import SCHEDULES, SENSORS

    assert {sensor.name: sensor.minimum_interval_seconds for sensor in SENSORS} == {"landing": 5, "due": 60}
    assert {sensor.default_status for sensor in SENSORS} == {DefaultSensorStatus.RUNNING}
    assert {schedule.default_status for schedule in SCHEDULES} == {DefaultScheduleStatus.RUNNING}
    assert {schedule.execution_timezone for schedule in SCHEDULES} == {"Europe/Paris"}
    assert {schedule.job_name for schedule in SCHEDULES} == {JOB, "prune_runs", "fetch"}


def test_a_file_that_stands_still_is_asked_for_and_the_look_leaves_its_mark(
    instance: DagsterInstance, home: Path
) -> None:
    from orchestration.triggers import landing_sensor

    (home / "landing" / "a.zip").write_bytes(b"x")
    (home / "landing" / "b.zip.part").write_bytes(b"x")
    first = tick(landing_sensor, instance)
    assert not first.run_requests
    assert "a.zip" in str(first.skip_reason)
    assert last_heartbeat(Home(home)) is not None
    second = tick(landing_sensor, instance, first.cursor)
    [request] = second.run_requests or []
    assert (request.job_name, request.tags[TRIGGER_TAG]) == (JOB, "landing")
    assert request.run_key


def test_nothing_is_asked_for_while_somebody_refreshes(instance: DagsterInstance, home: Path) -> None:
    from orchestration.triggers import landing_sensor

    (home / "landing" / "a.zip").write_bytes(b"x")
    seen = tick(landing_sensor, instance)
    with refresh_lock(home / "refresh.lock", "a test"):
        held = tick(landing_sensor, instance, seen.cursor)
    assert not held.run_requests
    assert "(a test)" in str(held.skip_reason)
    assert tick(landing_sensor, instance, held.cursor).run_requests


def test_nothing_is_asked_for_while_a_run_is_under_way(instance: DagsterInstance, home: Path) -> None:
    from dagster import DagsterRunStatus, job

    from orchestration.triggers import landing_sensor

    @job
    def refresh() -> None: ...

    instance.create_run_for_job(refresh, status=DagsterRunStatus.STARTING)
    (home / "landing" / "a.zip").write_bytes(b"x")
    seen = tick(landing_sensor, instance)
    busy = tick(landing_sensor, instance, seen.cursor)
    assert not busy.run_requests
    assert "is STARTING" in str(busy.skip_reason)


def test_names_that_are_no_text_do_not_stop_the_sensor(instance: DagsterInstance, home: Path) -> None:
    from orchestration.triggers import landing_sensor

    (home / "landing" / "caf\udce9.zip").write_bytes(b"x")
    first = tick(landing_sensor, instance)
    assert str(first.skip_reason).encode()
    assert str(first.cursor).encode()
    assert tick(landing_sensor, instance, first.cursor).run_requests


def test_an_empty_home_asks_for_its_first_refresh(instance: DagsterInstance) -> None:
    from orchestration.triggers import due_sensor

    first = tick(due_sensor, instance)
    [request] = first.run_requests or []
    assert (request.job_name, request.tags[TRIGGER_TAG]) == (JOB, "due")


def test_a_waiver_that_ran_out_asks_again_until_it_is_dealt_with(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the decision is of interest here: what is due, and which job is enough for it."""
    from orchestration import triggers
    from orchestration.decide import Plan, Work

    at = Home(home).create()
    with StateStore.open(at, now=NOW) as store, store.transaction() as connection:
        _plant_waiver(connection, expires_at=NOW)
    monkeypatch.setattr(triggers, "planned", lambda *_: Plan(Work.RESEAL, ("1 waiver ran out",)))
    assert triggers.what_is_due(at, NOW)[1] == RESEAL_JOB
    assert set(triggers.what_is_due(at, NOW)[0]) == {"waiver 1", "1 waiver ran out"}
    (at.landing / "a.zip").write_bytes(b"x")
    assert triggers.what_is_due(at, NOW) == ({"waiver 1": NOW.isoformat()}, JOB)
    assert triggers.what_is_due(at, NOW - timedelta(days=1)) == ({}, JOB)


def _plant_waiver(connection: sa.Connection, expires_at: datetime) -> None:
    tables = state_tables.metadata.tables
    refresh = {"refresh_id": 1, "trigger": "t", "input_set": "i", "inputs": {}, "started_at": NOW}
    found = {
        "finding_id": "f",
        "subject_key": "s",
        "status": "waived",
        "first_seen_at": NOW,
        "first_refresh_id": 1,
        "rule_code": "C1",
        "case_id": "f",
        "verdict": "impossible",
        "severity": "error",
        "message_fr": "m",
        "observation_ids": [],
        "fact_refs": [],
        "evidence": {},
        "last_seen_at": NOW,
        "last_seen_refresh_id": 1,
    }
    granted = {"finding_id": "f", "granted_by": "M.", "granted_at": NOW - timedelta(days=9), "reason": "r"}
    connection.execute(tables["refresh"].insert().values(refresh | {"outcome": "failed", "finished_at": NOW}))
    connection.execute(tables["finding"].insert().values(found))
    connection.execute(tables["waiver"].insert().values(granted | {"expires_at": expires_at}))
