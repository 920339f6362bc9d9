"""Mayotte's populations: the commune's code lacks the 97 of its department's."""

from __future__ import annotations

import polars as pl


def transform(rows: pl.DataFrame, vintage: str) -> pl.DataFrame:
    """Rows of the bronze table ``population``: 976 and 601 are the commune 97601."""
    return rows.with_columns(
        ("commune:97" + pl.col("commune")).alias("territory_key"),
        pl.lit(vintage).alias("period"),
        pl.lit("T").alias("sex"),
        pl.lit("observed").alias("obs_status"),
        pl.lit(False).alias("is_aggregate"),
    )
