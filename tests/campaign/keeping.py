"""What must hold of a home after any crash, once the next refresh is over: nothing lost, doubled or left about."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import sqlalchemy as sa
from deliveries import OBSERVATION, known_as

from ingestion.archive import archived_path
from warehouse.paths import Home
from warehouse.snapshots import manifest_path, verify
from warehouse.state import StateStore
from warehouse.state_tables import finding_before, finding_event, refresh


def served_problems(home: Home) -> list[str]:
    """What is wrong with the published file, at any time: a crash may never be seen by a reader."""
    try:
        verify(home.current.resolve(strict=True))
    except Exception as error:
        return [f"the published file does not stand: {error}"]
    return []


def problems(home: Home, delivered: list[Path]) -> list[str]:
    """What is wrong with a home after a refresh that ended by itself."""
    with StateStore.open(home, now=datetime.now(UTC)) as store:
        inputs = {row["sha256"]: row for row in store.all_inputs()}
        with store.transaction() as connection:
            events = connection.execute(sa.select(finding_event)).mappings().all()
            refreshes = connection.execute(sa.select(refresh)).mappings().all()
            before = connection.execute(sa.select(sa.func.count()).select_from(finding_before)).scalar_one()
    return [
        *served_problems(home),
        *(f"lost: {path.name}" for path in delivered if _is_lost(home, inputs, path)),
        *_versions_problems(home, inputs, delivered),
        *_events_problems(events, refreshes),
        *([f"{before} findings are still kept as they were before a refresh"] if before else []),
        *_files_problems(home, refreshes),
    ]


def _is_lost(home: Home, inputs: dict[str, Any], path: Path) -> bool:
    known = inputs.get(known_as(path))
    archived = archived_path(home, known_as(path))
    if known is None or known["status"] not in ("accepted", "superseded") or not archived.exists():
        return True
    return sha256(archived.read_bytes()).hexdigest() != known_as(path)


def _versions_problems(home: Home, inputs: dict[str, Any], delivered: list[Path]) -> list[str]:
    """Every version delivered is in the marts, once."""
    wanted = {known_as(path) for path in delivered}
    with duckdb.connect(str(home.current.resolve()), read_only=True) as connection:
        rows = connection.execute(
            "SELECT extract_version, count(*) FROM marts.fct_observation WHERE observation_id = ? GROUP BY 1",
            [OBSERVATION],
        ).fetchall()
        current = connection.execute("SELECT snapshot FROM meta.refresh ORDER BY refresh_id DESC LIMIT 1").fetchone()
    versions = {int(inputs[known]["version"]) for known in wanted if known in inputs}
    found = {int(version) for version, _ in rows}
    doubled = [version for version, count in rows if count != 1]
    wrong = [] if current == (home.current.resolve().name,) else [f"the file tells of another refresh: {current}"]
    return [
        *wrong,
        *(f"version {version} is not in the marts" for version in sorted(versions - found)),
        *(f"version {version} is in the marts twice" for version in doubled),
    ]


def _events_problems(events: Any, refreshes: Any) -> list[str]:
    published = {row["refresh_id"] for row in refreshes if row["outcome"] == "published"}
    unfinished = [row["refresh_id"] for row in refreshes if row["outcome"] in ("running", "prepared")]
    told = Counter((event["finding_id"], event["refresh_id"]) for event in events if event["refresh_id"])
    return [
        *(f"refresh {number} is unfinished" for number in unfinished),
        *(f"finding {key[0]} has {count} events of refresh {key[1]}" for key, count in told.items() if count > 1),
        *(f"an event of refresh {number}, never published" for number in {key[1] for key in told} - published),
    ]


def _files_problems(home: Home, refreshes: Any) -> list[str]:
    known = {row["snapshot"] for row in refreshes if row["outcome"] == "published"}
    snapshots = {path.name for path in home.snapshots.glob("*.duckdb")}
    loose = [path for path in snapshots if not manifest_path(home.snapshots / path).exists()]
    left = [*home.snapshots.glob(".*"), *home.root.glob(".*.link"), *home.bronze.glob("**/.*.part")]
    waiting = [path for path in home.landing.iterdir() if not path.name.startswith(".")]
    return [
        *(f"{name} was sealed and is unknown to the store" for name in sorted(snapshots - known)),
        *(f"{name} has no manifest" for name in loose),
        *(f"left behind: {path.relative_to(home.root)}" for path in left),
        *(f"still in landing: {path.name}" for path in waiting),
    ]
