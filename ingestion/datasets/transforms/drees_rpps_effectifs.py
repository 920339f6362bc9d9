"""DREES, RPPS: four levels of territory in one column, totals of territory, speciality and mode among the details."""

from __future__ import annotations

from functools import lru_cache

import polars as pl

from ingestion.territories import fold_name, scan_territories

COUNTRIES = {"france entiere": "country:FR", "france metropolitaine": "country:FR-METRO"}
#: Centre-Val de Loire was called Centre until 17 January 2015 (law 2015-29).
RENAMED = {"centre": "region:24"}
TOTALS = ("rpps-medecins", "rpps-specialistes", "rpps-generalistes")


def transform(rows: pl.DataFrame, _vintage: str) -> pl.DataFrame:
    """Rows of the bronze table ``professional``; a row is an aggregate by its zone, its speciality or its mode."""
    code = pl.col("zone").str.extract(r"^(\d{2}|2[AB]|97\d) - ")
    named = pl.col("zone").map_elements(zone_key, return_dtype=pl.String())
    return rows.with_columns(
        pl.when(code.is_not_null()).then("department:" + code).otherwise(named).alias("territory_key"),
        pl.col("annee").alias("period"),
        (code.is_null() | pl.col("profession_key").is_in(TOTALS) | (pl.col("practice_mode") == "ensemble")).alias(
            "is_aggregate"
        ),
        pl.lit("inscription").alias("location_basis"),
        pl.lit("T").alias("sex"),
        pl.lit("personne").alias("counted_unit"),
        pl.lit("observed").alias("obs_status"),
    )


@lru_cache(maxsize=256)
def zone_key(zone: str) -> str | None:
    """The key of the country or region of 2014 that a zone is named after; null when there is none.

    Where the typewriter's apostrophe was lost (« Côte d\\x92Azur ») the name is that of the region all the same.
    """
    name = fold_name(zone)
    return COUNTRIES.get(name) or RENAMED.get(name) or _regions().get(name)


@lru_cache(maxsize=1)
def _regions() -> dict[str, str]:
    """Keys of the regions in force until the mergers of 2016, by folded name."""
    regions = (
        scan_territories()
        .filter(
            (pl.col("territory_level") == "former_region")
            | ((pl.col("territory_level") == "region") & pl.col("valid_from").is_null())
        )
        .select("name", "territory_key")
        .collect()
    )
    return {fold_name(name): key for name, key in regions.iter_rows()}
