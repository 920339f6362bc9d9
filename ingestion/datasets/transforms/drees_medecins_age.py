"""DREES: ages stand in labels, after a number of their own."""

from __future__ import annotations

import polars as pl

from ingestion.datasets.transforms.cnam_effectifs_densites import age_bounds


def transform(rows: pl.DataFrame, _vintage: str) -> pl.DataFrame:
    """Rows of the bronze table ``professional``: France, one row an age class and year."""
    return rows.with_columns(
        *age_bounds(pl.col("age").str.replace(r"^\d+- ?", "")),
        pl.lit("country:FR").alias("territory_key"),
        pl.lit("drees-medecins").alias("profession_key"),
        pl.lit("ensemble").alias("practice_mode"),
        pl.lit("inscription").alias("location_basis"),
        pl.lit("T").alias("sex"),
        pl.lit("personne").alias("counted_unit"),
        pl.lit("observed").alias("obs_status"),
        pl.lit(False).alias("is_aggregate"),
    )
