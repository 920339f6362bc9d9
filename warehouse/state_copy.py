"""The state store as one portable SQLite file, out of any engine and into any: for backups and for moving house."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from warehouse.errors import BarometreError
from warehouse.paths import Home
from warehouse.state_opening import READING, WRITING, bring_up_to_date, create_engine
from warehouse.state_tables import metadata

#: Rows go over in portions: findings carry their evidence, and a store of years must not be held in memory whole.
_PORTION = 1_000


def export_state(home: Home, target: Path, now: datetime) -> None:
    """Write the home's store, brought up to date first, as a SQLite file; writers may go on meanwhile.

    Raises:
        StateTooNew: a newer version of the code wrote the store.
        BarometreError: it cannot be read.
    """
    source = create_engine(home.state_url)
    try:
        bring_up_to_date(source, now)
        if source.dialect.name == "sqlite":
            _copy_file(Path(str(source.url.database)), target)
        else:
            _copy_rows(source, f"sqlite:///{target}", now)
    finally:
        source.dispose()


def import_state(home: Home, source: Path, now: datetime) -> None:
    """Fill the home's store, which has no rows, from a file that :func:`export_state` wrote.

    Raises:
        StateTooNew: a newer version of the code wrote the file.
        BarometreError: the store has rows already, or cannot be written.
    """
    exported = create_engine(f"sqlite:///{source}")
    try:
        bring_up_to_date(exported, now)
        _copy_rows(exported, home.state_url, now)
    finally:
        exported.dispose()


def has_rows(url: str) -> bool:
    """Whether the store at ``url`` holds anything; False when it, or its tables, are not there yet.

    Raises:
        BarometreError: it cannot be read.
    """
    engine = create_engine(url)
    database = engine.url.database
    if engine.dialect.name == "sqlite" and database and not Path(database).exists():
        return False
    try:
        with engine.connect().execution_options(**READING) as connection:
            return _any_row(connection)
    except sa.exc.DBAPIError as error:
        raise BarometreError(f"The state store {engine.url!r} cannot be read: {error.orig}.") from error
    finally:
        engine.dispose()


def _copy_file(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(target)) as copy:
        original.backup(copy)


def _copy_rows(source: sa.Engine, target_url: str, now: datetime) -> None:
    target = create_engine(target_url)
    try:
        bring_up_to_date(target, now)
        reading = {**READING, **({} if source.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"})}
        with (
            source.connect().execution_options(**reading) as origin,
            target.connect().execution_options(**WRITING) as copy,
            copy.begin(),
        ):
            if _any_row(copy):
                raise BarometreError(f"The state store {target.url!r} has rows already: nothing was copied into it.")
            for table in metadata.sorted_tables:
                _copy_table(origin, copy, table)
    finally:
        target.dispose()


def _copy_table(origin: sa.Connection, copy: sa.Connection, table: sa.Table) -> None:
    rows = origin.execute(table.select()).mappings()
    for portion in rows.partitions(_PORTION):
        copy.execute(table.insert(), [dict(row) for row in portion])
    key = table.autoincrement_column
    if copy.dialect.name == "postgresql" and key is not None:
        # Rows that came with their numbers leave the sequence behind; numbers are never used twice.
        newest = sa.select(sa.func.max(key)).scalar_subquery()
        sequence = sa.func.pg_get_serial_sequence(str(table.name), str(key.name))
        copy.execute(sa.select(sa.func.setval(sequence, sa.func.coalesce(newest, 1), newest.is_not(None))))


def _any_row(connection: sa.Connection) -> bool:
    present = set(sa.inspect(connection).get_table_names()) & set(metadata.tables)
    return any(
        connection.execute(sa.select(sa.literal(1)).select_from(metadata.tables[name]).limit(1)).first()
        for name in sorted(present)
    )
