"""Rollback: serve an earlier snapshot again, at once, and say so in the state store.

A rollback holds until something new is published. With nothing new, the next refresh leaves it alone; a correction
that comes in is published as ever, and ends it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from warehouse.errors import NothingPublished, UsageError
from warehouse.snapshots import list_snapshots, swap, verify

if TYPE_CHECKING:
    from warehouse.paths import Home
    from warehouse.state import StateStore


@dataclass(frozen=True)
class RolledBack:
    """File names of the snapshot served before, and now."""

    from_snapshot: str
    to_snapshot: str


def roll_back(
    home: Home, store: StateStore, name: str | None, *, actor: str, why: str | None, now: datetime
) -> RolledBack:
    """Serve the snapshot called ``name`` (or a beginning of its name; by default the one before the current).

    To be called under the refresh lock. It is recorded before the swap: killed in between, nothing has changed, and
    the record is not in force because its snapshot is not the one served.

    Raises:
        NothingPublished: there is no current snapshot.
        UsageError: no such snapshot, or it is served already.
        PublishError: the snapshot does not match its manifest; the current one stays.
    """
    if not home.current.exists():
        raise NothingPublished(
            f"{home.current} does not exist: nothing is published yet. Run `barometre refresh` first."
        )
    current = home.current.resolve().name
    names = [snapshot.path.name for snapshot in list_snapshots(home.snapshots, home.current)]
    target = choose_target(names, current, name)
    verify(home.snapshots / target)
    store.record_rollback(from_snapshot=current, to_snapshot=target, actor=actor, at=now, why=why)
    swap(home.current, home.snapshots / target)
    return RolledBack(current, target)


def current_snapshot(home: Home) -> str:
    """The file name of the snapshot that is served.

    Raises:
        NothingPublished: there is none.
    """
    if not home.current.exists():
        raise NothingPublished(f"Nothing is published yet in {home.root}. Run `barometre refresh` first.")
    return home.current.resolve().name


def choose_target(names: Sequence[str], current: str, wanted: str | None) -> str:
    """The snapshot meant, among ``names``: the newest older than ``current``, or the one that ``wanted`` begins.

    Raises:
        UsageError: none is meant, several are, or it is the current one.
    """
    if wanted is None:
        older = [name for name in names if name < current]
        if not older:
            raise UsageError("There is no snapshot older than the current one. See `barometre snapshots list`.")
        return max(older)
    target = find_snapshot(names, wanted)
    if target == current:
        raise UsageError(f"{target} is the current snapshot already.")
    return target


def find_snapshot(names: Sequence[str], wanted: str) -> str:
    """The one snapshot whose name is ``wanted``, or begins with it.

    Raises:
        UsageError: there is none, or several.
    """
    meant = [name for name in names if name == wanted] or [name for name in names if name.startswith(wanted)]
    if len(meant) != 1:
        found = f"{len(meant)} snapshots begin" if meant else "No snapshot begins"
        raise UsageError(f"{found} with {wanted!r}. See `barometre snapshots list`.")
    return meant[0]
