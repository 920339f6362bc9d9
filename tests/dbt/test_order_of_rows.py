"""What is made never hangs on the order in which rows come: a home restored says what the one that was lost said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from benchmarks.rule_world import PROJECT, Frames, World, extract_frames, reference_frames

MODELS = sorted((PROJECT / "models").rglob("*.sql"))
# What takes the first, the last or a list of rows, and needs to be told in which order; `any_value` is of what a group
# has in common, which the shuffled world holds it to.
_COLLECTING = re.compile(r"\b(list|array_agg|string_agg|group_concat|first|last|arbitrary)\(")
_EXTREME = re.compile(r"\b(arg_min|arg_max|min_by|max_by)\(")
# What alone, or within the group that is listed, tells two rows apart.
_IS_KEY = re.compile(r"(_id|_key|_ref|participant_category|sections\.section|^place)\)?$")


@pytest.fixture(scope="module")
def frames() -> Frames:
    """The extracts of the repository and the reference, with every tie that may come: each report is there three times,
    published on one day, the third time all on one line; one register counts each population in three ways."""
    extracts = extract_frames()
    reference = reference_frames(extracts)
    thrice = {
        table: pl.concat([rows, printed_again(rows, 1), printed_again(rows, 2)])
        if "report_id" in rows.columns
        else rows
        for table, rows in extracts.items()
    }
    small = {table: of_two_departments(rows) for table, rows in reference.items()}
    return {**small, **thrice, "population": counted_in_three_ways(small["population"])}


def of_two_departments(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of the reference, of all communes those of the Dordogne and the Gironde alone: the others tell no more."""
    if "territory_key" not in rows.columns:
        return rows
    code = pl.col("territory_key").str.strip_prefix("commune:")
    return rows.filter((code == pl.col("territory_key")) | code.str.contains("^(?:24|33)"))


def printed_again(rows: pl.DataFrame, number: int) -> pl.DataFrame:
    """The rows of a report under another name, the values of every third line doubled."""
    types = rows.schema
    values = [name for name in ("value", "value_low", "value_high") if types.get(name) == pl.Decimal(18, 4)]
    places = [name for name in ("source_line", "char_start") if number == 2 and name in types]
    changed = [pl.when(pl.col("source_line") % 3 == number).then(pl.col(v) * 2).otherwise(pl.col(v)) for v in values]
    named = {"report_id": pl.col("report_id") + f"-{number}", "input_sha256": pl.col("input_sha256") + str(number)}
    return rows.with_columns(*changed, **named).with_columns(pl.lit(1).alias(place) for place in places).cast(types)


def counted_in_three_ways(population: pl.DataFrame) -> pl.DataFrame:
    """The legal populations of one year in all their kinds, as the register of communes publishes them."""
    year = population.filter(pl.col("dataset_key") == "insee-populations-reference@2019")
    more = pl.col("population") + 1
    others = [year.with_columns(more, population_kind=pl.lit(kind)) for kind in ("totale", "comptee_a_part")]
    return pl.concat([population, *others])


@pytest.fixture(scope="module")
def world(frames: Frames) -> World:
    """Every model, made from rows as they come."""
    return built(World(frames, everything=True))


@pytest.fixture(scope="module")
def shuffled(frames: Frames) -> World:
    """Every model, made from rows in another order, files and models alike."""
    return built(World(frames, everything=True, seed=1))


def built(world: World) -> World:
    world.build()
    return world


def rows_of(world: World, table: str) -> list[tuple[Any, ...]]:
    return world.connection.execute(f"SELECT * FROM {table} ORDER BY ALL").fetchall()


def test_every_model_is_the_same_whatever_the_order_of_rows(world: World, shuffled: World) -> None:
    tables = [
        table
        for (table,) in world.connection.execute(
            "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE schema_name <> 'bronze'"
        ).fetchall()
    ]
    digest = "SELECT count(*), bit_xor(hash(made)) FROM {} AS made"
    one, other = ({t: w.connection.execute(digest.format(t)).fetchone() for t in tables} for w in (world, shuffled))
    differing = sorted(table for table in tables if one[table] != other[table])
    assert one["quality.verdict"][0] > 2000
    assert not differing, {table: first_difference(world, shuffled, table) for table in differing}


def first_difference(world: World, shuffled: World, table: str) -> tuple[Any, Any]:
    pairs = zip(rows_of(world, table), rows_of(shuffled, table), strict=False)
    return next(((one, other) for one, other in pairs if one != other), (None, None))


def test_what_rules_add_up_is_decimal(world: World) -> None:
    """The sum of floats hangs on the order of the rows, in its last digits: those that a relative gap shows. What
    datasets count by the hundred thousand stays as it is, and sums of it are rounded."""
    floats = world.connection.execute(
        "SELECT table_name, column_name FROM duckdb_columns() "
        "WHERE schema_name = 'verdicts' AND NOT contains(table_name, 'verdict') AND data_type IN ('DOUBLE', 'FLOAT') "
        "AND NOT starts_with(table_name, 'dataset_')"
    ).fetchall()
    assert floats == []


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_what_is_collected_has_an_order_that_ends_with_a_key(path: Path) -> None:
    text = re.sub(r"--.*", "", path.read_text(encoding="utf-8"))
    for arguments in calls(_COLLECTING, text):
        what, by, order = arguments.rpartition("order by ")
        last = order.split(",")[-1].removesuffix(" desc").strip()
        assert by, f"{path.name}: no order in ({arguments})"
        listed = what.strip().removeprefix("distinct ").split(",")[0].strip()
        assert _IS_KEY.search(last) or order.removesuffix(" desc").strip() == listed, f"{path.name}: ({arguments})"
    for arguments in calls(_EXTREME, text):
        by = re.sub(r", \d+$", "", arguments.split(",", 1)[1]).strip()
        assert _IS_KEY.search(by), f"{path.name}: two rows may tie in ({arguments})"


def calls(functions: re.Pattern[str], text: str) -> Iterator[str]:
    """What stands between the parentheses of each call, spaces made single."""
    for found in functions.finditer(text):
        depth, end = 1, found.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        yield " ".join(text[found.end() : end - 1].split())
