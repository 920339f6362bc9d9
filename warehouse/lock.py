"""The one lock: a kernel lock on ``refresh.lock``, held from the first step of a refresh to the swap.

The kernel frees it when the process dies, however it dies, so there is no stale lock to clean. The file's content
only says who holds it.

Whoever waits asks again a few times a second: the kernel can wait for a lock or for a time, not for the first of both,
and an alarm signal reaches the main thread alone, where Dagster's steps need not run.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from warehouse.errors import LockHeld

_held: dict[Path, int] = {}
#: :func:`lock_holder` takes the lock for microseconds to see whether it is free; that must fail nobody's refresh.
_PROBE_SECONDS = 0.2
_STEP_SECONDS = 0.2


@contextmanager
def refresh_lock(path: Path, purpose: str, *, wait: float = 0.0) -> Iterator[None]:
    """Hold the lock for the length of the block; re-entrant within one process.

    ``wait`` is how long to wait for it, in seconds.

    Raises:
        LockHeld: another process still holds it then; the message says which and since when.
    """
    path = path.resolve()
    if path in _held:
        yield
        return
    descriptor = _acquire(path, max(wait, _PROBE_SECONDS))
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


def _acquire(path: Path, patience: float) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    # A child that outlives a killed parent must keep the lock for as long as it may still write.
    os.set_inheritable(descriptor, True)
    deadline = time.monotonic() + patience
    while not _locked(descriptor):
        left = deadline - time.monotonic()
        if left <= 0:
            os.close(descriptor)
            raise LockHeld(_describe(path))
        time.sleep(min(left, _STEP_SECONDS))
    return descriptor


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


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
