"""What a dataset's contract may say: one strict model, key by key. docs/add-a-dataset.md tells it to people.

An unknown key, a value of another kind, a regular expression that is none are refused when the contract is read; what
needs more than one value is checked by :mod:`ingestion.datasets.contracts`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from ingestion.fetching.contract import DropFolder, Fetch
from ingestion.reference.models import Slug, Text
from ingestion.schemas import TABLES, Table
from ingestion.territories import LEVELS

#: What ``published`` may name besides a heading: the sheet, the file and the line that a row stands in, and what the
#: heading of another column said (``@heading:name``).
PSEUDO = ("@sheet", "@file", "@line")
HEADING = "@heading:"


def _regex(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"{value!r} is no regular expression: {error}") from error
    return value


def _one_group(value: str) -> str:
    if re.compile(_regex(value)).groups != 1:
        raise ValueError(f"{value!r} must have exactly one group, around the vintage")
    return value


def _level(value: str) -> str:
    if value not in LEVELS:
        raise ValueError(f"{value!r} is no territory level: expected one of {', '.join(LEVELS)}")
    return value


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Regex = Annotated[str, AfterValidator(_regex)]
Level = Annotated[str, AfterValidator(_level)]
Row = Annotated[int, Field(ge=1)]
Encoding = Literal["utf-8", "windows-1252", "iso-8859-15"]
Delimiter = Literal[",", ";", "\t", "|"]
Target = Literal[
    "population",
    "accessibility",
    "professional",
    "facility",
    "zoning",
    "local_indicator",
    "authorisation",
    "maternity",
    "classification",
    "shape",
    "territory_vintage",
    "territory_event",
]
Scalar = str | int | float | bool
#: What is done of a change of form.
Action = Literal["accept", "warn", "quarantine"]


class _Part(BaseModel):
    """Strict: no unknown key, no silent conversion."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Drift(_Part):
    """What is done when the form changes, by kind of change; nothing said is ``quarantine``: forms are frozen."""

    added: Action | None = None
    removed: Action | None = None
    renamed: Action | None = None
    reordered: Action | None = None
    retyped: Action | None = None
    rewritten: Action | None = None


class Section(_Part):
    """The rows of a file of several sections: those whose cell at ``position`` (from 1) is ``equals``."""

    position: Row = 1
    equals: Text


class Format(_Part):
    """How the file is written. Rows count from 1; ``data_row`` is the one after the header unless given.

    ``header: none`` has no headings at all and ``header: misplaced`` has headings that do not stand over their data:
    both take columns by ``position``. Labels of several ``header_rows`` are joined with « | ».
    """

    kind: Literal["csv", "spreadsheet", "records"] = "csv"
    encoding: Encoding | None = None
    fallback_encoding: Encoding | None = None
    delimiter: Delimiter | None = None
    other_delimiter: Delimiter | None = None
    quotes: bool = True
    decimal: Literal[".", ","] | None = None
    thousands: Literal["space"] | None = None
    marker: Regex | None = None
    sheets: Regex | None = None
    header: Literal["there", "none", "misplaced"] = "there"
    header_row: Row | None = None
    header_rows: tuple[Row, ...] = Field(default=(), strict=False)
    data_row: Row | None = None
    section: Section | None = None
    width: Row | None = None
    short_lines: bool = False
    footers: tuple[Text, ...] = Field(default=(), strict=False)

    @property
    def rows_of_header(self) -> tuple[int, ...]:
        """Lines that the header stands on; none where there is none."""
        if self.header == "none" or self.kind == "records":
            return ()
        return tuple(sorted(self.header_rows)) or (self.header_row or 1,)

    @property
    def first_data_row(self) -> int:
        """Line of the first row of data."""
        return self.data_row or max(self.rows_of_header, default=0) + 1

    @property
    def separator(self) -> str:
        """The delimiter of a CSV file, which its contract must give."""
        return self.delimiter or ","

    @property
    def by_position(self) -> bool:
        """Whether columns are found by where they stand, not by their heading."""
        return self.header in ("none", "misplaced")


class Column(_Part):
    """One column: its published name and those it had in other vintages, ours, and how its cells are written.

    Without a published name it is the one at ``position`` under an empty heading. ``published_like`` is a regular
    expression that the whole heading matches, for one that carries a year; with
    ``family`` several headings may match, and what their named groups say tells the rows apart that ``unpivot`` makes.

    ``values`` maps what is published to our codes, and nothing else is then accepted. A cell is the whole of
    ``pattern``; where that has a group, the group is the value (``01`` of « 001 -Ain »). ``null_marks`` say that there
    is no value, ``secrecy_marks`` that there is one which may not be published. ``unfloat`` takes ``.0`` from a code
    that was read as a number, ``pad_to`` gives back the zeros that a spreadsheet took. A date is in one of ``formats``;
    one of ``placeholders`` (as printed) means that it is unknown. A number is multiplied by ``scale``.
    """

    published: Text | None = None
    published_like: Regex | None = None
    aliases: tuple[Text, ...] = Field(default=(), strict=False)
    position: Row | None = None
    family: bool = False
    name: Name
    type: Literal["code", "text", "integer", "number", "date", "flag"]
    unit: Text | None = None
    pattern: Regex | None = None
    unfloat: bool = False
    pad_to: Annotated[int, Field(ge=2, le=20)] | None = None
    values: dict[str, str] | None = None
    decimal: Literal[".", ","] | None = None
    thousands: Literal["space", "none"] | None = None
    scale: Annotated[float, Field(gt=0, strict=False)] | None = None
    formats: tuple[Text, ...] = Field(default=("%Y-%m-%d",), strict=False)
    placeholders: tuple[Text, ...] = Field(default=(), strict=False)
    null_marks: tuple[Text, ...] = Field(default=(), strict=False)
    secrecy_marks: tuple[Text, ...] = Field(default=(), strict=False)
    may_be_empty: bool = False
    may_be_absent: bool = False
    drift: Drift | None = None

    @property
    def headings(self) -> tuple[str, ...]:
        """Every name that the column is published under."""
        return (self.published, *self.aliases) if self.published else self.aliases

    @property
    def label(self) -> str:
        """What to call it before people."""
        return self.published or self.published_like or self.name

    @property
    def is_unheaded(self) -> bool:
        """Whether it stands under an empty heading."""
        return not self.headings and self.published_like is None

    @property
    def is_pseudo(self) -> bool:
        """Whether its cells follow from where the row stands."""
        return self.published is not None and self.published.startswith("@")

    def groups(self, heading: str) -> Mapping[str, str | None] | None:
        """What a heading says beyond being this column's: its groups. None when it is not this column's."""
        folded_heading = folded(heading)
        if not folded_heading and self.is_unheaded:
            return {}
        if any(folded(known) == folded_heading for known in self.headings):
            return {}
        found = re.fullmatch(self.published_like, folded_heading) if self.published_like is not None else None
        return None if found is None else (found.groupdict() or {str(n + 1): g for n, g in enumerate(found.groups())})


class Totals(_Part):
    """Rows that repeat others as a total and are set aside: those whose ``column`` holds one of ``cells``."""

    column: Name
    cells: tuple[Text, ...] = Field(strict=False, min_length=1)


class KnownValue(_Part):
    """A row that only one vintage has: ``where`` maps our column names to cells, as published."""

    vintage: Text
    where: dict[str, str] = Field(min_length=1)


class Vintage(_Part):
    """Where the vintage (millésime) is read; of several that are found the highest counts.

    A ``column``'s cells; the ``file_name``; the ``sheet``'s name; a ``heading``; the ``title`` lines above the header;
    the ``content``: rows known to be of one vintage; the ``bytes``: ``files`` known by their SHA-256, where nothing in
    one says it; or a ``constant``: ``value``, where there will be no other. Eight digits are a day.
    """

    read_from: Literal["column", "file_name", "content", "sheet", "heading", "title", "bytes", "constant"]
    column: Name | None = None
    pattern: Annotated[str, AfterValidator(_one_group)] | None = None
    known: tuple[KnownValue, ...] = Field(default=(), strict=False)
    files: dict[Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")], Text] = Field(default_factory=dict)
    value: Text | None = None


class Territories(_Part):
    """Which territories the rows are about.

    ``level`` is that of all rows, ``level_from`` the column that tells each row's. ``by: name`` looks the cell up among
    the names of the level. ``code`` is the one territory of the whole file. ``years_after`` is the COG's year less the
    vintage's.
    """

    level: Level | None = None
    level_from: Name | None = None
    by: Literal["code", "name"] = "code"
    code: Text | None = None
    years_after: int | None = None


class Unpivot(_Part):
    """Several published columns that become rows: ``value`` takes the cell.

    ``cells`` maps each of our columns to what its rows say: one text, for ``column``, or values by column. The named
    groups of a heading are columns too (``period``, ``sex``, ``age_from``…); ``values`` maps what they print
    to our codes. ``skip_empty`` makes no row of a cell without a value.
    """

    value: Name
    column: Name | None = None
    cells: dict[str, str | dict[str, Scalar]] = Field(min_length=1)
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    skip_empty: bool = False


class Transform(_Part):
    """From the file's rows to those of the bronze table.

    Columns named as a column of the table go there; ``constants`` give the others. ``territory`` names the column with
    the territory's code, to which the level is put before; ``period`` names a column, or is ``vintage``. With
    ``function`` all of this but ``unpivot`` is ``transforms/<code>.py``; ``territory`` beside it names the column whose
    cell is quoted where the function finds no territory.
    """

    function: bool = False
    territory: Name | None = None
    period: Name | None = None
    constants: dict[str, Scalar] = Field(default_factory=dict)
    unpivot: Unpivot | None = None


class Contract(_Part):
    """One dataset: what it is, how its files are written, what becomes of its rows."""

    code: Slug
    title: Text
    publisher: Text
    licence: Text
    landing_page: Annotated[str, StringConstraints(pattern=r"^https://\S+$")]
    cadence: Literal["weekly", "monthly", "quarterly", "yearly", "irregular"]
    file_pattern: Text
    definition_version: Text
    france_scope: Text | None = None
    reference_day: Annotated[str, StringConstraints(pattern=r"^\d\d-\d\d$")] | None = None
    format: Format
    columns: tuple[Column, ...] = Field(strict=False, min_length=1)
    ignored_columns: tuple[Text, ...] = Field(default=(), strict=False)
    ignored_like: Regex | None = None
    keys: tuple[Name, ...] = Field(strict=False, min_length=1)
    totals: tuple[Totals, ...] = Field(default=(), strict=False)
    at_least: Annotated[int, Field(ge=1)] = 1
    #: Rows are added up; without one of them a sum would pass for the whole: one that cannot be taken refuses the file.
    all_or_nothing: bool = False
    drift: Drift = Drift()
    territories: Territories
    vintage: Vintage
    target: Target | None = None
    targets: tuple[Target, ...] = Field(default=(), strict=False)
    transform: Transform
    fetch: Fetch = Field(default=DropFolder())

    @property
    def tables(self) -> tuple[Table, ...]:
        """The bronze tables that the dataset feeds."""
        return tuple(TABLES[name] for name in (*((self.target,) if self.target else ()), *self.targets))

    @property
    def table(self) -> Table:
        """The bronze table that the dataset feeds, or the first of them."""
        return self.tables[0]

    def column(self, name: str) -> Column:
        """The column that we call ``name``."""
        return next(column for column in self.columns if column.name == name)

    def ignores(self, heading: str) -> bool:
        """Whether a column of the file is left alone."""
        if any(folded(heading) == folded(known) for known in self.ignored_columns):
            return True
        return self.ignored_like is not None and re.fullmatch(self.ignored_like, folded(heading)) is not None


def module_name(code: str) -> str:
    """The module of a dataset's transform."""
    return code.replace("-", "_")


def folded(heading: str) -> str:
    """A heading without the white space that spreadsheets leave around and inside it."""
    return " ".join(heading.split())
