"""From the typed rows of a dataset to the rows of its bronze table, and the checks that need our reference.

A line goes whole: when one of the rows that it gives cannot stand (a territory that we do not know, a key given
twice), all of them are quarantined with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

from ingestion.datasets.contract_model import Contract, Scalar, Unpivot, module_name
from ingestion.datasets.layout import Member
from ingestion.datasets.reading import LINE, Refused, Sheet, placeholder, secret
from ingestion.datasets.territory_names import by_name, former_region_codes
from ingestion.periods import PeriodError, parse_period
from ingestion.schemas import TABLES, Table

if TYPE_CHECKING:
    import polars as pl

#: ``conf_status`` of a row whose value exists and may not be published (secret statistique).
SECRET = "secret"
ARRONDISSEMENTS = "municipal_arrondissement"
Frames = dict[str, "pl.DataFrame"]
Function = Callable[["pl.DataFrame", str], "pl.DataFrame | Frames"]


@dataclass(frozen=True)
class Known:
    """The codes of the reference that rows may name."""

    territories: frozenset[str]
    professions: frozenset[str]


@lru_cache(maxsize=1)
def known_codes() -> Known:
    """Official territories and declared professions."""
    from ingestion.reference.fragments import read_csv
    from ingestion.reference.models import Profession
    from ingestion.territories import REFERENCE, scan_territories

    professions = read_csv(REFERENCE / "professions.csv", Profession)
    return Known(
        frozenset(scan_territories().select("territory_key").collect().to_series()),
        frozenset(entry.value.profession_key for entry in professions),
    )


def shape(contract: Contract, sheet: Sheet, vintage: str, known: Known) -> tuple[Frames, Sheet]:
    """The rows of each bronze table (its columns without ``input_sha256``), and the sheet left with what was refused.

    A line goes whole: what is refused of it in one table is refused in all.
    """
    import polars as pl

    rows = _unpivoted(contract, sheet) if contract.transform.unpivot else sheet.rows
    if contract.transform.function:
        given = _function(contract)(rows, vintage)
        frames = given if isinstance(given, dict) else {contract.table.name: given}
    else:
        frames = {contract.table.name: _declared(contract, sheet, rows, vintage)}
    shaped = {table.name: _completed(contract, table, frames[table.name], vintage) for table in contract.tables}
    left = sheet
    for table in contract.tables:
        left = left.without(_refusals(contract, table, shaped[table.name], sheet, known))
    lines = left.rows[LINE].implode()
    kept = {name: frame.filter(pl.col(LINE).is_in(lines)) for name, frame in shaped.items()}
    return {name: frame.select(c.name for c in TABLES[name].columns) for name, frame in kept.items()}, left


def _function(contract: Contract) -> Function:
    function: Function = import_module(f"ingestion.datasets.transforms.{module_name(contract.code)}").transform
    return function


def _completed(contract: Contract, table: Table, frame: pl.DataFrame, vintage: str) -> pl.DataFrame:
    """The rows with every column of the table, in its type, and their line."""
    import polars as pl

    keyed = frame.with_columns(pl.lit(f"{contract.code}@{vintage}").alias("dataset_key"))
    absent = [c for c in table.columns if c.name not in keyed.columns]
    whole = keyed.with_columns(pl.lit(None, c.dtype).alias(c.name) for c in absent)
    return whole.select(LINE, *(pl.col(c.name).cast(c.dtype) for c in table.columns))


def _declared(contract: Contract, sheet: Sheet, rows: pl.DataFrame, vintage: str) -> pl.DataFrame:
    """What renaming, constants and the territories say."""
    import polars as pl

    declared = contract.transform
    added = [_territory(contract).alias("territory_key")]
    if "period" not in rows.columns or declared.period is not None:
        period = pl.col(declared.period) if declared.period in rows.columns else pl.lit(vintage)
        added.append(period.cast(pl.String()).alias("period"))
    if declared.unpivot is None:
        added.append(_conf_status(rows))
    unknown = [placeholder(m.name) for m in sheet.members if placeholder(m.name) in rows.columns]
    if unknown:
        added.append(pl.any_horizontal(unknown).alias("is_placeholder_date"))
    return rows.with_columns(*added, *(pl.lit(value).alias(name) for name, value in declared.constants.items()))


def _territory(contract: Contract) -> pl.Expr:
    import polars as pl

    where = contract.territories
    code = pl.lit(where.code) if where.code else pl.col(contract.transform.territory or "")
    if where.by == "name":
        level = pl.col(where.level_from) if where.level_from else pl.lit(where.level)
        return pl.struct(level.alias("level"), code.alias("name")).map_elements(
            lambda cell: by_name(cell["level"], cell["name"] or ""), return_dtype=pl.String()
        )
    if where.level_from:
        return territory_of(pl.col(where.level_from), code)
    return territory_of(where.level or "", code)


def _unpivoted(contract: Contract, sheet: Sheet) -> pl.DataFrame:
    """A row for each line and column that the unpivot names, with what its heading and the contract say of it."""
    import polars as pl

    unpivot = contract.transform.unpivot
    assert unpivot is not None
    turned = [member for member in sheet.members if member.column.name in unpivot.cells]
    own = {name for m in turned for name in (m.name, secret(m.name), placeholder(m.name))}
    others = [name for name in sheet.rows.columns if name not in own]
    parts = []
    for member in turned:
        told = _cell_of(unpivot, member)
        flag = pl.col(secret(member.name)) if member.column.secrecy_marks else pl.lit(False)
        rows = sheet.rows.filter(~sheet.is_absent(member.name))
        if unpivot.skip_empty:
            rows = rows.filter(pl.col(member.name).is_not_null() | flag)
        parts.append(
            rows.select(
                *others,
                pl.col(member.name).alias(unpivot.value),
                pl.when(flag).then(pl.lit(SECRET)).alias("conf_status"),
                *(pl.lit(value).alias(name) for name, value in told.items()),
            )
        )
    return pl.concat(parts, how="diagonal_relaxed")


def _cell_of(unpivot: Unpivot, member: Member) -> dict[str, Scalar | None]:
    """What the rows of one column say: by its heading's groups, and by the contract."""
    said: dict[str, Scalar | None] = {
        group: unpivot.values[group].get(text or "", text) if group in unpivot.values else text
        for group, text in member.groups.items()
        if not group.isdigit()
    }
    told = unpivot.cells[member.column.name]
    return {**said, **({unpivot.column or "": told} if isinstance(told, str) else told)}


def _conf_status(rows: pl.DataFrame) -> pl.Expr:
    import polars as pl

    flags = [name for name in rows.columns if name.endswith(secret(""))]
    hidden = pl.any_horizontal(flags) if flags else pl.lit(False)
    return pl.when(hidden).then(pl.lit(SECRET)).alias("conf_status")


def territory_of(level: str | pl.Expr, code: pl.Expr) -> pl.Expr:
    """The key of the territory with this code; ``level`` is that of all rows, or of each.

    Files of communes give the arrondissements of Paris, Lyon and Marseille among them, or instead of the commune: the
    codes 75101–75120, 69381–69389 and 13201–13216 (COG) are no communes. The codes of the regions that ended in 2015
    are no codes of regions today.
    """
    import polars as pl

    levels = pl.lit(level) if isinstance(level, str) else level
    arrondissement = code.str.contains(r"^(?:751(?:0[1-9]|1\d|20)|6938[1-9]|132(?:0[1-9]|1[0-6]))$")
    return (
        pl.when((levels == "commune") & arrondissement)
        .then(pl.lit(f"{ARRONDISSEMENTS}:") + code)
        .when((levels == "region") & code.is_in(sorted(former_region_codes())))
        .then(pl.lit("former_region:") + code)
        .otherwise(levels + ":" + code)
    )


def _refusals(
    contract: Contract, table: Table, shaped: pl.DataFrame, published: Sheet, known: Known
) -> Iterator[Refused]:
    """What stands in the way of each row: its line, and the cell as published where one column gave it."""
    for name, bad, expectation in _faults(table, shaped, known):
        source = contract.transform.territory if name == "territory_key" else name
        column = next((c for c in contract.columns if c.name == source and not c.family), None)
        lines = shaped.filter(bad).select(LINE, value=name).unique(LINE, maintain_order=True)
        if column is not None:
            lines = lines.select(LINE).join(published.rows.select(LINE, value=column.name), on=LINE)
        for line, value in lines.iter_rows():
            told = None if value is None else str(value)
            yield Refused(line, column.label if column else name, told, expectation)


def _faults(table: Table, shaped: pl.DataFrame, known: Known) -> Iterator[tuple[str, pl.Expr, str]]:
    """Each check: the column of the bronze table, the rows that fail it, what was expected of them."""
    import polars as pl

    codes = {"territory_key": ("territory", known.territories), "profession_key": ("profession", known.professions)}
    for column in table.columns:
        cell = pl.col(column.name)
        if column.name in codes:
            what, accepted = codes[column.name]
            there = cell.is_in(list(accepted)).fill_null(not column.required)
            yield column.name, ~there, f"a {what} of the reference was expected"
        elif column.required:
            yield column.name, cell.is_null(), f"{column.name} was expected"
        if column.accepted:
            other = ~cell.is_in(list(column.accepted)).fill_null(True)
            yield column.name, other, f"one of {', '.join(column.accepted)} was expected"
    if "period" in shaped.columns:
        unread = [code for code in shaped["period"].unique() if not _is_period(code)]
        yield "period", pl.col("period").is_in(unread), "a period code was expected"
    # What lacks a part of its key that it must have was told so above.
    whole = pl.all_horizontal(pl.col(c.name).is_not_null() for c in table.columns if c.required and c.name in table.key)
    double = pl.struct(table.key).is_duplicated() & whole
    yield "territory_key", double, f"one row a key ({', '.join(table.key)}) was expected"


def _is_period(code: str | None) -> bool:
    try:
        parse_period(code or "")
    except PeriodError:
        return False
    return True
