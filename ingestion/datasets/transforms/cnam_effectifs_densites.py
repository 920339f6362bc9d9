"""CNAM: three levels of territory in two columns, totals among the details, densities over assorted populations."""

from __future__ import annotations

import polars as pl

#: « Tout département »: the row is of the region, or of France where the region is 99.
ALL_DEPARTMENTS, FRANCE = "999", "99"
#: Their densities are over other people than the whole population, whom the file does not name: 236 midwives of Gironde
#: are 60.2 per 100,000, so of some 392,000 people where the department has four times as many.
OWN_POPULATION = ("cnam-gynecologues", "cnam-pediatres", "cnam-sages-femmes")
TOTALS = (
    "cnam-medecins",
    "cnam-medecins-generalistes",
    "cnam-medecins-specialistes",
    "cnam-chirurgiens-dentistes",
    "cnam-auxiliaires-medicaux",
)


def transform(rows: pl.DataFrame, _vintage: str) -> pl.DataFrame:
    """Rows of the bronze table ``professional``; a row is an aggregate by its territory or by its profession."""
    region, department, profession = pl.col("region"), pl.col("departement"), pl.col("profession_key")
    over_departments = department == ALL_DEPARTMENTS
    return rows.with_columns(
        pl.when(~over_departments)
        .then("department:" + department)
        .when(region == FRANCE)
        .then(pl.lit("country:FR"))
        .otherwise("region:" + region)
        .alias("territory_key"),
        pl.col("annee").alias("period"),
        (over_departments | profession.is_in(TOTALS)).alias("is_aggregate"),
        pl.when(profession.is_in(OWN_POPULATION))
        .then(pl.lit("population propre à la profession"))
        .otherwise(pl.lit("population totale"))
        .alias("density_population"),
        pl.lit(100_000).alias("density_per"),
        pl.lit("liberal").alias("practice_mode"),
        pl.lit("cabinet").alias("location_basis"),
        pl.lit("personne").alias("counted_unit"),
        pl.lit("observed").alias("obs_status"),
    )
