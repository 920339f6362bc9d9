"""Build the committed reference of territories and populations from public packages.

Run by hand when a vintage is added, never by a refresh::

    python -m ingestion.reference.build_territories <folder with the package archives>

The archives are those that ``npm pack @etalab/decoupage-administratif@<version>`` writes, one per entry of
:data:`PACKAGES`. Their SHA-256 is checked, so that the same inputs give the same bytes. What comes out, beside this
module: ``territories.parquet``, ``memberships.parquet``, ``populations.parquet`` and ``datasets.csv``. Sources,
licences and what is left out: ``ingestion/reference/README.md``.
"""

from __future__ import annotations

import csv
import json
import sys
import tarfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl

from ingestion.schemas import DATASET, POPULATION, TERRITORY, TERRITORY_MEMBERSHIP, Table

HERE = Path(__file__).parent
PACKAGE_NAME = "etalab-decoupage-administratif"
COG = "INSEE, Code officiel géographique 2021-2026"
DGCL = "DGCL, EPCI à fiscalité propre 2021-2025"
OVERSEAS = "Etalab, collectivités d’outre-mer"
LICENCE = "Licence Ouverte 2.0"
MERGERS_OF_2016 = date(2016, 1, 1)
MAYOTTE = "976"
# The overseas collectivities have neither department nor region; their codes start so, Mayotte's 976 apart.
_COLLECTIVITY_PREFIXES = ("975", "977", "978", "98")

Row = dict[str, Any]


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
    former_communes: dict[str, str]
    departments: dict[str, Row]
    regions: dict[str, Row]
    arrondissements: dict[str, Row]
    epci: dict[str, Row]


def read_package(folder: Path, package: Package) -> Vintage:
    """Read one archive.

    Raises:
        FileNotFoundError: the archive is not in ``folder``.
        ValueError: its bytes are not the ones this reference was made from.
    """
    path = folder / f"{PACKAGE_NAME}-{package.version}.tgz"
    found = sha256(path.read_bytes()).hexdigest()
    if found != package.sha256:
        raise ValueError(f"{path}: SHA-256 {package.sha256} was expected, {found} found")
    with tarfile.open(path) as archive:
        objects = {name: _read_json(archive, name) for name in _FILES}
    communes = objects["communes"]
    return Vintage(
        package,
        communes=_by_code(o for o in communes if o["type"] == "commune-actuelle"),
        municipal_arrondissements=_by_code(o for o in communes if o["type"] == "arrondissement-municipal"),
        former_communes=_successors(communes),
        departments=_by_code(objects["departements"]),
        regions=_by_code(objects["regions"]),
        arrondissements=_by_code(objects["arrondissements"]),
        epci=_by_code(objects["epci"]) if package.has_epci else {},
    )


_FILES = ("communes", "departements", "regions", "arrondissements", "epci")


def _read_json(archive: tarfile.TarFile, name: str) -> list[Row]:
    member = archive.extractfile(f"package/data/{name}.json")
    if member is None:
        raise ValueError(f"package/data/{name}.json was expected to be a file of the archive")
    objects: list[Row] = json.load(member)
    return objects


def _by_code(objects: Iterable[Row]) -> dict[str, Row]:
    return {o["code"]: o for o in objects}


def _successors(communes: Sequence[Row]) -> dict[str, str]:
    """The living commune that each former commune's code leads to: its delegating commune first, then old codes."""
    successors = {old: o["code"] for o in communes for old in o.get("anciensCodes", ())}
    return successors | {o["code"]: o["chefLieu"] for o in communes if "chefLieu" in o}


# --- Validity -------------------------------------------------------------------------------------------------------


def runs(years: Iterable[int], vintages: Sequence[int]) -> list[tuple[date | None, date | None]]:
    """First and last day of each unbroken run of ``years`` among ``vintages``; open at either edge of the reference."""
    present = set(years)
    edges: list[tuple[date | None, date | None]] = []
    for before, year, after in zip((None, *vintages), vintages, (*vintages[1:], None), strict=False):
        if year not in present:
            continue
        if before not in present:
            edges.append((None if before is None else date(year, 1, 1), None))
        if after not in present:
            edges[-1] = (edges[-1][0], None if after is None else date(year, 12, 31))
    return edges


def validity(years: Iterable[int], vintages: Sequence[int]) -> tuple[date | None, date | None]:
    """Validity of one code: from its first vintage to its last, one row even if it went missing in between."""
    spells = runs(years, vintages)
    return spells[0][0], spells[-1][1]


def _presence(snapshots: Iterable[tuple[int, Iterable[Any]]]) -> dict[Any, list[int]]:
    years: dict[Any, list[int]] = {}
    for year, members in snapshots:
        for member in members:
            years.setdefault(member, []).append(year)
    return years


# --- Territories ----------------------------------------------------------------------------------------------------


def territories(vintages: Sequence[Vintage], merged_regions: set[str]) -> Iterator[Row]:
    """Rows of ``territory``; ``merged_regions`` are the codes of the regions that the mergers of 2016 made."""
    yield from _fixed()
    yield from _regions(vintages[-1], merged_regions)
    yield from _departments(vintages[-1])
    yield from _dated(vintages, "arrondissements", "arrondissement", COG)
    yield from _dated(vintages, "communes", "commune", COG)
    yield from _dated(vintages, "municipal_arrondissements", "municipal_arrondissement", COG)
    yield from _epci(vintages)


def _fixed() -> Iterator[Row]:
    scopes = (
        ("FR", "France", "entière", None),
        ("FR-METRO", "France métropolitaine", "métropolitaine", "country:FR"),
        ("FR-HORS-MAYOTTE", "France hors Mayotte", "hors Mayotte", "country:FR"),
    )
    for code, name, scope, parent in scopes:
        yield _territory("country", code, name, COG, parent_territory_key=parent, france_scope=scope)
    yield _territory("not_stated", "none", "Territoire non précisé", "Baromètre")


def _regions(latest: Vintage, merged: set[str]) -> Iterator[Row]:
    for code, o in latest.regions.items():
        if not code.startswith(_COLLECTIVITY_PREFIXES):
            since = MERGERS_OF_2016 if code in merged else None
            yield _territory(
                "region", code, o["nom"], COG, parent_territory_key="country:FR", region_code=code, valid_from=since
            )


def _departments(latest: Vintage) -> Iterator[Row]:
    for code, o in latest.departments.items():
        if code.startswith(_COLLECTIVITY_PREFIXES):
            yield _territory("overseas_collectivity", code, o["nom"], OVERSEAS, parent_territory_key="country:FR")
        else:
            parent = f"region:{o['region']}"
            yield _territory(
                "department", code, o["nom"], COG, parent_territory_key=parent, **_codes(o["region"], code)
            )


def _dated(vintages: Sequence[Vintage], file: str, level: str, source: str) -> Iterator[Row]:
    """One row a code, as its latest vintage has it, valid over the vintages that have it."""
    objects = [(v.package.vintage, getattr(v, file)) for v in vintages]
    latest: Row = {code: o for _, by_code in objects for code, o in by_code.items()}
    for code, years in _presence(objects).items():
        o = latest[code]
        first, last = validity(years, [year for year, _ in objects])
        yield _territory(level, code, o["nom"], source, **_place(o), valid_from=first, valid_to=last)


def _place(o: Row) -> Row:
    """Parent and codes of an object below the department."""
    if o["code"].startswith(_COLLECTIVITY_PREFIXES):
        return {"parent_territory_key": f"overseas_collectivity:{_collectivity(o)}"}
    parent = f"commune:{o['commune']}" if "commune" in o else f"department:{o['departement']}"
    return {"parent_territory_key": parent, **_codes(o["region"], o["departement"])}


def _collectivity(o: Row) -> str:
    """The collectivity of an overseas commune; the package of 2021 nests it, the later ones call it a department."""
    code: str = o["departement"] if "departement" in o else o["collectiviteOutremer"]["code"]
    return code


def _epci(vintages: Sequence[Vintage]) -> Iterator[Row]:
    with_epci = [v for v in vintages if v.epci]
    objects = [(v.package.vintage, v.epci) for v in with_epci]
    latest = {code: (v, o) for v in with_epci for code, o in v.epci.items()}
    for code, years in _presence(objects).items():
        vintage, o = latest[code]
        first, last = validity(years, [year for year, _ in objects])
        members = [vintage.communes[m["code"]] for m in o["membres"]]
        codes = _codes(_only(m["region"] for m in members), _only(m["departement"] for m in members))
        yield _territory("epci", code, o["nom"], DGCL, **codes, valid_from=first, valid_to=last)


def _only(values: Iterable[str]) -> str | None:
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else None


def _codes(region: str | None, department: str | None) -> Row:
    return {"region_code": region, "department_code": department}


def _territory(level: str, code: str, name: str, source: str, **known: Any) -> Row:
    row = {"territory_key": f"{level}:{code}", "territory_code": code, "territory_level": level, "name": name}
    return row | known | {"source": source}


# --- Memberships ----------------------------------------------------------------------------------------------------


def memberships(vintages: Sequence[Vintage]) -> Iterator[Row]:
    """Rows of ``territory_membership`` that the packages know, former regions apart."""
    yield from _spells("epci", [(v.package.vintage, _epci_pairs(v)) for v in vintages if v.epci])
    yield from _spells("arrondissement", [(v.package.vintage, _arrondissement_pairs(v)) for v in vintages])
    yield from _merged_communes(vintages)
    for code in vintages[-1].regions:
        if code.startswith(_COLLECTIVITY_PREFIXES):
            continue
        if vintages[-1].regions[code]["zone"] == "metro":
            yield _membership(f"region:{code}", "country:FR-METRO", "france_scope")
        if code != "06":
            yield _membership(f"region:{code}", "country:FR-HORS-MAYOTTE", "france_scope")


def _epci_pairs(vintage: Vintage) -> Iterator[tuple[str, str]]:
    for code, o in vintage.epci.items():
        yield from ((f"commune:{member['code']}", f"epci:{code}") for member in o["membres"])


def _arrondissement_pairs(vintage: Vintage) -> Iterator[tuple[str, str]]:
    """Mayotte's communes and the overseas collectivities' are in no arrondissement: the package leaves it empty."""
    for code, o in vintage.communes.items():
        if o.get("arrondissement"):
            yield f"commune:{code}", f"arrondissement:{o['arrondissement']}"


def _spells(relation: str, snapshots: Sequence[tuple[int, Iterable[tuple[str, str]]]]) -> Iterator[Row]:
    vintages = [year for year, _ in snapshots]
    for (member, parent), years in _presence(snapshots).items():
        for first, last in runs(years, vintages):
            yield _membership(member, parent, relation, first, last)


def _merged_communes(vintages: Sequence[Vintage]) -> Iterator[Row]:
    """Each commune that went since the first vintage, and the commune that holds its ground now."""
    years = [v.package.vintage for v in vintages]
    latest = vintages[-1]
    for code, present in _presence((v.package.vintage, v.communes) for v in vintages).items():
        if present[-1] != years[-1]:
            since = date(present[-1] + 1, 1, 1)
            yield _membership(f"commune:{code}", f"commune:{latest.former_communes[code]}", "merged_into", since)


def _membership(
    member: str, parent: str, relation: str, valid_from: date | None = None, valid_to: date | None = None
) -> Row:
    return {
        "territory_key": member,
        "parent_territory_key": parent,
        "relation": relation,
        "valid_from": valid_from,
        "valid_to": valid_to,
    }


# --- Populations ----------------------------------------------------------------------------------------------------


def populations(vintages: Sequence[Vintage]) -> Iterator[Row]:
    """Rows of ``population``: municipal populations of the vintages that carry them, and Mayotte's of 2017 once."""
    for vintage in vintages:
        year = vintage.package.population_year
        if year is not None:
            counted = {code: o for code, o in vintage.communes.items() if _is_counted(code)}
            yield from _with_totals(vintage, counted, dataset_key(year), str(year))
    mayotte = [{c: o for c, o in v.communes.items() if c.startswith(MAYOTTE)} for v in vintages]
    if len({tuple(sorted((c, o["population"]) for c, o in communes.items())) for communes in mayotte}) != 1:
        raise ValueError("Mayotte: one set of populations (2017) was expected in every package, several found")
    yield from _with_totals(vintages[0], mayotte[0], MAYOTTE_DATASET, "2017")


MAYOTTE_DATASET = "insee-populations-reference-mayotte@2017"


def dataset_key(year: int) -> str:
    """Key of the dataset of municipal populations of one year."""
    return f"insee-populations-reference@{year}"


def _is_counted(code: str) -> bool:
    """Mayotte's figures are of 2017 in every package, the collectivities' of assorted years: neither is a vintage's."""
    return not code.startswith((*_COLLECTIVITY_PREFIXES, MAYOTTE))


def _with_totals(vintage: Vintage, communes: dict[str, Row], dataset: str, period: str) -> Iterator[Row]:
    counts = {code: int(o["population"]) for code, o in communes.items()}
    quarters: Counter[str] = Counter()
    for code, o in vintage.municipal_arrondissements.items():
        if o["commune"] in counts:
            quarters[o["commune"]] += o["population"]
            yield _population(dataset, f"municipal_arrondissement:{code}", period, o["population"], False)
    for code, count in counts.items():
        if code in quarters and quarters[code] != count:
            raise ValueError(f"commune {code}: {count} inhabitants, its arrondissements {quarters[code]}")
        yield _population(dataset, f"commune:{code}", period, count, code in quarters)
    for key, count in _totals(vintage, communes, counts).items():
        yield _population(dataset, key, period, count, True)


def _totals(vintage: Vintage, communes: dict[str, Row], counts: dict[str, int]) -> Counter[str]:
    totals: Counter[str] = Counter()
    for code, o in communes.items():
        totals[f"department:{o['departement']}"] += counts[code]
        totals[f"region:{o['region']}"] += counts[code]
        if not code.startswith(MAYOTTE):
            totals["country:FR-HORS-MAYOTTE"] += counts[code]
        if not code.startswith("97"):
            totals["country:FR-METRO"] += counts[code]
    for siren, epci in vintage.epci.items():
        members = [member["code"] for member in epci["membres"]]
        if all(code in counts for code in members):
            totals[f"epci:{siren}"] = sum(counts[code] for code in members)
    return totals


def _population(dataset: str, territory: str, period: str, count: int, is_aggregate: bool) -> Row:
    return {
        "dataset_key": dataset,
        "territory_key": territory,
        "period": period,
        "population_kind": "municipale",
        "sex": "T",
        "population": float(count),
        "obs_status": "observed",
        "is_aggregate": is_aggregate,
    }


def datasets(vintages: Sequence[Vintage]) -> Iterator[Row]:
    """Rows of ``dataset`` for the populations above."""
    for vintage in vintages:
        year = vintage.package.population_year
        if year is not None:
            covered = sum(_is_counted(code) for code in vintage.communes)
            yield _dataset(vintage, dataset_key(year), str(year), "hors Mayotte", covered, date(year, 1, 1))
    first = vintages[0]
    covered = sum(code.startswith(MAYOTTE) for code in first.communes)
    yield _dataset(first, MAYOTTE_DATASET, "2017", "Mayotte", covered, None)


def _dataset(vintage: Vintage, key: str, year: str, scope: str, covered: int, reference: date | None) -> Row:
    of_mayotte = " de Mayotte" if key == MAYOTTE_DATASET else ""
    return {
        "dataset_key": key,
        "dataset_code": key.partition("@")[0],
        "title": f"Populations de référence {year}{of_mayotte} (population municipale)",
        "publisher": "INSEE",
        "vintage": year,
        "reference_date": reference,
        "territory_vintage": str(vintage.package.vintage),
        "france_scope": scope,
        "definition_version": "1",
        "covered_territories": covered,
        "licence": LICENCE,
        "source_sha256": vintage.package.sha256,
    }


# --- Writing --------------------------------------------------------------------------------------------------------


def write_parquet(rows: Iterable[Row], table: Table, path: Path) -> int:
    """Write ``rows`` sorted by the table's key, compressed, and return how many; the same rows give the same bytes."""
    frame = pl.DataFrame(list(rows), schema={c.name: c.dtype for c in table.columns}).sort(table.key)
    frame.write_parquet(path, compression="zstd", compression_level=19, statistics=False)
    return frame.height


def write_csv(rows: Iterable[Row], table: Table, path: Path) -> int:
    """Write ``rows`` sorted by the table's key as CSV (UTF-8, LF) and return how many."""
    frame = pl.DataFrame(list(rows), schema={c.name: c.dtype for c in table.columns}).sort(table.key)
    frame.write_csv(path)
    return frame.height


def _merged_regions() -> set[str]:
    with (HERE / "former_regions.csv").open(encoding="utf-8", newline="") as file:
        return {row["region_code"] for row in csv.DictReader(file)}


def main(folder: Path) -> None:
    """Read the archives of ``folder`` and write the reference beside this module."""
    vintages = [read_package(folder, package) for package in PACKAGES]
    written = {
        "territories.parquet": write_parquet(
            territories(vintages, _merged_regions()), TERRITORY, HERE / "territories.parquet"
        ),
        "memberships.parquet": write_parquet(memberships(vintages), TERRITORY_MEMBERSHIP, HERE / "memberships.parquet"),
        "populations.parquet": write_parquet(populations(vintages), POPULATION, HERE / "populations.parquet"),
        "datasets.csv": write_csv(datasets(vintages), DATASET, HERE / "datasets.csv"),
    }
    for name, rows in written.items():
        print(f"{name}: {rows} rows, {(HERE / name).stat().st_size} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m ingestion.reference.build_territories <folder with the package archives>")
    main(Path(sys.argv[1]))
