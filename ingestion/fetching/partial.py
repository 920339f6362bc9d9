"""What a broken-off transfer leaves, so that the next one can go on from there: the bytes, and of which version."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from warehouse.files import write_durably

_LONGEST_HEADER = 1000


@dataclass(frozen=True)
class Partial:
    """The first ``bytes`` of one version of what an address gives."""

    address: str
    etag: str | None
    last_modified: str | None
    encoding: str | None
    bytes: int = 0

    @property
    def validator(self) -> str | None:
        """What proves that the rest is of the same version: a strong ETag, else a date (RFC 9110, 13.1.5)."""
        if self.etag is not None:
            return None if is_weak(self.etag) else self.etag
        return self.last_modified


def is_weak(etag: str) -> bool:
    """Whether an ETag only promises the same meaning, not the same bytes: nothing can be resumed on that."""
    return etag.startswith("W/")


def of_headers(address: str, headers: Mapping[str, str]) -> Partial:
    """A version, as a whole answer tells it."""
    etag, last_modified = _plain(headers.get("ETag")), _plain(headers.get("Last-Modified"))
    return Partial(address, etag, last_modified, headers.get("Content-Encoding"))


def begin(part: Path, version: Partial) -> None:
    """Note beside the file, which is about to be written, of which version it is."""
    part.unlink(missing_ok=True)
    write_durably(_note(part), json.dumps(asdict(version)).encode())


def noted(part: Path) -> Partial | None:
    """What lies there, resumable or not; None when nothing does."""
    try:
        told = Partial(**json.loads(_note(part).read_text(encoding="utf-8")))
        return replace(told, bytes=part.stat().st_size)
    except (OSError, ValueError, TypeError):
        return None


def held(part: Path, address: str) -> Partial | None:
    """What is held of an address and can be gone on from."""
    found = noted(part)
    return found if found and found.bytes and found.validator and found.address == address else None


def finish(part: Path) -> Path:
    """Give a whole file another name, under which nothing is ever resumed."""
    whole = part.with_suffix(".whole")
    part.replace(whole)
    drop(part)
    return whole


def drop(part: Path) -> None:
    """Forget it."""
    part.unlink(missing_ok=True)
    _note(part).unlink(missing_ok=True)


def _note(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _plain(value: str | None) -> str | None:
    """A header's value that can be stored and sent back; none of those that cannot."""
    return value if value and value.isprintable() and len(value) <= _LONGEST_HEADER else None
