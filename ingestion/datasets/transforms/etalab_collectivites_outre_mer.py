"""Communes outside the departments, each in its collectivity."""

from __future__ import annotations

import polars as pl

from ingestion.datasets.territory_status import statuses


def transform(rows: pl.DataFrame, vintage: str) -> pl.DataFrame:
    """Rows of ``territory_vintage``."""
    placed = statuses(rows.with_columns(level=pl.lit("commune")), vintage)
    return placed.with_columns(parent_territory_key="overseas_collectivity:" + pl.col("collectivity"))
