"""Workbooks (xlsx, xls, xlsb, ods): sheets as grids of text, read in a process of its own.

Cells keep what they are, not how they look: 0.5 shown as « 50 % » is ``0.5``. A workbook that makes its reader crash,
hang or take all memory is refused like any other that cannot be read; see docs/decisions/0016-spreadsheets.md.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from ingestion.datasets.contract_model import Contract
from ingestion.datasets.grids import Cells, Grid, headings_of, place, unlike
from ingestion.documents.guard import ROOT, GuardError, run_guarded
from ingestion.documents.limits import MIB, Limits
from warehouse.errors import InputError

#: A workbook of 70 MB (DREES, médecins 2012-2026) is the largest known; unpacked it is about ten times that.
LIMITS = Limits(
    file_bytes=256 * MIB,
    inflated_bytes=2_048 * MIB,
    seconds=300.0,
    cpu_seconds=240,
    memory_bytes=6_144 * MIB,
    answer_bytes=1_024 * MIB,
)
#: First bytes of a zip (xlsx, xlsb, ods) and of a compound file (xls).
SIGNATURES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
ALL_ROWS = 1 << 20
_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from ingestion.datasets.workbook_child import main; main(*sys.argv[2:])"
)
Rows = list[list[str | None]]


def spreadsheet_grids(contract: Contract, path: Path) -> Iterator[Grid]:
    """A grid for every sheet that the contract names, in the workbook's order.

    Raises:
        InputError: no workbook, a damaged one, one beyond the limits, or none of its sheets is named so.
    """
    form = contract.format
    sheets = read_sheets(path, path.name, form.sheets or "")
    if not sheets:
        raise unlike(contract, path.name, f"a sheet named like {form.sheets} was expected")
    for number, (name, rows) in enumerate(sheets):
        yield grid_of(contract, number, name, rows)


def grid_of(contract: Contract, number: int, name: str, rows: Rows) -> Grid:
    """One sheet."""
    form = contract.format
    header = [rows[at - 1] for at in form.rows_of_header if at <= len(rows)]
    first = min(form.rows_of_header, default=1)
    above = tuple(" ".join(cell for cell in row if cell) for row in rows[: first - 1])
    data = _data(number, rows, form.first_data_row)
    return Grid(headings_of(header), data, number=number, sheet=name, above=above)


def _data(number: int, rows: Rows, first: int) -> Iterator[tuple[int, Cells]]:
    for line in range(first, len(rows) + 1):
        cells = rows[line - 1]
        broken = next((cell for cell in cells if cell and cell.startswith("\x00")), None)
        yield place(number, line), f"no error was expected, {broken[1:]} found" if broken else cells


def read_sheets(path: Path, name: str, sheets: str, most_rows: int = ALL_ROWS) -> list[tuple[str, Rows]]:
    """Name and first rows of every sheet whose whole name matches.

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
    told = json.loads(answer)
    if "fault" in told:
        raise _unread(name, str(told["fault"]))
    return [(sheet, rows) for sheet, rows in told["sheets"]]


def is_workbook(first: bytes) -> bool:
    """Whether a file begins as a workbook does."""
    return first.startswith(SIGNATURES)


def matches(contract: Contract, sheet: str) -> bool:
    """Whether the contract names this sheet."""
    return re.fullmatch(contract.format.sheets or "", sheet) is not None


def _unread(name: str, why: str) -> InputError:
    return InputError(
        file=name,
        expectation=f"a whole workbook within the limits was expected: {why}",
        next_step="Open it in the program that wrote it, save it again and deliver it whole",
    )
