"""GeoHisto's regions: those of before 2016 are former regions, and lead to those that hold their ground."""

from __future__ import annotations

import polars as pl

from ingestion.datasets.territory_status import statuses


def transform(rows: pl.DataFrame, vintage: str) -> pl.DataFrame:
    """Rows of ``territory_vintage``. A region that was renamed (Centre, 2015) leads to itself."""
    placed = statuses(
        rows.with_columns(pl.lit("region").alias("level"), pl.col("published_code").alias("code")), vintage
    )
    successors = (
        pl.col("successors").str.extract_all(r"fr:region:\d\d").list.eval("region:" + pl.element().str.slice(-2))
    )
    return placed.with_columns(
        pl.col("territory_key").str.split(":").list.first().alias("territory_level"),
        successors.list.join(" ").replace("", None).alias("successor_territory_keys"),
    )
