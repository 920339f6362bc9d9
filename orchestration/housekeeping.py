"""What a refresh tidies once its snapshot is published. Nothing here can undo or fail a publication."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from warehouse.errors import BarometreError
from warehouse.retention import Pruned, prune

if TYPE_CHECKING:
    from warehouse.paths import Home
    from warehouse.state import StateStore


def prune_snapshots(home: Home, store: StateStore, now: datetime, *, dry_run: bool = False) -> Pruned:
    """Remove the snapshots that the home's settings do not keep; to be called under the refresh lock.

    The snapshot published last stays too: after a rollback it is not the current one, and a person may want it back.

    Raises:
        UsageError: the settings cannot be read.
    """
    from warehouse.settings import read_settings

    last = store.last_published()
    protected = {last["snapshot"]} if last else set()
    return prune(home, read_settings(home).snapshots.retention, protected, now, dry_run=dry_run)


def prune_after_publication(home: Home, store: StateStore, now: datetime) -> dict[str, Any]:
    """The same, told for the refresh's summary; a problem is told too, and removes nothing."""
    try:
        return asdict(prune_snapshots(home, store, now))
    except (BarometreError, OSError) as error:
        return {"snapshots": (), "bytes": 0, "problem": f"No snapshot was pruned: {error}"}
