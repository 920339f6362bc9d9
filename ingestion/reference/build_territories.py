"""Build the committed reference of territories and populations from public packages and INSEE's files.

Run by hand when a vintage is added, never by a refresh::

    python -m ingestion.reference.build_territories <folder with the package archives> \\
        --movements mouvements-communes.csv --density density_2025.xlsx

The archives are those that ``npm pack @etalab/decoupage-administratif@<version>`` writes, one per entry of
:data:`PACKAGES`; the two files are INSEE's own. The SHA-256 of each is checked, so that the same inputs give the same
bytes. What comes out, beside this module: ``territories``, ``memberships``, ``commune_movements``, ``commune_grounds``
and ``populations.parquet``, and ``datasets.csv``. Sources, licences and what is left out:
``ingestion/reference/README.md``.
"""

from __future__ import annotations

import argparse
import csv
import json
import tarfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl

from ingestion.reference.grounds import Holding, holdings
from ingestion.reference.movements import COMMUNE, KINDS_FR, Lives, Movement, Spell, lives, read_movements
from ingestion.schemas import (
    COMMUNE_GROUND,
    COMMUNE_MOVEMENT,
    DATASET,
    POPULATION,
    TERRITORY,
    TERRITORY_MEMBERSHIP,
    Table,
)

HERE = Path(__file__).parent
PACKAGE_NAME = "etalab-decoupage-administratif"
COG = "INSEE, Code officiel géographique 2021-2026"
DGCL = "DGCL, EPCI à fiscalité propre 2021-2025"
OVERSEAS = "Etalab, collectivités d’outre-mer"
MOVEMENTS = "INSEE, mouvements de communes depuis 1943 (COG 2026)"
DENSITY = "INSEE, grille de densité 2025 (bassins de vie 2022, géographie de 2025)"
MOVEMENTS_SHA256 = "89be99e24eefa87d68b779089e9a8b6f2b339a586b060ddb1298f673bf5c617f"
DENSITY_SHA256 = "951ae15ad9055235f3ec1d8bd7c9a2281d35f98a98e01bc2bc513f70eb1b3452"
_DENSITY_SHEET = "Maille Bassin de Vie"
LICENCE = "Licence Ouverte 2.0"
MERGERS_OF_2016 = date(2016, 1, 1)
MAYOTTE = "976"
# The overseas collectivities have neither department nor region; their codes start so, Mayotte's 976 apart.
_COLLECTIVITY_PREFIXES = ("975", "977", "978", "98")

# Saint-Barthélemy and Saint-Martin left Guadeloupe for collectivities of their own: law 2007-223 of 21 February 2007.
_INTO_COLLECTIVITIES = {"97123": "97701", "97127": "97801"}

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


def checked(path: Path, wanted: str) -> Path:
    """The path, once its bytes are those that the reference was made from.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: its bytes are others.
    """
    found = sha256(path.read_bytes()).hexdigest()
    if found != wanted:
        raise ValueError(f"{path}: SHA-256 {wanted} was expected, {found} found")
    return path


def read_bassins_de_vie(path: Path) -> dict[str, str]:
    """Name by code of the bassins de vie, from the workbook of the density grid (title, labels, names, rows)."""
    from python_calamine import CalamineWorkbook

    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(_DENSITY_SHEET).to_python()
    return {str(row[0]): str(row[1]) for row in rows if len(str(row[0])) == 5}


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


def territories(
    vintages: Sequence[Vintage], merged_regions: set[str], known: Lives, bassins: dict[str, str]
) -> Iterator[Row]:
    """Rows of ``territory``; ``merged_regions`` are the codes of the regions that the mergers of 2016 made."""
    yield from _fixed()
    yield from _regions(vintages[-1], merged_regions)
    yield from _departments(vintages[-1])
    yield from _dated(vintages, "arrondissements", "arrondissement", COG)
    yield from _communes(vintages, known)
    yield from _former_communes(vintages, known)
    yield from _dated(vintages, "municipal_arrondissements", "municipal_arrondissement", COG)
    yield from _groups(vintages, "epci")
    yield from _groups(vintages, "ept")
    for code, name in bassins.items():
        yield _territory("bassin_de_vie", code, name, DENSITY)


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


def _communes(vintages: Sequence[Vintage], known: Lives) -> Iterator[Row]:
    """Communes of the packages, dated by the movements where they tell of them: the last spell of the code.

    Raises:
        ValueError: the movements have a commune on a 1 January that the COG has not, or the other way round.
    """
    first_days = {v.package.vintage: date(v.package.vintage, 1, 1) for v in vintages}
    for row in _dated(vintages, "communes", "commune", COG):
        code = row["territory_code"]
        if spells := known.get(code):
            for v in vintages:
                if (code in v.communes) != any(s.holds_on(first_days[v.package.vintage]) for s in spells):
                    raise ValueError(f"commune {code}: the movements and the COG of {v.package.vintage} disagree")
            row |= _validity_of(spells[-1])
        yield row


def _former_communes(vintages: Sequence[Vintage], known: Lives) -> Iterator[Row]:
    """Communes that went before the first vintage: their last spell and the name that they had then."""
    dated = {code for v in vintages for code in v.communes}
    departments = {code: o["region"] for code, o in vintages[-1].departments.items() if "region" in o}
    for code, spells in known.items():
        if code not in dated and spells:
            last = spells[-1]
            place = _former_place(code, last, departments)
            yield _territory("commune", code, last.last_name, MOVEMENTS, **place, **_validity_of(last))


def _validity_of(spell: Spell) -> Row:
    return {"valid_from": spell.begins, "valid_to": spell.ends and spell.ends - timedelta(days=1)}


def _former_place(code: str, spell: Spell, departments: dict[str, str]) -> Row:
    """Parent and codes of a commune that went; a department that went as well has no code in force."""
    prefix = code[: 3 if code.startswith("97") else 2]
    former = former_departments().get(prefix)
    if former and spell.ends and spell.ends <= date.fromisoformat(former["valid_to"]) + timedelta(days=1):
        return {"parent_territory_key": f"former_department:{prefix}", **_codes(former["region_code"], None)}
    return {"parent_territory_key": f"department:{prefix}", **_codes(departments[prefix], prefix)}


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


def _groups(vintages: Sequence[Vintage], level: str) -> Iterator[Row]:
    """EPCI or établissements publics territoriaux: groups of communes."""
    known: list[tuple[Vintage, dict[str, Row]]] = [(v, getattr(v, level)) for v in vintages if getattr(v, level)]
    objects = [(v.package.vintage, by_code) for v, by_code in known]
    latest = {code: (v, o) for v, by_code in known for code, o in by_code.items()}
    for code, years in _presence(objects).items():
        vintage, o = latest[code]
        first, last = validity(years, [year for year, _ in objects])
        members = [vintage.communes[m["code"]] for m in o["membres"]]
        codes = _codes(_only(m["region"] for m in members), _only(m["departement"] for m in members))
        yield _territory(level, code, o["nom"], DGCL, **codes, valid_from=first, valid_to=last)


def _only(values: Iterable[str]) -> str | None:
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else None


def _codes(region: str | None, department: str | None) -> Row:
    return {"region_code": region, "department_code": department}


def _territory(level: str, code: str, name: str, source: str, **known: Any) -> Row:
    row = {"territory_key": f"{level}:{code}", "territory_code": code, "territory_level": level, "name": name}
    return row | known | {"source": source}


# --- Memberships ----------------------------------------------------------------------------------------------------


def memberships(vintages: Sequence[Vintage], held: Sequence[Holding]) -> Iterator[Row]:
    """Rows of ``territory_membership`` that the packages and the movements know, former regions apart."""
    for level in ("epci", "ept"):
        pairs = [(v.package.vintage, _group_pairs(v, level)) for v in vintages if getattr(v, level)]
        yield from _spells(level, pairs)
    yield from _spells("arrondissement", [(v.package.vintage, _arrondissement_pairs(v)) for v in vintages])
    yield from _merged_communes(held)
    for code in vintages[-1].regions:
        if code.startswith(_COLLECTIVITY_PREFIXES):
            continue
        if vintages[-1].regions[code]["zone"] == "metro":
            yield _membership(f"region:{code}", "country:FR-METRO", "france_scope")
        if code != "06":
            yield _membership(f"region:{code}", "country:FR-HORS-MAYOTTE", "france_scope")


def _group_pairs(vintage: Vintage, level: str) -> Iterator[tuple[str, str]]:
    for code, o in getattr(vintage, level).items():
        yield from ((f"commune:{member['code']}", f"{level}:{code}") for member in o["membres"])


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


def _merged_communes(held: Sequence[Holding]) -> Iterator[Row]:
    """Each commune that went since 1943, and the communes that hold its ground now: several where it was parted."""
    now = {holding.ground: holding.code for holding in held if holding.ends is None}
    ends: dict[str, dict[date | None, set[str]]] = {}
    for holding in held:
        ends.setdefault(holding.code, {}).setdefault(holding.ends, set()).add(holding.ground)
    for code, by_end in ends.items():
        last = max((day for day in by_end if day is not None), default=None)
        if None not in by_end and last is not None:
            holders = {now[ground] for ground in by_end[last] if ground in now} or {_INTO_COLLECTIVITIES[code]}
            for holder in holders:
                yield _membership(f"commune:{code}", f"commune:{holder}", "merged_into", last)


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


# --- Movements ---------------------------------------------------------------------------------------------------


def movement_rows(movements: Iterable[Movement]) -> Iterator[Row]:
    """Rows of ``commune_movement``: the movements between communes, and those from and to nowhere."""
    for movement in movements:
        if {movement.from_type, movement.to_type} <= {COMMUNE, ""}:
            yield {
                "effective_on": movement.on,
                "kind": movement.kind,
                "kind_fr": KINDS_FR[movement.kind],
                "from_code": movement.from_code or None,
                "from_name": movement.from_name or None,
                "to_code": movement.to_code or None,
                "to_name": movement.to_name or None,
            }


def ground_rows(vintages: Sequence[Vintage], held: Sequence[Holding]) -> Iterator[Row]:
    """Rows of ``commune_ground``; a commune that no movement names is one ground from first to last."""
    moved = {holding.code for holding in held}
    for holding in held:
        last = holding.ends and holding.ends - timedelta(days=1)
        yield _ground(holding.ground, holding.code, holding.begins, last)
    for code in {code for v in vintages for code in v.communes} - moved:
        yield _ground(code, code, None, None)


def _ground(ground: str, code: str, first: date | None, last: date | None) -> Row:
    return {"ground_key": ground, "territory_key": f"commune:{code}", "valid_from": first, "valid_to": last}


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


@cache
def former_departments() -> dict[str, dict[str, str]]:
    """The departments that went since 1943, as ``former_departments.csv`` has them, by code."""
    with (HERE / "former_departments.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


def main(folder: Path, movements: Path, density: Path) -> None:
    """Read the archives of ``folder`` and INSEE's two files, and write the reference beside this module."""
    vintages = [read_package(folder, package) for package in PACKAGES]
    moves = read_movements(checked(movements, MOVEMENTS_SHA256))
    known = lives(moves)
    held = list(holdings(moves, known))
    bassins = read_bassins_de_vie(checked(density, DENSITY_SHA256))
    rows = territories(vintages, _merged_regions(), known, bassins)
    written = {
        "territories.parquet": write_parquet(rows, TERRITORY, HERE / "territories.parquet"),
        "memberships.parquet": write_parquet(
            memberships(vintages, held), TERRITORY_MEMBERSHIP, HERE / "memberships.parquet"
        ),
        "commune_movements.parquet": write_parquet(
            movement_rows(moves), COMMUNE_MOVEMENT, HERE / "commune_movements.parquet"
        ),
        "commune_grounds.parquet": write_parquet(
            ground_rows(vintages, held), COMMUNE_GROUND, HERE / "commune_grounds.parquet"
        ),
        "populations.parquet": write_parquet(populations(vintages), POPULATION, HERE / "populations.parquet"),
        "datasets.csv": write_csv(datasets(vintages), DATASET, HERE / "datasets.csv"),
    }
    for name, count in written.items():
        print(f"{name}: {count} rows, {(HERE / name).stat().st_size} bytes")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path, help="folder with the package archives")
    arguments.add_argument("--movements", type=Path, required=True, help="mouvements-communes.csv of INSEE")
    arguments.add_argument("--density", type=Path, required=True, help="density_2025.xlsx of INSEE")
    main(**vars(arguments.parse_args()))
