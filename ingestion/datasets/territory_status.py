"""Files that say which territories there are at a date, and what each belongs to: rows of ``territory_vintage``.

A contract names its columns as the parts of :data:`PARTS`; each transform says the level of its rows, or has a column
``level``. A code that the reference does not know makes a row without a territory key: the reference is then to be
built again, and until it is the rows of other files with that code are quarantined.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from ingestion.datasets.shaping import known_codes, territory_of

#: Column of the bronze table, and our column with the code and the level of the territory that it names.
PARTS = {
    "parent_territory_key": ("parent", "commune"),
    "arrondissement_territory_key": ("arrondissement", "arrondissement"),
    "department_territory_key": ("department", "department"),
    "region_territory_key": ("region", "region"),
    "epci_territory_key": ("epci", "epci"),
    "ept_territory_key": ("ept", "ept"),
    "seat_territory_key": ("seat", "commune"),
}


def status_of(level: str | None = None) -> Callable[[pl.DataFrame, str], pl.DataFrame]:
    """The transform of a file whose rows are of one level, or say theirs."""

    def transform(rows: pl.DataFrame, vintage: str) -> pl.DataFrame:
        return statuses(rows if level is None else rows.with_columns(level=pl.lit(level)), vintage)

    return transform


def statuses(rows: pl.DataFrame, vintage: str) -> pl.DataFrame:
    """Rows of ``territory_vintage``: the territories that columns ``level`` and ``code`` name, and what they lie in."""
    known = list(known_codes().territories)
    key = territory_of(pl.col("level"), pl.col("code"))
    parts = [
        _known(territory_of(level, pl.col(column)), known).alias(name)
        for name, (column, level) in PARTS.items()
        if column in rows.columns
    ]
    return rows.with_columns(
        pl.col("code").alias("territory_code"),
        pl.col("level").alias("territory_level"),
        _known(key, known).alias("territory_key"),
        *parts,
        pl.lit(vintage).alias("period"),
        pl.lit("observed").alias("obs_status"),
        pl.lit(False).alias("is_aggregate"),
    )


def _known(key: pl.Expr, known: list[str]) -> pl.Expr:
    return pl.when(key.is_in(known)).then(key)
