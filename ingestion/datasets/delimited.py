"""Lines and cells of a delimited text file, each row with the line that it begins on.

Lines are cut by the standard CSV reader, which knows the line; polars does not say it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import IO, Literal

from ingestion.datasets.contract_model import Contract, Format
from ingestion.datasets.grids import Cells, Grid, Tally, headings_of, unlike

#: Enough for ten lines of title and a header of a thousand columns.
HEADER_BYTES = 64 * 1024


def delimited_grid(contract: Contract, path: Path) -> Iterator[Grid]:
    """The one grid of a text file.

    Raises:
        InputError: it is no CSV.
    """
    with path.open("rb") as stream:
        tally = Tally()
        lines = _numbered(decoded(contract, stream, tally))
        form = contract.format
        try:
            first = min(form.rows_of_header, default=1)
            above = [text for _, text in _taken(lines, first - 1)]
            rows = numbered_rows(form, lines, first)
            header, rows = _header(form, rows)
            yield Grid(headings_of(header), _data(contract, path.name, rows), above=tuple(above), tally=tally)
        except _BadLine as error:
            raise unlike(contract, path.name, f"valid CSV was expected: {error}", error.line) from error


def header_of(contract: Contract, texts: Iterable[str]) -> list[str]:
    """The headings of a file that begins with these lines.

    Raises:
        csv.Error: they are no CSV.
    """
    form = contract.format
    first = min(form.rows_of_header, default=1)
    lines = _numbered(texts)
    list(_taken(lines, first - 1))
    header, _ = _header(form, numbered_rows(form, lines, first))
    return headings_of(header)


def decoded(contract: Contract, stream: IO[bytes] | Iterable[bytes], tally: Tally) -> Iterator[str]:
    """The lines as text. One that is not of the encoding is read in the fallback, where the contract has one, and
    counted; else the bytes that cannot be read stay as lone surrogates, which refuse the line.
    """
    form = contract.format
    main, fallback = form.encoding or "utf-8", form.fallback_encoding
    for number, line in enumerate(stream):
        if number == 0 and line.startswith(b"\xef\xbb\xbf"):
            # A byte order mark says UTF-8 whatever the contract says of files without one.
            main, line = "utf-8", line[3:]
        try:
            yield line.decode(main)
        except UnicodeDecodeError:
            if fallback is None:
                yield line.decode(main, errors="surrogateescape")
            else:
                tally.fallback_lines += 1
                yield line.decode(fallback, errors="surrogateescape")


def numbered_rows(form: Format, lines: Iterator[tuple[int, str]], first: int) -> Iterator[tuple[int, list[str]]]:
    """Each row and the line that it begins on; ``first`` is the line that comes next.

    Raises:
        csv.Error: the rows are no CSV; carries the line.
    """
    head = list(islice(lines, 1))
    texts = (text for _, text in chain(head, lines))
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if form.quotes else csv.QUOTE_NONE
    reader = csv.reader(texts, delimiter=_separator(form, head), strict=True, quoting=quoting)
    line = first
    try:
        for cells in reader:
            yield line, cells
            line = first + reader.line_num
    except csv.Error as error:
        raise _BadLine(str(error), first - 1 + reader.line_num) from error


def _separator(form: Format, head: list[tuple[int, str]]) -> str:
    """The delimiter of a file: of the two that a publisher uses, the one that its first line has more of."""
    other = form.other_delimiter
    return max(form.separator, other, key=head[0][1].count) if other and head else form.separator


class _BadLine(csv.Error):
    def __init__(self, text: str, line: int) -> None:
        super().__init__(text)
        self.line = line


def _numbered(texts: Iterable[str]) -> Iterator[tuple[int, str]]:
    return enumerate(texts, start=1)


def _taken(lines: Iterator[tuple[int, str]], count: int) -> Iterator[tuple[int, str]]:
    for _ in range(count):
        if (line := next(lines, None)) is None:
            return
        yield line


def _header(
    form: Format, rows: Iterator[tuple[int, list[str]]]
) -> tuple[list[list[str]], Iterator[tuple[int, list[str]]]]:
    """The header rows, and the rows from there on."""
    wanted = set(form.rows_of_header)
    header: list[list[str]] = []
    for line, cells in rows if wanted else ():
        if line in wanted:
            header.append(cells)
        if line >= max(wanted):
            break
    return header, rows


def _data(contract: Contract, name: str, rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, Cells]]:
    first = contract.format.first_data_row
    try:
        for line, cells in rows:
            if line >= first:
                yield line, cells if _encodable(cells) else f"{contract.format.encoding} was expected"
    except _BadLine as error:
        raise unlike(contract, name, f"valid CSV was expected: {error}", error.line) from error


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
