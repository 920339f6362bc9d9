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
    """Rows of the bronze table ``professional``.

    A row is an aggregate by its territory, by its profession, or by its age or sex in a file that has details of them:
    in one that has none, all ages are what it counts.
    """
    region, department, profession = pl.col("region"), pl.col("departement"), pl.col("profession_key")
    over_departments = department == ALL_DEPARTMENTS
    aged = rows.with_columns(*age_bounds(pl.col("ages")))
    any_age = pl.col("age_from").is_null() & pl.col("age_to").is_null()
    any_sex = pl.col("sex") == "T"
    has_ages, has_sexes = (bool(aged.select((~total).any()).item()) for total in (any_age, any_sex))
    return aged.with_columns(
        pl.when(~over_departments)
        .then("department:" + department)
        .when(region == FRANCE)
        .then(pl.lit("country:FR"))
        .otherwise("region:" + region)
        .alias("territory_key"),
        pl.col("annee").alias("period"),
        (
            over_departments | profession.is_in(TOTALS) | (any_age & pl.lit(has_ages)) | (any_sex & pl.lit(has_sexes))
        ).alias("is_aggregate"),
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


def age_bounds(label: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Lowest and highest age of a class, as labels say them; both null for all ages, the highest for an open class."""
    text = label.str.to_lowercase()
    numbers = text.str.extract_all(r"\d+").list.eval(pl.element().cast(pl.Int64()))
    first, second = numbers.list.get(0, null_on_oob=True), numbers.list.get(1, null_on_oob=True)
    under, over = text.str.starts_with("moins de"), text.str.starts_with("plus de")
    lowest = pl.when(under).then(pl.lit(0)).when(over).then(first + 1).otherwise(first)
    highest = pl.when(under).then(first - 1).otherwise(second)
    return lowest.alias("age_from"), highest.alias("age_to")
