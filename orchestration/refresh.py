"""The main job as the command line runs it: lock, decide, do no more than is needed, sum up.

A full refresh runs the Dagster job in process; a mere re-sealing runs the same steps of the session by itself.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from orchestration.dagster_home import JOB, TRIGGER_TAG, dagster_instance
from orchestration.decide import Plan, Work
from orchestration.session import RefreshSession, dismiss_known, opened_session, planned, recover
from warehouse.build_record import BuildUnusable
from warehouse.lock import refresh_lock
from warehouse.paths import Home


@dataclass(frozen=True)
class RefreshResult:
    """How a refresh ended: ``outcome`` is published, nothing, blocked or failed; ``plan`` what was to be done."""

    outcome: str
    plan: Plan
    seconds: float
    summary: dict[str, Any] = field(default_factory=dict)
    refused: list[dict[str, Any]] = field(default_factory=list)
    error: str | None = None
    snapshot: str | None = None

    @property
    def exit_code(self) -> int:
        """As the contract has it: 0 published or nothing to do, 1 something refused or blocked, 4 our failure."""
        if self.outcome in ("published", "nothing"):
            return 1 if self.refused else 0
        return 1 if self.outcome == "blocked" else 4

    def as_json(self) -> dict[str, Any]:
        """What ``--format json`` prints."""
        return {
            "outcome": self.outcome,
            "work": self.plan.work,
            "reasons": list(self.plan.reasons),
            "known": list(self.plan.known),
            "seconds": round(self.seconds, 1),
            **self.summary,
            "refused": self.refused,
            "error": self.error,
            "snapshot": self.snapshot,
        }


def refresh(home: Home, trigger: str, *, force: bool = False, wait: float = 0.0) -> RefreshResult:
    """Refresh the home as far as anything changed.

    ``wait`` is how long to wait for a refresh that runs, in seconds; what is left to do is decided after it.

    Raises:
        LockHeld: another refresh runs, still.
        BarometreError: the state store cannot be opened.
    """
    from warehouse.state import StateStore

    started = time.monotonic()
    with refresh_lock(home.create().lock, trigger, wait=wait):
        now = datetime.now(UTC)
        with StateStore.open(home, now=now) as store:
            recover(home, store, now)
            planned_now = planned(home, store, now)
            if planned_now.known:
                dismiss_known(home, store, now)
        if force:
            planned_now = Plan(Work.FULL, planned_now.reasons or ("asked for",), planned_now.known)
        if planned_now.work is Work.NOTHING:
            served = home.current.resolve().name if home.current.exists() else None
            return RefreshResult("nothing", planned_now, time.monotonic() - started, snapshot=served)
        return _run(home, trigger, planned_now, started)


def _run(home: Home, trigger: str, planned_now: Plan, started: float) -> RefreshResult:
    if planned_now.work is Work.RESEAL:
        try:
            return _reseal(home, trigger, planned_now, started)
        except BuildUnusable:
            planned_now = replace(planned_now, work=Work.FULL)
    return _run_job(home, trigger, planned_now, started)


def _reseal(home: Home, trigger: str, planned_now: Plan, started: float) -> RefreshResult:
    """Settle, seal and swap on the working database at hand; neither dbt nor Dagster is imported."""
    with opened_session(home, trigger) as session:
        session.follow()
        session.settle()
        session.seal_and_swap()
    return _result(session, planned_now, started)


def _run_job(home: Home, trigger: str, planned_now: Plan, started: float) -> RefreshResult:
    instance = dagster_instance(home)

    from dagster import ResourceDefinition

    from orchestration.definitions import build_definitions

    try:
        job = build_definitions().resolve_job_def(JOB)
        with opened_session(home, trigger) as session:
            result = job.execute_in_process(
                instance=instance,
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                tags={TRIGGER_TAG: trigger},
                resources={"session": ResourceDefinition.hardcoded_resource(lambda: session)},
                raise_on_error=False,
            )
    finally:
        instance.dispose()
    error = None if result.success else session.why_blocked() or _error(result)
    return _result(session, planned_now, started, error)


def _result(session: RefreshSession, planned_now: Plan, started: float, error: str | None = None) -> RefreshResult:
    return RefreshResult(
        outcome=session.outcome,
        plan=planned_now,
        seconds=time.monotonic() - started,
        summary=session.summary(),
        refused=session.refused(),
        error=error,
        snapshot=session.snapshot if session.outcome == "published" else None,
    )


def _error(result: Any) -> str:
    """The innermost message of the first step that failed."""
    for event in result.all_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            while error is not None and error.cause is not None:
                error = error.cause
            return re.sub(r"^[\w.]+: ", "", error.message.strip()) if error else "unknown error"
    return "the run failed before its first step"
