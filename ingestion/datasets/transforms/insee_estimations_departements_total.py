"""INSEE, estimates of one year in thousands: labels instead of codes, totals of France among the departments."""

from __future__ import annotations

import polars as pl

from ingestion.datasets.territory_names import by_label, by_name

FRANCE = {
    "France métropolitaine": "metropole",
    "France y c. Mayotte": "france",
    "France hors Mayotte": "france hors mayotte",
}
#: 975 is Saint-Pierre-et-Miquelon in the code géographique; Mayotte is 976.
MAYOTTE = "975 Mayotte"


def transform(rows: pl.DataFrame, _vintage: str) -> pl.DataFrame:
    """Rows of the bronze table ``population``. The file calls the whole year provisional in its notes."""
    zones = pl.col("zone")
    return rows.with_columns(
        zones.map_elements(zone_key, return_dtype=pl.String()).alias("territory_key"),
        pl.col("annee").alias("period"),
        pl.lit("estimee_1er_janvier").alias("population_kind"),
        pl.lit("T").alias("sex"),
        pl.lit("provisional").alias("obs_status"),
        zones.is_in(list(FRANCE)).alias("is_aggregate"),
    )


def zone_key(zone: str) -> str | None:
    """The key of the territory that a label of the table is about."""
    if zone in FRANCE:
        return by_name("country", FRANCE[zone])
    return "department:976" if zone == MAYOTTE else by_label("department", zone)
