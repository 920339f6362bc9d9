"""Outlines of territories in GeoJSON: drawn where they lie, closed, rounded; what is drawn for show is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from dataset_files import counts, deliver
from hypothesis import given
from hypothesis import strategies as st

from ingestion.datasets.contracts import load_contracts
from ingestion.datasets.delivery import read_delivery
from ingestion.datasets.outlines import DECIMALS, outline
from warehouse.errors import InputError

SQUARE = [[0.1, 45.1], [0.2, 45.1], [0.2, 45.2], [0.1, 45.2], [0.1, 45.1]]
ISLAND = [[55.2, -21.2], [55.7, -21.2], [55.7, -20.9], [55.2, -21.2]]


def _feature(code: str, ring: list[list[float]], kind: str = "Polygon") -> dict[str, Any]:
    coordinates = [ring] if kind == "Polygon" else [[ring]]
    return {
        "type": "Feature",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": {"code": code, "nom": f"nom de {code}"},
    }


def _file(folder: Path, name: str, *features: dict[str, Any], kind: str = "FeatureCollection") -> Path:
    path = folder / name
    path.write_text(json.dumps({"type": kind, "features": features}, separators=(",", ":")), encoding="utf-8")
    return path


def test_features_are_shapes_of_the_territories_of_their_codes(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        "departements-france-outre-mer-500m.geojson",
        _feature("33", SQUARE),
        _feature("974", ISLAND, "MultiPolygon"),
    )
    read = deliver(path)
    assert read.dataset_key == "contours-departements-outre-mer@2018"
    shapes = read.frames["shape"].sort("territory_key")
    assert shapes["territory_key"].to_list() == ["department:33", "department:974"]
    assert set(shapes["mesh"]) == {"department"}
    assert json.loads(shapes["geometry"][0]) == {"type": "Polygon", "coordinates": [SQUARE]}


def test_old_codes_of_regions_are_those_of_former_regions(tmp_path: Path) -> None:
    path = _file(tmp_path, "regions-avant-redecoupage-2015.geojson", _feature("72", SQUARE), _feature("53", SQUARE))
    assert sorted(deliver(path).frames["shape"]["territory_key"]) == ["former_region:72", "region:53"]


@pytest.mark.parametrize(
    ("feature", "fault"),
    [
        (_feature("33", SQUARE[:-1]), "closed ring"),
        (_feature("33", [[651000.0, 6862000.0], *SQUARE[1:-1], [651000.0, 6862000.0]]), "in degrees"),
        (_feature("33", [[45.1, 0.1], [45.1, 0.2], [45.2, 0.2], [45.1, 0.1]]), "in degrees"),
        (_feature("974", SQUARE), "point of France"),
        ({**_feature("33", SQUARE), "geometry": None}, "Polygon"),
        ({**_feature("33", SQUARE), "geometry": {"type": "Point", "coordinates": [0.1, 45.1]}}, "Point found"),
        (_feature("33", [[0.1, 45.1], [0.10001, 45.1], [0.1, 45.10001], [0.1, 45.1]]), "surface"),
    ],
)
def test_what_cannot_be_drawn_where_it_lies_is_quarantined_alone(
    tmp_path: Path, feature: dict[str, Any], fault: str
) -> None:
    codes = [f"{n:02d}" for n in range(1, 20)] + [f"{n}" for n in range(21, 33)]
    good = [_feature(code, SQUARE) for code in codes]
    read = deliver(_file(tmp_path, "departements-france-outre-mer-500m.geojson", *good, feature))
    assert counts(read) == (32, 31, 0, 1)
    assert fault in read.refused[0].expectation


def test_a_topology_is_refused_whatever_one_says_it_is(tmp_path: Path) -> None:
    """Its overseas departments are drawn beside the mainland, to be shown and not measured."""
    path = _file(tmp_path, "dep.topojson", kind="Topology")
    with pytest.raises(InputError, match="a Topology found, made to be shown"):
        deliver(path)
    with pytest.raises(InputError, match="a Topology found"):
        read_delivery(load_contracts()["contours-departements"], path, path.name, "0" * 64)


_FRENCH = st.tuples(st.floats(-5.0, 9.0), st.floats(42.0, 51.0))


@given(st.lists(_FRENCH, min_size=3, max_size=12))
def test_what_is_kept_of_an_outline_is_closed_rounded_and_near(points: list[tuple[float, float]]) -> None:
    ring = [list(point) for point in (*points, points[0])]
    try:
        kept = outline({"type": "Polygon", "coordinates": [ring]}, is_overseas=False)["coordinates"][0]
    except ValueError:
        return
    assert kept[0] == kept[-1]
    assert len(kept) >= 4
    assert all(round(value, DECIMALS) == value for point in kept for value in point)
    for x, y in kept:
        assert any(abs(x - px) <= 1e-4 and abs(y - py) <= 1e-4 for px, py in points)


@pytest.mark.parametrize(
    ("name", "key", "shapes"),
    [
        ("communes-23-creuse.geojson", "contours-communes-creuse@2018", 258),
        ("departements-france-outre-mer-500m.geojson", "contours-departements-outre-mer@2018", 101),
        ("departements-nouvelle-aquitaine.geojson", "contours-departements-nouvelle-aquitaine@2018", 12),
        ("departements-version-simplifiee.geojson", "contours-departements@2018", 96),
        ("regions-avant-redecoupage-2015.geojson", "contours-anciennes-regions@2015", 22),
        ("regions-version-simplifiee.geojson", "contours-regions@2018", 13),
    ],
)
def test_published_outlines_load_whole(documents: Path, name: str, key: str, shapes: int) -> None:
    read = deliver(documents / "opendata/contours-france" / name, whole=True)
    assert read.dataset_key == key
    assert counts(read) == (shapes, shapes, 0, 0)
    assert read.frames["shape"]["territory_key"].n_unique() == shapes
    assert read.frames["shape"].filter(pl.col("geometry").str.len_bytes() < 40).is_empty()


def test_the_published_topology_is_not_taken(documents: Path) -> None:
    with pytest.raises(InputError, match="a Topology found"):
        deliver(documents / "opendata/contours-france/dep_wgs84_utf8.topojson")
