"""The ledger of the numerals that the form itself prints: what each is, or why it says nothing of the region.

A numeral that a row of the extract holds (a count, a cell, a date, a figure of the introduction) is observed; one of a
heading, of a page footer, of a theme's label or of a department's name is dismissed with the reason that the form
declares. Running text is not the form's: its numerals are left to whoever reads it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ingestion.figures.ledger import DISMISSED, OBSERVED, PART_OF
from ingestion.figures.numerals import Numeral, find_numerals
from ingestion.workshops.layout import Layout
from ingestion.workshops.lines import Line, folded, is_footer
from ingestion.workshops.rows import Row
from ingestion.workshops.segments import Synthesis

#: What a statement of these attributes says is no number: a hall's, a street's, a workshop's report.
_NOT_NUMBERS = ("place", "report")

Span = tuple[int, int]


@dataclass
class Structure:
    """Stretches of the text with the reason that dismisses a numeral in them; the first that holds one gives it."""

    layout: Layout
    reasons: dict[int, list[tuple[Span, str]]] = field(default_factory=dict)

    def add(self, line: Line, reason: str, span: Span | None = None) -> None:
        """Dismiss the numerals of a line, or of a stretch of it."""
        stretch = span or (line.start, line.end)
        self.reasons.setdefault(line.number, []).append((stretch, self.layout.reasons[reason]))

    def reason(self, line: int, numeral: Numeral) -> str | None:
        """Why a numeral is dismissed; None where it does not belong to the form."""
        stretches = self.reasons.get(line, ())
        return next((why for span, why in stretches if span[0] <= numeral.start and numeral.end <= span[1]), None)


def ledger_rows(text: str, lines: Sequence[Line], synthesis: Synthesis, layout: Layout, facts: Facts) -> list[Row]:
    """Rows of ``ledger.csv``, in the order of the text. ``lines`` are all of them, page footers too.

    The first numeral of a row of the extract is observed, the others (the year of a date) are part of it. Two cells
    side by side may read as one number: each then has its own part.
    """
    structure = _structure(lines, synthesis, layout)
    starts = [line.start for line in lines]
    rows: list[Row] = []
    told: set[Fact] = set()
    for numeral in find_numerals(text):
        line = lines[bisect_right(starts, numeral.start) - 1]
        touching = facts.touching(numeral)
        for fact in touching:
            start, end = max(fact.start, numeral.start), min(fact.end, numeral.end)
            disposition = PART_OF if fact in told else OBSERVED
            rows.append(_place(text, line, start, end) | {"disposition": disposition, fact.column: fact.key})
        told.update(touching)
        if not touching and (reason := structure.reason(line.number, numeral)):
            place = _place(text, line, numeral.start, numeral.end)
            rows.append(place | {"disposition": DISMISSED, "reason": reason})
    return rows


@dataclass(frozen=True)
class Fact:
    """A row of the extract: where it stands, the column of the ledger that names it, and its key."""

    start: int
    end: int
    column: str
    key: str


@dataclass(frozen=True)
class Facts:
    """What the rows of the extract hold, in the order of the text."""

    facts: tuple[Fact, ...]
    starts: tuple[int, ...]

    def touching(self, numeral: Numeral) -> list[Fact]:
        """The rows that a numeral belongs to: several where two cells side by side read as one number."""
        first = max(bisect_right(self.starts, numeral.start) - 1, 0)
        last = bisect_left(self.starts, numeral.end)
        touching = [fact for fact in self.facts[first:last] if fact.end > numeral.start]
        whole = [fact for fact in touching if fact.start <= numeral.start and numeral.end <= fact.end]
        return whole[:1] or touching


def facts_of(
    figures: Iterable[Row], counts: Iterable[Row], participants: Iterable[Row], statements: Iterable[Row]
) -> Facts:
    """The facts of an extract by their span; where two rows stand at one place, the earlier argument's."""
    held: dict[int, Fact] = {}
    cells = (row for row in participants if row["participants"] is not None)
    said = (row for row in statements if row["attribute"] not in _NOT_NUMBERS)
    named: tuple[tuple[Iterable[Row], str, str], ...] = (
        (figures, "figure_key", "{figure_key}"),
        (counts, "fact_ref", "{count_key}"),
        (cells, "fact_ref", "{workshop_key}|{participant_category}"),
        (said, "fact_ref", "{statement_key}"),
    )
    for rows, column, key in named:
        for row in rows:
            start, end = row["char_start"], row["char_end"]
            if isinstance(start, int) and isinstance(end, int):
                held.setdefault(start, Fact(start, end, column, key.format_map(row)))
    starts = tuple(sorted(held))
    return Facts(tuple(held[start] for start in starts), starts)


def _place(text: str, line: Line, start: int, end: int) -> Row:
    return {
        "source_line": line.number,
        "char_start": start,
        "char_end": end,
        "printed": folded(text[start:end]),
    }


def _structure(lines: Sequence[Line], synthesis: Synthesis, layout: Layout) -> Structure:
    structure = Structure(layout)
    for line in lines:
        if is_footer(line, layout.footers):
            structure.add(line, "page")
        elif line.content:
            _add_heading(structure, line)
    _add_labels(structure, synthesis)
    _add_introduction(structure, synthesis.introduction)
    for department in synthesis.departments:
        for line in department.opening:
            _add_table_line(structure, line)
        for report in department.reports:
            for line in report.lines:
                _add_moment(structure, line)
    return structure


def _add_heading(structure: Structure, line: Line) -> None:
    headings = structure.layout.headings
    for name in ("department", "department_synthesis", "workshop_report", "regional_section", "introduction", "part"):
        if match := line.find(headings[name]):
            for group, reason in (("name", "department"), ("code", "department"), ("place", "place")):
                if group in match.groupdict():
                    structure.add(line, reason, line.span(match, group))
            structure.add(line, "heading")
            return
    if match := line.find(headings["theme"]):
        structure.add(line, "theme", line.span(match, "no"))
        structure.add(line, "heading", (line.start, line.span(match, "no")[0]))


def _add_labels(structure: Structure, synthesis: Synthesis) -> None:
    """The words of the themes' labels, in the syntheses: a workshop's report may go on right below its heading."""
    for lines in (synthesis.introduction, synthesis.regional, *(d.synthesis for d in synthesis.departments)):
        for index, line in enumerate(lines):
            if line.find(structure.layout.headings["theme"]):
                for below in (line, *structure.layout.label_lines(lines[index + 1 :])):
                    structure.add(below, "label")


def _add_introduction(structure: Structure, lines: Sequence[Line]) -> None:
    layout = structure.layout
    for line in lines:
        if match := line.find(layout.introduction["workshops_row"]):
            structure.add(line, "department", line.span(match, "label"))
        for pattern, reason in layout.introduction_numerals:
            for match in pattern.finditer(line.content):
                structure.add(line, reason, line.span(match))


def _add_table_line(structure: Structure, line: Line) -> None:
    patterns = structure.layout.department
    if match := line.find(patterns["table_row"]):
        structure.add(line, "department", line.span(match, "place"))
        structure.add(line, "moment")
    elif line.find(patterns["workshops_sentence"]):
        structure.add(line, "department")


def _add_moment(structure: Structure, line: Line) -> None:
    patterns = structure.layout.workshop_report
    for name, reason in (("place", "place"), ("date", "moment"), ("hours", "moment")):
        if line.find(patterns[name]):
            structure.add(line, reason)
