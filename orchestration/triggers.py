"""Dagster's sensors and schedules: they look around, ask ``orchestration/automation.py``, and start the job.

All run as soon as the service does. There is no other automation beside them: one way from a cause to a run.
"""

import os
from datetime import UTC, datetime

import dagster as dg

from ingestion.landing import look, safe_name
from orchestration.automation import CALENDAR, TIMEZONE, Memory, Tick, decide_due, decide_landing
from orchestration.dagster_home import JOB, RESEAL_JOB, TRIGGER_TAG, end_dead_runs, prune_runs
from orchestration.decide import Work
from orchestration.fingerprints import input_set
from orchestration.serve import CODE_SERVER, heartbeat
from orchestration.session import planned, todays_parts
from warehouse.lock import lock_holder
from warehouse.paths import Home
from warehouse.state import StateStore

#: The daemon looks at its sensors every five seconds; two looks make a file, ten seconds.
LANDING_SECONDS = 5
#: Packing and hashing all inputs costs half a second; nobody waits for a waiver to end within the minute.
DUE_SECONDS = 60
#: A run tells its steps in Dagster's pages; whoever reads the service's messages wants those that matter.
_QUIET = {"loggers": {"console": {"config": {"log_level": "ERROR"}}}}
FINDING = dg.AssetKey(["quality", "finding"])
SNAPSHOT = dg.AssetKey("snapshot")
UNFINISHED = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


@dg.op(description="Remove old runs from Dagster's storage, with their logs.")
def prune_old_runs(context: dg.OpExecutionContext) -> None:
    """What :mod:`orchestration.dagster_home` says may go."""
    pruned = prune_runs(context.instance, datetime.now(UTC))
    context.log.info(f"{len(pruned)} runs removed")


@dg.job(name="prune_runs", config=_QUIET, executor_def=dg.in_process_executor)
def prune_runs_job() -> None:
    """Keep Dagster's storage small."""
    prune_old_runs()


REFRESH = dg.define_asset_job(
    JOB, selection=dg.AssetSelection.all(), config=_QUIET, executor_def=dg.in_process_executor
)
#: For what needs no dbt: findings are settled again on the working database at hand, and sealed.
RESEAL = dg.define_asset_job(
    RESEAL_JOB,
    selection=dg.AssetSelection.assets(FINDING, SNAPSHOT),
    config=_QUIET,
    executor_def=dg.in_process_executor,
)
JOBS = (REFRESH, RESEAL, prune_runs_job)


@dg.sensor(
    name="landing",
    job=REFRESH,
    minimum_interval_seconds=LANDING_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="One refresh for all files that stand still in landing/.",
)
def landing_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """See :func:`orchestration.automation.decide_landing`."""
    home = Home.from_environment().create()
    heartbeat(home).touch()
    seen = {safe_name(s.name): f"{s.form} {s.bytes} {s.modified_ns} {s.inode}" for s in look(home.landing)}
    busy = who_is_at_work(context.instance, home)
    return _answer(context, JOB, decide_landing(seen, _memory(context), busy))


@dg.sensor(
    name="due",
    jobs=[REFRESH, RESEAL],
    minimum_interval_seconds=DUE_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="A refresh for what is due without a delivery: a message, a waiver's end, a changed checkout.",
)
def due_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """See :func:`orchestration.automation.decide_due`."""
    home = Home.from_environment().create()
    memory = _memory(context)
    if busy := who_is_at_work(context.instance, home):
        # What is due cannot be told from a working database that is being written.
        return _answer(context, JOB, Tick(memory, None, f"Not looked: {busy}."))
    due, job = what_is_due(home, datetime.now(UTC))
    return _answer(context, job, decide_due(due, memory))


SENSORS = [landing_sensor, due_sensor]
SCHEDULES = [
    dg.ScheduleDefinition(
        name=cadence.name,
        job_name=cadence.job,
        cron_schedule=cadence.cron,
        execution_timezone=TIMEZONE,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=cadence.why,
        tags={TRIGGER_TAG: cadence.name},
    )
    for cadence in CALENDAR
]


def what_is_due(home: Home, now: datetime) -> tuple[dict[str, str], str]:
    """What calls for a refresh without a delivery, by name, and the job that is enough for it.

    While something lies in the drop folder, the other sensor is about to ask for a whole refresh.
    """
    with StateStore.open(home, now=now) as store:
        due = {f"{item.kind} {item.number}": item.since.isoformat() for item in store.due_items(now)}
        if look(home.landing):
            return due, JOB
        work = planned(home, store, now)
        made_from = input_set(todays_parts(home, store))
        return due | dict.fromkeys(work.reasons, made_from), RESEAL_JOB if work.work is Work.RESEAL else JOB


def who_is_at_work(instance: dg.DagsterInstance, home: Home) -> str | None:
    """Why no run may start now: a refresh runs, or one was asked for; None when all is quiet."""
    holder = lock_holder(home.lock)
    if holder:
        return f"{holder} refreshes"
    end_dead_runs(instance, home, _code_server())
    unfinished = instance.get_runs(dg.RunsFilter(statuses=UNFINISHED), limit=1)
    return f"run {unfinished[0].run_id[:8]} is {unfinished[0].status.value}" if unfinished else None


def _memory(context: dg.SensorEvaluationContext) -> Memory:
    return Memory.from_cursor(context.cursor, _code_server())


def _code_server() -> str:
    """The socket of the code server that we are part of: another one at each start of the service."""
    return os.environ.get(CODE_SERVER, "no code server")


def _answer(context: dg.SensorEvaluationContext, job: str, tick: Tick) -> dg.SensorResult:
    if tick.run_key is None:
        return dg.SensorResult(skip_reason=tick.reason, cursor=tick.memory.to_cursor())
    request = dg.RunRequest(run_key=tick.run_key, job_name=job, tags={TRIGGER_TAG: context.sensor_name})
    return dg.SensorResult([request], cursor=tick.memory.to_cursor())
