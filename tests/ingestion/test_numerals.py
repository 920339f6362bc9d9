"""Every numeral that a person reads in a text, once."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.figures.numerals import find_numerals
from ingestion.numbers import parse_printed


def printed(text: str) -> list[str]:
    return [numeral.printed for numeral in find_numerals(text)]


@pytest.mark.parametrize(
    ("text", "numerals"),
    [
        ("1 811 contributions", ["1 811"]),
        ("17\u202f200 et 17\u00a0200 et 17\u2009200", ["17 200", "17 200", "17 200"]),
        ("une aide de \n50 \u00a0000 € versée", ["50 000"]),
        ("1 234 567,8", ["1 234 567,8"]),
        ("7,6 millions d’€", ["7,6"]),
        ("6.4 %", ["6.4"]),
        ("5.000 habitants", ["5.000"]),
        ("1.234.567", ["1.234.567"]),
        ("50  000 €", ["50 000"]),
        ("Landes  312  309  301", ["312", "309", "301"]),
        ("1200", ["1200"]),
        ("Total 1 811 100%", ["1 811", "100"]),
        ("une hausse de 1 000 %", ["1 000"]),
        ("157 0", ["157", "0"]),
        ("les 157\n000 habitants", ["157 000"]),
        ("312\n309", ["312", "309"]),
        ("12 345 6789", ["12 345", "6789"]),
        ("en 2015, 130 places", ["2015", "130"]),
        ("1, 2 et 3", ["1", "2", "3"]),
        ("1,2,3", ["1", "2", "3"]),
        ("les pages 1819", ["1819"]),
        ("2.10.4 Parthenay", ["2.10.4"]),
        ("05 47 47 31 45", ["05", "47", "47", "31", "45"]),
        ("05.57.01.44.00", ["05.57.01.44.00"]),
        ("21/11/2022 à 18h30", ["21", "11", "2022", "18", "30"]),
        ("2/3 ou 3/4", ["2", "3", "3", "4"]),
        ("1er, 2eme, 1 er, 1^{er}", ["1", "2", "1", "1"]),
        ("T2A, PM64, KRB19, www.ars75.fr/520.0.html", ["2", "64", "19", "75", "520.0"]),
        ("½ journée", ["½"]),
        ("PTMG¹", []),
    ],
)
def test_a_numeral_in_digits_is_read_as_a_person_reads_it(text: str, numerals: list[str]) -> None:
    assert printed(text) == numerals
    assert not any(numeral.is_word for numeral in find_numerals(text))


@pytest.mark.parametrize(
    ("text", "numerals"),
    [
        ("Deux appels, six porteurs", ["Deux", "six"]),
        ("quatre-vingt-dix-sept", ["quatre-vingt-dix-sept"]),
        ("vingt et une régions", ["vingt et une"]),
        ("entre deux et trois", ["deux", "trois"]),
        ("tous les deux un an", ["deux"]),
        ("dont une \nquarantaine d’étudiants", ["une quarantaine"]),
        ("des milliers de patients", ["milliers"]),
        ("un million de Français", ["un million"]),
        ("deux \nmillions d’euros", ["deux millions"]),
        ("un quart, deux tiers, la moitié", ["un quart", "deux tiers", "moitié"]),
        ("Doublement, triplé, a doublé", ["Doublement", "triplé", "doublé"]),
        ("le double de la moyenne", ["double"]),
        ("Zéro reste à charge", ["Zéro"]),
    ],
)
def test_a_numeral_in_words_is_one_too(text: str, numerals: list[str]) -> None:
    assert printed(text) == numerals
    assert all(numeral.is_word for numeral in find_numerals(text))


@pytest.mark.parametrize(
    "text",
    [
        "un projet et une mission",
        "les Deux-Sèvres",
        "Deux Sèvres",
        "le tiers payant",
        "cinquante pour cent"[10:],
        "un deux-roues",
        "le premier, la deuxième et la cinquième",
        "un double objectif",
        "des millions d’euros",
        "une demi-journée à mi-temps",
        "l’AXE II",
        "le 12 sept. 2022"[6:11],
        "neuve, dixit, deuxième, centre, millésime",
    ],
)
def test_what_says_no_number_is_no_numeral(text: str) -> None:
    assert printed(text) == []


@given(st.text(max_size=200) | st.text("0123456789 .,/-h\u00a0\u202fdeuxtrois\n", max_size=200))
def test_every_digit_stands_in_exactly_one_numeral(text: str) -> None:
    numerals = find_numerals(text)
    assert all(earlier.end <= later.start for earlier, later in pairwise(numerals))
    held = {place for numeral in numerals for place in range(numeral.start, numeral.end)}
    assert {place for place, character in enumerate(text) if character in "0123456789"} <= held


@given(st.integers(0, 10**9), st.sampled_from([" ", "\u00a0", "\u202f", "\u2009", "\u00a0 "]), st.text("aé .,;:()\n"))
def test_a_grouped_number_is_one_whatever_stands_around(number: int, space: str, around: str) -> None:
    grouped = f"{number:,}".replace(",", space)
    assert printed(f"{around} {grouped} {around}") == [f"{number:,}".replace(",", " ")]


HOSTILE = {
    "digits": "1" * 1_000_000,
    "digits and spaces": "1 " * 500_000,
    "thousands": "111 " * 250_000,
    "spaces": " " * 1_000_000,
    "points": "1." * 500_000,
    "commas": "1," * 100_000,
    "long lists": ("1" * 50_000 + ",") * 20,
    "number words": "deux " * 50_000,
    "hyphened words": "vingt-" * 50_000,
    "articles": "un " * 100_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_takes_linear_time(text: str) -> None:
    start = time.process_time()
    find_numerals(text)
    assert time.process_time() - start < 10


def test_the_longest_report_is_searched_in_a_moment(documents: Path) -> None:
    text = next((documents / "reports").glob("003_*.txt")).read_text(encoding="utf-8")
    find_numerals("deux")
    start = time.process_time()
    numerals = find_numerals(text)
    assert time.process_time() - start < 0.6  # 0.12 s here; the aim is 0.3 s
    assert len(numerals) > 3000


def test_every_word_numeral_of_the_reports_reads_as_a_number(documents: Path) -> None:
    for file in sorted((documents / "reports").glob("*.txt")):
        words = [numeral for numeral in find_numerals(file.read_text(encoding="utf-8")) if numeral.is_word]
        assert all(parse_printed(numeral.printed).value is not None for numeral in words)
