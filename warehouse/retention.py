"""Which snapshots go. The decision is pure; the archive is never pruned, by anything."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from warehouse.snapshots import manifest_path

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.paths import Home

_OURS = re.compile(r"\d{8}T\d{12}Z-[0-9a-f]{12}\.duckdb")


@dataclass(frozen=True)
class Retention:
    """What stays: the ``keep`` newest whatever their age, and all younger than ``keep_days``, ``at_most`` in all.

    Thirty is a month of daily refreshes. Seven days let a person come back from a week's leave and still roll back to,
    or compare with, any snapshot of it. A hundred bounds a day on which files land every few minutes.
    """

    keep: int = 30
    keep_days: int = 7
    at_most: int = 100


@dataclass(frozen=True)
class Candidate:
    """A snapshot that retention may judge: named by us, with a manifest that can be read."""

    path: Path
    sealed_at: datetime
    bytes: int


@dataclass(frozen=True)
class Pruned:
    """What was removed, newest first, and how many bytes that freed."""

    snapshots: tuple[str, ...]
    bytes: int


def to_prune(
    candidates: Iterable[Candidate], retention: Retention, protected: Collection[str], now: datetime
) -> list[Candidate]:
    """The snapshots that go, newest first; never one whose name is ``protected``, nor one of the ``keep`` newest."""
    ranked = sorted(candidates, key=lambda c: (c.sealed_at, c.path.name), reverse=True)
    oldest_young = now - timedelta(days=retention.keep_days)
    return [
        candidate
        for rank, candidate in enumerate(ranked)
        if rank >= retention.keep
        and (rank >= retention.at_most or candidate.sealed_at <= oldest_young)
        and candidate.path.name not in protected
    ]


def candidates(folder: Path) -> list[Candidate]:
    """Snapshots in a folder. A file of another name, or whose manifest is missing or unreadable, is nobody's to remove.

    A file that a killed seal left has no manifest either: :func:`warehouse.snapshots.remove_leftovers` knows those.
    """
    found = (_candidate(path) for path in folder.glob("*.duckdb") if _OURS.fullmatch(path.name))
    return [candidate for candidate in found if candidate is not None]


def prune(
    home: Home, retention: Retention, protected: Collection[str], now: datetime, *, dry_run: bool = False
) -> Pruned:
    """Remove the snapshots that are not to be kept; to be called under the refresh lock.

    The current one is protected whatever ``protected`` says. A reader that has one open keeps it until it closes.
    """
    current = {home.current.resolve().name} if home.current.exists() else set()
    going = to_prune(candidates(home.snapshots), retention, {*protected, *current}, now)
    for candidate in [] if dry_run else going:
        _remove(candidate.path)
    return Pruned(tuple(candidate.path.name for candidate in going), sum(candidate.bytes for candidate in going))


def _candidate(path: Path) -> Candidate | None:
    try:
        sealed_at = datetime.fromisoformat(json.loads(manifest_path(path).read_text())["sealed_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Candidate(path, sealed_at, path.stat().st_size) if sealed_at.tzinfo else None


def _remove(snapshot: Path) -> None:
    """The manifest first: killed in between, the file is a leftover that the next refresh removes."""
    for path in (manifest_path(snapshot), snapshot, snapshot.with_name(f"{snapshot.name}.wal")):
        path.unlink(missing_ok=True)
