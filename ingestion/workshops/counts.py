"""The count tables: problems, findings, subjects and proposals, of the region and of each department.

A line of such a table is a label and, at its end, a number; the page has torn many of them. A label may be wrapped, the
number may stand alone below it, or come before the label's last words where a page ends. A label may itself end in a
number. Two things tell them apart: a bullet opens a label, and a line that goes on with a small letter right below
another continues it.

Groups are told from their items by the missing bullet. Where a bullet is lost the group's total decides: a line belongs
to the open group as long as it fits in what this one's items still lack.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ingestion.workshops.layout import CountTable, Layout
from ingestion.workshops.lines import Line, folded
from ingestion.workshops.rows import Row, place_of
from warehouse.errors import InputError

_COUNTED = re.compile(r"^(?:(?P<label>.*\S)\s+)?(?P<count>\d+)$")


@dataclass(frozen=True)
class Theme:
    """A theme of the workshops, with its label as printed."""

    number: int
    label: str


@dataclass
class CountBlock:
    """One printed table: its theme, its shape and its lines."""

    theme: Theme
    table: CountTable
    lines: list[Line] = field(default_factory=list)


@dataclass
class CountLine:
    """A label and its count, torn pieces put together; ``line`` and ``match`` say where the count is printed.

    ``marked`` says whether its bullet survived as a character.
    """

    label: str
    bulleted: bool
    marked: bool
    line: Line
    match: re.Match[str] | None = None

    @property
    def count(self) -> int | None:
        return int(self.match["count"]) if self.match else None

    def extend(self, text: str | None) -> None:
        """Add words to the label."""
        self.label = folded(f"{self.label} {text or ''}")

    def close(self, line: Line, match: re.Match[str]) -> None:
        """Take the number of this line as the count; a number taken before belonged to the label."""
        if self.match:
            self.extend(self.match["count"])
        self.extend(match["label"])
        self.line, self.match = line, match


def read_counts(lines: Sequence[Line], layout: Layout, territory_key: str) -> list[Row]:
    """Rows of ``counts.csv`` for one synthesis.

    Raises:
        InputError: a table before any theme, or a label without a count.
    """
    rows: list[Row] = []
    for block in _blocks(lines, layout):
        counted = _count_lines(block.lines, layout)
        placed = _in_groups(counted) if block.table.grouped else _without_groups(counted)
        rows += [_row(block, layout, territory_key, *each) for each in placed]
    return rows


def _blocks(lines: Sequence[Line], layout: Layout) -> list[CountBlock]:
    blocks: list[CountBlock] = []
    theme: Theme | None = None
    inside = False
    for index, line in enumerate(lines):
        if match := line.find(layout.headings["theme"]):
            label = " ".join([match["label"], *(line.content for line in layout.label_lines(lines[index + 1 :]))])
            theme, inside = Theme(int(match["no"]), folded(label)), False
        elif table := next((t for t in layout.count_tables if line.find(t.opens)), None):
            blocks.append(CountBlock(_known(theme, line, layout), table))
            inside = True
        elif line.find(layout.headings["regional_section"]) or line.find(layout.headings["part"]):
            inside = False
        elif inside:
            blocks[-1].lines.append(line)
    return blocks


def _known(theme: Theme | None, line: Line, layout: Layout) -> Theme:
    if theme is None:
        raise _mismatch(layout, line, "une thématique était attendue avant le premier tableau de nombres")
    return theme


def _count_lines(lines: Iterable[Line], layout: Layout) -> list[CountLine]:
    """Put the pieces of each line together."""
    closed: list[CountLine] = []
    opened: CountLine | None = None
    for line in _without_running_text(lines, layout):
        match = line.find(_COUNTED)
        if opened and line.bulleted:
            raise _mismatch(layout, opened.line, f"un nombre était attendu après « {opened.label} »")
        if opened is None and closed and _continues(closed[-1], line, match):
            _continue(closed[-1], line, match)
            continue
        opened = opened or CountLine("", line.bulleted, line.marked, line)
        if match:
            opened.close(line, match)
            closed.append(opened)
            opened = None
        else:
            opened.extend(line.content)
    if opened:
        raise _mismatch(layout, opened.line, f"un nombre était attendu après « {opened.label} »")
    return closed


def _without_running_text(lines: Iterable[Line], layout: Layout) -> Iterator[Line]:
    """Leave out blank lines, the table's header, the note on what is counted and the quoted examples."""
    patterns = layout.count_lines
    skipping = ""
    for line in lines:
        if skipping == "example" and (line.closes_cell or (line.bulleted and line.content)):
            skipping = ""
        if skipping == "note" and not line.content:
            skipping = ""
        skipping = next((name for name in ("note", "example") if line.find(patterns[name])), skipping)
        if line.content and not skipping and not line.find(patterns["header"]):
            yield line


def _continues(above: CountLine, line: Line, match: re.Match[str] | None) -> bool:
    """Whether a line goes on with the closed line above: words in small letters below it, or a number alone.

    Right below it, unless bullets survived: a blank line then parts nothing that a bullet does not.
    """
    alone = match is not None and match["label"] is None
    near = line.follows_text or above.marked
    return alone or (near and not line.bulleted and line.content[0].islower())


def _continue(above: CountLine, line: Line, match: re.Match[str] | None) -> None:
    if match:
        above.close(line, match)
    else:
        above.extend(line.content)


def _without_groups(lines: Iterable[CountLine]) -> Iterator[tuple[CountLine, CountLine | None, str]]:
    """Each line, no group, and its number in the table."""
    for number, line in enumerate(lines, 1):
        yield line, None, f"{number:02}"


def _in_groups(lines: Iterable[CountLine]) -> Iterator[tuple[CountLine, CountLine | None, str]]:
    """Each line, its group (itself for a group's total) and its number: ``g02`` for a total, ``g02-03`` for an item."""
    group: CountLine | None = None
    lacking, groups, items = 0, 0, 0
    for line in lines:
        count = line.count or 0
        if group and (line.bulleted or count <= lacking):
            lacking, items = lacking - count, items + 1
            yield line, group, f"g{groups:02}-{items:02}"
        else:
            group, lacking, groups, items = line, count, groups + 1, 0
            yield line, group, f"g{groups:02}"


def _row(
    block: CountBlock, layout: Layout, territory_key: str, line: CountLine, group: CountLine | None, number: str
) -> Row:
    is_total = group is line
    section = block.table.section
    return {
        "count_key": f"{territory_key.replace(':', '-')}-t{block.theme.number}-{section}-{number}",
        "territory_key": territory_key,
        "theme_no": block.theme.number,
        "theme_label_fr": block.theme.label,
        "section": section,
        "group_label_fr": _label(group, layout) if group else None,
        "item_label_fr": None if is_total else _label(line, layout),
        "is_group_total": is_total,
        "mentions": line.count,
        "counted_unit": block.table.counted_unit,
        **place_of(line.line, line.match, "count"),
    }


def _label(line: CountLine, layout: Layout) -> str:
    return layout.same_labels.get(line.label, line.label)


def _mismatch(layout: Layout, line: Line, expectation: str) -> InputError:
    return InputError(
        file=layout.name,
        line=line.number,
        expectation=expectation,
        next_step="Comparez le tableau du document aux motifs de sa forme, dans ingestion/workshops/layouts",
    )
