"""The zip that an xlsx is, looked through before its reader is: how large it unpacks, how far its cells reach, which of
them hold an error. The reader gives errors as empty cells, and asks for memory for every cell before the farthest.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from posixpath import join, normpath

from lxml import etree

from ingestion.documents.limits import Limits

#: A spreadsheet's own limits.
MOST_ROWS, MOST_COLUMNS = 1 << 20, 16_384
#: 500 columns of all communes, twice over; a cell beyond says that it wants memory for more.
MOST_CELLS = 40_000_000
_CHUNK = 1 << 20
#: The longest tag of a cell that is looked for across two chunks.
_OVERLAP = 512
_REFERENCE = re.compile(rb' r="([A-Z]{0,3})(\d{1,9})"')
_ERROR_TAG = re.compile(rb'<(?:\w+:)?c [^>]*\bt="e"[^>]*>')
_SMALL_PART = 16 << 20
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class Unread(Exception):
    """A workbook that is not read; the message says why."""


@dataclass
class Extent:
    """How far the cells of a sheet reach, and those with an error, by row and column from 1."""

    rows: int = 0
    columns: int = 0
    errors: set[tuple[int, int]] = field(default_factory=set)


def looked_through(content: bytes, limits: Limits) -> dict[str, Extent]:
    """What the sheets of an xlsx hold, by name.

    Raises:
        Unread: it unpacks to more than permitted, or has cells beyond the limits of a sheet.
        zipfile.BadZipFile: it is no zip, or a damaged one.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        if len(members) > limits.parts:
            raise Unread(f"it has more than {limits.parts} parts")
        extents, left = {}, limits.inflated_bytes
        for member in members:
            extents[member.filename] = extent = Extent()
            is_sheet = "worksheets/" in member.filename
            tail = b""
            for chunk in _chunks(archive, member):
                left -= len(chunk)
                if left < 0:
                    raise Unread(f"it unpacks to more than {limits.inflated_bytes >> 20} MiB")
                if is_sheet:
                    _measure(tail + chunk, extent)
                    _refuse_extent(member.filename, extent)
                    tail = chunk[-_OVERLAP:]
        return {name: extents[part] for name, part in _parts(archive).items() if part in extents}


def _chunks(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(member) as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _measure(chunk: bytes, extent: Extent) -> None:
    found = _REFERENCE.findall(chunk)
    extent.rows = max(extent.rows, *(int(row) for row in {row for _, row in found}), 0)
    extent.columns = max(extent.columns, *(_number(column) for column in {column for column, _ in found}), 0)
    if b't="e"' in chunk:
        tags = (_REFERENCE.search(tag) for tag in _ERROR_TAG.findall(chunk))
        extent.errors |= {(int(tag[2]), _number(tag[1])) for tag in tags if tag}


def _refuse_extent(part: str, extent: Extent) -> None:
    rows, columns = extent.rows, extent.columns
    if rows > MOST_ROWS or columns > MOST_COLUMNS or rows * columns > MOST_CELLS:
        raise Unread(f"{part} reaches to row {rows} and column {columns}; at most {MOST_CELLS} cells are read")


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """The part of each sheet, by the sheet's name."""
    book, relations = (_xml(archive, part) for part in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"))
    if book is None or relations is None:
        return {}
    targets = {each.get("Id"): str(each.get("Target")) for each in relations}
    sheets = [each for each in book.iter("{*}sheet") if targets.get(each.get(_RELATION))]
    return {str(each.get("name")): normpath(join("xl", targets[each.get(_RELATION)])).lstrip("/") for each in sheets}


def _xml(archive: zipfile.ZipFile, part: str) -> etree._Element | None:
    try:
        with archive.open(part) as stream:
            content = stream.read(_SMALL_PART)
        return etree.fromstring(content, etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True))
    except (KeyError, etree.XMLSyntaxError):
        return None


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
