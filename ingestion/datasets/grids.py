"""A file as it stands before its contract is applied: one grid of text a sheet, whatever wrote it.

A row's place is one number for the whole file: its line, plus :data:`SHEET_LINES` for every sheet before its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from ingestion.datasets.contract_model import Contract, folded
from warehouse.errors import InputError

#: More than any sheet has rows: a place is ``sheet number * SHEET_LINES + line``.
SHEET_LINES = 1 << 32
NEXT_STEP = "Correct the file, or the contract if the publisher changed its form"
JOINED = " | "

#: Cells as published; a missing one is null. A text is why the line could not be read at all.
Cells: TypeAlias = Sequence[str | None] | str


@dataclass
class Tally:
    """What reading counts beside the rows."""

    fallback_lines: int = 0


@dataclass(frozen=True)
class Grid:
    """The headings and the lines under them. ``above`` is the text over the header, a line each."""

    headings: list[str]
    rows: Iterator[tuple[int, Cells]]
    number: int = 0
    sheet: str | None = None
    above: tuple[str, ...] = ()
    tally: Tally = field(default_factory=Tally)


def place(number: int, line: int) -> int:
    """The place of a line of a sheet."""
    return number * SHEET_LINES + line


def placed(place: int) -> tuple[int, int]:
    """Sheet number and line of a place."""
    return divmod(place, SHEET_LINES)


def read_grids(contract: Contract, path: Path) -> Iterator[Grid]:
    """The grids of a file, one after the other: each is read to its end before the next begins.

    Raises:
        InputError: the file is not of the form that the contract says, or beyond the limits.
    """
    if contract.format.kind == "spreadsheet":
        from ingestion.datasets.spreadsheets import spreadsheet_grids

        return spreadsheet_grids(contract, path)
    if contract.format.kind == "records":
        from ingestion.datasets.records import record_grids

        return record_grids(contract, path)
    from ingestion.datasets.delimited import delimited_grid

    return delimited_grid(contract, path)


def headings_of(rows: Sequence[Sequence[str | None]]) -> list[str]:
    """The headings that header rows make together, phantom empty ones at the end dropped.

    A label above several columns stands in the first of them alone (they were one merged cell): it is filled to the
    right, but never in the last row, whose cells are each of one column.
    """
    width = max((_width(row) for row in rows), default=0)
    *upper, last = [[folded(row[i] or "") if i < len(row) else "" for i in range(width)] for row in rows] or [[]]
    parts = [*map(_filled, upper), last]
    return [JOINED.join(dict.fromkeys(part for part in column if part)) for column in zip(*parts, strict=True)]


def _width(row: Sequence[str | None]) -> int:
    return max((index + 1 for index, cell in enumerate(row) if cell and cell.strip()), default=0)


def _filled(row: Sequence[str]) -> list[str]:
    filled: list[str] = []
    for cell in row:
        filled.append(cell or (filled[-1] if filled else ""))
    return filled


def unlike(contract: Contract, name: str, expectation: str, line: int | None = None) -> InputError:
    """The error of a file that is not as its contract says."""
    return InputError(file=name, line=line, expectation=f"{contract.code}: {expectation}", next_step=NEXT_STEP)
