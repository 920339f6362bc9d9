"""GeoHisto's departments: Corse, Seine and Seine-et-Oise are former departments, 975 was one until it left."""

from __future__ import annotations

import polars as pl

from ingestion.datasets.territory_status import statuses

#: The departments that were cut up, with the last year of each; the codes 75 and 78 went on with others.
CUT_UP = {"20": 1975, "75": 1967, "78": 1967}


def transform(rows: pl.DataFrame, vintage: str) -> pl.DataFrame:
    """Rows of ``territory_vintage``."""
    code, ended = pl.col("published_code"), pl.col("valid_to").dt.year()
    cut_up = pl.any_horizontal((code == was) & (ended == last) for was, last in CUT_UP.items())
    level = (
        pl.when(cut_up)
        .then(pl.lit("former_department"))
        .when(code == "975")
        .then(pl.lit("overseas_collectivity"))
        .otherwise(pl.lit("department"))
    )
    successors = (
        pl.col("successors")
        .str.extract_all(r"fr:departement:\w+")
        .list.eval("department:" + pl.element().str.extract(r"(\w+)$"))
    )
    placed = statuses(rows.with_columns(level.alias("level"), code.alias("code")), vintage)
    return placed.with_columns(successors.list.join(" ").replace("", None).alias("successor_territory_keys"))
