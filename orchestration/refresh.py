"""The main job as the command line runs it: lock, decide, run the Dagster job in process, sum up."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from orchestration.session import reasons, recover
from warehouse.lock import refresh_lock
from warehouse.paths import Home

if TYPE_CHECKING:
    from dagster import DagsterInstance

DAGSTER_YAML = "telemetry:\n  enabled: false\n"


@dataclass(frozen=True)
class RefreshResult:
    """How a refresh ended. ``outcome``: published, nothing, blocked or failed."""

    outcome: str
    reasons: list[str]
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
            "reasons": self.reasons,
            "seconds": round(self.seconds, 1),
            **self.summary,
            "refused": self.refused,
            "error": self.error,
            "snapshot": self.snapshot,
        }


def refresh(home: Home, trigger: str, *, force: bool = False) -> RefreshResult:
    """Refresh the home if anything changed.

    Raises:
        LockHeld: another refresh runs.
        BarometreError: the state store cannot be opened.
    """
    from warehouse.state import StateStore

    started = time.monotonic()
    with refresh_lock(home.create().lock, trigger):
        now = datetime.now(UTC)
        with StateStore.open(home, now=now) as store:
            recover(home, store, now)
            why = reasons(home, store)
            last = store.last_published()
        if not why and not force:
            return RefreshResult("nothing", [], time.monotonic() - started, snapshot=last["snapshot"] if last else None)
        return _run(home, trigger, why or ["asked for"], started)


def _run(home: Home, trigger: str, why: list[str], started: float) -> RefreshResult:
    instance = dagster_instance(home)

    from dagster import ResourceDefinition

    from orchestration.definitions import JOB, TRIGGER_TAG, build_definitions
    from orchestration.session import opened_session

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
    return RefreshResult(
        outcome=session.outcome,
        reasons=why,
        seconds=time.monotonic() - started,
        summary=session.summary(),
        refused=session.refused(),
        error=None if result.success else session.why_blocked() or _error(result),
        snapshot=session.snapshot if session.outcome == "published" else None,
    )


def dagster_instance(home: Home) -> DagsterInstance:
    """Dagster's own state, under the home, with telemetry off."""
    prepare_dagster(home)
    from dagster import DagsterInstance

    return DagsterInstance.get()


def prepare_dagster(home: Home) -> None:
    """Name the home to Dagster, and write its settings there once."""
    settings = home.dagster / "dagster.yaml"
    if not settings.exists():
        settings.write_text(DAGSTER_YAML)
    os.environ.update(BAROMETRE_HOME=str(home.root), DAGSTER_HOME=str(home.dagster))


def _error(result: Any) -> str:
    """The innermost message of the first step that failed."""
    for event in result.all_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            while error is not None and error.cause is not None:
                error = error.cause
            return re.sub(r"^[\w.]+: ", "", error.message.strip()) if error else "unknown error"
    return "the run failed before its first step"
