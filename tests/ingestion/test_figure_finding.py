"""Candidate figures with unit, sign and hedge, and why a numeral is none."""

from __future__ import annotations

import csv
import time
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.extraction_figures import Counts, measure
from ingestion.documents.model import Document
from ingestion.documents.plain_text import read_text
from ingestion.figures.finding import MOST_NUMERALS, NOISE_FR, Found, find_figures
from ingestion.figures.numerals import find_numerals
from ingestion.figures.vocabulary import NOISE_FILE, load_noise
from ingestion.numbers import hedge_class
from ingestion.reference.fragments import ReferenceInvalid
from ingestion.schemas import HEDGES
from warehouse.errors import InputError

CHECKOUT = Path(__file__).resolve().parents[2]
EXTRACTS = CHECKOUT / "ingestion" / "extracts"
REPORTS = ("ms2022-2019", "ms2022-na-2019", "pts-na-2016", "pts2-2015")


def document(text: str) -> Document:
    return read_text(text.encode(), "essai.txt")


def found(text: str) -> list[Found]:
    return find_figures(document(text))


def figures(text: str) -> list[Found]:
    return [candidate for candidate in found(text) if candidate.noise is None]


def only(text: str) -> Found:
    (candidate,) = figures(text)
    return candidate


# --- figures ---------------------------------------------------------------------------------------------------------

FIGURES = [
    # text, printed, value, unit
    ("45 % des médecins libéraux", "45 %", "45", "percent"),
    ("un investissement de 7,6 \nmillions d’€ en 2018", "7,6 millions d’€", "7600000", "eur"),
    ("un plan de 40M€.", "40M€", "40000000", "eur"),
    ("pour un montant de 27,5 M€, en hausse", "27,5 M€", "27500000", "eur"),
    ("il perçoit 1 200 € brut par mois.", "1 200 € brut par mois", "1200", "eur_per_month"),
    ("23,7 millions d’habitants", "23,7 millions", "23700000", "none"),
    ("+ 37 % depuis 2017", "+ 37 %", "37", "percent"),
    ("une baisse (- 18 %) à Pau", "- 18 %", "-18", "percent"),
    ("une baisse de -8 % du nombre", "-8 %", "-8", "percent"),
    ("x 3,5", "x 3,5", "3.5", "multiple"),
    ("a été multiplié par 4 depuis", "multiplié par 4", "4", "multiple"),
    ("leur nombre a doublé", "doublé", "2", "multiple"),
    ("en moins de 30 minutes", "30 minutes", "30", "minutes"),
    ("avec 228 infirmières", "228", "228", "none"),
    ("soit 167 ETP.", "167 ETP", "167", "fte"),
    ("une superficie de 782 km2", "782 km2", "782", "km2"),
    ("une superficie de 782 km²", "782 km²", "782", "km2"),
    ("un local de 450 m² loué", "450", "450", "none"),
    ("une durée de 6 mois¹ en moyenne", "6 mois", "6", "months"),
    ("2,5 millions d’euros sur 3 ans", "2,5 millions d’euros", "2500000", "eur"),
    ("deux postes sur trois ans", "deux", "2", "none"),
    ("un coût de 3 millions² environ", "3 millions", "3000000", "none"),
    ("Morbihan\t- 6 %", "- 6 %", "-6", "percent"),
    ("d’une durée de 2h30, en soirée", "2h30", "2.5", "hours"),
    ("les 2/3 des bénéficiaires", "2/3", str(Decimal(2) / 3), "fraction"),
    ("La moitié des communes", "La moitié", "0.5", "fraction"),
    ("un Français sur quatre renonce", "un Français sur quatre", "0.25", "fraction"),
    ("3 possibilités sur \n4 pour", "3 possibilités sur 4", "0.75", "fraction"),
    ("environ 5.000 habitants", "5.000", "5000", "none"),
    ("98 médecins généralistes pour 100 000 habitants", "98", "98", "per_100000"),
    ("(191 pour 100 000 habitants)", "191 pour 100 000 habitants", "191", "per_100000"),
    ("la 2e région française", "2e", "2", "rank"),
    ("Une vingtaine de recrutements", "Une vingtaine", "20", "none"),
    ("la labellisation d’au moins une maison de santé", "une", "1", "none"),
    ("En outre, un référent a été mis en place dans chaque région.", "un", "1", "none"),
]


@pytest.mark.parametrize(("text", "printed", "value", "unit"), FIGURES)
def test_a_figure_is_found_with_its_unit_and_scale(text: str, printed: str, value: str, unit: str) -> None:
    candidate = only(text)
    assert (candidate.printed, candidate.read.value, candidate.read.unit) == (printed, Decimal(value), unit)


@pytest.mark.parametrize(
    ("text", "printed", "low", "high", "unit"),
    [
        ("une hausse de 15 à 20 % du nombre", "15 à 20 %", 15, 20, "percent"),
        ("pris en charge par deux ou trois maîtres", "deux ou trois", 2, 3, "none"),
        ("la porte d’entrée, avec une proposition de deux \nou trois médecins", "deux ou trois", 2, 3, "none"),
        ("12 à 18 mois d’attente", "12 à 18 mois", 12, 18, "months"),
        ("travaille entre 12 et 15 jours par mois", "entre 12 et 15 jours", 12, 15, "days"),
        ("(12%-13% sur le territoire)", "12%-13%", 12, 13, "percent"),
        ("un délai de 8-10 années", "8-10 années", 8, 10, "years"),
    ],
)
def test_a_range_is_one_figure(text: str, printed: str, low: int, high: int, unit: str) -> None:
    candidate = only(text)
    assert (candidate.printed, candidate.read.low, candidate.read.high) == (printed, low, high)
    assert candidate.read.unit == unit


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("le doublement du nombre de postes (de 80 à 160)", ["doublement", "80", "160"]),
        ("porter la cible de 1 500 \nà 1 700", ["1 500", "1 700"]),
        ("passer de 2% à 4% des dépenses", ["2%", "4%"]),
        ("infirmiers (9,2 / 15,3)", ["9,2", "15,3"]),
        ("228 infirmières (167 ETP)", ["228", "167 ETP"]),
        ("- 50% des médecins \n- 71 pharmaciens", ["50%", "71"]),
        ("1 médecin + 1 assistante", ["1", "1"]),
        ("un taux de 18 % [15,2 ; 22,1]", ["18 %", "15,2", "22,1"]),
    ],
)
def test_two_figures_side_by_side_stay_two(text: str, printed: list[str]) -> None:
    assert [candidate.printed for candidate in figures(text)] == printed


HEDGED = [
    # text, qualifier, class
    ("près de 800 devraient", "près de", "pres_de"),
    ("un peu plus de 12 000 médecins", "un peu plus de", "un_peu_plus_de"),
    ("Plus \nde 1 100 médecins", "Plus de", "plus_de"),
    ("plus d'un quart des projets", "plus d'", "plus_de"),
    ("les zones de + de 15 000 habitants", "+ de", "plus_de"),
    ("en - de 30 minutes", "- de", "moins_de"),
    ("jusqu’à 200 projets", "jusqu’à", "jusqu_a"),
    ("Environ   350 stages", "Environ", "environ"),
    ("presque 36% de la population", "presque", "presque"),
    ("au moins **200 postes", "au moins", "au_moins"),
    ("près des deux tiers", "près des", "pres_de"),
    ("près de la moitié", "près de", "pres_de"),
    ("de l’ordre de 20 %", "de l’ordre de", "environ"),
    ("autour de 10% des patients", "autour de", "environ"),
    ("entre 18 et 25 mois", "entre", "entre"),
    ("a plus que triplé", "plus que", "plus_de"),
    ("une part > 40 %", ">", "plus_de"),
    ("une part &gt; 40 %", "&gt;", "plus_de"),
    ("100 postes au minimum", "au minimum", "au_moins"),
    ("une quarantaine d’étudiants", None, "approximatif"),
    ("45 % des médecins", None, None),
    ("bâti autour de 2 axes", None, None),
    ("il n’y en a plus que 102", None, None),
    ("> 9 régions pilotes", None, None),
]


@pytest.mark.parametrize(("text", "qualifier", "code"), HEDGED)
def test_the_hedge_beside_a_figure_is_classed(text: str, qualifier: str | None, code: str | None) -> None:
    candidate = only(text)
    assert (candidate.qualifier, candidate.hedge) == (qualifier, code)
    if candidate.hedge_span:
        printed = text[candidate.hedge_span.start : candidate.hedge_span.end]
        assert hedge_class(printed) == code
        assert code in HEDGES


def test_more_than_4000_is_a_hedge_and_no_growth() -> None:
    candidate = only("+ de 4 000 étudiants")
    assert (candidate.read.sign, candidate.read.value, candidate.hedge) == ("", 4000, "plus_de")


# --- noise -----------------------------------------------------------------------------------------------------------

NOISE = [
    # text, reasons of its numerals
    ("le 26 novembre 2015 à Dijon", ["date", "date"]),
    ("le 1^{er} janvier 2018", ["date", "date"]),
    ("les 7, 8 et 9 novembre", ["date"] * 3),
    ("Marans 21/11/2022 18h00 à 20h30", ["date"] * 3 + ["time_of_day"] * 4),
    ("la réunion prévue le 16/12 prochain", ["date", "date"]),
    ("Depuis 2012, nous agissons", ["date"]),
    ("la saison 2018-2019 et la rentrée 2019/20", ["date"] * 4),
    ("la loi de finances pour 2019 a généralisé", ["date"]),
    ("2013\n\n2014", ["date", "date"]),
    ("Jeudi 10", ["date"]),
    ("Vannes, le jeudi 12 octobre 2023 – 10h30", ["date"] * 2 + ["time_of_day"] * 2),
    ("La LFSS 2018 permet d’y déroger", ["date"]),
    ("entre 19h et 20h en semaine", ["time_of_day"] * 2),
    ("le samedi matin entre 8h et 12h.", ["time_of_day"] * 2),
    ("horaires : 19H-22H", ["time_of_day"] * 2),
    ("accessible 24h/24 et 7j/7", ["availability"] * 4),
    ("CONTACT : 05 47 47 31 45", ["phone"] * 5),
    ("Tél : +33 5 57 01 44 00", ["phone"] * 6),
    ("Renseignements au 36 46, sans surcoût", ["phone"] * 2),
    ("ars75-contact@ars.sante.fr", ["url"]),
    ("http://www.paps.sante.fr/Accueil.520.0.html", ["url"]),
    ("103 bis rue Belleville - CS 91704", ["address", "address"]),
    ("26-50 avenue du Port", ["address"] * 2),
    ("\n33063 Bordeaux cedex", ["postcode"]),
    ("l’article 51 de la loi", ["law_article"]),
    ("les articles L. 1434-4 et 5", ["law_article"] * 3),
    ("la loi n° 2019-774", ["law_article"] * 2),
    ("Engagement 1 : développer", ["heading_number"]),
    ("AXE 2", ["heading_number"]),
    ("Séquences 3 et 4 : mobiliser", ["heading_number"] * 2),
    ("2.10.4 Parthenay", ["heading_number"]),
    ("1.2 Thématique", ["heading_number"]),
    ("2  S y n t h è s e s", ["heading_number"]),
    ("1. Revoir l’organisation", ["list_number"]),
    ("2-Le médecin ne pourra", ["list_number"]),
    ("16 - Charente", ["list_number"]),
    ("(voir page 16)", ["page_reference"]),
    ("L’exercice coordonné ........... 12\n", ["page_reference"]),
    ("Tableau A.1 – Effectifs", ["reference"]),
    ("pages 3 à 5", ["page_reference"] * 2),
    ("la mesure 16 du rapport", ["reference"]),
    ("Ma santé 2022", ["programme_name"]),
    ("LE PACTE TERRITOIRE SANTE 1", ["programme_name"]),
    ("le dispositif « 400 médecins » issu", ["programme_name"]),
    ("la T2A et le CM2", ["code"] * 2),
    ("l’accueil des malades du Covid-19", ["code"]),
    ("au secteur 1", ["class_number"]),
    ("selon l’étude [2], puis d’autres [3,4]", ["reference"] * 2),
    ("ISSN : 1292-8186", ["reference"] * 2),
    ("1) d’abord 2) ensuite", ["list_number"] * 2),
    ("Les urgences (15)", ["emergency_number"]),
    ("Page 12 sur 45", ["page_reference"] * 2),
    ("Parthenay (79)", ["department_code"]),
    ("sur le 47 comme ailleurs", ["department_code"]),
    ("une enquête de la CPAM 23, menée en mai", ["department_code"]),
    ("un patient appelle le 15 après", ["emergency_number"]),
    ("Plateforme 15/18", ["emergency_number"] * 2),
    ("en 2ème et 3ème cycles", ["ordinal_of_study"] * 2),
    ("une formation (Bac + 5)", ["ordinal_of_study"]),
    ("en 1er recours", ["ordinal"]),
    ("les médecins de plus de 55 ans", ["age_threshold"]),
    ("chez les moins de 30 ans¹.", ["age_threshold"]),
    ("les 75 ans et plus", ["age_threshold"]),
    ("des adultes de 45 à 59 ans", ["age_threshold"] * 2),
    ("champ : 18-64 ans", ["age_threshold"] * 2),
    ("un médecin qui a plus de 60 ans", ["age_threshold"]),
    ("des patients handicapés de plus de 20 ans", ["age_threshold"]),
    ("créé il y a 10 ans", ["relative_date"]),
    ("d’ici 5 à 7 ans", ["relative_date"] * 2),
    ("ces 20 dernières années", ["relative_date"]),
    ("Elle se décline en 2 volets", ["announced"]),
    ("Zoom sur 3 initiatives", ["announced"]),
    ("sur les deux sites", ["anaphora"]),
    ("ces 3 dispositifs", ["anaphora"]),
    ("1" * 40, ["unreadable"]),
]


@pytest.mark.parametrize(("text", "reasons"), NOISE)
def test_a_numeral_that_is_no_figure_is_dismissed_with_its_reason(text: str, reasons: list[str]) -> None:
    assert [candidate.noise for candidate in found(text)] == reasons


@pytest.mark.parametrize(
    "text",
    [
        "2000 habitants",
        "1 927 places",
        "du lundi au vendredi, au 36 rendez-vous",
        "la durée de 24h",
        "rendez-vous dans les 24h suivant",
        "0,5 % à 1 % des patients",
        "une révision tous les 3 ans",
        "une durée de plus de 3 ans",
        "mise en œuvre : 8-10 ans",
        "131 places",
        "168 \nMaisons de santé",
        "500\n\nle nombre de territoires",
        "une hausse de 2 points",
        "2 axes",
        "15 % des patients",
        "36 généralistes",
        "l’une des deux sous-préfectures",
    ],
)
def test_what_looks_like_noise_but_counts_is_kept(text: str) -> None:
    assert [candidate.noise for candidate in found(text)] == [None]


def test_page_numbers_are_known_by_their_growth() -> None:
    pages = "".join(f"{'Texte de la page. ' * 60}\n\n{number}\n\nTitre de la page\n" for number in (1, 2, 3))
    assert [candidate.noise for candidate in found(pages)] == ["page_number"] * 3
    table = "".join(
        f"{'Libellé de la ligne. ' * 60}\n\n{number}\n\nLibellé de la suivante\n" for number in (32, 7, 1, 4, 2)
    )
    assert [candidate.noise for candidate in found(table)] == [None] * 5


def test_two_glued_page_numbers_are_one_numeral_and_no_year() -> None:
    assert [(c.printed, c.noise) for c in found("Fin du texte\n\n1716\n ILLUSTRATION\n")] == [("1716", "page_number")]


def test_running_lines_are_known_by_their_growth() -> None:
    pages = "".join(f"{'Texte de la page. ' * 60}\nSynthèse des ateliers {number}\n" for number in range(12, 20))
    assert {candidate.noise for candidate in found(pages)} == {"header_footer"}
    counts = "".join(f"{'Texte du thème. ' * 60}\nDévelopper les stages {number}\n" for number in (12, 3, 25, 4, 9, 2))
    assert {candidate.noise for candidate in found(counts)} == {None}


def test_every_reason_is_said_in_french() -> None:
    said = {reason for _, reasons in NOISE for reason in reasons} | {"page_number", "header_footer", "rate_base"}
    assert said == set(NOISE_FR)


# --- every text ------------------------------------------------------------------------------------------------------

PIECES = (
    *("1", "2 000", "2015", "3,5", "18h30", "15", "(33)", "« 4 »", "deux", "une vingtaine", "%", "€", "h", "ans", "er"),
    *("un peu plus de", "moins que", "plus que", "près des", "jusqu’à", "ne dépassent pas", "&gt;", "><", "autour de"),
    *("5.000", "999.999 milliards", "12 %-13 %", "x", "multiplié par", "au moins une", "un seul"),
    *("à", "de", "et", "entre", "sur", "/", "-", "+", "x", "plus de", "environ", "page", "le", "mai", "médecins", "\n"),
)
TEXTS = st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join)


@given(TEXTS)
def test_each_numeral_belongs_to_exactly_one_candidate(text: str) -> None:
    if not text.strip():
        return
    candidates = found(text)
    assert all(earlier.end <= later.start for earlier, later in pairwise(candidates))
    for numeral in find_numerals(text):
        holders = [c for c in candidates if c.start <= numeral.start and numeral.end <= c.end]
        assert len(holders) == 1
    assert all(c.noise is None or c.noise in NOISE_FR for c in candidates)


HOSTILE = [
    "1 ",
    "1\n",
    "x 3 ",
    "+ 3 % ",
    "3 sur 4 ",
    "1/2 ",
    "1 à 2 ",
    "entre 1 et ",
    "18h30 ",
    "10 ans ",
    "« 1 ",
    "un a ",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hostile_text_takes_linear_time(piece: str) -> None:
    text = piece * 1_000
    start = time.process_time()
    found(text)
    assert time.process_time() - start < 3


def test_more_numbers_than_any_report_are_refused() -> None:
    with pytest.raises(InputError, match="100000 nombres"):
        found("1 " * (MOST_NUMERALS + 1))


# --- vocabulary ------------------------------------------------------------------------------------------------------


def test_an_unknown_key_of_the_vocabulary_is_refused_with_its_path(tmp_path: Path) -> None:
    file = tmp_path / "noise.yml"
    file.write_text(NOISE_FILE.read_text(encoding="utf-8") + "monthes: [janvier]\n", encoding="utf-8")
    with pytest.raises(ReferenceInvalid, match=r"noise\.yml:\d+: monthes"):
        load_noise(file)


def test_capitals_may_lack_their_accents_and_spaces_may_be_any() -> None:
    assert [c.noise for c in found("MA SANTE\u00a02022")] == ["programme_name"]


# --- reports ---------------------------------------------------------------------------------------------------------


def rows(report_id: str, name: str) -> list[dict[str, str]]:
    with (EXTRACTS / report_id / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def report(documents: Path, name: str) -> Document:
    file = next((documents / "reports").glob(f"{name}_*.txt"))
    return read_text(file.read_bytes(), file.name)


NAMES = {"ms2022-2019": "002", "ms2022-na-2019": "000", "pts-na-2016": "004", "pts2-2015": "001"}


def test_figures_are_found_with_the_recall_and_precision_aimed_at(documents: Path) -> None:
    measured = {
        report_id: measure(report(documents, NAMES[report_id]), rows(report_id, "figures"), rows(report_id, "ledger"))
        for report_id in REPORTS
    }
    together = sum(measured.values(), Counts())
    assert together.recall >= 0.99, measured
    assert together.precision >= 0.97, measured
    assert all(counts.recall >= 0.98 and counts.precision >= 0.96 for counts in measured.values()), measured


def test_every_count_of_the_synthesis_is_found(documents: Path) -> None:
    counts = rows("cnr-na-2022", "counts")
    places = [(int(row["char_start"]), int(row["char_end"])) for row in counts if row["char_start"]]
    candidates = find_figures(report(documents, "003"))
    kept = {place for c in candidates if c.noise is None for place in range(c.start, c.end)}
    assert sum(start in kept for start, _ in places) / len(places) >= 0.99
