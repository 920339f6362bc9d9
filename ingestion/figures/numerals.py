"""Every numeral of a text: the numbers that a person reads in it, each once, in digits or in words.

These are the places that a figure ledger must account for, so what counts as one is said here:

- in digits: grouped thousands (``1 811``, with any space used in French, and ``50  000``), decimals (``7,6``, ``6.4``)
  and a number with several points (``2.10.4``, ``05.57.01.44.00``, ``1.234.567``) are one numeral each. What stands
  side by side without a separator (two glued page numbers, ``1819``) is one; ``2/3``, ``18h30``, ``15-20`` and
  ``21/11/2022`` are as many as they have numbers; a list (``1, 2`` or ``1,2,3``) has one for each of its members.
  Digits inside codes, addresses and links (``T2A``, ``www.ars75.fr``) are numerals like others;
- in words: cardinals from ``zéro`` on, fractions (``un quart``, ``deux tiers``, ``moitié``), round-number nouns
  (``une vingtaine``, ``des milliers``), ``un million`` and the words that multiply (``doubler``, ``triplé``, ``le
  double``). ``un`` and ``une`` alone are articles, ``millions`` alone says no number. Ordinals in words (``premier``,
  ``deuxième``), ``demi``, ``mi-temps`` and Roman numerals are none.

Phrases that hold a number word without saying a number (``tiers payant``, ``Deux-Sèvres``) are listed in
``ingestion/reference/lexicon/noise.yml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from heapq import merge

from ingestion.figures.vocabulary import any_of, load_noise
from ingestion.numbers import (
    DENOMINATORS,
    MULTIPLE_STEMS,
    ROUND_NOUNS,
    WORD_VALUES,
    UnreadableFigureError,
    normalise_printed,
    parse_printed,
)

SPACES = " \u00a0\u202f\u2009"


@dataclass(frozen=True)
class Numeral:
    """A number as a person reads it: ``text[start:end]``, and the same with its white space folded."""

    start: int
    end: int
    printed: str
    is_word: bool


def find_numerals(text: str) -> list[Numeral]:
    """Every numeral of a text, in order; none overlaps another. Linear in the length of the text."""
    return list(_numerals(text))


@lru_cache(maxsize=2)  # finding, drafting and checking a ledger ask it of one text in turn
def _numerals(text: str) -> tuple[Numeral, ...]:
    found: list[Numeral] = []
    for numeral in merge(_in_digits(text), _in_words(text), key=lambda numeral: numeral.start):
        if not found or numeral.start >= found[-1].end:
            found.append(numeral)
    return tuple(found)


# Two plain spaces part the columns of a table as often as thousands: they join « 50  000 », not « 312  309 ». A line
# may end within a number where no other begins with what follows: « 157 / 000 ».
_BETWEEN = rf"(?:[{SPACES}]|[{SPACES[1:]}][{SPACES}]|[{SPACES}][{SPACES[1:]}]|(?:  |[{SPACES}]?\r?\n)(?=000(?![0-9])))"
# Possessive quantifiers: no digit is read twice, whatever a hostile text holds.
_DIGITS = re.compile(
    rf"[1-9][0-9]{{0,2}}+(?:{_BETWEEN}(?P<last>[0-9]{{3}})(?![0-9]))++(?:[.,][0-9]++)?"  # 1 811
    r"|[0-9]++(?:\.[0-9]++){2,}+"  # 2.10.4
    r"|(?<=[0-9],)[0-9]++|[0-9]++(?=(?:,[0-9]++){2})"  # 1,2,3
    r"|[0-9]++(?:[.,][0-9]++)?+"
    r"|[¼½¾⅓⅔]"
)


def _in_digits(text: str) -> Iterator[Numeral]:
    for match in _DIGITS.finditer(text):
        cut = _before_share(text, match)
        for start, end in ((match.start(), cut), (cut, match.end())) if cut else (match.span(),):
            yield Numeral(start, end, normalise_printed(text[start:end]), is_word=False)


def _before_share(text: str, match: re.Match[str]) -> int | None:
    """Where « 1 811 100 % », a count and its share side by side in a table, is cut in two."""
    if match["last"] is None or not _PERCENT.match(text, match.end()):
        return None
    return match.start("last") if len(match[0].split()) > 2 else None


_PERCENT = re.compile(rf"[{SPACES}]?%")


def _in_words(text: str) -> Iterator[Numeral]:
    for match in _words().finditer(text):
        if _names_a_thing(text, match.end()) or _in_phrase(text, match.start(), match.end()):
            continue
        yield from _read_or_split(match)


def _names_a_thing(text: str, end: int) -> bool:
    """Whether a compound goes on after the words: « Deux-Sèvres », « deux-roues »."""
    return text[end : end + 1] == "-" and text[end + 1 : end + 2].isalpha()


def _read_or_split(match: re.Match[str]) -> Iterator[Numeral]:
    """Words that make one number are one numeral; « deux trois » are two, and « deux un » is one and an article."""
    try:
        parse_printed(match[0])
        yield Numeral(match.start(), match.end(), normalise_printed(match[0]), is_word=True)
    except UnreadableFigureError:
        for word in re.finditer(r"\w+", match[0]):
            if word[0].lower() in WORD_VALUES and word[0].lower() not in _ARTICLES:
                start, end = match.start() + word.start(), match.start() + word.end()
                yield Numeral(start, end, word[0], is_word=True)


_ARTICLES = ("un", "une")
_LOOSE_DENOMINATORS = (
    "tiers",
    "quart",
    "moitié",
)  # the others (« cinquième ») are ordinals where no number stands before


@cache
def _words() -> re.Pattern[str]:
    gap = rf"(?:[{SPACES}]{{1,2}}|[{SPACES}]?\r?\n[{SPACES}]?)"
    atoms = "|".join(word for word in WORD_VALUES if word not in _ARTICLES)
    cardinal = rf"(?:{atoms})(?!\w)(?:(?:-et-|-|{gap}et{gap}|{gap})(?:{atoms}|une?)(?!\w))*"
    counted = rf"(?:(?:une?|{cardinal})(?:-|{gap}))"
    loose, strict = (
        "|".join(noun for noun in DENOMINATORS if (noun in _LOOSE_DENOMINATORS) is wanted and noun != "demi")
        for wanted in (True, False)
    )
    patterns = (
        rf"{counted}?(?:{loose})s?",
        rf"{counted}(?:{strict})s?",
        rf"{counted}?(?:{'|'.join(ROUND_NOUNS)})s?",
        rf"{counted}(?:million|milliard)s?",
        rf"(?:{'|'.join(MULTIPLE_STEMS)})(?:er|era|eront|ée?s?|ements?|ant|ait|ent)",
        rf"(?<=\ble )(?:{'|'.join(MULTIPLE_STEMS)})e(?={gap}de\b|{gap}d['’]|[.,;:)])",
        cardinal,
    )
    firsts = "".join(sorted({word[0] for word in (*WORD_VALUES, *DENOMINATORS, *ROUND_NOUNS, *MULTIPLE_STEMS)}))
    return re.compile(rf"(?<![\w-])(?=[{firsts}])(?:{'|'.join(patterns)})(?!\w)", re.IGNORECASE)


def _in_phrase(text: str, start: int, end: int) -> bool:
    """Whether the words stand in a phrase that says no number."""
    first = max(start - _LONGEST_PHRASE, 0)
    found = _phrases().finditer(text, first, end + _LONGEST_PHRASE)
    return any(phrase.start() < end and start < phrase.end() for phrase in found)


_LONGEST_PHRASE = 24


@cache
def _phrases() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of(load_noise().not_numerals)}", re.IGNORECASE)
