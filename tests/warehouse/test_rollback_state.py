"""The record of rollbacks, and a store of an older schema that gets the table for it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from warehouse import state_opening, state_tables
from warehouse.errors import UsageError
from warehouse.paths import Home
from warehouse.state import StateStore

NOW = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)


@pytest.fixture
def store(home: Path) -> Iterator[StateStore]:
    with StateStore.open(Home(home), now=NOW) as opened:
        yield opened


def publish(store: StateStore, snapshot: str) -> int:
    number = store.begin_refresh(trigger="test", input_set="f" * 64, inputs={"rules": "0" * 64}, started_at=NOW)
    store.mark_prepared(number, snapshot)
    store.mark_published(number, finished_at=NOW)
    return number


def roll_back(store: StateStore, from_snapshot: str, to_snapshot: str) -> None:
    store.record_rollback(from_snapshot=from_snapshot, to_snapshot=to_snapshot, actor="Anne", at=NOW, why="faux")


def test_a_rollback_is_in_force_until_something_else_is_served(store: StateStore) -> None:
    publish(store, "1.duckdb")
    publish(store, "2.duckdb")
    assert store.rollback_in_force("2.duckdb") is None
    roll_back(store, "2.duckdb", "1.duckdb")
    found = store.rollback_in_force("1.duckdb")
    assert found is not None
    assert (found["actor"], found["at"], found["why"]) == ("Anne", NOW, "faux")
    assert store.rollback_in_force(None) is None
    assert store.rollback_in_force("2.duckdb") is None, "the swap did not happen, or was undone by hand"
    publish(store, "3.duckdb")
    assert store.rollback_in_force("1.duckdb") is None, "the next publication ended it"


def test_going_forward_again_ends_it(store: StateStore) -> None:
    publish(store, "1.duckdb")
    publish(store, "2.duckdb")
    roll_back(store, "2.duckdb", "1.duckdb")
    roll_back(store, "1.duckdb", "2.duckdb")
    assert store.rollback_in_force("1.duckdb") is None
    assert store.rollback_in_force("2.duckdb") is None


def test_the_newest_of_several_counts(store: StateStore) -> None:
    for number in "123":
        publish(store, f"{number}.duckdb")
    roll_back(store, "3.duckdb", "2.duckdb")
    roll_back(store, "2.duckdb", "1.duckdb")
    assert store.rollback_in_force("2.duckdb") is None
    found = store.rollback_in_force("1.duckdb")
    assert found is not None
    assert found["from_snapshot"] == "2.duckdb"


def test_nobody_rolls_back_nothing(store: StateStore) -> None:
    with pytest.raises(UsageError, match="ever published"):
        roll_back(store, "b", "a")
    publish(store, "1.duckdb")
    with pytest.raises(UsageError, match="author"):
        store.record_rollback(from_snapshot="b", to_snapshot="a", actor=" ", at=NOW)


def test_a_store_of_the_first_schema_is_backed_up_then_migrated(home: Path) -> None:
    _make_at(home, "0001")
    with closing(sqlite3.connect(home / "state.sqlite")) as old:
        old.execute(
            "INSERT INTO refresh (started_at, finished_at, trigger, input_set, inputs, outcome, snapshot) "
            "VALUES ('2026-01-01T00:00:00.000000+00:00', '2026-01-01T00:01:00.000000+00:00', 'x', 'f', '{}', "
            "'published', 'old.duckdb')"
        )
        old.commit()
    with StateStore.open(Home(home), now=NOW + timedelta(hours=1)) as store:
        assert store.last_published()["snapshot"] == "old.duckdb"
        roll_back(store, "old.duckdb", "older.duckdb")
    [backup] = home.glob("state.*.sqlite")
    assert backup.name == "state.0001.20260301T093000000000Z.sqlite"
    with closing(sqlite3.connect(backup)) as saved, closing(sqlite3.connect(home / "state.sqlite")) as migrated:
        assert saved.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
        assert saved.execute("SELECT snapshot FROM refresh").fetchall() == [("old.duckdb",)]
        assert migrated.execute("SELECT version_num FROM alembic_version").fetchall() == [(state_tables.REVISION,)]
    with StateStore.open(Home(home), now=NOW + timedelta(hours=2)):
        pass
    assert len(list(home.glob("state.*.sqlite"))) == 1, "a store that is up to date is not backed up again"


@pytest.mark.parametrize("url", ["postgresql+no_such_driver://u:secret@h/d", "not a url"])
def test_a_url_that_cannot_be_used_says_what_to_do(home: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("BAROMETRE_STATE_URL", url)
    with pytest.raises(UsageError, match="BAROMETRE_STATE_URL") as refused, StateStore.open(Home(home), now=NOW):
        pass
    assert "secret" not in str(refused.value)


def _make_at(home: Path, revision: str) -> None:
    """A store as the code of an earlier version left it."""
    engine = state_opening.create_engine(Home(home).state_url)
    config = Config()
    config.set_main_option("script_location", str(state_opening.MIGRATIONS))
    with engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()
