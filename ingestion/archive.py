"""The archive: every input ever received, whole, named by its SHA-256, with a manifest beside it.

The text of a report that is no plain text is an input of its own: its manifest names the document that it was read
from, and the document's manifest names it. A document is read once; its text never depends on a library again.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

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
        sha = copy_durably(source, part)
        if sight(source) != before:
            raise StillWritten(name)
        return _settle(home, part, sha, name, received_at)


def archive_bytes(home: Home, name: str, content: bytes, received_at: datetime) -> Archived:
    """Archive bytes that come from no single file, such as an extract folder packed as one zip."""
    with _incoming(home) as part:
        write_durably(part, content)
        return _settle(home, part, sha256_file(part), safe_name(name), received_at)


def archive_text(home: Home, document: Archived, text: str, received_at: datetime) -> Archived:
    """Archive the text that a document says; one that is those very bytes is archived already."""
    content = text.encode()
    if sha256(content).hexdigest() == document.sha256:
        return document
    archived = archive_bytes(home, f"{document.name}.txt", content, received_at)
    _describe(archived.path, derived_from=document.sha256)
    _describe(document.path, text_sha256=archived.sha256)
    return archived


def manifest(home: Home, sha: str) -> dict[str, Any]:
    """What is told of archived bytes: ``name``, ``received_at``, ``text_sha256`` of a document that was read,
    ``derived_from`` of such a text; empty when nothing is."""
    return _told(_manifest_path(archived_path(home, sha)))


def tell(home: Home, sha: str, **told: Any) -> None:
    """Add to what is told of archived bytes."""
    _describe(archived_path(home, sha), **told)


def text_of(home: Home, document: str) -> str:
    """The SHA-256 of the text of an archived document; that of a plain text is its own."""
    return str(manifest(home, document).get("text_sha256", document))


def archived_path(home: Home, sha: str) -> Path:
    """Where the bytes with this SHA-256 are, or would be."""
    return home.archive / sha[:2] / sha


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


def _settle(home: Home, part: Path, sha: str, name: str, received_at: datetime) -> Archived:
    """Name the bytes by their hash. A copy that is there already is replaced: should it be damaged, it is mended."""
    target = archived_path(home, sha)
    target.parent.mkdir(parents=True, exist_ok=True)
    part.replace(target)
    fsync_file(target)
    fsync_file(target.parent)
    if not _manifest_path(target).exists():
        _describe(target, sha256=sha, name=name, bytes=target.stat().st_size, received_at=_stamp(received_at))
    return Archived(sha, name, target.stat().st_size, target)


def _describe(target: Path, **told: Any) -> None:
    """Add to what the manifest beside archived bytes tells."""
    path = _manifest_path(target)
    write_durably(path, json.dumps(_told(path) | told, indent=2, ensure_ascii=False).encode())


def _told(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _manifest_path(target: Path) -> Path:
    return target.with_name(f"{target.name}.json")


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
