"""Dagster's own state: where it is, how it is set, how it is kept small, how what a crash left in it is ended.

Everything is under ``<home>/dagster``; telemetry is off. Nothing in it is needed to rebuild the warehouse. Dagster is
imported inside functions: the command line reads this module.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.lock import lock_holder

if TYPE_CHECKING:
    from dagster import DagsterInstance, DagsterRun

    from warehouse.paths import Home

JOB = "refresh"
RESEAL_JOB = "reseal"
TRIGGER_TAG = "barometre/trigger"
#: Dagster writes it on runs that a code server started in a process of their own.
LAUNCHED_TAG = ".dagster/grpc_info"
#: A whole refresh leaves five megabytes in Dagster's storage (measured), one that found nothing new half of one. A
#: month is what one looks back to; the newest stay however old, and a busy month stays below a gigabyte.
KEEP_DAYS = 30
KEEP_RUNS = 30
AT_MOST_RUNS = 200

_OURS = "# Written by Baromètre, which writes it again when it changes. Remove this line to keep changes of yours.\n"
#: What versions before the service wrote; nobody's own choice.
_EARLIER = "telemetry:\n  enabled: false\n"
SETTINGS = (
    _OURS
    + """\
telemetry:
  enabled: false
nux:
  enabled: false
# A second run would only wait for the lock of the first.
concurrency:
  runs:
    max_concurrent_runs: 1
run_coordinator:
  module: dagster
  class: QueuedRunCoordinator
  config:
    dequeue_interval_seconds: 1
# A run whose process never came up would hold the queue.
run_monitoring:
  enabled: true
  start_timeout_seconds: 300
  cancel_timeout_seconds: 120
  poll_interval_seconds: 30
retention:
  sensor:
    purge_after_days:
      started: 7
      skipped: 1
      failure: 30
      success: 30
  schedule:
    purge_after_days: 30
"""
)


@dataclass(frozen=True)
class Ended:
    """A Dagster run that is over: its id and when it ended."""

    run_id: str
    at: datetime


def prepare_dagster(home: Home) -> None:
    """Name the home to Dagster and write its settings there, unless an operator made them theirs."""
    settings = home.dagster / "dagster.yaml"
    found = settings.read_text() if settings.exists() else _EARLIER
    if found != SETTINGS and (found == _EARLIER or found.startswith(_OURS)):
        settings.write_text(SETTINGS)
    os.environ.update(BAROMETRE_HOME=str(home.root), DAGSTER_HOME=str(home.dagster))


def dagster_instance(home: Home) -> DagsterInstance:
    """Dagster's storage under the home; the caller disposes of it."""
    prepare_dagster(home)
    from dagster import DagsterInstance

    return DagsterInstance.get()


def runs_to_prune(ended: Iterable[Ended], now: datetime) -> list[str]:
    """The runs that may go: all but the newest that are also recent, see :data:`KEEP_DAYS` and its neighbours."""
    newest_first = sorted(ended, key=lambda run: run.at, reverse=True)
    oldest_kept = now - timedelta(days=KEEP_DAYS)
    old = [run for run in newest_first[KEEP_RUNS:AT_MOST_RUNS] if run.at < oldest_kept]
    return [run.run_id for run in [*old, *newest_first[AT_MOST_RUNS:]]]


def prune_runs(instance: DagsterInstance, now: datetime) -> list[str]:
    """Remove old runs with their events and logs; returns their ids."""
    from dagster import DagsterRunStatus, RunsFilter

    over = [DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED]
    records = instance.get_run_records(RunsFilter(statuses=over))
    ended = [Ended(record.dagster_run.run_id, record.update_timestamp.astimezone(UTC)) for record in records]
    pruned = runs_to_prune(ended, now)
    for run_id in pruned:
        instance.compute_log_manager.delete_logs(prefix=[run_id])
        instance.delete_run(run_id)
        # On SQLite each run has a file of its own, which Dagster empties but leaves.
        Path(instance.root_directory, "history", "runs", f"{run_id}.db").unlink(missing_ok=True)
    return pruned


def end_dead_runs(instance: DagsterInstance, home: Home, code_server: str) -> list[str]:
    """Record as failed the runs whose process was killed: each would hold the queue for ever. Returns their ids.

    A run of the command line holds the refresh lock for longer than it is in progress: seen in progress before and
    after the lock was seen free, it is dead. One that was launched by another code server than ``code_server`` (its
    socket) ended with it; one of this very server is watched by it.
    """
    suspects = {run.run_id for run in _in_progress(instance) if _is_nobodys(run, code_server)}
    if not suspects or lock_holder(home.lock):
        return []
    dead = [run for run in _in_progress(instance) if run.run_id in suspects]
    for run in dead:
        instance.report_run_failed(run, "Its process ended without a word; the next refresh recovers what it left.")
    return [run.run_id for run in dead]


def _in_progress(instance: DagsterInstance) -> list[DagsterRun]:
    from dagster import DagsterRunStatus, RunsFilter

    running = [DagsterRunStatus.STARTING, DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING]
    return list(instance.get_runs(RunsFilter(statuses=running)))


def _is_nobodys(run: DagsterRun, code_server: str) -> bool:
    from dagster import DagsterRunStatus

    server = run.tags.get(LAUNCHED_TAG)
    # The tag is written just before a run starts; without it, one that has started was never launched.
    return run.status == DagsterRunStatus.STARTED if server is None else code_server not in server
