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

from ingestion.datasets.contracts import Contract, module_name
from ingestion.datasets.reading import LINE, Refused, Sheet, secret
from ingestion.periods import PeriodError, parse_period

if TYPE_CHECKING:
    import polars as pl

#: ``conf_status`` of a row whose value exists and may not be published (secret statistique).
SECRET = "secret"
ARRONDISSEMENTS = "municipal_arrondissement"
Function = Callable[["pl.DataFrame", str], "pl.DataFrame"]


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


def shape(contract: Contract, sheet: Sheet, vintage: str, known: Known) -> tuple[pl.DataFrame, Sheet]:
    """The rows of the bronze table (its columns without ``input_sha256``), and the sheet left with what was refused."""
    import polars as pl

    transform = _function(contract) if contract.transform.function else _declared(contract)
    shaped = transform(sheet.rows, vintage)
    shaped = shaped.with_columns(pl.lit(f"{contract.code}@{vintage}").alias("dataset_key"))
    absent = [c for c in contract.table.columns if c.name not in shaped.columns]
    shaped = shaped.with_columns(pl.lit(None, c.dtype).alias(c.name) for c in absent)
    left = sheet.without(_refusals(contract, shaped, sheet.rows, known))
    rows = shaped.filter(pl.col(LINE).is_in(left.rows[LINE].implode()))
    return rows.select(pl.col(c.name).cast(c.dtype) for c in contract.table.columns), left


def _function(contract: Contract) -> Function:
    function: Function = import_module(f"ingestion.datasets.transforms.{module_name(contract.code)}").transform
    return function


def _declared(contract: Contract) -> Function:
    """What renaming, constants, a territory's level and an unpivot say."""
    import polars as pl

    declared = contract.transform

    def transform(rows: pl.DataFrame, vintage: str) -> pl.DataFrame:
        period = pl.col(declared.period) if declared.period in rows.columns else pl.lit(vintage)
        keyed = rows.with_columns(
            territory_of(contract.territories.level, pl.col(declared.territory or "")).alias("territory_key"),
            period.cast(pl.String()).alias("period"),
            *(pl.lit(value).alias(name) for name, value in declared.constants.items()),
        )
        if declared.unpivot is None:
            return keyed.with_columns(_conf_status(contract, rows))
        cells = declared.unpivot.cells
        return pl.concat(_unpivoted(contract, keyed, name, code) for name, code in cells.items())

    return transform


def _unpivoted(contract: Contract, keyed: pl.DataFrame, name: str, code: str) -> pl.DataFrame:
    import polars as pl

    unpivot = contract.transform.unpivot
    assert unpivot is not None
    flag = pl.col(secret(name)) if contract.column(name).secrecy_marks else pl.lit(False)
    own = keyed.with_columns(
        pl.lit(code).alias(unpivot.column),
        pl.col(name).alias(unpivot.value),
        pl.when(flag).then(pl.lit(SECRET)).alias("conf_status"),
    )
    return own.select(LINE, *(c.name for c in contract.table.columns if c.name in own.columns))


def _conf_status(contract: Contract, rows: pl.DataFrame) -> pl.Expr:
    import polars as pl

    flags = [secret(column.name) for column in contract.columns if secret(column.name) in rows.columns]
    hidden = pl.any_horizontal(flags) if flags else pl.lit(False)
    return pl.when(hidden).then(pl.lit(SECRET)).alias("conf_status")


def territory_of(level: str, code: pl.Expr) -> pl.Expr:
    """The key of the territory with this code.

    Files of communes give the arrondissements of Paris, Lyon and Marseille among them, or instead of the commune: the
    codes 75101–75120, 69381–69389 and 13201–13216 (COG) are no communes.
    """
    import polars as pl

    key = pl.lit(f"{level}:") + code
    if level != "commune":
        return key
    arrondissement = code.str.contains(r"^(?:751(?:0[1-9]|1\d|20)|6938[1-9]|132(?:0[1-9]|1[0-6]))$")
    return pl.when(arrondissement).then(pl.lit(f"{ARRONDISSEMENTS}:") + code).otherwise(key)


def _refusals(contract: Contract, shaped: pl.DataFrame, published: pl.DataFrame, known: Known) -> Iterator[Refused]:
    """What stands in the way of each row: its line, and the cell as published where one column gave it."""
    for name, bad, expectation in _faults(contract, shaped, known):
        source = contract.transform.territory if name == "territory_key" else name
        column = next((c for c in contract.columns if c.name == source), None)
        lines = shaped.filter(bad).select(LINE, value=name).unique(LINE, maintain_order=True)
        if column is not None:
            lines = lines.select(LINE).join(published.select(LINE, value=column.name), on=LINE)
        for line, value in lines.iter_rows():
            told = None if value is None else str(value)
            yield Refused(line, column.published if column else name, told, expectation)


def _faults(contract: Contract, shaped: pl.DataFrame, known: Known) -> Iterator[tuple[str, pl.Expr, str]]:
    """Each check: the column of the bronze table, the rows that fail it, what was expected of them."""
    import polars as pl

    codes = {"territory_key": ("territory", known.territories), "profession_key": ("profession", known.professions)}
    for column in contract.table.columns:
        cell = pl.col(column.name)
        if column.name in codes:
            what, accepted = codes[column.name]
            yield column.name, ~cell.is_in(list(accepted)).fill_null(False), f"a {what} of the reference was expected"
        elif column.required:
            yield column.name, cell.is_null(), f"{column.name} was expected"
        if column.accepted:
            other = ~cell.is_in(list(column.accepted)).fill_null(True)
            yield column.name, other, f"one of {', '.join(column.accepted)} was expected"
    unread = [code for code in shaped["period"].unique() if not _is_period(code)]
    yield "period", pl.col("period").is_in(unread), "a period code was expected"
    double = pl.struct(contract.table.key).is_duplicated()
    yield "territory_key", double, f"one row a key ({', '.join(contract.table.key)}) was expected"


def _is_period(code: str | None) -> bool:
    try:
        parse_period(code or "")
    except PeriodError:
        return False
    return True
