"""Seal: write a new snapshot file from the build database and the state store.

The file gets the marts and quality tables *with their DDL and comments* (CREATE TABLE AS would lose comments), the
``v_*`` views and the analysts' functions re-created without the build's catalog name, and the tables of this module,
whose rows come from the state store. It is checked under the readers' own guards, forced to the disk, described by a
manifest and made read-only. Nothing here decides what is published: see :mod:`warehouse.snapshots`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.errors import PublishError
from warehouse.files import fsync_file
from warehouse.reading import GUARDS
from warehouse.snapshots import snapshot_name, write_manifest

if TYPE_CHECKING:
    import duckdb

#: Readable by every client since DuckDB 1.2; a file in 2.0's own format is not.
STORAGE_VERSION = "v1.2.0"
BUILD_SCHEMAS = ("marts", "quality")


@dataclass(frozen=True)
class SealedTable:
    """A table whose rows come from the state store: its name, description and columns (name, type, description)."""

    schema: str
    name: str
    description: str
    columns: tuple[tuple[str, str, str], ...]


FINDING = SealedTable(
    "quality",
    "finding",
    "One row per finding (incohérence): a problem that the rules found, with its status. Grain: finding_id. "
    "Source: the state store, settled at this refresh.",
    (
        ("finding_id", "VARCHAR", "Fingerprint of rule, concept, counted unit, champ, territory and period."),
        ("case_id", "VARCHAR", "Findings of one cause share it."),
        ("parent_finding_id", "VARCHAR", "Finding that explains this one."),
        ("rule_code", "VARCHAR", "Rule that found it; see quality.rule."),
        ("verdict", "VARCHAR", "impossible, suspicious, not_comparable or explained."),
        ("severity", "VARCHAR", "info, warning or error."),
        (
            "status",
            "VARCHAR",
            "open, changed, acknowledged, assigned, waived, settled, correction_pending, resolved or reopened.",
        ),
        ("message_fr", "VARCHAR", "One French sentence with both figures and both places."),
        ("indicator_code", "VARCHAR", "Indicator concerned, where there is one."),
        ("territory_code", "VARCHAR", "Territory concerned."),
        ("period_label", "VARCHAR", "Period concerned, in French."),
        ("observation_ids", "VARCHAR[]", "Observations concerned; see marts.fct_observation."),
        ("fact_refs", "VARCHAR[]", "Facts concerned that are not observations."),
        ("gap", "DECIMAL(18,4)", "Signed gap. Unit: that of the figures compared."),
        ("gap_pct", "DOUBLE", "Gap, of the value compared with. Unit: percent."),
        ("evidence", "JSON", "Figures as numbers and as printed, places, intervals, the arithmetic; ownership."),
        ("steward", "VARCHAR", "Steward (référent) whom a person gave it to; else its owner by the file of stewards."),
        ("first_seen_at", "TIMESTAMP", "When it was first found (UTC)."),
        ("last_seen_at", "TIMESTAMP", "When it was last found (UTC)."),
        ("waived_until", "DATE", "End of its waiver (dérogation)."),
        ("waiver_reason", "VARCHAR", "Reason of its waiver."),
    ),
)
FINDING_HISTORY = SealedTable(
    "quality",
    "finding_history",
    "Append-only history of findings. Grain: one transition. Source: the state store.",
    (
        ("finding_id", "VARCHAR", "The finding."),
        ("happened_at", "TIMESTAMP", "When (UTC)."),
        ("event", "VARCHAR", "What happened."),
        ("status", "VARCHAR", "Status after it."),
        ("actor", "VARCHAR", "Who; null for the engine."),
        ("why", "VARCHAR", "Why."),
    ),
)
DECISION = SealedTable(
    "quality",
    "decision",
    "What stewards settled (tranché). Grain: decision_id. Source: the state store.",
    (
        ("decision_id", "VARCHAR", "Identifier."),
        ("finding_id", "VARCHAR", "Finding settled."),
        ("decision", "VARCHAR", "retain, keep_both, not_comparable, publisher_error or our_error."),
        ("retained_observation_id", "VARCHAR", "Observation retained, where one was."),
        ("decided_by", "VARCHAR", "Who decided."),
        ("decided_at", "TIMESTAMP", "When (UTC)."),
        ("reason", "VARCHAR", "Why."),
        ("guard", "JSON", "The values that it was taken for."),
    ),
)
REFRESH = SealedTable(
    "meta",
    "refresh",
    "One row per refresh, this one included. Grain: refresh_id. Source: the state store.",
    (
        ("refresh_id", "BIGINT", "Number of the refresh."),
        ("started_at", "TIMESTAMP", "Start (UTC)."),
        ("finished_at", "TIMESTAMP", "End (UTC); for the refresh that sealed this file, the time of sealing."),
        ("trigger", "VARCHAR", "What started it."),
        ("inputs", "JSON", "Fingerprints of what it was made from."),
        ("outcome", "VARCHAR", "published, nothing, blocked, failed; the sealing refresh is published."),
        ("snapshot", "VARCHAR", "File published."),
    ),
)
SOURCE_FILE = SealedTable(
    "meta",
    "source_file",
    "One row per input ever received. Grain: sha256. Source: the state store.",
    (
        ("sha256", "VARCHAR", "SHA-256 of its bytes."),
        ("name", "VARCHAR", "File name as received."),
        ("bytes", "BIGINT", "Size. Unit: bytes."),
        ("received_at", "TIMESTAMP", "When it was received (UTC)."),
        ("dataset_or_report", "VARCHAR", "Report or dataset that it carries."),
        ("status", "VARCHAR", "accepted, superseded or quarantined."),
        ("rows_accepted", "BIGINT", "Rows accepted. Unit: rows."),
        ("rows_rejected", "BIGINT", "Rows refused. Unit: rows."),
        ("reason", "JSON", "Why it, or some of its rows, were refused."),
    ),
)
DICTIONARY = SealedTable(
    "meta",
    "dictionary",
    "One row per column of this file. Grain: schema, table, column. Source: the file's own comments.",
    (
        ("schema", "VARCHAR", "Schema."),
        ("table", "VARCHAR", "Table or view."),
        ("column", "VARCHAR", "Column."),
        ("type", "VARCHAR", "Type."),
        ("description", "VARCHAR", "Description."),
        ("unit", "VARCHAR", "Unit, where the description states one."),
    ),
)
STATE_TABLES = (FINDING, FINDING_HISTORY, DECISION, REFRESH, SOURCE_FILE)


@dataclass(frozen=True)
class Sealed:
    """What was sealed: the file, and its rows by table."""

    path: Path
    rows: dict[str, int]


def seal(
    build: Path,
    snapshots: Path,
    *,
    input_set: str,
    sealed_at: datetime,
    state_rows: Mapping[str, Sequence[Mapping[str, Any]]],
    facts: Mapping[str, Any],
) -> Sealed:
    """Write a snapshot of ``build`` into the folder ``snapshots``; nothing is published yet.

    ``state_rows`` gives the rows of each of :data:`STATE_TABLES` by ``schema.name``; ``facts`` goes into the manifest.

    Raises:
        PublishError: the build lacks a schema, or the sealed file does not open under the readers' guards.
    """
    target = snapshots / snapshot_name(sealed_at, input_set)
    part = snapshots / f".{target.name}.{os.getpid()}.part"
    part.unlink(missing_ok=True)
    _write(build, part, state_rows)
    rows = _check(part)
    part.replace(target)
    target.chmod(0o444)
    fsync_file(target)
    write_manifest(
        target,
        {
            **facts,
            "input_set": input_set,
            "sealed_at": sealed_at.astimezone(UTC).isoformat(),
            "storage_version": STORAGE_VERSION,
            "rows": rows,
        },
    )
    return Sealed(target, rows)


def _write(build: Path, part: Path, state_rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    import duckdb

    with duckdb.connect(":memory:", config={"autoinstall_known_extensions": "false"}) as connection:
        connection.execute(f"ATTACH '{_quoted(build)}' AS build (READ_ONLY)")
        connection.execute(f"ATTACH '{_quoted(part)}' AS snapshot (STORAGE_VERSION '{STORAGE_VERSION}')")
        connection.execute("USE snapshot")
        for schema in (*BUILD_SCHEMAS, "meta"):
            connection.execute(f"CREATE SCHEMA {schema}")
        _copy_tables(connection)
        for table in STATE_TABLES:
            _create(connection, table)
            _insert(connection, table, state_rows[f"{table.schema}.{table.name}"])
        _mark_open_findings(connection)
        _copy_views(connection)
        _copy_functions(connection)
        _create(connection, DICTIONARY)
        _fill_dictionary(connection)
        connection.execute("USE memory")
        connection.execute("DETACH snapshot")


def _copy_tables(connection: duckdb.DuckDBPyConnection) -> None:
    tables = connection.execute(
        "SELECT schema_name, table_name, sql, comment FROM duckdb_tables() "
        "WHERE database_name = 'build' AND schema_name IN ? ORDER BY ALL",
        [list(BUILD_SCHEMAS)],
    ).fetchall()
    if not tables:
        raise PublishError("The build database has no marts to publish. Run `barometre refresh` again.")
    for schema, table, ddl, comment in tables:
        connection.execute(ddl)
        connection.execute(f'INSERT INTO "{schema}"."{table}" SELECT * FROM build."{schema}"."{table}"')
        _comment(connection, "TABLE", f'"{schema}"."{table}"', comment)
        _copy_column_comments(connection, schema, table)


def _copy_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Re-create views, whatever their order of dependence: those that fail wait for the ones they need."""
    waiting = connection.execute(
        "SELECT schema_name, view_name, sql, comment FROM duckdb_views() "
        "WHERE database_name = 'build' AND NOT internal AND schema_name IN ? ORDER BY ALL",
        [list(BUILD_SCHEMAS)],
    ).fetchall()
    while waiting:
        postponed = [view for view in waiting if not _created(connection, view)]
        if len(postponed) == len(waiting):
            raise PublishError(f"The view {postponed[0][0]}.{postponed[0][1]} cannot be created in the snapshot.")
        waiting = postponed


def _copy_functions(connection: duckdb.DuckDBPyConnection) -> None:
    """Re-create the table macros of the build, each with its comment."""
    import duckdb

    functions = connection.execute(
        "SELECT schema_name, function_name, parameters, macro_definition, comment FROM duckdb_functions() "
        "WHERE database_name = 'build' AND function_type = 'table_macro' AND schema_name IN ? ORDER BY ALL",
        [list(BUILD_SCHEMAS)],
    ).fetchall()
    for schema, function, parameters, definition, comment in functions:
        name = f'"{schema}"."{function}"'
        body = without_catalog(definition)
        try:
            connection.execute(f"CREATE MACRO {name}({', '.join(parameters)}) AS TABLE {body}")
        except duckdb.CatalogException as error:
            raise PublishError(
                f"The function {schema}.{function} cannot be created in the snapshot: {error}"
            ) from error
        _comment(connection, "MACRO TABLE", name, comment)


def _created(connection: duckdb.DuckDBPyConnection, view: tuple[str, str, str, str | None]) -> bool:
    import duckdb

    schema, name, ddl, comment = view
    try:
        connection.execute(without_catalog(ddl))
    except duckdb.CatalogException:
        return False
    _comment(connection, "VIEW", f'"{schema}"."{name}"', comment)
    _copy_column_comments(connection, schema, name)
    return True


def without_catalog(sql: str) -> str:
    """A view's SQL without the build's catalog name, so that it stands in any file."""
    schemas = "|".join((*BUILD_SCHEMAS, "meta"))
    return re.sub(rf'(?<![\w".])"?build"?\.(?="?(?:{schemas})"?\.)', "", sql)


def _copy_column_comments(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> None:
    comments = connection.execute(
        "SELECT column_name, comment FROM duckdb_columns() "
        "WHERE database_name = 'build' AND schema_name = ? AND table_name = ? AND comment IS NOT NULL",
        [schema, table],
    ).fetchall()
    for column, comment in comments:
        _comment(connection, "COLUMN", f'"{schema}"."{table}"."{column}"', comment)


def _create(connection: duckdb.DuckDBPyConnection, table: SealedTable) -> None:
    columns = ", ".join(f'"{name}" {type_}' for name, type_, _ in table.columns)
    name = f"{table.schema}.{table.name}"
    connection.execute(f"CREATE TABLE {name} ({columns})")
    _comment(connection, "TABLE", name, table.description)
    for column, _, description in table.columns:
        _comment(connection, "COLUMN", f'{name}."{column}"', description)


def _insert(connection: duckdb.DuckDBPyConnection, table: SealedTable, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    marks = ", ".join("?" for _ in table.columns)
    values = [[row.get(name) for name, _, _ in table.columns] for row in rows]
    connection.executemany(f"INSERT INTO {table.schema}.{table.name} VALUES ({marks})", values)


def _mark_open_findings(connection: duckdb.DuckDBPyConnection) -> None:
    """An indicator value is under a finding when one that is neither resolved nor settled names its observations."""
    connection.execute("""
        UPDATE marts.fct_indicator_value AS v
        SET has_open_finding = EXISTS (
            SELECT 1
            FROM quality.finding AS f, unnest(f.observation_ids) AS named(observation_id)
            JOIN marts.fct_observation AS o USING (observation_id)
            WHERE f.status NOT IN ('resolved', 'settled') AND f.severity IN ('warning', 'error')
                AND o.indicator_key = v.indicator_key AND o.territory_key = v.territory_key
                AND o.period_key = v.period_key
        )
    """)


def _fill_dictionary(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("""
        INSERT INTO meta.dictionary
        SELECT schema_name, table_name, column_name, data_type, comment,
            nullif(regexp_extract(comment, '(?i)\\bunit: ([^.;]+)', 1), '')
        FROM duckdb_columns()
        WHERE database_name = 'snapshot' AND NOT internal
        ORDER BY schema_name, table_name, column_index
    """)


def _check(part: Path) -> dict[str, int]:
    """Open the sealed file as a reader would, read every view once, and count rows."""
    import duckdb

    try:
        with duckdb.connect(str(part), read_only=True, config=GUARDS) as connection:
            names = connection.execute(
                "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE NOT internal "
                "UNION ALL SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE NOT internal ORDER BY 1"
            ).fetchall()
            _try_functions(connection)
            return {name: _count(connection, name) for (name,) in names}
    except duckdb.Error as error:
        raise PublishError(f"The sealed file does not open as a reader would open it: {error}") from error


def _try_functions(connection: duckdb.DuckDBPyConnection) -> None:
    """Call every function once, on nothing: what it names must be in this file."""
    functions = connection.execute(
        "SELECT schema_name || '.' || function_name, len(parameters) FROM duckdb_functions() "
        "WHERE function_type = 'table_macro' AND NOT internal"
    ).fetchall()
    for name, arguments in functions:
        connection.execute(f"SELECT * FROM {name}({', '.join(['NULL'] * arguments)}) LIMIT 0")


def _count(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {name}").fetchone()
    return int(row[0]) if row else 0


def _comment(connection: duckdb.DuckDBPyConnection, kind: str, name: str, comment: str | None) -> None:
    if comment is not None:
        text = comment.replace("'", "''")
        connection.execute(f"COMMENT ON {kind} {name} IS '{text}'")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
