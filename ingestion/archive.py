"""The archive: every input ever received, whole, named by its SHA-256, with a manifest beside it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ingestion.landing import safe_name, sight
from warehouse.errors import InputError
from warehouse.files import copy_durably, fsync_file, sha256_file, write_durably
from warehouse.paths import Home

STALE_SECONDS = 24 * 3600


class StillWritten(InputError):
    """A file changed while it was copied: what was copied is thrown away, the file is left for the next look."""

    def __init__(self, name: str) -> None:
        super().__init__(
            file=name,
            expectation="a whole file was expected, this one changed while it was read",
            next_step="Wait until it is complete; write it as *.part and rename it",
        )


@dataclass(frozen=True)
class Archived:
    """One input as archived. ``name`` is the name as delivered, made safe."""

    sha256: str
    name: str
    bytes: int
    path: Path


def archive_file(home: Home, source: Path, received_at: datetime) -> Archived:
    """Copy a file into the archive, forced to the disk before this returns; the source is left alone.

    Raises:
        StillWritten: it changed meanwhile, or was exchanged for something else.
    """
    before, name = sight(source), safe_name(source.name)
    with _incoming(home) as part:
        sha256 = copy_durably(source, part)
        if sight(source) != before:
            raise StillWritten(name)
        return _settle(home, part, sha256, name, received_at)


def archive_bytes(home: Home, name: str, content: bytes, received_at: datetime) -> Archived:
    """Archive bytes that come from no single file, such as an extract folder packed as one zip."""
    with _incoming(home) as part:
        write_durably(part, content)
        return _settle(home, part, sha256_file(part), safe_name(name), received_at)


def archived_path(home: Home, sha256: str) -> Path:
    """Where the bytes with this SHA-256 are, or would be."""
    return home.archive / sha256[:2] / sha256


def remove_stale(home: Home, now: datetime) -> None:
    """Remove what a process that was killed left half copied: nothing takes a day to copy."""
    for left in home.archive.glob("*.incoming-*"):
        if now.timestamp() - left.stat().st_mtime > STALE_SECONDS:
            left.unlink()


@contextmanager
def _incoming(home: Home) -> Iterator[Path]:
    """A place for bytes on their way in, of this delivery alone: several may run at once."""
    part = home.archive / f".incoming-{uuid.uuid4().hex}"
    try:
        yield part
    finally:
        for left in home.archive.glob(f"*{part.name}*"):
            left.unlink()


def _settle(home: Home, part: Path, sha256: str, name: str, received_at: datetime) -> Archived:
    """Name the bytes by their hash. A copy that is there already is replaced: should it be damaged, it is mended."""
    target = archived_path(home, sha256)
    target.parent.mkdir(parents=True, exist_ok=True)
    part.replace(target)
    fsync_file(target)
    fsync_file(target.parent)
    manifest = target.with_name(f"{sha256}.json")
    if not manifest.exists():
        described = {"sha256": sha256, "name": name, "bytes": target.stat().st_size, "received_at": _stamp(received_at)}
        write_durably(manifest, json.dumps(described, indent=2, ensure_ascii=False).encode())
    return Archived(sha256, name, target.stat().st_size, target)


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
