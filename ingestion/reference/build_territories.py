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
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from ingestion.reference import build_shapes
from ingestion.reference.building import Row, checked, write_csv, write_parquet
from ingestion.reference.grounds import Holding, holdings
from ingestion.reference.movements import COMMUNE, KINDS_FR, Lives, Movement, Spell, lives, read_movements
from ingestion.reference.packages import COLLECTIVITY_PREFIXES, PACKAGES, Vintage, read_package
from ingestion.reference.populations import datasets, populations
from ingestion.schemas import (
    COMMUNE_GROUND,
    COMMUNE_MOVEMENT,
    DATASET,
    POPULATION,
    TERRITORY,
    TERRITORY_MEMBERSHIP,
)

HERE = Path(__file__).parent
COG = "INSEE, Code officiel géographique 2021-2026"
DGCL = "DGCL, EPCI à fiscalité propre 2021-2025"
OVERSEAS = "Etalab, collectivités d’outre-mer"
MOVEMENTS = "INSEE, mouvements de communes depuis 1943 (COG 2026)"
DENSITY = "INSEE, grille de densité 2025 (bassins de vie 2022, géographie de 2025)"
MOVEMENTS_SHA256 = "89be99e24eefa87d68b779089e9a8b6f2b339a586b060ddb1298f673bf5c617f"
DENSITY_SHA256 = "951ae15ad9055235f3ec1d8bd7c9a2281d35f98a98e01bc2bc513f70eb1b3452"
_DENSITY_SHEET = "Maille Bassin de Vie"
MERGERS_OF_2016 = date(2016, 1, 1)

# Saint-Barthélemy and Saint-Martin left Guadeloupe for collectivities of their own: law 2007-223 of 21 February 2007.
_INTO_COLLECTIVITIES = {"97123": "97701", "97127": "97801"}


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
        if not code.startswith(COLLECTIVITY_PREFIXES):
            since = MERGERS_OF_2016 if code in merged else None
            yield _territory(
                "region", code, o["nom"], COG, parent_territory_key="country:FR", region_code=code, valid_from=since
            )


def _departments(latest: Vintage) -> Iterator[Row]:
    for code, o in latest.departments.items():
        if code.startswith(COLLECTIVITY_PREFIXES):
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
    if o["code"].startswith(COLLECTIVITY_PREFIXES):
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
        if code.startswith(COLLECTIVITY_PREFIXES):
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


# --- Writing --------------------------------------------------------------------------------------------------------


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
        "datasets.csv": write_csv([*datasets(vintages), build_shapes.dataset()], DATASET, HERE / "datasets.csv"),
    }
    for name, count in written.items():
        print(f"{name}: {count} rows, {(HERE / name).stat().st_size} bytes")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path, help="folder with the package archives")
    arguments.add_argument("--movements", type=Path, required=True, help="mouvements-communes.csv of INSEE")
    arguments.add_argument("--density", type=Path, required=True, help="density_2025.xlsx of INSEE")
    main(**vars(arguments.parse_args()))
