"""The one lock: exclusive between processes, re-entrant within one, free as soon as its holder dies."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Timer

import pytest

from warehouse.errors import LockHeld
from warehouse.lock import lock_holder, refresh_lock

HOLDER = """
import sys, pathlib
from warehouse.lock import refresh_lock
with refresh_lock(pathlib.Path(sys.argv[1]), "the other"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path: Path):
    """Another process that holds the lock."""
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "refresh.lock")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()


def test_the_loser_learns_who_holds_it(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    with (
        pytest.raises(LockHeld, match=rf"process {other.pid} \(the other\) since"),
        refresh_lock(tmp_path / "refresh.lock", "mine"),
    ):
        pass
    assert LockHeld("x").exit_code == 3


def test_a_killed_holder_leaves_no_lock(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    assert f"process {other.pid}" in lock_holder(tmp_path / "refresh.lock")
    os.kill(other.pid, signal.SIGKILL)
    other.wait()
    assert lock_holder(tmp_path / "refresh.lock") is None
    with refresh_lock(tmp_path / "refresh.lock", "mine"):
        assert f"process {os.getpid()} (mine)" in lock_holder(tmp_path / "refresh.lock")


def test_a_child_of_a_killed_holder_keeps_it(tmp_path: Path) -> None:
    """A child may still write after its parent's death: the lock must last until it is gone too."""
    path = tmp_path / "refresh.lock"
    parent = f"""
import os, pathlib, subprocess, sys
from warehouse.lock import refresh_lock
with refresh_lock(pathlib.Path({str(path)!r}), "parent"):
    child = subprocess.Popen(["cat"], close_fds=False)
    print(child.pid, flush=True)
    os.kill(os.getpid(), 9)
"""
    process = subprocess.Popen([sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    child = int(process.stdout.readline())
    process.wait()
    try:
        assert lock_holder(path) is not None
        with pytest.raises(LockHeld), refresh_lock(path, "mine"):
            pass
    finally:
        os.kill(child, signal.SIGKILL)
        process.stdin.close()
        process.stdout.close()


def test_it_is_reentrant_within_a_process(tmp_path: Path) -> None:
    path = tmp_path / "refresh.lock"
    with refresh_lock(path, "outer"):
        with refresh_lock(path, "inner"):
            pass
        assert "outer" in lock_holder(path)
    assert lock_holder(path) is None


def test_who_waits_gets_it_as_soon_as_it_is_free(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    Timer(0.5, other.kill).start()
    started = time.monotonic()
    with refresh_lock(tmp_path / "refresh.lock", "mine", wait=30):
        assert 0.3 < time.monotonic() - started < 5


def test_who_waits_too_long_learns_who_holds_it(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    started, processor = time.monotonic(), time.process_time()
    with (
        pytest.raises(LockHeld, match=rf"process {other.pid}"),
        refresh_lock(tmp_path / "refresh.lock", "mine", wait=1),
    ):
        pass
    assert time.monotonic() - started >= 1
    assert time.process_time() - processor < 0.5, "waiting costs nothing"


def test_looking_who_holds_it_fails_no_refresh(tmp_path: Path) -> None:
    """To look is to take the lock for an instant."""
    path = tmp_path / "refresh.lock"
    with refresh_lock(path, "first"):
        pass
    descriptor = os.open(path, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    Timer(0.05, os.close, [descriptor]).start()
    with refresh_lock(path, "mine"):
        assert "mine" in (lock_holder(path) or "")
