"""The reader of workbooks, in its own process: what :mod:`ingestion.datasets.spreadsheets` starts.

The workbook is its standard input. Its standard output is a line of JSON for every sheet (its name) and every row (the
text of its cells), and a last one that says how it ended.
"""

from __future__ import annotations

import io
import json
import re
import sys
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

from ingestion.datasets.workbook_parts import MOST_CELLS, Extent, Unread, looked_through
from ingestion.documents.child import confine, refuse_deeds
from ingestion.documents.limits import Limits

#: A cell that holds an error, and not a text that looks like one.
ERROR = {"error": True}


def main(sheets: str, most_rows: str, limits: str) -> None:
    """Reads standard input as a workbook; ``limits`` are JSON."""
    allowed = Limits(**json.loads(limits))
    confine(allowed)
    ended: dict[str, Any] = {"whole": True}
    try:
        for answer in _answers(sheets, int(most_rows), allowed):
            _say(answer)
    except Unread as refused:
        ended = {"fault": str(refused)}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, MemoryError) as error:
        ended = {"fault": f"{type(error).__name__}: {error}"}
    except (OSError, ValueError) as error:
        ended = {"fault": str(error)}
    _say(ended)


def _say(answer: object) -> None:
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


def _answers(sheets: str, most_rows: int, limits: Limits) -> Iterator[object]:
    from python_calamine import CalamineError, CalamineWorkbook

    sys.addaudithook(refuse_deeds)
    content = sys.stdin.buffer.read(limits.file_bytes + 1)
    if len(content) > limits.file_bytes:
        raise Unread(f"it has more than {limits.file_bytes >> 20} MiB")
    extents = looked_through(content, limits) if content.startswith(b"PK") else {}
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            for name in (name for name in book.sheet_names if re.fullmatch(sheets, name)):
                yield {"sheet": name}
                yield from islice(_rows(book.get_sheet_by_name(name), extents.get(name, Extent())), most_rows)
    except CalamineError as error:
        raise Unread(str(error)) from error


def _rows(sheet: Any, extent: Extent) -> Iterator[list[object]]:
    if sheet.total_height * sheet.total_width > MOST_CELLS:
        raise Unread(f"sheet {sheet.name!r} has more than {MOST_CELLS} cells")
    # Rows come from the first of the sheet on, but cells from the first column that has any.
    empty: list[object] = [None] * (sheet.start[1] if sheet.start else 0)
    errors = {row for row, _ in extent.errors}
    for line, cells in enumerate(sheet.iter_rows(), start=1):
        row = empty + [canonical(cell) for cell in cells]
        if line in errors:
            row = [ERROR if (line, column) in extent.errors else cell for column, cell in enumerate(row, start=1)]
        yield row


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
