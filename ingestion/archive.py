"""The archive: every input ever received, whole, named by its SHA-256, with a manifest beside it."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from warehouse.files import copy_durably, sha256_file, write_durably
from warehouse.paths import Home


@dataclass(frozen=True)
class Archived:
    """One input as archived."""

    sha256: str
    name: str
    bytes: int
    path: Path


def archive_file(home: Home, source: Path, received_at: datetime) -> Archived:
    """Copy a file into the archive, forced to the disk before this returns; the source is left alone."""
    part = home.archive / f".incoming-{source.name[:80]}"
    sha256 = copy_durably(source, part)
    return _settle(home, part, sha256, source.name, received_at)


def archive_bytes(home: Home, name: str, content: bytes, received_at: datetime) -> Archived:
    """Archive bytes that come from no single file, such as an extract folder packed as one zip."""
    part = home.archive / f".incoming-{name[:80]}"
    write_durably(part, content)
    return _settle(home, part, sha256_file(part), name, received_at)


def archived_path(home: Home, sha256: str) -> Path:
    """Where the bytes with this SHA-256 are, or would be."""
    return home.archive / sha256[:2] / sha256


def quarantine(home: Home, archived: Archived, reason: dict[str, Any], at: datetime) -> Path:
    """Keep a refused input where a person looks for it, with the machine-readable reason. Returns its folder."""
    folder = home.quarantine / f"{archived.sha256[:16]}"
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / archived.name
    if not kept.exists():
        shutil.copyfile(archived.path, kept)
    described = {**reason, "sha256": archived.sha256, "name": archived.name, "quarantined_at": _stamp(at)}
    write_durably(folder / "reason.json", json.dumps(described, indent=2, ensure_ascii=False).encode())
    return folder


def _settle(home: Home, part: Path, sha256: str, name: str, received_at: datetime) -> Archived:
    target = archived_path(home, sha256)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        part.unlink()
    else:
        part.replace(target)
    manifest = target.with_name(f"{sha256}.json")
    if not manifest.exists():
        described = {"sha256": sha256, "name": name, "bytes": target.stat().st_size, "received_at": _stamp(received_at)}
        write_durably(manifest, json.dumps(described, indent=2, ensure_ascii=False).encode())
    return Archived(sha256, name, target.stat().st_size, target)


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
