"""FINESS, an extract of one region: three digits and the department make the commune's code."""

from __future__ import annotations

import polars as pl

from ingestion.datasets.finess import establishments, with_communes


def transform(rows: pl.DataFrame, vintage: str) -> pl.DataFrame:
    """Rows of the bronze table ``facility``."""
    return establishments(with_communes(rows), vintage)
