"""Great Expectations on DuckDB: a data source of our own, made of public extension points only.

Great Expectations 1.24 leaves the connection block and only then fetches the result. DuckDB loses a result when its
connection goes back to the pool, so every row expectation came back ``success=False`` with an exception inside and
nobody was told. Keeping one connection for the life of the engine cures it, and that is all that happens here.

Importing this module imports Great Expectations, which takes seconds: import it inside functions.
"""

from __future__ import annotations

import builtins
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import sqlalchemy
from great_expectations.datasource.fluent import SQLDatasource
from great_expectations.execution_engine import SqlAlchemyExecutionEngine


class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):  # type: ignore[misc]
    """The SQL engine with one connection, opened on first use and kept until :meth:`close`."""

    _kept: sqlalchemy.Connection | None = None

    @contextmanager
    def get_connection(self) -> Generator[sqlalchemy.Connection, None, None]:
        """Yield the kept connection; leaving the block neither closes it nor loses a pending result."""
        if self._kept is None or self._kept.closed:
            self._kept = self.engine.connect()
        yield self._kept

    def close(self) -> None:
        """Close the kept connection and dispose of the pool, which releases DuckDB's lock on the file."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None
        self.engine.dispose()


class DuckDBDatasource(SQLDatasource):  # type: ignore[misc]
    """``context.data_sources.add_duckdb(name, connection_string=…)``; the type is registered on import."""

    type: Literal["duckdb"] = "duckdb"

    @property
    def execution_engine_type(self) -> builtins.type[SqlAlchemyExecutionEngine]:
        return DuckDBExecutionEngine

    def dispose(self) -> None:
        """Let go of the file: both the execution engine's connection and the data source's own pool."""
        self.get_execution_engine().close()
        self.get_engine().dispose()


def connection_string(path: Path) -> str:
    """SQLAlchemy URL of a DuckDB file (driver: duckdb-sqlalchemy)."""
    return sqlalchemy.URL.create("duckdb", database=str(path)).render_as_string(hide_password=False)
