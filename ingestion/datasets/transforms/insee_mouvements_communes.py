"""INSEE's movements of communes, as one vintage of the COG tells them."""

from __future__ import annotations

import polars as pl

from ingestion.datasets.shaping import known_codes
from ingestion.reference.movements import KINDS_FR


def transform(rows: pl.DataFrame, vintage: str) -> pl.DataFrame:
    """Rows of ``territory_event``; a code that was in use within one day only is no territory of the reference."""
    key = "commune:" + pl.coalesce("from_code", "to_code")
    return rows.with_columns(
        pl.when(key.is_in(list(known_codes().territories))).then(key).alias("territory_key"),
        pl.lit(vintage).alias("period"),
        pl.col("row_no").cast(pl.Int64),
        pl.col("kind").replace_strict(KINDS_FR, default=None).alias("kind_fr"),
        pl.lit("observed").alias("obs_status"),
        pl.lit(False).alias("is_aggregate"),
    )
