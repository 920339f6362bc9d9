"""Set phrases found in a text, whatever their inflection and the line breaks inside them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, TypeVar

from ingestion.extraction.words import WORD, Word, fold, stem

T = TypeVar("T")

#: What may stand between two words of one phrase. A dot or a semicolon may not: it ends a sentence.
_BETWEEN = re.compile(r"[\s'’/()\-–*_,]{0,6}")


@dataclass(frozen=True)
class Hit(Generic[T]):
    """A phrase where it stands, and what it means."""

    start: int
    end: int
    means: T


def tokens(folded: str) -> list[Word]:
    """All the words of a folded text, numbers and small words included."""
    return [Word(match.start(), match.end(), stem(match[0])) for match in WORD.finditer(folded)]


class PhraseBook(Generic[T]):
    """Phrases and their meanings. A phrase in capitals is an acronym: it is met in capitals only."""

    def __init__(self, phrases: Iterable[tuple[str, T]]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], bool, T]]] = {}
        for phrase, means in phrases:
            stems = tuple(word.stem for word in tokens(fold(phrase)))
            self._by_first.setdefault(stems[0], []).append((stems, _is_acronym(phrase), means))
        for known in self._by_first.values():
            known.sort(key=lambda entry: -len(entry[0]))

    def find(self, text: str, words: Sequence[Word]) -> list[Hit[T]]:
        """The phrases of a text, left to right: the longest at each place, none inside another."""
        found: list[Hit[T]] = []
        index = 0
        while index < len(words):
            length, hits = self._at(text, words, index)
            found.extend(hits)
            index += max(length, 1)
        return found

    def _at(self, text: str, words: Sequence[Word], index: int) -> tuple[int, list[Hit[T]]]:
        """The longest phrase that begins at a word, in each of its meanings."""
        longest, hits = 0, list[Hit[T]]()
        for stems, acronym, means in self._by_first.get(words[index].stem, ()):
            if len(stems) < longest:
                break
            here = words[index : index + len(stems)]
            if tuple(w.stem for w in here) != stems or not _holds_together(text, here):
                continue
            if acronym and not text[here[0].start : here[-1].end].rstrip("s").isupper():
                continue
            longest = len(stems)
            hits.append(Hit(here[0].start, here[-1].end, means))
        return longest, hits


def _holds_together(text: str, here: Sequence[Word]) -> bool:
    return all(_BETWEEN.fullmatch(text, a.end, b.start) for a, b in pairwise(here))


def _is_acronym(phrase: str) -> bool:
    return " " not in phrase and phrase.isupper()
