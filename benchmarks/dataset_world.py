"""Open datasets drawn at random, true in every respect, in a geography of their own: what their rules are tried on.

Each has three vintages: legal populations of communes, departments and a region (municipale, comptée à part, totale),
estimates by sex of three years each, the last one provisional, and headcounts with densities of three professions and
of all of them. Between the last two vintages a commune takes in another.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from benchmarks.rule_world import World

VINTAGES = (2019, 2020, 2021)
#: Codes are those of two years later, as INSEE's are.
GEOGRAPHY = 2
ALL, PROFESSIONS = "essai-tous", ("essai-a", "essai-b", "essai-c")
MUNICIPAL, APART, TOTAL, ESTIMATE = "municipale", "comptee_a_part", "totale", "estimee_1er_janvier"
_DEPARTMENTS, _COMMUNES = 3, 8
_PER = 100_000


@dataclass(frozen=True)
class Number:
    """One row of a dataset; ``density`` is None for populations."""

    vintage: int
    period: int
    territory: str
    counted: str
    value: float
    sex: str = "T"
    density: float | None = None
    status: str = "observed"

    @property
    def series(self) -> tuple[str, str, str]:
        """What is followed in time: the territory, what is counted there, and of whom."""
        return self.territory, self.counted, self.sex


@dataclass(frozen=True)
class Drawn:
    """A dataset: its code, its numbers, who is part of whom, and the commune that took another in (taken, taker)."""

    code: str
    numbers: tuple[Number, ...]
    parents: Mapping[str, str]
    merged: tuple[str, str]

    def holding(self, numbers: Iterable[Number]) -> Drawn:
        """The same dataset with other numbers."""
        return replace(self, numbers=tuple(numbers))


def draw(number: int, rng: random.Random) -> Drawn:
    """A true dataset, of which no territory is that of another."""
    region = f"region:x{number}"
    departments = [f"department:x{number}-{d}" for d in range(_DEPARTMENTS)]
    communes = {d: [f"commune:{d.partition(':')[2]}-{c}" for c in range(_COMMUNES)] for d in departments}
    parents = {commune: d for d in departments for commune in communes[d]} | dict.fromkeys(departments, region)
    merged = (communes[departments[0]][7], communes[departments[0]][6])
    rows: list[Number] = []
    legal = _legal(parents, merged, rng)
    for kind, years in legal.items():
        rows += [Number(year, year, place, kind, value) for year in VINTAGES for place, value in years[year].items()]
    rows += _estimates(departments, region, legal[TOTAL], rng)
    rows += _professionals(departments, region, legal[MUNICIPAL], rng)
    return Drawn(f"essai-{number}", tuple(rows), parents, merged)


Years = dict[int, dict[str, float]]


def _legal(parents: Mapping[str, str], merged: tuple[str, str], rng: random.Random) -> dict[str, Years]:
    communes = [key for key in parents if key.startswith("commune")]
    taken, taker = merged
    now = {commune: float(round(rng.lognormvariate(8.3, 1.0)) + 30) for commune in communes}
    elsewhere = {commune: rng.uniform(0.005, 0.04) for commune in communes}
    pace = {commune: rng.gauss(0.004, 0.008) for commune in communes}
    kinds: dict[str, Years] = {MUNICIPAL: {}, APART: {}, TOTAL: {}}
    for year in VINTAGES:
        # Once in three hundred, a commune grows as only a new quarter makes it grow.
        spurt = {commune: rng.uniform(0.1, 0.25) if rng.random() < 1 / 300 else 0.0 for commune in communes}
        now = {c: float(round(v * (1 + pace[c] + spurt[c] + rng.gauss(0, 0.004)))) for c, v in now.items()}
        listed = dict(now)
        if year == VINTAGES[-1]:
            listed[taker] += listed.pop(taken)
        apart = {c: float(round(v * elsewhere[c] * rng.uniform(0.9, 1.1))) for c, v in listed.items()}
        kinds[MUNICIPAL][year] = _with_parents(listed, parents)
        kinds[APART][year] = _with_parents(apart, parents)
        kinds[TOTAL][year] = _with_parents({key: value + apart[key] for key, value in listed.items()}, parents)
    return kinds


def _with_parents(parts: Mapping[str, float], parents: Mapping[str, str]) -> dict[str, float]:
    """The parts and everything that they add up to."""
    values: dict[str, float] = defaultdict(float)
    for key, value in parts.items():
        place: str | None = key
        while place is not None:
            values[place] += value
            place = parents.get(place)
    return dict(values)


def _estimates(departments: list[str], region: str, total: Years, rng: random.Random) -> list[Number]:
    rows = []
    parents = dict.fromkeys(departments, region)
    years = range(VINTAGES[0] - 2, VINTAGES[-1] + 1)
    base = total[VINTAGES[0]]
    women = {year: {d: float(round(base[d] * (0.51 + 0.001 * (year % 7)))) for d in departments} for year in years}
    men = {year: {d: float(round(base[d] * (0.48 + 0.001 * (year % 5)))) for d in departments} for year in years}
    for vintage in VINTAGES:
        for period in range(vintage - 2, vintage + 1):
            # The last year of a vintage is provisional: the next one gives it otherwise.
            error = {d: rng.gauss(0, 0.003) if period == vintage else 0.0 for d in departments}
            sexes = {
                sex: _with_parents({d: float(round(v * (1 + error[d]))) for d, v in of[period].items()}, parents)
                for sex, of in (("F", women), ("M", men))
            }
            sexes["T"] = {place: sexes["F"][place] + sexes["M"][place] for place in sexes["F"]}
            status = "provisional" if period == vintage else "observed"
            rows += [
                Number(vintage, period, place, ESTIMATE, value, sex, status=status)
                for sex, places in sexes.items()
                for place, value in places.items()
            ]
    return rows


def _professionals(departments: list[str], region: str, inhabitants: Years, rng: random.Random) -> list[Number]:
    rows = []
    parents = dict.fromkeys(departments, region)
    rates = {(d, p): rng.lognormvariate(4.2, 0.8) / _PER for d in departments for p in PROFESSIONS}
    for year in VINTAGES:
        counts = {
            profession: _with_parents(
                {d: float(round(inhabitants[year][d] * rates[d, profession] * rng.gauss(1, 0.03))) for d in parents},
                parents,
            )
            for profession in PROFESSIONS
        }
        counts[ALL] = {place: sum(counts[p][place] for p in PROFESSIONS) for place in (*departments, region)}
        rows += [
            Number(year, year, place, profession, value, density=round(value * _PER / inhabitants[year][place], 1))
            for profession, places in counts.items()
            for place, value in places.items()
        ]
    return rows


# The warehouse of drawn datasets


def world_of_datasets(drawn: Iterable[Drawn]) -> World:
    """A world that holds these datasets and nothing else."""
    import polars as pl

    from ingestion.periods import periods_frame

    listed = list(drawn)
    frames: dict[str, list[dict[str, Any]]] = {
        "territory": [row for one in listed for row in _territories(one)],
        "territory_membership": [_merger(one) for one in listed],
        "profession": _PROFESSION_ROWS,
        "dataset": [_dataset(one.code, vintage) for one in listed for vintage in VINTAGES],
        **bronze_rows(listed),
    }
    years = {str(year) for year in range(VINTAGES[0] - 20, VINTAGES[-1] + 20)}
    world = World(
        {name: _frame(name, rows) for name, rows in frames.items()}
        | {"period": periods_frame(years).with_columns(input_sha256=pl.lit("drawn"))}
    )
    world.build()
    return world


def hold(world: World, drawn: Iterable[Drawn]) -> list[str]:
    """Let a world hold these datasets' numbers instead of its own; the rules that were judged again."""
    rows = bronze_rows(list(drawn))
    for table, listed in rows.items():
        world.connection.execute(f"DELETE FROM bronze.{table}")
        world.connection.register("incoming", _frame(table, listed).to_arrow())
        world.connection.execute(f"INSERT INTO bronze.{table} BY NAME SELECT * FROM incoming")
        world.connection.unregister("incoming")
    return [rule for rule in world.follow(rows) if rule.startswith("dataset_")]


def bronze_rows(drawn: Iterable[Drawn]) -> dict[str, list[dict[str, Any]]]:
    """The rows of the bronze tables that numbers are in."""
    rows: dict[str, list[dict[str, Any]]] = {"population": [], "professional": []}
    for one in drawn:
        for number in one.numbers:
            shared = {
                "dataset_key": f"{one.code}@{number.vintage}",
                "territory_key": number.territory,
                "period": str(number.period),
                "sex": number.sex,
                "obs_status": number.status,
                "is_aggregate": not number.territory.startswith("commune"),
            }
            if number.density is None:
                own = {"population_kind": number.counted, "population": number.value}
                rows["population"].append(shared | own)
            else:
                own = {"profession_key": number.counted, "headcount": number.value, "density": number.density}
                rows["professional"].append(shared | own | _PRACTICE)
    return rows


_PRACTICE = {
    "practice_mode": "liberal",
    "location_basis": "cabinet",
    "counted_unit": "personne",
    "density_per": _PER,
    "density_population": "population totale",
}
_PROFESSION_ROWS: list[dict[str, Any]] = [
    {"profession_key": ALL, "nomenclature": "essai", "profession": "Tous", "is_aggregate": True},
    *(
        {
            "profession_key": key,
            "nomenclature": "essai",
            "profession": key,
            "parent_profession_key": ALL,
            "is_aggregate": False,
        }
        for key in PROFESSIONS
    ),
]


def _territories(one: Drawn) -> list[dict[str, Any]]:
    keys = {**one.parents, **dict.fromkeys(set(one.parents.values()) - one.parents.keys())}
    taken_until = date(VINTAGES[-1] + GEOGRAPHY - 1, 12, 31)
    return [
        {
            "territory_key": key,
            "territory_code": key.partition(":")[2],
            "territory_level": key.partition(":")[0],
            "name": key,
            "parent_territory_key": parent,
            "department_code": (parent or "").partition(":")[2] if key.startswith("commune") else None,
            "valid_to": taken_until if key == one.merged[0] else None,
            "source": "drawn",
        }
        for key, parent in keys.items()
    ] + [_forgotten(one)]


def _forgotten(one: Drawn) -> dict[str, Any]:
    """A commune that merged before the first vintage: the reference knows the communes of every vintage."""
    key = f"commune:{one.code}-forgotten"
    ended = date(VINTAGES[0] + GEOGRAPHY - 1, 12, 31)
    own = {"territory_key": key, "territory_code": key, "territory_level": "commune", "name": key, "source": "drawn"}
    return {**own, "valid_to": ended}


def _merger(one: Drawn) -> dict[str, Any]:
    return {
        "territory_key": one.merged[0],
        "parent_territory_key": one.merged[1],
        "relation": "merged_into",
        "valid_from": date(VINTAGES[-1] + GEOGRAPHY, 1, 1),
    }


def _dataset(code: str, vintage: int) -> dict[str, Any]:
    return {
        "dataset_key": f"{code}@{vintage}",
        "dataset_code": code,
        "title": f"Jeu {code}",
        "publisher": "essai",
        "vintage": str(vintage),
        "territory_vintage": str(vintage + GEOGRAPHY),
        "licence": "essai",
        "source_sha256": code,
    }


def _frame(table: str, rows: list[dict[str, Any]]) -> Any:
    import polars as pl

    from ingestion.schemas import TABLES

    schema = {**TABLES[table].schema, "input_sha256": pl.String()}
    return pl.DataFrame([row | {"input_sha256": "drawn"} for row in rows], schema=schema)
