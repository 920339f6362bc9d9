"""Faults planted in drawn datasets, and whether arithmetic can tell them: decided in Python, without the rules."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from benchmarks.dataset_world import ALL, APART, ESTIMATE, MUNICIPAL, PROFESSIONS, TOTAL, VINTAGES, Drawn, Number

Numbers = tuple[Number, ...]
Change = Callable[[Drawn, Number, random.Random], Numbers | None]


@dataclass(frozen=True)
class DatasetFault:
    """One fault: a dataset with it, and the row that it struck."""

    operator: str
    row: Number
    faulty: Drawn


def plant_in(true: Drawn, operator: str, rng: random.Random) -> DatasetFault:
    """A fault of this kind in a dataset; rows are drawn until one of them can have it."""
    while True:
        row = rng.choice(true.numbers)
        numbers = OPERATORS[operator](true, row, rng)
        if numbers is not None:
            return DatasetFault(operator, row, true.holding(numbers))


def _with(true: Drawn, row: Number, *instead: Number) -> Numbers:
    """The numbers with one row replaced by none, one or several."""
    at = true.numbers.index(row)
    return (*true.numbers[:at], *instead, *true.numbers[at + 1 :])


def _scaled(factor: float) -> Change:
    def scale(true: Drawn, row: Number, rng: random.Random) -> Numbers | None:
        if not row.value:
            return None
        if row.density is not None and rng.random() < 0.5:
            return _with(true, row, replace(row, density=round(row.density * factor, 1)))
        return _with(true, row, replace(row, value=row.value * factor))

    return scale


def _in_thousands(true: Drawn, row: Number, _: random.Random) -> Numbers | None:
    """A number given in thousands, a density per 10,000: as sources of another unit are."""
    if row.density is not None:
        return _with(true, row, replace(row, density=round(row.density / 10, 1)))
    return _with(true, row, replace(row, value=round(row.value / 1000, 3))) if row.value >= 1000 else None


def _swap(true: Drawn, row: Number, rng: random.Random) -> Numbers | None:
    digits = str(int(row.value))
    places = [i for i, (a, b) in enumerate(pairwise(digits)) if a != b]
    if not places:
        return None
    i = rng.choice(places)
    return _with(true, row, replace(row, value=float(digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :])))


def _move(true: Drawn, row: Number, rng: random.Random) -> Numbers | None:
    level = row.territory.partition(":")[0]
    others = sorted({n.territory for n in true.numbers if n.territory.startswith(level)} - {row.territory})
    return _with(true, row, replace(row, territory=rng.choice(others))) if others else None


def _shift(true: Drawn, row: Number, rng: random.Random) -> Numbers | None:
    return _with(true, row, replace(row, period=row.period + rng.choice((-10, -1, 1, 10))))


def _lost(true: Drawn, row: Number, _: random.Random) -> Numbers | None:
    """Every row of a territory in a vintage: the end of a file that was cut."""
    gone = (row.vintage, row.territory)
    return tuple(n for n in true.numbers if (n.vintage, n.territory) != gone)


def _frozen(true: Drawn, row: Number, _: random.Random) -> Numbers | None:
    """A whole column is that of the vintage before."""
    if row.vintage == VINTAGES[0] or row.counted == ESTIMATE:
        return None
    before = {n.series: n.value for n in true.numbers if n.vintage == row.vintage - 1}
    column = (row.vintage, row.counted)
    return tuple(
        replace(n, value=before.get(n.series, n.value)) if (n.vintage, n.counted) == column else n for n in true.numbers
    )


def _revised(true: Drawn, row: Number, rng: random.Random) -> Numbers | None:
    """A year that was final is given otherwise by the next vintage."""
    if row.counted != ESTIMATE or row.vintage == VINTAGES[0] or row.period > row.vintage - 2:
        return None
    return _with(true, row, replace(row, value=float(round(row.value * rng.choice((0.9, 0.97, 1.04, 1.15))))))


OPERATORS: Mapping[str, Change] = {
    "digit swap": _swap,
    "× 10": _scaled(10),
    "× 1,000": _scaled(1000),
    "unit slip": _in_thousands,
    "sign": _scaled(-1),
    "year shift": _shift,
    "dropped part": lambda true, row, _: _with(true, row),
    "moved territory": _move,
    "duplicated row": lambda true, row, _: _with(true, row, row, row),
    "lost territory": _lost,
    "frozen column": _frozen,
    "final year revised": _revised,
}

# The oracle: what cannot hold in a dataset, worked out from its rows alone.

Broken = tuple[object, ...]


def can_tell(true: Drawn, fault: DatasetFault) -> bool:
    """Whether something cannot hold with the fault in place that held without it."""
    return bool(set(_broken(fault.faulty)) - set(_broken(true)))


def _broken(drawn: Drawn) -> Iterator[Broken]:
    by_column: dict[tuple[int, int, str, str], list[Number]] = defaultdict(list)
    for number in drawn.numbers:
        by_column[number.vintage, number.period, number.counted, number.sex].append(number)
        if number.value < 0:
            yield "negative", number
    columns = {key: _by_territory(rows) for key, rows in by_column.items()}
    yield from _sums(drawn, columns)
    yield from _rates(drawn)
    yield from _followed(drawn, columns)


Column = Mapping[str, Sequence[Number]]
Columns = Mapping[tuple[int, int, str, str], Column]


def _by_territory(rows: Sequence[Number]) -> Column:
    places: dict[str, list[Number]] = defaultdict(list)
    for row in rows:
        places[row.territory].append(row)
    return places


def _sums(drawn: Drawn, columns: Columns) -> Iterator[Broken]:
    """Totals that their parts, all of them there, do not make; a part that is there twice counts twice."""
    members: dict[str, list[str]] = defaultdict(list)
    for child, parent in drawn.parents.items():
        members[parent].append(child)
    for key, column in columns.items():
        vintage, period, counted, sex = key
        in_force = {c for c in drawn.parents if not (c == drawn.merged[0] and vintage == VINTAGES[-1])}
        for parent, children in members.items():
            parts = [child for child in children if child in in_force]
            yield from _unequal(("territories", key), column.get(parent, ()), [column.get(part, ()) for part in parts])
        made_of = {
            ALL: [(vintage, period, profession, sex) for profession in PROFESSIONS],
            TOTAL: [(vintage, period, kind, sex) for kind in (MUNICIPAL, APART)],
            ESTIMATE: [(vintage, period, counted, one) for one in "FM"] if sex == "T" else [],
        }.get(counted, [])
        for place, totals in column.items():
            parts_there = [columns.get(part, {}).get(place, ()) for part in made_of]
            yield from _unequal(("parts", key), totals, parts_there)


def _unequal(what: Broken, totals: Sequence[Number], parts: Sequence[Sequence[Number]]) -> Iterator[Broken]:
    if parts and all(parts):
        total = sum(part.value for listed in parts for part in listed)
        for one in totals:
            if abs(one.value - total) > (len(parts) + 1) / 2 * (one.status == "provisional") + 0.001:
                yield *what, one.territory, one.value, total


def _rates(drawn: Drawn) -> Iterator[Broken]:
    """Densities that are more than a tenth off those of every population known of their territory and year."""
    inhabitants: dict[tuple[str, int], list[float]] = defaultdict(list)
    for number in drawn.numbers:
        if number.density is None and number.counted != APART and number.sex == "T" and number.value > 0:
            inhabitants[number.territory, number.period].append(number.value)
    for number in drawn.numbers:
        known = inhabitants.get((number.territory, number.period))
        if number.density is None or not known or number.value <= 0:
            continue
        low, high = (number.value * 100_000 / people for people in (1.1 * max(known), 0.9 * min(known)))
        if not low - 0.05 <= number.density <= high + 0.05:
            yield "rate", number


def _followed(drawn: Drawn, columns: Columns) -> Iterator[Broken]:
    last: dict[tuple[int, str, str], int] = {}
    for vintage, period, counted, sex in columns:
        last[vintage, counted, sex] = max(period, last.get((vintage, counted, sex), 0))
    for (vintage, counted, sex), period in last.items():
        before = last.get((vintage - 1, counted, sex))
        now = columns[vintage, period, counted, sex]
        if before is None:
            continue
        earlier = columns[vintage - 1, before, counted, sex]
        same = [(e[0].value, now[place][0].value) for place, e in earlier.items() if place in now]
        telling = [pair for pair in same if min(pair) >= 100]
        if len(telling) >= 20 and sum(one == other for one, other in telling) > len(telling) / 2:
            yield "frozen", vintage, counted, sex
        for place in earlier:
            if place not in now and not (place == drawn.merged[0] and vintage == VINTAGES[-1]):
                yield "missing", vintage, counted, sex, place
    yield from _revisions(columns)
    yield from _slips(drawn, columns)


def _revisions(columns: Columns) -> Iterator[Broken]:
    for (vintage, period, counted, sex), column in columns.items():
        for place, rows in columns.get((vintage - 1, period, counted, sex), {}).items():
            for now in column.get(place, ()):
                if rows[0].status == "observed" and abs(now.value - rows[0].value) > 0.005 * abs(rows[0].value):
                    yield "revised", vintage, period, counted, sex, place


def _slips(drawn: Drawn, columns: Columns) -> Iterator[Broken]:
    """Two numbers of neighbouring years, of one vintage where it has both, that a power of ten separates."""
    for (vintage, period, counted, sex), column in columns.items():
        years = sorted(p for v, p, c, s in columns if (v, c, s) == (vintage, counted, sex) and p < period)
        earlier = columns.get((vintage, years[-1], counted, sex)) if years else None
        earlier = earlier or columns.get((vintage - 1, period - 1, counted, sex), {})
        for place, rows in column.items():
            if place == drawn.merged[1] and vintage == VINTAGES[-1]:
                continue
            for before in earlier.get(place, ()):
                if any(_is_slip(before.value, row.value) for row in rows):
                    yield "slip", vintage, period, counted, sex, place


def _is_slip(one: float, other: float) -> bool:
    if min(one, other) < 10 or max(one, other) < 100:
        return False
    power = math.log10(other / one)
    return 1 <= abs(round(power)) <= 3 and abs(power - round(power)) < 0.095
