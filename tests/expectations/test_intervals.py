"""The interval macros, run in DuckDB against every true value that the intervals allow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment

MACROS = Path(__file__).parents[2] / "dbt_project" / "macros" / "intervals.sql"
SPAN = range(-6, 13)

Interval = tuple[int | None, int | None]

ends = st.integers(0, 6)
bounded = st.tuples(ends, ends).map(lambda pair: (min(pair), max(pair)))
intervals = st.one_of(
    bounded,
    ends.map(lambda low: (low, None)),
    ends.map(lambda high: (None, high)),
    st.just((None, None)),
)
signed = st.one_of(
    bounded,
    bounded.map(lambda pair: (-pair[1], -pair[0])),
    bounded.map(lambda pair: (-pair[0], pair[1])),
    ends.map(lambda low: (low, None)),
    ends.map(lambda high: (None, -high)),
)
positive = st.tuples(st.integers(1, 6), st.integers(1, 6)).map(lambda pair: (min(pair), max(pair)))


@pytest.fixture(scope="module")
def macros() -> Any:
    return Environment().from_string(MACROS.read_text(encoding="utf-8")).module


@pytest.fixture(scope="module")
def database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def value(database: duckdb.DuckDBPyConnection, expression: str) -> Any:
    return database.execute(f"SELECT {expression}").fetchall()[0][0]


def sql(end: int | None) -> str:
    return "NULL::INTEGER" if end is None else f"{end}::INTEGER"


def points(interval: Interval) -> list[int]:
    """The whole numbers of the interval, as far as the span of the tests goes."""
    low, high = interval
    return [p for p in SPAN if (low is None or p >= low) and (high is None or p <= high)]


@settings(max_examples=150, deadline=None)
@given(one=intervals, other=intervals)
def test_two_intervals_meet_when_they_share_a_value(macros: Any, database: Any, one: Interval, other: Interval) -> None:
    found = value(database, str(macros.interval_meets(*map(sql, (*one, *other)))))
    assert found == bool(set(points(one)) & set(points(other)))


@settings(max_examples=150, deadline=None)
@given(one=intervals, other=intervals)
def test_the_distance_is_that_of_the_nearest_values(macros: Any, database: Any, one: Interval, other: Interval) -> None:
    found = value(database, str(macros.interval_distance(*map(sql, (*one, *other)))))
    assert found == min(abs(a - b) for a in points(one) for b in points(other))


@settings(max_examples=100, deadline=None)
@given(parts=st.lists(intervals, min_size=1, max_size=4))
def test_a_sum_is_unbounded_as_soon_as_one_part_is(macros: Any, database: Any, parts: list[Interval]) -> None:
    rows = ", ".join(f"({sql(low)}, {sql(high)})" for low, high in parts)
    query = (
        f"SELECT {macros.interval_sum('low')}, {macros.interval_sum('high')} FROM (VALUES {rows}) AS parts (low, high)"
    )
    lows, highs = zip(*parts, strict=True)
    expected = tuple(None if None in side else sum(side) for side in (lows, highs))
    assert database.execute(query).fetchall() == [expected]


@settings(max_examples=200, deadline=None)
@given(numerator=signed, denominator=positive)
def test_a_ratio_holds_every_quotient_and_no_more(
    macros: Any, database: Any, numerator: Interval, denominator: Interval
) -> None:
    divisor = (sql(denominator[0]), sql(denominator[1]))
    low = value(database, str(macros.interval_ratio_low(sql(numerator[0]), *divisor)))
    high = value(database, str(macros.interval_ratio_high(sql(numerator[1]), *divisor)))
    quotients = [n / d for n in points(numerator) for d in points(denominator)]
    assert low is None if numerator[0] is None else low == pytest.approx(min(quotients))
    assert high is None if numerator[1] is None else high == pytest.approx(max(quotients))


@pytest.mark.parametrize(("numerator", "low", "high"), [(3, 0, 1.5), (-3, -1.5, 0)])
def test_an_unbounded_denominator_leaves_any_small_ratio(
    macros: Any, database: Any, numerator: int, low: float, high: float
) -> None:
    assert value(database, str(macros.interval_ratio_low(sql(numerator), sql(2), sql(None)))) == low
    assert value(database, str(macros.interval_ratio_high(sql(numerator), sql(2), sql(None)))) == high


@pytest.mark.parametrize("base", [0, None])
def test_a_denominator_that_may_be_zero_leaves_any_large_ratio(macros: Any, database: Any, base: int | None) -> None:
    assert value(database, str(macros.interval_ratio_high(sql(3), sql(base), sql(6)))) is None
