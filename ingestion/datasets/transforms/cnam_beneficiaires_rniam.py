"""CNAM: several funds a department, totals of France under them, and people of no known fund."""

from __future__ import annotations

import polars as pl

TOTALS = {"France métropolitaine": "country:FR-METRO", "France entière": "country:FR"}
#: « cpam non renseignée (cas particulier de certaines Sections Locales Mutualistes) »
NOT_STATED, NOWHERE = "cpam non renseignée", "not_stated:none"


def transform(rows: pl.DataFrame, vintage: str) -> pl.DataFrame:
    """Rows of the bronze table ``population``: the funds of a department added up, on the line of the first of them.

    Both sexes and all ages are totals of the others, and so is France; a line whose place is not told has no key.
    """
    total = pl.col("label").replace_strict(TOTALS, default=None, return_dtype=pl.String())
    placed = rows.with_columns(
        pl.when(pl.col("dpt").is_not_null())
        .then("department:" + pl.col("dpt"))
        .when(pl.col("cpam").str.starts_with(NOT_STATED))
        .then(pl.lit(NOWHERE))
        .when(pl.col("cpam").is_null() | (pl.col("cpam") == ""))
        .then(total)
        .alias("territory_key"),
        pl.col("age_from", "age_to").cast(pl.Int64()),
    )
    key = ["territory_key", "sex", "age_from", "age_to"]
    summed = placed.group_by(key, maintain_order=True).agg(pl.col("population").sum(), pl.col("line").min())
    any_age = pl.col("age_from").is_null()
    return summed.with_columns(
        pl.lit("beneficiaires").alias("population_kind"),
        pl.lit(vintage).alias("period"),
        pl.lit("observed").alias("obs_status"),
        (pl.col("territory_key").is_in(list(TOTALS.values())) | (pl.col("sex") == "T") | any_age).alias("is_aggregate"),
    )
