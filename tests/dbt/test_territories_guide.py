"""docs/territories.md: every query of the page runs on the committed reference and says what the page says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest
from commune_functions import warehouse

from ingestion.territories import scan_commune_grounds, scan_populations, scan_territories

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "territories.md"
QUERIES = dict(re.findall(r'```sql name="([^"]+)"\n(.*?)```', GUIDE.read_text(encoding="utf-8"), re.DOTALL))


@pytest.fixture(scope="module")
def france() -> Iterator[duckdb.DuckDBPyConnection]:
    people = scan_populations().rename({"period": "period_key"})
    people = people.with_columns(age_from=pl.lit(None, pl.Int64), age_to=pl.lit(None, pl.Int64))
    with warehouse(scan_territories().collect(), scan_commune_grounds().collect(), people.collect()) as connection:
        yield connection


def test_the_page_has_the_queries_that_are_tested_here() -> None:
    assert set(QUERIES) == {"count", "left out", "estimate"}


def test_the_queries_share_out_the_whole(france: duckdb.DuckDBPyConnection) -> None:
    exact = france.execute(QUERIES["count"]).pl()
    left_out = france.execute(QUERIES["left out"]).pl()
    estimated = france.execute(QUERIES["estimate"]).pl()
    whole = 66_988_403  # France without Mayotte, 2019: INSEE
    assert left_out["from_territory_key"].to_list() == ["commune:15141", "commune:60054", "commune:85084"]
    assert set(left_out["how"]) == {"split"}
    assert exact["population_2019"].sum() + left_out["population"].sum() == whole
    assert estimated["population_2019"].sum() == pytest.approx(whole)
    # The parts of the three, which took nothing from elsewhere.
    assert estimated["is_estimate"].sum() == 5 + 2 + 3
    assert estimated.height == exact.height + 10
