"""FINESS, authorisations: the file says of where they are no more than who gave the establishment's number."""

from __future__ import annotations

import polars as pl

from ingestion.datasets.finess import authorisations


def transform(rows: pl.DataFrame, vintage: str) -> pl.DataFrame:
    """Rows of the bronze table ``authorisation``."""
    return authorisations(rows, vintage, "equipment")
