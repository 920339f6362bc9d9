"""The workshops: the table of each department, each workshop's own report, and what the two say of the same thing.

Nothing is corrected here. Where table and report differ (a date, a number of participants) both are kept, each with its
place; ``workshops.csv`` follows the table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from ingestion.workshops.layout import Layout
from ingestion.workshops.lines import Line, folded, slug
from ingestion.workshops.moments import read_date, read_hours
from ingestion.workshops.rows import Cell, Row, place_of
from ingestion.workshops.segments import Department, Synthesis, WorkshopReport

Found = tuple[Line, re.Match[str]]


@dataclass
class Workshop:
    """One workshop: its line in the department's table, its report; one of the two may be missing."""

    department: Department
    place: str
    announced: Found | None
    report: WorkshopReport | None = None

    @property
    def key(self) -> str:
        return f"{self.department.code.lower()}-{slug(self.place)}"


@dataclass
class Statements:
    """Rows of ``statements.csv`` with a key of their own each."""

    rows: list[Row] = field(default_factory=list)
    _times: dict[str, int] = field(default_factory=dict)

    def add(self, workshop: Workshop, attribute: str, stated_in: str, value: Cell, place: Row) -> None:
        """Add what one part of the document says of one attribute."""
        key = f"{workshop.key}.{attribute}.{stated_in}"
        times = self._times[key] = self._times.get(key, 0) + 1
        self.rows.append(
            {
                "statement_key": key if times == 1 else f"{key}-{times}",
                "workshop_key": workshop.key,
                "attribute": attribute,
                "stated_in": stated_in,
                "value": None if value is None else str(value),
                **place,
            }
        )


def read_workshops(synthesis: Synthesis, labels: dict[str, str], layout: Layout) -> list[Workshop]:
    """Every workshop, in the order of the tables. ``labels`` gives each department as tables name it, by code."""
    return [w for d in synthesis.departments for w in _of_department(d, labels.get(d.code, ""), layout)]


def workshop_rows(workshops: Sequence[Workshop], layout: Layout) -> list[Row]:
    """Rows of ``workshops.csv``; dates and hours as the table has them."""
    return [_workshop_row(workshop, layout) for workshop in workshops]


def participation_rows(workshops: Sequence[Workshop], layout: Layout) -> list[Row]:
    """Rows of ``participants.csv``: every printed cell, empty ones too."""
    return [
        {"workshop_key": w.key, "participant_category": category, **_cell(line, match, layout)}
        for w in workshops
        for category, (line, match) in _participants(w.report, layout).items()
    ]


def statement_rows(workshops: Sequence[Workshop], synthesis: Synthesis, layout: Layout) -> list[Row]:
    """Rows of ``statements.csv``: table, report and running text, attribute by attribute."""
    statements = Statements()
    promise = _first(synthesis.introduction, layout.introduction["reports_sentence"])
    for workshop in workshops:
        if workshop.announced:
            _state_table(statements, workshop, workshop.announced, layout)
        _state_report(statements, workshop, promise, layout)
        if workshop.report:
            _state_text(statements, workshop, workshop.report, workshops, layout)
    # The report of one workshop may speak of another: bring together what is said of each, in the order of the pages.
    return sorted(
        statements.rows, key=lambda row: (row["workshop_key"], row["source_line"] or 0, row["char_start"] or 0)
    )


def _of_department(department: Department, label: str, layout: Layout) -> list[Workshop]:
    workshops = [
        Workshop(department, _place(match, label), (line, match)) for line, match in _table(department, layout)
    ]
    for report in department.reports:
        workshop = _announced(report, workshops, layout)
        if workshop is None:
            workshop = Workshop(department, report.place, None)
            workshops.append(workshop)
        workshop.report = report
    return workshops


def _table(department: Department, layout: Layout) -> Iterator[Found]:
    inside = False
    for line in department.opening:
        if inside and (match := line.find(layout.department["table_row"])):
            yield line, match
        inside = inside or bool(line.find(layout.department["table_header"]))


def _place(match: re.Match[str], label: str) -> str:
    """The town; the first row of a table begins with the department."""
    place = folded(match["place"])
    return place.removeprefix(label).strip() or place


def _announced(report: WorkshopReport, workshops: Sequence[Workshop], layout: Layout) -> Workshop | None:
    """The workshop that a report is of: same town in its heading, else in its body, else the table says more."""
    free = [workshop for workshop in workshops if workshop.report is None]
    heading = slug(report.place)
    stated = _first(report.lines, layout.workshop_report["place"])
    body = slug(stated[1]["place"]) if stated else heading
    ways: tuple[Callable[[str], bool], ...] = (
        lambda town: town == heading,
        lambda town: town == body,
        lambda town: town.startswith(f"{heading}-"),
    )
    for same in ways:
        found = [workshop for workshop in free if same(slug(workshop.place))]
        if len(found) == 1:
            return found[0]
    return None


def _workshop_row(workshop: Workshop, layout: Layout) -> Row:
    department = workshop.department.territory_key
    row: Row = {
        "workshop_key": workshop.key,
        "department_territory_key": department,
        "place": workshop.place,
        "commune_territory_key": layout.commune(department, workshop.place),
        "has_report": workshop.report is not None,
    }
    if workshop.announced is None:
        return row
    line, match = workshop.announced
    times = [time for time, _ in read_hours(match["hours"] or "")]
    start, end = [*times, None, None][:2]
    held_on = read_date(match["date"], layout.year)
    return row | {"held_on": held_on, "start_time": start, "end_time": end, "source_line": line.number}


def _participants(report: WorkshopReport | None, layout: Layout) -> dict[str, Found]:
    """The cells below the header of the table, each category once."""
    cells: dict[str, Found] = {}
    inside = False
    for line in report.lines if report else ():
        named = _category(line, layout) if inside else None
        if named and named[0] not in cells:
            cells[named[0]] = (line, named[1])
        elif inside and line.content:
            break
        inside = inside or bool(line.find(layout.workshop_report["participants_header"]))
    return cells


def _category(line: Line, layout: Layout) -> tuple[str, re.Match[str]] | None:
    for category, pattern in layout.categories.items():
        if match := line.find(pattern):
            return category, match
    return None


def _cell(line: Line, match: re.Match[str], layout: Layout) -> Row:
    printed = match["cell"].strip()
    if printed.isdigit():
        number, reason = int(printed), None
    elif printed in layout.not_communicated:
        number, reason = None, "NC"
    else:
        number, reason = None, "text" if printed else "blank"
    return {"participants": number, "missing_reason": reason, **_trimmed(line, match)}


def _trimmed(line: Line, match: re.Match[str]) -> Row:
    """Place of a cell without its white space; an empty cell has a line only."""
    place = place_of(line, match, "cell")
    start, end = line.span(match, "cell")
    cell = match["cell"]
    if not cell.strip():
        return place | {"char_start": None, "char_end": None}
    return place | {"char_start": start + len(cell) - len(cell.lstrip()), "char_end": end}


def _state_table(statements: Statements, workshop: Workshop, announced: Found, layout: Layout) -> None:
    line, match = announced
    printed = workshop.place
    end = line.span(match, "place")[1]
    place: Row = {
        "printed": printed,
        "source_line": line.number,
        "char_start": end - len(printed),
        "char_end": end,
    }
    statements.add(workshop, "place", "table", None, place)
    _state_moment(statements, workshop, "table", line, match, layout)


def _state_report(statements: Statements, workshop: Workshop, promise: Found | None, layout: Layout) -> None:
    if promise and workshop.announced:
        statements.add(workshop, "report", "text", 1, place_of(*promise, "each"))
    report = workshop.report
    if report is None:
        statements.add(workshop, "report", "report", 0, {"printed": None, "source_line": None, "char_start": None})
        return
    heading = report.heading.find(layout.headings["workshop_report"])
    statements.add(workshop, "report", "report", 1, place_of(report.heading, heading, "place"))
    for name in ("place", "date", "hours"):
        found = _first(report.lines, layout.workshop_report[name])
        if found and name == "place":
            statements.add(workshop, "place", "report", None, place_of(*found, "place"))
        elif found:
            _state_moment(statements, workshop, "report", *found, layout)
    if total := _participants(report, layout).get("total"):
        cell = _cell(*total, layout)
        statements.add(workshop, "participants", "report", cell["participants"], _trimmed(*total))


def _state_text(
    statements: Statements,
    workshop: Workshop,
    report: WorkshopReport,
    workshops: Sequence[Workshop],
    layout: Layout,
) -> None:
    """What running text says: numbers and dates only, never the words around them."""
    for line in report.lines:
        if found := _any(line, layout.text["participants"]):
            number = int(found["participants"])
            statements.add(workshop, "participants", "text", number, place_of(line, found, "participants"))
        for moment in ("date", "hours"):
            if found := _any(line, layout.text[moment]):
                _state_moment(statements, workshop, "text", line, found, layout)
        if found := _any(line, layout.text["date_elsewhere"]):
            for other in _held_at(found["place"], workshop, workshops):
                _state_moment(statements, other, "text", line, found, layout)


def _state_moment(
    statements: Statements, workshop: Workshop, stated_in: str, line: Line, match: re.Match[str], layout: Layout
) -> None:
    """The date, the start and the end, as far as a match has them."""
    groups = match.groupdict()
    if printed := groups.get("date"):
        value = read_date(printed, layout.year)
        statements.add(workshop, "date", stated_in, value and value.isoformat(), place_of(line, match, "date"))
    if printed := groups.get("hours"):
        offset = line.span(match, "hours")[0]
        for attribute, (time, hour) in zip(("start_time", "end_time"), read_hours(printed), strict=False):
            place: Row = {
                "printed": hour[0],
                "source_line": line.number,
                "char_start": offset + hour.start(),
                "char_end": offset + hour.end(),
            }
            statements.add(workshop, attribute, stated_in, time, place)


def _held_at(place: str, workshop: Workshop, workshops: Sequence[Workshop]) -> list[Workshop]:
    """The other workshop of the department held in a town that this one's report names."""
    return [w for w in workshops if w.department is workshop.department and slug(w.place) == slug(place)]


def _first(lines: Sequence[Line], pattern: re.Pattern[str]) -> Found | None:
    return next(((line, match) for line in lines if (match := line.find(pattern))), None)


def _any(line: Line, patterns: Sequence[re.Pattern[str]]) -> re.Match[str] | None:
    return next((match for pattern in patterns if (match := line.find(pattern))), None)
