"""What changed in the headings of a file, found by comparing it with its contract.

The file is read in every way of writing that is known, and the way in which most headings are the contract's is taken.
Of the headings left over, those that stand where a missing one stood, or are called nearly so, and whose cells can be
read as its cells, are that column renamed.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from fnmatch import fnmatch
from functools import cached_property, partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingestion.datasets.cells import MOJIBAKE
from ingestion.datasets.contract_model import Column, Contract, folded
from ingestion.datasets.delimited import HEADER_BYTES, decoded, header_of, numbered_rows
from ingestion.datasets.drift import Change, is_needed
from ingestion.datasets.drift_cells import READABLE, share_unreadable
from ingestion.datasets.grids import Tally, headings_of
from ingestion.datasets.layout import Member, groups_at
from ingestion.datasets.spreadsheets import is_workbook, matches, read_sheets
from ingestion.territories import fold_name

if TYPE_CHECKING:
    pass

ENCODINGS = ("utf-8", "windows-1252")
DELIMITERS = (";", ",", "\t", "|")
#: A title may take that many lines more than it did.
HEADER_WITHIN = 16
#: Share of the headings without which a file is another dataset's.
LEAST_KNOWN = 0.5
#: The same for a file of which nobody said what it is, and the headings that it must have at least.
LEAST_LIKE, LEAST_HEADINGS = 0.6, 2
#: Names as near as « effectif » and « effectifs_2024 » are one name; as « effectif » and « densité » are not.
NEAR = 0.6
SAMPLE_ROWS = 200
#: Columns that a sentence about their order names.
SHOWN_ORDER = 4
Row = Sequence[str | None]


@dataclass(frozen=True)
class _Written:
    """A file's head as read in one way: what that changes in the format, the headings, the first rows under them."""

    update: dict[str, Any]
    differences: tuple[tuple[str, str, str], ...]
    headings: list[str]
    first_rows: Callable[[], list[Row]]

    @cached_property
    def rows(self) -> list[Row]:
        return self.first_rows()


def changed_headings(contract: Contract, path: Path) -> tuple[Change, ...]:
    """What differs in the way of writing and in the columns; empty when nothing does, or when it is no such file."""
    if contract.format.kind == "records" or contract.format.by_position:
        return ()
    ways = _sheets(contract, path) if contract.format.kind == "spreadsheet" else _texts(contract, path)
    # Of ways that know as many headings, the first: it departs least from the contract.
    best = max(ways, key=lambda way: _known(contract, way.headings), default=None)
    if best is None or _known(contract, best.headings) < LEAST_KNOWN * len(_needed(contract)):
        return ()
    rewritten = [
        Change("rewritten", None, old, new, update={key: best.update[key]}) for key, old, new in best.differences
    ]
    return (*_whole_header(rewritten, best), *_columns(contract, best))


def nearest(path: Path, contracts: Mapping[str, Contract], name: str) -> str | None:
    """The dataset that a file of unknown form is most like: the one of whose headings it has most.

    Of several with as many, the one whose file pattern is its name; None when that leaves two, or when it is like none.
    """
    with path.open("rb") as stream:
        wanted = "spreadsheet" if is_workbook(stream.read(8), path) else "csv"
    likeness = {
        code: _likeness(contract, path) for code, contract in contracts.items() if contract.format.kind == wanted
    }
    best = max(likeness.values(), default=0)
    found = [code for code, known in likeness.items() if known and known == best]
    if len(found) > 1:
        found = [code for code in found if fnmatch(name, contracts[code].file_pattern)]
    return found[0] if len(found) == 1 else None


def _likeness(contract: Contract, path: Path) -> int:
    """Headings of the contract that a file has, where they are enough of them; else none."""
    if contract.format.by_position:
        return 0
    ways = _sheets(contract, path) if contract.format.kind == "spreadsheet" else _texts(contract, path)
    known = max((_known(contract, way.headings) for way in ways), default=0)
    return known if known >= max(LEAST_HEADINGS, LEAST_LIKE * len(_needed(contract))) else 0


def reordered(contract: Contract, headings: Sequence[str]) -> tuple[Change, ...]:
    """The change of order, where the columns that are known stand otherwise than the contract lists them."""
    found = [(next((c.name for c in contract.columns if c.groups(h) is not None), None), h) for h in headings]
    labels = {name: heading for name, heading in reversed(found) if name}
    order = list(dict.fromkeys(name for name, _ in found if name))
    expected = [c.name for c in contract.columns if c.name in order]
    if contract.format.by_position or contract.format.kind == "records" or order == expected:
        return ()
    moved = [i for i, (a, b) in enumerate(zip(order, expected, strict=True)) if a != b]
    before, after = (
        ", ".join(labels[name] for name in names[moved[0] : moved[-1] + 1][:4]) for names in (expected, order)
    )
    return (Change("reordered", None, before, after),)


def _texts(contract: Contract, path: Path) -> Iterator[_Written]:
    form = contract.format
    with path.open("rb") as stream:
        head = stream.read(HEADER_BYTES).splitlines(keepends=True)
    first = form.rows_of_header[0]
    for encoding in dict.fromkeys((form.encoding, *ENCODINGS)):
        one = contract.model_copy(update={"format": form.model_copy(update={"encoding": encoding})})
        texts = list(decoded(one, head, Tally()))
        if _is_misread(encoding or "utf-8", texts[:-1]):
            continue
        for delimiter in dict.fromkeys((form.delimiter, *DELIMITERS)):
            for at in (first, *(n for n in range(1, HEADER_WITHIN + 1) if n != first)):
                update = _moved(contract, at) | {"encoding": encoding, "delimiter": delimiter}
                way = contract.model_copy(update={"format": form.model_copy(update=update)})
                try:
                    headings = header_of(way, texts)
                except csv.Error:
                    continue
                yield _Written(update, _differences(contract, update), headings, partial(_first_rows, way, texts))


def _is_misread(encoding: str, texts: Sequence[str]) -> bool:
    """Whether lines are not of this encoding: bytes that it has not, or the traces of UTF-8 in it."""
    misread = "[\udc80-\udcff]" if encoding == "utf-8" else f"[\udc80-\udcff]|{MOJIBAKE}"
    return any(re.search(misread, text) for text in texts)


def _first_rows(contract: Contract, texts: Sequence[str]) -> list[Row]:
    """Whole rows under the header: the head of a file may end in the middle of a line."""
    form = contract.format
    start = min(form.rows_of_header)
    lines = enumerate(texts[start - 1 : -1] or texts[start - 1 :], start=start)
    rows: list[Row] = []
    try:
        for line, cells in islice(numbered_rows(form, lines, start), SAMPLE_ROWS):
            if line >= form.first_data_row:
                rows.append(cells)
    except csv.Error:
        return rows
    return rows


def _sheets(contract: Contract, path: Path) -> Iterator[_Written]:
    form = contract.format
    told = read_sheets(path, path.name, ".*", HEADER_WITHIN + SAMPLE_ROWS)
    sheets = [(name, [() if isinstance(row, str) else row for row in rows]) for name, rows in told]
    named = [(name, rows) for name, rows in sheets if matches(contract, name)]
    for name, rows in named or sheets:
        first = form.rows_of_header[0]
        for at in (first, *(n for n in range(1, HEADER_WITHIN + 1) if n != first)):
            update = _moved(contract, at)
            if not named:
                # Only a name can be accepted: it must stay one that a sheet has, letter by letter.
                update = {**update, "sheets": re.escape(name)}
            way = form.model_copy(update=update)
            headings = headings_of([rows[n - 1] for n in way.rows_of_header if n <= len(rows)])
            yield _Written(update, _differences(contract, update), headings, partial(_from, rows, way.first_data_row))


def _from(rows: Sequence[Row], first: int) -> list[Row]:
    return list(rows[first - 1 :])


def _moved(contract: Contract, at: int) -> dict[str, Any]:
    """The format's update that puts the header to line ``at``, with all that stands under it."""
    form = contract.format
    by = at - form.rows_of_header[0]
    if by == 0:
        return {}
    moved: dict[str, Any] = {"header_row": at}
    if form.header_rows:
        moved = {"header_row": None, "header_rows": tuple(row + by for row in form.header_rows)}
    return moved | ({"data_row": form.data_row + by} if form.data_row else {})


def _differences(contract: Contract, update: dict[str, Any]) -> tuple[tuple[str, str, str], ...]:
    form = contract.format
    told = []
    for key in ("encoding", "delimiter", "sheets"):
        if key in update and update[key] != getattr(form, key):
            told.append((key, str(getattr(form, key)), str(update[key])))
    if "header_row" in update:
        first = update.get("header_rows") or (update["header_row"],)
        told.append(("header_row", str(form.rows_of_header[0]), str(first[0])))
    return tuple(told)


def _whole_header(changes: Sequence[Change], way: _Written) -> list[Change]:
    """The line of the header carries with it the other lines that move."""
    moved = {key: way.update[key] for key in ("header_row", "header_rows", "data_row") if key in way.update}
    return [
        Change(c.kind, c.column, c.before, c.after, update=moved) if "header_row" in c.update else c for c in changes
    ]


def _needed(contract: Contract) -> list[Column]:
    return [c for c in contract.columns if not (c.may_be_absent or c.is_pseudo)]


def _known(contract: Contract, headings: Sequence[str]) -> int:
    """Columns of the contract that a header has."""
    return sum(any(column.groups(h) is not None for h in headings) for column in _needed(contract))


def _columns(contract: Contract, way: _Written) -> Iterator[Change]:
    places = {
        column.name: index
        for index, heading in enumerate(way.headings)
        for column in contract.columns
        if groups_at(column, heading, index) is not None
    }
    missing = [c for c in _needed(contract) if c.name not in places]
    unknown = [
        index
        for index, heading in enumerate(way.headings)
        if heading
        and index not in places.values()
        and not contract.ignores(heading)
        and not _is_known(contract, heading)
    ]
    renamed = _renamed(contract, way, missing, unknown, places)
    for column in missing:
        if (index := renamed.get(column.name)) is not None:
            yield Change("renamed", column.name, column.label, way.headings[index], _examples(way, index))
        else:
            yield Change("removed", column.name, column.label, is_acceptable=not is_needed(contract, column))
    for index in unknown:
        if index not in renamed.values():
            yield Change("added", None, None, way.headings[index], _examples(way, index))


def _is_known(contract: Contract, heading: str) -> bool:
    return any(column.groups(heading) is not None for column in contract.columns)


def _renamed(
    contract: Contract, way: _Written, missing: Sequence[Column], unknown: Sequence[int], places: Mapping[str, int]
) -> dict[str, int]:
    """The place of each missing column whose heading is a new one: the nearest pair first, then those next to it."""
    fitting = [
        (column, index)
        for column in missing
        for index in unknown
        if column.headings and _fits(contract, column, way, index)
    ]
    found: dict[str, int] = {}
    while left := [(c, i) for c, i in fitting if c.name not in found and i not in found.values()]:
        known = {**places, **found}
        near = [(_nearness(contract, way, column, index, known), column.name, index) for column, index in left]
        # Of pairs as near, the first of the file.
        nearness, name, index = max(near, key=lambda pair: (pair[0], -pair[2]))
        if nearness < NEAR:
            break
        found[name] = index
    return found


def _nearness(contract: Contract, way: _Written, column: Column, index: int, places: Mapping[str, int]) -> float:
    """How much a heading looks like a column's; one that stands between the same neighbours is as near as any."""
    found = fold_name(way.headings[index])
    names = max(SequenceMatcher(None, fold_name(heading), found).ratio() for heading in column.headings)
    listed = [c.name for c in contract.columns if not c.is_pseudo]
    at = listed.index(column.name)
    before, after = (listed[at - 1] if at else None), (listed[at + 1] if at + 1 < len(listed) else None)
    stands = (before is None or places.get(before) == index - 1) and (after is None or places.get(after) == index + 1)
    return max(names, NEAR if stands and (before or after) else 0.0)


def _fits(contract: Contract, column: Column, way: _Written, index: int) -> bool:
    """Whether the cells under a heading can be read as this column's."""
    import polars as pl

    cells = pl.Series([row[index] if index < len(row) else None for row in way.rows], dtype=pl.String())
    cells = cells.str.strip_chars()
    present = cells.filter((cells != "").fill_null(False))
    if present.is_empty():
        return False
    return share_unreadable(contract, Member(column.name, column, column.label), present) <= 1 - READABLE


def _examples(way: _Written, index: int) -> tuple[str, ...]:
    cells = (folded(row[index] or "") for row in way.rows if index < len(row))
    return tuple(dict.fromkeys(islice((cell for cell in cells if cell), 3)))
