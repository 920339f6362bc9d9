"""Take the data out of what they were published in: one member of a zip or of a tar, or a whole gzip.

What an archive claims about sizes is never believed: bytes are counted while they are written.
"""

from __future__ import annotations

import gzip
import lzma
import struct
import tarfile
import zipfile
import zlib
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Protocol

from ingestion.fetching.contract import Unpack
from ingestion.fetching.failures import FetchFailed
from ingestion.landing import MAX_INPUT_BYTES

_CHUNK = 1 << 20
_BROKEN = (
    zipfile.BadZipFile,
    tarfile.TarError,
    gzip.BadGzipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
)


def unpacked(asked: Unpack, packed: Path, target: Path, address: str, most: int = MAX_INPUT_BYTES) -> str:
    """Write the data to ``target``; returns what they are called inside, of a gzip its own name without the suffix.

    Raises:
        FetchFailed: no such member, or several; a damaged archive; more than ``most`` bytes.
    """
    if asked.form == "gzip":
        inflate(packed, target, most, address)
        return packed.name.removesuffix(".gz")
    try:
        with zipfile.ZipFile(packed) as archive:
            names = [info.filename for info in archive.infolist() if not info.is_dir()]
            name = _only(names, asked.member, address)
            with archive.open(name) as stream:
                _copy(stream, target, most, address)
    except _BROKEN as error:
        raise FetchFailed("refused", f"{address} gave a damaged zip: {error}") from error
    return PurePosixPath(name).name


def tar_member(packed: Path, member: str, target: Path, address: str, most: int = MAX_INPUT_BYTES) -> str:
    """Write one regular file of a compressed tar to ``target``; returns its name.

    Raises:
        FetchFailed: it is not there; a damaged archive; more than ``most`` bytes.
    """
    try:
        with tarfile.open(packed, "r:gz") as archive:
            for info in archive:
                stream = archive.extractfile(info) if info.isreg() and info.name == member else None
                if stream is not None:
                    _copy(stream, target, most, address)
                    return PurePosixPath(member).name
    except _BROKEN as error:
        raise FetchFailed("refused", f"{address} gave a damaged archive: {error}") from error
    raise FetchFailed("refused", f"{address} has no file {member}")


def inflate(packed: Path, target: Path, most: int, address: str) -> None:
    """Write what a gzip holds to ``target``.

    Raises:
        FetchFailed: it is none, it is damaged, or holds more than ``most`` bytes.
    """
    try:
        with gzip.open(packed) as stream:
            _copy(stream, target, most, address)
    except _BROKEN as error:
        raise FetchFailed("refused", f"{address} gave a damaged gzip: {error}") from error


def _only(names: list[str], member: str | None, address: str) -> str:
    """The one name that is meant: by its whole path or its last part, or by a pattern of either."""
    found = [n for n in names if member is None or any(fnmatchcase(x, member) for x in (n, PurePosixPath(n).name))]
    if len(found) != 1:
        told = ", ".join(names[:5]) or "nothing"
        raise FetchFailed("refused", f"{address}: one file {member or ''} was expected in the zip; it holds {told}")
    return found[0]


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def _copy(source: _Readable, target: Path, most: int, address: str) -> None:
    written = 0
    with target.open("wb") as stream:
        while chunk := source.read(_CHUNK):
            written += len(chunk)
            if written > most:
                raise FetchFailed("refused", f"{address} unpacks to more than {most} bytes")
            stream.write(chunk)
