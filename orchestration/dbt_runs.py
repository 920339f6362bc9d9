"""dbt in this very process: no orphan child goes on writing when a refresh is killed, and no second start-up is paid.

dbt-duckdb keeps its connection open after a run; it is closed here, so that the audit and the seal may open the file.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from warehouse.build_record import Model
from warehouse.errors import BarometreError
from warehouse.paths import CHECKOUT, Home

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = CHECKOUT / "dbt_project"
OnNode = Callable[[int, int], None]
_QUIET = ["--quiet", "--log-level", "none", "--log-level-file", "info"]


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


@dataclass(frozen=True)
class Built:
    """What a build did: dbt's events as dictionaries, for Dagster, one line per node that failed, and the tables that
    hang on the stewards' decisions, in their order of dependence."""

    events: list[dict[str, Any]]
    failures: list[str]
    following: list[Model]


def build(home: Home, on_node: OnNode) -> Built:
    """Build every model and run every data test.

    Unit tests guard the code, not the data: they run in the test suite. A failing node is told in the result.

    Raises:
        DbtFailed: dbt itself could not run.
    """
    from dbt_common.events.functions import msg_to_dict

    events: list[dict[str, Any]] = []

    def listen(event: Any) -> None:
        if event.info.name in _RESULTS:
            events.append(msg_to_dict(event))
            on_node(len(events), events[-1]["data"].get("total", 0))

    try:
        outcome = _invoke(home, ["build", "--exclude-resource-type", "unit_test"], [listen])
    finally:
        _close_connections()
    failed = [result for result in outcome.results if result.status in _FAILED]
    failures = [f"{result.node.name}: {_first_lines(result.message)}" for result in failed]
    return Built(events, failures, _following([result.node for result in outcome.results]))


def _following(nodes: list[Any]) -> list[Model]:
    """The tables that hang on the decisions; dbt's results come in an order in which each finds what it needs."""
    concerned = {_DECISIONS}
    models = []
    for node in nodes:
        if node.resource_type == "model" and concerned & set(node.depends_on.nodes):
            concerned.add(node.unique_id)
            if node.config.materialized == "table":
                models.append(Model(node.schema, node.name, node.compiled_code))
    return models


_DECISIONS = "source.barometre.bronze.decision"
_RESULTS = {"LogModelResult", "LogTestResult", "LogSeedResult", "LogSnapshotResult"}
_FAILED = {"error", "fail", "runtime error"}


def _first_lines(message: str | None) -> str:
    return " ".join((message or "no message").split())[:300]


def _invoke(home: Home, arguments: list[str], callbacks: list[Any]) -> Any:
    os.environ.update(
        BAROMETRE_HOME=str(home.root),
        DBT_TARGET_PATH=str(home.dbt / "target"),
        DBT_LOG_PATH=str(home.dbt / "logs"),
        DBT_SEND_ANONYMOUS_USAGE_STATS="false",
        DO_NOT_TRACK="1",
    )
    from dbt.cli.main import dbtRunner

    folders = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    result = dbtRunner(callbacks=callbacks).invoke([*_QUIET, *arguments, *folders])
    if result.exception is not None:
        raise DbtFailed(f"dbt {arguments[0]} failed: {result.exception}") from result.exception
    return result.result


def _close_connections() -> None:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()
