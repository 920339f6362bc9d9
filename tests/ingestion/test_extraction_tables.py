"""Tables in a report: a row is of the territory that it begins with, a column of the moment over it."""

from __future__ import annotations

import pytest
from extraction_samples import load_sample, proposals

from ingestion.extraction.lexicon import Lexicon


@pytest.fixture(scope="module")
def lexicon(tmp_path_factory: pytest.TempPathFactory) -> Lexicon:
    return load_sample(tmp_path_factory.mktemp("reference"))


CELLS = "Bus de santé en service\n\nDépartement\t2016\t2018\nFinistère\t11\t12\nMorbihan\t21\t22\ndont Vannes\t31\n"
BLANKS = CELLS.replace("\t", "     ")


@pytest.mark.parametrize("text", [CELLS, BLANKS])
def test_the_numbers_of_a_row_are_of_the_territory_that_it_begins_with(text: str, lexicon: Lexicon) -> None:
    found = proposals(text, lexicon)
    assert [found[n].territory_key for n in ("11", "12")] == ["department:29"] * 2
    assert [found[n].territory_key for n in ("21", "22")] == ["department:56"] * 2


@pytest.mark.parametrize("text", [CELLS, BLANKS])
def test_the_numbers_of_a_column_hold_at_the_moment_over_it(text: str, lexicon: Lexicon) -> None:
    found = proposals(text, lexicon)
    assert [found[n].period for n in ("11", "12", "21", "22")] == ["2016", "2018"] * 2
    assert {found[n].exhibit_kind for n in ("11", "12", "21", "22")} == {"table"}
    assert found["31"].exhibit_kind != "table"  # nobody knows under which of the two it stands


def test_a_head_dates_no_row_beyond_its_table(lexicon: Lexicon) -> None:
    found = proposals(CELLS + "\nAutres bus de santé\n\nCorse\t41\t42\n", lexicon)
    assert found["41"].period not in ("2016", "2018")


def test_a_place_behind_a_number_is_not_where_the_next_sentence_is(lexicon: Lexicon) -> None:
    paired = "On compte 24 bus de santé, dont 9 à Rennes et 15 à Brest. 12 infirmières y travaillent."
    leading = "À Brest, on compte 24 bus de santé. 12 infirmières y travaillent."
    assert proposals(paired, lexicon)["12"].territory_key == "region:53"
    assert proposals(leading, lexicon)["12"].territory_key == "commune:29019"
