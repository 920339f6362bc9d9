"""Words of a French text, folded so that spellings and inflections of one word meet.

Folding keeps the length of a text, so that offsets found in the folded text hold in the printed one.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

WORD = re.compile(r"[a-z0-9]+")

# Words that say nothing of a subject: articles, prepositions, auxiliaries, and the names of the form of a figure.
_EMPTY = """
    a afin ainsi alors apres au aucun aujourd aussi autre autres aux avant avec avoir ayant bien ca car ce cela
    celle celles celui certains ces cet cette ceux chacun chaque ci comme contre d dans de deja depuis des deux dont du
    durant elle elles en encore entre est et etaient etait etant ete etre eu fait font grace hors il ils issu jusqu l
    la le les leur leurs lors lorsque lui mais meme memes moins n ne ni non nos notre nous on ont or ou par parmi pas
    pendant peu peut peuvent plus plusieurs pour pouvoir pres presque puis qu quand que quel qui s sa sans se sera
    seront ses seul si soit son sont sous sur sera tant te tel telle tels tous tout toute toutes tres trois un une vers
    via voir vos votre vous y etc cf notamment hui ans an
    nombre total part proportion taux evolution croissance cumul cumule origine multiplication hausse rang
"""
STOP_WORDS = frozenset(_EMPTY.split())

_ENDINGS = """
    issement ement ation ateur atrice iere ier euse eur au ale al ive if ee e ataire iaire ient ie iez ant ante ice ure
    u ue er ent iquement ique ite
"""
_SUFFIXES = tuple(sorted(_ENDINGS.split(), key=len, reverse=True))
_SHORTEST_STEM = 4


@dataclass(frozen=True)
class Word:
    """A word of a text: its place and its stem."""

    start: int
    end: int
    stem: str


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    base = unicodedata.normalize("NFKD", character)[0].lower()
    return {"œ": "o", "æ": "a", "’": "'", "‘": "'", "`": "'", "‐": "-", "‑": "-"}.get(base[0], base[0])


def fold(text: str) -> str:
    """The text in small letters without accents, one character for each of its characters."""
    return "".join(map(_folded, text))


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """What the inflections of a folded word share: ``medecins`` and ``medecin``, ``installes`` and ``installation``."""
    if not word.isalpha():
        return word
    word = word[:-1] if word[-1] in "sx" and len(word) > _SHORTEST_STEM else word
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _SHORTEST_STEM:
            return word[: -len(suffix)]
    return word


def words(folded: str, start: int = 0, end: int | None = None) -> list[Word]:
    """The words of a stretch of a folded text that say something, in order; numbers are none."""
    found = WORD.finditer(folded, start, len(folded) if end is None else end)
    return [
        Word(match.start(), match.end(), stem(match[0]))
        for match in found
        if match[0] not in STOP_WORDS and len(match[0]) > 1 and not match[0].isdigit()
    ]


_AGE = re.compile(r"(?<![\d.,])(\d{1,2})(?=\s{1,3}(?:(?:a|et|-)\s{1,3}\d{1,2}\s{1,3})?ans\b)")


def ages(folded: str, start: int = 0, end: int | None = None) -> set[str]:
    """The ages in a stretch of a folded text, which bound who is counted: « 55 ans » is not « 60 ans »."""
    return {f"{match[1]} ans" for match in _AGE.finditer(folded, start, len(folded) if end is None else end)}
