"""An earlier snapshot served again: which one, recorded, at once, and never a damaged one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from warehouse.errors import NothingPublished, PublishError, UsageError
from warehouse.paths import Home
from warehouse.rollback import RolledBack, choose_target, find_snapshot, roll_back
from warehouse.snapshots import snapshot_name, swap, write_manifest
from warehouse.state import StateStore

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("current", "wanted", "expected"),
    [("c", None, "b"), ("b", None, "a"), ("b", "c", "c"), ("c1", "a", "a")],
)
def test_the_snapshot_meant(current: str, wanted: str | None, expected: str) -> None:
    assert choose_target(["c1", "c", "b", "a"], current, wanted) == expected


@pytest.mark.parametrize(
    ("current", "wanted", "words"),
    [("a", None, "older"), ("b", "b", "already"), ("a", "z", "No snapshot"), ("a", "", "4 snapshots")],
)
def test_what_cannot_be_meant(current: str, wanted: str | None, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        choose_target(["c1", "c", "b", "a"], current, wanted)


def test_a_whole_name_is_meant_though_another_begins_with_it() -> None:
    assert find_snapshot(["c1", "c"], "c") == "c"


@pytest.fixture
def store(home: Path) -> Iterator[StateStore]:
    with StateStore.open(Home(home).create(), now=NOON) as opened:
        yield opened


def publish(home: Home, store: StateStore, hours: int, size: int = 1000) -> Path:
    """What a refresh leaves: a file with its manifest, the link, the record."""
    at = NOON + timedelta(hours=hours)
    path = home.snapshots / snapshot_name(at, "a" * 64)
    path.write_bytes(b"x" * size)
    write_manifest(path, {"sealed_at": at.isoformat()})
    number = store.begin_refresh(trigger="test", input_set="f" * 64, inputs={}, started_at=at)
    store.mark_prepared(number, path.name)
    swap(home.current, path)
    store.mark_published(number, finished_at=at)
    return path


def back(home: Home, store: StateStore, name: str | None = None) -> RolledBack:
    return roll_back(home, store, name, actor="Anne", why="chiffre faux", now=NOON)


def test_back_and_forth(home: Path, store: StateStore) -> None:
    at = Home(home)
    first, second = publish(at, store, 1), publish(at, store, 2)
    assert back(at, store) == RolledBack(second.name, first.name)
    assert at.current.resolve() == first
    assert store.rollback_in_force(first.name) is not None
    back(at, store, second.name)
    assert at.current.resolve() == second
    assert store.rollback_in_force(second.name) is None


def test_a_damaged_snapshot_is_not_put_back_nor_recorded(home: Path, store: StateStore) -> None:
    at = Home(home)
    first, second = publish(at, store, 1), publish(at, store, 2)
    first.write_bytes(b"y" * 1000)
    with pytest.raises(PublishError, match="manifest"):
        back(at, store)
    assert at.current.resolve() == second
    assert store.rollback_in_force(first.name) is None


def test_nothing_published_yet(home: Path, store: StateStore) -> None:
    with pytest.raises(NothingPublished, match="refresh"):
        back(Home(home), store)


def test_a_snapshot_of_todays_size_is_back_within_a_second(home: Path, store: StateStore) -> None:
    at = Home(home)
    publish(at, store, 1, 20_000_000)
    publish(at, store, 2)
    started = time.perf_counter()
    back(at, store)
    assert time.perf_counter() - started < 1
