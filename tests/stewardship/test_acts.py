"""What stewards may do, as pure decisions: who, why, from which status, until when, and for which values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stewardship.acts import (
    WAIVER_REASONS,
    ZONE,
    Fact,
    acknowledge,
    assign,
    guard_of,
    hidden_fr,
    reopen,
    settle,
    waive,
)
from stewardship.findings import DECISION_FR
from warehouse.acts import Act, DecisionKind
from warehouse.errors import UsageError
from warehouse.state_tables import DECISIONS, STATUSES

NOW = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
TODAY = date(2026, 3, 1)
FACT = Fact("cpts_projets", "region:75", "2019")
COUNTED = {"counted_unit": "posts", "champ_fr": "tous", "denominator_fr": None, "definition_version": "1"}
FIGURES = [
    {"ref": "r#a", "value": 36, "line": 52, **COUNTED},
    {"ref": "r#b", "value": 32.5, "line": 598, **COUNTED, "counted_unit": "persons"},
]
DECISION = {
    "decision": "retain",
    "retained_observation_id": "r#a",
    "decided_by": "Ada",
    "decided_at": datetime(2026, 2, 28, 23, 30, tzinfo=UTC),
    "reason": "corrigé",
}


def row(**more: Any) -> dict[str, Any]:
    """A finding as the state store holds it."""
    return {
        "finding_id": "1a2b3c4d5e6f7081",
        "rule_code": "C40",
        "status": "open",
        "severity": "error",
        "message_fr": "Écart de 4.",
        "observation_ids": ["r#a", "r#b"],
        "fact_refs": [],
        "evidence": {"relation": "contradiction", "figures": FIGURES},
    } | more


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def granted(until: date = date(2026, 6, 30), now: datetime = NOW, **more: Any) -> Act:
    return waive(row(**more), by="Ada", reason="ecart_accepte", why="vu", until=until, now=now)


DOES: dict[str, Callable[[dict[str, Any], str, str], Act]] = {
    "ack": lambda found, by, why: acknowledge(found, by=by, why=why, today=TODAY),
    "assign": lambda found, by, why: assign(found, by=by, why=why, to="Bruno"),
    "waive": lambda found, by, why: waive(found, by=by, reason="ecart_accepte", why=why, until=TODAY, now=NOW),
    "settle": lambda found, by, why: settle(found, by=by, decision="keep_both", why=why),
    "reopen": lambda found, by, why: reopen(found, by=by, why=why),
}
ASKED = {"open", "changed", "reopened"}
IN_HAND = {"acknowledged", "assigned", "correction_pending"}
#: From which status each may be done: every other one is refused.
ALLOWED = {
    "ack": ASKED | IN_HAND,
    "assign": ASKED | IN_HAND,
    "waive": ASKED | IN_HAND | {"waived"},
    "settle": ASKED | IN_HAND | {"waived", "settled"},
    "reopen": IN_HAND | {"waived", "settled"},
}


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("name", DOES)
def test_every_act_from_every_status(name: str, status: str) -> None:
    if status in ALLOWED[name]:
        assert DOES[name](row(status=status), "Ada", "vu").actor == "Ada"
    else:
        with pytest.raises(UsageError, match="1a2b3c4d5e6f7081"):
            DOES[name](row(status=status), "Ada", "vu")


@pytest.mark.parametrize("name", DOES)
@pytest.mark.parametrize(
    ("by", "why", "said"), [(" ", "vu", "--by"), ("Ada", " \n", "--why"), ("Ada", "x" * 2001, "2000")]
)
def test_an_act_has_an_author_and_a_reason(name: str, by: str, why: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        DOES[name](row(status="acknowledged"), by, why)


@pytest.mark.parametrize("name", DOES)
def test_what_is_kept_is_one_line_that_no_terminal_obeys(name: str) -> None:
    act = DOES[name](row(status="acknowledged"), "A\u001bda", "vu\n\u202eet revu")
    assert act.actor == "A\\u001bda"
    assert "vu \\u202eet revu" in act.why


class TestAcknowledge:
    def test_a_day_that_is_promised_is_told(self) -> None:
        act = acknowledge(row(), by="Ada", why="vu", today=TODAY, until=date(2026, 4, 2))
        assert (act.status, act.why) == ("acknowledged", "vu (à traiter d’ici le 02/04/2026)")
        assert acknowledge(row(), by="Ada", why="vu", today=TODAY).why == "vu"

    def test_a_day_that_is_past_is_no_promise(self) -> None:
        acknowledge(row(), by="Ada", why="vu", today=TODAY, until=TODAY)
        with pytest.raises(UsageError, match="28/02/2026"):
            acknowledge(row(), by="Ada", why="vu", today=TODAY, until=TODAY - timedelta(days=1))


class TestAssign:
    def test_who_gets_it_is_its_steward_and_in_its_history(self) -> None:
        act = assign(row(), by="Ada", why="son domaine", to=" Bruno ")
        assert (act.status, act.steward, plain(act.why)) == ("assigned", "Bruno", "À Bruno : son domaine")

    def test_nobody_gets_nothing(self) -> None:
        with pytest.raises(UsageError, match="--to"):
            assign(row(), by="Ada", why="vu", to=" ")


class TestWaive:
    def test_it_lasts_to_the_end_of_its_last_day_in_paris(self) -> None:
        act = granted(until=date(2026, 6, 30))
        assert act.waiver is not None
        assert act.waiver.expires_at == datetime(2026, 6, 30, 22, tzinfo=UTC)
        assert plain(act.waiver.reason) == "écart connu et accepté : vu"
        assert plain(act.why) == "écart connu et accepté : vu (jusqu’au 30/06/2026)"

    def test_it_is_for_the_values_that_there_are(self) -> None:
        act = granted()
        assert act.waiver is not None
        assert act.waiver.guard == {"r#a": 36, "r#b": 32.5}

    def test_the_last_day_accepted_is_twelve_months_away(self) -> None:
        granted(until=date(2027, 3, 1))
        with pytest.raises(UsageError, match="01/03/2026 et le 01/03/2027"):
            granted(until=date(2027, 3, 2))

    def test_a_day_that_is_past_is_refused(self) -> None:
        granted(until=TODAY)
        with pytest.raises(UsageError, match="douze mois"):
            granted(until=TODAY - timedelta(days=1))

    def test_a_day_is_one_of_paris(self) -> None:
        """At half past midnight in Paris it is still the day before in UTC."""
        night = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
        with pytest.raises(UsageError):
            granted(until=date(2026, 7, 1), now=night)
        granted(until=date(2026, 7, 2), now=night)

    def test_from_the_29th_of_february_it_lasts_to_the_28th(self) -> None:
        leap = datetime(2028, 2, 29, 8, tzinfo=UTC)
        granted(until=date(2029, 2, 28), now=leap)
        with pytest.raises(UsageError, match="28/02/2029"):
            granted(until=date(2029, 3, 1), now=leap)

    @given(days=st.integers(0, 365), at=st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1)))
    def test_what_is_accepted_ends_later_and_shows_its_day(self, days: int, at: datetime) -> None:
        now = at.replace(tzinfo=UTC)
        until = now.astimezone(ZONE).date() + timedelta(days=days)
        act = granted(until=until, now=now)
        assert act.waiver is not None
        assert act.waiver.expires_at > now
        # Snapshots tell the day in UTC.
        assert act.waiver.expires_at.astimezone(UTC).date() == until

    def test_the_reason_is_one_of_the_list(self) -> None:
        with pytest.raises(UsageError, match="ecart_accepte"):
            waive(row(), by="Ada", reason="autre", why="vu", until=TODAY, now=NOW)
        for reason, label in WAIVER_REASONS.items():
            assert waive(row(), by="Ada", reason=reason, why="vu", until=TODAY, now=NOW).why.startswith(label)

    def test_what_it_would_hide_is_said(self) -> None:
        told = [plain(line) for line in hidden_fr(row(), date(2026, 6, 30), others_of_case=2)]
        assert told == [
            "Serait mise de côté jusqu’au 30/06/2026 : erreur 1a2b3c4d5e6f7081 (C40).",
            "Écart de 4.",
            "Tant que les chiffres restent : r#a = 36 ; r#b = 32,5.",
            "Resteraient à traiter : 2 autres du même dossier.",
        ]
        assert len(hidden_fr(row(evidence={}), TODAY, others_of_case=0)) == 2


class TestSettle:
    def test_the_words_of_decisions_are_those_of_the_store(self) -> None:
        assert get_args(DecisionKind) == DECISIONS
        assert set(DECISION_FR) == set(DECISIONS)

    def test_a_figure_is_retained_by_its_name(self) -> None:
        act = settle(row(), by="Ada", decision="retain", why="édition corrigée", observation="r#a", fact=FACT)
        assert act.decision is not None
        assert (act.decision.retained_observation_id, act.decision.indicator_key) == ("r#a", None)
        assert plain(act.why) == "valeur retenue (r#a) : édition corrigée"

    @pytest.mark.parametrize(
        ("decision", "observation", "said"),
        [
            ("retain", None, "r#a et r#b"),
            ("retain", "r#z", "r#z n’est pas"),
            ("keep_both", "r#a", "--observation"),
        ],
    )
    def test_retaining_and_nothing_else_needs_a_figure_of_the_finding(
        self, decision: DecisionKind, observation: str | None, said: str
    ) -> None:
        with pytest.raises(UsageError, match=said):
            settle(row(), by="Ada", decision=decision, why="vu", observation=observation)

    def test_where_no_figure_of_a_report_is_named_none_is_retained(self) -> None:
        with pytest.raises(UsageError, match="ne se retient"):
            settle(row(observation_ids=[]), by="Ada", decision="retain", why="vu", observation="r#a")

    @pytest.mark.parametrize("decision", ["keep_both", "not_comparable"])
    def test_what_leaves_a_fact_open_names_it(self, decision: DecisionKind) -> None:
        taken = settle(row(), by="Ada", decision=decision, why="vu", fact=FACT).decision
        assert taken is not None
        assert Fact(str(taken.indicator_key), str(taken.territory_key), str(taken.period_key)) == FACT
        family = settle(row(rule_code="comparability"), by="Ada", decision=decision, why="vu", fact=FACT).decision
        assert family is not None
        assert family.indicator_key is None

    @pytest.mark.parametrize("decision", ["publisher_error", "our_error"])
    def test_an_error_leaves_the_choice_of_the_value_to_its_rules(self, decision: DecisionKind) -> None:
        taken = settle(row(), by="Ada", decision=decision, why="vu", fact=FACT).decision
        assert taken is not None
        assert taken.indicator_key is None


class TestGuard:
    """The format of decision 20."""

    def test_of_a_finding_it_is_the_values(self) -> None:
        assert guard_of(row()) == {"r#a": 36, "r#b": 32.5}

    def test_of_a_family_it_is_what_is_counted(self) -> None:
        assert guard_of(row(rule_code="comparability")) == {
            "r#a": COUNTED,
            "r#b": COUNTED | {"counted_unit": "persons"},
        }

    def test_every_figure_of_the_finding_is_named(self) -> None:
        """A decision covers the very figures of its finding; one of which nothing is told is not guarded."""
        found = row(
            observation_ids=["r#a", "r#c"], fact_refs=["t#x"], evidence={"figures": [*FIGURES, {"printed": "?"}]}
        )
        assert guard_of(found) == {"r#a": 36, "r#b": 32.5, "r#c": None, "t#x": None}

    @pytest.mark.parametrize("evidence", [{}, {"figures": None}, {"figures": ["r#a"]}, None])
    def test_evidence_of_another_shape_guards_nothing(self, evidence: Any) -> None:
        assert guard_of(row(evidence=evidence)) == {"r#a": None, "r#b": None}


class TestReopen:
    def test_what_is_withdrawn_is_told(self) -> None:
        act = reopen(row(status="settled"), by="Bruno", why="relu", decisions=[DECISION])
        assert (act.status, act.withdraws_decisions) == ("reopened", True)
        assert plain(act.why) == "relu (décision retirée : valeur retenue (r#a), Ada, 01/03/2026, corrigé)"

    def test_without_a_decision_only_the_reason_is_told(self) -> None:
        assert reopen(row(status="waived"), by="Bruno", why="relu").why == "relu"
