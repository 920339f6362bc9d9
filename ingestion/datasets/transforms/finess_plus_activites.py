"""FINESS+, activities: what legal entities are authorised to, and what their establishments exercise."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import polars as pl

from ingestion.datasets.finess import authorisations
from ingestion.datasets.finess_plus import activity_cells, legal_entities
from ingestion.datasets.records import Record

EQUIPMENT = "EML"


def records(path: Path) -> Iterator[Record]:
    """A record an activity, numbered as they stand in the document."""
    numbers = count(1)
    for entity in legal_entities(path):
        for cells in activity_cells(entity):
            yield next(numbers), cells


def transform(rows: pl.DataFrame, vintage: str) -> pl.DataFrame:
    """Rows of the bronze table ``authorisation``; an authorisation that has its exercise beside it is an aggregate."""
    exercised = pl.col("authorisation_key").is_in(rows["authorised_under"].drop_nulls().implode())
    numbered = rows.with_columns(pl.coalesce("facility_key", "legal_entity_key").alias("number"))
    return authorisations(numbered, vintage, "activity", number="number").with_columns(
        pl.when(pl.col("nature") == EQUIPMENT).then(pl.lit("equipment")).otherwise(pl.lit("activity")).alias("kind"),
        pl.coalesce("ended_on", "authorised_to").alias("ends_on"),
        (pl.col("facility_key").is_null() & exercised).alias("is_aggregate"),
    )
