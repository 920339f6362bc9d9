"""A synthesis of workshops in, an extract folder out."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

from ingestion.extracts_reading import FILES
from ingestion.report_file import REPORT_FILE
from ingestion.schemas import REPORT
from ingestion.workshops.counts import read_counts
from ingestion.workshops.headline import read_headline
from ingestion.workshops.layout import Layout
from ingestion.workshops.lines import split_lines, without_footers
from ingestion.workshops.meetings import participation_rows, read_workshops, statement_rows, workshop_rows
from ingestion.workshops.rows import Cell, Row
from ingestion.workshops.segments import Synthesis, cut

TABLES = ("figures", "links", "counts", "workshops", "participants", "statements")


@dataclass(frozen=True)
class WorkshopExtract:
    """What a synthesis of workshops says, as rows of the tables of :mod:`ingestion.schemas` without report_id.

    ``report`` holds the cells of ``report.yml``; no row holds running text.
    """

    report: Row
    counts: tuple[Row, ...]
    workshops: tuple[Row, ...]
    participants: tuple[Row, ...]
    statements: tuple[Row, ...]
    figures: tuple[Row, ...]
    links: tuple[Row, ...]


def parse_workshops(text: str, layout: Layout) -> WorkshopExtract:
    """Read the whole text of a synthesis, line feeds untranslated.

    Raises:
        InputError: the text has not the form that the layout declares; names the line.
    """
    lines = without_footers(split_lines(text, layout.bullets), layout.footers)
    synthesis = cut(lines, layout, layout.name)
    headline = read_headline(synthesis, layout)
    workshops = read_workshops(synthesis, headline.labels, layout)
    return WorkshopExtract(
        report={**layout.report, "source_sha256": sha256(text.encode()).hexdigest()},
        counts=tuple(_counts(synthesis, layout)),
        workshops=tuple(workshop_rows(workshops, layout)),
        participants=tuple(participation_rows(workshops, layout)),
        statements=tuple(statement_rows(workshops, synthesis, layout)),
        figures=tuple(headline.figures),
        links=tuple(headline.links),
    )


def extract_files(extract: WorkshopExtract) -> dict[str, bytes]:
    """The files of the extract's folder, by name; the same extract gives the same bytes."""
    tables = {f"{table}.csv": getattr(extract, table) for table in TABLES}
    return {
        REPORT_FILE: _report(extract.report).encode(),
        **{name: _csv(name, rows).encode() for name, rows in tables.items() if rows},
    }


def write_extract(extract: WorkshopExtract, folder: Path) -> None:
    """Write the files of the extract's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in extract_files(extract).items():
        (folder / name).write_bytes(content)


def _counts(synthesis: Synthesis, layout: Layout) -> list[Row]:
    rows = read_counts(synthesis.regional, layout, layout.region)
    for department in synthesis.departments:
        rows += read_counts(department.synthesis, layout, department.territory_key)
    return rows


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
