"""One rule at a time, on invented sentences about buses of care in Brittany."""

from __future__ import annotations

from decimal import Decimal

import pytest
from extraction_samples import NATIONAL, REGIONAL, load_sample, proposals

from ingestion.extraction.lexicon import Lexicon
from ingestion.extraction.propose import Proposal
from ingestion.extraction.reading import About


@pytest.fixture(scope="module")
def lexicon(tmp_path_factory: pytest.TempPathFactory) -> Lexicon:
    return load_sample(tmp_path_factory.mktemp("reference"))


def said(text: str, printed: str, lexicon: Lexicon, about: About = REGIONAL) -> Proposal:
    return proposals(text, lexicon, about)[printed]


# --- Indicator ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "printed", "code"),
    [
        ("La Bretagne compte 24 bus de santé en service.", "24", "bus_en_service"),
        ("La Bretagne compte 24 BDS en service.", "24", "bus_en_service"),
        ("Les 12 infirmières des bus de santé sont salariées.", "12", "bus_infirmiers"),
        ("Les bus de santé ont assuré 3 400 consultations.", "3 400", "bus_consultations"),
        ("80 % des bus de santé roulent en zone rurale.", "80 %", "bus_part_rural"),
        ("Le nombre de bus de santé est en hausse de 50 %.", "50 %", "bus_croissance"),
        ("On compte 24 véhicules de santé en service.", "24", "bus_en_service"),
    ],
)
def test_the_indicator_is_the_one_whose_words_stand_nearest(
    text: str, printed: str, code: str, lexicon: Lexicon
) -> None:
    assert said(text, printed, lexicon).indicator_code == code


def test_two_units_of_one_thing_are_two_indicators(lexicon: Lexicon) -> None:
    found = proposals("Les bus de santé emploient 12 infirmières (9 ETP).", lexicon)
    codes = [proposal.indicator_code for proposal in found.values()]
    assert codes == ["bus_infirmiers", "bus_infirmiers_etp"]


def test_a_number_without_words_goes_on_with_the_one_before(lexicon: Lexicon) -> None:
    found = proposals("On compte 24 bus de santé en service (9 à Rennes et 15 à Brest).", lexicon)
    assert [p.indicator_code for p in found.values()] == ["bus_en_service"] * 3


def test_a_growth_is_the_growth_of_the_level_before(lexicon: Lexicon) -> None:
    found = proposals("24 bus de santé en service\n\n+ 27 % depuis 2017\n", lexicon)
    assert found["+ 27 %"].indicator_code == "bus_croissance"


def test_the_label_may_stand_below_or_above_the_number(lexicon: Lexicon) -> None:
    found = proposals("24\n\nbus de santé en service\n\nPart des bus de santé en zone rurale\n\n80 %\n", lexicon)
    assert (found["24"].indicator_code, found["80 %"].indicator_code) == ("bus_en_service", "bus_part_rural")


def test_a_percentage_is_never_a_count_nor_money_a_share(lexicon: Lexicon) -> None:
    units = {"80 %": "percent", "3 millions d’euros": "eur", "24": "count"}
    for printed, unit in units.items():
        assert said(f"Les bus de santé : {printed}.", printed, lexicon).unit == unit


def test_nothing_is_proposed_where_no_word_is_known(lexicon: Lexicon) -> None:
    proposal = said("Il a couru 42 tours de piste.", "42", lexicon)
    assert (proposal.indicator_code, proposal.value, proposal.score) == (None, None, 0.0)


def test_the_value_is_in_the_unit_of_the_indicator(lexicon: Lexicon) -> None:
    assert said("Les bus de santé ont reçu 7,6 millions d’€.", "7,6 millions d’€", lexicon).value == Decimal(7600000)
    assert said("Les trois quarts des bus de santé sont en zone rurale.", "trois quarts", lexicon).value == 75


def test_scores_lie_between_0_and_1_and_fall_with_distance(lexicon: Lexicon) -> None:
    near = said("La région compte 24 bus de santé en service.", "24", lexicon)
    far = said("Voici 24. Ailleurs, on parle des bus.", "24", lexicon)
    assert 0 <= far.score < near.score <= 1
    assert set(near.scores) == {"indicator", "territory", "period", "kind"}


# --- Territory ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "printed", "key"),
    [
        ("On compte 24 bus de santé.", "24", "region:53"),
        ("Dans le Finistère, on compte 24 bus de santé.", "24", "department:29"),
        ("Les 24 bus de santé du Morbihan roulent.", "24", "department:56"),
        ("On compte 24 bus de santé à Rennes.", "24", "commune:35238"),
        ("On compte 24 bus de santé au Pays bigouden.", "24", "place:pays-bigouden"),
        ("On compte 240 bus de santé dans toute la France.", "240", "country:FR"),
        ("L’ARS Occitanie nous envie nos 24 bus de santé.", "24", "region:53"),
        ("FINISTÈRE : les bus vont vers les habitants. On compte 24 bus de santé.", "24", "department:29"),
        ("Dans le Finistère, les bus roulent.\n\nOn compte 24 bus de santé.", "24", "department:29"),
        ("Dans le Finistère, les bus roulent.\n\nLES BUS DE SANTÉ\n\nOn compte 24 bus de santé.", "24", "region:53"),
        ("L’ambition : 24 bus de santé dans la région, comme en Corse (9 à Bastia).", "24", "region:53"),
    ],
)
def test_the_territory_is_the_nearest_named_else_the_reports_own(
    text: str, printed: str, key: str, lexicon: Lexicon
) -> None:
    assert said(text, printed, lexicon).territory_key == key


def test_each_number_of_a_row_has_its_own_place(lexicon: Lexicon) -> None:
    found = proposals("On compte 24 bus de santé (9 à Rennes et 15 à Brest).", lexicon)
    assert [p.territory_key for p in found.values()] == ["region:53", "commune:35238", "commune:29019"]


def test_a_commitment_of_a_national_programme_is_of_the_country(lexicon: Lexicon) -> None:
    text = "Engagement 3 : développer les bus de santé\n\nUn objectif de 240 bus de santé d’ici 2022\n"
    assert said(text, "240", lexicon).territory_key == "country:FR"
    assert said(text.replace("bus de santé d’ici", "bus de santé en Bretagne d’ici"), "240", lexicon).territory_key == (
        "region:53"
    )


def test_a_former_region_keeps_its_key(lexicon: Lexicon) -> None:
    assert said("On compte 24 bus de santé en Picardie.", "24", lexicon, NATIONAL).territory_key == "former_region:22"


def test_a_common_noun_is_no_place(lexicon: Lexicon) -> None:
    text = "Lors d’une réunion, on a compté 24 bus de santé dans les landes."
    assert said(text, "24", lexicon, NATIONAL).territory_key == "country:FR"


# --- Period ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "printed", "period", "explicit"),
    [
        ("On compte 24 bus de santé.", "24", "2019-09", False),
        ("À ce jour, on compte 24 bus de santé.", "24", "2019-09", False),
        ("Au 1er janvier 2018, on compte 24 bus de santé.", "24", "2018-01-01", True),
        ("Fin 2018, 24 bus de santé roulent.", "24", "end:2018", True),
        ("En 2017, on comptait 12 bus de santé : en 2018, ils sont 24.", "24", "2018", True),
        ("En 2017, on comptait 12 bus de santé : en 2018, ils sont 24.", "12", "2017", True),
        ("On compte 24 bus de santé en 2018 (contre 12 en 2017).", "12", "2017", True),
        ("On compte 24 bus de santé, contre 12 en 2017.", "24", "2019-09", False),
        ("Un objectif de 240 bus de santé d’ici 2022.", "240", "by:2022", True),
        ("L’objectif est de 240 bus de santé.", "240", "not_stated", False),
        ("Depuis 2010, les 24 bus de santé roulent.", "24", "2019-09", False),
        ("Depuis le début du quinquennat, 24 consultations des bus de santé.", "24", "since:2017-05", True),
        ("Un objectif de 240 bus de santé d’ici la fin du quinquennat.", "240", "by:2022-05", True),
        ("2 bus de santé ouverts en 2017 ; 3 bus de santé en travaux", "3", "2019-09", False),
    ],
)
def test_the_period_is_the_nearest_printed_else_the_reports_own(
    text: str, printed: str, period: str, explicit: bool, lexicon: Lexicon
) -> None:
    proposal = said(text, printed, lexicon)
    assert (proposal.period, proposal.date_is_explicit) == (period, explicit)


def test_a_chart_pairs_its_years_and_its_values_in_their_order(lexicon: Lexicon) -> None:
    text = "LES BUS DE SANTÉ EN SERVICE\n\n2013\n\n50\n\n2014 2015\n\n80\n125\n\nobjectif 2022\n\n170\n"
    found = proposals(text, lexicon)
    assert [(p.period, p.kind) for p in found.values()] == [
        ("2013", "actual"),
        ("2014", "actual"),
        ("2015", "actual"),
        ("by:2022", "target"),
    ]
    assert {p.exhibit_kind for p in found.values()} == {"chart"}


@pytest.mark.parametrize(
    ("text", "base", "period"),
    [
        ("Les bus de santé : + 27 % depuis 2017.", "2017", "2019-09"),
        ("Le nombre de bus de santé est en hausse de 12 % par rapport à 2018.", "2018", "2019-09"),
        ("Une hausse de 27 % des bus de santé entre décembre 2017 et avril 2018.", "2017-12", "2018-04"),
    ],
)
def test_a_growth_has_its_base(text: str, base: str, period: str, lexicon: Lexicon) -> None:
    (proposal,) = [p for p in proposals(text, lexicon).values() if p.kind == "growth"]
    assert (proposal.base_period, proposal.period) == (base, period)


# --- Capacity -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "printed", "kind", "value_form", "obs_status"),
    [
        ("On compte 24 bus de santé.", "24", "actual", "level", "observed"),
        ("240 bus de santé seront mis en service.", "240", "target", "level", "target"),
        ("Le plan permet la création de 240 bus de santé.", "240", "target", "level", "target"),
        (" ► Installation de 240 bus de santé\n", "240", "target", "level", "target"),
        ("Près de 80 bus de santé devraient rouler fin 2019.", "80", "estimate", "level", "forecast"),
        ("100 infirmiers supplémentaires dans les bus de santé.", "100", "actual", "increment", "observed"),
        ("80 % des bus de santé roulent en zone rurale.", "80 %", "share", "share", "observed"),
        ("Les bus de santé : + 27 %.", "+ 27 %", "growth", "growth", "observed"),
        ("Le nombre de bus de santé a doublé.", "doublé", "growth", "multiple", "observed"),
        ("Doubler le nombre de bus de santé.", "Doubler", "target", "multiple", "target"),
        ("Les bus de santé ont reçu 3 millions d’euros.", "3 millions d’euros", "amount", "level", "observed"),
        (
            "Les conducteurs de bus ont une indemnité de 300 € par mois.",
            "300 € par mois",
            "amount",
            "parameter",
            "rule",
        ),
        ("Un bus de santé arrive en moins de 30 minutes.", "30 minutes", "target", "threshold", "target"),
    ],
)
def test_the_capacity_is_told_by_the_print_and_the_words(
    text: str, printed: str, kind: str, value_form: str, obs_status: str, lexicon: Lexicon
) -> None:
    proposal = said(text, printed, lexicon)
    assert (proposal.kind, proposal.value_form, proposal.obs_status) == (kind, value_form, obs_status)


def test_plus_de_is_no_growth(lexicon: Lexicon) -> None:
    proposal = said("+ de 240 bus de santé roulent.", "240", lexicon)
    assert (proposal.kind, proposal.found.hedge) == ("actual", "plus_de")


def test_a_share_of_a_whole_is_no_growth_though_growth_is_spoken_of(lexicon: Lexicon) -> None:
    text = "Une progression nette : 80 % des bus de santé roulent en zone rurale."
    assert said(text, "80 %", lexicon).kind == "share"
