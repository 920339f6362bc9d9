"""The declared form of a synthesis of workshops, read from ``layouts/``.

A form (``cnr-sante.yml``) holds the patterns of headings, tables and footers; a document (``cnr-na-2022.yml``) names
its form and adds what is its own: the report's metadata, its year, its wordings. Another region's synthesis of the same
form is one more document file, and a CSV of its towns.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingestion.workshops.lines import slug
from ingestion.workshops.moments import DATE, HOURS

LAYOUTS = Path(__file__).parent / "layouts"
PLACES = Path(__file__).parent.parent / "reference" / "places"

Patterns = Mapping[str, re.Pattern[str]]


@dataclass(frozen=True)
class CountTable:
    """A shape of count table: the sentence that opens it, whether its lines stand in groups, what they count."""

    section: str
    opens: re.Pattern[str]
    grouped: bool
    counted_unit: str


@dataclass(frozen=True)
class Layout:
    """Form and document together; ``communes`` maps (department key, town's slug) to a commune key."""

    report: Mapping[str, Any]
    year: int
    figures: Mapping[str, Any]
    same_labels: Mapping[str, str]
    footers: tuple[re.Pattern[str], ...]
    headings: Patterns
    count_tables: tuple[CountTable, ...]
    count_lines: Patterns
    introduction: Patterns
    department: Patterns
    workshop_report: Patterns
    categories: Patterns
    not_communicated: frozenset[str]
    text: Mapping[str, tuple[re.Pattern[str], ...]]
    communes: Mapping[tuple[str, str], str]

    @property
    def region(self) -> str:
        return str(self.report["scope_territory_key"])


def declared_layout(report_id: str) -> Layout:
    """The layout of a document that the repository declares."""
    return load_layout(LAYOUTS / f"{report_id}.yml", PLACES / f"{report_id}.csv")


def load_layout(document: Path, places: Path) -> Layout:
    """Read a document file, the form that it names and its towns.

    ``places`` has the columns of ``ingestion/reference/places``; only rows with a commune count.
    """
    own = _yaml(document)
    form = _yaml(LAYOUTS / f"{own['form']}.yml")
    report = form["workshop_report"]
    return Layout(
        report=own["report"],
        year=own["year"],
        figures=own["figures"],
        same_labels=own["same_labels"],
        footers=tuple(map(_pattern, form["footers"])),
        headings=_patterns(form["headings"]),
        count_tables=tuple(CountTable(**table | {"opens": _pattern(table["opens"])}) for table in form["count_tables"]),
        count_lines=_patterns(form["count_lines"]),
        introduction=_patterns(form["introduction"]),
        department=_patterns(form["department"]),
        workshop_report=_patterns({name: text for name, text in report.items() if isinstance(text, str)}),
        categories=_patterns(report["categories"]),
        not_communicated=frozenset(report["not_communicated"]),
        text={name: tuple(map(_pattern, texts)) for name, texts in report["text"].items()},
        communes=_communes(places),
    )


def _yaml(path: Path) -> dict[str, Any]:
    from ruamel.yaml import YAML

    return dict(YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")))


def _patterns(texts: Mapping[str, str]) -> dict[str, re.Pattern[str]]:
    return {name: _pattern(text) for name, text in texts.items()}


def _pattern(text: str) -> re.Pattern[str]:
    spaced = text.replace(" ?", r"\s*").replace(" ", r"\s+")
    return re.compile(spaced.replace("{date}", DATE).replace("{hours}", HOURS), re.IGNORECASE)


def _communes(places: Path) -> dict[tuple[str, str], str]:
    with places.open(encoding="utf-8", newline="") as file:
        return {
            (row["parent_territory_key"], slug(row["printed_name"])): row["commune_territory_key"]
            for row in csv.DictReader(file)
            if row["commune_territory_key"]
        }
