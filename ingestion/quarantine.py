"""Quarantine: what was refused, where a person looks for it, with its reason beside it.

One folder per input, named by the first 16 digits of its hash: the same bytes refused again are one entry with a
count. What can be archived is archived too; a directory, a link, a pipe or something huge is moved here as it is.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from ingestion.archive import Archived, archived_path
from ingestion.landing import Sighting, safe_name
from warehouse.errors import UsageError
from warehouse.files import copy_durably, write_durably
from warehouse.paths import Home

REASON = "reason.json"


@dataclass(frozen=True)
class Entry:
    """One quarantined input.

    ``times`` counts its deliveries; ``source`` and ``version`` are what it claims to be, where that can be read.
    ``rows`` lists what was refused of an input whose other rows stand; it is empty when the whole input was refused.
    """

    id: str
    sha256: str
    name: str
    expectation: str
    next_step: str
    file: str
    quarantined_at: str
    last_delivered_at: str
    line: int | None = None
    times: int = 1
    kind: str = "unknown"
    source: str | None = None
    version: int | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)

    def as_row(self) -> dict[str, Any]:
        """For ``--format json``, ``status`` and the file on disk."""
        return asdict(self)


def keep(home: Home, archived: Archived, reason: Mapping[str, Any], at: datetime, *, delivered: bool) -> Entry:
    """Quarantine an archived input, or say again why it is; ``delivered`` counts one delivery more."""
    folder = home.quarantine / entry_id(archived.sha256)
    folder.mkdir(parents=True, exist_ok=True)
    entry = _write(folder, archived.sha256, archived.name, reason, at, delivered=delivered)
    if archived.path.exists() and not (folder / archived.name).exists():
        copy_durably(archived.path, folder / archived.name)
    return entry


def move_in(home: Home, path: Path, sighting: Sighting, reason: Mapping[str, Any], at: datetime) -> Entry:
    """Move what cannot be archived out of the drop folder, as it is: a link itself, a directory whole.

    Raises:
        OSError: it cannot be moved; it is left where it was.
    """
    identity = nameless_identity(path, sighting)
    folder = home.quarantine / entry_id(identity)
    folder.mkdir(parents=True, exist_ok=True)
    name = safe_name(sighting.name)
    entry = _write(folder, identity, name, reason, at, delivered=True)
    path.rename(free_name(folder, name))
    return entry


def nameless_identity(path: Path, sighting: Sighting) -> str:
    """A stand-in for the SHA-256 of what is not read: made of its name, its form, and its size or target."""
    target = str(path.readlink()) if sighting.form == "link" else ""
    size = sighting.bytes if sighting.form == "file" else 0
    told = "\0".join((sighting.form, sighting.name, str(size), target))
    return sha256(told.encode(errors="surrogateescape")).hexdigest()


def entry_id(identity: str) -> str:
    """The short name by which people ask for an entry."""
    return identity[:16]


def entries(home: Home) -> list[Entry]:
    """Every entry, the oldest first."""
    folders = (p for p in home.quarantine.iterdir() if p.is_dir()) if home.quarantine.is_dir() else ()
    return sorted((_read(folder) for folder in folders), key=lambda entry: (entry.quarantined_at, entry.id))


def find_entry(home: Home, asked: str) -> Entry:
    """The entry whose identifier begins as asked.

    Raises:
        UsageError: there is none, or several.
    """
    found = [entry for entry in entries(home) if asked and entry.id.startswith(asked)]
    if len(found) != 1:
        how_many = "No quarantined input is" if not found else f"{len(found)} quarantined inputs are"
        raise UsageError(f"{how_many} called {asked}. See `barometre quarantine list`.")
    return found[0]


def kept_things(home: Home, entry: Entry) -> list[Path]:
    """What is kept of an entry: the file, or what was moved here as it was; never what describes it."""
    folder = home.quarantine / entry.id
    there = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in there if path.name != REASON and not path.name.startswith("."))


def release(home: Home, entry: Entry) -> list[Path]:
    """Put an input back into the drop folder, where the next refresh takes it again. Returns its places there.

    Raises:
        UsageError: nothing is left of it, here or in the archive.
    """
    things = kept_things(home, entry)
    home.landing.mkdir(parents=True, exist_ok=True)
    if things:
        placed = [thing.rename(free_name(home.landing, thing.name)) for thing in things]
    elif archived_path(home, entry.sha256).exists():
        placed = [free_name(home.landing, entry.name)]
        copy_durably(archived_path(home, entry.sha256), placed[0])
    else:
        raise UsageError(
            f"Nothing is left of {entry.name}, neither in quarantine nor in the archive. Deliver it again."
        )
    shutil.rmtree(home.quarantine / entry.id)
    return placed


def clear(home: Home, identity: str) -> None:
    """Forget the entry of an input that has been accepted: its bytes are in the archive."""
    folder = home.quarantine / entry_id(identity)
    if (folder / REASON).exists():
        shutil.rmtree(folder)


def clear_replaced(home: Home, source: str, version: int, received_at: datetime) -> None:
    """Forget the refused extracts that an accepted one corrects: earlier ones of its report, of no higher version."""
    for entry in entries(home):
        corrected = entry.source == source and entry.version is not None and entry.version <= version
        later = datetime.fromisoformat(entry.quarantined_at) < received_at.replace(microsecond=0)
        if corrected and later and not entry.rows:
            clear(home, entry.sha256)


def free_name(folder: Path, name: str) -> Path:
    """A path in a folder under this name, or under the next one that is free: ``a.zip``, ``a-2.zip``, ``a-3.zip``."""
    stem, dot, suffix = name.rpartition(".") if "." in name[1:] else (name, "", "")
    number, path = 1, folder / name
    while os.path.lexists(path):
        number += 1
        path = folder / f"{stem}-{number}{dot}{suffix}"
    return path


def _write(
    folder: Path, identity: str, name: str, reason: Mapping[str, Any], at: datetime, *, delivered: bool
) -> Entry:
    before = _read(folder) if (folder / REASON).exists() else None
    stamp = at.astimezone(UTC).isoformat(timespec="seconds")
    told = {key: reason[key] for key in Entry.__dataclass_fields__ if key in reason}
    entry = Entry(
        **{"file": name, "line": None, **told},
        id=folder.name,
        sha256=identity,
        name=before.name if before else name,
        quarantined_at=before.quarantined_at if before else stamp,
        last_delivered_at=stamp if delivered or before is None else before.last_delivered_at,
        times=before.times + delivered if before else 1,
    )
    write_durably(folder / REASON, json.dumps(entry.as_row(), indent=2, ensure_ascii=False).encode())
    return entry


def _read(folder: Path) -> Entry:
    """An entry as written; one whose reason is lost is still an entry."""
    try:
        described = json.loads((folder / REASON).read_text(encoding="utf-8"))
        told = {key: described[key] for key in Entry.__dataclass_fields__ if key in described}
        return Entry(**{"id": folder.name, "last_delivered_at": described["quarantined_at"], **told})
    except (OSError, ValueError, TypeError, KeyError):
        since = datetime.fromtimestamp(folder.lstat().st_mtime, UTC).isoformat(timespec="seconds")
        return Entry(
            id=folder.name,
            sha256=folder.name,
            name=folder.name,
            file=folder.name,
            expectation="a reason was expected beside it; it is lost or unreadable",
            next_step="Release it: the next refresh says again what is wrong with it",
            quarantined_at=since,
            last_delivered_at=since,
        )
