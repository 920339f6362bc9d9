"""Settling: the decision on its own, then the life of findings in a store, undone and published refreshes included."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from stewardship.ownership import Links, Own, as_before, matched
from stewardship.settle import Happened, Previous, SettleResult, Transition, Verdict, judged, next_state, settle
from stewardship.stewards import Stewards
from warehouse.errors import BarometreError
from warehouse.paths import Home
from warehouse.state import StateStore, finding_id, fingerprint
from warehouse.state_tables import PERSON_STATUSES, STATUSES, VERDICTS, finding, waiver

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
DAY = timedelta(days=1)
SUBJECT = "cpts|projet||region:75|2019"
LIVE = [status for status in STATUSES if status != "resolved"]


class TestNextState:
    """Every status against every verdict: nothing is left to chance."""

    @pytest.mark.parametrize("verdict", VERDICTS)
    def test_a_new_failure_opens(self, verdict: str) -> None:
        assert next_state(None, Verdict(verdict, 1)) == Transition("open")

    @pytest.mark.parametrize("verdict", ["held", "not_evaluable"])
    def test_what_never_failed_makes_nothing(self, verdict: str) -> None:
        assert next_state(None, Verdict(verdict)) is None

    @pytest.mark.parametrize("status", LIVE)
    @pytest.mark.parametrize("verdict", VERDICTS)
    def test_the_same_failure_is_no_news(self, status: str, verdict: str) -> None:
        assert next_state(Previous(status, 1), Verdict(verdict, 1)) is None

    @pytest.mark.parametrize("status", LIVE)
    @pytest.mark.parametrize("verdict", VERDICTS)
    def test_other_values_change_it_whoever_closed_it(self, status: str, verdict: str) -> None:
        assert next_state(Previous(status, 1), Verdict(verdict, 2)) == Transition("changed")

    @pytest.mark.parametrize("verdict", VERDICTS)
    @pytest.mark.parametrize("values", [1, 2])
    def test_a_resolved_one_that_fails_again_is_reopened(self, verdict: str, values: int) -> None:
        assert next_state(Previous("resolved", 1), Verdict(verdict, values)) == Transition("reopened")

    @pytest.mark.parametrize("status", LIVE)
    def test_passing_resolves(self, status: str) -> None:
        assert next_state(Previous(status, 1), Verdict("held")) == Transition("resolved")

    @pytest.mark.parametrize("status", STATUSES)
    def test_not_evaluable_is_not_recovered(self, status: str) -> None:
        assert next_state(Previous(status, 1), Verdict("not_evaluable")) is None

    def test_resolved_stays_resolved(self) -> None:
        assert next_state(Previous("resolved", 1), Verdict("held")) is None

    @pytest.mark.parametrize("name", [*VERDICTS, "not_evaluable"])
    def test_a_waiver_that_ran_out_reopens(self, name: str) -> None:
        assert next_state(Previous("waived", 1, lapsed=True), Verdict(name, 1)) == Transition("reopened")

    @pytest.mark.parametrize("status", [status for status in STATUSES if status != "waived"])
    def test_what_happened_since_counts_more_than_the_end_of_a_waiver(self, status: str) -> None:
        assert next_state(Previous(status, 1, lapsed=True), Verdict("not_evaluable", 1)) is None

    def test_passing_resolves_whatever_the_waiver(self) -> None:
        assert next_state(Previous("waived", 1, lapsed=True), Verdict("held")) == Transition("resolved")

    @pytest.mark.parametrize("status", [status for status in LIVE if status != "settled"])
    def test_what_a_person_decided_not_to_compare_is_settled(self, status: str) -> None:
        decided = Verdict("not_comparable", 2, is_decided=True)
        assert next_state(Previous(status, 1), decided) == Transition("settled")
        assert next_state(Previous(status, 1, lapsed=True), decided) == Transition("settled")

    @pytest.mark.parametrize("previous", [None, Previous("settled", 1), Previous("resolved", 1)])
    def test_a_decision_asks_nothing_again(self, previous: Previous | None) -> None:
        assert next_state(previous, Verdict("not_comparable", 2, is_decided=True)) is None


def verdict(name: str = "impossible", subject: str = SUBJECT, printed: int = 32, **more: Any) -> dict[str, Any]:
    """A row of quality.verdict, as DuckDB hands it over."""
    figures = [
        {"ref": "a#1", "printed": "36", "value": 36.0, "line": 52, "report_id": "a", "report_title": "A"},
        {"ref": "a#2", "printed": str(printed), "value": float(printed), "line": 598, "report_id": "a"},
    ]
    failed = name in VERDICTS
    return {
        "rule_code": "C40",
        "subject_key": subject,
        "verdict": name,
        "severity": "error" if failed else None,
        "indicator_code": "cpts_projets",
        "territory_code": "75",
        "period_label": "2019",
        "observation_ids": ["a#1", "a#2"],
        "fact_refs": [],
        "gap": Decimal("4.0000") if failed else None,
        "gap_pct": 12.5 if failed else None,
        "missing_input": None,
        "case_key": None,
        "parent_subject_key": None,
        "evidence": json.dumps({"relation": "contradiction", "subject_fr": "projets", "figures": figures}),
        **more,
    }


class TestJudged:
    def test_wording_and_places_are_no_news(self) -> None:
        moved = verdict()
        moved["evidence"] = moved["evidence"].replace("598", "600").replace("projets", "Projets de CPTS")
        assert judged(moved) == judged(verdict())

    def test_of_a_family_only_the_decision_about_it_is_news(self) -> None:
        asked, decided = verdict("not_comparable"), verdict("not_comparable", printed=40)
        assert judged(asked) == judged(decided)
        decided["evidence"] = json.dumps(json.loads(decided["evidence"]) | {"decision_id": "d1"})
        assert judged(asked) != judged(decided)

    def test_the_order_of_printings_is_no_news(self) -> None:
        assert judged(verdict(observation_ids=["a#2", "a#1"])) == judged(verdict())

    @pytest.mark.parametrize(
        "other",
        [
            verdict(printed=33),
            verdict(gap=Decimal("4.0001")),
            verdict(observation_ids=["a#1", "a#2", "b#1"]),
            verdict(fact_refs=["count:7"]),
            verdict(severity="warning"),
            verdict("suspicious"),
        ],
    )
    def test_values_gap_printings_and_severity_are(self, other: dict[str, Any]) -> None:
        assert judged(other) != judged(verdict())


class Ledger:
    """A store in which each call is one refresh, a day after the one before."""

    def __init__(self, store: StateStore) -> None:
        self.store = store
        self.now = NOW - DAY

    def prepare(self, *rows: dict[str, Any], rules: tuple[str, ...] = ("C40", "C13"), **more: Any) -> SettleResult:
        self.now += DAY
        self.refresh_id = self.store.begin_refresh(trigger="t", input_set="f", inputs={}, started_at=self.now)
        with self.store.transaction() as connection:
            result = settle(connection, self.refresh_id, rows, rules, self.now, **more)
            self.store.mark_prepared(self.refresh_id, f"{self.refresh_id}.duckdb")
        return result

    def publish(self, *rows: dict[str, Any], **more: Any) -> SettleResult:
        result = self.prepare(*rows, **more)
        self.store.mark_published(self.refresh_id, finished_at=self.now)
        return result

    def crash(self, *rows: dict[str, Any], **more: Any) -> None:
        self.prepare(*rows, **more)
        self.undo()

    def undo(self) -> None:
        self.store.undo_unpublished(current_snapshot="another.duckdb", now=self.now)

    def finding(self, subject: str = SUBJECT) -> dict[str, Any]:
        [row] = [row for row in self.store.findings_rows() if row["finding_id"] == finding_id("C40", subject)]
        return row

    def statuses(self, subject: str = SUBJECT) -> list[str]:
        return [event["status"] for event in self.store.history(finding_id("C40", subject))]

    def everything(self) -> tuple[Any, ...]:
        return self.store.findings_rows(), self.store.history_rows()


@pytest.fixture
def ledger(home: Path) -> Iterator[Ledger]:
    with StateStore.open(Home(home), now=NOW) as store:
        yield Ledger(store)


FOUND = finding_id("C40", SUBJECT)


class TestSettle:
    def test_a_failure_opens_a_finding_that_says_it_all(self, ledger: Ledger) -> None:
        assert ledger.publish(verdict()).transitions == (Happened(FOUND, "open"),)
        found = ledger.finding()
        assert found["message_fr"].replace("\u202f", " ").replace("\u00a0", " ") == (
            "Projets : « 36 » (A, ligne 52) et « 32 » (même document, ligne 598) ; écart de 4 (12,5 %)."
        )
        naive = NOW.replace(tzinfo=None)
        expected = {
            "rule_code": "C40",
            "verdict": "impossible",
            "severity": "error",
            "status": "open",
            "case_id": FOUND,
            "parent_finding_id": None,
            "indicator_code": "cpts_projets",
            "territory_code": "75",
            "observation_ids": ["a#1", "a#2"],
            "gap": Decimal("4"),
            "gap_pct": 12.5,
            "steward": None,
            "first_seen_at": naive,
            "last_seen_at": naive,
        }
        assert {name: found[name] for name in expected} == expected
        assert json.loads(found["evidence"])["figures"][0]["line"] == 52

    def test_what_held_makes_nothing(self, ledger: Ledger) -> None:
        result = ledger.publish(verdict("held"), verdict("not_evaluable", "other"))
        assert (result.held, result.not_evaluable) == (1, 1)
        assert ledger.everything() == ([], [])

    def test_two_hundred_refreshes_one_event(self, ledger: Ledger) -> None:
        results = [ledger.publish(verdict()) for _ in range(200)]
        assert sum(len(result.transitions) for result in results) == 1
        assert sum(result.unchanged for result in results) == 199
        assert ledger.statuses() == ["open"]
        assert ledger.finding()["last_seen_at"] - ledger.finding()["first_seen_at"] == 199 * DAY

    def test_a_whole_life(self, ledger: Ledger) -> None:
        for row in (verdict(), verdict(printed=30), verdict("held"), verdict("held"), verdict(printed=30)):
            ledger.publish(row)
        assert ledger.statuses() == ["open", "changed", "resolved", "reopened"]
        assert ledger.finding()["status"] == "reopened"
        assert ledger.finding()["first_seen_at"] == NOW.replace(tzinfo=None)

    def test_a_resolved_finding_goes_on_telling_what_was_wrong(self, ledger: Ledger) -> None:
        ledger.publish(verdict())
        assert ledger.publish(verdict("held")).transitions == (Happened(FOUND, "resolved"),)
        found = ledger.finding()
        assert (found["status"], found["verdict"], found["gap"]) == ("resolved", "impossible", 4)
        assert found["last_seen_at"] == NOW.replace(tzinfo=None)

    def test_vanished_or_not_evaluable_stays_open(self, ledger: Ledger) -> None:
        ledger.publish(verdict())
        ledger.publish()
        ledger.publish(verdict("not_evaluable"))
        ledger.publish(rules=())
        assert (ledger.finding()["status"], ledger.statuses()) == ("open", ["open"])
        assert ledger.finding()["last_seen_at"] == NOW.replace(tzinfo=None)

    def test_places_follow_the_source_without_an_event(self, ledger: Ledger) -> None:
        ledger.publish(verdict())
        moved = verdict()
        moved["evidence"] = moved["evidence"].replace("598", "600")
        ledger.publish(moved)
        assert "ligne\u00a0600" in ledger.finding()["message_fr"]
        assert ledger.statuses() == ["open"]

    @pytest.mark.parametrize("name", ["explained", "not_comparable"])
    def test_what_asserts_nothing_about_numbers_is_information(self, ledger: Ledger, name: str) -> None:
        ledger.publish(verdict(name, severity="error"))
        assert ledger.finding()["severity"] == "info"
        ledger.publish(verdict(name, severity=None))
        assert ledger.statuses() == ["open"]

    def test_what_is_not_comparable_is_settled_once_for_its_family(self, ledger: Ledger) -> None:
        ledger.publish(verdict("not_comparable"))
        ledger.publish(verdict("not_comparable", printed=40, observation_ids=["a#1", "b#7"]))
        assert ledger.statuses() == ["open"]
        ledger.publish(verdict("impossible"))
        assert ledger.statuses() == ["open", "changed"]

    def test_a_finding_keeps_how_it_may_be_explained(self, ledger: Ledger) -> None:
        ledger.publish(verdict())
        kept = json.loads(ledger.finding()["evidence"])
        assert [rung["test"] for rung in kept["explanations"]][:2] == ["perimeter", "date"]
        assert {len(choice) for choice in kept["economy"]["choices"]} == {1}
        assert ledger.publish(verdict()).transitions == ()

    def test_cases_and_parents(self, ledger: Ledger) -> None:
        total = verdict(subject="total", case_key="table 4")
        part = verdict(subject="part", case_key="table 4", parent_subject_key="total")
        other_rule = verdict(subject="growth", parent_subject_key="part", rule_code="C13")
        orphan = verdict(subject="orphan", parent_subject_key="total of nothing")
        ledger.publish(total, part, other_rule, orphan)
        rows = {row["finding_id"]: row for row in ledger.store.findings_rows()}
        found = [rows[finding_id("C40", subject)] for subject in ("total", "part", "orphan")]
        assert [row["case_id"] for row in found[:2]] == [fingerprint("table 4")] * 2
        assert [row["parent_finding_id"] for row in found] == [None, finding_id("C40", "total"), None]
        assert rows[finding_id("C13", "growth")]["parent_finding_id"] == finding_id("C40", "part")

    def test_a_parent_that_held_explains_nothing(self, ledger: Ledger) -> None:
        ledger.publish(verdict("held", "total"), verdict(parent_subject_key="total"))
        assert ledger.finding()["parent_finding_id"] is None

    def test_a_renamed_rule_keeps_its_findings(self, ledger: Ledger) -> None:
        ledger.publish(verdict())
        result = ledger.publish(verdict(rule_code="C13"), aliases={"C40": "C13"}, rules=("C13",))
        assert (result.transitions, result.unchanged) == ((), 1)
        assert (ledger.finding()["rule_code"], ledger.finding()["finding_id"]) == ("C13", FOUND)
        ledger.publish(verdict("held", rule_code="C13"), rules=("C13",))
        assert ledger.statuses() == ["open", "resolved"]

    def test_a_former_code_is_never_used_again(self, ledger: Ledger) -> None:
        with pytest.raises(BarometreError, match="another code"):
            ledger.prepare(verdict(), aliases={"C40": "C13"})

    @pytest.mark.parametrize(
        ("rows", "fault"),
        [
            ([verdict(), verdict()], "given twice"),
            ([verdict(rule_code="C99")], "did not run"),
            ([verdict("maybe")], "unknown"),
            ([verdict(severity=None)], "no severity"),
        ],
    )
    def test_a_broken_rule_stops_the_refresh(self, ledger: Ledger, rows: list[dict[str, Any]], fault: str) -> None:
        with pytest.raises(BarometreError, match=fault):
            ledger.prepare(*rows)
        assert ledger.everything() == ([], [])

    def test_a_clock_that_steps_back_harms_nothing(self, ledger: Ledger) -> None:
        ledger.publish(verdict())
        ledger.now -= 10 * DAY
        ledger.publish(verdict())
        assert ledger.finding()["last_seen_at"] == NOW.replace(tzinfo=None)


class TestUndo:
    """A refresh that was prepared and never published: as if it had not been."""

    @pytest.mark.parametrize(
        "row", [verdict(), verdict(printed=30), verdict("held"), verdict("not_evaluable"), verdict(subject="new")]
    )
    @pytest.mark.parametrize(
        "before", [[verdict()], [verdict(), verdict(printed=31)], [verdict(), verdict("held")], []]
    )
    def test_findings_are_as_last_published(
        self, ledger: Ledger, before: list[dict[str, Any]], row: dict[str, Any]
    ) -> None:
        for published in before:
            ledger.publish(published)
        expected = ledger.everything()
        ledger.crash(row)
        assert ledger.everything() == expected
        ledger.crash(row)
        assert ledger.everything() == expected

    def test_the_refresh_after_does_what_the_undone_one_would_have(self, ledger: Ledger) -> None:
        ledger.publish(verdict())
        ledger.crash(verdict("held"))
        assert ledger.publish(verdict("held")).transitions == (Happened(FOUND, "resolved"),)
        assert ledger.statuses() == ["open", "resolved"]

    @pytest.mark.parametrize("status", PERSON_STATUSES)
    def test_acts_of_people_are_never_undone(self, ledger: Ledger, status: Any) -> None:
        ledger.publish(verdict())
        ledger.store.record_act(FOUND, status, actor="Ada", why="vu", at=NOW)
        ledger.crash(verdict(printed=30))
        assert ledger.finding()["status"] == status
        assert ledger.statuses() == ["open", status]

    def test_an_act_between_the_crash_and_the_start_stays_too(self, ledger: Ledger) -> None:
        ledger.publish(verdict())
        ledger.prepare(verdict(printed=30))
        ledger.store.record_act(FOUND, "acknowledged", actor="Ada", why="vu", at=NOW)
        ledger.undo()
        assert ledger.statuses() == ["open", "acknowledged"]
        found = ledger.finding()
        assert (found["status"], "«\u00a032\u00a0»" in found["message_fr"]) == ("acknowledged", True)

    def test_a_renaming_is_undone(self, ledger: Ledger) -> None:
        ledger.publish(verdict())
        ledger.prepare(verdict(rule_code="C13"), aliases={"C40": "C13"}, rules=("C13",))
        assert ledger.finding()["rule_code"] == "C13"
        ledger.undo()
        assert ledger.finding()["rule_code"] == "C40"

    def test_a_refresh_found_published_is_not_undone(self, ledger: Ledger) -> None:
        ledger.publish(verdict())
        ledger.prepare(verdict("held"))
        ledger.store.undo_unpublished(current_snapshot=f"{ledger.refresh_id}.duckdb", now=ledger.now)
        assert ledger.statuses() == ["open", "resolved"]
        ledger.crash(verdict())
        assert ledger.finding()["status"] == "resolved"


def test_a_storm_is_settled_quickly(ledger: Ledger) -> None:
    storm = [verdict(subject=f"s{n}") for n in range(5000)]
    started = datetime.now(UTC)
    assert len(ledger.publish(*storm).transitions) == 5000
    assert ledger.publish(*storm).unchanged == 5000
    assert (datetime.now(UTC) - started).total_seconds() < 20


class TestWaivers:
    """A waiver (dérogation) that runs out reopens its finding, once, when that is published."""

    @pytest.fixture
    def waived(self, ledger: Ledger) -> Ledger:
        """A finding waived until a day after it was opened."""
        ledger.publish(verdict())
        ledger.store.record_act(FOUND, "waived", actor="Ada", why="en cours", at=NOW)
        granted = {"granted_by": "Ada", "granted_at": NOW, "expires_at": NOW + DAY, "reason": "en cours"}
        with ledger.store.transaction() as connection:
            connection.execute(waiver.insert().values(finding_id=FOUND, **granted))
        return ledger

    @pytest.mark.parametrize("rows", [(verdict(),), (verdict("not_evaluable"),), ()])
    def test_it_reopens_and_is_due_no_more(self, waived: Ledger, rows: tuple[dict[str, Any], ...]) -> None:
        assert [item.kind for item in waived.store.due_items(NOW + DAY)] == ["waiver"]
        assert waived.publish(*rows).transitions == (Happened(FOUND, "reopened"),)
        assert (waived.finding()["status"], waived.finding()["waived_until"]) == ("reopened", None)
        assert waived.store.due_items(NOW + DAY) == []
        assert waived.publish(*rows).transitions == ()

    def test_before_its_end_it_stands(self, waived: Ledger) -> None:
        waived.now -= DAY
        assert waived.publish(verdict()).transitions == ()
        assert waived.finding()["status"] == "waived"

    def test_a_refresh_that_is_undone_leaves_it_due(self, waived: Ledger) -> None:
        waived.crash(verdict())
        assert waived.finding()["status"] == "waived"
        assert [item.kind for item in waived.store.due_items(NOW + DAY)] == ["waiver"]
        assert waived.publish(verdict()).transitions == (Happened(FOUND, "reopened"),)


def owned(**rules: str) -> Own:
    """The rules of a file in which Ada is the default: steward by indicator's code."""
    people = sorted({"ada", *rules.values()})
    content = {
        "default": "ada",
        "stewards": [{"id": name, "name": name.title()} for name in people],
        "ownership": [{"steward": steward, "indicator": code} for code, steward in rules.items()],
    }
    return matched(Stewards.model_validate(content), Links())


class TestOwners:
    """Whose a finding is follows the file of stewards at each refresh, and says why; a person's choice stands."""

    def owner(self, ledger: Ledger) -> tuple[str | None, str | None]:
        found = ledger.finding()
        return found["steward"], (json.loads(found["evidence"]).get("ownership") or {}).get("by")

    def test_without_a_file_nobody_owns_anything(self, ledger: Ledger) -> None:
        ledger.publish(verdict())
        assert self.owner(ledger) == (None, None)

    def test_a_rule_or_the_default_says_whose_it_is(self, ledger: Ledger) -> None:
        ledger.publish(verdict(), own=owned(cpts_projets="bea"))
        assert self.owner(ledger) == ("Bea", "indicator")
        ledger.publish(verdict(), own=owned())
        assert self.owner(ledger) == ("Ada", "default")
        ledger.publish(verdict())
        assert self.owner(ledger) == (None, None)

    @pytest.mark.parametrize("rows", [(verdict(),), (verdict("held"),), (verdict("not_evaluable"),), ()])
    @pytest.mark.parametrize("status", ["open", "resolved"])
    def test_another_owner_is_no_event(self, ledger: Ledger, rows: tuple[dict[str, Any], ...], status: str) -> None:
        ledger.publish(verdict(), own=owned(cpts_projets="bea"))
        ledger.publish(verdict("held" if status == "resolved" else "impossible"), own=owned(cpts_projets="bea"))
        with_same_owner = len(ledger.prepare(*rows, own=owned(cpts_projets="bea")).transitions)
        ledger.undo()
        result = ledger.publish(*rows, own=owned(cpts_projets="cleo"))
        assert len(result.transitions) == with_same_owner
        assert self.owner(ledger) == ("Cleo", "indicator")

    def test_while_the_file_is_refused_findings_keep_their_owners(self, ledger: Ledger) -> None:
        ledger.publish(verdict(), own=owned(cpts_projets="bea"))
        ledger.publish(verdict(printed=30), verdict(subject="new"), own=as_before)
        assert self.owner(ledger) == ("Bea", "indicator")
        assert ledger.finding("new")["steward"] is None

    @pytest.mark.parametrize("row", [verdict(), verdict(printed=30), verdict("held"), verdict(subject="new")])
    def test_an_owner_is_undone_with_the_refresh(self, ledger: Ledger, row: dict[str, Any]) -> None:
        ledger.publish(verdict(), own=owned(cpts_projets="bea"))
        expected = ledger.everything()
        ledger.crash(row, own=owned(cpts_projets="cleo"))
        assert ledger.everything() == expected

    def test_whom_a_person_assigned_it_to_stays(self, ledger: Ledger) -> None:
        ledger.publish(verdict(), own=owned(cpts_projets="bea"))
        ledger.store.record_act(FOUND, "assigned", actor="Ada", why="à Dora", at=NOW)
        with ledger.store.transaction() as connection:
            connection.execute(finding.update().where(finding.c.finding_id == FOUND).values(steward="Dora"))
        for own in (owned(cpts_projets="cleo"), owned(), as_before):
            ledger.publish(verdict(), own=own)
            assert ledger.finding()["steward"] == "Dora"
        assert ledger.statuses() == ["open", "assigned"]

    def test_a_settled_finding_and_its_evidence_are_otherwise_the_same(self, ledger: Ledger) -> None:
        ledger.publish(verdict())
        before = ledger.finding()
        ledger.publish(own=owned())
        after = ledger.finding()
        told = json.loads(after["evidence"])
        assert told.pop("ownership")["steward"] == "Ada"
        assert told == json.loads(before["evidence"])
        assert {**before, "evidence": None, "steward": None} == {**after, "evidence": None, "steward": None}
