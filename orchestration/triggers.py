"""Dagster's sensors and schedules: they look around, ask ``orchestration/automation.py``, and start the job.

All run as soon as the service does. There is no other automation beside them: one way from a cause to a run.
"""

import os
from datetime import UTC, datetime

import dagster as dg

from ingestion.datasets.contract_model import Contract
from ingestion.datasets.contracts import load_contracts
from ingestion.fetching.rounds import due_contracts
from ingestion.landing import look, safe_name
from orchestration.automation import (
    CALENDAR,
    FETCH_CALENDAR,
    TIMEZONE,
    Cadence,
    Memory,
    Tick,
    decide_due,
    decide_fetch,
    decide_landing,
)
from orchestration.dagster_home import JOB, RESEAL_JOB, TRIGGER_TAG, end_dead_runs, prune_runs
from orchestration.decide import Work
from orchestration.fingerprints import input_set
from orchestration.serve import CODE_SERVER, heartbeat
from orchestration.session import planned, todays_parts
from orchestration.status import fetch_setting
from warehouse.errors import FetchRuns
from warehouse.lock import lock_holder
from warehouse.paths import Home
from warehouse.source_memory import remembered_sources
from warehouse.state import StateStore

#: The daemon looks at its sensors every five seconds; two looks make a file, ten seconds.
LANDING_SECONDS = 5
#: Packing and hashing all inputs costs half a second; nobody waits for a waiver to end within the minute.
DUE_SECONDS = 60
#: Which sources a run of the job ``fetch`` looks at.
CADENCE_TAG = "barometre/cadence"
#: Runs go one at a time: one that fetches must not keep what lands waiting for longer than this and one more source.
FETCH_SECONDS = 1200.0
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


@dg.op(description="Look at the sources that are due; what comes waits in landing/, where the sensor finds it.")
def fetch_due_sources(context: dg.OpExecutionContext) -> None:
    """Of the cadence that the run is tagged with, or of all. A source that fails is told in ``barometre status``."""
    from ingestion.fetching.rounds import fetch_round
    from ingestion.fetching.transfer import Transfers

    home, now = Home.from_environment().create(), datetime.now(UTC)
    with StateStore.open(home, now=now) as store:
        due = due_sources(store, now, context.run.tags.get(CADENCE_TAG))
        try:
            fetch_round(
                home,
                store,
                due,
                Transfers(),
                lambda m: context.log.info(f"{m.dataset}: {m.told}"),
                seconds=FETCH_SECONDS,
            )
        except FetchRuns as busy:
            context.log.info(str(busy))


@dg.job(name="fetch", config=_QUIET, executor_def=dg.in_process_executor)
def fetch_job() -> None:
    """Look whether publishers have something new."""
    fetch_due_sources()


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
JOBS = (REFRESH, RESEAL, prune_runs_job, fetch_job)


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
_DAILY = [
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


def _fetch_schedule(cadence: Cadence) -> dg.ScheduleDefinition:
    """A daily look whether a source is due; skipped, and why is said, unless an operator switched fetching on."""

    def look_whether_due(_: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        home, now = Home.from_environment().create(), datetime.now(UTC)
        of = cadence.name.removeprefix("fetch_")
        with StateStore.open(home, now=now) as store:
            due = [contract.code for contract in due_sources(store, now, of)]
        reason = decide_fetch(fetch_setting(home), due, of)
        return dg.SkipReason(reason) if reason else dg.RunRequest(tags={TRIGGER_TAG: cadence.name, CADENCE_TAG: of})

    return dg.ScheduleDefinition(
        name=cadence.name,
        job=fetch_job,
        cron_schedule=cadence.cron,
        execution_timezone=TIMEZONE,
        execution_fn=look_whether_due,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=cadence.why,
    )


SCHEDULES = [
    *map(_fetch_schedule, FETCH_CALENDAR),
    *_DAILY,
]


def due_sources(store: StateStore, now: datetime, cadence: str | None = None) -> list[Contract]:
    """The datasets, of one cadence or of all, whose source is to be looked at now."""
    contracts = load_contracts().values()
    due = due_contracts(contracts, remembered_sources(store), now)
    return [contract for contract in due if cadence in (None, contract.cadence)]


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
