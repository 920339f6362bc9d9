"""What the rules must say of the five reports: true contradictions told once, and no word where figures agree."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from command_line import Command

from stewardship.findings import finding_card, list_findings, show_finding


@pytest.fixture(scope="module")
def published(barometre: Command) -> Iterator[duckdb.DuckDBPyConnection]:
    """The first file published, from the extracts of the repository alone: other tests of the home go on from there."""
    with duckdb.connect(str(barometre.first_snapshot), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def verdicts(published: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Every verdict, those that held included."""
    rows = published.execute("SELECT rule_code, verdict, severity, observation_ids, evidence FROM quality.verdict")
    names = [column[0] for column in rows.description or ()]
    listed = [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
    return [row | {"evidence": json.loads(row["evidence"])} for row in listed]


def judged(verdicts: list[dict[str, Any]], rule: str, *observations: str) -> list[dict[str, Any]]:
    """The verdicts of a rule that name all these observations."""
    return [row for row in verdicts if row["rule_code"] == rule and set(observations) <= set(row["observation_ids"])]


AGREEMENTS = {
    "1 325 + 500 = 1 825": ("part_total", "pts2-2015#cesp-ptmg", "pts2-2015#cesp-2015", "pts2-2015#ptmg-2015-10"),
    "2 400 + 1 100 + 3 200 = 6 700": (
        "part_total",
        "ms2022-2019#aides-total",
        "ms2022-2019#aides-conventionnelles",
        "ms2022-2019#aides-etat",
        "ms2022-2019#cesp-beneficiaires",
    ),
    "11 + 15 + 109 = 135": (
        "part_total",
        "ms2022-na-2019#centres-sante",
        "ms2022-na-2019#centres-sante-polyvalents",
        "ms2022-na-2019#centres-sante-medicaux",
        "ms2022-na-2019#centres-sante-specialises",
    ),
    "36 + 6 = 42": (
        "part_total",
        "ms2022-na-2019#pass",
        "ms2022-na-2019#pass-generalistes",
        "ms2022-na-2019#pass-specialisees",
    ),
    "30 + 15 = 45": (
        "part_total",
        "ms2022-na-2019#ipa-places",
        "ms2022-na-2019#ipa-places-bordeaux",
        "ms2022-na-2019#ipa-places-limoges",
    ),
}


@pytest.mark.parametrize("sum_", AGREEMENTS)
def test_figures_that_agree_raise_nothing(verdicts: list[dict[str, Any]], sum_: str) -> None:
    found = judged(verdicts, *AGREEMENTS[sum_])
    assert [row["verdict"] for row in found] == ["held"]
    arithmetic = found[0]["evidence"]["arithmetic"]
    assert arithmetic["computed"] == arithmetic["printed"]


def test_the_multiple_of_msp_fits_600_and_neither_730_nor_800(verdicts: list[dict[str, Any]]) -> None:
    [multiple] = judged(verdicts, "growth_levels", "pts2-2015#msp-multiple")
    levels = {f["printed"] for f in multiple["evidence"]["figures"] if f["role"] != "growth"}
    assert (multiple["verdict"], levels) == ("explained", {"174", "600"})


def test_a_growth_rounded_to_five_is_information_only(verdicts: list[dict[str, Any]]) -> None:
    [growth] = judged(verdicts, "growth_levels", "pts2-2015#cesp-croissance")
    assert (growth["verdict"], growth["severity"]) == ("explained", "info")
    assert round(growth["evidence"]["arithmetic"]["computed"], 1) == 273.2


def test_a_forecast_is_held_against_the_pace_observed_and_contradicts_no_count(verdicts: list[dict[str, Any]]) -> None:
    """730 in November, at 12 a month, make no 800 by the end of the year."""
    paces = judged(verdicts, "forecast_pace", "pts2-2015#msp-2014", "pts2-2015#msp-2015-11")
    doubted = [row for row in paces if row["verdict"] != "held"]
    assert [(row["verdict"], row["severity"]) for row in doubted] == [("suspicious", "warning")]
    assert {"730", "800"} <= {figure["printed"] for figure in doubted[0]["evidence"]["figures"]}
    for expected in ("pts2-2015#msp-fin-2015", "pts2-2015#msp-2015-estimation"):
        assert judged(verdicts, "contradiction", expected, "pts2-2015#msp-2015-11") == []


FAMILIES = {
    ("asalee_infirmiers", "asalee_infirmiers"): {"228", "167", "367"},
    ("cesp_signes", "cesp_signes"): {"1 325", "1 700", "3 200", "166", "279"},
    ("cesp_signataires_installes", "cesp_signataires_installes"): {"80", "300"},
    ("assistants_medicaux", "structures_assistant_medical"): {"4 000"},
    ("ptmg_ptma_installations", "ptmg_signes"): {"1 000", "500"},
    ("cpts_projets_soutenus", "esp_cpts_projets_soutenus"): {"75", "200"},
    ("cumul_retraite_part", "cumul_retraite_part"): {"10 %"},
    ("telemedecine_investissement", "telemedecine_investissement"): {"40 M€"},
}


def test_what_is_not_comparable_is_asked_once_per_pair_of_concepts(published: duckdb.DuckDBPyConnection) -> None:
    rows = published.execute(
        "SELECT verdict, severity, territory_code, evidence FROM quality.finding WHERE rule_code = 'comparability'"
    ).fetchall()
    printed = [{figure["printed"] for figure in json.loads(evidence)["figures"]} for *_, evidence in rows]
    assert {row[:3] for row in rows} == {("not_comparable", "info", None)}
    assert len(rows) == len(FAMILIES)
    for figures in FAMILIES.values():
        assert [told for told in printed if figures <= told], figures


def test_the_local_health_contracts_are_one_case_with_one_explanation(published: duckdb.DuckDBPyConnection) -> None:
    rows = published.execute(
        "SELECT case_id, evidence FROM quality.finding WHERE indicator_code LIKE 'cls_%'"
    ).fetchall()
    assert len(rows) == 3
    assert len({case for case, _ in rows}) == 1
    for _, evidence in rows:
        choices = json.loads(evidence)["economy"]["choices"]
        assert [{figure["page"] for figure in choice} for choice in choices] == [{4}, {14}]


def test_the_four_themes_are_one_case(published: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT count(*), count(DISTINCT case_id) FROM quality.finding WHERE rule_code = 'theme_contributions'"
    assert published.execute(query).fetchall() == [(4, 1)]


UNDECIDED = {"cpts_projets": (32, 36), "cls_en_cours": (45, 48), "cls_en_projet": (4, 7)}


@pytest.mark.parametrize("indicator", UNDECIDED)
def test_neither_page_of_a_report_that_contradicts_itself_wins(
    published: duckdb.DuckDBPyConnection, indicator: str
) -> None:
    rows = published.execute(
        "SELECT choice, value, value_low, value_high, source_count FROM marts.fct_indicator_value "
        f"WHERE indicator_key = '{indicator}' AND territory_key = 'region:75'"
    ).fetchall()
    assert rows == [("non_tranche", None, *UNDECIDED[indicator], 1)]


OUTCOMES = {
    # Met the day it was promised; raised in the same report; counted otherwise since; or told by nobody since.
    "ms2022-na-2019#ehpad-objectif-box": ("met_by_deadline", "same", "ms2022-na-2019#ehpad-equipes-box"),
    "pts2-2015#cesp-cible-ancienne": ("moved", "counted_differently", None),
    "pts2-2015#cesp-cible": ("not_verifiable", "counted_differently", None),
    "pts2-2015#ptmg-ptma-cible": ("not_verifiable", "no_actual", None),
    "pts2-2015#esp-cpts-projets": ("not_verifiable", "no_actual", None),
    "pts2-2015#msp-cible": ("not_verifiable", "no_actual", None),
}


@pytest.mark.parametrize("target", OUTCOMES)
def test_promises_are_followed(published: duckdb.DuckDBPyConnection, target: str) -> None:
    rows = published.execute(
        "SELECT outcome, scope_relation, actual_observation_id FROM marts.fct_target_progress "
        f"WHERE target_observation_id = '{target}'"
    ).fetchall()
    assert rows == [OUTCOMES[target]]


def test_the_card_tells_what_to_do_without_a_word_of_sql(published: duckdb.DuckDBPyConnection) -> None:
    [cls] = [row for row in list_findings(published) if row["indicator_code"] == "cls_en_cours"]
    card = " ".join(finding_card(show_finding(published, cls["finding_id"])).replace("\u202f", " ").split())
    for words in (
        "Explications Périmètre : non",
        "Transcription : possible",
        "Piste Explication la plus économique : changer soit",
        "À faire Relire les passages",
        "Même cause",
    ):
        assert words in card
