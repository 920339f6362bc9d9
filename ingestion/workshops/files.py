"""The files of an extract, and what another reading of the same text, a person's or a machine's, adds to it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from ingestion.extracts_reading import FILES
from ingestion.figures.ledger import PENDING
from ingestion.report_file import REPORT_FILE
from ingestion.schemas import REPORT
from ingestion.workshops.extract import WorkshopExtract
from ingestion.workshops.rows import Cell, Row

TABLES = ("figures", "links", "counts", "workshops", "participants", "statements", "ledger")


def extract_files(extract: WorkshopExtract) -> dict[str, bytes]:
    """The files of the extract's folder, by name; the same extract gives the same bytes."""
    tables = {f"{table}.csv": getattr(extract, table) for table in TABLES}
    return {
        REPORT_FILE: _report(extract.report).encode(),
        **{name: _csv(name, rows).encode() for name, rows in tables.items() if rows},
    }


def write_extract(extract: WorkshopExtract, folder: Path) -> None:
    """Write the files of the extract's folder; what people read by hand, and wrote there, stays."""
    folder.mkdir(parents=True, exist_ok=True)
    written = {path.name: path.read_bytes() for path in folder.iterdir() if path.name in FILES}
    for name, content in extract_files(combined(extract, written)).items():
        (folder / name).write_bytes(content)


def combined(extract: WorkshopExtract, files: Mapping[str, bytes]) -> WorkshopExtract:
    """The extract and, after its own rows, those of another reading of the same text that stand beside them.

    ``files`` are those of an extract: one that people completed by hand, or the draft that a machine made of the
    running text. Of its figures these are all but a parser's and those that stand where the parser reads something
    itself; of its links those that bind such a figure; of its ledger what the parser does not account for, pending
    where the figure or fact is gone.
    """
    accounted = {offset for row in extract.ledger for offset in _offsets(row)}
    beside = [row for row in _rows(files, "figures") if row["extraction_method"] != "parser"]
    beside = [row for row in beside if accounted.isdisjoint(_offsets(row))]
    known = {row["figure_key"] for row in (*extract.figures, *beside)}
    facts = {row.get("fact_ref") for row in extract.ledger}
    entries = [row for row in _rows(files, "ledger") if accounted.isdisjoint(_offsets(row))]
    ledger = [*extract.ledger, *(_standing(row, known, facts) for row in entries)]
    return replace(
        extract,
        figures=(*extract.figures, *(_repeating(row, known) for row in beside)),
        links=(*extract.links, *_bonds(_rows(files, "links"), beside, known)),
        ledger=tuple(sorted(ledger, key=lambda row: int(str(row["char_start"])))),
    )


def _repeating(figure: Row, known: Collection[Cell]) -> Row:
    return figure if figure["repeats"] in known else figure | {"repeats": None}


def _bonds(links: Sequence[Row], figures: Sequence[Row], known: Collection[Cell]) -> list[Row]:
    """The links that bind one of the figures, as far as what they bind is known."""
    keys = {row["figure_key"] for row in figures}
    bonds = {row["link_key"] for row in links if row["figure_key"] in keys}
    return [row for row in links if row["link_key"] in bonds and row["figure_key"] in known]


def _standing(entry: Row, figures: Collection[Cell], facts: Collection[Cell]) -> Row:
    """An entry of the ledger; one whose figure or fact is gone waits for somebody to say what its numeral is."""
    gone = (entry["figure_key"] and entry["figure_key"] not in figures) or (
        entry["fact_ref"] and entry["fact_ref"] not in facts
    )
    return entry | {"disposition": PENDING, "figure_key": None, "fact_ref": None} if gone else entry


def _offsets(row: Row) -> range:
    return range(int(str(row["char_start"])), int(str(row["char_end"])))


def _rows(files: Mapping[str, bytes], table: str) -> list[Row]:
    """The rows of a table as they are written; columns that the file leaves out are empty."""
    name = f"{table}.csv"
    empty: Row = dict.fromkeys(column.name for column in FILES[name].columns if column.name != "report_id")
    written = csv.DictReader(io.StringIO(files.get(name, b"").decode("utf-8"), newline=""))
    return [empty | {column: cell or None for column, cell in row.items()} for row in written]


def _report(report: Mapping[str, Cell]) -> str:
    cells = [(column.name, report.get(column.name)) for column in REPORT.columns]
    lines = [f"{name}: {_yaml(cell)}" for name, cell in cells if cell is not None]
    return "\n".join(lines) + "\n"


def _yaml(cell: Cell) -> str:
    return json.dumps(cell, ensure_ascii=False) if isinstance(cell, str) else _text(cell)


def _csv(name: str, rows: Sequence[Row]) -> str:
    columns = [column.name for column in FILES[name].columns if column.name != "report_id"]
    used = [column for column in columns if any(row.get(column) is not None for row in rows)]
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(used)
    writer.writerows([_text(row.get(column)) for column in used] for row in rows)
    return file.getvalue()


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, Decimal):
        return f"{cell.normalize():f}"
    return cell.isoformat() if isinstance(cell, date) else str(cell)
