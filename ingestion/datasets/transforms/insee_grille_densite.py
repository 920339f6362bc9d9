"""INSEE's density grid: three classifications of communes, one of the levels above, and shares of inhabitants.

Of its populations only those of the bassins de vie are taken: the others are published, by commune and EPCI, with the
populations of reference, and two sources of one figure would be two facts.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ingestion.datasets.shaping import territory_of

#: Classification: our columns of its code and its label, and its name.
SCHEMES = {
    "dens": ("libdens", "grille de densité, 3 niveaux"),
    "dens7": ("libdens7", "grille de densité, 7 niveaux"),
    "dens_aav": ("libdens_aav", "grille de densité croisée avec les aires d’attraction des villes"),
}
#: Of departments the class is another: predominantly urban, intermediate or rural.
DEPARTMENTS = "typologie de densité des départements"
#: Shares of the municipal population, by our column.
SHARES = {
    "p1": "Part de la population en zone urbaine dense (niveau 1)",
    "p2": "Part de la population en zone urbaine intermédiaire (niveau 2)",
    "p3": "Part de la population en zone rurale (niveau 3)",
    "p_rural": "Part de la population dans le rural",
}


def transform(rows: pl.DataFrame, vintage: str) -> Mapping[str, pl.DataFrame]:
    """Rows of ``classification``, ``local_indicator`` and ``population``."""
    keyed = rows.with_columns(
        territory_of(pl.col("level"), pl.col("code")).alias("territory_key"),
        pl.lit(vintage).alias("period"),
        pl.lit("observed").alias("obs_status"),
        pl.lit(False).alias("is_aggregate"),
    )
    return {
        "classification": pl.concat(_classes(keyed, code, *told) for code, told in SCHEMES.items()),
        "local_indicator": pl.concat(_shares(keyed, column, label) for column, label in SHARES.items()),
        "population": _populations(keyed),
    }


def _classes(keyed: pl.DataFrame, code: str, label: str, name: str) -> pl.DataFrame:
    """One classification; the share is that of the inhabitants in the degree that the class is named after."""
    of_department = pl.col("level") == "department"
    degree = pl.coalesce(pl.when(pl.col("dens") == n).then(pl.col(f"p{n}")) for n in "123")
    return keyed.filter(pl.col(code).is_not_null()).select(
        "line",
        "territory_key",
        "period",
        "obs_status",
        "is_aggregate",
        pl.when(of_department).then(pl.lit(DEPARTMENTS)).otherwise(pl.lit(name)).alias("scheme"),
        pl.col(code).alias("class_code"),
        pl.col(label).alias("class_label"),
        (degree if code == "dens" else pl.lit(None, pl.Float64)).alias("share"),
    )


def _shares(keyed: pl.DataFrame, column: str, label: str) -> pl.DataFrame:
    return keyed.filter(pl.col(column).is_not_null()).select(
        "line",
        "territory_key",
        "period",
        "obs_status",
        "is_aggregate",
        pl.lit(column).alias("local_indicator_code"),
        pl.lit(label).alias("label_fr"),
        pl.col(column).alias("value"),
        pl.lit("percent").alias("unit"),
    )


def _populations(keyed: pl.DataFrame) -> pl.DataFrame:
    return keyed.filter(pl.col("level") == "bassin_de_vie").select(
        "line",
        "territory_key",
        "obs_status",
        ("20" + pl.col("year")).alias("period"),
        pl.lit("municipale").alias("population_kind"),
        pl.lit("T").alias("sex"),
        pl.col("pmun").alias("population"),
        pl.lit(True).alias("is_aggregate"),
    )
