"""INSEE, legal populations overseas: the commune's three figures begin with the last one of its collectivity's code."""

from __future__ import annotations

import polars as pl


def transform(rows: pl.DataFrame, vintage: str) -> pl.DataFrame:
    """Rows of the bronze table ``population``: 975 and 501 are the commune 97501."""
    return rows.with_columns(
        ("commune:" + pl.col("collectivity").str.slice(0, 2) + pl.col("commune")).alias("territory_key"),
        pl.lit(vintage).alias("period"),
        pl.lit("T").alias("sex"),
        pl.lit("observed").alias("obs_status"),
        pl.lit(False).alias("is_aggregate"),
    )
