"""True tables, printed rounded: what a rule says of them is a false alarm.

Unrounded values are drawn, then printed as reports do; the intervals are those that the printing allows. Thousands of
tables are judged at once by the SQL of the rules, each table in a territory of its own.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Any

from benchmarks.rule_world import World

Row = dict[str, Any]
Tables = dict[str, list[Row]]
_RULES_OF = {
    "sums of rounded parts": "part_total",
    "shares of one whole": "shares_total",
    "growth pairs": "growth_levels",
    "printings of two precisions": "contradiction",
    "shares and their counts": "share_of_counts",
    "shares of a printed number": "reachable_share",
    "growth per year and in all": "annual_growth",
    "rates of a territory and of its parts": "average_of_parts",
    "cumulative series": "cumulative_falls",
}
_PERIOD_OF_BASE = {"period_key": "2014", "window_start": "2014-01-01", "window_end": "2014-12-31"}
_PERIOD = {"period_key": "2018", "window_start": "2018-01-01", "window_end": "2018-12-31"}


class _Writer:
    """The rows of the models that rules read, as tables are drawn."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.rows: Tables = defaultdict(list)
        self.number = 0

    def figure(self, indicator: str, value: float, grain: Decimal, **more: Any) -> str:
        """Print a value rounded to ``grain``; rounding half to even or away from zero, as publishers do either."""
        mode = self.rng.choice((ROUND_HALF_UP, ROUND_HALF_EVEN))
        printed = (Decimal(repr(value)) / grain).quantize(Decimal(1), rounding=mode) * grain
        half = Decimal(0) if more.pop("is_exact", False) else grain / 2
        self.number += 1
        ref = f"true#{self.number}"
        row: Row = {**_DEFAULTS, **_PERIOD, "observation_id": ref, "indicator_key": indicator, "printed": str(printed)}
        row |= {"value": printed, "value_low": printed - half, "value_high": printed + half, **more}
        self.rows["mention"].append(row)
        return ref

    def link(self, name: str, ref: str, role: str, exhaustive: str = "unknown") -> None:
        self.rows["link"].append({"link_id": name, "observation_id": ref, "role": role, "exhaustive": exhaustive})

    def level(self) -> float:
        return self.rng.lognormvariate(7, 2) + 20

    def unit_for(self, value: float) -> Decimal:
        """A unit of rounding that keeps two to four digits of a value."""
        digits = len(str(int(value)))
        return Decimal(10) ** max(0, digits - self.rng.randint(2, 4))


_DEFAULTS: Row = {
    "report_key": "true",
    "report_title": "Tables",
    "concept_code": "vrai",
    "counted_unit": "structure",
    "label_fr": "Vrai",
    "nature": "stock",
    "is_dated": True,
    "is_soft": False,
    "unit": "count",
    "kind": "actual",
    "value_form": "level",
    "status_class": "observed",
    "source_line": 1,
}


def _sum(writer: _Writer, place: Row) -> None:
    parts = [writer.level() for _ in range(writer.rng.randint(2, 18))]
    unit = writer.unit_for(max(parts))
    name = place["territory_key"]
    writer.link(name, writer.figure("total", sum(parts), unit, **place), "total", "yes")
    for part in parts:
        writer.link(name, writer.figure("part", part, unit, **place), "part", "yes")


def _shares(writer: _Writer, place: Row) -> None:
    parts = [writer.level() for _ in range(writer.rng.randint(2, 13))]
    unit = writer.rng.choice((Decimal(1), Decimal("0.1"), Decimal("0.01")))
    for part in parts:
        share = writer.figure("share", 100 * part / sum(parts), unit, unit="percent", value_form="share", **place)
        writer.link(place["territory_key"], share, "part", "yes")


def _growth(writer: _Writer, place: Row) -> None:
    base, ratio = writer.level(), writer.rng.lognormvariate(0.2, 0.4)
    writer.figure("level", base, writer.unit_for(base), **place, **_PERIOD_OF_BASE)
    writer.figure("level", base * ratio, writer.unit_for(base * ratio), **place)
    form = writer.rng.choice(("percent", "percent", "multiple"))
    printed = 100 * (ratio - 1) if form == "percent" else ratio
    precision = writer.rng.choice((Decimal(1), Decimal("0.1"))) if form == "percent" else Decimal("0.1")
    shape = {"nature": "growth", "value_form": "growth", "unit": form, "base_period_key": "2014"}
    shape["growth_form"] = "total" if form == "percent" else "multiple"
    writer.figure("growth", printed, precision, **place, **shape)


def _printings(writer: _Writer, place: Row) -> None:
    value = round(writer.level())
    writer.figure("fact", value, Decimal(1), is_exact=True, **place)
    for _ in range(2):
        writer.figure("fact", value, writer.unit_for(value) * 10, **place)


def _share_of_counts(writer: _Writer, place: Row) -> None:
    whole = round(writer.level()) + 10
    part = writer.rng.randint(0, whole)
    scale, unit = writer.rng.choice(((100, "percent"), (10000, "per_10000"), (100000, "per_100000")))
    form = "share" if unit == "percent" else "level"
    printed = writer.figure("rate", scale * part / whole, Decimal("0.1"), unit=unit, value_form=form, **place)
    name = place["territory_key"]
    writer.link(name, printed, "equivalent")
    rounded = writer.rng.random() < 0.5
    for role, count in (("numerator", part), ("denominator", whole)):
        grain = writer.unit_for(count) if rounded else Decimal(1)
        writer.link(name, writer.figure(role, count, grain, is_exact=grain == 1, **place), role)


def _share_of_number(writer: _Writer, place: Row) -> None:
    whole = writer.rng.randint(5, 300)
    share = 100 * writer.rng.randint(0, whole) / whole
    unit = writer.rng.choice((Decimal(1), Decimal("0.1"), Decimal("0.01")))
    printed = writer.figure("rate", share, unit, unit="percent", value_form="share", **place)
    writer.link(place["territory_key"], printed, "equivalent")
    number = writer.figure("denominator", whole, Decimal(1), is_exact=True, **place)
    writer.link(place["territory_key"], number, "denominator")


def _annual(writer: _Writer, place: Row) -> None:
    total = writer.rng.uniform(-30, 60)
    years = (_days("2018-12-31") - _days("2014-12-31")) / 365.25
    annual = 100 * ((1 + total / 100) ** (1 / years) - 1)
    for form, value in (("total", total), ("annual", annual)):
        shape = {"nature": "growth", "value_form": "growth", "unit": "percent", "base_period_key": "2014"}
        ref = writer.figure(f"growth {form}", value, Decimal("0.1"), growth_form=form, **place, **shape)
        writer.link(place["territory_key"], ref, "equivalent")


def _average(writer: _Writer, place: Row) -> None:
    weights = [writer.level() for _ in range(writer.rng.randint(2, 6))]
    rates = [writer.rng.uniform(2, 40) for _ in weights]
    mean = sum(w * r for w, r in zip(weights, rates, strict=True)) / sum(weights)
    shape = {"unit": "percent", "value_form": "share", "nature": "share", "denominator_fr": "population"}
    writer.figure("rate", mean, Decimal("0.1"), **shape, **place)
    for number, (weight, rate) in enumerate(zip(weights, rates, strict=True)):
        key = f"{place['territory_key']}-{number}"
        part = {"territory_key": key, "territory_code": key, "territory_level": "arrondissement"}
        writer.figure("rate", rate, Decimal("0.1"), **shape, **part)
        above = {
            "territory_key": key,
            "territory_level": "arrondissement",
            "parent_territory_key": place["territory_key"],
        }
        writer.rows["territory"].append(above)
        writer.rows["register"].append({"territory_key": key, "year": 2018, "population": weight})


def _cumulative(writer: _Writer, place: Row) -> None:
    value = 0.0
    for year in range(2012, 2019):
        value += writer.level()
        dates = {"period_key": str(year), "window_start": f"{year}-01-01", "window_end": f"{year}-12-31"}
        writer.figure("cumulative", value, writer.unit_for(value), nature="cumulative", **place, **dates)


def _days(day: str) -> int:
    from datetime import date

    return date.fromisoformat(day).toordinal()


_DRAWN: Mapping[str, Callable[[_Writer, Row], None]] = {
    "sums of rounded parts": _sum,
    "shares of one whole": _shares,
    "growth pairs": _growth,
    "printings of two precisions": _printings,
    "shares and their counts": _share_of_counts,
    "shares of a printed number": _share_of_number,
    "growth per year and in all": _annual,
    "rates of a territory and of its parts": _average,
    "cumulative series": _cumulative,
}
_LOADED = {
    "mention": "verdicts.mention",
    "link": "marts.fct_observation_link",
    "territory": "marts.dim_territory",
    "register": "verdicts.register_population",
}


def world_of_tables() -> World:
    """A world without extracts, that knows the two years that tables speak of."""
    import polars as pl

    from ingestion.periods import periods_frame

    years = {_PERIOD["period_key"], _PERIOD_OF_BASE["period_key"]}
    world = World({"period": periods_frame(years).with_columns(input_sha256=pl.lit("tables"))})
    world.build()
    return world


def judge_true_tables(world: World, kind: str, count: int, seed: int) -> dict[str, int]:
    """Draw ``count`` true tables of one kind and let its rule judge them: how many subjects got which verdict.

    ``world`` is emptied of what it holds.
    """
    writer = _Writer(random.Random(f"{seed}/{kind}"))
    for number in range(count):
        key = f"department:{number}"
        _DRAWN[kind](writer, {"territory_key": key, "territory_code": key, "territory_level": "department"})
    _load(world, writer.rows)
    rule = _RULES_OF[kind]
    for name in ("share_terms", f"verdict_{rule}"):
        world.make(name)
    counted = f"SELECT verdict, count(*) FROM verdicts.verdict_{rule} GROUP BY verdict"
    return dict(world.connection.execute(counted).fetchall())


def kinds() -> dict[str, str]:
    """The kinds of tables, each with the rule that judges it."""
    return dict(_RULES_OF)


def _load(world: World, rows: Tables) -> None:
    import polars as pl

    for name in (*_LOADED.values(), "intermediate.int_observation", "marts.dim_indicator_relation"):
        world.connection.execute(f"DELETE FROM {name}")
    for name, table in _LOADED.items():
        if rows[name]:
            _insert(world, table, pl.from_dicts(rows[name], infer_schema_length=None))
    world.connection.execute(
        "INSERT INTO intermediate.int_observation BY NAME "
        "SELECT observation_id, observation_id AS first_observation_id FROM verdicts.mention"
    )
    world.connection.execute(
        "INSERT INTO marts.dim_indicator_relation BY NAME "
        "SELECT 'growth' AS from_indicator_key, 'growth_of' AS relation, 'level' AS to_indicator_key"
    )


def _insert(world: World, table: str, frame: Any) -> None:
    types = dict(
        world.connection.execute(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE schema_name || '.' || table_name = ?", [table]
        ).fetchall()
    )
    world.connection.register("drawn", frame.to_arrow())
    cast = ", ".join(f"CAST({name} AS {types[name]}) AS {name}" for name in frame.columns)
    world.connection.execute(f"INSERT INTO {table} BY NAME SELECT {cast} FROM drawn")
    world.connection.unregister("drawn")
