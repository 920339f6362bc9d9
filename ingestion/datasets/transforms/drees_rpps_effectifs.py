"""DREES, RPPS: four levels of territory in one column, totals of territory, speciality and mode among the details."""

from __future__ import annotations

import polars as pl

from ingestion.datasets.territory_names import by_label, by_name

#: Centre-Val de Loire was called Centre until 17 January 2015 (law 2015-29).
RENAMED = {"Centre": "region:24"}
TOTALS = ("rpps-medecins", "rpps-specialistes", "rpps-generalistes")


def transform(rows: pl.DataFrame, _vintage: str) -> pl.DataFrame:
    """Rows of the bronze table ``professional``; a row is an aggregate by its zone, its speciality or its mode."""
    zones = {zone: zone_key(zone) for zone in rows["zone"].unique()}
    territory = pl.col("zone").replace_strict(zones, return_dtype=pl.String())
    detailed = (
        territory.str.starts_with("department:")
        & ~pl.col("profession_key").is_in(TOTALS)
        & (pl.col("practice_mode") != "ensemble")
    )
    return rows.with_columns(
        territory.alias("territory_key"),
        pl.col("annee").alias("period"),
        (~detailed).fill_null(True).alias("is_aggregate"),
        pl.lit("inscription").alias("location_basis"),
        pl.lit("T").alias("sex"),
        pl.lit("personne").alias("counted_unit"),
        pl.lit("observed").alias("obs_status"),
    )


def zone_key(zone: str) -> str | None:
    """The key of a zone: a department by its code, or a country or region of 2014 by its name; null where none is."""
    if zone[:1].isdigit():
        return by_label("department", zone)
    return RENAMED.get(zone) or by_name("country", zone) or by_name("region", zone)
