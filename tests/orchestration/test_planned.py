"""What a refresh would do in a home: known bytes, due waivers, and a working database that is looked at with care."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingestion.receiving import PACKAGED, deliver
from orchestration import session
from orchestration.decide import Plan, Work
from warehouse.build_record import record_build
from warehouse.paths import Home
from warehouse.state import Input, StateStore

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.fixture
def published(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[tuple[Home, StateStore]]:
    """A home that says it published, from a build that is still there, all that there is: one delivered file."""
    monkeypatch.setattr("orchestration.session.fingerprints", lambda _: {"sql": "1", "configuration": "2"})
    (tmp_path / "packaged").mkdir()
    monkeypatch.setattr("ingestion.receiving.PACKAGED", tmp_path / "packaged")
    at = Home(home).create()
    with StateStore.open(at, now=NOW) as store:
        path = PACKAGED / "pts2-2015" / "report.yml"
        received = Input(session.sha256(path.read_bytes()).hexdigest(), path.name, 1, "report", NOW, "pts2-2015")
        store.record_input(received)
        store.set_input_status(received.sha256, "accepted", at=NOW)
        _publish(at, store)
        yield at, store


def _publish(home: Home, store: StateStore) -> None:
    parts = session.todays_parts(home, store)
    number = store.begin_refresh(trigger="t", input_set="f", inputs=parts, started_at=NOW)
    store.mark_prepared(number, "x.duckdb")
    (home.snapshots / "x.duckdb").touch()
    home.current.symlink_to("snapshots/x.duckdb")
    store.mark_published(number, finished_at=NOW)
    record_build(home.build, {name: parts[name] for name in ("sql", "inputs", "decisions")}, [])


def test_nothing_new_does_not_look_at_the_working_database(
    published: tuple[Home, StateStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "built_from", lambda _: pytest.fail("looked"))
    assert session.planned(*published, NOW) == Plan(Work.NOTHING)


def test_a_source_that_freezes_asks_for_one_refresh_and_none_on_the_days_after(
    published: tuple[Home, StateStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The CNAM publishes each December; what came in March 2026 is twice a year old on 2 March 2028."""
    home, store = published
    number = store.begin_refresh(trigger="t", input_set="f", inputs={}, started_at=NOW)
    store.record_input(Input("c" * 64, "effectifs.csv", 1, "dataset", NOW, "cnam-effectifs-densites"))
    store.set_input_status("c" * 64, "accepted", at=NOW)
    parts = session.todays_parts(home, store, NOW)
    store.record_parts(number, input_set="f", inputs=parts)
    store.mark_prepared(number, "x.duckdb")
    store.mark_published(number, finished_at=NOW)
    monkeypatch.setattr(session, "built_from", lambda _: parts)
    frozen = datetime(2028, 3, 2, tzinfo=UTC)
    assert session.planned(home, store, frozen - timedelta(seconds=1)) == Plan(Work.NOTHING)
    assert session.planned(home, store, frozen) == Plan(Work.FULL, ("sources changed",))
    later = [session.todays_parts(home, store, frozen + timedelta(days=days)) for days in (0, 1, 400)]
    assert later[0] == later[1] == later[2] != parts


def test_known_bytes_are_named_and_taken_away(published: tuple[Home, StateStore]) -> None:
    home, store = published
    deliver(home, PACKAGED / "pts2-2015" / "report.yml", NOW)
    decided = session.planned(home, store, NOW)
    assert (decided.work, decided.known) == (Work.NOTHING, ("report.yml",))
    assert len(session.dismiss_known(home, store, NOW)) == 1
    assert list(home.landing.iterdir()) == []


def test_new_bytes_are_a_full_refresh(published: tuple[Home, StateStore]) -> None:
    home, store = published
    deliver(home, PACKAGED / "cnr-na-2022" / "figures.csv", NOW)
    assert session.planned(home, store, NOW).work is Work.FULL


def test_configuration_is_sealed_again(published: tuple[Home, StateStore], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestration.session.fingerprints", lambda _: {"sql": "1", "configuration": "x"})
    assert session.planned(*published, NOW) == Plan(Work.RESEAL, ("configuration changed",))


def test_without_its_record_the_build_is_made_again(
    published: tuple[Home, StateStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.session.fingerprints", lambda _: {"sql": "1", "configuration": "x"})
    published[0].build.write_bytes(b"cut short")
    assert session.planned(*published, NOW).work is Work.FULL


def test_while_another_refreshes_nobody_opens_the_working_database(
    published: tuple[Home, StateStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    """DuckDB lets nobody write a file that somebody reads: a look at the wrong moment would fail that refresh."""
    monkeypatch.setattr("orchestration.session.fingerprints", lambda _: {"sql": "1", "configuration": "x"})
    monkeypatch.setattr(session, "built_from", lambda _: pytest.fail("looked"))
    descriptor = os.open(published[0].lock, os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        assert session.planned(*published, NOW + timedelta(hours=1)).reasons == ("configuration changed",)
    finally:
        os.close(descriptor)
