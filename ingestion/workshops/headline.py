"""The figures of the introduction: workshops per department, contributions per theme and their shares, totals.

Each department's chapter opens with a sentence that states its number of workshops again: one more mention.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ingestion.numbers import parse_in_unit
from ingestion.workshops.layout import Layout
from ingestion.workshops.lines import Line, folded, paragraph
from ingestion.workshops.rows import Cell, Row, place_of
from ingestion.workshops.segments import Synthesis


@dataclass
class Headline:
    """Figures, the links between totals and parts, and each department's name as the table prints it, by code."""

    figures: list[Row] = field(default_factory=list)
    links: list[Row] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)

    def link(self, key: str, figures: Sequence[Row]) -> None:
        """Bind the total of a table to the parts that make it up."""
        for figure in figures:
            role = "total" if str(figure["figure_key"]).endswith("-total") else "part"
            row: Row = {"link_key": key, "figure_key": figure["figure_key"], "role": role, "exhaustive": "yes"}
            self.links.append(row)


def read_headline(synthesis: Synthesis, layout: Layout) -> Headline:
    """Rows of ``figures.csv`` and ``links.csv``."""
    headline = Headline()
    _read_workshops(headline, synthesis.introduction, layout)
    _read_departments(headline, synthesis, layout)
    _read_contributions(headline, synthesis.introduction, layout)
    headline.figures = _with_repeats(headline.figures)
    return headline


def _read_workshops(headline: Headline, lines: Sequence[Line], layout: Layout) -> None:
    patterns = layout.introduction
    for line in lines:
        if match := line.find(patterns["workshops_sentence"]):
            text = _workshops(layout, "ateliers-texte", layout.region, line, match)
            headline.figures.append(text | {"date_is_explicit": True})
    parts = []
    for line in _table(lines, patterns["workshops_header"]):
        if match := line.find(patterns["workshops_row"]):
            code = match["code"]
            headline.labels[code] = folded(match["label"])
            parts.append(_workshops(layout, f"ateliers-{code.lower()}", f"department:{code}", line, match))
        elif match := line.find(patterns["workshops_total"]):
            parts.append(_workshops(layout, "ateliers-total", layout.region, line, match))
            break
    key = "ateliers-par-departement"
    headline.figures += [part | _in_table(key) for part in parts]
    headline.link(key, parts)


def _read_departments(headline: Headline, synthesis: Synthesis, layout: Layout) -> None:
    for department in synthesis.departments:
        for line in department.opening:
            if match := line.find(layout.department["workshops_sentence"]):
                key = f"ateliers-{department.code.lower()}-texte"
                headline.figures.append(_workshops(layout, key, department.territory_key, line, match))


def _workshops(layout: Layout, key: str, territory: str, line: Line, match: re.Match[str]) -> Row:
    return _figure(
        key,
        line,
        match,
        "count",
        indicator_code=layout.indicators["workshops"],
        territory_key=territory,
        period=layout.workshops_period,
    )


def _read_contributions(headline: Headline, lines: Sequence[Line], layout: Layout) -> None:
    counts, shares = [], []
    for number, line, match in _themes(lines, layout):
        suffix = "total" if number is None else f"theme-{number}"
        counts.append(_contributions(layout, f"contributions-{suffix}", number, line, match))
        shares.append(_share(layout, f"part-contributions-{suffix}", number, line, match))
    headline.link("contributions-par-theme", counts)
    headline.link("part-contributions-par-theme", shares)
    headline.figures += [figure | _in_table("contributions-par-theme") for figure in (*counts, *shares)]
    headline.figures += _shares_in_words(lines, layout)


def _themes(lines: Sequence[Line], layout: Layout) -> Iterator[tuple[int | None, Line, re.Match[str]]]:
    """The rows of the table of contributions: the theme's number (none for the total) and the cells."""
    patterns = layout.introduction
    number = 0
    for line in _table(lines, patterns["contributions_header"]):
        if match := line.find(layout.headings["theme"]):
            number = int(match["no"])
        if match := line.find(patterns["contributions_total"]):
            yield None, line, match
            return
        if match := line.find(patterns["contributions_row"]):
            yield number, line, match


def _contributions(layout: Layout, key: str, theme: int | None, line: Line, match: re.Match[str]) -> Row:
    indicator = layout.indicators["contributions"]
    return _figure(
        key,
        line,
        match,
        "count",
        indicator_code=indicator if theme is None else f"{indicator}_theme_{theme}",
        territory_key=layout.region,
        period=layout.contributions_period,
    )


def _share(layout: Layout, key: str, theme: int | None, line: Line, match: re.Match[str]) -> Row:
    names = layout.indicators
    return _figure(
        key,
        line,
        match,
        "percent",
        indicator_code=names["share"] if theme is None else f"{names['share']}_theme_{theme}",
        territory_key=layout.region,
        period=layout.contributions_period,
        denominator_fr="contributions collectées",
        denominator_indicator=names["contributions"],
    )


def _shares_in_words(lines: Sequence[Line], layout: Layout) -> Iterator[Row]:
    """A share that the running text gives in words, of the theme that the sentence is about."""
    patterns = layout.introduction
    subject: int | None = None
    for index, line in enumerate(lines):
        if match := patterns["share_subject"].search(f"{paragraph(lines[index:])} "):
            subject = int(match["no"])
        if subject and (match := line.find(patterns["share_sentence"])):
            yield _share(layout, f"part-contributions-theme-{subject}-texte", subject, line, match)


def _figure(key: str, line: Line, match: re.Match[str], unit: str, **said: Any) -> Row:
    group = "share" if unit == "percent" else "count"
    share = unit == "percent"
    return {
        "figure_key": key,
        **said,
        "value": parse_in_unit(match[group], unit).value,
        "unit": unit,
        "kind": "share" if share else "actual",
        "value_form": "share" if share else "level",
        "obs_status": "observed",
        "date_is_explicit": False,
        **place_of(line, match, group),
        "exhibit_kind": "text",
        "statement_origin": "publisher",
        "extraction_method": "parser",
        "review_status": "unreviewed",
    }


def _in_table(exhibit: str) -> Row:
    return {"exhibit_id": exhibit, "exhibit_kind": "table"}


def _with_repeats(figures: Sequence[Row]) -> list[Row]:
    """The figures in the order of the pages; a later mention of one fact names the first."""
    first: dict[tuple[Cell, ...], Cell] = {}
    rows = []
    for figure in sorted(figures, key=lambda figure: figure["char_start"] or 0):
        fact = (figure["indicator_code"], figure["territory_key"], figure["period"])
        earlier = first.setdefault(fact, figure["figure_key"])
        rows.append(figure | {"repeats": earlier} if earlier != figure["figure_key"] else figure)
    return rows


def _table(lines: Sequence[Line], header: re.Pattern[str]) -> Sequence[Line]:
    """The lines below a header."""
    start = next((index for index, line in enumerate(lines) if line.find(header)), len(lines))
    return lines[start + 1 :]
