"""The reader of workbooks, in its own process: what :mod:`ingestion.datasets.spreadsheets` starts.

The workbook is its standard input; the answer, on its standard output, is the text of every cell, or why there is none.
"""

from __future__ import annotations

import io
import json
import re
import sys
import zipfile
import zlib
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from ingestion.documents.child import confine, refuse_deeds
from ingestion.documents.limits import Limits

_CHUNK = 1 << 20
#: A spreadsheet's own limits; a cell beyond them is a lie that would cost memory for every cell before it.
MOST_COLUMNS = 16_384
MOST_CELLS = 40_000_000
_REFERENCE = re.compile(rb'<(?:\w+:)?(?:c|row)\b[^>]*?\br="([A-Z]{0,3})(\d{1,9})"')


class _Unread(Exception):
    pass


def main(sheets: str, most_rows: str, limits: str) -> None:
    """Reads standard input as a workbook; ``limits`` are JSON."""
    allowed = Limits(**json.loads(limits))
    confine(allowed)
    sys.stdout.buffer.write(json.dumps(_answer(sheets, int(most_rows), allowed), ensure_ascii=False).encode())


def _answer(sheets: str, most_rows: int, limits: Limits) -> dict[str, Any]:
    import python_calamine

    sys.addaudithook(refuse_deeds)
    try:
        content = sys.stdin.buffer.read(limits.file_bytes + 1)
        if len(content) > limits.file_bytes:
            raise _Unread(f"it has more than {limits.file_bytes >> 20} MiB")
        if content.startswith(b"PK"):
            _refuse_bombs(content, limits)
        return {"sheets": _sheets(content, re.compile(sheets), most_rows)}
    except _Unread as refused:
        return {"fault": str(refused)}
    except (MemoryError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        return {"fault": f"{type(error).__name__}: {error}"}
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        return {"fault": f"{error}"}


def _sheets(content: bytes, wanted: re.Pattern[str], most_rows: int) -> list[tuple[str, list[list[str | None]]]]:
    from python_calamine import CalamineWorkbook

    with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
        names = [name for name in book.sheet_names if wanted.fullmatch(name)]
        sheets = []
        for name in names:
            sheet = book.get_sheet_by_name(name)
            if sheet.total_height * sheet.total_width > MOST_CELLS:
                raise _Unread(f"sheet {name!r} has more than {MOST_CELLS} cells")
            rows = sheet.to_python(skip_empty_area=False, nrows=most_rows)
            sheets.append((name, [[canonical(cell) for cell in row] for row in rows]))
        return sheets


def canonical(cell: object) -> str | None:
    """A cell's value as text; null where it is empty."""
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else f"{Decimal(repr(cell)):f}"
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, int | timedelta) else None


def _refuse_bombs(content: bytes, limits: Limits) -> None:
    """Inflate every part, throwing it away, and believe no cell that says to stand beyond the limits of a sheet."""
    left = limits.inflated_bytes
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        if len(members) > limits.parts:
            raise _Unread(f"it has more than {limits.parts} parts")
        for member in members:
            height = width = 0
            tail = b""
            with archive.open(member) as stream:
                while chunk := stream.read(_CHUNK):
                    left -= len(chunk)
                    if left < 0:
                        raise _Unread(f"it unpacks to more than {limits.inflated_bytes >> 20} MiB")
                    if "worksheets/" in member.filename:
                        for column, row in _REFERENCE.findall(tail + chunk):
                            height, width = max(height, int(row)), max(width, _number(column))
                        tail = chunk[-256:]
            if height > 1 << 20 or width > MOST_COLUMNS or height * width > MOST_CELLS:
                raise _Unread(f"{member.filename} has {height} rows and {width} columns, {MOST_CELLS} cells at most")


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
