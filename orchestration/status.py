"""What ``barometre status`` says, without importing Dagster, dbt or Great Expectations."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from ingestion.quarantine import entries
from ingestion.receiving import redeliveries
from orchestration.fetching import fetching_line, fetching_problems, fetching_rows
from orchestration.health import Facts, facts_of, folder_bytes, problems, waiting
from orchestration.session import reasons
from warehouse.errors import UsageError
from warehouse.lock import lock_holder
from warehouse.paths import Home

_FETCH_RUNS = {
    "asked": "only when asked: barometre fetch (fetch: scheduled in config/settings.yml lets the service do it)",
    "scheduled": "by the service, daily for what is due",
    "unreadable": "config/settings.yml cannot be read: the service fetches nothing",
}
VERSIONS = ("barometre", "duckdb", "dagster", "dbt-core", "dbt-duckdb", "great-expectations", "polars")


def describe(home: Home) -> dict[str, Any]:
    """The state of a home: last refreshes, snapshot, sources, quarantine, lock, disk, versions.

    Raises:
        StateTooNew: a newer version of the code wrote the state store.
    """
    from ingestion.datasets.contracts import load_contracts
    from stewardship.stewards_problems import stewards_problems
    from warehouse.source_memory import remembered_sources
    from warehouse.state import StateStore

    now = datetime.now(UTC)
    with StateStore.open(home, now=now) as store:
        last, published = store.last_refresh(), store.last_published()
        # While a refresh runs, what it will leave to do is not known.
        why = [] if lock_holder(home.lock) else reasons(home, store)
        rolled_back = store.rollback_in_force(home.current.resolve().name if home.current.exists() else None)
        sources = [_source(row) for row in store.all_inputs() if row["status"] == "accepted" and row["source"]]
        due = store.due_items(now)
        fetching = fetching_rows(load_contracts().values(), remembered_sources(store), now)
    facts = facts_of(home, last, due, now)
    sources = sorted(
        with_freshness(sources, now), key=lambda source: (source["source"], source["kind"], source["version"] or 0)
    )
    return {
        "problems": [*problems(facts), *fetching_problems(fetching, now), *stewards_problems(home)],
        "service": _service(facts),
        "home": str(home.root),
        "published": _refresh(published),
        "rollback": rolled_back,
        "last_refresh": _refresh(last),
        "would_refresh_because": why,
        "due": [{"kind": item.kind, "number": item.number, "since": item.since} for item in due],
        "landing": [name for name, _ in waiting(home)],
        "quarantine": quarantined(home),
        "redelivered": redeliveries(home),
        "lock_holder": facts.lock_holder,
        "sources": sources,
        "fetch": {"runs": fetch_setting(home), "sources": fetching},
        "disk": {
            "free_bytes": facts.free_bytes,
            "archive_bytes": folder_bytes(home.archive),
            "snapshots_bytes": folder_bytes(home.snapshots),
            "dagster_bytes": folder_bytes(home.dagster),
        },
        "versions": {"python": platform.python_version(), **{name: version(name) for name in VERSIONS}},
    }


def fetch_setting(home: Home) -> str:
    """``asked`` or ``scheduled``; ``unreadable`` when the settings are no settings."""
    from warehouse.settings import read_settings

    try:
        return read_settings(home).fetch
    except UsageError:
        return "unreadable"


def quarantined(home: Home) -> list[dict[str, Any]]:
    """Every quarantined input with its reason."""
    return [entry.as_row() for entry in entries(home)]


def with_freshness(sources: list[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """Sources with the cadence that their contract declares and what it says of their age; a report has none."""
    datasets = [source for source in sources if source["kind"] == "dataset"]
    if not datasets:
        return sources
    from ingestion.datasets.contracts import load_contracts
    from ingestion.datasets.freshness import due_by, freshness

    contracts = load_contracts()
    for source in datasets:
        if contract := contracts.get(source["source"]):
            newest = max(d["received_at"] for d in datasets if d["source"] == source["source"]).date()
            source["cadence"], source["next_by"] = contract.cadence, due_by(contract.cadence, newest)
            source["freshness"] = freshness(contract.cadence, newest, now.date())
    return sources


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
        *(f"PROBLEM       {problem}" for problem in described["problems"]),
        f"home          {described['home']}",
        f"published     {published['snapshot']} at {published['finished_at']}"
        if published
        else "published     nothing yet",
        *_rollback_line(described["rollback"]),
        f"last refresh  {last['outcome']} at {last['finished_at'] or last['started_at']}"
        if last
        else "last refresh  none",
        f"would refresh {_would_refresh(described)}",
        _service_line(described["service"]),
        f"due           {len(described['due'])}",
        f"lock          {described['lock_holder'] or 'free'}",
        f"landing       {len(described['landing'])} waiting",
        f"quarantine    {len(described['quarantine'])}",
        *(f"  {q['name']}: {q['expectation']}. {q['next_step']}" for q in described["quarantine"]),
        *(f"known again   {again['redelivered_at']}: {again['sentence']}" for again in described["redelivered"][:3]),
        f"sources       {len({source['source'] for source in described['sources']})}",
        *(f"  {_source_line(source)}" for source in described["sources"]),
        f"fetching      {_FETCH_RUNS[described['fetch']['runs']]}",
        *(f"  {fetching_line(row)}" for row in described["fetch"]["sources"]),
        _disk_line(described["disk"]),
    ]


def _rollback_line(rollback: dict[str, Any] | None) -> list[str]:
    if rollback is None:
        return []
    why = f": {rollback['why']}" if rollback["why"] else ""
    told = f"{rollback['to_snapshot']} is served instead, put back at {rollback['at']} by {rollback['actor']}{why}"
    return [f"rollback      {told}; until something new is published (now: barometre refresh --force)"]


def _would_refresh(described: dict[str, Any]) -> str:
    if described["lock_holder"]:
        return "known once the refresh that runs is over"
    return ", ".join(described["would_refresh_because"]) or "no: nothing new"


def _service_line(service: dict[str, Any]) -> str:
    if service["alive"]:
        return f"service       {service['holder']}; last looked at landing/ at {service['last_look_at']:%H:%M:%S} UTC"
    return f"service       {'starts or hangs: ' + service['holder'] if service['holder'] else 'does not run'}"


def _disk_line(disk: dict[str, int]) -> str:
    used = ", ".join(f"{name} {disk[f'{name}_bytes'] / 2**20:.0f} MiB" for name in ("archive", "snapshots", "dagster"))
    return f"disk          {disk['free_bytes'] / 2**30:.1f} GiB free; {used}"


def _source_line(source: dict[str, Any]) -> str:
    if source["kind"] == "extract":
        return f"{source['source']} (version {source['version']}): {source['rows_accepted']} rows"
    if source["kind"] == "report" and source["version"] is not None:
        return f"{source['source']} (read by machine, to be reviewed): {source['rows_accepted']} rows"
    what = "document received" if source["kind"] == "report" else "of"
    age = f", {source['freshness']} ({source['cadence']})" if source["freshness"] else ""
    return f"{source['source']} {what} {source['received_at']:%Y-%m-%d}{age}"


def _source(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "source": row["source"],
        "kind": row["kind"],
        "version": row["version"],
        "received_at": row["received_at"],
        "rows_accepted": row["rows_accepted"],
        "rows_rejected": row["rows_rejected"],
        "cadence": None,
        "next_by": None,
        "freshness": None,
    }


def _service(facts: Facts) -> dict[str, Any]:
    return {"alive": facts.is_alive, "holder": facts.service_holder, "last_look_at": facts.last_look_at}


def _refresh(row: dict[str, Any] | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {key: row[key] for key in ("refresh_id", "started_at", "finished_at", "trigger", "outcome", "snapshot")}
