"""FINESS+, structures: legal entities and their establishments, open and closed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import polars as pl

from ingestion.datasets.finess import cog_of, with_places
from ingestion.datasets.finess_plus import legal_entities, structure_cells
from ingestion.datasets.reading import placeholder
from ingestion.datasets.records import Record
from ingestion.datasets.shaping import territory_of


def records(path: Path) -> Iterator[Record]:
    """A record a structure, numbered as they stand in the document."""
    numbers = count(1)
    for entity in legal_entities(path):
        for cells in structure_cells(entity):
            yield next(numbers), cells


def transform(rows: pl.DataFrame, vintage: str) -> pl.DataFrame:
    """Rows of the bronze table ``facility``. Where the commune's code is missing the address tells it, or why not."""
    placed = with_places(rows, cog_of(vintage))
    coded = pl.col("commune").is_not_null()
    return placed.with_columns(
        pl.when(coded)
        .then(territory_of("commune", pl.col("commune")))
        .otherwise(pl.col("territory_key"))
        .alias("territory_key"),
        pl.when(coded).then(pl.lit("commune_code")).otherwise(pl.col("territory_basis")).alias("territory_basis"),
        pl.when(~coded).then(pl.col("territory_note_fr")).alias("territory_note_fr"),
        pl.lit(vintage).alias("period"),
        pl.col(placeholder("opened_on")).alias("is_placeholder_date"),
        pl.lit("observed").alias("obs_status"),
        pl.lit(False).alias("is_aggregate"),
    )
