"""Read a report's extract: a folder in the repository or under the home, or the same files as one zip.

Strict on purpose: an unknown file, column, value or key refuses the extract, and the message names the file, the
line, what was expected and what to do. Whatever the way it came, an extract has one identity: the SHA-256 of its
files packed in one fixed way.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from ingestion.numbers import Interval, UnreadableFigureError, interval, reads_as
from ingestion.packing import MAX_BYTES, pack, packed_names, unpack
from ingestion.report_file import REPORT_FILE, read_report
from ingestion.schemas import (
    COUNT,
    DATE,
    DECIMAL,
    FIGURE,
    FIGURE_LINK,
    FLAG,
    INTEGER,
    LEDGER,
    NUMBER,
    PARTICIPATION,
    POLICY_PARAMETER,
    REPORT,
    TEXT,
    WORKSHOP,
    WORKSHOP_STATEMENT,
    Column,
    Table,
)
from warehouse.errors import InputError
from warehouse.files import sha256_file

if TYPE_CHECKING:
    import polars as pl

FILES: dict[str, Table] = {
    "figures.csv": FIGURE,
    "links.csv": FIGURE_LINK,
    "parameters.csv": POLICY_PARAMETER,
    "counts.csv": COUNT,
    "workshops.csv": WORKSHOP,
    "participants.csv": PARTICIPATION,
    "statements.csv": WORKSHOP_STATEMENT,
    "ledger.csv": LEDGER,
}


@dataclass(frozen=True)
class Extract:
    """One version of a report's extract.

    ``frames`` maps a bronze table to its rows, ``input_sha256`` not yet added; ``lines`` maps it to the line of each
    row in its file.
    """

    name: str
    sha256: str
    packed: bytes
    report_id: str
    extract_version: int
    frames: dict[str, pl.DataFrame]
    lines: dict[str, list[int]] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return sum(frame.height for frame in self.frames.values())


def read_folder(folder: Path) -> Extract:
    """Read an extract folder.

    Raises:
        InputError: something in it is not as declared.
    """
    return read_members(folder.name, folder_files(folder))


def folder_files(folder: Path) -> dict[str, bytes]:
    """The files of an extract folder by name; hidden ones are the editor's.

    Raises:
        InputError: together they are larger than an extract may be; none is read then.
    """
    paths = [p for p in sorted(folder.iterdir()) if p.is_file() and not p.name.startswith(".")]
    if sum(path.stat().st_size for path in paths) > MAX_BYTES:
        raise InputError(
            file=folder.name,
            expectation=f"an extract of at most {MAX_BYTES} bytes was expected",
            next_step="Keep in the folder only the files of the extract",
        )
    return {path.name: path.read_bytes() for path in paths}


def identity(path: Path) -> str:
    """The SHA-256 by which a delivered file is known: an extract by its files packed in one way, another by its own."""
    if is_extract(packed_names(path)):
        try:
            return sha256(pack(unpack(path, path.name))).hexdigest()
        except InputError:
            pass
    return sha256_file(path)


def is_extract(names: Iterable[str]) -> bool:
    """Whether a zip with files of these names is meant to be an extract, be it well made or not."""
    return any(PurePosixPath(name).name in {REPORT_FILE, *FILES} for name in names)


def read_zip(path: Path, name: str) -> Extract:
    """Read an extract packed as ``<report_id>.extract.zip``; ``name`` is what the sender called it.

    Raises:
        InputError: it is not a zip of an extract, inflates beyond the limit, or something in it is not as declared.
    """
    return read_members(name, unpack(path, name))


def read_members(name: str, files: Mapping[str, bytes]) -> Extract:
    """Read the files of an extract, whatever they came in.

    Raises:
        InputError: something in them is not as declared.
    """
    unknown = sorted(set(files) - {REPORT_FILE, *FILES})
    if unknown:
        raise InputError(
            file=f"{name}/{unknown[0]}",
            expectation=f"a file of an extract was expected: {REPORT_FILE}, {', '.join(FILES)}",
            next_step="Remove it or rename it; pack the files at the top of the zip, or in one folder",
        )
    report, line = read_report(name, files)
    frames, lines = {"report": _typed(REPORT, f"{name}/{REPORT_FILE}", [report], [line])}, {"report": [line]}
    for file_name, table in FILES.items():
        if file_name in files:
            read = _read_csv(table, f"{name}/{file_name}", files[file_name], report["report_id"])
            frames[table.name], lines[table.name] = read
    packed = pack(files)
    version = frames["report"]["extract_version"].item()
    return Extract(name, sha256(packed).hexdigest(), packed, report["report_id"], version, frames, lines)


def _read_csv(table: Table, file: str, content: bytes, report_id: str) -> tuple[pl.DataFrame, list[int]]:
    """The rows of a file, typed, and the line where each begins."""
    columns = [column.name for column in table.columns if column.name != "report_id"]
    header, cells, lines = _cells(file, content)
    _check_header(table, file, header, columns)
    for row, line in zip(cells, lines, strict=True):
        if len(row) != len(header):
            raise InputError(
                file=file,
                line=line,
                expectation=f"{len(header)} cells were expected, {len(row)} were found",
                next_step="Look for a missing comma or an unquoted one; the file may be cut short",
            )
    rows = [dict(zip(header, row, strict=True)) | {"report_id": report_id} for row in cells]
    typed = _typed(table, file, rows, lines)
    return _with_intervals(typed, file, lines) if table is FIGURE else typed, lines


def _cells(file: str, content: bytes) -> tuple[list[str], list[list[str]], list[int]]:
    """Header, rows of cells, and the line where each row begins: a quoted cell may hold several."""
    reader = csv.reader(io.StringIO(_decode(file, content), newline=""), strict=True)
    cells, lines = [], []
    try:
        header = next(reader, None)
        if header is None:
            raise InputError(
                file=file, line=1, expectation="a header was expected, the file is empty", next_step="Add the header"
            )
        before = reader.line_num
        for row in reader:
            cells.append(row)
            lines.append(before + 1)
            before = reader.line_num
    except csv.Error as error:
        raise InputError(
            file=file,
            line=reader.line_num,
            expectation=f"valid CSV was expected: {error}",
            next_step="Look for a quote left open; the file may be cut short",
        ) from error
    return header, cells, lines


def _with_intervals(figures: pl.DataFrame, file: str, lines: list[int]) -> pl.DataFrame:
    """Fill the interval that each print allows, where the extract gives none (it does for a printed range).

    A print that does not give the stored value is a fault of transcription: it refuses the extract.
    """
    import polars as pl

    ends = [_ends(row, file, line) for row, line in zip(figures.iter_rows(named=True), lines, strict=True)]
    lows, highs = zip(*ends, strict=True) if ends else ((), ())
    dtype = pl.Decimal(18, 4)
    return figures.with_columns(pl.Series("value_low", lows, dtype=dtype), pl.Series("value_high", highs, dtype=dtype))


def _ends(row: Mapping[str, Any], file: str, line: int) -> Interval:
    stored = row["value"], row["value_low"], row["value_high"]
    try:
        if not reads_as(row["printed"], row["unit"], *stored):
            raise InputError(
                file=file,
                line=line,
                expectation=f"{row['printed']!r} in {row['unit']} was expected to read as the stored value {stored[0]}",
                next_step="Correct the value, the unit or the print",
            )
        if stored[1] is not None or stored[2] is not None:
            return stored[1], stored[2]
        return interval(row["value"], row["printed"], row["hedge"], row["unit"], row["value_form"], row["obs_status"])
    except (UnreadableFigureError, KeyError) as error:
        raise InputError(
            file=file, line=line, expectation=str(error), next_step="Write the figure as it is printed"
        ) from error


def _decode(file: str, content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            file=file,
            line=content.count(b"\n", 0, error.start) + 1,
            expectation="UTF-8 was expected",
            next_step="Save it as UTF-8",
        ) from error
    if "\0" in text:
        raise InputError(
            file=file,
            line=text.count("\n", 0, text.index("\0")) + 1,
            expectation="text was expected, a NUL character was found",
            next_step="Save it as UTF-8, without binary content",
        )
    return text


def _check_header(table: Table, file: str, header: list[str], columns: list[str]) -> None:
    unknown = [name for name in header if name not in columns]
    missing = [c.name for c in table.columns if c.required and c.name != "report_id" and c.name not in header]
    twice = [name for name in header if header.count(name) > 1]
    for names, problem in ((unknown, "unknown column"), (missing, "missing column"), (twice, "column given twice")):
        if names:
            raise InputError(
                file=file,
                line=1,
                expectation=f"{problem} {names[0]!r}; the columns are {', '.join(columns)}",
                next_step="Correct the header",
            )


def _typed(table: Table, file: str, rows: list[dict[str, str]], lines: list[int]) -> pl.DataFrame:
    """Rows of text as a frame of the table's schema; the first cell that cannot be read is an :class:`InputError`."""
    import polars as pl

    raw = pl.DataFrame(
        {c.name: [row.get(c.name) or None for row in rows] for c in table.columns},
        schema={c.name: pl.String() for c in table.columns},
    )
    typed = raw.with_columns(_cast(column) for column in table.columns)
    for column in table.columns:
        bad = raw[column.name].is_not_null() & typed[column.name].is_null()
        if bad.any():
            index = bad.arg_true()[0]
            found = raw[column.name][index]
            raise InputError(
                file=file,
                line=lines[index],
                expectation=f"column {column.name}: {_EXPECTED[column.type]} expected, {found!r} found",
                next_step="Correct the cell",
            )
    return typed


_EXPECTED = {
    TEXT: "text was",
    INTEGER: "a whole number was",
    DECIMAL: "a number with at most four decimals and a point was",
    NUMBER: "a number with a decimal point was",
    DATE: "a date YYYY-MM-DD was",
    FLAG: "true or false was",
}


def _cast(column: Column) -> pl.Expr:
    import polars as pl

    cell = pl.col(column.name)
    if column.type == FLAG:
        return cell.replace_strict({"true": True, "false": False}, default=None, return_dtype=pl.Boolean())
    if column.type == DECIMAL:
        readable = cell.str.contains(r"^-?\d{1,14}(\.\d{1,4})?$")
        return pl.when(readable).then(cell).otherwise(None).cast(column.dtype, strict=False)
    if column.type == DATE:
        return cell.str.to_date("%Y-%m-%d", strict=False)
    return cell.cast(column.dtype, strict=False)
