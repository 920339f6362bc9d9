"""The DGCL's EPCI and their communes: a row a commune, and one for each EPCI under the line that names it first."""

from __future__ import annotations

import polars as pl

from ingestion.datasets.territory_status import statuses


def transform(rows: pl.DataFrame, vintage: str) -> pl.DataFrame:
    """Rows of ``territory_vintage``."""
    groups = rows.unique("epci", keep="first", maintain_order=True).select(
        "line", pl.lit("epci").alias("level"), pl.col("epci").alias("code"), pl.col("epci_name").alias("name")
    )
    members = rows.select("line", pl.lit("commune").alias("level"), "code", "name", "epci")
    return statuses(pl.concat([members, groups], how="diagonal"), vintage)
