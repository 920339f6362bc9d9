"""Read a report's extract: a folder in the repository or under the home, or the same files as one zip.

Strict on purpose: an unknown file, column, value or key refuses the extract, and the message names the file, the
line, what was expected and what to do. Whatever the way it came, an extract has one identity: the SHA-256 of its
files packed in one fixed way.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingestion.numbers import Interval, UnreadableFigureError, interval, reads_as
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

REPORT_FILE = "report.yml"
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
#: An extract holds figures, not documents: the largest we know is under 1 MB.
MAX_BYTES = 64 * 1024 * 1024
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Extract:
    """One version of a report's extract. ``frames`` maps a bronze table to its rows, ``input_sha256`` not yet added."""

    name: str
    sha256: str
    packed: bytes
    report_id: str
    extract_version: int
    frames: dict[str, pl.DataFrame]

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
    """The files of an extract folder by name; hidden ones are the editor's."""
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir()) if p.is_file() and not p.name.startswith(".")}


def identity(path: Path) -> str:
    """The SHA-256 by which a delivered file is known: an extract by its files packed in one way, another by its own."""
    try:
        with zipfile.ZipFile(path) as archive:
            return sha256(pack(dict(_members(archive, path.name)))).hexdigest()
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, InputError):
        return sha256_file(path)


def read_zip(path: Path, name: str) -> Extract:
    """Read an extract packed as ``<report_id>.extract.zip``; ``name`` is what the sender called it.

    Raises:
        InputError: it is not a zip of an extract, inflates beyond the limit, or something in it is not as declared.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return read_members(name, dict(_members(archive, name)))
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise InputError(
            file=name, expectation=f"a readable zip was expected: {error}", next_step="Pack the extract again"
        ) from error


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
            next_step="Remove it or rename it",
        )
    report = _read_report(name, files)
    frames = {"report": _typed(REPORT, f"{name}/{REPORT_FILE}", [{k: _text(v) for k, v in report.items()}], [1])}
    for file_name, table in FILES.items():
        if file_name in files:
            frames[table.name] = _read_csv(table, f"{name}/{file_name}", files[file_name], str(report["report_id"]))
    packed = pack(files)
    version = frames["report"]["extract_version"].item()
    return Extract(name, sha256(packed).hexdigest(), packed, report["report_id"], version, frames)


def pack(files: Mapping[str, bytes]) -> bytes:
    """The files as one zip whose bytes depend on nothing but their names and contents."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name])
    return buffer.getvalue()


def _members(archive: zipfile.ZipFile, name: str) -> Iterator[tuple[str, bytes]]:
    left = MAX_BYTES
    for entry in archive.infolist()[: len(FILES) + 2]:
        with archive.open(entry) as stream:
            content = stream.read(left + 1)
        left -= len(content)
        if left < 0:
            raise InputError(
                file=f"{name}/{entry.filename}",
                expectation=f"an extract of at most {MAX_BYTES} bytes was expected",
                next_step="Check that the right file was packed",
            )
        yield entry.filename, content


def _read_report(name: str, files: Mapping[str, bytes]) -> dict[str, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    file = f"{name}/{REPORT_FILE}"
    if REPORT_FILE not in files:
        raise InputError(
            file=file,
            expectation="an extract was expected to contain it",
            next_step="Describe the report in it; see docs/add-a-report.md",
        )
    try:
        report = YAML(typ="safe", pure=True).load(files[REPORT_FILE])
    except (YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        raise InputError(
            file=file,
            line=mark.line + 1 if mark else None,
            expectation=f"valid YAML was expected: {getattr(error, 'problem', error)}",
            next_step="Correct it and deliver the extract again",
        ) from error
    known = [column.name for column in REPORT.columns]
    wrong = [key for key in report if key not in known] if isinstance(report, dict) else ["(not a mapping)"]
    if wrong:
        raise InputError(
            file=file,
            expectation=f"keys among {', '.join(known)} were expected, {wrong[0]!r} was found",
            next_step="Correct the key",
        )
    return dict(report)


def _read_csv(table: Table, file: str, content: bytes, report_id: str) -> pl.DataFrame:
    columns = [column.name for column in table.columns if column.name != "report_id"]
    reader = csv.reader(io.StringIO(_decode(file, content), newline=""), strict=True)
    try:
        header = next(reader, None)
        if header is None:
            raise InputError(file=file, line=1, expectation="a header was expected", next_step="Add the header")
        _check_header(table, file, header, columns)
        rows, lines = [], []
        for cells in reader:
            if len(cells) != len(header):
                raise InputError(
                    file=file,
                    line=reader.line_num,
                    expectation=f"{len(header)} cells were expected, {len(cells)} were found",
                    next_step="Look for a missing comma or an unquoted one",
                )
            rows.append(dict(zip(header, cells, strict=True)) | {"report_id": report_id})
            lines.append(reader.line_num)
    except csv.Error as error:
        raise InputError(
            file=file, line=reader.line_num, expectation=f"valid CSV was expected: {error}", next_step="Correct it"
        ) from error
    typed = _typed(table, file, rows, lines)
    return _with_intervals(typed, file, lines) if table is FIGURE else typed


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
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            file=file,
            line=content.count(b"\n", 0, error.start) + 1,
            expectation="UTF-8 was expected",
            next_step="Save it as UTF-8",
        ) from error


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


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
