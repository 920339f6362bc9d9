"""FINESS as FHIR: an Organization and a Location to an establishment, each on a line of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from ingestion.datasets.finess import cog_of, establishments, with_places
from ingestion.datasets.records import Record, open_limited

FINESS = "urn:oid:1.2.250.1.71.4.2.2"
CATEGORY = "/CAT_ETAB"


def records(path: Path) -> Iterator[Record]:
    """A record an Organization, with the position of its Location; the Location's own line holds nothing more.

    Raises:
        ValueError: a line that is no JSON.
    """
    positions = {resource["managingOrganization"]["reference"]: _position(resource) for _, resource in _locations(path)}
    known = set()
    for line, resource in _resources(path):
        if resource.get("resourceType") == "Organization":
            reference = f"Organization/{resource['id']}"
            known.add(reference)
            yield line, {**_organization(resource), **positions.get(reference, {})}
    for line, resource in _locations(path):
        orphan = resource["managingOrganization"]["reference"] not in known
        yield line, "a Location of an Organization of the file was expected" if orphan else {}


def transform(rows: pl.DataFrame, vintage: str) -> pl.DataFrame:
    """Rows of the bronze table ``facility``."""
    placed = establishments(with_places(rows, cog_of(vintage)), vintage)
    return placed.with_columns(
        pl.when("active").then(pl.lit("open")).otherwise(pl.lit("closed")).alias("open_status"),
    )


def _resources(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with open_limited(path) as stream:
        for line, text in enumerate(stream, start=1):
            if text.strip():
                yield line, json.loads(text)


def _locations(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Locations say their type inside their position."""
    return ((line, resource) for line, resource in _resources(path) if "managingOrganization" in resource)


def _organization(resource: Mapping[str, Any]) -> dict[str, str | None]:
    number = next((i["value"] for i in resource["identifier"] if i.get("system") == FINESS), None)
    address: Mapping[str, Any] = next(iter(resource.get("address", [])), {})
    codings = [coding for kind in resource.get("type", []) for coding in kind.get("coding", [])]
    category: Mapping[str, Any] = next((coding for coding in codings if coding["system"].endswith(CATEGORY)), {})
    opened = [extension["valuePeriod"].get("start") for extension in resource.get("extension", [])]
    return {
        "identifier": number,
        "id": resource["id"],
        "name": resource.get("name"),
        "address.postalCode": address.get("postalCode"),
        "address.city": address.get("city"),
        "type CAT_ETAB": category.get("code"),
        "type CAT_ETAB display": category.get("display"),
        "organization-period": next(iter(opened), None),
        "active": str(resource.get("active", "")).lower(),
    }


def _position(resource: Mapping[str, Any]) -> dict[str, str | None]:
    position = resource.get("position", {})
    return {f"position.{axis}": _printed(position.get(axis)) for axis in ("latitude", "longitude")}


def _printed(value: float | None) -> str | None:
    return None if value is None else f"{value:.12f}"
