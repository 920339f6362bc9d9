"""FINESS, the old national flow of establishments."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from ingestion.datasets.finess import establishments, with_communes
from ingestion.datasets.finess_flow import ESTABLISHMENT_502, flow_records
from ingestion.datasets.records import Record


def records(path: Path) -> Iterator[Record]:
    """The lines of the flow by the names of its layout."""
    return flow_records(path, "structureet", ESTABLISHMENT_502)


def transform(rows: pl.DataFrame, vintage: str) -> pl.DataFrame:
    """Rows of the bronze table ``facility``."""
    return establishments(with_communes(rows), vintage)
