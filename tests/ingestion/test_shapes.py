"""The outlines of the reference: every department and region, borders that neighbours share, little to commit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import shape

from ingestion.datasets.outlines import outline
from ingestion.reference.build_shapes import DATASET_KEY, shapes
from ingestion.reference.loading import load_reference
from ingestion.territories import SHAPES, scan_shapes, scan_territories


@pytest.fixture(scope="module")
def drawn() -> pl.DataFrame:
    return scan_shapes().collect()


def test_every_department_and_region_is_drawn_and_little_is_committed(drawn: pl.DataFrame) -> None:
    levels = ("department", "region", "former_region")
    wanted = scan_territories().filter(pl.col("territory_level").is_in(levels)).collect()
    assert set(drawn["territory_key"]) == set(wanted["territory_key"])
    assert SHAPES.stat().st_size < 150_000
    assert load_reference()["dataset"].filter(pl.col("dataset_key") == DATASET_KEY).height == 1


def test_outlines_lie_where_their_territories_do(drawn: pl.DataFrame) -> None:
    overseas = ("region:0", "department:97")
    for key, geometry in drawn.select("territory_key", "geometry").iter_rows():
        read = json.loads(geometry)
        assert outline(read, is_overseas=key.startswith(overseas)) == read


def test_departments_do_not_overlap_and_fill_their_regions(drawn: pl.DataFrame) -> None:
    outlines = {key: shape(json.loads(text)) for key, text in drawn.select("territory_key", "geometry").iter_rows()}
    departments = [outline for key, outline in outlines.items() if key.startswith("department")]
    assert all(outline.is_valid for outline in outlines.values())
    surface = sum(outline.area for outline in departments)
    assert shapely.union_all(departments).area == pytest.approx(surface, rel=1e-5)
    regions = [outline for key, outline in outlines.items() if key.startswith("region")]
    assert sum(outline.area for outline in regions) == pytest.approx(surface, rel=1e-4)


def _squares(cuts: list[float]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Departments side by side between two latitudes, parted at the longitudes of ``cuts``."""
    for number, (west, east) in enumerate(pairwise(cuts), start=1):
        yield f"department:{number:02d}", shapely.geometry.mapping(shapely.box(west, 45, east, 46))


@given(st.lists(st.integers(0, 60), min_size=3, max_size=6, unique=True))
def test_a_region_is_the_whole_of_its_departments(cuts: list[int]) -> None:
    features = dict(_squares([cut / 10 for cut in sorted(cuts)]))
    rows = {row["territory_key"]: row for row in shapes(features, {"region:75": sorted(features)})}
    areas = {key: shape(json.loads(row["geometry"])).area for key, row in rows.items()}
    assert areas.pop("region:75") == pytest.approx(sum(areas.values()))
    assert {row["mesh"] for row in rows.values()} == {"department", "region"}


def test_outlines_that_overlap_are_refused() -> None:
    features = {
        "department:01": shapely.geometry.mapping(shapely.box(0, 45, 1, 46)),
        "department:02": shapely.geometry.mapping(shapely.box(0.5, 45, 2, 46)),
    }
    with pytest.raises(ValueError, match="without overlapping"):
        list(shapes(features, {}))
