"""One delivered file of a dataset, read whole: its vintage, its rows for bronze, its account."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingestion.datasets.contract_model import Contract, Vintage
from ingestion.datasets.drift import Change, FormChanged, taken
from ingestion.datasets.drift_cells import changed_cells
from ingestion.datasets.drift_finding import changed_headings, reordered
from ingestion.datasets.grids import NEXT_STEP
from ingestion.datasets.reading import Refused, Sheet, published_sheet, typed_sheet
from ingestion.datasets.shaping import Known, known_codes, shape
from ingestion.schemas import DATASET
from warehouse.errors import BarometreError, InputError

if TYPE_CHECKING:
    import polars as pl

#: Above this share of its lines quarantined a file is not the file that its contract describes (half a file, another
#: encoding, another geography): the vintage loaded before says more than what is left of this one.
MOST_QUARANTINED = 0.05


@dataclass(frozen=True)
class Account:
    """Lines under the header: those loaded, quarantined and set aside. ``rows`` is what they gave to bronze.

    ``fallback_lines`` counts those that were read in the contract's second encoding.

    Raises:
        BarometreError: the lines do not add up; the file is then quarantined as one that we failed to read.
    """

    lines: int
    loaded: int
    quarantined: int
    set_aside: int
    rows: int
    fallback_lines: int = 0

    def __post_init__(self) -> None:
        if self.lines != self.loaded + self.quarantined + self.set_aside:
            raise BarometreError(
                f"{self.lines} lines are not {self.loaded} loaded, {self.quarantined} quarantined and "
                f"{self.set_aside} set aside: some would be lost in silence"
            )


@dataclass(frozen=True)
class Delivery:
    """One version of one vintage. ``frames`` maps a bronze table to its rows, ``input_sha256`` not yet added."""

    name: str
    sha256: str
    code: str
    vintage: str
    frames: dict[str, pl.DataFrame]
    account: Account
    refused: tuple[Refused, ...]
    warnings: tuple[str, ...] = ()

    @property
    def dataset_key(self) -> str:
        """What facts name it by."""
        return f"{self.code}@{self.vintage}"

    @property
    def rows(self) -> int:
        """Rows for bronze."""
        return sum(frame.height for frame in self.frames.values())

    @cached_property
    def rejections(self) -> tuple[dict[str, Any], ...]:
        """Every refusal as the store keeps it: one entry per sheet, column and reason, with its lines and cells."""
        groups: dict[tuple[str | None, str | None, str], list[Refused]] = {}
        for refused in self.refused:
            groups.setdefault((refused.sheet, refused.column, refused.expectation), []).append(refused)
        return tuple(_rejection(self.name, group) for group in groups.values())


def _rejection(file: str, group: list[Refused]) -> dict[str, Any]:
    first = group[0]
    where = (f"sheet {first.sheet}" if first.sheet else "", f"column {first.column}" if first.column else "")
    return {
        "file": file,
        "line": first.line,
        "column": first.column,
        "expectation": ": ".join(part for part in (*where, first.expectation) if part),
        "next_step": NEXT_STEP,
        "count": len(group),
        "lines": [refused.line for refused in group],
        "keys": [refused.value or "" for refused in group],
    }


def read_delivery(
    contract: Contract,
    path: Path,
    name: str,
    sha256: str,
    *,
    vintage: str | None = None,
    known: Known | None = None,
    accepted: Iterable[Iterable[Change]] = (),
) -> Delivery:
    """Read a file as its contract says; ``vintage`` overrides the one it carries.

    ``accepted`` are changes of form that people accepted. The warnings are those that the contract asks for.

    Raises:
        FormChanged: its form is not that of the contract, and neither contract nor people accept the difference.
        InputError: it is no such file at all, its vintage cannot be told, too little of it can be taken.
    """
    form = _form(contract, path, name, [tuple(changes) for changes in accepted])
    contract, published, sheet = form.contract, form.published, form.sheet
    _check_enough(contract, sheet, name)
    told = vintage or read_vintage(contract, name, published, sheet, sha256)
    shaped, left = shape(contract, sheet, told, known or known_codes())
    _check_enough(contract, left, name)
    rows = sum(frame.height for frame in shaped.values())
    account = Account(
        left.lines, left.rows.height, _quarantined(left), left.set_aside, rows, fallback_lines=left.fallback_lines
    )
    frames = {"dataset": _description(contract, told, sha256, shaped), **shaped}
    return Delivery(name, sha256, contract.code, told, frames, account, left.told(), form.warnings)


@dataclass(frozen=True)
class _Form:
    """The contract that a file was read with, which may have changes in it, and what it gave."""

    contract: Contract
    published: Sheet
    sheet: Sheet
    warnings: tuple[str, ...] = ()


def _form(contract: Contract, path: Path, name: str, accepted: Sequence[Sequence[Change]]) -> _Form:
    """Read a file in the form that it has: the contract's, or one that the policy or people accept."""
    try:
        published = published_sheet(contract, path, name)
    except InputError:
        if not (changes := changed_headings(contract, path)):
            raise
    else:
        changes = reordered(contract, published.headings)
        read = typed_sheet(contract, published)
        if not _is_refused_whole(contract, read):
            return _Form(contract, published, read, taken(contract, changes, accepted, name)[1])
        changes = (*changes, *changed_headings(contract, path))
    changed, _ = taken(contract, changes, accepted, name)
    published = published_sheet(changed, path, name)
    read = typed_sheet(changed, published)
    if _is_refused_whole(contract, read):
        changes = (*changes, *changed_cells(changed, published, MOST_QUARANTINED))
        changed, _ = taken(contract, changes, accepted, name)
        published = published_sheet(changed, path, name)
        read = typed_sheet(changed, published)
    return _Form(changed, published, read, taken(contract, changes, accepted, name)[1])


def changes_of_form(contract: Contract, path: Path, name: str) -> tuple[Change, ...]:
    """All that differs between a file's form and its contract.

    Raises:
        InputError: it is no file of this dataset.
    """
    try:
        _form(contract, path, name, ())
    except FormChanged as error:
        told = error.changes
        if not all(change.is_acceptable for change in told):
            return told
        # What stands in the way first may hide what comes after it.
        try:
            _form(contract, path, name, (told,))
        except FormChanged as later:
            return later.changes
        return told
    return ()


def _is_refused_whole(contract: Contract, sheet: Sheet) -> bool:
    rows = sheet.lines - sheet.set_aside
    return _quarantined(sheet) > (0 if contract.all_or_nothing else MOST_QUARANTINED * rows)


def read_vintage(contract: Contract, name: str, published: Sheet, sheet: Sheet, sha256: str = "") -> str:
    """The vintage that a file is of; one printed as eight digits is a day, ``2021-01-08``.

    Raises:
        InputError: nothing in it says so.
    """
    told = contract.vintage.files.get(sha256) or _vintage(contract.vintage, name, published, sheet)
    if told is None:
        place = contract.vintage.read_from.replace("_", " ")
        raise InputError(
            file=name,
            expectation=f"{contract.code}: the vintage was expected in the {place}",
            next_step=f"Add it to the contract, or deliver with --as {contract.code}@VINTAGE",
        )
    return re.sub(r"^(\d{4})(\d\d)(\d\d)$", r"\1-\2-\3", told)


def _vintage(declared: Vintage, name: str, published: Sheet, sheet: Sheet) -> str | None:
    if declared.read_from in ("constant", "bytes"):
        return declared.value
    if declared.read_from == "content":
        return _recognised(declared, published.rows)
    # A file of several years is of the last one; each row keeps its own period.
    return max(_found(declared.pattern or "(.+)", _texts(declared, name, sheet)), default=None)


def _texts(declared: Vintage, name: str, sheet: Sheet) -> Iterable[str]:
    if declared.read_from == "column":
        return (str(cell) for cell in sheet.rows[declared.column or ""].drop_nulls().unique())
    texts = {"file_name": (name,), "sheet": sheet.sheets, "heading": sheet.headings, "title": sheet.above}
    return texts[declared.read_from]


def _found(pattern: str, texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        if match := re.search(pattern, text):
            yield match.group(1)


def _recognised(declared: Vintage, published: pl.DataFrame) -> str | None:
    import polars as pl

    for known in declared.known:
        there = (pl.col(name).str.strip_chars() == cell for name, cell in known.where.items())
        if not published.filter(*there).is_empty():
            return known.vintage
    return None


def _check_enough(contract: Contract, sheet: Sheet, name: str) -> None:
    rows = sheet.lines - sheet.set_aside
    if rows < contract.at_least:
        raise InputError(
            file=name,
            expectation=f"{contract.code}: at least {contract.at_least} rows were expected, {rows} found",
            next_step="Check that the file is whole, and deliver it again",
        )
    quarantined = _quarantined(sheet)
    if _is_refused_whole(contract, sheet):
        first = sheet.told()[0]
        where = f"{first.sheet}: " if first.sheet else ""
        raise InputError(
            file=name,
            line=first.line,
            expectation=f"{contract.code}: {where}{quarantined} of {rows} rows cannot be taken, the first because "
            f"{first.expectation}, {first.value!r} found in {first.column or 'the line'}",
            next_step=NEXT_STEP,
        )


def _quarantined(sheet: Sheet) -> int:
    return len({refused.line for refused in sheet.refused})


def _description(contract: Contract, vintage: str, sha256: str, shaped: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """The row of the bronze table ``dataset``."""
    import polars as pl

    row = {
        "dataset_key": f"{contract.code}@{vintage}",
        "dataset_code": contract.code,
        "title": contract.title,
        "publisher": contract.publisher,
        "vintage": vintage,
        "reference_date": _reference_date(contract, vintage),
        "territory_vintage": _geography(contract, vintage),
        "france_scope": contract.france_scope,
        "definition_version": contract.definition_version,
        "covered_territories": pl.concat([f["territory_key"] for f in shaped.values()]).drop_nulls().n_unique(),
        "licence": contract.licence,
        "source_sha256": sha256,
    }
    return pl.DataFrame([row], schema={column.name: column.dtype for column in DATASET.columns})


def _reference_date(contract: Contract, vintage: str) -> date | None:
    """The contract's day of the vintage's year, or the vintage where that is a day itself."""
    try:
        return date.fromisoformat(f"{vintage}-{contract.reference_day}" if contract.reference_day else vintage)
    except ValueError:
        return None


def _geography(contract: Contract, vintage: str) -> str | None:
    after, year = contract.territories.years_after, vintage[:4]
    return None if after is None or not year.isdigit() else str(int(year) + after)
