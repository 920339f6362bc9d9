"""DREES, maternities: a row a year and establishment, and each establishment as the last year describes it."""

from __future__ import annotations

import polars as pl

from ingestion.datasets.finess import insee_commune
from ingestion.datasets.shaping import territory_of


def transform(rows: pl.DataFrame, _vintage: str) -> dict[str, pl.DataFrame]:
    """Rows of the bronze tables ``maternity`` and ``facility``.

    A maternity that closed says nothing of its establishment, which may go on: no status of facilities follows.
    """
    codes = [insee_commune(code[:2], code[2:]) for code in rows["commune"]]
    maternities = rows.with_columns(pl.Series("commune", codes, dtype=pl.String())).with_columns(
        territory_of("commune", pl.col("commune")).alias("territory_key"),
        pl.lit("observed").alias("obs_status"),
        pl.lit(False).alias("is_aggregate"),
    )
    facilities = maternities.filter(pl.col("period") == pl.col("period").max().over("facility_key")).with_columns(
        pl.lit("etablissement").alias("counted_entity"),
        pl.lit("commune_code").alias("territory_basis"),
    )
    return {"maternity": maternities, "facility": facilities}
