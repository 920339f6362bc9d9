"""Opening the state store: connection settings, version check, backup and migration.

An up-to-date store costs one SELECT; Alembic is imported only when a migration is due.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from warehouse.errors import BarometreError, StateTooNew, UsageError
from warehouse.files import fsync_file
from warehouse.state_tables import REVISION

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

MIGRATIONS = Path(__file__).parent / "migrations"
#: Execution option that says how a transaction begins on SQLite. One that will write takes its lock at once:
#: a lock asked for half-way fails without waiting when another writer got in between.
BEGIN = "barometre_begin"
WRITING = {BEGIN: "BEGIN IMMEDIATE"}
READING = {BEGIN: "BEGIN"}
#: Writers hold the file for well under a second; ten seconds means that something hangs.
_BUSY_MS = 10_000
#: Any number, the same for all: whoever migrates first on PostgreSQL makes the others wait.
_MIGRATION_LOCK = 20_260_715


def create_engine(url: str) -> sa.Engine:
    """An engine with safe settings: enforced foreign keys, full synchronisation, strict JSON.

    Raises:
        UsageError: the URL is none, or its driver is not installed.
    """
    try:
        engine = sa.create_engine(url, poolclass=NullPool, json_serializer=strict_json)
    except (sa.exc.ArgumentError, ModuleNotFoundError) as error:
        raise UsageError(
            f"BAROMETRE_STATE_URL cannot be used: {error}. For PostgreSQL it reads postgresql+psycopg://…, and "
            "its driver must be installed beside the lock file; see docs/operations.md."
        ) from error
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _configure_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def strict_json(value: Any) -> str:
    """JSON as the standard has it.

    Raises:
        ValueError: a number is infinite or not a number.
    """
    return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True)


def bring_up_to_date(engine: sa.Engine, now: datetime) -> Path | None:
    """Create the tables of a new store, or migrate an older one; returns the backup made before, if one was.

    Raises:
        StateTooNew: the store was written by a newer version of the code.
        BarometreError: the store cannot be read.
    """
    try:
        with engine.connect() as connection:
            if _revision(connection) == REVISION:
                return None
        with engine.connect().execution_options(**WRITING) as connection, connection.begin():
            return _migrate(connection, now)
    except sa.exc.DBAPIError as error:
        raise BarometreError(
            f"The state store {engine.url!r} cannot be opened: {error.orig}. "
            "If its file is damaged, put back the newest backup that stands beside it."
        ) from error


def _migrate(connection: sa.Connection, now: datetime) -> Path | None:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
    found = _revision(connection)
    if found == REVISION:
        return None
    if found is not None and found not in known_revisions():
        raise StateTooNew(
            f"The state store {connection.engine.url!r} has revision {found}; this version of Baromètre knows "
            f"{REVISION} at most. Update the checkout, or put back the backup made before the migration."
        )
    saved = None if found is None else _back_up(connection, found, now)
    _upgrade(connection)
    return saved


def known_revisions() -> set[str]:
    """Every revision that this version of the code can bring up to date, its own included."""
    return {revision.revision for revision in _script().walk_revisions()}


def _script() -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(MIGRATIONS))


def _upgrade(connection: sa.Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS))
    command.upgrade(config, "head")


def _revision(connection: sa.Connection) -> str | None:
    """The store's revision; None for one that has no tables yet."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def _back_up(connection: sa.Connection, revision: str, now: datetime) -> Path | None:
    """Copy a SQLite store, while the caller's transaction keeps writers out. PostgreSQL has its own backups."""
    database = connection.engine.url.database
    if connection.dialect.name != "sqlite" or not database:
        return None
    source = Path(database)
    target = source.with_name(f"{source.stem}.{revision}.{now.astimezone(UTC):%Y%m%dT%H%M%S%fZ}{source.suffix}")
    with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(target)) as copy:
        original.backup(copy)
    fsync_file(target)
    return target


def _configure_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Take transactions into our own hands (the driver opens none before a SELECT) and set what is safe.

    The journal stays SQLite's default, not WAL: the store remains one file, which can be read from a read-only
    folder and copied whole.
    """
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("foreign_keys = ON", f"busy_timeout = {_BUSY_MS}", "synchronous = FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(BEGIN, READING[BEGIN]))
