"""The drop folder: what lies there, what of it may be opened, and what each file is, told by its content.

Anybody may drop anything. What is no regular file of a bearable size is never opened nor followed; a file that is
still being written is left for the next look.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ingestion.extracts_reading import FILES, is_extract
from ingestion.packing import packed_names
from ingestion.report_file import REPORT_FILE
from warehouse.errors import InputError

Form = Literal["file", "directory", "link", "special"]
Kind = Literal["extract", "report", "dataset"]

#: The largest open dataset that we know of is half of it; beyond, somebody dropped a disk image.
MAX_INPUT_BYTES = 1 << 30
#: The longest report that we know of has half a megabyte of text.
MAX_REPORT_BYTES = 32 << 20
HEAD_BYTES = 64 << 10
#: A text of fewer words is a note, not a report.
MIN_REPORT_WORDS = 30
#: Names go into paths: file systems allow 255 bytes, of which our own prefixes and suffixes need some.
MAX_NAME_BYTES = 120
#: A file touched more recently than this may still be growing; it is looked at twice.
QUIET_SECONDS = 2.0
PAUSE_SECONDS = 0.5

_ZIP = b"PK\x03\x04", b"PK\x05\x06"
_MAGIC = {
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "an old Office file",
    b"PAR1": "a Parquet file",
    b"\x1f\x8b": "a gzip",
    b"\xff\xfe": "a text in UTF-16",
    b"\xfe\xff": "a text in UTF-16",
}
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069]+')
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_GUIDE = "See docs/add-a-report.md and docs/add-a-dataset.md for what can be delivered"


@dataclass(frozen=True, order=True)
class Sighting:
    """What one look at the drop folder says of one entry, without opening it. Times are in nanoseconds."""

    name: str
    form: Form
    bytes: int
    modified_ns: int
    inode: int


@dataclass(frozen=True)
class Head:
    """What a recogniser of dataset files sees: the file, its name as delivered, its first 64 KiB.

    ``members`` are the names of the files inside, when it is a zip.
    """

    path: Path
    name: str
    first: bytes
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recognised:
    """What a file is. ``dataset`` is the code of the dataset of which it is a vintage."""

    kind: Kind
    dataset: str | None = None


#: Gives the code of the dataset of which a file is a vintage, by its header or its content; null when it is not one.
Recogniser = Callable[[Head], str | None]


def look(folder: Path) -> list[Sighting]:
    """Every entry of a drop folder, by name; hidden ones and ``*.part`` are the sender's business until renamed."""
    if not folder.is_dir():
        return []
    shown = (entry for entry in os.scandir(folder) if not entry.name.startswith(".") and not _is_part(entry.name))
    return sorted(seen for entry in shown if (seen := sight(Path(entry.path))))


def sight(path: Path) -> Sighting | None:
    """One entry as it stands, a link itself and not its target; None when it is gone."""
    try:
        facts = path.lstat()
    except FileNotFoundError:
        return None
    return Sighting(path.name, _form(facts.st_mode), facts.st_size, facts.st_mtime_ns, facts.st_ino)


def settled(before: Iterable[Sighting], now: Iterable[Sighting]) -> list[Sighting]:
    """The entries that did not change between two looks: those that may be taken."""
    unchanged = set(before)
    return [sighting for sighting in now if sighting in unchanged]


def look_until_settled(folder: Path, pause: float = PAUSE_SECONDS) -> list[Sighting]:
    """The entries that may be taken now. A second look is needed only when something was written just now."""
    first = look(folder)
    if not any(is_fresh(sighting, time.time_ns()) for sighting in first):
        return first
    time.sleep(pause)
    return settled(first, look(folder))


def is_fresh(sighting: Sighting, now_ns: int) -> bool:
    """Whether an entry was written so recently, or by so wrong a clock, that it may still be growing."""
    return now_ns - sighting.modified_ns < QUIET_SECONDS * 1e9


def obstacle(sighting: Sighting) -> InputError | None:
    """Why an entry must not be opened, or None."""
    name = safe_name(sighting.name)
    if sighting.form == "directory":
        return InputError(
            file=name,
            expectation="a file was expected, a directory was found",
            next_step="Pack an extract as one zip and deliver that",
        )
    if sighting.form == "link":
        return InputError(
            file=name,
            expectation="a file was expected, a symbolic link was found; it was not followed",
            next_step="Deliver the file itself",
        )
    if sighting.form == "special":
        return InputError(
            file=name,
            expectation="a file was expected, a pipe, socket or device was found; it was not opened",
            next_step="Deliver a regular file",
        )
    if sighting.bytes > MAX_INPUT_BYTES:
        return InputError(
            file=name,
            expectation=f"at most {MAX_INPUT_BYTES} bytes were expected, {sighting.bytes} were found; it was not read",
            next_step="Check that it is the right file; deliver a dataset of this size in parts",
        )
    return None


def unreadable(path: Path) -> InputError | None:
    """Why a regular file cannot be read by this process, or None."""
    if os.access(path, os.R_OK):
        return None
    return InputError(
        file=safe_name(path.name),
        expectation="a file that the service may read was expected, its rights forbid it",
        next_step="Give the service's user the right to read it (chmod g+r), and deliver it again",
    )


def safe_name(name: str) -> str:
    """A name that is safe in paths, in terminals and in databases, and still recognisable.

    Separators, control characters, direction marks and bytes that are not UTF-8 become ``_``; it never begins with a
    dot, is never empty, and keeps its suffix when it is cut.
    """
    plain = _UNSAFE.sub("_", name).lstrip(". ").rstrip(" ") or "unnamed"
    if len(plain.encode()) <= MAX_NAME_BYTES:
        return plain
    stem, dot, suffix = plain.rpartition(".")
    if not dot or len(suffix.encode()) > 20:
        return _cut(plain, MAX_NAME_BYTES)
    return f"{_cut(stem, MAX_NAME_BYTES - len(suffix.encode()) - 1)}.{suffix}"


def recognise(path: Path, name: str, recognisers: Sequence[Recogniser] = ()) -> Recognised:
    """What a regular file of bearable size is, whatever it is called.

    Raises:
        InputError: it is nothing that can be taken; the message says what it looks like and what to do.
    """
    with path.open("rb") as stream:
        first = stream.read(HEAD_BYTES)
    if not first.strip():
        raise InputError(
            file=name,
            expectation="content was expected, the file is empty" + (" but for blanks" if first else ""),
            next_step="Deliver it again, whole: write it as *.part and rename it once it is complete",
        )
    members = packed_names(path) if first.startswith(_ZIP) else []
    if is_extract(members):
        return Recognised("extract")
    head = Head(path, name, first, tuple(members))
    dataset = next((code for recogniser in recognisers if (code := recogniser(head))), None)
    if dataset:
        return Recognised("dataset", dataset)
    if first.startswith(_ZIP):
        raise _unknown_zip(name, members)
    return _recognise_text(path, name, first)


def _recognise_text(path: Path, name: str, first: bytes) -> Recognised:
    if b"\0" in first or path.stat().st_size > MAX_REPORT_BYTES:
        raise InputError(
            file=name,
            expectation="an extract, the text of a report or a file of a known dataset was expected, "
            f"{_looks_like(first)} was found",
            next_step=_GUIDE,
        )
    text = _decoded(path.read_bytes(), name)
    _refuse_part_of_extract(text, name)
    _refuse_table(text, name)
    if len(text.split()) < MIN_REPORT_WORDS or _CONTROL.search(text):
        raise InputError(
            file=name,
            line=1,
            expectation=f"an extract, the text of a report (at least {MIN_REPORT_WORDS} words) or a file of a known "
            "dataset was expected",
            next_step=_GUIDE,
        )
    return Recognised("report")


def _refuse_part_of_extract(text: str, name: str) -> None:
    """A file of an extract says nothing alone: it lacks the report that it belongs to, or the figures."""
    header = text.lstrip("\ufeff").split("\n", 1)[0].strip().replace('"', "").split(",")
    alone = next((f for f, table in FILES.items() if {*table.key} - {"report_id"} < {*header} <= _columns(f)), None)
    if alone is None and re.search(r"^report_id:\s", text, re.MULTILINE):
        alone = REPORT_FILE
    if alone:
        raise InputError(
            file=name,
            line=1,
            expectation=f"a whole extract was expected, only its {alone} was found",
            next_step=f"Pack it with {REPORT_FILE} and the other files of the extract as one zip, and deliver that",
        )


def _columns(file: str) -> set[str]:
    return {column.name for column in FILES[file].columns}


def _refuse_table(text: str, name: str) -> None:
    lines = text.split("\n", 2)[:2]
    for separator in ";\t,|":
        cells = [line.count(separator) for line in lines]
        if len(lines) == 2 and cells[0] >= 2 and cells[0] == cells[1]:
            raise InputError(
                file=name,
                line=1,
                expectation=f"the header of a known dataset was expected, {lines[0].strip()[:160]!r} was found",
                next_step="Check that it is the right file; declare a new dataset as docs/add-a-dataset.md says",
            )


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            file=name,
            line=content.count(b"\n", 0, error.start) + 1,
            expectation=f"UTF-8 was expected, byte {content[error.start]:#04x} was found",
            next_step="Save it as UTF-8 and deliver it again",
        ) from error


def _unknown_zip(name: str, members: Sequence[str]) -> InputError:
    if not members:
        return InputError(
            file=name,
            expectation="a whole zip with files in it was expected; this one is empty, cut short or damaged",
            next_step="Pack it again and deliver it whole: write it as *.part and rename it once it is complete",
        )
    return InputError(
        file=name,
        expectation=f"a zip with {REPORT_FILE} at its top or in its one folder was expected, "
        f"{', '.join(members[:3])[:160]!r} was found",
        next_step=_GUIDE,
    )


def _looks_like(first: bytes) -> str:
    return next((what for magic, what in _MAGIC.items() if first.startswith(magic)), "something binary or too long")


def _form(mode: int) -> Form:
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "directory"
    return "link" if stat.S_ISLNK(mode) else "special"


def _is_part(name: str) -> bool:
    return name.endswith(".part")


def _cut(text: str, limit: int) -> str:
    return text.encode()[:limit].decode(errors="ignore").rstrip()
