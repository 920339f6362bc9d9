"""Backup of what cannot be rebuilt: the state store, the archive, the configuration, what is quarantined and what waits
in the drop folder. Everything else comes back by one refresh. See :mod:`warehouse.restore` for the way back.

A backup is one plain tar file whose last member, ``manifest.json``, lists the others with their SHA-256: a file cut
short has none, and is refused. See ``docs/decisions/0009-backup.md``.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO

from warehouse.errors import BarometreError, UsageError
from warehouse.files import fsync_file
from warehouse.paths import Home

FORMAT = 1
MANIFEST = "manifest.json"
STATE = "state.sqlite"
VERSIONS = ("barometre", "duckdb", "sqlalchemy")
#: In this order: what leaves the drop folder while we copy is archived and recorded by then, and the archive, which
#: only grows, holds at its turn all that the state store, copied before it, speaks of. So no lock is needed.
BEFORE_STATE = ("landing", "config", "quarantine")
AFTER_STATE = ("archive",)
FOLDERS = (*BEFORE_STATE, *AFTER_STATE)


class BackupError(BarometreError):
    """A backup that cannot be written, or cannot be trusted."""


@dataclass(frozen=True)
class Member:
    """One file in a backup."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class BackedUp:
    """A backup that was written. ``damaged`` names archived inputs whose bytes are no longer those received."""

    path: Path
    members: int
    bytes: int
    damaged: tuple[str, ...]


def back_up(home: Home, target: Path, now: datetime) -> BackedUp:
    """Write one backup file, whole or not at all; refreshes may go on meanwhile.

    ``target`` is a file that does not exist, or a folder, where the backup is named by its time.

    Raises:
        UsageError: the home or the target cannot be meant.
        BackupError: it cannot be written.
        StateTooNew: a newer version of the code wrote the state store.
    """
    target = _target(home, target, now)
    try:
        with tempfile.TemporaryDirectory(prefix=".barometre-", dir=target.parent) as folder:
            part = Path(folder) / target.name
            members = _write(home, part, Path(folder), now)
            part.replace(target)
        fsync_file(target)
    except OSError as error:
        raise BackupError(f"The backup {target} cannot be written: {error}. Nothing was left behind.") from error
    damaged = tuple(member.name for member in members if is_damaged(member))
    return BackedUp(target, len(members), target.stat().st_size, damaged)


def is_damaged(member: Member) -> bool:
    """Archived bytes are named by their SHA-256: any other content is damage."""
    named = PurePosixPath(member.name).name
    return member.name.startswith("archive/") and bool(re.fullmatch("[0-9a-f]{64}", named)) and named != member.sha256


def _target(home: Home, target: Path, now: datetime) -> Path:
    if not home.root.is_dir():
        raise UsageError(f"The home {home.root} does not exist: there is nothing to back up.")
    if target.is_dir():
        target = target / f"barometre-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.tar"
    if not target.parent.is_dir():
        raise UsageError(f"The folder {target.parent} does not exist. Make it, or name another.")
    target = target.resolve()
    if target.exists():
        raise UsageError(f"{target} exists already. Name another file, or a folder, where each backup gets its time.")
    if target.is_relative_to(home.root):
        raise UsageError(f"{target} is inside the home: the backup would be lost with it. Name a place elsewhere.")
    return target


def _write(home: Home, part: Path, folder: Path, now: datetime) -> list[Member]:
    from warehouse.state_copy import export_state

    with _private(part) as stream, tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as tar:
        members = list(_add_all(tar, _files(home, BEFORE_STATE)))
        export_state(home, folder / STATE, now)
        members += _add_all(tar, [(STATE, folder / STATE)])
        members += _add_all(tar, _files(home, AFTER_STATE))
        _add_bytes(tar, MANIFEST, _described(home, members, now), now)
    fsync_file(part)
    return members


@contextmanager
def _private(path: Path) -> Iterator[IO[bytes]]:
    """A new file for its owner alone: the state store holds people's names and addresses."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        yield stream


def _files(home: Home, folders: Iterable[str]) -> Iterator[tuple[str, Path]]:
    """Regular files by their name in the backup; half-written and hidden ones are left out.

    Links are followed in the configuration alone, to files: elsewhere nobody we trust puts them.
    """
    for folder in folders:
        for parent, below, names in os.walk(home.root / folder):
            below[:] = sorted(name for name in below if not name.startswith("."))
            for name in sorted(names):
                path = Path(parent) / name
                is_ours = path.is_file() and (folder == "config" or not path.is_symlink())
                if is_ours and not name.startswith(".") and path.suffix != ".part":
                    yield path.relative_to(home.root).as_posix(), path


def _add_all(tar: tarfile.TarFile, files: Iterable[tuple[str, Path]]) -> Iterator[Member]:
    for name, path in files:
        try:
            stream = path.open("rb")
        except FileNotFoundError:
            continue  # taken out of the drop folder since it was listed: the archive has it
        with stream:
            facts = os.fstat(stream.fileno())
            info = tarfile.TarInfo(name)
            info.size, info.mtime = facts.st_size, int(facts.st_mtime)
            hashing = _Hashing(stream)
            tar.addfile(info, hashing)  # type: ignore[arg-type]
        yield Member(name, info.size, hashing.digest.hexdigest())


class _Hashing:
    """A stream that hashes exactly the bytes that are read from it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.digest = hashlib.sha256()
        self._stream = stream

    def read(self, size: int) -> bytes:
        content = self._stream.read(size)
        self.digest.update(content)
        return content


def _add_bytes(tar: tarfile.TarFile, name: str, content: bytes, now: datetime) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mtime = len(content), int(now.timestamp())
    tar.addfile(info, BytesIO(content))


def _described(home: Home, members: Iterable[Member], now: datetime) -> bytes:
    from warehouse.state_tables import REVISION

    described = {
        "format": FORMAT,
        "made_at": now.astimezone(UTC).isoformat(timespec="seconds"),
        "home": str(home.root),
        "schema_revision": REVISION,
        "versions": {"python": platform.python_version(), **{name: version(name) for name in VERSIONS}},
        "members": [asdict(member) for member in members],
    }
    # ASCII: a name in the drop folder may hold bytes that are not UTF-8.
    return json.dumps(described, indent=1).encode()
