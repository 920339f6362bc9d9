"""A synthesis of workshops in, the rows of its extract out."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from ingestion.workshops.counts import read_counts
from ingestion.workshops.headline import read_headline
from ingestion.workshops.layout import Layout
from ingestion.workshops.ledger import facts_of, ledger_rows
from ingestion.workshops.lines import split_lines, without_footers
from ingestion.workshops.meetings import participation_rows, read_workshops, statement_rows, workshop_rows
from ingestion.workshops.rows import Row
from ingestion.workshops.segments import Synthesis, cut


@dataclass(frozen=True)
class WorkshopExtract:
    """What a synthesis of workshops says, as rows of the tables of :mod:`ingestion.schemas` without report_id.

    ``report`` holds the cells of ``report.yml``; no row holds running text. ``chapters`` are the offsets where the
    chapters of the departments begin, each with its territory_key.
    """

    report: Row
    counts: tuple[Row, ...]
    workshops: tuple[Row, ...]
    participants: tuple[Row, ...]
    statements: tuple[Row, ...]
    figures: tuple[Row, ...]
    links: tuple[Row, ...]
    ledger: tuple[Row, ...]
    chapters: tuple[tuple[int, str], ...] = ()


def parse_workshops(text: str, layout: Layout) -> WorkshopExtract:
    """Read the whole text of a synthesis, line feeds untranslated.

    Raises:
        InputError: the text has not the form that the layout declares; names the line.
    """
    lines = split_lines(text, layout.bullets)
    synthesis = cut(without_footers(lines, layout.footers), layout, layout.name)
    headline = read_headline(synthesis, layout)
    workshops = read_workshops(synthesis, headline.labels, layout)
    counts = _counts(synthesis, layout)
    participants = participation_rows(workshops, layout)
    statements = statement_rows(workshops, synthesis, layout)
    facts = facts_of(headline.figures, counts, participants, statements)
    return WorkshopExtract(
        report={**layout.report, "source_sha256": sha256(text.encode()).hexdigest()},
        counts=tuple(counts),
        workshops=tuple(workshop_rows(workshops, layout)),
        participants=tuple(participants),
        statements=tuple(statements),
        figures=tuple(headline.figures),
        links=tuple(headline.links),
        ledger=tuple(ledger_rows(text, lines, synthesis, layout, facts)),
        chapters=tuple((part.opening[0].start, part.territory_key) for part in synthesis.departments),
    )


def _counts(synthesis: Synthesis, layout: Layout) -> list[Row]:
    rows = read_counts(synthesis.regional, layout, layout.region)
    for department in synthesis.departments:
        rows += read_counts(department.synthesis, layout, department.territory_key)
    return rows
