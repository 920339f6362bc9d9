"""FINESS, the old national flow of legal entities."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from ingestion.datasets.finess import establishments, with_communes
from ingestion.datasets.finess_flow import LEGAL_ENTITY, flow_records
from ingestion.datasets.records import Record


def records(path: Path) -> Iterator[Record]:
    """The lines of the flow by the names of its layout."""
    return flow_records(path, "structureej", LEGAL_ENTITY)


def transform(rows: pl.DataFrame, vintage: str) -> pl.DataFrame:
    """Rows of the bronze table ``facility``."""
    entities = establishments(with_communes(rows), vintage)
    return entities.with_columns(pl.lit("entite_juridique").alias("counted_entity"))
