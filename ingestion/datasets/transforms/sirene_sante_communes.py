"""SIRENE by commune: the lines of a commune added up, and a row for each kind of establishment."""

from __future__ import annotations

import polars as pl

from ingestion.datasets.reading import LINE
from ingestion.datasets.shaping import known_codes, territory_of

#: By published column: what it counts. The publisher gives no more than the heading.
LABELS = {
    "ambulance": "Établissements d’ambulances",
    "analyse_medicale": "Laboratoires d’analyses médicales",
    "autre": "Autres établissements de santé humaine",
    "autre_specialiste": "Cabinets de médecins spécialistes, hors chirurgie et radiologie",
    "chirurgien": "Cabinets de chirurgiens",
    "dentiste": "Cabinets dentaires",
    "generaliste": "Cabinets de médecins généralistes",
    "hopital": "Établissements hospitaliers",
    "infirmiers": "Cabinets infirmiers",
    "organe": "Centres de collecte et banques d’organes",
    "radiologiste": "Cabinets de radiologie",
    "reeducateur_podologue": "Cabinets de rééducation, d’appareillage et de pédicurie-podologie",
}
SUFFIX = " (SIRENE, comptage dérivé non officiel)"


def transform(rows: pl.DataFrame, vintage: str) -> pl.DataFrame:
    """Rows of the bronze table ``local_indicator``; the sum of a commune stands on the first of its lines."""
    keyed = rows.with_columns(territory_of("commune", pl.col("commune")).alias("territory_key"))
    # A territory that we do not know stays on each of its lines, so that all of them are quarantined.
    known = pl.col("territory_key").is_in(sorted(known_codes().territories))
    summed = keyed.filter(known).group_by("territory_key").agg(pl.col(LINE).min(), pl.col(*LABELS).sum())
    whole = pl.concat([summed, keyed.filter(~known).select(summed.columns)]).sort(LINE)
    return whole.unpivot(
        on=list(LABELS), index=[LINE, "territory_key"], variable_name="kind", value_name="value"
    ).with_columns(
        pl.col("kind").alias("local_indicator_code"),
        (pl.col("kind").replace_strict(LABELS) + SUFFIX).alias("label_fr"),
        pl.lit("count").alias("unit"),
        pl.lit(vintage).alias("period"),
        pl.lit("observed").alias("obs_status"),
        pl.lit(False).alias("is_aggregate"),
    )
