"""DREES: the total of France stands among the departments, whose codes stand in their labels."""

from __future__ import annotations

import polars as pl

from ingestion.datasets.territory_names import by_label

TOTAL = "Ensemble"


def transform(rows: pl.DataFrame, _vintage: str) -> pl.DataFrame:
    """Rows of the bronze table ``professional``, one a department and year; France is an aggregate."""
    keys = {label: by_label("department", label) for label in rows["dep"].unique()} | {TOTAL: "country:FR"}
    return rows.with_columns(
        pl.col("dep").replace_strict(keys, return_dtype=pl.String()).alias("territory_key"),
        (pl.col("dep") == TOTAL).alias("is_aggregate"),
        pl.lit("drees-medecins").alias("profession_key"),
        pl.lit("ensemble").alias("practice_mode"),
        pl.lit("inscription").alias("location_basis"),
        pl.lit("T").alias("sex"),
        pl.lit("personne").alias("counted_unit"),
        pl.lit("observed").alias("obs_status"),
    )
