"""FINESS, an extract without codes of communes: the postal address tells the commune, or why none is certain."""

from __future__ import annotations

import polars as pl

from ingestion.datasets.finess import cog_of, establishments, with_places


def transform(rows: pl.DataFrame, vintage: str) -> pl.DataFrame:
    """Rows of the bronze table ``facility``."""
    return establishments(with_places(rows, cog_of(vintage)), vintage)
