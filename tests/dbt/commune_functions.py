"""The analysts' functions in a database of their own, without a dbt build: their tables and the SQL that dbt runs."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import duckdb
import polars as pl
from jinja2 import Environment

MACROS = Path(__file__).resolve().parents[2] / "dbt_project" / "macros" / "commune_functions.sql"


def function_statements() -> list[str]:
    """The statements that dbt runs after the table of grounds, on DuckDB."""
    template = Environment().from_string(MACROS.read_text(encoding="utf-8"), {"target": SimpleNamespace(type="duckdb")})
    return [template.module.communes_on_function(), template.module.commune_moved_function()]  # type: ignore[attr-defined]


def warehouse(territories: pl.DataFrame, grounds: pl.DataFrame, populations: pl.DataFrame) -> duckdb.DuckDBPyConnection:
    """A database in memory with the tables that the functions read, as the marts have them, and the functions."""
    connection = duckdb.connect(":memory:")
    connection.execute("create schema marts")
    tables = {"dim_territory": territories, "bridge_commune_ground": grounds, "fct_population": populations}
    for name, frame in tables.items():
        connection.register("given", frame.to_arrow())
        connection.execute(f"create table marts.{name} as from given")
        connection.unregister("given")
    for statement in function_statements():
        connection.execute(statement)
    return connection


def populations(rows: dict[str, int], period: str = "2023") -> pl.DataFrame:
    """Municipal populations by commune code."""
    return pl.DataFrame(
        {
            "territory_key": [f"commune:{code}" for code in rows],
            "period_key": [period] * len(rows),
            "population_kind": ["municipale"] * len(rows),
            "sex": ["T"] * len(rows),
            "age_from": [None] * len(rows),
            "age_to": [None] * len(rows),
            "population": list(rows.values()),
        },
        schema_overrides={
            "territory_key": pl.String,
            "period_key": pl.String,
            "population_kind": pl.String,
            "sex": pl.String,
            "age_from": pl.Int64,
            "age_to": pl.Int64,
            "population": pl.Float64,
        },
    )
