"""The one lock: a kernel lock on ``refresh.lock``, held from the first step of a refresh to the swap.

The kernel frees it when the process dies, however it dies, so there is no stale lock to clean. The file's content
only says who holds it.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from warehouse.errors import LockHeld

_held: dict[Path, int] = {}


@contextmanager
def refresh_lock(path: Path, purpose: str) -> Iterator[None]:
    """Hold the lock for the length of the block; re-entrant within one process.

    Raises:
        LockHeld: another process holds it; the message says which and since when.
    """
    path = path.resolve()
    if path in _held:
        yield
        return
    descriptor = _acquire(path)
    try:
        _sign(descriptor, purpose)
        _held[path] = descriptor
        yield
    finally:
        _held.pop(path, None)
        os.ftruncate(descriptor, 0)
        os.close(descriptor)


def lock_holder(path: Path) -> str | None:
    """Who holds the lock now, or None. Never blocks."""
    if not path.exists():
        return None
    if path.resolve() in _held:
        return _describe(path)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _describe(path)
    finally:
        os.close(descriptor)
    return None


def _acquire(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    # A child that outlives a killed parent must keep the lock for as long as it may still write.
    os.set_inheritable(descriptor, True)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise LockHeld(_describe(path)) from None
    return descriptor


def _sign(descriptor: int, purpose: str) -> None:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    content = json.dumps({"pid": os.getpid(), "since": since, "purpose": purpose}).encode()
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, content, 0)


def _describe(path: Path) -> str:
    try:
        holder = json.loads(path.read_text())
        return f"process {holder['pid']} ({holder['purpose']}) since {holder['since']}"
    except (ValueError, KeyError, OSError):
        return "a process that has not signed yet"
