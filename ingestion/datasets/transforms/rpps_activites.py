"""RPPS: activities counted by commune, and the persons behind them, who may have several."""

from __future__ import annotations

import polars as pl

from ingestion.datasets.reading import LINE
from ingestion.datasets.shaping import known_codes, territory_of

#: The file holds one department: who works in several of its communes is one person there.
DEPARTMENT = "department:33"
ALL_MODES = "ensemble"


def transform(rows: pl.DataFrame, vintage: str) -> pl.DataFrame:
    """Rows of the bronze table ``professional``, each on the first of the lines that it counts.

    Activities by commune, speciality and mode add up. Persons, by distinct pseudonym, do not: whoever works in two
    communes is counted in both, so their rows are aggregates, and the department's row counts each once.
    """
    keyed = rows.with_columns(territory_of("commune", pl.col("commune")).alias("territory_key"))
    # A territory that we do not know stays on each of its lines, so that all of them are quarantined.
    known = pl.col("territory_key").is_in(sorted(known_codes().territories))
    taken = keyed.filter(known)
    counts = [
        _counted(taken, pl.len(), "activité", is_aggregate=False),
        _persons(taken),
        _persons(taken.with_columns(pl.lit(DEPARTMENT).alias("territory_key"))),
        _counted(keyed.filter(~known).with_columns(by=pl.col(LINE)), pl.len(), "activité", is_aggregate=False),
    ]
    return pl.concat(counts, how="diagonal_relaxed").with_columns(
        pl.lit(vintage).alias("period"),
        pl.lit("activite").alias("location_basis"),
        pl.lit("T").alias("sex"),
        pl.lit("observed").alias("obs_status"),
    )


def _persons(rows: pl.DataFrame) -> pl.DataFrame:
    """Distinct persons by territory and speciality, whatever their modes."""
    everyone = rows.with_columns(pl.lit(ALL_MODES).alias("practice_mode"))
    return _counted(everyone, pl.col("pseudonym").n_unique(), "personne", is_aggregate=True)


def _counted(rows: pl.DataFrame, count: pl.Expr, unit: str, *, is_aggregate: bool) -> pl.DataFrame:
    by = [c for c in ("territory_key", "profession_key", "practice_mode", "by") if c in rows.columns]
    counted = rows.group_by(by, maintain_order=True).agg(count.cast(pl.Float64).alias("headcount"), pl.col(LINE).min())
    return counted.with_columns(pl.lit(unit).alias("counted_unit"), pl.lit(is_aggregate).alias("is_aggregate"))
