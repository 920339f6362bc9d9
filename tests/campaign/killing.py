"""Processes that are killed: forked from one that has imported everything, so that a cycle costs no imports.

A child runs the very function that ``barometre refresh`` runs. It kills itself with SIGKILL where a :class:`Point`
says, seen from outside the project's code: by Python's audit events (renames, removals, links, files opened) and by
the steps that a refresh reports. Or its parent kills it after a time.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any

#: A child that hangs is a failure of the campaign, never waited for.
CHILD_SECONDS = 600.0
WATCHED = ("os.rename", "os.remove", "os.symlink", "os.truncate", "open")


@dataclass(frozen=True)
class Point:
    """Where a child kills itself.

    ``event`` is an audit event, ``step`` for a step of the refresh, or ``call`` of a function of the project;
    ``pattern`` what its path or name matches. ``late`` dies once the operation is done: after the call, or at the next
    watched event.
    """

    name: str
    event: str
    pattern: str
    late: bool = False


@dataclass(frozen=True)
class Ended:
    """How a child ended: killed, or with what it returned."""

    killed: bool
    seconds: float
    result: Any = None


def run_in_child(work: Callable[[], Any], *, point: Point | None = None, after: float | None = None) -> Ended:
    """Run ``work`` in a forked process; it dies at ``point``, or ``after`` seconds, or returns something for JSON."""
    started = time.monotonic()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _live(work, point, writing)
    os.close(writing)
    told = _told(reading, child, after)
    os.close(reading)
    _, status = os.waitpid(child, 0)
    seconds = time.monotonic() - started
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return Ended(True, seconds)
    if os.waitstatus_to_exitcode(status):
        raise RuntimeError(f"A child ended with {os.waitstatus_to_exitcode(status)}: {told!r}")
    return Ended(False, seconds, json.loads(told))


def _told(reading: int, child: int, after: float | None) -> bytes:
    """What the child says; kills it once its time is over."""
    deadline = time.monotonic() + (CHILD_SECONDS if after is None else after)
    told = b""
    while True:
        ready, _, _ = select.select([reading], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            os.kill(child, signal.SIGKILL)
            if after is None:
                raise TimeoutError(f"A child was still at work after {CHILD_SECONDS} s")
            return told
        chunk = os.read(reading, 1 << 16)
        if not chunk:
            return told
        told += chunk


def _live(work: Callable[[], Any], point: Point | None, writing: int) -> None:
    code = 0
    try:
        if point is not None:
            _arm(point)
        os.write(writing, json.dumps(work(), default=str).encode())
    except BaseException as error:
        os.write(writing, f"{type(error).__name__}: {error}".encode())
        code = 9
    finally:
        os._exit(code)


def _arm(point: Point) -> None:
    """Die at a point."""
    from orchestration import progress

    reached = []

    def die(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in WATCHED:
            return
        if reached:
            os.kill(os.getpid(), signal.SIGKILL)
        if event == point.event and any(fnmatch(str(a), point.pattern) for a in arguments[:2]):
            _reach(reached, point)

    def follow(step: str, _done: int, _total: int) -> None:
        if point.event == "step" and step == point.pattern:
            _reach(reached, point)

    if point.event == "call":
        _die_in_call(point)
    else:
        sys.addaudithook(die)
        progress._listeners.append(follow)


def _die_in_call(point: Point) -> None:
    module, _, path = point.pattern.partition(":")
    *owners, name = path.split(".")
    owner: Any = importlib.import_module(module)
    for part in owners:
        owner = getattr(owner, part)
    original = getattr(owner, name)

    def dying(*arguments: Any, **named: Any) -> Any:
        if point.late:
            original(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, dying)


def _reach(reached: list[bool], point: Point) -> None:
    if not point.late:
        os.kill(os.getpid(), signal.SIGKILL)
    reached.append(True)


#: Every step of a full refresh, and both sides of every step that a crash could cut in two.
FULL_POINTS = (
    Point("before the archive copy is named", "os.rename", "*/archive/.incoming-*"),
    Point("after the archive copy is named", "os.rename", "*/archive/.incoming-*", late=True),
    Point("inputs half recorded", "call", "warehouse.state:StateStore.set_input_status"),
    Point("before landing is cleared", "os.remove", "*/landing/*"),
    Point("after landing is cleared", "os.remove", "*/landing/*", late=True),
    Point("before a bronze file", "os.rename", "*/bronze/figure/.*"),
    Point("before the list of bronze", "os.rename", "*/bronze/.current.parquet*"),
    Point("after the list of bronze", "os.rename", "*/bronze/.current.parquet*", late=True),
    Point("when dbt starts", "step", "build"),
    Point("when the audit starts", "step", "audit"),
    Point("when settling starts", "step", "settle"),
)
#: What both a full refresh and a re-sealing end with.
SEAL_POINTS = (
    Point("settled, not committed", "call", "warehouse.state:StateStore.mark_prepared"),
    Point("when sealing starts", "step", "seal"),
    Point("before the sealed file is named", "os.rename", "*/snapshots/.*.duckdb.*.part"),
    Point("after the sealed file is named", "os.rename", "*/snapshots/.*.duckdb.*.part", late=True),
    Point("before the manifest", "os.rename", "*/snapshots/.*.json.*.part"),
    Point("after the manifest", "os.rename", "*/snapshots/.*.json.*.part", late=True),
    Point("before the link is made", "os.symlink", "*"),
    Point("before the swap", "os.rename", "*/.barometre.duckdb.*.link"),
    Point("after the swap, before its mark", "call", "warehouse.state:StateStore.mark_published"),
    Point("after its mark", "call", "warehouse.state:StateStore.mark_published", late=True),
)
