"""Whether a home is well: what an operator must act on, and what only a steward should know. No Dagster here.

``barometre status`` prints it; ``barometre status --check`` ends with 1 when there is a problem.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingestion.landing import look, safe_name
from orchestration.serve import last_heartbeat, service_holder
from warehouse.lock import lock_holder

if TYPE_CHECKING:
    from warehouse.paths import Home
    from warehouse.state import DueItem

#: The service looks every five seconds; a refresh beside it may slow it down, not by minutes.
SILENCE = timedelta(minutes=2)
#: Two looks and one refresh are over in two minutes on two cores; fifteen mean that nobody takes what lands.
LANDING_PATIENCE = timedelta(minutes=15)
#: A whole refresh takes less than a minute; one that runs for an hour hangs.
REFRESH_PATIENCE = timedelta(hours=1)
DUE_PATIENCE = timedelta(hours=1)
#: Working database, sealed copy, bronze and dbt's logs of one refresh, each about as large as a snapshot.
FREE_SNAPSHOTS = 4
FREE_BYTES = 1 << 30


@dataclass(frozen=True)
class Facts:
    """What health hangs on; times are UTC."""

    now: datetime
    service_holder: str | None
    last_look_at: datetime | None
    lock_holder: str | None
    last_refresh: Mapping[str, Any] | None
    is_served: bool
    waiting_since: datetime | None
    due_since: datetime | None
    free_bytes: int
    snapshot_bytes: int

    @property
    def is_alive(self) -> bool:
        """Whether the service watches the drop folder."""
        recently = self.last_look_at is not None and self.now - self.last_look_at <= SILENCE
        return self.service_holder is not None and recently


def facts_of(home: Home, last_refresh: Mapping[str, Any] | None, due: Iterable[DueItem], now: datetime) -> Facts:
    """Look around in a home."""
    served = home.current.resolve() if home.current.exists() else None
    return Facts(
        now=now,
        service_holder=service_holder(home),
        last_look_at=last_heartbeat(home),
        lock_holder=lock_holder(home.lock),
        last_refresh=last_refresh,
        is_served=served is not None,
        waiting_since=min((since for _, since in waiting(home)), default=None),
        due_since=min((item.since for item in due), default=None),
        free_bytes=shutil.disk_usage(home.root).free,
        snapshot_bytes=served.stat().st_size if served else 0,
    )


def problems(facts: Facts) -> list[str]:
    """What an operator must act on, the gravest first, each with what to do; empty when all is well."""
    checks = (_service, _served, _refresh, _landing, _due, _disk)
    return [problem for check in checks if (problem := check(facts))]


def waiting(home: Home) -> list[tuple[str, datetime]]:
    """What lies in the drop folder, and since when: a file renamed or moved there keeps its time of writing."""
    entries = [(safe_name(seen.name), home.landing / seen.name) for seen in look(home.landing)]
    return [(name, since) for name, path in entries if (since := _there_since(path))]


def folder_bytes(folder: Path) -> int:
    """Bytes of the files in a folder, at any depth; what goes away meanwhile does not count."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                total += Path(parent, name).lstat().st_size
    return total


def _there_since(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(path.lstat().st_ctime, UTC)
    except FileNotFoundError:
        return None


def _service(facts: Facts) -> str | None:
    """A home that the service never served is refreshed by hand, on purpose."""
    if facts.is_alive or facts.last_look_at is None:
        return None
    since = f"landing/ was last looked at {_ago(facts.now - facts.last_look_at)} ago"
    if facts.service_holder:
        return f"The service ({facts.service_holder}) watches no more: {since}. Start it again and read its messages."
    return f"The service does not run: {since}. Start it: make serve, or systemctl start barometre."


def _served(facts: Facts) -> str | None:
    """The first refresh takes its time; until it ends there is nothing to read and nothing to do."""
    if facts.is_served or facts.lock_holder:
        return None
    return "Nothing is published yet. Run `barometre refresh`, or start the service."


def _refresh(facts: Facts) -> str | None:
    last = facts.last_refresh
    if last is None:
        return None
    if last["outcome"] in ("failed", "blocked"):
        told = f"The last refresh ({last['refresh_id']}, {last['trigger']}) was {last['outcome']}"
        return f"{told}; the snapshot before it is served. `barometre refresh` says why."
    lasts = facts.now - last["started_at"]
    if last["finished_at"] is None and facts.lock_holder and lasts > REFRESH_PATIENCE:
        return (
            f"A refresh runs for {_ago(lasts)} ({facts.lock_holder}): it hangs. Kill that process; the next recovers."
        )
    return None


def _landing(facts: Facts) -> str | None:
    if facts.waiting_since is None or facts.now - facts.waiting_since <= LANDING_PATIENCE:
        return None
    waits = _ago(facts.now - facts.waiting_since)
    return f"Something waits in landing/ for {waits} and nobody takes it. Run `barometre refresh`."


def _due(facts: Facts) -> str | None:
    if facts.due_since is None or facts.now - facts.due_since <= DUE_PATIENCE:
        return None
    return (
        f"Something is due for {_ago(facts.now - facts.due_since)} and nobody deals with it. Run `barometre refresh`."
    )


def _disk(facts: Facts) -> str | None:
    needed = max(FREE_BYTES, FREE_SNAPSHOTS * facts.snapshot_bytes)
    if facts.free_bytes >= needed:
        return None
    left = f"{facts.free_bytes / 2**30:.1f} GiB are free, {needed / 2**30:.1f} GiB are needed for a refresh"
    return f"The disk is nearly full: {left}. Prune snapshots (`barometre snapshots prune`) or make room."


def _ago(lapse: timedelta) -> str:
    seconds = int(lapse.total_seconds())
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
