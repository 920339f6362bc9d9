"""Places of other reports, and the country by its bare name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from extraction_samples import REGIONAL, proposals, write_reference

from ingestion.extraction.lexicon import Lexicon, load_lexicon
from ingestion.extraction.reading import About

DECLARED = """territory_key,name,printed_name,parent_territory_key,commune_territory_key
place:brest-et-son-port,Brest et son port,Brest,department:29,
place:pays-bigouden,Pays bigouden,Pays bigouden,department:29,
"""


@pytest.fixture(scope="module")
def lexicon(tmp_path_factory: pytest.TempPathFactory) -> Lexicon:
    folder = write_reference(tmp_path_factory.mktemp("reference"))
    (folder / "places" / "bilan-bus.csv").write_text(DECLARED, encoding="utf-8")
    names = folder / "lexicon" / "places.yml"
    bare = '  - {name: France, territory: "country:FR", source: test}\n'
    names.write_text(names.read_text(encoding="utf-8") + bare, encoding="utf-8")
    return load_lexicon(folder)


OTHER = About("autre", REGIONAL.scope_territory_key, REGIONAL.published_on, REGIONAL.published_period)


def test_a_place_of_another_report_gives_way_to_the_commune_of_its_name(lexicon: Lexicon) -> None:
    text = "On compte 24 bus de santé à Brest."
    assert proposals(text, lexicon)["24"].territory_key == "place:brest-et-son-port"
    assert proposals(text, lexicon, OTHER)["24"].territory_key == "commune:29019"


def test_a_place_of_another_report_that_is_no_commune_is_kept(lexicon: Lexicon) -> None:
    text = "On compte 24 bus de santé au Pays bigouden."
    assert proposals(text, lexicon, OTHER)["24"].territory_key == "place:pays-bigouden"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("En Bretagne, 80 % des bus de santé sont ruraux (France : 60 %).", "country:FR"),
        ("Santé publique France compte 60 % des bus de santé en zone rurale.", "region:53"),
    ],
)
def test_the_country_is_known_by_its_bare_name_but_not_in_that_of_a_body(text: str, key: str, lexicon: Lexicon) -> None:
    assert proposals(text, lexicon)["60 %"].territory_key == key


def test_a_figure_that_names_no_place_is_of_the_chapter_that_it_stands_in(lexicon: Lexicon) -> None:
    text = "Bilan\n\nOn compte 24 bus de santé.\n\nFinistère\n\nOn compte 18 bus de santé, 7 bus de santé à Brest.\n"
    about = replace(OTHER, chapters=((text.index("Finistère"), "department:29"),))
    placed = {printed: proposal.territory_key for printed, proposal in proposals(text, lexicon, about).items()}
    assert placed == {"24": "region:53", "18": "department:29", "7": "commune:29019"}
