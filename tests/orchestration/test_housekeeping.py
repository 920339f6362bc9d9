"""After a publication: what is tidied; after a rollback: what the next refresh makes of it. Without a warehouse."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orchestration.fingerprints import fingerprints
from orchestration.housekeeping import prune_after_publication
from orchestration.session import reasons, todays_parts
from orchestration.status import describe, status_lines
from warehouse.paths import Home
from warehouse.rollback import roll_back
from warehouse.snapshots import snapshot_name, swap, write_manifest
from warehouse.state import StateStore

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def kept(home: Path) -> Iterator[tuple[Home, StateStore]]:
    """A home with its open store."""
    at = Home(home).create()
    with StateStore.open(at, now=NOW) as store:
        yield at, store


def publish(home: Home, store: StateStore, at: datetime) -> str:
    """What a refresh leaves when it was made from what there is today."""
    path = home.snapshots / snapshot_name(at, "a" * 64)
    path.write_bytes(b"x" * 1000)
    write_manifest(path, {"sealed_at": at.isoformat()})
    parts = todays_parts(home, store)
    number = store.begin_refresh(trigger="test", input_set="f" * 64, inputs=parts, started_at=at)
    store.mark_prepared(number, path.name)
    swap(home.current, path)
    store.mark_published(number, finished_at=at)
    return path.name


def test_a_rollback_stands_until_something_new_comes(kept: tuple[Home, StateStore]) -> None:
    home, store = kept
    first, second = (publish(home, store, NOW + timedelta(hours=hours)) for hours in (0, 1))
    assert reasons(home, store) == []
    roll_back(home, store, None, actor="Anne", why="chiffre faux", now=NOW)
    assert reasons(home, store) == [], "the next refresh must not publish again what a person took back"
    (home.landing / "correction.txt").write_text("32")
    assert reasons(home, store) != []
    told = describe(home)
    assert (told["published"]["snapshot"], told["rollback"]["to_snapshot"]) == (second, first)
    [line] = [line for line in status_lines(told) if line.startswith("rollback")]
    assert first in line
    assert "Anne: chiffre faux" in line


def test_a_link_that_nobody_recorded_is_a_reason(kept: tuple[Home, StateStore]) -> None:
    home, store = kept
    first = publish(home, store, NOW)
    publish(home, store, NOW + timedelta(hours=1))
    swap(home.current, home.snapshots / first)
    assert reasons(home, store) == ["the published snapshot is missing"]
    assert describe(home)["rollback"] is None


def test_what_was_published_last_outlives_pruning_while_rolled_back(kept: tuple[Home, StateStore]) -> None:
    home, store = kept
    names = [publish(home, store, NOW - timedelta(days=days)) for days in (40, 30, 20)]
    home.settings.write_text("snapshots:\n  keep: 1\n  keep_days: 0\n")
    roll_back(home, store, names[0], actor="Anne", why=None, now=NOW)
    assert prune_after_publication(home, store, NOW) == {"snapshots": (names[1],), "bytes": 1000}
    assert {path.name for path in home.snapshots.glob("*.duckdb")} == {names[0], names[2]}


def test_settings_that_cannot_be_read_prune_nothing_and_say_so(kept: tuple[Home, StateStore]) -> None:
    home, store = kept
    publish(home, store, NOW - timedelta(days=400))
    home.settings.write_text("snapshots:\n  kep: 1\n")
    told = prune_after_publication(home, store, NOW)
    assert told["snapshots"] == ()
    assert "snapshots.kep" in told["problem"]


def test_settings_are_no_reason_to_refresh(tmp_path: Path) -> None:
    home = Home(tmp_path).create()
    before = fingerprints(home)
    home.settings.write_text("snapshots:\n  keep: 1\n")
    assert fingerprints(home) == before
