"""The drop folder and the folders of extracts: what waits there, how it is archived, when it may go.

Nothing leaves the drop folder before a whole copy is on the disk and what became of it is recorded.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from ingestion import quarantine
from ingestion.archive import Archived, StillWritten, archive_file, archived_path, remove_stale
from ingestion.arrivals import Arrival, Known, Landed, Received, Redelivery
from ingestion.datasets.declarations import redeclared
from ingestion.extracts_reading import folder_files, identity
from ingestion.landing import Sighting, look, look_until_settled, obstacle, safe_name, sight, unreadable
from ingestion.packing import pack
from warehouse.errors import InputError
from warehouse.files import copy_durably
from warehouse.paths import CHECKOUT, Home

PACKAGED = CHECKOUT / "ingestion" / "extracts"
REDELIVERIES = "redeliveries.jsonl"


def packaged_folders(home: Home) -> list[Path]:
    """Extract folders of the repository and of the home."""
    return sorted(
        folder
        for parent in (PACKAGED, home.local_extracts)
        if parent.is_dir()
        for folder in parent.iterdir()
        if folder.is_dir() and not folder.name.startswith((".", "_"))
    )


def landed_files(home: Home) -> list[Path]:
    """What waits in the drop folder, be it acceptable or not; never ``*.part`` nor hidden names."""
    return [home.landing / sighting.name for sighting in look(home.landing)]


def landed(home: Home, known: Mapping[str, Known], sightings: Iterable[Sighting] | None = None) -> list[Landed]:
    """The files of the drop folder that may be opened, each with the hash by which it is known. Cheap: no polars.

    ``sightings`` are what may be taken now; without them, everything that lies there.
    """
    found = []
    for sighting in look(home.landing) if sightings is None else sightings:
        path = home.landing / sighting.name
        if obstacle(sighting) is not None:
            continue
        try:
            sha = identity(path)
        except OSError:
            continue
        is_known = sha in known and known[sha].stands and not redeclared(home, sha)
        found.append(Landed(path, sighting, sha, is_known))
    return found


def input_identities(home: Home) -> set[str]:
    """The SHA-256 by which each waiting input is, or will be, known: folders packed, landed files canonical."""
    return {folder_identity(folder) for folder in packaged_folders(home)} | {f.sha256 for f in landed(home, {})}


def folder_identity(folder: Path) -> str:
    """The hash of an extract folder; of one too large to be read, a stand-in made of names and sizes."""
    try:
        return sha256(pack(folder_files(folder))).hexdigest()
    except InputError:
        listed = sorted(f"{path.name}\0{path.stat().st_size}" for path in folder.iterdir() if path.is_file())
        return sha256("\n".join([folder.name, *listed]).encode()).hexdigest()


def deliver(home: Home, path: Path, at: datetime, dataset: str | None = None) -> Path:
    """Archive a file and put it into the drop folder, where the next refresh finds it. Returns its place there.

    ``dataset`` (``code`` or ``code@vintage``) says what it is, whatever it looks like.

    Raises:
        InputError: it is not a readable regular file of a bearable size.
        UsageError: no dataset has this code.
    """
    facts = sight(path.resolve())
    problem = obstacle(facts) if facts else None
    if problem:
        raise problem
    if not path.is_file():
        raise InputError(file=path, expectation="un fichier était attendu", next_step="Vérifier le chemin")
    archived = archive_file(home, path, at)
    if dataset is not None:
        from ingestion.datasets.collecting import declare

        declare(home, archived.sha256, dataset)
    target = quarantine.free_name(home.landing, safe_name(path.name))
    copy_durably(archived.path, target)
    return target


def receive_landed(home: Home, known: Mapping[str, Known], at: datetime) -> Received:
    """Archive what lies still in the drop folder; files stay there until they are recorded (:func:`clear_landed`).

    What must not be opened is moved to quarantine as it is. Known bytes are only named, once a whole copy is archived.
    """
    remove_stale(home, at)
    sightings = look_until_settled(home.landing)
    refused = [
        _refused_as_it_is(home, s, known, problem, at)
        for s in sightings
        if (problem := obstacle(s) or unreadable(home.landing / s.name)) is not None
    ]
    archived: list[Archived] = []
    again: list[Redelivery] = []
    done: list[Sighting] = []
    for file in landed(home, known, sightings):
        if file.is_known and archived_path(home, file.sha256).exists():
            again.append(_redelivery(file, known[file.sha256], at))
        else:
            try:
                archived.append(archive_file(home, file.path, at))
            except (StillWritten, FileNotFoundError):
                continue
        done.append(file.sighting)
    return Received(tuple(archived), tuple(again), tuple(refused), tuple(done))


def clear_landed(home: Home, received: Received) -> None:
    """Remove from the drop folder the files whose bytes are archived and recorded, unless they changed meanwhile."""
    for sighting in received.done:
        path = home.landing / sighting.name
        if sight(path) == sighting:
            path.unlink()
    _log_redeliveries(home, received.known)


def clear_known(home: Home, known: Mapping[str, Known], at: datetime) -> list[Redelivery]:
    """Take deliveries of known bytes out of the drop folder, and say which they were. Cheap: no polars."""
    files = [file for file in landed(home, known, look_until_settled(home.landing)) if file.is_known]
    whole = [file for file in files if archived_path(home, file.sha256).exists()]
    again = tuple(_redelivery(file, known[file.sha256], at) for file in whole)
    clear_landed(home, Received(known=again, done=tuple(file.sighting for file in whole)))
    return list(again)


def redeliveries(home: Home, last: int = 10) -> list[dict[str, Any]]:
    """The last deliveries of known bytes, newest first, as ``status`` tells them."""
    path = home.archive / REDELIVERIES
    if not path.is_file():
        return []
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - 1000 * last))
        lines = stream.read().decode(errors="replace").splitlines()
    return [told for line in reversed(lines[-last:]) if (told := _told(line)) is not None]


def _refused_as_it_is(
    home: Home, sighting: Sighting, known: Mapping[str, Known], problem: InputError, at: datetime
) -> Arrival:
    """Move to quarantine what must not be opened."""
    path = home.landing / sighting.name
    identity_, reason = quarantine.nameless_identity(path, sighting), problem.as_reason()
    try:
        quarantine.move_in(home, path, sighting, reason, at)
    except OSError as error:
        reason["next_step"] = f"{reason['next_step']}; remove it by hand, it could not be moved ({error})"
    memory = known.get(identity_)
    received_at = memory.received_at if memory else at
    return Arrival(
        identity_, safe_name(sighting.name), 0, "unknown", received_at, is_known=False, reason=reason, is_moved=True
    )


def _redelivery(file: Landed, memory: Known, at: datetime) -> Redelivery:
    name = safe_name(file.path.name)
    return Redelivery(name, file.sha256, memory.kind, memory.source, memory.version, memory.received_at, at)


def _log_redeliveries(home: Home, known: Iterable[Redelivery]) -> None:
    with (home.archive / REDELIVERIES).open("a", encoding="utf-8") as log:
        for again in known:
            log.write(json.dumps(asdict(again) | {"sentence": again.sentence}, default=_iso, ensure_ascii=False) + "\n")


def _iso(value: Any) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds") if isinstance(value, datetime) else str(value)


def _told(line: str) -> dict[str, Any] | None:
    try:
        told = json.loads(line)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None
