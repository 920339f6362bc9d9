"""Findings as read from a snapshot: filters, cards, JSON and tables that are safe to print."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import duckdb
import pytest
from rich.console import Console

from stewardship.findings import (
    _OWNED_FR,
    STATUS_FR,
    as_json,
    finding_card,
    findings_table,
    list_findings,
    show_finding,
    summary_fr,
)
from warehouse import seal
from warehouse.errors import UsageError
from warehouse.state_tables import STATUSES

SEEN = datetime(2026, 3, 1, 8)
EVIDENCE = {
    "relation": "contradiction",
    "subject_fr": "projets de CPTS",
    "figures": [
        {"printed": "36", "value": 36, "line": 52, "report_id": "a", "report_title": "Rapport A"},
        {"printed": "[red]32\u001b[0m\u202e", "value": 32, "line": 598, "report_id": "a"},
    ],
    "arithmetic": {"form": "compare", "computed": 36, "printed": 32},
}
MESSAGE = "Projets de CPTS\u202f: [red]\u001b[31m\u202f; écart de 4."


#: As much of the marts as a card reads.
MARTS = """
    CREATE SCHEMA marts;
    CREATE TABLE marts.dim_indicator AS
        SELECT 'cpts_projets' AS indicator_key, 'cpts_projets' AS indicator_code, 'Projets de CPTS' AS label_fr,
            'count' AS unit;
    CREATE TABLE marts.dim_territory AS
        SELECT 'region:75' AS territory_key, '75' AS territory_code, 'Nouvelle-Aquitaine' AS name
        UNION ALL SELECT 'department:75', '75', 'Paris';
    CREATE TABLE marts.dim_period AS SELECT '2019' AS period_key, '2019' AS label_fr;
    CREATE TABLE marts.dim_report AS SELECT 'a' AS report_key, 'a.txt' AS source_name;
    CREATE TABLE marts.fct_observation AS
        SELECT 'a#' || number AS observation_id, 'cpts_projets' AS indicator_key, 'region:75' AS territory_key,
            '2019' AS period_key, NULL::TIMESTAMP AS superseded_at
        FROM range(1, 3) AS numbers (number);
    CREATE TABLE marts.fct_indicator_value AS
        SELECT 'cpts_projets' AS indicator_key, 'region:75' AS territory_key, '2019' AS period_key,
            NULL::DECIMAL(18, 4) AS value, 32::DECIMAL(18, 4) AS value_low, 36::DECIMAL(18, 4) AS value_high,
            'non_tranche' AS choice;
    CREATE TABLE marts.fct_target_progress AS
        SELECT 'a#9' AS target_observation_id, 'a#1' AS actual_observation_id, NULL::VARCHAR AS baseline_observation_id,
            'cpts_projets' AS indicator_key, 'region:75' AS territory_key, DATE '2022-12-31' AS due_on
"""


def row(identity: str, **more: Any) -> dict[str, Any]:
    return {
        "finding_id": identity,
        "case_id": "case",
        "rule_code": "C40",
        "verdict": "impossible",
        "severity": "error",
        "status": "open",
        "message_fr": MESSAGE,
        "indicator_code": "cpts_projets",
        "territory_code": "75",
        "period_label": "2019",
        "observation_ids": ["a#1", "a#2"],
        "fact_refs": [],
        "gap": 4,
        "gap_pct": 12.5,
        "evidence": json.dumps(EVIDENCE),
        "first_seen_at": SEEN,
        "last_seen_at": SEEN,
    } | more


@pytest.fixture
def snapshot() -> Iterator[duckdb.DuckDBPyConnection]:
    """The quality tables of a snapshot, as the seal step declares them, with five findings."""
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA quality")
        connection.execute("CREATE TABLE quality.rule (rule_code TEXT, title_fr TEXT, definition_fr TEXT)")
        connection.execute("INSERT INTO quality.rule VALUES ('C40', 'Mentions contradictoires', 'Un fait, un nombre.')")
        rows: dict[str, list[dict[str, Any]]] = {
            "finding": [
                row("aa01", severity="warning", gap_pct=90.0, territory_code="33", case_id="other"),
                row("aa02", gap_pct=1.0, rule_code="C13", steward="Élise Durand"),
                row("ab03", gap_pct=-50.0, status="waived", waived_until=date(2026, 9, 1), waiver_reason="connu"),
                row("ab04", severity="info", status="resolved"),
                row("ab05", severity="info", gap=None, gap_pct=None, evidence=None, case_id="other"),
            ],
            "finding_history": [
                {"finding_id": "ab03", "happened_at": SEEN, "event": "open", "status": "open", "why": MESSAGE},
                {
                    "finding_id": "ab03",
                    "happened_at": SEEN,
                    "event": "waived",
                    "status": "waived",
                    "actor": "Ada",
                    "why": "vu",
                },
            ],
            "decision": [
                {
                    "decision_id": "d1",
                    "finding_id": "ab03",
                    "decision": "retain",
                    "retained_observation_id": "a#1",
                    "decided_by": "Ada",
                    "decided_at": SEEN,
                    "reason": "Édition corrigée.",
                }
            ],
        }
        for table in (seal.FINDING, seal.FINDING_HISTORY, seal.DECISION):
            columns = ", ".join(f'"{name}" {kind}' for name, kind, _ in table.columns)
            connection.execute(f"CREATE TABLE quality.{table.name} ({columns})")
            values = [[entry.get(name) for name, _, _ in table.columns] for entry in rows[table.name]]
            marks = ", ".join("?" for _ in table.columns)
            connection.executemany(f"INSERT INTO quality.{table.name} VALUES ({marks})", values)
        connection.execute(MARTS)
        yield connection


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["ab03", "aa02", "aa01", "ab05"]),
        ({"severity": "error"}, ["ab03", "aa02"]),
        ({"rule": "C13"}, ["aa02"]),
        ({"territory": "33"}, ["aa01"]),
        ({"territory": "department:33"}, ["aa01"]),
        ({"status": "resolved"}, ["ab04"]),
        ({"status": "open", "severity": "warning"}, ["aa01"]),
        ({"steward": " élise DURAND"}, ["aa02"]),
        ({"steward": "Élise"}, []),
        ({"rule": "' OR true --"}, []),
    ],
)
def test_filters_and_order(snapshot: duckdb.DuckDBPyConnection, filters: dict[str, str], expected: list[str]) -> None:
    assert [found["finding_id"] for found in list_findings(snapshot, **filters)] == expected


def test_rows_are_json(snapshot: duckdb.DuckDBPyConnection) -> None:
    found = json.loads(as_json(list_findings(snapshot)))[0]
    expected = {
        "gap": 4.0,
        "first_seen_at": "2026-03-01T08:00:00+00:00",
        "waived_until": "2026-09-01",
        "observation_ids": ["a#1", "a#2"],
        "message_fr": MESSAGE,
        "evidence": EVIDENCE,
    }
    assert {name: found[name] for name in expected} == expected


def test_json_never_steers_a_terminal() -> None:
    hostile = "a\u001b[31m\u009b\u202e\u200b\U000e0001é\u202f"
    text = as_json([hostile])
    assert json.loads(text) == [hostile]
    assert {c for c in text if ord(c) > 126 or ord(c) < 32} == {"\n", "é", "\u202f"}


def test_an_identifier_may_be_cut_short(snapshot: duckdb.DuckDBPyConnection) -> None:
    assert show_finding(snapshot, "aa02")["finding_id"] == "aa02"
    assert show_finding(snapshot, "ab05")["finding_id"] == "ab05"


@pytest.mark.parametrize(
    ("reference", "said"), [("aa", "2 incohérences dont"), ("zz\u001b", "Aucune incohérence dont")]
)
def test_an_unclear_identifier_is_refused(snapshot: duckdb.DuckDBPyConnection, reference: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as refused:
        show_finding(snapshot, reference)
    assert "\u001b" not in str(refused.value)


def test_a_finding_comes_with_its_rule_history_decisions_and_case(snapshot: duckdb.DuckDBPyConnection) -> None:
    found = show_finding(snapshot, "ab03")
    assert found["rule"]["title_fr"] == "Mentions contradictoires"
    assert [event["actor"] for event in found["history"]] == [None, "Ada"]
    assert [decision["decision"] for decision in found["decisions"]] == ["retain"]
    assert [other["finding_id"] for other in found["case"]] == ["aa02", "ab04"]


def test_card(snapshot: duckdb.DuckDBPyConnection) -> None:
    card = finding_card(show_finding(snapshot, "ab03"))
    lines = [line.replace("\u202f", " ").replace("\u00a0", " ") for line in card.splitlines()]
    for expected in (
        "Incohérence ab03 (erreur, sous dérogation)",
        "Règle        Mentions contradictoires (C40)",
        "             Un fait, un nombre.",
        "Chiffres     « 36 » (Rapport A, ligne 52)",
        "Calcul       36 contre 32, écart 4",
        "Référent     aucun référent désigné",
        "Constatée    le 01/03/2026",
        "Indicateur   Projets de CPTS (cpts_projets)",
        "Territoire   Nouvelle-Aquitaine (75)",
        "Conséquence  Aucune valeur retenue tant que ce n’est pas tranché, entre 32 et 36 (Projets de CPTS,",
        "             Objectif suivi : Projets de CPTS, Nouvelle-Aquitaine, échéance 31/12/2022.",
        "Dérogation   jusqu’au 01/09/2026 : connu",
        "Tranchée     01/03/2026, Ada : valeur retenue (a#1). Édition corrigée.",
        "Même cause   aa02 Projets de CPTS : [red]\\u001b[31m ; écart de 4.",
        "             01/03/2026, sous dérogation par Ada : vu",
        "À faire      1. Rien à faire avant la fin de la dérogation.",
        "             2. Pour y mettre fin plus tôt : « barometre findings reopen ab03 --why … ».",
    ):
        assert expected in lines
    assert max(map(len, lines)) <= 110
    assert not {"\u001b", "\u202e"} & set(card)


@pytest.mark.parametrize(
    ("ownership", "said"),
    [
        (None, "Référent     Élise Durand"),
        ({"steward": "Anne", "by": "default"}, "Référent     Élise Durand"),
        ({"steward": "Élise Durand", "by": "report", "code": "a"}, "Référent     Élise Durand (pour le rapport a)"),
        (
            {"steward": "Élise Durand", "by": "default", "code": None},
            "Référent     Élise Durand (référent par défaut : personne d’autre n’en est désigné responsable)",
        ),
    ],
)
def test_a_card_says_whose_it_is_and_why(
    snapshot: duckdb.DuckDBPyConnection, ownership: dict[str, str | None] | None, said: str
) -> None:
    evidence = json.dumps(EVIDENCE | ({"ownership": ownership} if ownership else {}))
    snapshot.execute("UPDATE quality.finding SET evidence = ? WHERE finding_id = 'aa02'", [evidence])
    card = finding_card(show_finding(snapshot, "aa02"))
    assert said in [line.replace("\u202f", " ").replace("\u00a0", " ") for line in card.splitlines()]


def test_every_kind_of_owner_has_its_word() -> None:
    from stewardship.stewards import KINDS

    assert set(_OWNED_FR) == set(KINDS)


def test_a_card_does_without_what_is_missing(snapshot: duckdb.DuckDBPyConnection) -> None:
    snapshot.execute("DELETE FROM quality.rule")
    card = finding_card(show_finding(snapshot, "ab05"))
    assert "Chiffres" not in card
    assert "Dérogation" not in card
    assert "Règle        (C40)" in card


def test_table_shows_texts_as_they_are(snapshot: duckdb.DuckDBPyConnection) -> None:
    stream = io.StringIO()
    Console(file=stream, width=120).print(findings_table(list_findings(snapshot)))
    shown = stream.getvalue()
    assert "[red]\\u001b[31m" in shown
    assert "\u001b" not in shown
    assert "4 incohérences\u202f: 2 erreurs, 1 avertissement et 1 information" in shown


def test_summary_of_nothing() -> None:
    assert summary_fr([]) == "Aucune incohérence."


def test_every_status_has_its_word() -> None:
    assert set(STATUS_FR) == set(STATUSES)
