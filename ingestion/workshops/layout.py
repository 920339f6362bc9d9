"""The declared form of a synthesis of workshops, read from ``layouts/``.

A form (``cnr-sante.yml``) holds the patterns of headings, tables and footers, and says where a document prints what is
its own; a document (``cnr-na-2022.yml``) names its form and gives what people know of it: metadata, wordings, and
``ingestion/reference/places`` its towns. A document of a declared form needs no file of its own:
:func:`ingestion.workshops.recognition.recognise_form` reads its region, its year and its title from its text.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ingestion.workshops.lines import Line, continuation, slug
from ingestion.workshops.moments import DATE, HOURS, MONTH

LAYOUTS = Path(__file__).parent / "layouts"
PLACES = Path(__file__).parent.parent / "reference" / "places"

Patterns = Mapping[str, re.Pattern[str]]
#: (department key, town's slug) to a commune key.
Communes = Mapping[tuple[str, str], str]


@dataclass(frozen=True)
class CountTable:
    """A shape of count table: the sentence that opens it, whether its lines stand in groups, what they count."""

    section: str
    opens: re.Pattern[str]
    grouped: bool
    counted_unit: str


@dataclass(frozen=True)
class OwnPatterns:
    """How a form names its documents, and the patterns of what each prints of its own.

    ``names`` are the templates of ``report.yml``'s cells, with ``{name}``, ``{slug}`` and ``{year}``.
    """

    names: Mapping[str, str]
    title_printed: re.Pattern[str]
    region: re.Pattern[str]
    period: re.Pattern[str]
    published_on: re.Pattern[str]


@dataclass(frozen=True)
class Form:
    """A form: everything that its documents share.

    ``indicators`` are those of the introduction's figures; ``reasons`` say in French why the ledger dismisses a numeral
    of the form itself, ``introduction_numerals`` which stretches of the introduction hold such numerals.
    """

    recognised_by: tuple[str, ...]
    bullets: str
    footers: tuple[re.Pattern[str], ...]
    headings: Patterns
    own: OwnPatterns
    indicators: Mapping[str, str]
    count_tables: tuple[CountTable, ...]
    count_lines: Patterns
    introduction: Patterns
    introduction_numerals: tuple[tuple[re.Pattern[str], str], ...]
    department: Patterns
    workshop_report: Patterns
    categories: Patterns
    not_communicated: frozenset[str]
    text: Mapping[str, tuple[re.Pattern[str], ...]]
    reasons: Mapping[str, str]

    def label_lines(self, lines: Iterable[Line]) -> Iterator[Line]:
        """The lines that go on with the label of a theme."""
        return continuation(lines, self._opens)

    def _opens(self, line: Line) -> bool:
        """Whether a line is the first of something: a heading, a table, a row of one, an item."""
        first = (*self.headings.values(), *(t.opens for t in self.count_tables), self.introduction["contributions_row"])
        return line.marked or any(line.find(pattern) for pattern in first)


@dataclass(frozen=True)
class Layout(Form):
    """Form and document together.

    ``communes`` are the towns as declared; None where nobody declared any: a town is then looked up by its name.
    """

    report: Mapping[str, Any]
    year: int
    workshops_period: str
    contributions_period: str
    same_labels: Mapping[str, str]
    communes: Communes | None

    @property
    def region(self) -> str:
        return str(self.report["scope_territory_key"])

    @property
    def name(self) -> str:
        """What the document is called when a fault in it is told."""
        return str(self.report.get("source_name") or self.report["report_id"])

    def commune(self, department_key: str, place: str) -> str | None:
        """Key of the commune that a town of the workshops is; None where it is not one for certain."""
        if self.communes is not None:
            return self.communes.get((department_key, slug(place)))
        from ingestion.territories import resolve_commune

        return resolve_commune(place, department_key.partition(":")[2], self.year)


def declared_layout(report_id: str) -> Layout:
    """The layout of a document that the repository declares."""
    return load_layout(LAYOUTS / f"{report_id}.yml", PLACES / f"{report_id}.csv")


def load_layout(document: Path, places: Path) -> Layout:
    """Read a document file, the form that it names and its towns.

    ``places`` has the columns of ``ingestion/reference/places``; only rows with a commune count.
    """
    own = read_yaml(document)
    folder = document.parent if (document.parent / f"{own['form']}.yml").is_file() else LAYOUTS
    return layout_of(
        load_form(folder / f"{own['form']}.yml"),
        report=own["report"],
        year=own["year"],
        workshops_period=own["figures"]["workshops_period"],
        contributions_period=own["figures"]["contributions_period"],
        same_labels=own["same_labels"],
        communes=_communes(places),
    )


def load_form(path: Path) -> Form:
    """Read a form file."""
    form = read_yaml(path)
    own, report = dict(form["document"]), form["workshop_report"]
    indicators = own.pop("indicators")
    patterns = {field.name: _pattern(own.pop(field.name)) for field in fields(OwnPatterns) if field.name != "names"}
    return Form(
        recognised_by=tuple(form["recognised_by"]),
        bullets=form["bullets"],
        footers=tuple(map(_pattern, form["footers"])),
        headings=_patterns(form["headings"]),
        own=OwnPatterns(names=own, **patterns),
        indicators=indicators,
        count_tables=tuple(CountTable(**table | {"opens": _pattern(table["opens"])}) for table in form["count_tables"]),
        count_lines=_patterns(form["count_lines"]),
        introduction=_patterns(form["introduction"]),
        introduction_numerals=tuple((_pattern(n["pattern"]), n["reason"]) for n in form["introduction_numerals"]),
        department=_patterns(form["department"]),
        workshop_report=_patterns({name: text for name, text in report.items() if isinstance(text, str)}),
        categories=_patterns(report["categories"]),
        not_communicated=frozenset(report["not_communicated"]),
        text={name: tuple(map(_pattern, texts)) for name, texts in report["text"].items()},
        reasons=form["reasons"],
    )


def layout_of(form: Form, **document: Any) -> Layout:
    """A form with what one document adds to it."""
    return Layout(**{field.name: getattr(form, field.name) for field in fields(Form)}, **document)


def read_yaml(path: Path) -> dict[str, Any]:
    """A form or document file as plain values."""
    from ruamel.yaml import YAML

    return dict(YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")))


def _patterns(texts: Mapping[str, str]) -> dict[str, re.Pattern[str]]:
    return {name: _pattern(text) for name, text in texts.items()}


def _pattern(text: str) -> re.Pattern[str]:
    written = text.replace(" ?", r"\s*").replace(" ", r"\s+").replace("’", "[’']")
    moments = {"{date}": DATE, "{hours}": HOURS, "{month}": MONTH}
    for name, pattern in moments.items():
        written = written.replace(name, pattern)
    return re.compile(written, re.IGNORECASE)


def _communes(places: Path) -> dict[tuple[str, str], str]:
    with places.open(encoding="utf-8", newline="") as file:
        return {
            (row["parent_territory_key"], slug(row["printed_name"])): row["commune_territory_key"]
            for row in csv.DictReader(file)
            if row["commune_territory_key"]
        }
