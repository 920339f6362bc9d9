"""Workbooks (xlsx, xls): sheets as grids of text, read in a process of its own.

Cells keep what they are, not how they look: 0.5 shown as « 50 % » is ``0.5``. A workbook that makes its reader crash,
hang or take all memory is refused like any other that cannot be read; see docs/decisions/0016-spreadsheets.md.
"""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

from ingestion.datasets.contract_model import Contract
from ingestion.datasets.grids import Cells, Grid, headings_of, place, unlike
from ingestion.documents.guard import ROOT, GuardError, run_guarded
from ingestion.documents.limits import MIB, Limits
from ingestion.packing import packed_names
from warehouse.errors import InputError

#: A workbook of 70 MB (DREES, médecins 2012-2026) is the largest known; unpacked it is about ten times that.
LIMITS = Limits(
    file_bytes=256 * MIB,
    inflated_bytes=2_048 * MIB,
    seconds=300.0,
    cpu_seconds=240,
    memory_bytes=3_072 * MIB,
    answer_bytes=1_024 * MIB,
)
#: First bytes of a zip (xlsx) and of a compound file (xls).
ZIP, COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ALL_ROWS, ALL_SHEETS = 1 << 20, r"(?s:.*)"
_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from ingestion.datasets.workbook_child import main; main(*sys.argv[2:])"
)
Row = list[str | None] | str
Rows = Iterator[Row]


def spreadsheet_grids(contract: Contract, path: Path) -> Iterator[Grid]:
    """A grid for every sheet that the contract names, in the workbook's order.

    Raises:
        InputError: no workbook, a damaged one, one beyond the limits, or none of its sheets is named so.
    """
    form = contract.format
    number = -1
    for number, (name, rows) in enumerate(read_sheets(path, path.name, form.sheets or "")):
        yield _grid(contract, number, name, rows)
    if number < 0:
        raise unlike(contract, path.name, f"a sheet named like {form.sheets} was expected")


def _grid(contract: Contract, number: int, name: str, rows: Rows) -> Grid:
    wanted = contract.format.rows_of_header
    top = list(islice(rows, max(wanted, default=0)))
    above = tuple(" ".join(cell for cell in row if cell) for row in top[: min(wanted, default=1) - 1])
    return Grid(header_of(contract, top), _data(contract, number, len(top), rows), number, name, above)


def header_of(contract: Contract, top: Sequence[Row]) -> list[str]:
    """The headings of a sheet that begins with these rows."""
    rows = [top[at - 1] for at in contract.format.rows_of_header if at <= len(top)]
    return headings_of([row for row in rows if not isinstance(row, str)])


def _data(contract: Contract, number: int, read: int, rows: Rows) -> Iterator[tuple[int, Cells]]:
    first = contract.format.first_data_row
    for line, cells in enumerate(rows, start=read + 1):
        if line >= first:
            yield place(number, line), cells


def read_sheets(path: Path, name: str, sheets: str, most_rows: int = ALL_ROWS) -> Iterator[tuple[str, Rows]]:
    """Name and first rows of every sheet whose whole name matches: each is read to its end before the next.

    A text instead of a row says why it cannot be taken.

    Raises:
        InputError: the workbook cannot be read.
    """
    command = [sys.executable, "-I", "-c", _START, str(ROOT), sheets, str(most_rows), json.dumps(asdict(LIMITS))]
    try:
        status, answer = run_guarded(command, path, LIMITS)
    except GuardError as error:
        raise _unread(name, f"reading it was stopped: {error}") from error
    if status != 0:
        raise _unread(name, f"its reader did not survive it ({status}): it is damaged, or made to do so")
    ended = json.loads(answer[answer.rfind(b"\n", 0, -1) + 1 :])
    if "fault" in ended:
        raise _unread(name, str(ended["fault"]))
    return _sheets(answer)


def _sheets(answer: bytes) -> Iterator[tuple[str, Rows]]:
    lines = io.BytesIO(answer)
    said = json.loads(lines.readline())
    while "sheet" in said:
        sheet = _Sheet(lines)
        yield str(said["sheet"]), iter(sheet)
        for _ in sheet:
            pass
        said = sheet.next


class _Sheet:
    """The rows of one sheet in the reader's answer; ``next`` is what follows them."""

    def __init__(self, lines: io.BytesIO) -> None:
        self._lines = lines
        self.next: dict[str, Any] = {}

    def __iter__(self) -> Rows:
        while not self.next:
            said = json.loads(self._lines.readline())
            if isinstance(said, dict):
                self.next = said
            else:
                yield _row(said)


def _row(cells: list[Any]) -> Row:
    if all(cell is None or isinstance(cell, str) for cell in cells):
        return cells
    broken = next(number for number, cell in enumerate(cells, start=1) if isinstance(cell, dict))
    return f"no error was expected in a cell, column {broken} holds one"


def is_workbook(first: bytes, path: Path) -> bool:
    """Whether a file that begins so is a workbook, or may be one (other documents begin as an xls does)."""
    if first.startswith(COMPOUND):
        return True
    return first.startswith(ZIP) and any(member.startswith("xl/") for member in packed_names(path))


def matches(contract: Contract, sheet: str) -> bool:
    """Whether the contract names this sheet."""
    return re.fullmatch(contract.format.sheets or "", sheet) is not None


def _unread(name: str, why: str) -> InputError:
    return InputError(
        file=name,
        expectation=f"a whole workbook within the limits was expected: {why}",
        next_step="Open it in the program that wrote it, save it again and deliver it whole",
    )
