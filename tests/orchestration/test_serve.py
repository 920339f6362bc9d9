"""The service from outside: an empty home, one command, and from then on only files dropped into a folder."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import duckdb
import pytest
from homes import next_version

from ingestion.receiving import PACKAGED
from warehouse.lock import lock_holder

pytestmark = pytest.mark.timeout(900)
#: Far longer than anything takes: a busy machine must not fail the test, a service that hangs must.
PATIENCE = 480.0


@dataclass(frozen=True)
class Service:
    """A running service and its home."""

    home: Path
    process: subprocess.Popen[str]
    log: Path

    def status(self) -> dict[str, Any]:
        done = _barometre(self.home, "status", "--format", "json")
        assert done.returncode == 0, done.stderr
        described: dict[str, Any] = json.loads(done.stdout)
        return described

    def until(self, what: str, reached: Callable[[], Any]) -> None:
        """Wait for something that can be seen without disturbing a machine at work."""

        def seen() -> bool:
            assert self.process.poll() is None, f"the service ended before {what} was seen"
            return bool(reached())

        _wait(what, seen)

    def at_rest(self) -> bool:
        """Whether nothing waits and nobody refreshes."""
        return not any((self.home / "landing").iterdir()) and lock_holder(self.home / "refresh.lock") is None

    def drop(self, name: str, content: bytes) -> float:
        """Put a file there as a sender should, and return the time."""
        part = self.home / "landing" / f"{name}.part"
        part.write_bytes(content)
        part.rename(part.with_suffix(""))
        return time.monotonic()

    def published(self) -> str | None:
        current = self.home / "barometre.duckdb"
        return current.readlink().name if current.is_symlink() else None

    def snapshots(self) -> list[str]:
        return sorted(path.name for path in (self.home / "snapshots").glob("*.duckdb"))

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str((self.home / "barometre.duckdb").resolve()), read_only=True) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service on an empty home, for all tests of this module in their order."""
    folder = tmp_path_factory.mktemp("served")
    started = Service(folder / "home", _start(folder / "home", folder / "log"), folder / "log")
    yield started
    if started.process.poll() is None:
        started.process.terminate()
        started.process.wait(60)


def test_an_empty_home_is_published_by_itself(service: Service) -> None:
    started = time.monotonic()
    service.until("the first snapshot", service.published)
    print(f"\nstart → first snapshot: {time.monotonic() - started:.0f} s")
    service.until("rest", service.at_rest)
    status = service.status()
    assert (status["published"]["snapshot"], status["published"]["trigger"]) == (service.published(), "due")
    assert status["service"]["alive"]
    assert status["problems"] == []


def test_what_is_dropped_is_taken_refused_or_said_to_be_known(service: Service) -> None:
    """One extract with new figures, one that is broken, one known under another name: no further command."""
    service.until("a first snapshot", lambda: service.published() and service.at_rest())
    first, before = service.published(), service.snapshots()
    service.drop("déjà vu.zip", _extract("pts2-2015", lambda _, text: text))
    service.drop("cassé.zip", _extract("pts-na-2016", _broken))
    dropped = service.drop("corrigé.zip", _extract("ms2022-na-2019", _corrected))
    service.until("the second snapshot", lambda: service.published() != first)
    print(f"\ndrop → snapshot: {time.monotonic() - dropped:.0f} s")

    service.until("rest", service.at_rest)
    assert service.snapshots() == sorted([*before, service.published() or ""])
    status = service.status()
    assert status["published"]["trigger"] == "landing"
    value = "SELECT value FROM marts.fct_observation WHERE superseded_at IS NULL AND observation_id = "
    assert service.sql(f"{value} 'ms2022-na-2019#cpts-projets-box'") == [(32,)]

    [refused] = status["quarantine"]
    assert (refused["name"], refused["file"], refused["line"]) == ("cassé.zip", "cassé.zip/figures.csv", 2)
    assert "beaucoup" in refused["expectation"]
    assert refused["next_step"]

    [again] = status["redelivered"]
    assert again["name"] == "déjà vu.zip"
    assert "nothing to do" in again["sentence"]
    assert status["problems"] == []


def test_a_known_file_alone_starts_no_build(service: Service) -> None:
    service.until("a first snapshot", lambda: service.published() and service.at_rest())
    before = service.status()
    dropped = service.drop("encore.zip", _extract("cnr-na-2022", lambda _, text: text))
    service.until("rest", service.at_rest)
    print(f"\ndrop → no-op said: {time.monotonic() - dropped:.0f} s")
    after = service.status()
    assert after["redelivered"][0]["name"] == "encore.zip"
    assert after["landing"] == []
    assert (after["published"], after["last_refresh"]) == (before["published"], before["last_refresh"])


def test_a_second_service_of_the_same_home_is_refused(service: Service) -> None:
    done = _barometre(service.home, "serve", "--port", str(_free_port()))
    assert done.returncode == 2
    assert f"process {service.process.pid} (service)" in done.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.10", "barometre.example"])
def test_it_listens_on_loopback_only(tmp_path: Path, host: str) -> None:
    done = _barometre(tmp_path, "serve", "--host", host)
    assert done.returncode == 2
    assert "loopback" in done.stderr
    assert not (tmp_path / "dagster").exists()


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = _barometre(tmp_path, "serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert "--port" in done.stderr


def test_stopped_it_leaves_no_process_behind(service: Service) -> None:
    family = _family(service.process.pid)
    assert len(family) >= 4, "the service, code server, daemon, pages"
    service.process.terminate()
    assert service.process.wait(60) == 0, service.log.read_text()
    assert [pid for pid in family if _runs(pid)] == []
    assert lock_holder(service.home / "dagster" / "service.lock") is None


def test_killed_without_a_word_it_leaves_no_process_behind(service: Service, tmp_path: Path) -> None:
    """Its children notice that their parent is gone, and the home can be served again."""
    again = _start(service.home, tmp_path / "log")
    _wait("the service", lambda: "Serving" in (tmp_path / "log").read_text())
    family = _family(again.pid)
    again.kill()
    again.wait(10)
    _wait("the end of its children", lambda: not any(_runs(pid) for pid in family))
    assert lock_holder(service.home / "dagster" / "service.lock") is None


def _start(home: Path, log: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "orchestration.cli", "serve", "--port", str(_free_port())]
    with log.open("w") as output:
        return subprocess.Popen(command, env=_environment(home), stdout=output, stderr=subprocess.STDOUT, text=True)


def _barometre(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "orchestration.cli", *arguments]
    return subprocess.run(command, env=_environment(home), capture_output=True, text=True, timeout=120, check=False)


def _environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "BAROMETRE_STATE_URL"}
    return kept | {"BAROMETRE_HOME": str(home)}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _wait(what: str, reached: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < deadline, f"never seen: {what}"
        time.sleep(0.2)


def _family(pid: int) -> set[int]:
    """A process and all that come from it."""
    found = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(child): int(parent) for child, parent in (line.split() for line in found.splitlines())}
    family = {pid}
    while grown := {child for child, parent in parents.items() if parent in family} - family:
        family |= grown
    return family


def _runs(pid: int) -> bool:
    """Whether a process is alive; one that ended and that nobody waited for is not."""
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(found.strip()) and not found.strip().startswith("Z")


def _extract(report_id: str, change: Callable[[str, str], str]) -> bytes:
    """The packaged extract of a report with its files changed, zipped."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted((PACKAGED / report_id).iterdir()):
            archive.writestr(path.name, change(path.name, path.read_text(encoding="utf-8")))
    return packed.getvalue()


def _corrected(name: str, text: str) -> str:
    """The next version of the regional kit: the box on CPTS now reads as the text does."""
    if name == "report.yml":
        return next_version(text)
    if name != "figures.csv":
        return text
    lines = text.split("\n")
    box = next(number for number, line in enumerate(lines) if line.startswith("cpts-projets-box,"))
    lines[box] = lines[box].replace(",36,,,", ",32,,,").replace(",36,59,", ",32,59,")
    return "\n".join(lines)


def _broken(name: str, text: str) -> str:
    """A later version of the web page's extract, with a value that is no number on its second line."""
    if name == "report.yml":
        return next_version(text, 2)
    if name != "figures.csv":
        return text
    lines = text.split("\n")
    cells = lines[1].split(",")
    cells[lines[0].split(",").index("value")] = "beaucoup"
    return "\n".join([lines[0], ",".join(cells), *lines[2:]])
