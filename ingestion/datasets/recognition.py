"""Which dataset a file is, by its header: names of files change at each publication, headings seldom do."""

from __future__ import annotations

import csv
import io
import re
import zlib
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path

from ingestion.datasets.contract_model import Contract
from ingestion.datasets.contracts import load_contracts
from ingestion.datasets.delimited import HEADER_BYTES, decoded, header_of, numbered_rows
from ingestion.datasets.grids import Tally
from ingestion.datasets.layout import groups_at
from ingestion.datasets.spreadsheets import ALL_SHEETS, is_workbook, matches, read_sheets
from ingestion.datasets.spreadsheets import header_of as sheet_header
from warehouse.errors import InputError

#: A header without an unknown heading comes before any other that has one.
EXACT = 1 << 20
#: Rows of a sheet in which its header is looked for.
HEADER_ROWS = 64


def recognise_dataset(
    header_bytes: bytes,
    contracts: Mapping[str, Contract] | None = None,
    *,
    path: Path | None = None,
    name: str | None = None,
) -> str | None:
    """The code of the dataset that a file beginning with these bytes is, or None.

    A file is of a dataset when the contract's header row has every column that is not optional, and the contract knows
    most of the headings. Of several datasets it is one that knows all of them, then the one that knows most; of several
    that know as many, the one whose file_pattern is the file's name; None when that leaves two, for then a person must
    say (``--as``). A workbook is opened, where ``path`` leads to it.
    """
    known = load_contracts() if contracts is None else contracts
    head = header_bytes[:HEADER_BYTES]
    if path is not None and is_workbook(head, path):
        scores = _workbook_scores(known, path)
    else:
        text = _unpacked(head)
        scores = {code: _score(contract, text) for code, contract in known.items()}
    best = max(scores.values(), default=0)
    found = [code for code, score in scores.items() if best and score == best]
    if len(found) > 1 and name is not None:
        found = [code for code in found if fnmatch(name, known[code].file_pattern)]
    return found[0] if len(found) == 1 else None


def _unpacked(head: bytes) -> bytes:
    if not head.startswith(b"\x1f\x8b"):
        return head
    try:
        return zlib.decompressobj(31).decompress(head, HEADER_BYTES)
    except zlib.error:
        return b""


def _workbook_scores(known: Mapping[str, Contract], path: Path) -> dict[str, int]:
    wanted = {code: contract for code, contract in known.items() if contract.format.kind == "spreadsheet"}
    if not wanted:
        return {}
    try:
        tops = [(sheet, list(rows)) for sheet, rows in read_sheets(path, path.name, ALL_SHEETS, HEADER_ROWS)]
    except InputError:
        return {}
    scores = {}
    for code, contract in wanted.items():
        found = [_matched(contract, sheet_header(contract, top)) for name, top in tops if matches(contract, name)]
        scores[code] = min(found, default=0)
    return scores


def _score(contract: Contract, head: bytes) -> int:
    """How much of the head the contract knows; 0 when something that it needs is missing."""
    form = contract.format
    if form.kind == "spreadsheet":
        return 0
    lines = list(decoded(contract, io.BytesIO(head), Tally()))
    if form.marker is not None and not re.search(form.marker, "".join(lines)):
        return 0
    if form.kind == "records":
        # A marker says whether, not how much: of two that match, the file's name decides.
        return 1
    try:
        if form.header == "none":
            return _matched_positions(contract, lines)
        return _matched(contract, header_of(contract, lines))
    except csv.Error:
        return 0


def _matched(contract: Contract, header: list[str]) -> int:
    """How many of the headings the contract knows; 0 when one that it needs is missing, or not where it must be.

    It is 0 too when most are unknown: files of other datasets have a code and a label as well.
    """
    seen, score = set(), 0
    ignore_places = contract.format.header == "misplaced"
    for index, heading in enumerate(header):
        found = [
            column
            for column in contract.columns
            if (column.groups(heading) if ignore_places else groups_at(column, heading, index)) is not None
        ]
        seen |= {column.name for column in found}
        score += bool(heading and (found or contract.ignores(heading)))
    needed = {column.name for column in contract.columns if not (column.may_be_absent or column.is_pseudo)}
    total = sum(bool(heading) for heading in header)
    if not needed <= seen or score <= total - score:
        return 0
    return score + (EXACT if score == total else 0)


def _matched_positions(contract: Contract, lines: list[str]) -> int:
    """Without headings: a row of the section that has every position."""
    form = contract.format
    last = form.width or max((column.position or 0 for column in contract.columns), default=0)
    # The head may end in the middle of a line.
    whole = lines[:-1] or lines
    for _, cells in numbered_rows(form, enumerate(whole, start=1), 1):
        section = form.section
        if section and (len(cells) < section.position or cells[section.position - 1] != section.equals):
            continue
        if len(cells) >= last:
            return last
    return 0


def recognised_in(path: Path) -> str:
    """The code of the dataset that a file is of.

    Raises:
        InputError: of none that is known, or of several alike.
    """
    with path.open("rb") as stream:
        code = recognise_dataset(stream.read(HEADER_BYTES), path=path, name=path.name)
    if code is None:
        raise InputError(
            file=path.name,
            expectation="the header of a known dataset was expected",
            next_step="Name the dataset (--as), or declare it as docs/add-a-dataset.md says",
        )
    return code
