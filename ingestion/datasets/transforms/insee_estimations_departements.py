"""INSEE, yearly estimates: two levels of territory in one column; totals of France, of sexes and of ages."""

from __future__ import annotations

import polars as pl

METROPOLE, FRANCE = "France métropolitaine", "France métropolitaine et DOM"
#: From this year on the totals of France have Mayotte in them (INSEE, first sheet of the workbook).
MAYOTTE_SINCE = 2014
#: The estimates of the last three years are provisional until the census of the first of them is known (same sheet).
PROVISIONAL_YEARS = 3


def transform(rows: pl.DataFrame, vintage: str) -> pl.DataFrame:
    """Rows of the bronze table ``population``; one sex in one class of age of one department is no total."""
    year, zone = pl.col("annee").cast(pl.Int64()), pl.col("zone")
    whole = pl.when(year >= MAYOTTE_SINCE).then(pl.lit("country:FR")).otherwise(pl.lit("country:FR-HORS-MAYOTTE"))
    is_total = zone.is_in([METROPOLE, FRANCE])
    return rows.with_columns(
        pl.when(zone == METROPOLE)
        .then(pl.lit("country:FR-METRO"))
        .when(zone == FRANCE)
        .then(whole)
        .otherwise("department:" + zone)
        .alias("territory_key"),
        pl.col("annee").alias("period"),
        pl.col("age_from", "age_to").cast(pl.Int64()),
        pl.lit("estimee_1er_janvier").alias("population_kind"),
        pl.when(year > int(vintage) - PROVISIONAL_YEARS)
        .then(pl.lit("provisional"))
        .otherwise(pl.lit("estimated"))
        .alias("obs_status"),
        (is_total | (pl.col("sex") == "T") | pl.col("age_from").is_null()).alias("is_aggregate"),
    )
