"""What the rules must say of the five reports: true contradictions told once, and no word where figures agree."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from command_line import Command

from stewardship.economy_sentences import economy_fr
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


#: Every finding of the five reports that no family is asked about: rule, indicator or town, severity, figures told.
EXPECTED = [
    ("contradiction", "cpts_projets", "error", {"36", "32"}),
    ("contradiction", "cls_en_cours", "error", {"45", "48"}),
    ("contradiction", "cls_en_projet", "error", {"7", "4"}),
    ("contradiction", "cls_population_couverte_part", "error", {"61 %", "63 %"}),
    ("contradiction", "population_sans_medecin_traitant_part", "error", {"6,3%", "7,5%"}),
    ("part_total", "cesp_signes_cumul_odontologie_comprise", "error", {"279", "83", "72", "119"}),
    ("cumulative_falls", "ptmg_signes_cumul", "error", {"72", "45"}),
    ("annual_growth", "urgences_passages_croissance", "error", {"+ 28,7%", "2,8%"}),
    ("participants_total", "Bordeaux", "error", {"73", "14", "13", "46", "32", "6"}),
    ("participants_total", "Villeneuve", "error", {"54", "19", "5", "18", "12", "3"}),
    ("participants_total", "Pau", "error", {"95", "6", "17", "51", "21", "5"}),
    ("participants_total", "Nontron", "error", {"105", "73", "18", "6", "7"}),
    ("workshop_statement", "Confolens", "error", {"05/12/2022", "25/11/2022"}),
    ("workshop_statement", "Brueil", "warning", {"33", "32"}),
    ("workshop_statement", "Bergerac", "warning", {"20h30", "20H00"}),
    ("workshop_statement", "Eyzies", "warning", {"20h30", "20H15"}),
    ("workshop_statement", "Périgueux", "warning", {"20h30", "20H00"}),
    ("workshop_without_report", "Châteauneuf", "warning", {"Châteauneuf-La-Forêt"}),
    ("workshops_period", "cnr_ateliers", "warning", {"47", "25/10/2022", "27/10/2022", "28/10/2022"}),
    ("share_of_counts", "medecins_generalistes_densite_10000", "warning", {"123", "376", "315000"}),
    ("share_of_counts", "population_departement_part", "warning", {"19,85%", "70 400"}),
    ("shares_total", "population_departement_part", "info", {"24,7%", "19,85%", "13%", "43%"}),
    ("average_of_parts", "population_ald_part", "warning", {"20,6%", "20%", "22,4%", "20,2%", "24%"}),
    ("population_register", "70 400", "warning", {"70 400"}),
    ("population_register", "24 484", "warning", {"24 484"}),
    ("population_register", "28 000", "warning", {"28 000"}),
    ("forecast_pace", "msp_en_fonctionnement", "warning", {"800", "600", "730"}),
    ("target_already_met", "ehpad_telemedecine_part", "warning", {"60 %"}),
    ("theme_contributions", "cnr_contributions_theme_1", "warning", {"908"}),
    ("theme_contributions", "cnr_contributions_theme_2", "warning", {"345"}),
    ("theme_contributions", "cnr_contributions_theme_3", "warning", {"243"}),
    ("theme_contributions", "cnr_contributions_theme_4", "warning", {"315"}),
    ("copied_value", "Sarlat", "warning", {"7,49%"}),
    ("copied_value", "Dordogne", "warning", {"7,49%"}),
    ("growth_levels", "msp_multiple", "info", {"x 3,5", "174", "600"}),
    ("growth_levels", "cesp_croissance", "info", {"+275%", "355", "1 325"}),
]


@pytest.fixture(scope="module")
def found(published: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    return list_findings(published)


@pytest.mark.parametrize(("rule", "about", "severity", "printed"), EXPECTED, ids=[f"{e[0]}-{e[1]}" for e in EXPECTED])
def test_what_is_expected_is_found_once(
    found: list[dict[str, Any]], rule: str, about: str, severity: str, printed: set[str]
) -> None:
    concerned = [
        row
        for row in found
        if row["rule_code"] == rule
        and (row["indicator_code"] == about or about in row["message_fr"].replace("\u202f", " "))
        and printed <= {str(figure["printed"]) for figure in row["evidence"]["figures"]}
    ]
    assert [row["severity"] for row in concerned] == [severity]


def test_nothing_else_is_found(found: list[dict[str, Any]]) -> None:
    """What agrees, what is printed twice alike, a nation beside its region, a section that is absent: no word."""
    asked_otherwise = ("comparability", "dataset_", "source_")
    assert len([row for row in found if not row["rule_code"].startswith(asked_otherwise)]) == len(EXPECTED)


#: The same digits with other meanings.
HOMONYMS = ("36", "45", "72", "600", "1 000", "4 000", "37 %", "60 %")


@pytest.mark.parametrize("digits", HOMONYMS)
def test_digits_that_mean_other_things_are_not_compared(verdicts: list[dict[str, Any]], digits: str) -> None:
    """No verdict fails because two indicators bear the same digits."""
    alike = [
        {figure["label_fr"] for figure in row["evidence"]["figures"] if figure["printed"] == digits}
        for row in verdicts
        if row["verdict"] in ("impossible", "suspicious", "explained")
    ]
    assert [labels for labels in alike if len(labels) > 1] == []


def test_a_nation_beside_its_region_is_no_contradiction(verdicts: list[dict[str, Any]]) -> None:
    places = [
        {f["territory"] for f in row["evidence"]["figures"]} for row in verdicts if row["rule_code"] == "contradiction"
    ]
    assert [names for names in places if len(names) > 1] == []


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


def test_the_four_themes_are_one_case_and_why_no_figure_explains_it(published: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT count(*), count(DISTINCT case_id) FROM quality.finding WHERE rule_code = 'theme_contributions'"
    assert published.execute(query).fetchall() == [(4, 1)]
    themes = list_findings(published, rule="theme_contributions")
    for theme in themes:
        told = (economy_fr(theme["evidence"]["economy"]) or "").replace("\u202f", " ").replace("\u00a0", " ")
        assert told.startswith("Aucune explication économique : changer quelques-uns des 32 chiffres")
        assert "dépassent tous ce qui est compté (de 21, 38, 24 et 5)" in told


def test_every_finding_of_figures_says_what_would_clear_it(found: list[dict[str, Any]]) -> None:
    asked = [row for row in found if row["verdict"] in ("impossible", "suspicious")]
    figures = [row for row in asked if len(row["evidence"]["figures"]) > 1]
    assert [row["finding_id"] for row in figures if not economy_fr(row["evidence"].get("economy"))] == []
    assert [
        row["finding_id"] for row in figures if "changer suffirait" in str(economy_fr(row["evidence"]["economy"]))
    ] == []


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
        "À faire 1. Relire les passages aux lignes indiquées (fichier ",
        "« barometre review ms2022-na-2019 »",
        "Conséquence Aucune valeur retenue tant que ce n’est pas tranché, entre 45 et 48",
        "Même cause",
    ):
        assert words in card


@pytest.mark.parametrize(
    "word", ["SELECT", r"marts\.", "None", r"\bnull\b", "changer suffirait", "«  »", "Territoire none", r" \?\)"]
)
def test_no_card_speaks_to_programmers(published: duckdb.DuckDBPyConnection, word: str) -> None:
    cards = [finding_card(show_finding(published, row["finding_id"])) for row in list_findings(published)]
    assert [card.splitlines()[0] for card in cards if re.search(word, card)] == []
