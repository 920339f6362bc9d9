"""What differs between two snapshots: rows by table, and findings. In SQL, over both files attached read-only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from warehouse.errors import PublishError

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

#: Keys of the tables that the seal writes; those of the others are their primary keys, or are told by the caller.
SEALED_KEYS: dict[str, tuple[str, ...]] = {
    "quality.finding": ("finding_id",),
    "quality.decision": ("decision_id",),
    "meta.source_file": ("sha256",),
    "meta.dictionary": ("schema", "table", "column"),
}
#: Every refresh adds itself to the one and dates every finding; neither says that anything differs.
LEFT_OUT = ("meta.refresh", "quality.finding_history")
BOOKKEEPING = {"quality.finding": ("last_seen_at",)}
_GUARDS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "2GB",
    "threads": "2",
}
_TOLD = ("finding_id", "rule_code", "severity", "status", "territory_code", "message_fr")


@dataclass(frozen=True)
class TableDifference:
    """Rows of one table that are in the later snapshot alone, in the earlier alone, or in both with other values.

    Without a key that both files have, a changed row counts as one removed and one added.
    """

    table: str
    added: int
    removed: int
    changed: int
    key: tuple[str, ...]
    columns_added: tuple[str, ...] = ()
    columns_removed: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        return bool(self.added or self.removed or self.changed or self.columns_added or self.columns_removed)


@dataclass(frozen=True)
class Comparison:
    """What differs from snapshot ``earlier`` to snapshot ``later`` (file names); tables that are alike are left out."""

    earlier: str
    later: str
    tables: tuple[TableDifference, ...]
    findings_opened: tuple[dict[str, Any], ...]
    findings_resolved: tuple[dict[str, Any], ...]

    def as_json(self) -> dict[str, Any]:
        """What ``--format json`` prints."""
        return asdict(self)


def compare(earlier: Path, later: Path, keys: Mapping[str, Sequence[str]]) -> Comparison:
    """Compare two snapshots. ``keys`` gives the columns that identify a row, by ``schema.table``.

    Raises:
        PublishError: one of them cannot be read.
    """
    import duckdb

    try:
        with duckdb.connect(":memory:", config=_GUARDS) as connection:
            for name, path in (("a", earlier), ("b", later)):
                connection.execute(f"ATTACH '{_quoted(path)}' AS {name} (READ_ONLY)")
            connection.execute("SET enable_external_access = false")
            connection.execute("SET lock_configuration = true")
            tables = _tables(connection, {**keys, **SEALED_KEYS})
            opened, resolved = _live_only(connection, "b", "a"), _live_only(connection, "a", "b")
    except duckdb.Error as error:
        raise PublishError(f"{earlier.name} and {later.name} cannot be compared: {error}") from error
    return Comparison(earlier.name, later.name, tables, opened, resolved)


def _tables(connection: duckdb.DuckDBPyConnection, keys: Mapping[str, Sequence[str]]) -> tuple[TableDifference, ...]:
    columns = {name: _columns(connection, name) for name in ("a", "b")}
    names = sorted({*columns["a"], *columns["b"]} - set(LEFT_OUT))
    primary = _primary_keys(connection)
    differences = (
        _table(connection, name, columns["a"].get(name), columns["b"].get(name), keys.get(name) or primary.get(name))
        for name in names
    )
    return tuple(difference for difference in differences if difference.differs)


def _columns(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, list[str]]:
    found = connection.execute(
        "SELECT c.schema_name || '.' || c.table_name, list(c.column_name ORDER BY c.column_index) "
        "FROM duckdb_columns() AS c JOIN duckdb_tables() AS t USING (database_name, schema_name, table_name) "
        "WHERE database_name = ? GROUP BY ALL",
        [database],
    ).fetchall()
    return dict(found)


def _primary_keys(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    found = connection.execute(
        "SELECT schema_name || '.' || table_name, constraint_column_names FROM duckdb_constraints() "
        "WHERE database_name = 'b' AND constraint_type = 'PRIMARY KEY'"
    ).fetchall()
    return dict(found)


def _table(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    before: list[str] | None,
    after: list[str] | None,
    declared: Sequence[str] | None,
) -> TableDifference:
    if before is None or after is None:
        database, columns = ("b", after) if before is None else ("a", before)
        rows = _one(connection, f"SELECT count(*) FROM {database}.{_name(name)}")[0]
        came, went = (tuple(columns or ()), ()) if before is None else ((), tuple(columns or ()))
        return TableDifference(name, rows * (before is None), rows * (after is None), 0, (), came, went)
    common = [column for column in before if column in after and column not in BOOKKEEPING.get(name, ())]
    key = tuple(declared) if declared and set(declared) <= set(common) else ()
    counts = _by_key(connection, name, common, key) if key else _by_row(connection, name, common)
    came = tuple(column for column in after if column not in before)
    return TableDifference(name, *counts, key, came, tuple(column for column in before if column not in after))


def _by_key(
    connection: duckdb.DuckDBPyConnection, name: str, columns: Sequence[str], key: Sequence[str]
) -> tuple[int, int, int]:
    """Rows added, removed and changed. Nulls compare equal: an absent age or date is part of a key."""
    same = " AND ".join(f"a.{_quote(column)} IS NOT DISTINCT FROM b.{_quote(column)}" for column in key)
    others = [column for column in columns if column not in key]
    changed = " OR ".join(f"a.{_quote(column)} IS DISTINCT FROM b.{_quote(column)}" for column in others) or "false"
    found = _one(
        connection,
        f"""
        SELECT
            count(*) FILTER (a.present IS NULL),
            count(*) FILTER (b.present IS NULL),
            count(*) FILTER (a.present AND b.present AND ({changed}))
        FROM (SELECT *, true AS present FROM a.{_name(name)}) AS a
        FULL JOIN (SELECT *, true AS present FROM b.{_name(name)}) AS b ON {same}
        """,
    )
    return found[0], found[1], found[2]


def _by_row(connection: duckdb.DuckDBPyConnection, name: str, columns: Sequence[str]) -> tuple[int, int, int]:
    listed = ", ".join(_quote(column) for column in columns)
    added, removed = (
        _one(
            connection,
            f"SELECT count(*) FROM (SELECT {listed} FROM {one}.{_name(name)} "
            f"EXCEPT ALL SELECT {listed} FROM {other}.{_name(name)})",
        )[0]
        for one, other in (("b", "a"), ("a", "b"))
    )
    return added, removed, 0


def _live_only(connection: duckdb.DuckDBPyConnection, here: str, there: str) -> tuple[dict[str, Any], ...]:
    """Findings that stand in one snapshot and are resolved, or unknown, in the other; the gravest first."""
    rows = connection.execute(f"""
        SELECT {", ".join(_TOLD)}
        FROM {here}.quality.finding AS here
        WHERE status <> 'resolved'
            AND NOT EXISTS (
                FROM {there}.quality.finding AS there
                WHERE there.finding_id = here.finding_id AND there.status <> 'resolved'
            )
        ORDER BY list_position(['error', 'warning', 'info'], severity), rule_code, finding_id
    """).fetchall()
    return tuple(dict(zip(_TOLD, row, strict=True)) for row in rows)


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[int, ...]:
    row = connection.execute(sql).fetchone()
    return tuple(int(value) for value in row or ())


def _name(table: str) -> str:
    return ".".join(_quote(part) for part in table.split("."))


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
