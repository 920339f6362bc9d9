"""Outlines of territories in GeoJSON: one feature a territory, taken when it can be drawn where it lies.

Each is checked before it is loaded (rings closed, coordinates of France in degrees), and written with four decimals,
some ten metres: what is published has up to fifteen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingestion.datasets.records import Record, open_limited

#: The largest of the published files that are simplified for maps has 6 MB.
MOST_BYTES = 64 << 20
DECIMALS = 4
#: West, south, east, north of where France lies (IGN, Admin Express: metropolitan France, then Guadeloupe and
#: Martinique, Guyane, La Réunion, Mayotte).
METROPOLITAN = (-5.3, 41.2, 9.8, 51.3)
OVERSEAS = (
    (-62.0, 14.2, -60.6, 16.7),
    (-54.8, 2.0, -51.4, 6.0),
    (55.1, -21.6, 56.0, -20.7),
    (44.8, -13.2, 45.5, -12.4),
)

Ring = list[list[float]]


def records(path: Path) -> Iterator[Record]:
    """A record a feature: its properties ``code`` and ``nom``, and its geometry as GeoJSON.

    Raises:
        ValueError: the file is no GeoJSON collection; a Topology is drawn for show, its overseas departments elsewhere.
    """
    with open_limited(path, MOST_BYTES) as stream:
        collection = json.loads(stream.read())
    kind = collection.get("type") if isinstance(collection, dict) else type(collection).__name__
    if kind != "FeatureCollection":
        shown = ", made to be shown: it draws overseas departments beside the mainland" if kind == "Topology" else ""
        raise ValueError(f"a GeoJSON FeatureCollection in WGS84 was expected, a {kind} found{shown}")
    for ordinal, feature in enumerate(collection["features"], start=1):
        properties = feature.get("properties") or {}
        code, name = str(properties.get("code") or ""), properties.get("nom")
        try:
            geometry = outline(feature.get("geometry") or {}, is_overseas=code.startswith("97"))
        except ValueError as fault:
            yield ordinal, f"{code or 'a feature without a code'}: {fault}"
        else:
            yield ordinal, {"code": code, "nom": name, "geometry": json.dumps(geometry, separators=(",", ":"))}


def outline(geometry: dict[str, Any], *, is_overseas: bool) -> dict[str, Any]:
    """A Polygon or MultiPolygon with rounded coordinates; rings that rounding leaves without a surface go.

    Raises:
        ValueError: another geometry, a ring that is open, a point outside France, or nothing left to draw.
    """
    kind, coordinates = geometry.get("type"), geometry.get("coordinates") or []
    if kind not in ("Polygon", "MultiPolygon"):
        raise ValueError(f"a Polygon or a MultiPolygon was expected, {kind} found")
    polygons = [_polygon(rings, is_overseas) for rings in ([coordinates] if kind == "Polygon" else coordinates)]
    drawn = [rings for rings in polygons if rings]
    if not drawn:
        raise ValueError("a surface was expected")
    return {"type": kind, "coordinates": drawn[0] if kind == "Polygon" else drawn}


def _polygon(rings: list[Any], is_overseas: bool) -> list[Ring]:
    """The outer ring and the holes of a polygon; nothing where the outer ring has no surface."""
    rounded = [_ring(ring, is_overseas) for ring in rings]
    return [ring for ring in rounded if ring] if rounded and rounded[0] else []


def _ring(points: list[Any], is_overseas: bool) -> Ring:
    if len(points) < 4 or points[0] != points[-1]:
        raise ValueError("a closed ring of four points or more was expected")
    kept: Ring = []
    for point in points:
        longitude, latitude = (float(value) for value in point[:2])
        if not _lies_in_france(longitude, latitude, is_overseas):
            raise ValueError(f"a point of France in degrees was expected, {longitude}, {latitude} found")
        rounded = [round(longitude, DECIMALS), round(latitude, DECIMALS)]
        if not kept or kept[-1] != rounded:
            kept.append(rounded)
    return kept if len(kept) >= 4 else []


def _lies_in_france(longitude: float, latitude: float, is_overseas: bool) -> bool:
    boxes = OVERSEAS if is_overseas else (METROPOLITAN, *OVERSEAS)
    return any(west <= longitude <= east and south <= latitude <= north for west, south, east, north in boxes)
