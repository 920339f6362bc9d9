"""The service: Dagster's code server, daemon and pages as three children of one process, on loopback only.

One service a home, by a kernel lock that the children hold too. When one child ends, all end, and whoever supervises
(systemd, a person) starts the service again. Nothing here imports Dagster: the children do.
"""

from __future__ import annotations

import ipaddress
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from orchestration.dagster_home import prepare_dagster
from orchestration.lifeline import GRACE_SECONDS
from warehouse.errors import BarometreError, LockHeld, UsageError
from warehouse.lock import lock_holder, refresh_lock
from warehouse.paths import CHECKOUT, Home

#: Reading the models of an empty home takes ten seconds alone, and minutes on a machine that does much else.
START_SECONDS = 300.0
#: Names the socket of the code server to its own runs and sensors.
CODE_SERVER = "BAROMETRE_CODE_SERVER"
_LOOK_SECONDS = 0.2
_MARGIN_SECONDS = 5.0
_QUIET = ("--log-level", "warning")


class ServiceEnded(BarometreError):
    """A process of the service ended by itself."""


def service_lock(home: Home) -> Path:
    """Held for as long as any process of the service lives."""
    return home.dagster / "service.lock"


def heartbeat(home: Home) -> Path:
    """Touched by every look at the drop folder: daemon, code server and sensor are alive then."""
    return home.dagster / "heartbeat"


def last_heartbeat(home: Home) -> datetime | None:
    """When the service last looked at the drop folder; None when it never ran here."""
    try:
        return datetime.fromtimestamp(heartbeat(home).stat().st_mtime, UTC)
    except FileNotFoundError:
        return None


def service_holder(home: Home) -> str | None:
    """Which process is the service of this home, or None."""
    return lock_holder(service_lock(home))


def serve(home: Home, host: str, port: int, tell: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; no process is left behind.

    Raises:
        UsageError: the address is not loopback or is taken, or the home has its service already.
        ServiceEnded: a child ended by itself.
    """
    _check_address(host, port)
    try:
        with refresh_lock(service_lock(home.create()), "service"), _until_signalled() as stopping:
            prepare_dagster(home)
            _serve(home, host, port, tell, stopping)
    except LockHeld as held:
        raise UsageError(f"This home is served already: {held.holder}. See `barometre status`.") from held


def _serve(home: Home, host: str, port: int, tell: Callable[[str], None], stopping: Callable[[], bool]) -> None:
    with tempfile.TemporaryDirectory(prefix="barometre-") as folder, _children() as start:
        code = Path(folder, "code.sock")
        workspace = Path(folder, "workspace.yaml")
        workspace.write_text(f"load_from:\n  - grpc_server: {{socket: {code}, location_name: barometre}}\n")
        os.environ[CODE_SERVER] = str(code)
        tell("Reading the models…")
        start("dagster", "api", "grpc", "-m", "orchestration.definitions", "--socket", str(code), *_QUIET)
        _wait_until(code.exists, start, stopping)
        start("dagster._daemon", "run", "-w", str(workspace), *_QUIET)
        start("dagster_webserver", "-h", host, "-p", str(port), "-w", str(workspace), "--dagster-log-level", "warning")
        if _wait_until(lambda: _answers(host, port), start, stopping):
            tell(f"Serving on {_url(host, port)}; what is put into {home.landing} is taken.")
        _wait_until(lambda: False, start, stopping, seconds=None)
        tell("Stopping…")


class _Children:
    """The processes of the service, each leading its own group and holding the lock and a lifeline."""

    def __init__(self) -> None:
        self._started: list[tuple[str, subprocess.Popen[bytes]]] = []

    def __call__(self, module: str, *arguments: str) -> None:
        """Start a module as a child."""
        command = [sys.executable, "-m", "orchestration.lifeline", module, *arguments]
        # Open files are inherited for the sake of one: the lock, which must outlive a parent that was killed.
        child = subprocess.Popen(command, stdin=subprocess.PIPE, cwd=CHECKOUT, start_new_session=True, close_fds=False)
        self._started.append((module, child))

    def ended(self) -> str | None:
        """The first child that is no more, in words."""
        for name, child in self._started:
            if child.poll() is not None:
                return f"{name} ended with code {child.returncode}"
        return None

    def stop(self) -> None:
        """Ask all to stop, give them their time, and leave none."""
        for _, child in self._started:
            if child.stdin:
                child.stdin.close()
        deadline = time.monotonic() + GRACE_SECONDS + _MARGIN_SECONDS
        while time.monotonic() < deadline and any(_lives(child) for _, child in self._started):
            time.sleep(_LOOK_SECONDS)
        for _, child in self._started:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()


@contextmanager
def _children() -> Iterator[_Children]:
    children = _Children()
    try:
        yield children
    finally:
        children.stop()


def _lives(child: subprocess.Popen[bytes]) -> bool:
    """Whether a child, or a run that it started, is alive."""
    child.poll()
    try:
        os.killpg(child.pid, 0)
    except ProcessLookupError:
        return False
    return True


def _wait_until(
    reached: Callable[[], bool],
    children: _Children,
    stopping: Callable[[], bool],
    seconds: float | None = START_SECONDS,
) -> bool:
    """Wait for a condition; False when the service was asked to stop meanwhile.

    Raises:
        ServiceEnded: a child ended, or the condition was not reached in time.
    """
    deadline = None if seconds is None else time.monotonic() + seconds
    while not stopping():
        if ended := children.ended():
            raise ServiceEnded(f"{ended}; the service stopped. Its messages are above; start it again.")
        if reached():
            return True
        if deadline and time.monotonic() > deadline:
            raise ServiceEnded(f"The service did not come up within {seconds:.0f} s. Its messages are above.")
        time.sleep(_LOOK_SECONDS)
    return False


@contextmanager
def _until_signalled() -> Iterator[Callable[[], bool]]:
    """Whether SIGTERM or SIGINT came since the block began."""
    received: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        received.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield lambda: bool(received)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _check_address(host: str, port: int) -> None:
    """Loopback only: whoever reaches Dagster's pages may start runs, and they know no passwords."""
    try:
        is_loopback = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise UsageError(
            f"{host} is not a loopback address. Dagster's pages know no passwords: serve on 127.0.0.1, and reach them "
            "from elsewhere through SSH (ssh -L 3000:127.0.0.1:3000 …) or a proxy that authenticates."
        )
    if _answers(host, port):
        raise UsageError(f"Something answers on {_url(host, port)} already. Choose another port with --port.")


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
