"""Words, phrases, parts of a text and moments: what proposals are made from. The sentences are invented."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.extraction.moments import find_moments
from ingestion.extraction.phrases import PhraseBook, tokens
from ingestion.extraction.surroundings import LONGEST_PARAGRAPH, Surroundings
from ingestion.extraction.words import fold, stem, words
from ingestion.periods import NOT_STATED

PUBLISHED = date(2019, 5, 3)


@given(st.text(max_size=200))
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(fold(text)) == len(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("infirmières", "infirmiers"),
        ("installés", "installation"),
        ("patients", "patient"),
        ("bénéficiaires", "bénéficient"),
        ("équipés", "équipement"),
    ],
)
def test_inflections_of_one_word_meet(one: str, other: str) -> None:
    assert stem(fold(one)) == stem(fold(other))


def test_words_apart_stay_apart() -> None:
    assert stem("etude") != stem("etudiant")
    assert [word.stem for word in words(fold("le nombre de 12 postes"))] == ["post"]


# --- Phrases --------------------------------------------------------------------------------------------------------


def found(book: PhraseBook[str], text: str) -> list[tuple[str, str]]:
    return [(text[hit.start : hit.end], hit.means) for hit in book.find(text, tokens(fold(text)))]


def test_the_longest_phrase_wins_whatever_its_inflection_and_its_line_breaks() -> None:
    book = PhraseBook([("bus de santé", "bus"), ("bus de santé dentaire", "dental")])
    assert found(book, "Douze bus de \nsanté dentaires et un bus de santé") == [
        ("bus de \nsanté dentaires", "dental"),
        ("bus de santé", "bus"),
    ]


def test_a_phrase_does_not_run_over_the_end_of_a_sentence() -> None:
    assert found(PhraseBook([("bus de santé", "bus")]), "Prendre le bus. De santé, il fut question.") == []


def test_an_acronym_is_met_in_capitals_only() -> None:
    book = PhraseBook([("PASS", "pass")])
    assert found(book, "Le pass sanitaire n’est pas une PASS") == [("PASS", "pass")]


# --- Parts of a text ------------------------------------------------------------------------------------------------


def paragraphs(text: str) -> list[str]:
    return [text[p.start : p.end] for p in Surroundings(text).paragraphs]


def test_a_paragraph_cut_by_the_page_is_joined() -> None:
    assert paragraphs("Les bus vont vers les\n\nhabitants du pays.\n\nIls sont 12.") == [
        "Les bus vont vers les\n\nhabitants du pays.",
        "Ils sont 12.",
    ]


def test_items_of_a_list_are_apart() -> None:
    assert len(paragraphs("Deux actions :\n ► ouvrir 3 bus\n ► former 4 équipes")) == 3


def around(text: str, figure: str) -> tuple[str, str]:
    """Sentence and clause around a figure."""
    parts = Surroundings(text)
    start = text.index(figure)
    sentence, clause = parts.sentence(start, start + len(figure)), parts.clause(start, start + len(figure))
    return text[sentence.start : sentence.end].strip(), text[clause.start : clause.end].strip()


def test_sentences_and_clauses_do_not_cut_numbers() -> None:
    text = "En 2019, on compte 1,5 million de trajets. Les 12 bus roulent, dit-on, la nuit."
    assert around(text, "1,5") == ("En 2019, on compte 1,5 million de trajets", "on compte 1,5 million de trajets")
    assert around(text, "12") == ("Les 12 bus roulent, dit-on, la nuit", "Les 12 bus roulent")


def test_titles_are_short_and_without_an_end() -> None:
    parts = Surroundings("LES BUS EN SERVICE\n\nIls sont 12.\n\nsource : ARS\n")
    assert [(p.is_title, p.is_source) for p in parts.paragraphs] == [(True, False), (False, False), (False, True)]


def test_a_text_without_breaks_is_cut_so_that_no_figure_is_read_against_all_of_it() -> None:
    parts = Surroundings("Douze bus roulent, la nuit aussi, et " * 1_000)
    assert max(p.end - p.start for p in parts.paragraphs) <= LONGEST_PARAGRAPH
    assert "".join(parts.text[p.start : p.end] for p in parts.paragraphs) == parts.text


# --- Moments --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "moments"),
    [
        ("au 1er janvier 2018", [("at", "2018-01-01")]),
        ("au 1^{er} janvier 2018", [("at", "2018-01-01")]),
        ("zonage au 25/04/2019", [("at", "2019-04-25")]),
        ("en octobre 2015", [("at", "2015-10")]),
        ("12 maisons de santé en 2017", [("at", "2017")]),
        ("Oct 2013", [("at", "2013-10")]),
        ("Fin juin 2019", [("at", "end:2019-06")]),
        ("fin 2018 et début 2019", [("at", "end:2018"), ("at", "start:2019")]),
        ("en février et mars 2019", [("at", "2019-02/2019-03")]),
        ("en 2019 et 2020", [("at", "2019/2020")]),
        ("la rentrée 2019/2020", [("at", "AY2019")]),
        ("l’année universitaire 2018-2019", [("at", "AY2018")]),
        ("depuis la rentrée 2018", [("since", "AY2018")]),
        ("la saison 2018-2019", [("at", "FLU2018")]),
        ("depuis 2010", [("since", "2010")]),
        ("depuis un arrêté de février 2019", [("since", "2019-02")]),
        ("d’ici 2022", [("by", "2022")]),
        ("à l’horizon 2030", [("by", "2030")]),
        ("d’ici fin 2019", [("by", "end:2019")]),
        ("entre décembre 2018 et avril 2019", [("at", "2018-12"), ("at", "2019-04")]),
        ("en avril dernier", [("at", "2019-04")]),
        ("en juin dernier", [("at", "2018-06")]),
        ("l’an dernier", [("at", "2018")]),
        ("cette année, les étudiants", [("at", "AY2018")]),
        ("cette année, les bus", [("at", "2019")]),
        ("aujourd’hui", [("now", "now")]),
        ("contre 7 % auparavant", [("at", NOT_STATED)]),
    ],
)
def test_moments_become_period_codes(text: str, moments: list[tuple[str, str]]) -> None:
    assert [(m.role, m.code) for m in find_moments(fold(text), PUBLISHED)] == moments


@pytest.mark.parametrize(
    "text",
    [
        "la stratégie « Ma santé 2022 »",
        "le PLFSS pour 2016",
        "la loi du 24 juillet 2019",
        "(étude DREES, décembre 2018)",
        "20190 habitants",
        "2017 € par an",
    ],
)
def test_what_dates_a_text_of_law_or_counts_is_no_moment(text: str) -> None:
    assert find_moments(fold(text), PUBLISHED) == []


@given(st.text(alphabet="0123456789 /-etàfindéjanvrmsdu’depuis2019", max_size=80))
def test_any_text_can_be_searched_for_moments(text: str) -> None:
    assert all(m.start < m.end <= len(text) for m in find_moments(fold(text), PUBLISHED))
