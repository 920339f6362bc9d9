"""What a report says of itself on its cover: its territory, its date, its title."""

from __future__ import annotations

import pytest
from extraction_samples import document_of, load_sample

from ingestion.extraction.describe import describe
from ingestion.extraction.lexicon import Lexicon


@pytest.fixture(scope="module")
def lexicon(tmp_path_factory: pytest.TempPathFactory) -> Lexicon:
    return load_sample(tmp_path_factory.mktemp("reference"))


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("Bilan des bus de santé en Bretagne\n\nComme en Corse, en Corse et en Corse, ils roulent.\n", "region:53"),
        ("Bilan des bus de santé du Finistère\n\nLes bus roulent.\n", "department:29"),
        ("Bilan des bus de santé de Brest\n\nFinancés par l’ARS Bretagne, ils roulent.\n", "region:53"),
        ("Bilan des bus de santé en Bretagne et en Corse\n\nLes bus roulent.\n", "country:FR"),
    ],
)
def test_the_territory_is_that_of_the_title_or_of_the_publisher(text: str, scope: str, lexicon: Lexicon) -> None:
    assert describe(document_of(text), "bilan.txt", lexicon)[0].scope_territory_key == scope


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("Bilan des bus\n\nOctobre 2022\n\nAu 1er janvier 2021, 24 bus roulent.\n", "2022-10"),
        ("Bilan des bus\n\nRennes, le jeudi 12 octobre 2023\n\nLe 3 mars 2021, un bus.\n", "2023-10-12"),
        ("Bilan des bus\n\nBrest, mai 2022\n\nEntre le 3 mai 2021 et le 5 mai 2021, ils ont roulé.\n", "2022-05"),
        ("Bilan des bus\n\nRéunion du 3 mai 2021\n\nMis à jour le 5 juin 2021.\n", "2021-06-05"),
    ],
)
def test_a_date_that_something_else_holds_is_not_the_documents(text: str, period: str, lexicon: Lexicon) -> None:
    assert describe(document_of(text), "bilan.txt", lexicon)[0].published_period == period


def test_the_title_of_a_table_names_no_report(lexicon: Lexicon) -> None:
    text = (
        "Tableau 1 – Effectifs\n\nLes bus de santé, chiffres clés\nSource : conseil régional, service des transports\n"
    )
    assert describe(document_of(text), "annexe.txt", lexicon)[1]["title"] == "annexe"
    text = "Tableau 1 – Effectifs\n\nOffre de soins mobile\nà jour du printemps\n\nLes bus roulent.\n"
    assert describe(document_of(text), "annexe.txt", lexicon)[1]["title"] == "Offre de soins mobile à jour du printemps"


def test_in_the_report_of_a_department_the_region_is_another_place(lexicon: Lexicon) -> None:
    from extraction_samples import proposals

    about, _ = describe(document_of("Bilan des bus de santé du Finistère\n"), "bilan.txt", lexicon)
    found = proposals("On compte 24 bus de santé.", lexicon, about)
    assert found["24"].territory_key == "department:29"
