"""The public packages of INSEE's geography that the reference is built from, read: one per vintage of the COG."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ingestion.reference.building import Row, checked

PACKAGE_NAME = "etalab-decoupage-administratif"
MAYOTTE = "976"
# The overseas collectivities have neither department nor region; their codes start so, Mayotte's 976 apart.
COLLECTIVITY_PREFIXES = ("975", "977", "978", "98")


@dataclass(frozen=True)
class Package:
    """One archive: the COG vintage that it carries and what else in it can be trusted.

    ``population_year`` is the vintage of its municipal populations, null where they do not lie on the package's own
    communes (3.1.1 and 4.0.0 add last year's populations to this year's communes: merged communes lose inhabitants).
    ``has_epci`` is false where the package repeats the EPCI of the year before.
    """

    vintage: int
    version: str
    sha256: str
    population_year: int | None
    has_epci: bool = True


PACKAGES = (
    Package(2021, "1.1.1", "db6e7c433ee675de314aa19bfc4faf796451342960ed2c1b42fda0f458a97e23", 2019),
    Package(2022, "2.3.1", "d7f2a6915af27a719eeb6eb6581d9a645849b5b23e5c97fa5aa2931eb3552d1f", 2020),
    Package(2023, "3.1.1", "225079c8cd185379fd494993e99fe712523e2f16e4a1170d8391a76a304e7073", None),
    Package(2024, "4.1.0", "318f0cfc0c1f9d8113b272bf3cefb8f207f23f73026ee5932215f5d80d7a0f2a", 2022),
    Package(2025, "5.3.0", "149cd9096f70915c02e5d39ef6045f0900d94c782ee9f1c1941703092fe72636", 2023),
    Package(2026, "6.0.0", "c189ffd5b33fe40c2f19e1a923ce557f190622f39228745d3195d746dfe00c4a", None, has_epci=False),
)


@dataclass(frozen=True)
class Vintage:
    """One package, read: the objects of each of its files by their INSEE code."""

    package: Package
    communes: dict[str, Row]
    municipal_arrondissements: dict[str, Row]
    departments: dict[str, Row]
    regions: dict[str, Row]
    arrondissements: dict[str, Row]
    epci: dict[str, Row]
    ept: dict[str, Row]


def read_package(folder: Path, package: Package) -> Vintage:
    """Read one archive.

    Raises:
        FileNotFoundError: the archive is not in ``folder``.
        ValueError: its bytes are not the ones this reference was made from.
    """
    with tarfile.open(checked(folder / f"{PACKAGE_NAME}-{package.version}.tgz", package.sha256)) as archive:
        objects = {name: _read_json(archive, name) for name in _FILES}
    communes = objects["communes"]
    return Vintage(
        package,
        communes=_by_code(o for o in communes if o["type"] == "commune-actuelle"),
        municipal_arrondissements=_by_code(o for o in communes if o["type"] == "arrondissement-municipal"),
        departments=_by_code(objects["departements"]),
        regions=_by_code(objects["regions"]),
        arrondissements=_by_code(objects["arrondissements"]),
        epci=_by_code(objects["epci"]) if package.has_epci else {},
        ept=_by_code(objects["ept"]) if package.has_epci else {},
    )


_FILES = ("communes", "departements", "regions", "arrondissements", "epci", "ept")


def _read_json(archive: tarfile.TarFile, name: str) -> list[Row]:
    if f"package/data/{name}.json" not in archive.getnames():
        return []  # the packages of 2021 and 2022 have no ept
    member = archive.extractfile(f"package/data/{name}.json")
    if member is None:
        raise ValueError(f"package/data/{name}.json was expected to be a file of the archive")
    objects: list[Row] = json.load(member)
    return objects


def _by_code(objects: Iterable[Row]) -> dict[str, Row]:
    return {o["code"]: o for o in objects}
