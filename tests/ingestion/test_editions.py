"""Two editions of one document: told by their words, and led to each other by them."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.editions import EDITION, align, likeness, nearest, shingles, words

REPORT = (
    "En 2018, 36 communautés professionnelles sont en projet dans la région et 12 en fonctionnement.\n"
    "Les maisons de santé pluriprofessionnelles sont au nombre de 168, soit une hausse de + 37 % en trois ans.\n"
    "Près de 1 700 étudiants ont signé un contrat d’engagement de service public depuis l’origine.\n"
)


def changed(text: str, share: float) -> str:
    """The text with a share of its words replaced, always the same ones."""
    order = random.Random(7)
    return " ".join("autre" if order.random() < share else word for word in text.split(" "))


def long_text(seed: int = 1) -> str:
    order = random.Random(seed)
    return " ".join(f"mot{order.randrange(4000)}" for _ in range(5000))


def test_a_text_with_few_words_changed_is_an_edition_and_another_report_is_not() -> None:
    text = long_text()
    one = shingles(text)
    assert likeness(one, one) == 1
    assert likeness(one, shingles(changed(text, 0.02))) > 0.8
    assert likeness(one, shingles(changed(text, 0.25))) < EDITION
    assert likeness(one, shingles(long_text(2))) < 0.01


def test_the_likest_text_is_the_one_that_was_edited() -> None:
    text = long_text()
    known = {"far": shingles(changed(text, 0.08)), "near": shingles(changed(text, 0.01)), "none": shingles("")}
    assert nearest(shingles(text), known) == "near"
    assert nearest(shingles(long_text(3)), known) is None
    assert nearest(shingles(text), {}) is None
    assert nearest(shingles(""), {"empty": shingles("")}) is None


def test_lines_and_capitals_do_not_matter() -> None:
    assert words(REPORT) == words(REPORT.replace(" ", "\n").upper().lower())
    assert shingles("un deux") == shingles("Un\nDeux")


@pytest.mark.parametrize(
    "printed", ["2018", "36", "12", "168", "+ 37 %", "1 700", "Près de 1 700", "service public depuis l’origine"]
)
def test_what_stands_is_found_wherever_it_moved_to(printed: str) -> None:
    later = "Une nouvelle introduction d’une ligne.\n" + REPORT.replace("\n", " ").replace("  ", " ") + "\nUne fin."
    start = REPORT.index(printed)
    led = align(REPORT, later).forward(start, start + len(printed))
    assert led is not None
    assert later[slice(*led)] == printed
    assert align(REPORT, later).back(*led) == (start, start + len(printed))


def test_a_changed_number_has_the_place_of_the_one_before() -> None:
    later = REPORT.replace("36 communautés", "45 communautés").replace("de 168,", "d’environ 170,")
    alignment = align(REPORT, later)
    for before, now in (("36", "45"), ("168", "d’environ 170"), ("de 168", "d’environ 170")):
        start = REPORT.index(before)
        assert alignment.forward(start, start + len(before)) is None
        low, high = alignment.instead(start, start + len(before))
        assert later[low:high].strip() == now


@pytest.mark.parametrize(("before", "now"), [("+ 37 %", "+ 41,5 %"), ("1 700", "2 700")])
def test_a_figure_that_changed_in_part_has_its_place_whole(before: str, now: str) -> None:
    later = REPORT.replace(before, now)
    start = REPORT.index(before)
    low, high = align(REPORT, later).instead(start, start + len(before))
    assert later[low:high].strip() == now


def test_two_changes_side_by_side_are_told_apart() -> None:
    later = REPORT.replace("36 communautés", "45 communautés").replace("et 12 en", "et 14 en")
    alignment = align(REPORT, later)
    start = REPORT.index("12")
    low, high = alignment.instead(start, start + 2)
    assert later[low:high].strip() == "14"


def test_the_place_of_what_was_at_an_end_is_the_end() -> None:
    assert align("Le nombre est 12", "Le nombre est 14 ou 15").instead(14, 16) == (13, 22)
    assert align("12", "").instead(0, 2) == (0, 0)


@given(st.text("ab 1\n", max_size=60), st.text("ab 1\n", max_size=60))
def test_whatever_the_texts_what_is_led_says_the_same(earlier: str, later: str) -> None:
    alignment = align(earlier, later)
    assert all(
        one.earlier + one.length <= other.earlier and one.later + one.length <= other.later
        for one, other in zip(alignment.runs, alignment.runs[1:], strict=False)
    )
    for token in alignment.earlier:
        led = alignment.forward(token.start, token.end)
        if led is not None:
            assert later[slice(*led)].lower() == token.said
            assert alignment.back(*led) == (token.start, token.end)
        else:
            low, high = alignment.instead(token.start, token.end)
            assert 0 <= low <= high <= len(later)


def test_a_long_text_of_one_word_is_aligned_in_no_time() -> None:
    assert align("un " * 50_000, "un " * 50_001).runs == ()
