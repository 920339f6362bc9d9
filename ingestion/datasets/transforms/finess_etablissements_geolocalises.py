"""FINESS, the old national flow of establishments with the coordinates of its second section."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from ingestion.datasets.finess import establishments, with_communes
from ingestion.datasets.finess_flow import located_records
from ingestion.datasets.lambert import wgs84
from ingestion.datasets.records import Record


def records(path: Path) -> Iterator[Record]:
    """The establishments by the names of the layout, with their coordinates."""
    return located_records(path)


def transform(rows: pl.DataFrame, vintage: str) -> pl.DataFrame:
    """Rows of the bronze table ``facility``."""
    places = [wgs84(x, y) if x is not None and y is not None else None for x, y in rows.select("x", "y").iter_rows()]
    located = rows.with_columns(
        pl.Series("latitude", [place and place[0] for place in places], dtype=pl.Float64()),
        pl.Series("longitude", [place and place[1] for place in places], dtype=pl.Float64()),
    )
    return establishments(with_communes(located), vintage)
