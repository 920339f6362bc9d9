"""An extract in a person's hands: its files as rows of text, and back, without touching what no decision changed.

Cells stay as they are written; what they mean is read by :mod:`ingestion.extracts_reading`, whose strictness comes
before and after.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from ingestion.documents.model import Document
from ingestion.numbers import normalise_printed
from ingestion.report_file import REPORT_FILE, read_report
from ingestion.schemas import FIGURE, FIGURE_LINK, LEDGER, POLICY_PARAMETER, Table

Row = Mapping[str, str]

FIGURES, LINKS, PARAMETERS, REGISTER = "figures.csv", "links.csv", "parameters.csv", "ledger.csv"
#: The files that decisions change; the others of an extract pass through untouched.
TABLES: Mapping[str, Table] = MappingProxyType(
    {FIGURES: FIGURE, LINKS: FIGURE_LINK, PARAMETERS: POLICY_PARAMETER, REGISTER: LEDGER}
)


class DecisionError(ValueError):
    """A decision that cannot be taken as asked; the message, in French, says why."""


@dataclass(frozen=True)
class Draft:
    """An extract in a person's hands: its files as they were read, and the rows that decisions change, as text."""

    files: Mapping[str, bytes]
    tables: Mapping[str, tuple[Row, ...]]

    @property
    def figures(self) -> tuple[Row, ...]:
        return self.tables.get(FIGURES, ())

    @property
    def ledger(self) -> tuple[Row, ...]:
        return self.tables.get(REGISTER, ())

    def figure(self, key: str) -> Row:
        """The figure of this key.

        Raises:
            DecisionError: there is none.
        """
        found = next((row for row in self.figures if row["figure_key"] == key), None)
        if found is None:
            raise DecisionError(f"aucune figure « {key} » dans cette extraction")
        return found


def draft_of(files: Mapping[str, bytes]) -> Draft:
    """The files of an extract that :func:`ingestion.extracts_reading.read_members` accepts, ready for decisions."""
    return Draft(dict(files), {name: _rows(files[name]) for name in TABLES if name in files})


def files_of(draft: Draft) -> dict[str, bytes]:
    """The files of an extract after its decisions; a table that no decision changed keeps its very bytes."""
    files = dict(draft.files)
    for name, rows in draft.tables.items():
        if name not in draft.files or _rows(draft.files[name]) != rows:
            files[name] = _rendered(TABLES[name], rows, _header(draft.files.get(name, b"")))
    return files


def version_of(files: Mapping[str, bytes]) -> int:
    """The ``extract_version`` of an extract's files."""
    return int(read_report("", files)[0]["extract_version"])


def source_of(files: Mapping[str, bytes]) -> str:
    """The SHA-256 of the text that an extract is of."""
    return read_report("", files)[0]["source_sha256"]


def with_version(files: Mapping[str, bytes], version: int) -> dict[str, bytes]:
    """The same files under another ``extract_version``; the rest of ``report.yml`` keeps its bytes."""
    told = re.sub(
        rb"""(?m)^(["']?extract_version["']?[ \t]*:)[^\r\n]*""", b"\\g<1> %d" % version, files[REPORT_FILE], count=1
    )
    return {**files, REPORT_FILE: told}


def _rows(content: bytes) -> tuple[Row, ...]:
    return tuple(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def _header(content: bytes) -> list[str]:
    return next(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")), [])


def _rendered(table: Table, rows: Iterable[Row], before: Iterable[str]) -> bytes:
    """Rows as CSV: the columns that were there, that every row needs or that some row fills, in the schema's order."""
    kept = list(rows)
    needed = {c.name for c in table.columns if c.required and c.name != "report_id"} | {*before}
    filled = {name for row in kept for name, cell in row.items() if cell}
    header = [c.name for c in table.columns if c.name in filled or c.name in needed]
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, header, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(kept)
    return buffer.getvalue().encode()


def with_tables(draft: Draft, tables: Mapping[str, tuple[Row, ...]]) -> Draft:
    """The draft with these rows; a table that it did not have is added only where there are rows for it."""
    there = {name: rows for name, rows in tables.items() if rows or name in draft.tables}
    return replace(draft, tables={**draft.tables, **there})


def is_proposal(row: Row) -> bool:
    """Whether a figure is the extractor's own, seen by nobody."""
    return row["extraction_method"] == "automatic" and row["review_status"] == "unreviewed"


def span_of(row: Row) -> tuple[int, int] | None:
    """The offsets at which a row stands; None where it says none."""
    start, end = row.get("char_start"), row.get("char_end")
    return (int(start), int(end)) if start and end else None


def start_of(row: Row) -> int:
    """The offset by which rows are put in the order of the document; rows without one come first."""
    span = span_of(row)
    return span[0] if span else -1


def overlap(one: Row, other: Row) -> bool:
    """Whether two rows share a character of the text."""
    a, b = span_of(one), span_of(other)
    return a is not None and b is not None and a[0] < b[1] and b[0] < a[1]


def placed(text: str, start: int, end: int) -> Row:
    """The cells that say where a figure stands, and how it is printed."""
    return {
        "printed": normalise_printed(text[start:end]),
        "source_line": str(text.count("\n", 0, start) + 1),
        "char_start": str(start),
        "char_end": str(end),
    }


def placed_in(document: Document, start: int, end: int) -> Row:
    """The same of a document, with the page where pages are known."""
    page = document.page_at(start)
    return {**placed(document.text, start, end), "source_page": "" if page is None else str(page)}
