"""Restore: a backup put in place in an empty home, once every byte of it was verified.

What a hostile or damaged file could do is decided on its headers and its manifest, before anything leaves the staging
folder; members are written by us, one by one, never by ``extractall``.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO

from warehouse.backup import FOLDERS, FORMAT, MANIFEST, STATE, BackupError, Member
from warehouse.errors import StateTooNew, UsageError
from warehouse.files import fsync_file
from warehouse.lock import refresh_lock
from warehouse.paths import Home

#: What machines leave in a home that nobody used yet.
_INCIDENTAL = ("refresh.lock", "dagster", "dbt", STATE)
_STAGING = ".restore-"
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Restored:
    """What was put in place, and when the backup was made."""

    members: int
    bytes: int
    made_at: str


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    made_at: str
    members: frozenset[Member]


def restore(home: Home, source: Path, now: datetime) -> Restored:
    """Put a backup in place in an empty home. Everything is verified before anything is put in place.

    Raises:
        UsageError: the home is not empty.
        BackupError: the file is not a whole, unchanged backup, or holds what a backup does not hold.
        StateTooNew: a newer version of the code made it.
        LockHeld: a refresh runs.
    """
    home.root.mkdir(parents=True, exist_ok=True)
    with refresh_lock(home.lock, "restore"):
        for interrupted in home.root.glob(f"{_STAGING}*"):
            shutil.rmtree(interrupted)
        _refuse_occupied(home)
        with tempfile.TemporaryDirectory(prefix=_STAGING, dir=home.root) as folder:
            restored = _verified(source, Path(folder))
            _put_in_place(home, Path(folder), now)
    return restored


def member_problem(info: tarfile.TarInfo) -> str | None:
    """Why a member may not be put in place; None for an ordinary one. A hostile file must not reach out of the home."""
    path = PurePosixPath(info.name)
    if info.type != tarfile.REGTYPE or info.issparse():
        return "is not a regular file"
    if path.is_absolute() or str(path) != info.name or "\0" in info.name:
        return "has no plain relative name"
    if any(part.startswith(".") for part in path.parts):
        return "has a part that begins with a dot"
    if info.name not in (MANIFEST, STATE) and (len(path.parts) < 2 or path.parts[0] not in FOLDERS):
        return "does not belong in a backup"
    return None


def _verified(source: Path, folder: Path) -> Restored:
    """The members of a backup, written into ``folder`` and found to be those of its manifest."""
    with _opened(source) as tar:
        manifest = _read_manifest(tar)
        _refuse_hostile(tar)
        members = [_extracted(tar, info, folder) for info in tar.getmembers() if info.name != MANIFEST]
    _compare(manifest.members, members)
    return Restored(len(members), sum(member.bytes for member in members), manifest.made_at)


@contextmanager
def _opened(source: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(source, mode="r:") as tar:
            yield tar
    except FileNotFoundError as error:
        raise UsageError(f"{source} does not exist.") from error
    except (tarfile.TarError, OSError) as error:
        raise BackupError(f"{source} cannot be restored: {error}. Nothing was put in place.") from error


def _read_manifest(tar: tarfile.TarFile) -> Manifest:
    """The manifest of a backup that this code can restore; nothing but headers and the manifest is read for it."""
    last = tar.getmembers()[-1] if tar.getmembers() else None
    if last is None or last.name != MANIFEST or member_problem(last):
        raise BackupError(
            f"{tar.name!s} has no manifest at its end: it is cut short, or no backup of Baromètre. Take another one."
        )
    try:
        content = json.loads(_content(tar, last).read())
        _refuse_newer(int(content["format"]), str(content["schema_revision"]))
        members = {Member(str(one["name"]), int(one["bytes"]), str(one["sha256"])) for one in content["members"]}
        return Manifest(str(content["made_at"]), frozenset(members))
    except (ValueError, KeyError, TypeError) as error:
        raise BackupError(f"The manifest of {tar.name!s} cannot be read: {error!r}. Take another backup.") from error


def _refuse_hostile(tar: tarfile.TarFile) -> None:
    for info in tar.getmembers():
        problem = member_problem(info)
        if problem:
            raise BackupError(f"{info.name!r} in the backup {problem}. It was not made by Baromètre: do not use it.")


def _content(tar: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    stream = tar.extractfile(info)
    assert stream is not None, "only regular files are asked for"
    return stream


def _refuse_newer(format_: int, revision: str) -> None:
    from warehouse.state_opening import known_revisions

    if format_ > FORMAT or revision not in known_revisions():
        raise StateTooNew(
            f"The backup has format {format_} and schema {revision}, made by a newer version of Baromètre. "
            "Update the checkout, then restore."
        )


def _extracted(tar: tarfile.TarFile, info: tarfile.TarInfo, folder: Path) -> Member:
    target = folder / info.name
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with _content(tar, info) as reader, target.open("xb") as writer:
        while chunk := reader.read(_CHUNK):
            digest.update(chunk)
            writer.write(chunk)
    fsync_file(target)
    return Member(info.name, info.size, digest.hexdigest())


def _compare(expected: frozenset[Member], found: Iterable[Member]) -> None:
    wrong = sorted({member.name for member in expected ^ frozenset(found)})
    if STATE not in {member.name for member in expected}:
        wrong.append(STATE)
    if wrong:
        raise BackupError(
            f"{len(wrong)} of {len(expected)} files are not those of the manifest, {wrong[0]!r} for one: the backup is "
            "damaged. Nothing was put in place; take another one."
        )


def _refuse_occupied(home: Home) -> None:
    from warehouse.state_copy import has_rows

    files = (path for path in sorted(home.root.rglob("*")) if path.is_symlink() or not path.is_dir())
    relative = (path.relative_to(home.root) for path in files)
    found = next((str(path) for path in relative if path.parts[0] not in _INCIDENTAL), None)
    if found is None and any(has_rows(url) for url in {home.state_url, f"sqlite:///{home.state_path}"}):
        found = "a state store with rows"
    if found is not None:
        raise UsageError(
            f"The home {home.root} is not empty: it has {found}. A backup is restored into an empty home only. "
            "Stop the service and move the home away first, or set BAROMETRE_HOME to a new folder."
        )


def _put_in_place(home: Home, folder: Path, now: datetime) -> None:
    """Folders first, the state store last: a home that has its state has everything."""
    from warehouse.state_copy import import_state

    for name in FOLDERS:
        if (folder / name).exists():
            _remove_empty(home.root / name)
            (folder / name).replace(home.root / name)
    home.create()
    if os.environ.get("BAROMETRE_STATE_URL"):
        import_state(home, folder / STATE, now)
    else:
        (folder / STATE).replace(home.state_path)
        fsync_file(home.state_path)


def _remove_empty(folder: Path) -> None:
    for parent, _, _ in os.walk(folder, topdown=False):
        Path(parent).rmdir()
