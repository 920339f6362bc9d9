"""Build ``shapes.parquet``: outlines of departments, regions and regions of before 2016, simplified for small maps.

Run by hand, never by a refresh, with the published outlines of the 101 departments::

    python -m ingestion.reference.build_shapes departements-france-outre-mer-500m.geojson

Neighbours keep one border: departments are simplified together, regions are the union of theirs.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from ingestion.reference.building import LICENCE, Row, checked, write_parquet
from ingestion.schemas import SHAPE
from ingestion.territories import SHAPES, scan_memberships, scan_territories

DATASET_KEY = "contours-reference@2018"
SOURCE_SHA256 = "673eade29442bbadaae9cd4a3deb57a4fa279047e22410003af55c4f3cc220ee"
#: In degrees, about a kilometre; and the grid that coordinates are put on, three decimals.
TOLERANCE = 0.01
GRID = 0.001
PRECISION = "contours d’Admin Express COG 2018 simplifiés à 1 km environ, coordonnées à 3 décimales"


def dataset() -> Row:
    """The row of ``dataset`` for these shapes."""
    return {
        "dataset_key": DATASET_KEY,
        "dataset_code": DATASET_KEY.partition("@")[0],
        "title": "Contours des départements et des régions, simplifiés pour les cartes",
        "publisher": "IGN (Admin Express)",
        "vintage": "2018",
        "reference_date": None,
        "territory_vintage": "2018",
        "france_scope": "entière",
        "definition_version": "1",
        "covered_territories": 101,
        "licence": LICENCE,
        "source_sha256": SOURCE_SHA256,
    }


def shapes(features: Mapping[str, Mapping[str, Any]], parents: Mapping[str, list[str]]) -> Iterator[Row]:
    """Rows of ``shape``: each department, then each parent as the union of its departments.

    ``features`` are GeoJSON geometries by territory key, ``parents`` the keys of the departments by that of the parent.

    Raises:
        ValueError: the outlines overlap or leave gaps between neighbours, or simplifying leaves nothing of one.
    """
    import shapely
    from shapely.geometry import mapping, shape

    keys = sorted(features)
    drawn = [shape(features[key]) for key in keys]
    if not shapely.coverage_is_valid(drawn):
        raise ValueError("outlines that meet without overlapping were expected")
    simple = dict(zip(keys, shapely.coverage_simplify(drawn, TOLERANCE), strict=True))
    whole = {
        parent: shapely.coverage_union_all([simple[key] for key in members]) for parent, members in parents.items()
    }
    for key, outline in (simple | whole).items():
        yield _row(key, json.dumps(mapping(_rounded(key, outline)), separators=(",", ":")))


def _rounded(key: str, outline: Any) -> Any:
    """The outline on the grid: point by point, as its neighbours' are, unless islands would then cross."""
    import shapely

    rounded = shapely.set_precision(outline, GRID, mode="pointwise")
    if not rounded.is_valid:
        rounded = shapely.set_precision(outline, GRID)
    if rounded.is_empty:
        raise ValueError(f"{key}: a surface was expected, nothing of it is left")
    return rounded


def _row(key: str, geometry: str) -> Row:
    return {
        "dataset_key": DATASET_KEY,
        "territory_key": key,
        "period": "2018",
        "geometry": geometry,
        "mesh": key.partition(":")[0],
        "geometry_precision": PRECISION,
        "obs_status": "observed",
        "is_aggregate": False,
    }


def _parents() -> dict[str, list[str]]:
    """The departments of each region of now and of before 2016, by the region's key."""
    now = scan_territories().filter(pl.col("territory_level") == "department")
    before = scan_memberships().filter(pl.col("relation") == "former_region")
    pairs = pl.concat([frame.select("territory_key", "parent_territory_key") for frame in (now, before)]).collect()
    found: dict[str, list[str]] = {}
    for member, parent in sorted(pairs.iter_rows()):
        found.setdefault(parent, []).append(member)
    return found


def main(path: Path) -> None:
    """Read the outlines and write the table beside the others; the same file gives the same bytes."""
    collection = json.loads(checked(path, SOURCE_SHA256).read_text(encoding="utf-8"))
    features = {f"department:{f['properties']['code']}": f["geometry"] for f in collection["features"]}
    rows = write_parquet(shapes(features, _parents()), SHAPE, SHAPES)
    print(f"{SHAPES.name}: {rows} rows, {SHAPES.stat().st_size} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m ingestion.reference.build_shapes <departements-france-outre-mer-500m.geojson>")
    main(Path(sys.argv[1]))
