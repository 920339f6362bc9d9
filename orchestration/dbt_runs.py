"""dbt in this very process: no orphan child goes on writing when a refresh is killed, and no second start-up is paid.

dbt-duckdb keeps its connection open after a run; it is closed here, so that the audit and the seal may open the file.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from warehouse.errors import BarometreError
from warehouse.paths import CHECKOUT, Home

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = CHECKOUT / "dbt_project"
OnNode = Callable[[int, int], None]


class DbtFailed(BarometreError):
    """dbt could not parse or build the project, or one of its tests failed: a fault of the warehouse."""


def manifest_path(home: Home) -> Path:
    return home.dbt / "target" / "manifest.json"


def parse(home: Home) -> None:
    """Write the manifest from which the Dagster assets are made.

    Raises:
        DbtFailed: the project does not parse.
    """
    _invoke(home, ["parse"], [])


def build(home: Home, on_node: OnNode) -> list[dict[str, Any]]:
    """Build every model and run every data test; returns dbt's events, as dictionaries, for Dagster.

    Unit tests guard the code, not the data: they run in the test suite. A failing node is an event too, so nothing is
    raised for it here; see :func:`failures`.

    Raises:
        DbtFailed: dbt itself could not run.
    """
    from dbt_common.events.functions import msg_to_dict

    events: list[dict[str, Any]] = []

    def listen(event: Any) -> None:
        if event.info.name in _RESULTS:
            told = msg_to_dict(event)
            events.append(told)
            on_node(told["data"].get("index", len(events)), told["data"].get("total", 0))

    try:
        _invoke(home, ["build", "--exclude-resource-type", "unit_test"], [listen], allow_failures=True)
    finally:
        _close_connections()
    return events


def failures(events: list[dict[str, Any]]) -> list[str]:
    """One line per node that failed."""
    return [
        f"{e['data']['node_info']['node_name']}: {e['data']['node_info']['node_status']}"
        for e in events
        if e["data"]["node_info"]["node_status"] in ("error", "fail", "runtime error")
    ]


_RESULTS = {"LogModelResult", "LogTestResult", "LogSeedResult", "LogSnapshotResult"}


def _invoke(home: Home, arguments: list[str], callbacks: list[Any], *, allow_failures: bool = False) -> None:
    os.environ.update(
        BAROMETRE_HOME=str(home.root),
        DBT_TARGET_PATH=str(home.dbt / "target"),
        DBT_LOG_PATH=str(home.dbt / "logs"),
        DBT_SEND_ANONYMOUS_USAGE_STATS="false",
        DO_NOT_TRACK="1",
    )
    from dbt.cli.main import dbtRunner

    folders = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    result = dbtRunner(callbacks=callbacks).invoke(["--quiet", "--log-level", "none", *arguments, *folders])
    if result.exception is not None:
        raise DbtFailed(f"dbt {arguments[0]} failed: {result.exception}") from result.exception
    if not result.success and not allow_failures:
        raise DbtFailed(f"dbt {arguments[0]} failed; see {home.dbt / 'logs' / 'dbt.log'}")


def _close_connections() -> None:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()
