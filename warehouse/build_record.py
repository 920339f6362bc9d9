"""What the working database was made from, kept inside it: no copy or crash can part the one from the other.

The record is written once the audit has passed; a build that lacks it is not to be sealed again. It also keeps the SQL
of the tables that hang on the stewards' decisions, as dbt compiled it, so that a decision reaches them without dbt and
without a second version of the SQL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from warehouse.errors import BarometreError

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb


class BuildUnusable(BarometreError):
    """The working database cannot follow a decision; a full refresh makes a new one."""


@dataclass(frozen=True)
class Model:
    """A table of the working database and the query that fills it."""

    schema: str
    name: str
    sql: str


def record_build(build: Path, parts: Mapping[str, str], following: Sequence[Model]) -> None:
    """Say what a build was made from, and which tables follow the decisions, in their order of dependence."""
    import duckdb

    with duckdb.connect(str(build)) as connection:
        connection.begin()
        connection.execute("CREATE SCHEMA build_record")
        connection.execute("CREATE TABLE build_record.part (name VARCHAR, sha256 VARCHAR)")
        connection.execute("CREATE TABLE build_record.model (place INT, schema VARCHAR, name VARCHAR, sql VARCHAR)")
        for part in parts.items():
            connection.execute("INSERT INTO build_record.part VALUES (?, ?)", list(part))
        for place, model in enumerate(following):
            row = [place, model.schema, model.name, model.sql]
            connection.execute("INSERT INTO build_record.model VALUES (?, ?, ?, ?)", row)
        connection.commit()


def built_from(build: Path) -> dict[str, str] | None:
    """The parts of a build that passed its audit; None when there is no such build, whatever the file is."""
    import duckdb

    if not build.is_file():
        return None
    try:
        with duckdb.connect(str(build), read_only=True) as connection:
            return dict(connection.execute("SELECT name, sha256 FROM build_record.part").fetchall())
    except duckdb.Error:
        return None


def follow_decisions(build: Path, fingerprint: str) -> None:
    """Fill again the tables that hang on the decisions, and record the decisions' new fingerprint: all or nothing.

    Raises:
        BuildUnusable: the queries no longer run on what they read, or give other facts than before.
    """
    import duckdb

    try:
        with duckdb.connect(str(build)) as connection:
            connection.begin()
            models = connection.execute("SELECT schema, name, sql FROM build_record.model ORDER BY place").fetchall()
            for model in models:
                _fill_again(connection, Model(*model))
            connection.execute("UPDATE build_record.part SET sha256 = ? WHERE name = 'decisions'", [fingerprint])
            connection.commit()
    except duckdb.Error as error:
        raise BuildUnusable(f"The working database cannot follow the decisions: {error}") from error


def _fill_again(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """A decision changes what is retained of a fact, never which facts there are."""
    table = f'"{model.schema}"."{model.name}"'
    before = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    connection.execute(f"DELETE FROM {table}")
    connection.execute(f"INSERT INTO {table} BY NAME {model.sql}")
    if connection.execute(f"SELECT count(*) FROM {table}").fetchone() != before:
        raise BuildUnusable(f"Filled again, {table} has another number of rows.")
