"""The state store: opening and migrating it, refreshes that are undone or published, inputs."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa

from warehouse import seal, state_opening, state_tables
from warehouse.errors import BarometreError, StateTooNew, UsageError
from warehouse.paths import Home
from warehouse.source_memory import SourceMemory, remember_source, remembered_sources
from warehouse.state import Input, Recovery, RuleCount, StateStore, finding_id

NOW = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
SHA = "a" * 64


#: A database whose tables may be dropped. Every test then runs twice, once on each engine.
POSTGRES = os.environ.get("BAROMETRE_TEST_POSTGRES")


@pytest.fixture(params=["sqlite", *(["postgresql"] if POSTGRES else [])])
def store(request: pytest.FixtureRequest, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StateStore]:
    """An empty store."""
    if request.param == "postgresql":
        monkeypatch.setenv("BAROMETRE_STATE_URL", str(POSTGRES))
        _drop_everything(str(POSTGRES))
    with StateStore.open(Home(home), now=NOW) as opened:
        yield opened


def _drop_everything(url: str) -> None:
    engine = state_opening.create_engine(url)
    with engine.begin() as connection:
        state_tables.metadata.drop_all(connection)
        connection.execute(sa.text("DROP TABLE IF EXISTS alembic_version"))
    engine.dispose()


def begin(store: StateStore, at: datetime = NOW) -> int:
    return store.begin_refresh(trigger="test", input_set="f" * 64, inputs={"rules": "0" * 64}, started_at=at)


def publish(store: StateStore, refresh_id: int, at: datetime = NOW) -> None:
    store.mark_prepared(refresh_id, f"{refresh_id}.duckdb")
    store.mark_published(refresh_id, finished_at=at)


def plant(store: StateStore, refresh_id: int, subject: str = "cpts", **values: object) -> str:
    """Write a finding as the engine would."""
    found = finding_id("C1", subject)
    row: dict[str, object] = {
        "finding_id": found,
        "subject_key": subject,
        "status": "open",
        "first_seen_at": NOW,
        "first_refresh_id": refresh_id,
        "rule_code": "C1",
        "case_id": found,
        "verdict": "impossible",
        "severity": "error",
        "message_fr": "Écart de 4.",
        "observation_ids": ["r#a", "r#b"],
        "fact_refs": [],
        "gap": None,
        "evidence": {"relation": "contradiction"},
        "last_seen_at": NOW,
        "last_seen_refresh_id": refresh_id,
    }
    event = {"finding_id": found, "at": NOW, "event": "open", "status": "open", "refresh_id": refresh_id, "why": "x"}
    with store.transaction() as connection:
        connection.execute(state_tables.finding.insert().values(row | values))
        connection.execute(state_tables.finding_event.insert().values(event))
    return found


def hold(store: StateStore, refresh_id: int, key: str) -> None:
    message = {"recipient": "a@b.fr", "subject": "s", "body": "b", "status": "held", "created_at": NOW}
    with store.transaction() as connection:
        connection.execute(
            state_tables.outbox.insert().values(message | {"idempotency_key": key, "refresh_id": refresh_id})
        )


def outbox_statuses(store: StateStore) -> list[tuple[str, str]]:
    with store.transaction() as connection:
        columns = (state_tables.outbox.c.idempotency_key, state_tables.outbox.c.status)
        return [(str(key), str(status)) for key, status in connection.execute(sa.select(*columns).order_by(columns[0]))]


class TestOpening:
    def test_an_up_to_date_store_opens_without_alembic(self, home: Path) -> None:
        code = (
            "import sys; from datetime import UTC, datetime; from pathlib import Path\n"
            "from warehouse.paths import Home; from warehouse.state import StateStore\n"
            "with StateStore.open(Home(Path(sys.argv[1])), now=datetime.now(UTC)): print('alembic' in sys.modules)\n"
        )
        runs = [
            subprocess.run([sys.executable, "-c", code, str(home)], capture_output=True, text=True, check=True).stdout
            for _ in range(2)
        ]
        assert [run.strip() for run in runs] == ["True", "False"]

    def test_migrations_make_the_declared_tables(self, home: Path) -> None:
        with StateStore.open(Home(home), now=NOW):
            pass
        with closing(sqlite3.connect(home / "declared.sqlite")) as declared:
            engine = sa.create_engine("sqlite://", creator=lambda: declared)
            state_tables.metadata.create_all(engine)
            assert _ddl(home / "state.sqlite") == _ddl(home / "declared.sqlite")

    def test_the_declared_revision_is_the_newest_migration(self) -> None:
        assert state_opening._script().get_current_head() == state_tables.REVISION

    def test_settings_are_the_safe_ones(self, store: StateStore) -> None:
        with store.transaction() as connection:
            if connection.dialect.name != "sqlite":
                pytest.skip("settings of SQLite")
            pragmas = ("foreign_keys", "synchronous", "busy_timeout", "journal_mode")
            found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas]
        assert found == [1, 2, 10_000, "delete"]

    @pytest.mark.skipif(not POSTGRES, reason="no PostgreSQL at hand: BAROMETRE_TEST_POSTGRES is not set")
    def test_a_url_can_name_postgresql(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("BAROMETRE_STATE_URL", str(POSTGRES))
        with StateStore.open(Home(home), now=NOW) as store, store.transaction() as connection:
            assert connection.dialect.name == "postgresql"
        assert not list(home.iterdir())

    def test_a_newer_store_is_refused(self, home: Path) -> None:
        with StateStore.open(Home(home), now=NOW):
            pass
        _set_revision(home, "9999")
        before = (home / "state.sqlite").read_bytes()
        with pytest.raises(StateTooNew, match="9999"), StateStore.open(Home(home), now=NOW):
            pass
        assert (home / "state.sqlite").read_bytes() == before
        assert [path.name for path in home.iterdir()] == ["state.sqlite"]

    def test_an_older_store_is_backed_up_then_migrated(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with StateStore.open(Home(home), now=NOW) as store:
            publish(store, begin(store))
        next_migration(home, monkeypatch, "op.add_column('refresh', sa.Column('note', sa.String))")
        with StateStore.open(Home(home), now=NOW + timedelta(hours=1)) as store, store.transaction() as connection:
            assert connection.exec_driver_sql("SELECT refresh_id, note FROM refresh").all() == [(1, None)]
        backup = home / f"state.{state_tables.REVISION}.20260301T093000000000Z.sqlite"
        with closing(sqlite3.connect(backup)) as saved:
            assert saved.execute("SELECT outcome FROM refresh").fetchall() == [("published",)]
            assert saved.execute("SELECT version_num FROM alembic_version").fetchall() == [(state_tables.REVISION,)]

    def test_a_migration_that_fails_changes_nothing(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with StateStore.open(Home(home), now=NOW):
            pass
        before = _ddl(home / "state.sqlite")
        next_migration(
            home, monkeypatch, "op.add_column('refresh', sa.Column('note', sa.String)); raise RuntimeError('power')"
        )
        with pytest.raises(RuntimeError, match="power"), StateStore.open(Home(home), now=NOW):
            pass
        assert _ddl(home / "state.sqlite") == before

    def test_a_damaged_file_says_what_to_do(self, home: Path) -> None:
        (home / "state.sqlite").write_bytes(b"not a database at all" * 100)
        with pytest.raises(BarometreError, match="newest backup"), StateStore.open(Home(home), now=NOW):
            pass


def _ddl(path: Path) -> list[tuple[str, str, list[str]]]:
    """Names and definitions in a SQLite file, whatever the order of constraints and the white space."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' "
            "AND name <> 'alembic_version' ORDER BY name"
        ).fetchall()
    return [(kind, name, sorted(part.strip(" ,\t)") for part in sql.splitlines())) for kind, name, sql in rows]


def _set_revision(home: Path, revision: str) -> None:
    with closing(sqlite3.connect(home / "state.sqlite")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", [revision])
        connection.commit()


def next_migration(home: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """Pretend that the code has one more migration."""
    folder = home.parent / "migrations"
    (folder / "versions").mkdir(parents=True)
    sources = [state_opening.MIGRATIONS / "env.py", *(state_opening.MIGRATIONS / "versions").glob("*.py")]
    for source in sources:
        (folder / source.relative_to(state_opening.MIGRATIONS)).write_text(source.read_text())
    (folder / "versions" / "9998_next.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n\nrevision = '9998'\n"
        f"down_revision = '{state_tables.REVISION}'\n\n\n"
        f"def upgrade():\n    {body}\n"
    )
    monkeypatch.setattr(state_opening, "MIGRATIONS", folder)
    monkeypatch.setattr(state_opening, "REVISION", "9998")


class TestRefresh:
    def test_a_published_refresh_is_the_last_published(self, store: StateStore) -> None:
        assert store.last_published() is None
        first = begin(store)
        publish(store, first, NOW + timedelta(minutes=1))
        second = begin(store)
        store.finish_refresh(second, "nothing", finished_at=NOW, summary={"seconds": 1})
        found = store.last_published()
        assert found is not None
        assert (found["refresh_id"], found["snapshot"], found["outcome"]) == (first, "1.duckdb", "published")
        assert found["started_at"] == NOW
        assert found["finished_at"] == NOW + timedelta(minutes=1)
        assert found["inputs"] == {"rules": "0" * 64}
        last = store.last_refresh()
        assert last is not None
        assert (last["outcome"], last["summary"]) == ("nothing", {"seconds": 1})

    def test_the_number_not_the_clock_says_which_is_last(self, store: StateStore) -> None:
        publish(store, begin(store))
        earlier = begin(store, NOW - timedelta(hours=1))
        publish(store, earlier, NOW - timedelta(hours=1))
        assert (store.last_published() or {})["refresh_id"] == earlier

    def test_two_refreshes_never_run_at_once(self, store: StateStore) -> None:
        begin(store)
        with pytest.raises(BarometreError, match="unfinished"):
            begin(store)

    def test_the_tables_themselves_refuse_two_at_once(self, store: StateStore) -> None:
        begin(store)
        row = {"trigger": "t", "input_set": "f", "inputs": {}, "started_at": NOW, "outcome": "running"}
        with pytest.raises(sa.exc.IntegrityError), store.transaction() as connection:
            connection.execute(state_tables.refresh.insert().values(row))

    def test_steps_out_of_order_are_refused(self, store: StateStore) -> None:
        refresh_id = begin(store)
        with pytest.raises(BarometreError, match="is not prepared"):
            store.mark_published(refresh_id, finished_at=NOW)
        publish(store, refresh_id)
        with pytest.raises(BarometreError, match="cannot be failed"):
            store.finish_refresh(refresh_id, "failed", finished_at=NOW)

    def test_naive_times_are_refused(self, store: StateStore) -> None:
        with pytest.raises(sa.exc.StatementError, match="no time zone"):
            begin(store, datetime(2026, 3, 1))

    def test_times_come_back_in_utc(self, store: StateStore) -> None:
        begin(store, datetime(2026, 3, 1, 9, 30, tzinfo=timezone(timedelta(hours=1))))
        found = (store.last_refresh() or {})["started_at"]
        assert found == NOW
        assert found.utcoffset() == timedelta(0)

    def test_a_transaction_is_kept_whole_or_not_at_all(self, store: StateStore) -> None:
        refresh_id = begin(store)
        with pytest.raises(RuntimeError), store.transaction():  # noqa: PT012
            store.mark_prepared(refresh_id, "x.duckdb")
            raise RuntimeError
        assert (store.last_refresh() or {})["outcome"] == "running"

    def test_counts_are_those_of_the_last_published(self, store: StateStore) -> None:
        first = begin(store)
        count = RuleCount("C1", expected=10, evaluated=9, held=7, failed=2, not_evaluable=1)
        store.record_rule_counts(first, [count])
        assert store.published_rule_counts() == {}
        publish(store, first)
        second = begin(store)
        store.record_rule_counts(second, [])
        assert store.published_rule_counts() == {"C1": count}
        store.finish_refresh(second, "failed", finished_at=NOW)
        assert store.published_rule_counts() == {"C1": count}


class TestUndo:
    def test_nothing_to_undo(self, store: StateStore) -> None:
        assert store.undo_unpublished(current_snapshot=None, now=NOW) == Recovery()

    @pytest.mark.parametrize("prepared", [True, False])
    def test_an_unpublished_refresh_leaves_no_trace_but_itself(self, store: StateStore, prepared: bool) -> None:
        refresh_id = begin(store)
        plant(store, refresh_id)
        hold(store, refresh_id, "k")
        store.record_rule_counts(refresh_id, [RuleCount("C1", 1, 1, 0, 1, 0)])
        if prepared:
            store.mark_prepared(refresh_id, "x.duckdb")
        assert store.undo_unpublished(current_snapshot="earlier.duckdb", now=NOW) == Recovery(undone=refresh_id)
        assert store.findings_rows() == []
        assert store.history_rows() == []
        assert outbox_statuses(store) == []
        last = store.last_refresh()
        assert last is not None
        assert (last["outcome"], last["summary"]) == ("failed", {"interrupted": True})
        assert store.undo_unpublished(current_snapshot="earlier.duckdb", now=NOW) == Recovery()

    def test_a_refresh_that_died_after_the_swap_is_published(self, store: StateStore) -> None:
        refresh_id = begin(store)
        found = plant(store, refresh_id)
        hold(store, refresh_id, "k")
        store.mark_prepared(refresh_id, "x.duckdb")
        assert store.undo_unpublished(current_snapshot="x.duckdb", now=NOW) == Recovery(published=refresh_id)
        assert [row["finding_id"] for row in store.findings_rows()] == [found]
        assert outbox_statuses(store) == [("k", "due")]

    @pytest.mark.parametrize("outcome", ["blocked", "failed", "nothing"])
    def test_ending_without_publication_undoes_too(self, store: StateStore, outcome: str) -> None:
        refresh_id = begin(store)
        plant(store, refresh_id)
        store.mark_prepared(refresh_id, "x.duckdb")
        store.finish_refresh(refresh_id, outcome, finished_at=NOW)  # type: ignore[arg-type]
        assert store.findings_rows() == []
        assert (store.last_refresh() or {})["snapshot"] is None

    def test_messages_of_published_refreshes_stay_due(self, store: StateStore) -> None:
        first = begin(store)
        hold(store, first, "first")
        publish(store, first)
        hold(store, begin(store), "second")
        assert outbox_statuses(store) == [("first", "due"), ("second", "held")]
        store.undo_unpublished(current_snapshot="1.duckdb", now=NOW)
        assert outbox_statuses(store) == [("first", "due")]

    def test_numbers_of_undone_refreshes_are_not_used_again(self, store: StateStore) -> None:
        first = begin(store)
        store.undo_unpublished(current_snapshot=None, now=NOW)
        assert begin(store) > first


class TestActs:
    def test_people_act_on_published_findings_only(self, store: StateStore) -> None:
        refresh_id = begin(store)
        found = plant(store, refresh_id)
        with pytest.raises(UsageError, match="No published finding"):
            store.record_act(found, "acknowledged", actor="Ada", why="vu", at=NOW)
        publish(store, refresh_id)
        store.record_act(found, "acknowledged", actor="Ada", why="vu", at=NOW)
        assert [row["status"] for row in store.findings_rows()] == ["acknowledged"]
        assert [(event["event"], event["actor"]) for event in store.history(found)] == [
            ("open", None),
            ("acknowledged", "Ada"),
        ]

    @pytest.mark.parametrize(("actor", "why"), [(" ", "vu"), ("Ada", "")])
    def test_an_act_has_an_author_and_a_reason(self, store: StateStore, actor: str, why: str) -> None:
        with pytest.raises(UsageError, match="author and a reason"):
            store.record_act("0" * 16, "acknowledged", actor=actor, why=why, at=NOW)

    def test_a_resolved_finding_is_left_alone(self, store: StateStore) -> None:
        refresh_id = begin(store)
        found = plant(store, refresh_id, status="resolved")
        publish(store, refresh_id)
        with pytest.raises(UsageError, match="resolved"):
            store.record_act(found, "assigned", actor="Ada", why="vu", at=NOW)

    def test_an_event_names_a_person_or_a_refresh(self, store: StateStore) -> None:
        refresh_id = begin(store)
        found = plant(store, refresh_id)
        event = {"finding_id": found, "at": NOW, "event": "x", "status": "open", "why": "x"}
        for author in ({}, {"actor": "Ada", "refresh_id": refresh_id}):
            with pytest.raises(sa.exc.IntegrityError), store.transaction() as connection:
                connection.execute(state_tables.finding_event.insert().values(event | author))


class TestInputs:
    received = Input(SHA, "rapport.txt", 12, "report", NOW, source="ms2022-2019", version=1)

    def test_the_same_bytes_are_recorded_once(self, store: StateStore) -> None:
        assert store.record_input(self.received)
        later = Input(SHA, "autre nom.txt", 12, "report", NOW + timedelta(days=1))
        assert not store.record_input(later)
        known = store.known_input(SHA)
        assert known is not None
        assert (known["name"], known["received_at"]) == ("rapport.txt", NOW)
        assert store.known_input("b" * 64) is None

    def test_what_was_refused_may_turn_out_to_be_something(self, store: StateStore) -> None:
        unknown = Input(SHA, "texte.txt", 12, "unknown", NOW)
        store.record_input(unknown)
        store.set_input_status(SHA, "quarantined", at=NOW, reason={"line": 1})
        assert not store.record_input(self.received)
        known = store.known_input(SHA) or {}
        assert (known["kind"], known["source"], known["name"]) == ("report", "ms2022-2019", "texte.txt")
        store.set_input_status(SHA, "accepted", at=NOW)
        store.record_input(unknown)
        assert (store.known_input(SHA) or {})["kind"] == "report"

    def test_life_of_an_input(self, store: StateStore) -> None:
        store.record_input(self.received)
        assert store.current_inputs() == []
        store.set_input_status(SHA, "accepted", at=NOW, rows_accepted=40, rows_rejected=2, reason=[{"line": 7}])
        assert [row["sha256"] for row in store.current_inputs()] == [SHA]
        later = NOW + timedelta(days=1)
        store.set_input_status(SHA, "superseded", at=later)
        known = store.known_input(SHA)
        assert store.current_inputs() == []
        assert known is not None
        assert (known["superseded_at"], known["rows_accepted"], known["reason"]) == (later, 40, [{"line": 7}])
        store.set_input_status(SHA, "accepted", at=later, rows_accepted=40)
        assert (store.known_input(SHA) or {})["superseded_at"] is None

    def test_an_unknown_input_has_no_status(self, store: StateStore) -> None:
        with pytest.raises(BarometreError, match="ever recorded"):
            store.set_input_status(SHA, "accepted", at=NOW)

    def test_inputs_survive_an_undone_refresh(self, store: StateStore) -> None:
        begin(store)
        store.record_input(self.received)
        store.set_input_status(SHA, "quarantined", at=NOW, reason={"expectation": "x"})
        store.undo_unpublished(current_snapshot=None, now=NOW)
        assert (store.known_input(SHA) or {})["status"] == "quarantined"


class TestSnapshotRows:
    """The rows go into the tables that the seal step declares, and come out as they were."""

    def test_every_row_enters_its_sealed_table(self, store: StateStore) -> None:
        refresh_id = begin(store)
        found = plant(store, refresh_id)
        store.record_input(TestInputs.received)
        store.set_input_status(SHA, "quarantined", at=NOW, reason={"line": 3})
        _insert(store, "waiver", finding_id=found, granted_by="Ada", granted_at=NOW, expires_at=_LATER, reason="connu")
        _insert(
            store,
            "decision",
            decision_id="d1",
            finding_id=found,
            decision="retain",
            retained_observation_id="r#a",
            decided_by="Ada",
            decided_at=NOW,
            reason="édition corrigée",
            guard={"r#a": 36},
        )
        store.mark_prepared(refresh_id, "x.duckdb")
        sealed = duckdb.connect()
        sealed.execute("SET TimeZone = 'Pacific/Noumea'")
        rows = {
            "finding": store.findings_rows(),
            "finding_history": store.history_rows(),
            "decision": store.decision_rows(),
            "refresh": store.refresh_rows(sealed_at=_LATER),
            "source_file": store.source_file_rows(),
        }
        for table in seal.STATE_TABLES:
            _fill(sealed, table, rows[table.name])
        naive = NOW.replace(tzinfo=None)
        assert sealed.sql(
            "SELECT finding_id, observation_ids, fact_refs, first_seen_at, waived_until, waiver_reason, "
            "evidence->>'relation' FROM finding"
        ).fetchall() == [(found, ["r#a", "r#b"], [], naive, date(2026, 9, 1), "connu", "contradiction")]
        assert sealed.sql("SELECT event, actor, happened_at FROM finding_history").fetchall() == [("open", None, naive)]
        assert sealed.sql("SELECT guard->>'r#a', decided_at FROM decision").fetchall() == [("36", naive)]
        assert sealed.sql("SELECT outcome, finished_at, snapshot FROM refresh").fetchall() == [
            ("published", _LATER.replace(tzinfo=None), "x.duckdb")
        ]
        assert sealed.sql("SELECT dataset_or_report, status, reason->>'line' FROM source_file").fetchall() == [
            ("ms2022-2019", "quarantined", "3")
        ]

    def test_findings_have_the_columns_of_the_contract(self, store: StateStore) -> None:
        plant(store, begin(store))
        assert tuple(store.findings_rows()[0]) == tuple(name for name, _, _ in seal.FINDING.columns)

    def test_a_waiver_that_ended_is_not_told(self, store: StateStore) -> None:
        found = plant(store, begin(store))
        ended = {"ended_at": _LATER, "ended_reason": "expirée"}
        granted = {"finding_id": found, "granted_by": "Ada", "granted_at": NOW, "expires_at": _LATER, "reason": "x"}
        _insert(store, "waiver", **granted, **ended)
        assert [row["waived_until"] for row in store.findings_rows()] == [None]
        _insert(store, "waiver", **granted)
        with pytest.raises(sa.exc.IntegrityError):
            _insert(store, "waiver", **granted)

    def test_a_number_that_json_cannot_say_is_refused(self, store: StateStore) -> None:
        with pytest.raises((sa.exc.StatementError, ValueError), match="not JSON compliant"):
            plant(store, begin(store), evidence={"value": float("nan")})


_LATER = datetime(2026, 9, 1, tzinfo=UTC)


def _insert(store: StateStore, table: str, **values: object) -> None:
    with store.transaction() as connection:
        connection.execute(state_tables.metadata.tables[table].insert().values(values))


def _fill(connection: duckdb.DuckDBPyConnection, table: seal.SealedTable, rows: list[dict[str, object]]) -> None:
    columns = ", ".join(f'"{name}" {kind}' for name, kind, _ in table.columns)
    connection.execute(f"CREATE TABLE {table.name} ({columns})")
    marks = ", ".join("?" for _ in table.columns)
    values = [[row.get(name) for name, _, _ in table.columns] for row in rows]
    connection.executemany(f"INSERT INTO {table.name} VALUES ({marks})", values)


class TestDueItems:
    def test_nothing_is_due_in_an_empty_store(self, store: StateStore) -> None:
        assert store.due_items(NOW) == []

    def test_messages_are_due_once_published_until_sent_and_after_each_delay(self, store: StateStore) -> None:
        refresh_id = begin(store)
        hold(store, refresh_id, "k")
        assert store.due_items(NOW) == []
        publish(store, refresh_id)
        assert [(item.kind, item.since) for item in store.due_items(NOW)] == [("message", NOW)]
        later = NOW + timedelta(minutes=10)
        with store.transaction() as connection:
            connection.execute(state_tables.outbox.update().values(attempts=1, next_attempt_at=later))
        assert store.due_items(NOW) == []
        assert [item.since for item in store.due_items(later)] == [later]
        with store.transaction() as connection:
            connection.execute(state_tables.outbox.update().values(status="sent", sent_at=later))
        assert store.due_items(later) == []

    def test_a_waiver_is_due_from_its_last_instant_until_it_is_ended(self, store: StateStore) -> None:
        refresh_id = begin(store)
        found = plant(store, refresh_id)
        publish(store, refresh_id)
        expiry = NOW + timedelta(days=30)
        _insert(
            store, "waiver", finding_id=found, granted_by="M.", granted_at=NOW, expires_at=expiry, reason="à revoir"
        )
        assert store.due_items(expiry - timedelta(microseconds=1)) == []
        assert [(item.kind, item.since) for item in store.due_items(expiry)] == [("waiver", expiry)]
        with store.transaction() as connection:
            connection.execute(state_tables.waiver.update().values(ended_at=expiry, ended_reason="échue"))
        assert store.due_items(expiry) == []

    def test_the_longest_due_comes_first(self, store: StateStore) -> None:
        refresh_id = begin(store)
        found = plant(store, refresh_id)
        hold(store, refresh_id, "k")
        publish(store, refresh_id, NOW + timedelta(hours=2))
        earlier = NOW + timedelta(hours=1)
        _insert(store, "waiver", finding_id=found, granted_by="M.", granted_at=NOW, expires_at=earlier, reason="r")
        assert [item.kind for item in store.due_items(NOW + timedelta(days=1))] == ["waiver", "message"]


class TestSourceMemory:
    LOOK = SourceMemory(
        "apl", "new", "new: 3 bytes", NOW, NOW + timedelta(days=1), sha256=SHA, succeeded_at=NOW, new_at=NOW
    )

    def test_the_last_look_at_each_source_is_kept(self, store: StateStore) -> None:
        failed = replace(self.LOOK, outcome="failed", told="no network", failing_since=NOW, failures=2)
        for memory in (self.LOOK, replace(self.LOOK, dataset="cog", etag='W/"1"'), failed):
            remember_source(store, memory)
        assert remembered_sources(store) == {"apl": failed, "cog": replace(self.LOOK, dataset="cog", etag='W/"1"')}

    @pytest.mark.parametrize(
        "wrong",
        [{"outcome": "failed"}, {"failing_since": NOW}, {"failures": 1}, {"outcome": "lost"}, {"sha256": "abc"}],
    )
    def test_what_contradicts_itself_is_refused(self, store: StateStore, wrong: dict[str, object]) -> None:
        with pytest.raises(sa.exc.IntegrityError):
            remember_source(store, replace(self.LOOK, **wrong))  # type: ignore[arg-type]
        assert remembered_sources(store) == {}
