"""Read a published file as its contract says: nothing inferred, every line accounted for.

Lines are cut by the standard CSV reader, which knows the line that each row begins on; cells are typed by polars, all
of a column at once. A cell that cannot be read quarantines its row, with line, column, value and reason; a file whose
form is not that of its contract is refused whole. Nothing is dropped in silence: the lines under the header are those
loaded, those set aside as the contract says (blank, footers, totals) and those quarantined.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ingestion.datasets.contracts import Column, Contract, folded
from warehouse.errors import InputError

if TYPE_CHECKING:
    import polars as pl

LINE = "line"
SPACES = " \u00a0\u2009\u202f"
#: Rows typed at once: bounds what a file of millions of rows holds in memory as Python text.
BATCH = 100_000
#: UTF-8 read in a single-byte encoding: Ã or Â before a character that French never puts there, or the start of ’.
MOJIBAKE = "[ÃÂ][\u0080-\u00bf]|â€"
NOTHING = r"[^\s\S]"
NEXT_STEP = "Correct the file, or the contract if the publisher changed its form"


@dataclass(frozen=True)
class Refused:
    """One cell, or one whole line where ``column`` is null, that cannot be taken, and why."""

    line: int
    column: str | None
    value: str | None
    expectation: str


@dataclass(frozen=True)
class Sheet:
    """The rows of a file under our column names: text as published, or typed.

    ``rows`` has the column ``line`` besides. ``lines`` counts what stands under the header.
    """

    rows: pl.DataFrame
    lines: int
    set_aside: int
    refused: tuple[Refused, ...] = ()

    def without(self, refused: Iterable[Refused]) -> Sheet:
        """The sheet without the lines of these refusals, which are added to its own."""
        import polars as pl

        newly = list(refused)
        left = self.rows.filter(~pl.col(LINE).is_in([r.line for r in newly]))
        told = sorted([*self.refused, *newly], key=lambda r: (r.line, r.column or ""))
        return Sheet(left, self.lines, self.set_aside, tuple(told))


def secret(name: str) -> str:
    """The flag column that says whether a typed column's cell held a secrecy mark."""
    return f"{name}__secret"


def read_sheet(contract: Contract, path: Path, name: str) -> Sheet:
    """The typed rows of a file: a column per column of the contract and a secrecy flag where marks are declared.

    Raises:
        InputError: the file is empty, or its encoding, header or quoting is not as the contract says.
    """
    sheet = _typed(contract, published_sheet(contract, path, name))
    return sheet.without(_duplicates(contract, sheet.rows))


def published_sheet(contract: Contract, path: Path, name: str) -> Sheet:
    """The same rows as text, cells as published.

    Raises:
        InputError: as :func:`read_sheet`.
    """
    with _opened(contract, path) as stream:
        return _Cutter(contract, name).cut(stream)


def header_cells(contract: Contract, lines: Iterable[str]) -> list[str]:
    """The headings that stand in the contract's header row, white space folded, phantom empty ones at the end dropped.

    Raises:
        csv.Error: the row is not CSV.
    """
    below = islice(lines, contract.format.header_row - 1, None)
    header = [folded(cell) for cell in next(csv.reader(below, delimiter=contract.format.delimiter, strict=True), [])]
    while header and not header[-1]:
        header.pop()
    return header


def codec(contract: Contract, head: bytes) -> str:
    """The codec of a file: a byte order mark says UTF-8 whatever the contract says of files without one."""
    if head.startswith(b"\xef\xbb\xbf") or contract.format.encoding == "utf-8":
        return "utf-8-sig"
    return contract.format.encoding


def _opened(contract: Contract, path: Path) -> IO[str]:
    with path.open("rb") as stream:
        head = stream.read(4)
    return path.open(encoding=codec(contract, head), errors="surrogateescape", newline="")


class _Cutter:
    """Cuts one file into rows of text."""

    def __init__(self, contract: Contract, name: str) -> None:
        self.contract, self.name = contract, name
        self.lines = self.set_aside = 0
        self.refused: list[Refused] = []
        self.headings: list[str] = []

    def cut(self, stream: IO[str]) -> Sheet:
        import polars as pl

        form = self.contract.format
        for _ in range(form.header_row - 1):
            stream.readline()
        reader = csv.reader(stream, delimiter=form.delimiter, strict=True)
        try:
            columns = self._columns(next(reader, []))
            rows = self._rows(reader)
            frames = [self._frame(batch, columns) for batch in iter(lambda: list(islice(rows, BATCH)), [])]
        except csv.Error as error:
            raise self._unlike(f"valid CSV was expected: {error}", form.header_row - 1 + reader.line_num) from error
        return Sheet(pl.concat([self._frame([], columns), *frames]), self.lines, self.set_aside, tuple(self.refused))

    def _columns(self, header: list[str]) -> dict[str, int]:
        """Our column names and where they stand."""
        self.headings = [folded(cell) for cell in header]
        while self.headings and not self.headings[-1]:
            self.headings.pop()
        known = {folded(heading): c.name for c in self.contract.columns for heading in c.headings}
        ignored = {folded(heading) for heading in self.contract.ignored_columns}
        unknown = [h for h in self.headings if h not in known and h not in ignored]
        if unknown:
            raise self._unlike(f"unknown column {unknown[0]!r}; the columns are {', '.join(known)}")
        columns = {known[h]: index for index, h in enumerate(self.headings) if h in known}
        twice = [h for h in self.headings if self.headings.count(h) > 1]
        if twice or len(columns) < sum(h in known for h in self.headings):
            raise self._unlike(f"each column once was expected, {', '.join(self.headings)} found")
        missing = [c.published for c in self.contract.columns if not c.may_be_absent and c.name not in columns]
        if missing:
            raise self._unlike(f"missing column {missing[0]!r}; found: {', '.join(self.headings) or 'nothing'}")
        return columns

    def _rows(self, reader: Any) -> Iterator[tuple[int, list[str]]]:
        above, form = self.contract.format.header_row - 1, self.contract.format
        line = above + reader.line_num + 1
        for cells in reader:
            if line >= form.first_data_row:
                yield from self._row(line, cells)
            line = above + reader.line_num + 1

    def _row(self, line: int, cells: list[str]) -> Iterator[tuple[int, list[str]]]:
        self.lines += 1
        width = len(self.headings)
        if self._is_beside_the_data(cells):
            self.set_aside += 1
        elif len(cells) < width or any(cell.strip() for cell in cells[width:]):
            self._refuse(line, f"{width} cells were expected, {len(cells)} found")
        elif not _encodable(cells):
            self._refuse(line, f"{self.contract.format.encoding} was expected")
        else:
            yield line, cells

    def _is_beside_the_data(self, cells: list[str]) -> bool:
        """Whether a line is blank, a footer or a total."""
        if not any(cell.strip() for cell in cells):
            return True
        if cells[0].strip().startswith(self.contract.format.footers or ("\n",)):
            return True
        return any(
            folded(cells[index]) in totals.cells
            for totals in self.contract.totals
            for index in (self._place(totals.column),)
            if index < len(cells)
        )

    def _place(self, name: str) -> int:
        headings = {folded(heading) for heading in self.contract.column(name).headings}
        return next((i for i, heading in enumerate(self.headings) if heading in headings), len(self.headings))

    def _frame(self, rows: Sequence[tuple[int, list[str]]], columns: dict[str, int]) -> pl.DataFrame:
        import polars as pl

        cut = {LINE: pl.Series([line for line, _ in rows], dtype=pl.Int64())}
        for column in self.contract.columns:
            index = columns.get(column.name)
            cells = [None if index is None else found[index] for _, found in rows]
            cut[column.name] = pl.Series(cells, dtype=pl.String())
        return pl.DataFrame(cut)

    def _refuse(self, line: int, expectation: str) -> None:
        self.refused.append(Refused(line, None, None, expectation))

    def _unlike(self, expectation: str, line: int | None = None) -> InputError:
        return InputError(
            file=self.name,
            line=line or self.contract.format.header_row,
            expectation=f"{self.contract.code}: {expectation}",
            next_step=NEXT_STEP,
        )


def _encodable(cells: list[str]) -> bool:
    """Whether every byte could be read: those that could not are lone surrogates, which are no text."""
    text = "".join(cells)
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _typed(contract: Contract, sheet: Sheet) -> Sheet:
    import polars as pl

    mojibake = NOTHING if contract.format.encoding == "utf-8" else MOJIBAKE
    series, refused = [sheet.rows[LINE]], []
    for column in contract.columns:
        cells = sheet.rows[column.name].str.strip_chars()
        typed, is_secret = _read(column, contract, cells)
        series += [typed, is_secret.alias(secret(column.name))] if column.secrecy_marks else [typed]
        broken = cells.str.contains(mojibake).fill_null(False)
        unread = typed.is_null() & ~is_secret & ~broken
        if column.may_be_empty or column.may_be_absent:
            unread &= ~_is_null(column, cells)
        for bad, sentence in ((unread, _expected(column)), (broken, "another encoding was expected")):
            found = sheet.rows.filter(bad).select(LINE, column.name).iter_rows()
            refused += [Refused(line, column.published, cell, sentence) for line, cell in found]
    return Sheet(pl.DataFrame(series), sheet.lines, sheet.set_aside, sheet.refused).without(refused)


def _read(column: Column, contract: Contract, cells: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The cells as values, null where there is none or none can be read, and whether each holds a secrecy mark."""
    import polars as pl

    is_secret = cells.is_in(list(column.secrecy_marks)).fill_null(False)
    frame = pl.DataFrame({"cell": cells, "none": _is_null(column, cells) | is_secret})
    there = pl.when(~pl.col("none")).then(pl.col("cell"))
    return frame.select(_value(column, contract, there).alias(column.name)).to_series(), is_secret


def _is_null(column: Column, cells: pl.Series) -> pl.Series:
    return cells.is_null() | (cells == "").fill_null(True) | cells.is_in(list(column.null_marks)).fill_null(False)


def _value(column: Column, contract: Contract, cell: pl.Expr) -> pl.Expr:
    import polars as pl

    if column.type in ("integer", "number"):
        plain = _number(contract, cell, decimals=column.type == "number")
        return plain.cast(pl.Float64() if column.type == "number" else pl.Int64(), strict=False)
    if column.pad_to:
        cell = cell.str.zfill(column.pad_to)
    if column.values is not None:
        return cell.replace_strict(column.values, default=None, return_dtype=pl.String())
    if column.pattern:
        return cell.str.extract(f"^(?:{column.pattern})$", min(re.compile(column.pattern).groups, 1))
    return cell


def _number(contract: Contract, cell: pl.Expr, *, decimals: bool) -> pl.Expr:
    """The cell as digits with a point where it is written as the contract says; null otherwise.

    Thousands are groups of three: « 12 34 » is no number, it is two cells that lost their separator.
    """
    import polars as pl

    form = contract.format
    whole = rf"(?:\d+|\d{{1,3}}(?:[{SPACES}]\d{{3}})+)" if form.thousands else r"\d+"
    part = rf"(?:{re.escape(form.decimal)}\d+)?" if decimals else ""
    plain = cell.str.replace_all(f"[{SPACES}]", "").str.replace(form.decimal, ".", literal=True)
    return pl.when(cell.str.contains(f"^[+-]?{whole}{part}$")).then(plain)


def _expected(column: Column) -> str:
    if column.values is not None:
        return f"one of the {len(column.values)} values of the contract was expected"
    if column.type in ("integer", "number"):
        return "a whole number was expected" if column.type == "integer" else "a number was expected"
    return f"a cell like {column.pattern} was expected" if column.pattern else "a cell that is not empty was expected"


def _duplicates(contract: Contract, rows: pl.DataFrame) -> list[Refused]:
    """Every row of a key that is given more than once: nothing says which one is right."""
    import polars as pl

    keys = list(contract.keys)
    double = rows.filter(pl.struct(keys).is_duplicated()).select(LINE, *keys)
    column = contract.column(keys[0]).published if len(keys) == 1 else None
    sentence = f"one row a key ({', '.join(contract.column(key).published for key in keys)}) was expected"
    return [Refused(line, column, "|".join(map(str, key)), sentence) for line, *key in double.iter_rows()]
