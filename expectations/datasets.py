"""What the contract of a dataset says of its bronze rows, as expectations: the second look at what a transform made.

The reading has refused the cells that are not as the contract says; what these find was made by a transform.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from expectations.suite import Check
from ingestion.schemas import TABLES, Table

if TYPE_CHECKING:
    import polars as pl

    from ingestion.datasets.contract_model import Contract

ROW_INDEX = "row_index"
#: Levels that codes of a level may turn out to be of (see ``ingestion.datasets.shaping.territory_of``).
ALIKE = {"commune": ("commune", "municipal_arrondissement"), "region": ("region", "former_region")}


def dataset_checks(frames: Mapping[str, pl.DataFrame]) -> list[Check]:
    """The suites of the datasets that arrive, over the tables among them that have their columns."""
    if "dataset" not in frames or "dataset_code" not in frames["dataset"].columns:
        return []
    from ingestion.datasets.contracts import load_contracts

    arrived = set(frames["dataset"]["dataset_code"])
    whole = {name for name, frame in frames.items() if {c.name for c in TABLES[name].columns} <= set(frame.columns)}
    contracts = (contract for code, contract in load_contracts().items() if code in arrived)
    return [check for contract in contracts for check in contract_checks(contract) if check.table in whole]


def contract_checks(contract: Contract) -> list[Check]:
    """The suite of one dataset: on each of its tables, its rows alone."""
    return [check for table in contract.tables for check in _table_checks(contract, table)]


def _table_checks(contract: Contract, table: Table) -> Iterator[Check]:
    for column, accepted in sorted(_accepted(contract, table).items()):
        values = ", ".join(f"'{_quoted(value)}'" for value in accepted)
        sentence = f"{contract.code} : {column} est l’une des valeurs du contrat : {', '.join(accepted)}."
        yield _check(contract, table, "contract", column, sentence, f"{column} NOT IN ({values})")
    if levels := _levels(contract):
        listed = ", ".join(f"'{level}'" for level in levels)
        condition = f"split_part(territory_key, ':', 1) NOT IN ({listed})"
        sentence = f"{contract.code} : les territoires sont du niveau du contrat : {', '.join(levels)}."
        yield _check(contract, table, "level", "territory_key", sentence, condition)
    # A vintage is named after its last year or after the day when it was made; nothing in it was observed later.
    late = "TRY_CAST(left(period, 4) AS INTEGER) > TRY_CAST(left(split_part(dataset_key, '@', 2), 4) AS INTEGER)"
    sentence = f"{contract.code} : aucune période ne vient après l’année du millésime."
    yield _check(contract, table, "vintage", "period", sentence, late)


def _check(contract: Contract, table: Table, kind: str, column: str, sentence: str, condition: str) -> Check:
    own = f"starts_with(dataset_key, '{contract.code}@')"
    found = f"SELECT {ROW_INDEX} AS found FROM {{batch}} WHERE {own} AND {condition}"
    return Check(f"{table.name}.{contract.code}.{kind}.{column}", table.name, sentence, found=found)


def _accepted(contract: Contract, table: Table) -> dict[str, tuple[str, ...]]:
    """The texts that a declared transform can give to columns of the table; a function may do other things to them."""
    if contract.transform.function:
        return {}
    texts = {column.name for column in table.columns if column.type == "text"}
    found = {c.name: tuple(c.values.values()) for c in contract.columns if c.values and c.name in texts}
    found |= {name: (value,) for name, value in contract.transform.constants.items() if isinstance(value, str)}
    return {name: tuple(sorted(set(values))) for name, values in found.items() if name in texts}


def _levels(contract: Contract) -> tuple[str, ...]:
    """The levels that a declared transform can give; none where it looks names up or a function decides."""
    where = contract.territories
    if contract.transform.function or where.by == "name":
        return ()
    if where.level is not None:
        return ALIKE.get(where.level, (where.level,))
    told = contract.column(where.level_from or "").values
    return tuple(sorted({one for level in told.values() for one in ALIKE.get(level, (level,))})) if told else ()


def _quoted(text: str) -> str:
    return text.replace("'", "''")
