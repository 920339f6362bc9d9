"""What a dataset's contract may say, and the checks that need more than one of its values.

A contract is strict: an unknown key, a key given twice, a value of another kind, a name that leads nowhere are refused
when it is read, with file, line and place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from ingestion.reference.fragments import Entry, Step, read_yaml
from ingestion.reference.models import Slug, Text
from ingestion.schemas import TABLES, Table
from ingestion.territories import LEVELS

CONTRACTS = Path(__file__).parent
#: Columns of a bronze table that a transform never gives: they follow from the delivery itself, or from its cells.
DERIVED = frozenset({"dataset_key", "territory_key", "period", "conf_status"})


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
Scalar = str | int | float | bool


class _Part(BaseModel):
    """Strict: no unknown key, no silent conversion."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Format(_Part):
    """How the file is written. ``header_row`` counts lines from 1; ``data_row`` is the line after it unless given."""

    encoding: Literal["utf-8", "windows-1252", "iso-8859-15"]
    delimiter: Literal[",", ";", "\t", "|"]
    decimal: Literal[".", ","]
    thousands: Literal["space"] | None = None
    header_row: Annotated[int, Field(ge=1)] = 1
    data_row: Annotated[int, Field(ge=2)] | None = None
    footers: tuple[Text, ...] = Field(default=(), strict=False)

    @property
    def first_data_row(self) -> int:
        """Line of the first row of data."""
        return self.data_row or self.header_row + 1


class Column(_Part):
    """One column: its published name and those it had in other vintages, ours, and how its cells are written.

    ``values`` maps what is published to our codes, and nothing else is then accepted. A cell is the whole of
    ``pattern``; where that has a group, the group is the value (``01`` of « 001 -Ain »). ``null_marks`` say that there
    is no value, ``secrecy_marks`` that there is one which may not be published. ``pad_to`` gives back the zeros that a
    spreadsheet took from a code.
    """

    published: Text
    aliases: tuple[Text, ...] = Field(default=(), strict=False)
    name: Name
    type: Literal["code", "text", "integer", "number"]
    unit: Text | None = None
    pattern: Regex | None = None
    pad_to: Annotated[int, Field(ge=2, le=20)] | None = None
    values: dict[str, str] | None = None
    null_marks: tuple[Text, ...] = Field(default=(), strict=False)
    secrecy_marks: tuple[Text, ...] = Field(default=(), strict=False)
    may_be_empty: bool = False
    may_be_absent: bool = False

    @property
    def headings(self) -> tuple[str, ...]:
        """Every name that the column is published under."""
        return (self.published, *self.aliases)


class Totals(_Part):
    """Rows that repeat others as a total and are set aside: those whose ``column`` holds one of ``cells``."""

    column: Name
    cells: tuple[Text, ...] = Field(strict=False, min_length=1)


class KnownValue(_Part):
    """A row that only one vintage has: ``where`` maps our column names to cells, as published."""

    vintage: Text
    where: dict[str, str] = Field(min_length=1)


class Vintage(_Part):
    """Where the vintage (millésime) is read: the highest in a column, the file's name, or rows known to be of it."""

    read_from: Literal["column", "file_name", "content"]
    column: Name | None = None
    pattern: Annotated[str, AfterValidator(_one_group)] | None = None
    known: tuple[KnownValue, ...] = Field(default=(), strict=False)


class Territories(_Part):
    """Which territories the rows are about; ``years_after`` is the COG's year less the vintage's."""

    level: Annotated[str, AfterValidator(_level)]
    years_after: int | None = None


class Unpivot(_Part):
    """Several published columns that become rows: ``value`` takes the cell, ``column`` says which it was.

    With ``column: period`` they are the years of a wide table.
    """

    column: Name
    value: Name
    cells: dict[str, str] = Field(min_length=1)


class Transform(_Part):
    """From the file's rows to those of the bronze table.

    Columns named as a column of the table go there; ``constants`` give the others. ``territory`` names the column with
    the territory's code, to which ``territories.level`` is put before; ``period`` names a column, or is ``vintage``.
    With ``function`` all of this is ``transforms/<code>.py``.
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
    keys: tuple[Name, ...] = Field(strict=False, min_length=1)
    totals: tuple[Totals, ...] = Field(default=(), strict=False)
    at_least: Annotated[int, Field(ge=1)] = 1
    territories: Territories
    vintage: Vintage
    target: Literal["population", "accessibility", "professional", "facility", "zoning"]
    transform: Transform

    @property
    def table(self) -> Table:
        """The bronze table that the dataset feeds."""
        return TABLES[self.target]

    def column(self, name: str) -> Column:
        """The column that we call ``name``."""
        return next(column for column in self.columns if column.name == name)


@lru_cache(maxsize=8)
def load_contracts(folder: Path = CONTRACTS) -> Mapping[str, Contract]:
    """Every contract of a folder, by code.

    Raises:
        ReferenceInvalid: one that cannot be read or that leads nowhere; names file, line and place.
    """
    entries = [read_yaml(file, Contract) for file in sorted(folder.glob("*.yml"))]
    for entry in entries:
        for at, problem in _problems(entry):
            raise entry.refused(problem, at=at)
    _check_headers(entries)
    return {entry.value.code: entry.value for entry in entries}


def _problems(entry: Entry[Contract]) -> Iterator[tuple[tuple[Step, ...], str]]:
    contract = entry.value
    if entry.file.stem != contract.code:
        yield ("code",), f"a file named {contract.code}.yml was expected"
    yield from _name_problems(contract)
    yield from _vintage_problems(contract)
    transform = contract.transform
    module = entry.file.parent / "transforms" / f"{module_name(contract.code)}.py"
    if not transform.function:
        yield from _transform_problems(contract)
    elif transform.model_fields_set != {"function"}:
        yield ("transform",), "either function or a declared transform was expected, not both"
    elif not module.is_file():
        yield ("transform", "function"), f"transforms/{module.name} was expected"


def _name_problems(contract: Contract) -> Iterator[tuple[tuple[Step, ...], str]]:
    names: set[str] = set()
    headings = {folded(heading) for heading in contract.ignored_columns}
    for index, column in enumerate(contract.columns):
        if column.name in names:
            yield ("columns", index, "name"), f"{column.name!r} is given twice"
        for heading in column.headings:
            if folded(heading) in headings:
                yield ("columns", index), f"the heading {heading!r} is given twice"
            headings.add(folded(heading))
        names.add(column.name)
    for index, name in enumerate(contract.keys):
        if name not in names:
            yield ("keys", index), _unknown(name, names)
    for index, totals in enumerate(contract.totals):
        if totals.column not in names:
            yield ("totals", index, "column"), _unknown(totals.column, names)


def _vintage_problems(contract: Contract) -> Iterator[tuple[tuple[Step, ...], str]]:
    vintage, names = contract.vintage, {column.name for column in contract.columns}
    needed = {"column": "column", "file_name": "pattern", "content": "known"}[vintage.read_from]
    if not getattr(vintage, needed):
        yield ("vintage",), f"{needed} was expected beside read_from: {vintage.read_from}"
    if vintage.column is not None and vintage.column not in names:
        yield ("vintage", "column"), _unknown(vintage.column, names)
    for index, known in enumerate(vintage.known):
        for name in set(known.where) - names:
            yield ("vintage", "known", index, "where", name), _unknown(name, names)


def _transform_problems(contract: Contract) -> Iterator[tuple[tuple[Step, ...], str]]:
    transform, names = contract.transform, {column.name for column in contract.columns}
    if transform.territory not in names:
        yield ("transform", "territory"), _unknown(transform.territory, names)
    is_wide = transform.unpivot is not None and transform.unpivot.column == "period"
    if is_wide and transform.period is not None:
        yield ("transform", "period"), "no period was expected where the unpivot gives it"
    if not is_wide and transform.period not in names | {"vintage"}:
        yield ("transform", "period"), _unknown(transform.period, names | {"vintage"})
    for name in set(transform.unpivot.cells if transform.unpivot else ()) - names:
        yield ("transform", "unpivot", "cells", name), _unknown(name, names)
    table = {column.name: column for column in contract.table.columns}
    given = {*transform.constants, *((transform.unpivot.column, transform.unpivot.value) if transform.unpivot else ())}
    for name in sorted(given - set(table)):
        yield ("transform",), f"{name!r} is no column of the bronze table {contract.target}"
    for name in sorted(given & DERIVED - ({"period"} if is_wide else set())):
        yield ("transform",), f"{name!r} is derived, not given"
    for name, value in transform.constants.items():
        if name in table and table[name].accepted and value not in table[name].accepted:
            accepted = ", ".join(table[name].accepted)
            yield ("transform", "constants", name), f"one of {accepted} was expected, {value!r} found"
    missing = [c.name for c in table.values() if c.required and c.name not in given | names | DERIVED]
    if missing:
        yield ("transform",), f"the bronze table {contract.target} needs {', '.join(missing)}"


def _check_headers(entries: list[Entry[Contract]]) -> None:
    """Two contracts with the same headings could not be told apart."""
    seen: dict[tuple[object, ...], Entry[Contract]] = {}
    for entry in entries:
        form = entry.value.format
        headings = frozenset(folded(c.published) for c in entry.value.columns if not c.may_be_absent)
        key = (form.delimiter, form.header_row, headings)
        if key in seen:
            raise entry.refused(f"the columns of {seen[key].file.name} are the same: no file could tell them apart")
        seen[key] = entry


def module_name(code: str) -> str:
    """The module of a dataset's transform."""
    return code.replace("-", "_")


def folded(heading: str) -> str:
    """A heading without the white space that spreadsheets leave around and inside it."""
    return " ".join(heading.split())


def _unknown(name: str | None, names: set[str]) -> str:
    return f"one of {', '.join(sorted(names))} was expected, {name!r} found"
