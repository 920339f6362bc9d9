"""What stewards type about findings, on a home with a small state store: messages, JSON, exit codes, what is kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result

from orchestration import commands_findings
from orchestration.cli import cli
from stewardship.acts import ZONE
from stewardship.settle import settle
from warehouse.acts import read_dossier
from warehouse.errors import NothingPublished, UsageError
from warehouse.paths import Home
from warehouse.snapshots import swap, write_manifest
from warehouse.state import StateStore, finding_id

TODAY = datetime.now(ZONE).date()
SOON, TOO_LATE, PAST = (f"{TODAY + timedelta(days=days)}" for days in (30, 370, -1))
CONTRADICTION, FAMILY = finding_id("C40", "cpts"), finding_id("comparability", "msp")
COUNTED = {"counted_unit": "posts", "champ_fr": "tous", "denominator_fr": None, "definition_version": "1"}
VERDICTS = [
    {
        "rule_code": rule,
        "subject_key": subject,
        "verdict": verdict,
        "severity": "error",
        "observation_ids": ["r#a", "r#b"],
        "evidence": {
            "relation": relation,
            "figures": [{"ref": "r#a", "value": 36, **COUNTED}, {"ref": "r#b", "value": 32, **COUNTED}],
        },
    }
    for rule, subject, verdict, relation in (
        ("C40", "cpts", "impossible", "contradiction"),
        ("comparability", "msp", "not_comparable", "comparability"),
    )
]


def refresh(home: Home) -> dict[str, int]:
    """Settle the same verdicts once more, as a refresh without news does; counts of what happened, by name."""
    now = datetime.now(UTC)
    with StateStore.open(home, now=now) as store:
        number = store.begin_refresh(trigger="test", input_set="f" * 64, inputs={}, started_at=now)
        with store.transaction() as connection:
            done = settle(connection, number, VERDICTS, ["C40", "comparability"], now)
            store.mark_prepared(number, f"{number}.duckdb")
        store.mark_published(number, finished_at=now)
    events = [happened.event for happened in done.transitions]
    return {event: events.count(event) for event in events}


@pytest.fixture
def kept(home: Path) -> Home:
    """A home whose state store has a contradiction and a family, and whose snapshot has their two observations."""
    at = Home(home).create()
    assert refresh(at) == {"open": 2}
    path = at.snapshots / "1.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE SCHEMA marts")
        connection.execute(
            "CREATE TABLE marts.fct_observation AS SELECT unnest(['r#a', 'r#b']) AS observation_id, "
            "'cpts_projets' AS indicator_key, 'region:75' AS territory_key, '2019' AS period_key"
        )
    write_manifest(path, {})
    swap(at.current, path)
    return at


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["findings", *arguments])


def said(*arguments: str) -> str:
    """What a command that ends well prints, no-break spaces as spaces."""
    done = run(*arguments)
    assert done.exit_code == 0, (done.output, done.exception)
    return done.stdout.replace("\u202f", " ").replace("\u00a0", " ")


def read(*arguments: str) -> Any:
    """The parsed output of a command that ends well."""
    return json.loads(said(*arguments, "--format", "json"))


def refused(*arguments: str) -> str:
    """The message of a command that was used wrongly; nothing is written then."""
    error = run(*arguments).exception
    assert isinstance(error, UsageError), (arguments, error)
    assert error.exit_code == 2
    return str(error).replace("\u202f", " ").replace("\u00a0", " ")


def told(home: Home, identity: str = CONTRADICTION) -> list[tuple[str, str | None]]:
    with StateStore.open(home, now=datetime.now(UTC)) as store:
        return [(event["status"], event["actor"]) for event in store.history(identity)]


def decisions(home: Home) -> list[dict[str, Any]]:
    with StateStore.open(home, now=datetime.now(UTC)) as store:
        return store.decision_rows()


ACTS = {
    "ack": ("ack", CONTRADICTION, "--why", "vu"),
    "assign": ("assign", CONTRADICTION, "--to", "Bruno", "--why", "vu"),
    "waive": ("waive", CONTRADICTION, "--reason", "ecart_accepte", "--why", "vu", "--until", SOON),
    "settle": ("settle", CONTRADICTION, "--decision", "keep_both", "--why", "vu"),
}


@pytest.mark.parametrize(
    ("name", "status", "word"),
    [
        ("ack", "acknowledged", "prise en compte"),
        ("assign", "assigned", "attribuée"),
        ("waive", "waived", "sous dérogation"),
        ("settle", "settled", "tranchée"),
    ],
)
def test_an_act_is_kept_told_and_stands_after_a_refresh(kept: Home, name: str, status: str, word: str) -> None:
    done = said(*ACTS[name], "--by", "Ada")
    assert done.startswith(f"Incohérence {CONTRADICTION} : {word} par Ada. ")
    assert "Publié à la prochaine actualisation : « barometre refresh »" in done
    assert told(kept) == [("open", None), (status, "Ada")]
    assert refresh(kept) == {}
    assert told(kept) == [("open", None), (status, "Ada")]


@pytest.mark.parametrize("name", ACTS)
def test_programs_read_json(kept: Home, name: str) -> None:
    done = read(*ACTS[name], "--by", "Ada")
    assert (done["finding_id"], done["actor"], done["recorded"]) == (CONTRADICTION, "Ada", True)
    assert done["next"] == "barometre refresh"
    assert told(kept)[-1] == (done["status"], "Ada")
    assert done.get("guard") == ({"r#a": 36, "r#b": 32} if name in ("waive", "settle") else None)


@pytest.mark.parametrize("name", ACTS)
def test_without_a_name_it_is_the_user_of_this_computer(kept: Home, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands_findings, "user_of_this_computer", lambda: "référente")
    said(*ACTS[name])
    assert told(kept)[-1][1] == "référente"


@pytest.mark.parametrize("name", ACTS)
def test_a_reason_is_asked_for(kept: Home, name: str) -> None:
    without = [part for part in ACTS[name] if part not in ("--why", "vu")]
    assert run(*without).exit_code == 2
    assert "--why" in refused(*without, "--why", " ")
    assert told(kept) == [("open", None)]


@pytest.mark.parametrize("name", [*ACTS, "reopen"])
def test_an_identifier_may_be_cut_short_where_it_is_clear(kept: Home, name: str) -> None:
    rest = ACTS.get(name, ("", "", "--why", "vu"))[2:]
    assert "2 incohérences dont" in refused(name, "", *rest)
    assert "Aucune incohérence dont" in refused(name, "zz", *rest)
    if name == "reopen":
        said(*ACTS["ack"])
    assert CONTRADICTION[0] != FAMILY[0]
    said(name, CONTRADICTION[:1], *rest)
    assert len(told(kept, FAMILY)) == 1


def test_a_promise_is_in_the_history(kept: Home) -> None:
    day = f"{TODAY + timedelta(days=30):%d/%m/%Y}"
    said(*ACTS["ack"], "--until", day, "--by", "Ada")
    assert f"prise en compte par Ada : vu (à traiter d’ici le {day})" in said("history", CONTRADICTION)
    assert "passée" in refused(*ACTS["ack"], "--until", PAST)
    assert run(*ACTS["ack"], "--until", "demain").exit_code == 2
    assert len(told(kept)) == 2


class TestWaive:
    def test_a_trial_says_what_it_would_hide_and_keeps_nothing(self, kept: Home) -> None:
        done = said(*ACTS["waive"], "--dry-run")
        assert "Tant que les chiffres restent : r#a = 36 ; r#b = 32." in done
        assert "Rien n’a été enregistré" in done
        assert "Publié" not in done
        tried = read(*ACTS["waive"], "--dry-run")
        assert (tried["recorded"], tried["waived_until"]) == (False, SOON)
        assert tried["hides_fr"][0].endswith(f"{CONTRADICTION} (C40).")
        assert told(kept) == [("open", None)]

    @pytest.mark.parametrize("until", [PAST, TOO_LATE], ids=["past", "too far"])
    def test_a_day_that_is_past_or_too_far_is_refused(self, kept: Home, until: str) -> None:
        for trial in ((), ("--dry-run",)):
            assert "douze mois" in refused(*ACTS["waive"][:-1], until, *trial)
        assert told(kept) == [("open", None)]

    @pytest.mark.usefixtures("kept")
    def test_a_reason_is_one_of_the_list(self) -> None:
        done = run("waive", CONTRADICTION, "--reason", "parce_que", "--why", "vu", "--until", SOON)
        assert (done.exit_code, "publication_arretee" in done.output) == (2, True)

    def test_other_values_end_its_effect(self, kept: Home, monkeypatch: pytest.MonkeyPatch) -> None:
        said(*ACTS["waive"])
        other = {"relation": "contradiction", "figures": [{"ref": "r#a", "value": 40}, {"ref": "r#b", "value": 32}]}
        monkeypatch.setitem(VERDICTS[0], "evidence", other)
        assert refresh(kept) == {"changed": 1}


class TestSettle:
    def test_a_family_is_guarded_by_what_it_counts(self, kept: Home) -> None:
        said("settle", FAMILY, "--decision", "not_comparable", "--why", "postes, personnes", "--by", "Ada")
        [row] = decisions(kept)
        assert json.loads(row["guard"]) == {"r#a": COUNTED, "r#b": COUNTED}
        assert (row["decision"], row["rule_code"], row["indicator_code"]) == ("not_comparable", "comparability", None)

    def test_what_is_left_open_names_its_fact(self, kept: Home) -> None:
        said(*ACTS["settle"])
        [row] = decisions(kept)
        assert json.loads(row["guard"]) == {"r#a": 36, "r#b": 32}
        assert (row["indicator_code"], row["territory_key"], row["period"]) == ("cpts_projets", "region:75", "2019")

    def test_figures_of_several_facts_name_none(self, kept: Home) -> None:
        with duckdb.connect(str(kept.current.resolve())) as connection:
            connection.execute("UPDATE marts.fct_observation SET period_key = '2020' WHERE observation_id = 'r#b'")
        said(*ACTS["settle"])
        assert decisions(kept)[0]["period"] is None

    def test_one_figure_is_retained(self, kept: Home) -> None:
        retain = ("settle", CONTRADICTION, "--decision", "retain", "--why", "corrigé")
        assert "--observation" in refused(*retain)
        assert "r#a et r#b" in refused(*retain, "--observation", "r#z")
        said(*retain, "--observation", "r#b")
        assert [row["retained_observation_id"] for row in decisions(kept)] == ["r#b"]

    def test_nothing_published_says_what_to_do(self, kept: Home) -> None:
        kept.current.unlink()
        assert isinstance(run(*ACTS["settle"]).exception, NothingPublished)
        assert told(kept) == [("open", None)]


class TestReopen:
    def test_what_was_decided_is_withdrawn_and_may_be_decided_again(self, kept: Home) -> None:
        said(*ACTS["settle"], "--by", "Ada")
        done = said("reopen", CONTRADICTION, "--why", "relu", "--by", "Bruno")
        assert "rouverte par Bruno. relu (décision retirée : les deux valeurs sont gardées, Ada" in done
        assert decisions(kept) == []
        assert refresh(kept) == {}
        said(*ACTS["settle"])
        assert len(decisions(kept)) == 1

    def test_a_waiver_ends(self, kept: Home) -> None:
        said(*ACTS["waive"])
        said("reopen", CONTRADICTION, "--why", "relu")
        with StateStore.open(kept, now=datetime.now(UTC)) as store:
            [waiver] = read_dossier(store, CONTRADICTION).waivers
            assert waiver["ended_at"] is not None
            assert {row["waived_until"] for row in store.findings_rows()} == {None}

    @pytest.mark.usefixtures("kept")
    def test_what_is_closed_is_reopened_before_anything_else(self) -> None:
        assert "rien à rouvrir" in refused("reopen", CONTRADICTION, "--why", "relu")
        said(*ACTS["settle"])
        for name in ("ack", "assign", "waive"):
            assert f"barometre findings reopen {CONTRADICTION}" in refused(*ACTS[name])


class TestHistory:
    @pytest.mark.usefixtures("kept")
    def test_it_tells_what_no_snapshot_tells_yet(self) -> None:
        said(*ACTS["assign"], "--by", "Ada")
        first, _message, opened, assigned = said("history", CONTRADICTION[:6]).splitlines()
        assert first == f"Incohérence {CONTRADICTION} (attribuée, référent : Bruno)"
        assert "ouverte par le moteur de règles" in opened
        assert assigned.endswith("attribuée par Ada : À Bruno : vu")

    @pytest.mark.usefixtures("kept")
    def test_programs_read_waivers_and_decisions_too(self) -> None:
        said(*ACTS["waive"])
        said(*ACTS["settle"])
        found = read("history", CONTRADICTION)
        assert (found["finding_id"], found["status"]) == (CONTRADICTION, "settled")
        assert [event["status"] for event in found["history"]] == ["open", "waived", "settled"]
        assert [waiver["guard"] for waiver in found["waivers"]] == [{"r#a": 36, "r#b": 32}]
        assert [decision["decision"] for decision in found["decisions"]] == ["keep_both"]

    @pytest.mark.usefixtures("home")
    def test_an_empty_home_has_none(self) -> None:
        assert "Aucune incohérence" in refused("history", "1a")
