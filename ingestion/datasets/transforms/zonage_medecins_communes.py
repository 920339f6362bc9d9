"""Physicians' zones without INSEE's codes: communes by postal code and name, one row a commune."""

from __future__ import annotations

import polars as pl

from ingestion.postal_codes import postal_index

#: The order of 9 May 2025, published on the 16th, draws zones anew in territoires de vie-santé, by thresholds of 2.71
#: and 3.98 on the APL of 2023; before it they were chosen under 2.5 consultations a year. Agencies apply it by orders
#: of their own: a vintage that names no month of 2025 is taken for one of the method before.
FIRST_OF_NEW_METHOD = "2025-07"
BEFORE = "avant l’arrêté du 9 mai 2025 (seuil de 2,5 consultations)"
SINCE = "arrêté du 9 mai 2025 (seuils de 2,71 et 3,98 consultations)"


def transform(rows: pl.DataFrame, vintage: str) -> pl.DataFrame:
    """Rows of the bronze table ``zoning``: a zone once a commune, however many postal codes say it.

    A commune with two zones keeps both rows, which nothing may choose between.
    """
    index, cog = postal_index(), int(vintage[:4]) if vintage[:4].isdigit() else 0
    found = [index.find(code, name, cog) for code, name in rows.select("postal_code", "label").iter_rows()]
    placed = rows.with_columns(pl.Series("territory_key", found, dtype=pl.String()))
    is_one = pl.col("zone").n_unique().over("territory_key") == 1
    said_once = pl.col("line") == pl.col("line").min().over("territory_key")
    kept = placed.filter(pl.col("territory_key").is_null() | ~is_one | said_once)
    return kept.with_columns(
        pl.lit(vintage).alias("period"),
        pl.lit("medecins-generalistes").alias("profession_key"),
        pl.lit("commune").alias("mesh"),
        pl.lit("arrêtés des ARS").alias("legal_basis"),
        pl.lit(SINCE if vintage >= FIRST_OF_NEW_METHOD else BEFORE).alias("method_version"),
        pl.lit("observed").alias("obs_status"),
        pl.lit(False).alias("is_aggregate"),
    )
