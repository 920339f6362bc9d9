"""INSEE's Melodi API, reference populations: pages of observations, each with its dimensions and one measure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from ingestion.datasets.records import Record, open_limited
from ingestion.datasets.shaping import territory_of

MEASURE = "OBS_VALUE_NIVEAU"
#: Paris, Lyon and Marseille are the sum of their arrondissements, where a file has those too.
CITIES_OF_ARRONDISSEMENTS = ("75056", "69123", "13055")


def records(path: Path) -> Iterator[Record]:
    """The observations of every page, numbered through; a page is a line, or the whole file."""
    number = 0
    with open_limited(path) as stream:
        for page in stream:
            if not page.strip():
                continue
            answer = json.loads(page)
            if not isinstance(answer, dict) or not isinstance(answer.get("observations"), list):
                number += 1
                yield number, "a page with its observations was expected"
                continue
            for observation in answer["observations"]:
                number += 1
                yield number, _cells(observation)


def transform(rows: pl.DataFrame, _vintage: str) -> pl.DataFrame:
    """Rows of the bronze table ``population``: all but communes are sums of them, where communes are not themselves."""
    communes = rows["level"] == "commune"
    has_arrondissements = bool((rows["level"] == "municipal_arrondissement").any())
    summed = pl.col("code").is_in(CITIES_OF_ARRONDISSEMENTS) & pl.lit(has_arrondissements)
    return rows.with_columns(
        territory_of(pl.col("level"), pl.col("code")).alias("territory_key"),
        pl.col("year").alias("period"),
        pl.lit("T").alias("sex"),
        pl.lit("observed").alias("obs_status"),
        pl.when(communes).then(summed).otherwise(pl.col("level") != "municipal_arrondissement").alias("is_aggregate"),
    )


def _cells(observation: Any) -> Mapping[str, str | None] | str:
    try:
        dimensions, measures = dict(observation["dimensions"]), dict(observation["measures"])
        vintage, level, code = dimensions.pop("GEO").split("-", 2)
        value = measures.pop(MEASURE)["value"]
    except (AttributeError, KeyError, TypeError, ValueError):
        return f"an observation with GEO and {MEASURE} was expected"
    if measures:
        return f"no measure but {MEASURE} was expected, {', '.join(sorted(measures))} found"
    told = {name: None if cell is None else str(cell) for name, cell in dimensions.items()}
    place = {"GEO vintage": vintage, "GEO level": level, "GEO code": code}
    return {**told, **place, MEASURE: None if value is None else str(value)}
