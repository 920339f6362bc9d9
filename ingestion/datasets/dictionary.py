"""What the columns of each dataset are, from its contract: the rows of the bronze table ``dataset_column``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ingestion.datasets.contract_model import Column, Contract
from ingestion.schemas import DATASET_COLUMN

if TYPE_CHECKING:
    import polars as pl

#: The table of the published file that a bronze table of datasets becomes, where it is not ``fct_`` and its name.
PUBLISHED = {
    "classification": "fct_territory_class",
    "shape": "dim_territory_shape",
    "territory_vintage": "fct_territory_status",
}
#: Columns that are published under another name.
RENAMED = {"period": "period_key"}
#: Columns that describe a facility whatever the vintage: they are in its dimension alone.
OF_FACILITIES = frozenset({"legal_entity_key", "name", "latitude", "longitude"})


def dataset_columns(contracts: Iterable[Contract]) -> pl.DataFrame:
    """One row per dataset and column of its contract."""
    import polars as pl

    rows = [row for contract in contracts for row in _rows(contract)]
    return pl.DataFrame(rows, schema={column.name: column.dtype for column in DATASET_COLUMN.columns})


def published_table(name: str, column: str = "") -> str:
    """Where the rows of a bronze table of datasets are published, or one of their columns."""
    if name == "facility" and column in OF_FACILITIES:
        return "marts.dim_facility"
    return f"marts.{PUBLISHED.get(name, f'fct_{name}')}"


def _rows(contract: Contract) -> Iterator[dict[str, Any]]:
    for column in contract.columns:
        told = _told(contract, column)
        feeds = [table.name for table in contract.tables if any(c.name == told for c in table.columns)]
        yield {
            "dataset_code": contract.code,
            "column_name": column.name,
            "published_as": column.label,
            "is_pattern": column.published is None and column.published_like is not None,
            "type": column.type,
            "unit": column.unit,
            "published_in": published_table(feeds[0], told) if feeds else None,
            "published_column": RENAMED.get(told, told) if feeds else None,
        }


def _told(contract: Contract, column: Column) -> str:
    """The column of the bronze table that the cells go to by the contract: a function may do more with them."""
    transform = contract.transform
    if transform.unpivot is not None and column.name in transform.unpivot.cells:
        return transform.unpivot.value
    if column.name == transform.territory:
        return "territory_key"
    return "period" if column.name == transform.period else column.name
