"""Faults planted in the real extracts: what goes wrong when figures are printed or transcribed, row by row."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any, Literal

from benchmarks.rule_world import World

Row = Mapping[str, Any]
Change = Callable[[Row, "Source", random.Random], Mapping[str, Any] | None]
Action = Literal["change", "drop", "duplicate"]


@dataclass(frozen=True)
class Source:
    """A bronze table that faults strike: its key, the column that holds the number, and who is a row in verdicts."""

    table: str
    key: str
    number: str
    ref: str
    where: str = "true"


# Figures that no rule reads, what a participant said or a machine proposed, are no place for a fault.
FIGURES = Source(
    "figure",
    "figure_key",
    "value",
    "report_id || '#' || figure_key",
    "statement_origin <> 'verbatim' AND value IS NOT NULL AND report_id || '#' || figure_key IN "
    "(SELECT observation_id FROM verdicts.mention)",
)
COUNTS = Source("count", "count_key", "mentions", "report_id || '#' || count_key")
PARTICIPANTS = Source(
    "participation",
    "workshop_key || '|' || participant_category",
    "participants",
    "report_id || '#' || workshop_key || '|' || participant_category",
    "participants IS NOT NULL",
)
_STATEMENT = ("workshop_statement", "statement_key", "value", "report_id || '#' || statement_key")
STATED_NUMBERS = Source(*_STATEMENT, "attribute = 'participants' AND value IS NOT NULL")
STATED_DATES = Source(*_STATEMENT, "attribute = 'date' AND value IS NOT NULL")


@dataclass(frozen=True)
class Fault:
    """One fault: the row as it is, by its reference in verdicts, and what becomes of it."""

    operator: str
    source: Source
    row: Row
    changes: Mapping[str, Any] = field(default_factory=dict)
    action: Action = "change"

    @property
    def ref(self) -> str:
        return str(self.row["ref"])

    @property
    def before(self) -> tuple[float, float]:
        """What the row counts, as an interval."""
        return _ends(self.source, self.row)

    @property
    def after(self) -> tuple[float, float] | None:
        """What stands in its place once the fault is made; None where another territory, date or kind has it."""
        low, high = self.before
        if self.action != "change":
            return (0.0, 0.0) if self.action == "drop" else (2 * low, 2 * high)
        return _ends(self.source, {**self.row, **self.changes}) if self.source.number in self.changes else None

    def apply(self, world: World) -> None:
        """Make the fault in the bronze tables of a world."""
        where = f"WHERE report_id = ? AND {self.source.key} = ?"
        row_key = [self.row["report_id"], self.row["key"]]
        table = f"bronze.{self.source.table}"
        if self.action == "drop":
            world.connection.execute(f"DELETE FROM {table} {where}", row_key)
        elif self.action == "duplicate":
            self._duplicate(world, table, where, row_key)
        else:
            sets = ", ".join(f"{name} = ?" for name in self.changes)
            world.connection.execute(f"UPDATE {table} SET {sets} {where}", [*self.changes.values(), *row_key])
        if self.source is FIGURES and self.action == "drop":
            world.connection.execute("DELETE FROM bronze.figure_link WHERE report_id = ? AND figure_key = ?", row_key)

    def _duplicate(self, world: World, table: str, where: str, row_key: list[Any]) -> None:
        """The same row under another key; a duplicated part is a part of the same total, twice."""
        key = self.source.key
        copied = f"SELECT * REPLACE ({key} || '-bis' AS {key}) FROM"
        world.connection.execute(f"INSERT INTO {table} {copied} {table} {where}", row_key)
        if self.source is FIGURES:
            link = "bronze.figure_link"
            world.connection.execute(f"INSERT INTO {link} {copied} {link} {where} AND role = 'part'", row_key)


def _ends(source: Source, row: Row) -> tuple[float, float]:
    if source is STATED_DATES:
        days = float((date.fromisoformat(str(row["value"])) - date(1970, 1, 1)).days)
        return days, days
    value = float(row[source.number])
    if source is not FIGURES:
        return value, value
    low, high = row["value_low"], row["value_high"]
    if low is None and high is None and row["hedge"] is None:
        return value, value
    return (float("-inf") if low is None else float(low), float("inf") if high is None else float(high))


# What a fault does to a row; None where it would leave it as it is.


def _with_numbers(row: Row, source: Source, change: Callable[[float], float]) -> Mapping[str, Any] | None:
    """Every number of the row, changed alike; a whole count stays whole."""
    names = [name for name in (source.number, "value_low", "value_high") if row.get(name) is not None]
    changed = {name: round(change(float(row[name])), 4) for name in names}
    number = changed[source.number]
    if number == float(row[source.number]) or (source is not FIGURES and number != round(number)):
        return None
    if changed.get("value_low", 0) > changed.get("value_high", float("inf")):
        changed["value_low"], changed["value_high"] = changed["value_high"], changed["value_low"]
    return {name: str(int(value)) if source is STATED_NUMBERS else value for name, value in changed.items()}


def _scaled(factor: float) -> Change:
    return lambda row, source, _: _with_numbers(row, source, lambda number: number * factor)


def _digit_swap(row: Row, source: Source, rng: random.Random) -> Mapping[str, Any] | None:
    value = float(row[source.number])
    digits = str(int(value)) if value == int(value) else str(value)
    pairs = [i for i, (a, b) in enumerate(pairwise(digits)) if a != b and (a + b).isdigit()]
    if not pairs:
        return None
    i = rng.choice(pairs)
    swapped = float(digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :])
    return _with_numbers(row, source, lambda number: number + swapped - value)


def _unit_slip(row: Row, source: Source, _: random.Random) -> Mapping[str, Any] | None:
    """A percentage stored as a fraction, thousands taken for units, a decimal mark moved."""
    thousands = row["unit"] == "count" and float(row["value"]) % 1000 == 0
    factor = 0.01 if row["unit"] == "percent" else 0.001 if thousands else 0.1
    return _with_numbers(row, source, lambda number: number * factor)


def _fallen(row: Row, source: Source, rng: random.Random) -> Mapping[str, Any] | None:
    factor = rng.choice((0.3, 0.5, 0.7))
    return _with_numbers(row, source, lambda number: round(number * factor))


def _year_shift(row: Row, source: Source, rng: random.Random) -> Mapping[str, Any] | None:
    name = "period" if source is FIGURES else "value"
    years = re.findall(r"(?:19|20)\d\d", str(row[name]))
    if len(years) != 1:
        return None
    return {name: str(row[name]).replace(years[0], str(int(years[0]) + rng.choice((-10, -1, 1, 10))))}


def _move(row: Row, source: Source, rng: random.Random) -> Mapping[str, Any] | None:
    elsewhere = {
        FIGURES: ("country:FR", "region:75", "region:53", "department:33", "department:86"),
        COUNTS: ("department:24", "department:33", "department:64", "department:86"),
    }[source]
    return {"territory_key": rng.choice([key for key in elsewhere if key != row["territory_key"]])}


def _swap_kind(row: Row, _: Source, __: random.Random) -> Mapping[str, Any] | None:
    other = {"observed": "target", "target": "observed", "forecast": "observed"}.get(row["obs_status"])
    return {"obs_status": other} if other else None


def _same(_: Row, __: Source, ___: random.Random) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class Operator:
    """A kind of fault: what it may strike, and what it does."""

    sources: Sequence[Source]
    change: Change
    action: Action = "change"


_NUMBERS = (FIGURES, FIGURES, COUNTS, PARTICIPANTS, STATED_NUMBERS)
OPERATORS: Mapping[str, Operator] = {
    "digit swap": Operator(_NUMBERS, _digit_swap),
    "× 10": Operator(_NUMBERS, _scaled(10)),
    "× 1,000": Operator(_NUMBERS, _scaled(1000)),
    "unit slip": Operator((FIGURES,), _unit_slip),
    "sign": Operator((FIGURES, FIGURES, COUNTS, PARTICIPANTS), _scaled(-1)),
    "year shift": Operator((FIGURES, STATED_DATES), _year_shift),
    "dropped part": Operator((FIGURES, COUNTS, PARTICIPANTS), _same, "drop"),
    "moved territory": Operator((FIGURES, COUNTS), _move),
    "duplicated row": Operator((FIGURES, COUNTS), _same, "duplicate"),
    "fallen cumulative": Operator((FIGURES,), _fallen),
    "swapped kind": Operator((FIGURES,), _swap_kind),
}
_CUMULATIVE = "(SELECT indicator_key FROM marts.dim_indicator WHERE nature = 'cumulative')"


def plant(world: World, count: int, seed: int) -> list[Fault]:
    """``count`` faults, each operator in turn; the same ones for the same seed and the same extracts."""
    rng = random.Random(seed)
    rows = {source: _rows(world, source) for operator in OPERATORS.values() for source in operator.sources}
    cumulative = {key for (key,) in world.connection.execute(f"FROM {_CUMULATIVE}").fetchall()}
    faults: list[Fault] = []
    while len(faults) < count:
        name = list(OPERATORS)[len(faults) % len(OPERATORS)]
        source = rng.choice(OPERATORS[name].sources)
        row = rng.choice(rows[source])
        if name == "fallen cumulative" and row["indicator_code"] not in cumulative:
            continue
        changes = OPERATORS[name].change(row, source, rng)
        if changes is not None:
            faults.append(Fault(name, source, row, changes, OPERATORS[name].action))
    return faults


def declare_periods(world: World, faults: Sequence[Fault]) -> None:
    """Let the world know the periods that faults speak of, as a refresh would."""
    from ingestion.periods import periods_frame

    known = {code for (code,) in world.connection.execute("SELECT period_key FROM bronze.period").fetchall()}
    wanted = {str(fault.changes["period"]) for fault in faults if "period" in fault.changes}
    world.connection.register("shifted", periods_frame(wanted - known).to_arrow())
    world.connection.execute("INSERT INTO bronze.period BY NAME SELECT *, 'reference' AS input_sha256 FROM shifted")
    world.connection.unregister("shifted")
    world.follow(["period"])


def _rows(world: World, source: Source) -> list[Row]:
    named = f"{source.key} AS key, {source.ref} AS ref"
    query = f"SELECT *, {named} FROM bronze.{source.table} WHERE {source.where} ORDER BY ref"
    result = world.connection.execute(query)
    columns = [column[0] for column in result.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]
