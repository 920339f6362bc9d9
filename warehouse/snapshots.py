"""Snapshots: published, immutable files, and the relative symlink that readers open."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from warehouse.errors import PublishError
from warehouse.files import sha256_file, write_durably


@dataclass(frozen=True)
class Snapshot:
    """One published file with its manifest."""

    path: Path
    manifest: dict[str, Any]
    is_current: bool

    def as_row(self) -> dict[str, Any]:
        """What `barometre snapshots list` shows of it."""
        return {
            "snapshot": self.path.name,
            "sealed_at": self.manifest.get("sealed_at"),
            "input_set": self.manifest.get("input_set"),
            "bytes": self.manifest.get("bytes"),
            "sha256": self.manifest.get("sha256"),
            "current": self.is_current,
        }


def snapshot_name(sealed_at: datetime, input_set: str) -> str:
    """``<UTC time>-<hash>.duckdb``; the hash is that of the input set."""
    return f"{sealed_at.astimezone(UTC):%Y%m%dT%H%M%S%fZ}-{input_set[:12]}.duckdb"


def manifest_path(snapshot: Path) -> Path:
    return snapshot.with_suffix(".json")


def write_manifest(snapshot: Path, content: dict[str, Any]) -> None:
    """Describe a sealed file beside it: checksum, size, versions, rows by table."""
    described = {**content, "bytes": snapshot.stat().st_size, "sha256": sha256_file(snapshot)}
    write_durably(manifest_path(snapshot), json.dumps(described, indent=2, sort_keys=True).encode())


def swap(current: Path, snapshot: Path) -> None:
    """Point the published name at a snapshot, in one atomic step.

    The link is relative so that a home can be moved, and it is a link because renaming a file over an open DuckDB
    file is unsafe: a client that opened it read-write leaves a ``.wal`` that would be replayed onto the new file.

    Raises:
        PublishError: the snapshot is missing or does not match its manifest.
    """
    verify(snapshot)
    link = current.with_name(f".{current.name}.{os.getpid()}.link")
    link.unlink(missing_ok=True)
    link.symlink_to(snapshot.relative_to(current.parent))
    link.replace(current)
    descriptor = os.open(current.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def verify(snapshot: Path) -> None:
    """Check a snapshot against its manifest.

    Raises:
        PublishError: it is missing, has no manifest, or its bytes are not those that were sealed.
    """
    if not snapshot.exists() or not manifest_path(snapshot).exists():
        raise PublishError(f"{snapshot} or its manifest is missing. Run `barometre refresh` to seal a new snapshot.")
    expected = json.loads(manifest_path(snapshot).read_text())["sha256"]
    found = sha256_file(snapshot)
    if found != expected:
        raise PublishError(
            f"{snapshot} does not match its manifest (sha256 {found[:12]}…, sealed as {expected[:12]}…). "
            "It was changed after it was sealed; it is not published."
        )


def list_snapshots(folder: Path, current: Path) -> list[Snapshot]:
    """All snapshots, newest first."""
    published = current.resolve() if current.exists() else None
    found = [path for path in folder.glob("*.duckdb") if manifest_path(path).exists()]
    return [
        Snapshot(path, json.loads(manifest_path(path).read_text()), path.resolve() == published)
        for path in sorted(found, reverse=True)
    ]


def discard(snapshot: Path) -> None:
    """Remove a snapshot that was sealed and never published; its manifest first, without which it is a leftover."""
    manifest_path(snapshot).unlink(missing_ok=True)
    snapshot.unlink(missing_ok=True)


def remove_leftovers(folder: Path) -> list[Path]:
    """Remove what a killed seal left behind: files without a manifest and half-written parts. Ours by name only."""
    unfinished = [path for path in folder.glob("*.duckdb") if not manifest_path(path).exists()]
    logs = [path.with_name(path.name + ".wal") for path in unfinished]
    parts = [*folder.glob(".*.part"), *folder.glob(".*.part.wal")]
    leftovers = [path for path in [*unfinished, *logs, *parts] if path.is_file()]
    for path in leftovers:
        path.unlink()
    return leftovers


def remove_links(current: Path) -> None:
    """Remove the links that a killed :func:`swap` made and did not put in place."""
    for link in current.parent.glob(f".{current.name}.*.link"):
        if link.is_symlink():
            link.unlink()
