"""Collect: what of the inputs that were read becomes bronze, and what is quarantined.

A bad input is quarantined with its reason; the others go on, and the last good version of the bad one stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ingestion import quarantine
from ingestion.archive import Archived, archived_path
from ingestion.arrivals import Arrival, Received, period_codes
from ingestion.bronze import (
    BronzeFile,
    Made,
    keep_draft,
    remember,
    remove_unlisted,
    version_path,
    write_current,
    write_empty_files,
    write_version,
)
from ingestion.datasets.declarations import recipe_of
from ingestion.extracts_reading import Extract
from ingestion.report_file import REPORT_FILE
from ingestion.versions import Choice, Version, Vintage, choose_versions, choose_vintages
from warehouse.errors import InputError
from warehouse.paths import Home

if TYPE_CHECKING:
    import polars as pl


def decide_versions(arrivals: Iterable[Arrival]) -> list[Arrival]:
    """Among the inputs that stand, the version of each source that counts; and the report of each document."""
    return _with_documents(_choose(list(arrivals)))


def write_bronze(
    home: Home,
    arrivals: Iterable[Arrival],
    accepted: Mapping[str, pl.DataFrame],
    others: Iterable[tuple[str, str, str, datetime, pl.DataFrame]],
    recipe: str | None = None,
) -> dict[str, int]:
    """Write the rows that were accepted and list the files that count. Returns rows by bronze table.

    ``others`` are (table, version, source, received_at, frame) for what was not delivered: reference, rules,
    decisions, periods. ``recipe`` is the hash of the code and reference data that the rows were made with: files of
    the same version and recipe are left as they are. Files that no longer count are removed in the end.
    """
    write_empty_files(home)
    files: list[BronzeFile] = []
    rows = dict.fromkeys(accepted, 0)
    for arrival in arrivals:
        if arrival.has_rows:
            tables = arrival.made.tables if arrival.made else _write_arrival(home, arrival, accepted, recipe)
            for table, height in tables.items():
                files.append(_listed(arrival, table))
                rows[table] = rows.get(table, 0) + height
    for table, version, source, received_at, frame in others:
        path = write_version(home, table, version, frame, recipe)
        files.append(BronzeFile(table, version, path, source, received_at, None))
        rows[table] = rows.get(table, 0) + frame.height
    write_current(home, files)
    remove_unlisted(home, files)
    return rows


def settle_quarantine(home: Home, arrivals: Iterable[Arrival], received: Received, now: datetime) -> None:
    """Keep what was refused where a person looks for it, with its reason; forget what has been accepted since."""
    told = list(arrivals)
    delivered = {archived.name for archived in received.archived}
    for arrival in told:
        if arrival.is_moved:
            continue
        if arrival.status == "quarantined" or (arrival.status == "accepted" and arrival.rejections):
            _keep(home, arrival, now, delivered=arrival.name in delivered)
        else:
            quarantine.clear(home, arrival.sha256)
    for arrival in told:
        if arrival.status == "accepted" and arrival.source and arrival.version is not None:
            quarantine.clear_replaced(home, arrival.source, arrival.version, arrival.received_at)


def _keep(home: Home, arrival: Arrival, now: datetime, *, delivered: bool) -> None:
    claim = {"kind": arrival.kind, "source": arrival.source, "version": arrival.version}
    reason = arrival.reason or {
        **arrival.rejections[0],
        "expectation": f"{arrival.rows_rejected} of {arrival.rows_accepted + arrival.rows_rejected} rows are refused, "
        f"the others published; the first because {arrival.rejections[0]['expectation']}",
        "rows": list(arrival.rejections),
    }
    archived = Archived(arrival.sha256, arrival.name, arrival.bytes, archived_path(home, arrival.sha256))
    quarantine.keep(home, archived, {**claim, **reason}, now, delivered=delivered)


def _write_arrival(
    home: Home, arrival: Arrival, accepted: Mapping[str, pl.DataFrame], recipe: str | None
) -> dict[str, int]:
    """Write one input's rows and remember what became of it; returns its rows by bronze table."""
    import polars as pl

    parts = {
        table: part
        for table, frame in accepted.items()
        if (part := frame.filter(pl.col("input_sha256") == arrival.sha256).drop("input_sha256")).height
    }
    recipe = arrival.made_with or (recipe and recipe_of(home, arrival.sha256, recipe))
    if arrival.kind == "report" and isinstance(arrival.content, Extract):
        keep_draft(home, arrival.sha256, arrival.content.packed)
    for table, part in parts.items():
        write_version(home, table, arrival.sha256, part, recipe)
    tables = {table: part.height for table, part in parts.items()}
    if recipe is not None:
        remember(home, _made(home, arrival, recipe, tables, period_codes(parts.values())))
    return tables


def _made(home: Home, arrival: Arrival, recipe: str, tables: dict[str, int], periods: set[str]) -> Made:
    return Made(
        recipe,
        arrival.sha256,
        arrival.kind,
        arrival.source or "",
        arrival.version,
        arrival.vintage,
        arrival.document,
        arrival.document is not None and archived_path(home, arrival.document).exists(),
        tables,
        sorted(periods),
        arrival.rows_accepted,
        arrival.rows_rejected,
        list(arrival.rejections),
        list(arrival.warnings),
    )


def _listed(arrival: Arrival, table: str) -> BronzeFile:
    path = version_path(table, arrival.sha256)
    return BronzeFile(table, arrival.sha256, path, arrival.source or "", arrival.received_at, arrival.superseded_at)


def _choose(arrivals: list[Arrival]) -> list[Arrival]:
    """Set ``superseded_at`` and refuse ties, by :mod:`ingestion.versions`."""
    by_sha = {arrival.sha256: arrival for arrival in arrivals}
    standing = [arrival for arrival in arrivals if arrival.has_rows]
    versions = [
        Version(a.source or "", a.version or 0, a.sha256, a.received_at, a.is_known)
        for a in standing
        if a.kind == "extract"
    ]
    vintages = [
        Vintage(a.source or "", a.vintage or "", a.sha256, a.received_at) for a in standing if a.kind == "dataset"
    ]
    for choice in [*choose_versions(versions), *choose_vintages(vintages)]:
        arrival = by_sha[choice.version.sha256]
        by_sha[arrival.sha256] = replace(arrival, superseded_at=choice.superseded_at, reason=_tie(arrival, choice))
    return list(by_sha.values())


def _tie(arrival: Arrival, choice: Choice) -> dict[str, Any] | None:
    if choice.rival is None:
        return None
    return InputError(
        file=f"{arrival.name}/{REPORT_FILE}",
        expectation=f"extract_version {arrival.version} of {arrival.source} is already taken by other bytes "
        f"({choice.rival[:12]}…)",
        next_step="Raise extract_version if this is a correction, and deliver it again",
    ).as_reason()


def _with_documents(arrivals: list[Arrival]) -> list[Arrival]:
    """Name the report of each document, whatever it looks like; one whose extract was refused waits for a better."""
    reports = {a.document: a.source for a in arrivals if a.has_rows}
    return [_as_document(arrival, reports) for arrival in arrivals]


def _as_document(arrival: Arrival, reports: Mapping[str | None, str | None]) -> Arrival:
    if arrival.kind not in ("report", "unknown") or arrival.has_rows:
        return arrival
    source = reports.get(arrival.sha256) or (reports.get(arrival.document) if arrival.document else None)
    if source is not None:
        return replace(arrival, kind="report", source=source, reason=None)
    return arrival if arrival.reason else replace(arrival, kind="unknown", reason=_undescribed(arrival))


def _undescribed(arrival: Arrival) -> dict[str, Any]:
    return InputError(
        file=arrival.name,
        expectation=f"ce rapport attend une extraction\u202f: celle qui le décrit est refusée (source_sha256\u202f: "
        f"{arrival.document or arrival.sha256})",
        next_step="Corriger l’extraction et la déposer à nouveau\u202f; le rapport est archivé et sera pris avec elle",
    ).as_reason()
