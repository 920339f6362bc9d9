"""Cells as values: what a column's contract says of how they are written, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ingestion.datasets.contract_model import Column, Contract
from ingestion.datasets.layout import Member
from ingestion.datasets.reading import LINE, Refused, Sheet, placeholder, secret

if TYPE_CHECKING:
    import polars as pl

SPACES = " \u00a0\u2009\u202f"
#: UTF-8 read in a single-byte encoding: Ã or Â before a character that French never puts there, or the start of ’.
MOJIBAKE = "[ÃÂ][\u0080-\u00bf]|â€"
NOTHING = r"[^\s\S]"


def typed(contract: Contract, sheet: Sheet) -> Sheet:
    """The rows with every cell as its column's type, without those that have one that cannot be read."""
    import polars as pl

    form = contract.format
    mojibake = MOJIBAKE if form.kind == "csv" and form.encoding != "utf-8" else NOTHING
    series: list[pl.Series] = [sheet.rows[LINE]]
    refused: list[Refused] = []
    for member in sheet.members:
        cells = sheet.rows[member.name].str.strip_chars()
        value, flags = read_cells(member, contract, cells)
        series += [value, *flags.values()]
        refused += _refusals(member, sheet, cells, value, list(flags.values()), mojibake)
    return replace(sheet, rows=pl.DataFrame(series)).without(refused)


def _refusals(
    member: Member, sheet: Sheet, cells: pl.Series, value: pl.Series, flags: list[pl.Series], mojibake: str
) -> Iterator[Refused]:
    column = member.column
    broken = cells.str.contains(mojibake).fill_null(False)
    unread = value.is_null() & ~broken & ~sheet.rows.select(there=sheet.is_absent(member.name)).to_series()
    for flag in flags:
        unread &= ~flag
    if column.may_be_empty or column.may_be_absent:
        unread &= ~is_null(column, cells)
    told = column.published or member.heading or column.label
    for bad, sentence in ((unread, _expected(column)), (broken, "another encoding was expected")):
        for line, cell in sheet.rows.filter(bad).select(LINE, member.name).iter_rows():
            yield Refused(line, told, cell, sentence)


def read_cells(member: Member, contract: Contract, cells: pl.Series) -> tuple[pl.Series, dict[str, pl.Series]]:
    """The cells as values, null where there is none or none can be read; whether each holds a mark, by flag column."""
    import polars as pl

    column, flags = member.column, {}
    marked = pl.repeat(False, len(cells), eager=True)
    for marks, name in ((column.secrecy_marks, secret(member.name)), (column.placeholders, placeholder(member.name))):
        if marks:
            flags[name] = cells.is_in(list(marks)).fill_null(False).alias(name)
            marked |= flags[name]
    frame = pl.DataFrame({"cell": cells, "none": is_null(column, cells) | marked})
    there = pl.when(~pl.col("none")).then(pl.col("cell"))
    return frame.select(_value(column, contract, there).alias(member.name)).to_series(), flags


def is_null(column: Column, cells: pl.Series) -> pl.Series:
    """Whether each cell says that there is no value."""
    return cells.is_null() | (cells == "").fill_null(True) | cells.is_in(list(column.null_marks)).fill_null(False)


def _value(column: Column, contract: Contract, cell: pl.Expr) -> pl.Expr:
    import polars as pl

    if column.type in ("integer", "number"):
        return _number(column, contract, cell)
    if column.type == "date":
        day = pl.coalesce(cell.str.to_date(form, strict=False) for form in column.formats)
        # Where a year of four figures is asked for, « 24 » is read as the year 24.
        return pl.when(day.dt.year() >= 1000).then(day)
    if column.type == "flag":
        cell = cell if column.values is None else cell.replace_strict(column.values, default=None)
        return cell.replace_strict({"true": True, "false": False}, default=None, return_dtype=pl.Boolean())
    if column.unfloat:
        cell = cell.str.replace(r"\.0+$", "")
    if column.pad_to:
        cell = cell.str.zfill(column.pad_to)
    if column.values is not None:
        return cell.replace_strict(column.values, default=None, return_dtype=pl.String())
    if column.pattern:
        return cell.str.extract(f"^(?:{column.pattern})$", min(re.compile(column.pattern).groups, 1))
    return cell


def _number(column: Column, contract: Contract, cell: pl.Expr) -> pl.Expr:
    """The cell as a number where it is written as the contract says; null otherwise.

    Thousands are groups of three: « 12 34 » is no number, it is two cells that lost their separator.
    """
    import polars as pl

    form = contract.format
    point = column.decimal or form.decimal or "."
    thousands = column.thousands or form.thousands
    whole = rf"(?:\d+|\d{{1,3}}(?:[{SPACES}]\d{{3}})+)" if thousands == "space" else r"\d+"
    part = rf"(?:{re.escape(point)}\d+)?" if column.type == "number" or column.scale else ""
    if column.unfloat and not part:
        part = r"(?:\.0+)?"
    plain = cell.str.replace_all(f"[{SPACES}]", "").str.replace(point, ".", literal=True)
    read = pl.when(cell.str.contains(f"^[+-]?{whole}{part}$")).then(plain)
    if column.type == "integer" and not column.scale and not column.unfloat:
        return read.cast(pl.Int64(), strict=False)
    value = read.cast(pl.Float64(), strict=False)
    if column.scale:
        # The product of two decimals is one again; binary numbers add noise behind the fifteenth digit.
        value = (value * column.scale).round_sig_figs(15)
    if column.type == "number":
        return value
    return pl.when(value == value.round(0)).then(value).cast(pl.Int64(), strict=False)


def _expected(column: Column) -> str:
    if column.values is not None:
        return f"one of the {len(column.values)} values of the contract was expected"
    if column.type in ("integer", "number"):
        return "a whole number was expected" if column.type == "integer" else "a number was expected"
    if column.type == "date":
        return f"a date like {', '.join(column.formats)} was expected"
    if column.type == "flag":
        return "true or false was expected"
    return f"a cell like {column.pattern} was expected" if column.pattern else "a cell that is not empty was expected"
