"""What ``barometre status`` says, without importing Dagster, dbt or Great Expectations."""

from __future__ import annotations

import json
import platform
import shutil
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from ingestion.collect import landed_files
from orchestration.session import reasons
from warehouse.lock import lock_holder
from warehouse.paths import Home

VERSIONS = ("duckdb", "dagster", "dbt-core", "dbt-duckdb", "great-expectations", "polars")


def describe(home: Home) -> dict[str, Any]:
    """The state of a home: last refreshes, snapshot, sources, quarantine, lock, disk, versions.

    Raises:
        StateTooNew: a newer version of the code wrote the state store.
    """
    from warehouse.state import StateStore

    with StateStore.open(home, now=datetime.now(UTC)) as store:
        last, published = store.last_refresh(), store.last_published()
        why = reasons(home, store)
        rolled_back = store.rollback_in_force(home.current.resolve().name if home.current.exists() else None)
        sources = [_source(row) for row in store.all_inputs() if row["status"] == "accepted" and row["source"]]
    return {
        "home": str(home.root),
        "published": _refresh(published),
        "rollback": rolled_back,
        "last_refresh": _refresh(last),
        "would_refresh_because": why,
        "landing": [path.name for path in landed_files(home)],
        "quarantine": quarantined(home),
        "lock_holder": lock_holder(home.lock),
        "sources": sources,
        "disk_free_bytes": shutil.disk_usage(home.root).free,
        "versions": {"python": platform.python_version(), **{name: version(name) for name in VERSIONS}},
    }


def quarantined(home: Home) -> list[dict[str, Any]]:
    """Every quarantined input with its reason."""
    return [json.loads(path.read_text()) for path in sorted(home.quarantine.glob("*/reason.json"))]


def print_status(described: dict[str, Any]) -> None:
    """The same for a person."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False)
    for line in status_lines(described):
        console.print(escape(line), soft_wrap=True)


def status_lines(described: dict[str, Any]) -> list[str]:
    """The status, line by line."""
    published, last = described["published"], described["last_refresh"]
    return [
        f"home          {described['home']}",
        f"published     {published['snapshot']} at {published['finished_at']}"
        if published
        else "published     nothing yet",
        *_rollback_line(described["rollback"]),
        f"last refresh  {last['outcome']} at {last['finished_at'] or last['started_at']}"
        if last
        else "last refresh  none",
        f"would refresh {', '.join(described['would_refresh_because']) or 'no: nothing new'}",
        f"lock          {described['lock_holder'] or 'free'}",
        f"landing       {len(described['landing'])} waiting",
        f"quarantine    {len(described['quarantine'])}",
        *(f"  {q['name']}: {q['expectation']}. {q['next_step']}" for q in described["quarantine"]),
        f"sources       {len(described['sources'])}",
        *(f"  {_source_line(source)}" for source in described["sources"]),
        f"disk          {described['disk_free_bytes'] / 2**30:.1f} GiB free",
    ]


def _rollback_line(rollback: dict[str, Any] | None) -> list[str]:
    if rollback is None:
        return []
    why = f": {rollback['why']}" if rollback["why"] else ""
    told = f"{rollback['to_snapshot']} is served instead, put back at {rollback['at']} by {rollback['actor']}{why}"
    return [f"rollback      {told}; until something new is published (now: barometre refresh --force)"]


def _told(refresh: dict[str, Any] | None, what: str, otherwise: str) -> str:
    return f"{refresh[what]} at {refresh['finished_at'] or refresh['started_at']}" if refresh else otherwise


def _source_line(source: dict[str, Any]) -> str:
    if source["kind"] != "extract":
        return f"{source['source']} of {source['received_at']:%Y-%m-%d}"
    return f"{source['source']} (version {source['version']}): {source['rows_accepted']} rows"


def _source(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "source": row["source"],
        "kind": row["kind"],
        "version": row["version"],
        "received_at": row["received_at"],
        "rows_accepted": row["rows_accepted"],
        "rows_rejected": row["rows_rejected"],
    }


def _refresh(row: dict[str, Any] | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {key: row[key] for key in ("refresh_id", "started_at", "finished_at", "trigger", "outcome", "snapshot")}
