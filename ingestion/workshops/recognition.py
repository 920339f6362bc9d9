"""Which declared form a text has, and what the form leaves to each document: region, year, title, date.

A document that people declared (``layouts/cnr-na-2022.yml``) is known by its form, its region and its year; what they
declared goes before what is read here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from ingestion.periods import MONTHS_FR
from ingestion.territories import fold_name, scan_territories
from ingestion.workshops.layout import LAYOUTS, PLACES, Form, Layout, layout_of, load_form, load_layout, read_yaml
from ingestion.workshops.lines import Line, folded, slug, split_lines, without_footers
from ingestion.workshops.moments import read_date
from ingestion.workshops.segments import Synthesis, cut
from warehouse.errors import InputError

_DAY = re.compile(r"\d{1,2}(?:er)? ")


def recognise_form(text: str, name: str | None = None, folder: Path = LAYOUTS, places: Path = PLACES) -> Layout | None:
    """The layout of a text that has one of the declared forms of ``folder``; None for any other text.

    ``name`` is what the document is called as delivered. ``places`` holds the towns of the declared documents.

    Raises:
        InputError: it has a declared form, but its region or its year cannot be told; in French, names the line.
    """
    declared = {path: read_yaml(path) for path in sorted(folder.glob("*.yml"))}
    for path, content in declared.items():
        if "form" not in content:
            form = load_form(path)
            lines = split_lines(text, form.bullets)
            if _has_form(lines, form):
                own = [p for p, c in declared.items() if c.get("form") == path.stem]
                return _layout(lines, form, name, own, places)
    return None


def _has_form(lines: Iterable[Line], form: Form) -> bool:
    """Whether every heading that the form is recognised by stands in the text."""
    wanted = [form.headings[heading] for heading in form.recognised_by]
    for line in lines:
        if line.content:
            wanted = [pattern for pattern in wanted if not line.find(pattern)]
            if not wanted:
                return True
    return False


def _layout(lines: Sequence[Line], form: Form, name: str | None, own: Sequence[Path], places: Path) -> Layout:
    synthesis = cut(without_footers(lines, form.footers), form, name or "document")
    introduction = folded(" ".join(line.content for line in synthesis.introduction))
    region, region_name = _region(synthesis, introduction, form, name)
    period = form.own.period.search(introduction)
    year = int(period["year"]) if period else _year(synthesis, form, name)
    for document in own:
        layout = load_layout(document, places / f"{document.stem}.csv")
        if (layout.region, layout.year) == (region, year):
            return replace(layout, report={**layout.report, "source_name": name or layout.name})
    cells = _named(form, region_name, year)
    title = next((match for line in lines if (match := line.find(form.own.title_printed))), None)
    printed_on = form.own.published_on.search(introduction)
    published_on, precision = _published(printed_on["date"]) if printed_on else (date(year, 1, 1), "year")
    report: dict[str, Any] = {
        **cells,
        "title": folded(title["title"]) if title else cells["title"],
        "scope_territory_key": region,
        "published_on": published_on,
        "published_precision": precision,
        "source_name": name or f"{cells['report_id']}.txt",
        "extract_version": 1,
    }
    return layout_of(
        form,
        report=report,
        year=year,
        workshops_period=_period(period) if period else str(year),
        contributions_period=str(year),
        same_labels={},
        communes=None,
    )


def _named(form: Form, region_name: str, year: int) -> dict[str, str]:
    said = {"name": region_name, "slug": slug(region_name), "year": str(year)}
    return {cell: template.format_map(said) for cell, template in form.own.names.items()}


def _region(synthesis: Synthesis, introduction: str, form: Form, name: str | None) -> tuple[str, str]:
    """Key and name of the region: the one that the introduction names, else the one of all its departments."""
    named = (_region_at_start(match["region"]) for match in form.own.region.finditer(introduction))
    found = next((region for region in named if region), None)
    if found is None:
        parents = {_departments().get(department.code) for department in synthesis.departments}
        found = next((r for r in _regions() if parents == {r[0]}), None)
    if found is None:
        raise InputError(
            file=name or "document",
            line=synthesis.introduction[0].number,
            expectation="la région de la synthèse n’est pas reconnue : l’introduction ne la nomme pas et ses "
            "départements ne sont pas d’une seule région",
            next_step="Déclarez le document dans ingestion/workshops/layouts",
        )
    return found


def _region_at_start(words: str) -> tuple[str, str] | None:
    """The region whose name the words begin with."""
    said = f"{fold_name(words)} "
    return next((region for region in _regions() if said.startswith(f"{fold_name(region[1])} ")), None)


@lru_cache(maxsize=1)
def _regions() -> tuple[tuple[str, str], ...]:
    """Key and name of the regions in force, the longest names first."""
    import polars as pl

    regions = scan_territories().filter(pl.col("territory_level") == "region", pl.col("valid_to").is_null())
    rows = regions.select("territory_key", "name").collect().rows()
    return tuple(sorted(rows, key=lambda row: (-len(row[1]), row[0])))


@lru_cache(maxsize=1)
def _departments() -> dict[str, str]:
    """Key of the region in force of each department, by its code."""
    import polars as pl

    departments = scan_territories().filter(pl.col("territory_level") == "department", pl.col("valid_to").is_null())
    return dict(departments.select("territory_code", "region:" + pl.col("region_code")).collect().rows())


def _year(synthesis: Synthesis, form: Form, name: str | None) -> int:
    """The year of most workshops, by the tables of the departments."""
    rows = (line.find(form.department["table_row"]) for d in synthesis.departments for line in d.opening)
    dates = (read_date(row["date"], date.max.year) for row in rows if row)
    years = Counter(day.year for day in dates if day and day.year != date.max.year)
    if not years:
        raise InputError(
            file=name or "document",
            line=synthesis.introduction[0].number,
            expectation="l’année des ateliers n’est pas reconnue : ni l’introduction ni les tableaux ne l’indiquent",
            next_step="Déclarez le document dans ingestion/workshops/layouts",
        )
    return max(years, key=lambda year: (years[year], year))


def _period(match: re.Match[str]) -> str:
    """Period code of the months in which the workshops were held."""
    months = [MONTHS_FR.index(month.lower()) + 1 for month in (match["first"], match["last"]) if month]
    return "/".join(f"{match['year']}-{month:02}" for month in months)


def _published(printed: str) -> tuple[date, str]:
    """A date as printed and how much of it is known: "12 janvier 2023", "janvier 2023", "2023"."""
    year = int(printed[-4:])
    day = read_date(printed, year) or read_date(f"1 {printed}", year)
    if day is None:
        return date(year, 1, 1), "year"
    return day, "day" if _DAY.match(printed) else "month"
