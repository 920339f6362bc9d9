"""The files of an extract, and the folder where rows that people read by hand stand beside the parser's."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from ingestion.extracts_reading import FILES
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
    for name, content in extract_files(with_kept(extract, folder)).items():
        (folder / name).write_bytes(content)


def with_kept(extract: WorkshopExtract, folder: Path) -> WorkshopExtract:
    """The extract and, after its own rows, those of a folder that people read by hand.

    Of the figures these are all but the parser's, of the links those that bind such a figure, of the ledger those at a
    place that the parser does not account for. Rows of figures or facts that are gone are not kept.
    """
    figures = [row for row in _committed(folder, "figures") if row["extraction_method"] != "parser"]
    by_hand = {row["figure_key"] for row in figures}
    links = _committed(folder, "links")
    bonds = {row["link_key"] for row in links if row["figure_key"] in by_hand}
    known = by_hand | {row["figure_key"] for row in extract.figures}
    entries = [*extract.ledger, *_kept_entries(extract, _committed(folder, "ledger"), known)]
    return replace(
        extract,
        figures=(*extract.figures, *figures),
        links=(*extract.links, *(row for row in links if row["link_key"] in bonds)),
        ledger=tuple(sorted(entries, key=lambda row: int(str(row["char_start"])))),
    )


def _kept_entries(extract: WorkshopExtract, entries: Iterable[Row], known: set[Cell]) -> Iterator[Row]:
    accounted = {offset for row in extract.ledger for offset in _offsets(row)}
    facts = {row.get("fact_ref") for row in extract.ledger}
    for row in entries:
        stands = (row["figure_key"] is None or row["figure_key"] in known) and row["fact_ref"] in {None, *facts}
        if stands and accounted.isdisjoint(_offsets(row)):
            yield row


def _offsets(row: Row) -> range:
    return range(int(str(row["char_start"])), int(str(row["char_end"])))


def _committed(folder: Path, table: str) -> list[Row]:
    """The rows of a table of the folder as they are written there; columns that it leaves out are empty."""
    path = folder / f"{table}.csv"
    if not path.is_file():
        return []
    empty: Row = dict.fromkeys(column.name for column in FILES[path.name].columns)
    with path.open(encoding="utf-8", newline="") as file:
        return [empty | {name: cell or None for name, cell in row.items()} for row in csv.DictReader(file)]


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
