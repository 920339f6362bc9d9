"""The COG of before 2019: a commune's code is in two columns, its name in two, its arrondissement is a number."""

from __future__ import annotations

import polars as pl

from ingestion.datasets.territory_status import statuses


def transform(rows: pl.DataFrame, vintage: str) -> pl.DataFrame:
    """Rows of ``territory_vintage``: 24 and 168 are 24168, « (L') » and « Abergement » are « L'Abergement »."""
    article = pl.col("article").str.strip_chars("()")
    elided = article.str.ends_with("'")
    name = (
        pl.when(article.is_null())
        .then(pl.col("label"))
        .otherwise(article + pl.when(elided).then(pl.lit("")).otherwise(pl.lit(" ")) + pl.col("label"))
    )
    is_commune = pl.col("level") == "commune"
    composed = rows.with_columns(
        (pl.col("department") + pl.col("commune")).alias("code"),
        name.alias("name"),
        (pl.col("department") + pl.col("arrondissement")).alias("arrondissement"),
        pl.when(~is_commune).then(pl.col("parent")).alias("parent"),
    )
    return statuses(composed, vintage)
