"""Cut a synthesis at its headings: introduction, regional synthesis, then each department with its workshops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ingestion.workshops.layout import Form
from ingestion.workshops.lines import Line, folded
from warehouse.errors import InputError


@dataclass
class WorkshopReport:
    """The report of one workshop: its heading, the place in it and the lines below."""

    heading: Line
    place: str
    lines: list[Line] = field(default_factory=list)


@dataclass
class Department:
    """A department's chapter: what stands before its synthesis, the synthesis, the workshops' reports."""

    code: str
    name: str
    opening: list[Line] = field(default_factory=list)
    synthesis: list[Line] = field(default_factory=list)
    reports: list[WorkshopReport] = field(default_factory=list)

    @property
    def territory_key(self) -> str:
        return f"department:{self.code}"


@dataclass
class Synthesis:
    """The whole document, cut."""

    introduction: list[Line] = field(default_factory=list)
    regional: list[Line] = field(default_factory=list)
    departments: list[Department] = field(default_factory=list)


def cut(lines: Sequence[Line], form: Form, name: str) -> Synthesis:
    """Cut the lines of the document ``name`` at their headings.

    Raises:
        InputError: no introduction or no department was found: the document has another form.
    """
    synthesis = Synthesis()
    bucket: list[Line] = []
    for line in lines:
        bucket = _bucket(synthesis, line, form, bucket)
        bucket.append(line)
    if not synthesis.introduction or not synthesis.departments:
        raise InputError(
            file=name,
            line=lines[0].number if lines else None,
            expectation="une introduction et les chapitres des départements étaient attendus, il en manque",
            next_step="Vérifiez que c’est le bon document, ou déclarez les titres de sa forme",
        )
    return synthesis


def _bucket(synthesis: Synthesis, line: Line, form: Form, current: list[Line]) -> list[Line]:
    """Where a line belongs: what a heading opens, else where the line before it went."""
    headings = form.headings
    if line.find(headings["introduction"]):
        return synthesis.introduction
    if current is synthesis.introduction and line.find(headings["regional_theme"]):
        return synthesis.regional
    if match := line.find(headings["department"]):
        synthesis.departments.append(Department(match["code"], folded(match["name"])))
        return synthesis.departments[-1].opening
    if synthesis.departments and line.find(headings["department_synthesis"]):
        return synthesis.departments[-1].synthesis
    if synthesis.departments and (match := line.find(headings["workshop_report"])):
        report = WorkshopReport(line, folded(match["place"]))
        synthesis.departments[-1].reports.append(report)
        return report.lines
    return current
