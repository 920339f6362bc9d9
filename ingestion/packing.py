"""An extract as one zip: packed in one fixed way, so that it has one identity, and unpacked with suspicion.

People pack as their system does: inside one folder, with hidden files of the desktop beside. Both are accepted. What a
zip claims about sizes is never believed: members are inflated up to a limit.
"""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from warehouse.errors import InputError

#: An extract holds figures, not documents: the largest we know is under 1 MB.
MAX_BYTES = 64 * 1024 * 1024
#: Nine files make a whole extract; a desktop adds about one hidden file to each.
MAX_MEMBERS = 200
_EPOCH = (1980, 1, 1, 0, 0, 0)
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)


def pack(files: Mapping[str, bytes]) -> bytes:
    """The files as one zip whose bytes depend on nothing but their names and contents."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name])
    return buffer.getvalue()


def unpack(path: Path, name: str) -> dict[str, bytes]:
    """The files of a zip by name, without the one folder that may hold them all; ``name`` is what the sender called it.

    Raises:
        InputError: it is not a readable zip, holds a name twice or too many members, or inflates beyond the limit.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = _members(archive, name)
            return dict(zip(_plain_names(members), _contents(archive, members, name), strict=True))
    except _BROKEN as error:
        raise InputError(
            file=name,
            expectation=f"a readable zip was expected: {error or type(error).__name__}",
            next_step="Pack the extract again, without a password, and deliver it whole",
        ) from error


def packed_names(path: Path) -> list[str]:
    """The names of the files in a zip, without the one folder that may hold them all; none when it cannot be read."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _plain_names(_shown(archive))
    except _BROKEN:
        return []


def _members(archive: zipfile.ZipFile, name: str) -> list[zipfile.ZipInfo]:
    members = _shown(archive)
    if len(members) > MAX_MEMBERS:
        raise InputError(
            file=name,
            expectation=f"a zip of at most {MAX_MEMBERS} files was expected, {len(members)} were found",
            next_step="Pack the files of one extract only",
        )
    twice = [member for member, count in Counter(_plain_names(members)).items() if count > 1]
    if twice:
        raise InputError(
            file=f"{name}/{twice[0]}",
            expectation="each file was expected once in the zip, this one is there twice",
            next_step="Pack the extract again from its folder",
        )
    return members


def _shown(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Files that a person put there; hidden ones and ``__MACOSX`` are the desktop's."""
    return [m for m in archive.infolist() if not m.is_dir() and not _is_hidden(PurePosixPath(m.filename))]


def _is_hidden(path: PurePosixPath) -> bool:
    return path.parts[:1] == ("__MACOSX",) or any(p.startswith(".") and p != ".." for p in path.parts)


def _plain_names(members: Iterable[zipfile.ZipInfo]) -> list[str]:
    paths = [PurePosixPath(member.filename) for member in members]
    in_one_folder = len({path.parts[0] for path in paths if path.parts}) == 1 and all(len(p.parts) == 2 for p in paths)
    return [path.name if in_one_folder and path.parts[0] not in ("..", "/") else str(path) for path in paths]


def _contents(archive: zipfile.ZipFile, members: Iterable[zipfile.ZipInfo], name: str) -> list[bytes]:
    contents, left = [], MAX_BYTES
    for member in members:
        with archive.open(member) as stream:
            contents.append(stream.read(left + 1))
        left -= len(contents[-1])
        if left < 0:
            raise InputError(
                file=f"{name}/{member.filename}",
                expectation=f"an extract of at most {MAX_BYTES} bytes was expected",
                next_step="Check that the right file was packed",
            )
    return contents
