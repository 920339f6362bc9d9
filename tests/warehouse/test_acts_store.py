"""What people do about findings, as the state store keeps it: whole, in order, undone by no refresh."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from warehouse.acts import Act, Decision, Waiver, published_ids, read_dossier, record
from warehouse.errors import UsageError
from warehouse.paths import Home
from warehouse.state import StateStore
from warehouse.state_tables import finding, finding_event

NOW = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
DAY = timedelta(days=1)
FIRST, SECOND, OTHER = "1a2b000000000000", "1a2c000000000000", "ff00000000000000"


@pytest.fixture
def store(home: Path) -> Iterator[StateStore]:
    """A store with three published findings, two of one case."""
    with StateStore.open(Home(home), now=NOW) as opened:
        number = begin(opened)
        plant(opened, number, FIRST, case_id="c")
        plant(opened, number, SECOND, case_id="c")
        plant(opened, number, OTHER, case_id="d")
        opened.mark_prepared(number, "1.duckdb")
        opened.mark_published(number, finished_at=NOW)
        yield opened


def begin(store: StateStore) -> int:
    return store.begin_refresh(trigger="test", input_set="f" * 64, inputs={}, started_at=NOW)


def plant(store: StateStore, refresh_id: int, identity: str, **values: object) -> None:
    """Write a finding as the engine would."""
    row: dict[str, object] = {
        "finding_id": identity,
        "subject_key": identity,
        "status": "open",
        "first_seen_at": NOW,
        "first_refresh_id": refresh_id,
        "rule_code": "C40",
        "verdict": "impossible",
        "severity": "error",
        "message_fr": "Écart de 4.",
        "observation_ids": ["r#a", "r#b"],
        "fact_refs": [],
        "evidence": {"figures": []},
        "last_seen_at": NOW,
        "last_seen_refresh_id": refresh_id,
    }
    event = {"finding_id": identity, "at": NOW, "event": "open", "status": "open", "refresh_id": refresh_id, "why": "x"}
    with store.transaction() as connection:
        connection.execute(finding.insert().values(row | values))
        connection.execute(finding_event.insert().values(event))


def waived(until: datetime = NOW + 30 * DAY) -> Act:
    return Act("waived", "Ada", "connu", waiver=Waiver(until, "connu", {"r#a": 36}))


def settled(decision: Decision | None = None) -> Act:
    return Act("settled", "Ada", "vu", decision=decision or Decision("keep_both", "vu", {"r#a": 36}))


def status_of(store: StateStore, identity: str = FIRST) -> str:
    return str(read_dossier(store, identity).finding["status"])


def test_a_finding_is_called_by_the_beginning_of_its_identifier(store: StateStore) -> None:
    assert published_ids(store, "1a2") == [FIRST, SECOND]
    assert published_ids(store, "1a2b") == [FIRST]
    assert published_ids(store, "") == [FIRST, SECOND, OTHER]
    assert published_ids(store, "%") == published_ids(store, "1_2") == []


def test_what_no_refresh_published_cannot_be_called(store: StateStore) -> None:
    plant(store, begin(store), "ee00000000000000", case_id="e")
    assert published_ids(store, "ee") == []
    with pytest.raises(UsageError, match="No published finding"):
        record(store, "ee00000000000000", settled(), NOW)


def test_an_act_is_an_event_and_a_status(store: StateStore) -> None:
    record(store, FIRST, Act("acknowledged", "Ada", "vu"), NOW + DAY)
    dossier = read_dossier(store, FIRST)
    assert dossier.finding["status"] == "acknowledged"
    told = [(event["status"], event["actor"], event["why"], event["at"]) for event in dossier.history]
    assert told == [("open", None, "x", NOW), ("acknowledged", "Ada", "vu", NOW + DAY)]
    assert (dossier.others_of_case, read_dossier(store, OTHER).others_of_case) == (1, 0)


def test_who_it_is_assigned_to_stays_its_steward(store: StateStore) -> None:
    record(store, FIRST, Act("assigned", "Ada", "vu", steward="Bruno"), NOW)
    record(store, FIRST, Act("acknowledged", "Bruno", "vu"), NOW)
    assert {row["finding_id"]: row["steward"] for row in store.findings_rows()} == {
        FIRST: "Bruno",
        SECOND: None,
        OTHER: None,
    }


def test_a_waiver_is_in_force_until_its_end(store: StateStore) -> None:
    record(store, FIRST, waived(), NOW)
    [kept] = read_dossier(store, FIRST).waivers
    assert (kept["granted_by"], kept["guard"], kept["ended_at"]) == ("Ada", {"r#a": 36}, None)
    [row] = [row for row in store.findings_rows() if row["finding_id"] == FIRST]
    assert (row["status"], row["waiver_reason"]) == ("waived", "connu")
    assert store.due_items(NOW + 29 * DAY) == []
    assert [item.kind for item in store.due_items(NOW + 30 * DAY)] == ["waiver"]


@pytest.mark.parametrize("act", [Act("reopened", "Bruno", "relu"), settled(), Act("acknowledged", "Bruno", "relu")])
def test_whatever_is_done_next_ends_it(store: StateStore, act: Act) -> None:
    record(store, FIRST, waived(), NOW)
    record(store, FIRST, act, NOW + DAY)
    [kept] = read_dossier(store, FIRST).waivers
    assert (kept["ended_at"], act.why in kept["ended_reason"]) == (NOW + DAY, True)
    assert store.due_items(NOW + 60 * DAY) == []


def test_a_waiver_replaces_the_one_before(store: StateStore) -> None:
    record(store, FIRST, waived(), NOW)
    record(store, FIRST, waived(NOW + 90 * DAY), NOW + DAY)
    first, second = read_dossier(store, FIRST).waivers
    assert (first["ended_at"], second["ended_at"], second["expires_at"]) == (NOW + DAY, None, NOW + 90 * DAY)


def test_a_decision_has_what_the_reconciliation_reads(store: StateStore) -> None:
    taken = Decision("keep_both", "deux périmètres", {"r#a": 36}, None, "cpts_projets", "region:75", "2019")
    record(store, FIRST, settled(taken), NOW)
    [row] = store.decision_rows()
    assert row == {
        "decision_id": f"20260301T083000.000000Z-{FIRST}",
        "finding_id": FIRST,
        "rule_code": "C40",
        "indicator_code": "cpts_projets",
        "territory_key": "region:75",
        "period": "2019",
        "decision": "keep_both",
        "retained_observation_id": None,
        "decided_by": "Ada",
        "decided_at": NOW.replace(tzinfo=None),
        "reason": "deux périmètres",
        "guard": '{"r#a": 36}',
    }


@pytest.mark.parametrize("later", [timedelta(seconds=1), timedelta(0), -DAY])
def test_what_was_decided_last_is_last_whatever_the_clock_says(store: StateStore, later: timedelta) -> None:
    """Of one day the rules know the order by the identifiers alone; another finding may be about the same fact."""
    record(store, OTHER, settled(), NOW)
    record(store, FIRST, settled(Decision("not_comparable", "vu", {})), NOW + later)
    rows = store.decision_rows()
    assert [row["decision"] for row in rows] == ["keep_both", "not_comparable"]
    assert rows[0]["decision_id"] < rows[1]["decision_id"]


def test_reopening_withdraws_decisions_and_leaves_those_of_others(store: StateStore) -> None:
    record(store, FIRST, settled(), NOW)
    record(store, OTHER, settled(), NOW)
    before = store.act_ids()
    record(store, FIRST, Act("reopened", "Bruno", "relu", withdraws_decisions=True), NOW + DAY)
    assert [row["finding_id"] for row in store.decision_rows()] == [OTHER]
    assert status_of(store) == "reopened"
    assert [event["status"] for event in read_dossier(store, FIRST).history] == ["open", "settled", "reopened"]
    assert set(store.act_ids()) > set(before), "the next refresh has something to publish"


def test_an_act_is_kept_whole_or_not_at_all(store: StateStore) -> None:
    """A waiver that ends before it begins is refused by the table itself, and the event goes with it."""
    with pytest.raises(sa.exc.IntegrityError):
        record(store, FIRST, waived(until=NOW), NOW)
    assert status_of(store) == "open"
    assert len(read_dossier(store, FIRST).history) == 1


def test_a_refresh_that_is_undone_leaves_acts_alone(store: StateStore) -> None:
    record(store, FIRST, settled(), NOW)
    begin(store)
    record(store, SECOND, waived(), NOW)
    store.undo_unpublished(current_snapshot="1.duckdb", now=NOW)
    assert (status_of(store), status_of(store, SECOND)) == ("settled", "waived")
    assert len(store.decision_rows()) == len(read_dossier(store, SECOND).waivers) == 1
