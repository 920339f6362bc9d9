"""Two editions of one document: whether two texts are, and where what stands in one of them stands in the other.

Texts are compared by their words, whatever the lines: the same report comes as text, as PDF or as a web page. Figures
are led from one edition to the next by the words around them, which is what a person would look for.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from operator import attrgetter

#: Words in one shingle: four in a row are seldom the same by chance, even in two reports on one programme.
SHINGLE = 4
#: Share of all distinct shingles of two texts that both have, from which one is an edition of the other. The most that
#: two of the five reports have in common is 0.04 (one programme, three months apart). One word in twelve replaced at
#: random leaves half: an edition changes far fewer, another year's report far more.
EDITION = 0.5
#: Tokens of two gaps, multiplied, up to which they are compared one by one: beyond, whole pages were rewritten.
_MOST_COMPARED = 1_000_000
#: In a gap, one token alone is the same by chance: any two tables have a 2 in common.
_LEAST_IN_GAP = 2

_WORD = re.compile(r"\w+")
_TOKEN = re.compile(r"\w+|[^\w\s]")

Shingles = frozenset[Hashable]
Stretch = tuple[int, int]


def words(text: str) -> list[str]:
    """The words of a text in order, in lower case: two texts of the same words are one document in two forms."""
    return _WORD.findall(text.lower())


def shingles(text: str) -> Shingles:
    """The distinct runs of four words of a text; of a shorter text, all its words at once."""
    said = words(text)
    return frozenset(zip(*(said[first:] for first in range(min(SHINGLE, len(said)))), strict=False))


def likeness(one: Shingles, other: Shingles) -> float:
    """The share of their shingles that two texts have in common (Jaccard's index), from 0 to 1."""
    together = len(one | other)
    return len(one & other) / together if together else 0.0


def nearest(text: Shingles, others: Mapping[str, Shingles]) -> str | None:
    """The key of the text of which this one is an edition: the most alike, then the first key; None where none is."""
    likest = min(((-likeness(text, other), key) for key, other in others.items()), default=(0.0, ""))
    return likest[1] if -likest[0] >= EDITION else None


@dataclass(frozen=True)
class Token:
    """A word or a mark of a text."""

    start: int
    end: int
    said: str


@dataclass(frozen=True)
class Run:
    """Tokens that both texts have, one after the other: where they begin in each, counted in tokens."""

    earlier: int
    later: int
    length: int


@dataclass(frozen=True)
class Alignment:
    """Where what stands in an earlier text stands in a later one. Spans are half-open offsets into the texts."""

    earlier: tuple[Token, ...]
    later: tuple[Token, ...]
    runs: tuple[Run, ...]

    def forward(self, start: int, end: int) -> Stretch | None:
        """The span of the later text where a span of the earlier one stands unchanged; None where it does not."""
        return _led(self.earlier, self.later, self.runs, start, end)

    def back(self, start: int, end: int) -> Stretch | None:
        """The span of the earlier text where a span of the later one stood unchanged."""
        return _led(self.later, self.earlier, self._back, start, end)

    def instead(self, start: int, end: int) -> Stretch:
        """The stretch of the later text, between the nearest tokens of both, that took the place of a changed span."""
        first, last = _tokens_of(self.earlier, start, end)
        before = bisect_left(self.runs, first, key=attrgetter("earlier")) - 1
        after = bisect_right(self.runs, last + 1, key=lambda run: run.earlier + run.length)
        low, high = 0, max((token.end for token in self.later[-1:]), default=0)
        if before >= 0:
            run = self.runs[before]
            low = self.later[run.later + min(first - run.earlier, run.length) - 1].end
        if after < len(self.runs):
            run = self.runs[after]
            high = self.later[run.later + max(last + 1 - run.earlier, 0)].start
        return low, max(low, high)

    @cached_property
    def _back(self) -> list[Run]:
        return [Run(run.later, run.earlier, run.length) for run in self.runs]


def align(earlier: str, later: str) -> Alignment:
    """Lead one text to another: around what both say once and in one order, then in what lies between."""
    before, after = tuple(_tokens(earlier)), tuple(_tokens(later))
    one, other = [token.said for token in before], [token.said for token in after]
    anchored = _extended(_ascending(_said_once_by_both(one, other)), one, other)
    return Alignment(before, after, tuple(_with_gaps(anchored, one, other)))


def _tokens(text: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(text):
        yield Token(match.start(), match.end(), match[0].lower())


def _tokens_of(tokens: Sequence[Token], start: int, end: int) -> Stretch:
    """The first and the last token that a span covers, be it in part."""
    first = bisect_right(tokens, start, key=attrgetter("end"))
    return first, max(first, bisect_left(tokens, end, key=attrgetter("start")) - 1)


def _led(source: Sequence[Token], target: Sequence[Token], runs: Sequence[Run], start: int, end: int) -> Stretch | None:
    """Where a span of the source stands in the target, by runs that begin in the source."""
    first, last = _tokens_of(source, start, end)
    found = bisect_right(runs, first, key=attrgetter("earlier")) - 1
    if found < 0 or last >= runs[found].earlier + runs[found].length:
        return None
    shift = runs[found].later - runs[found].earlier
    led = target[first + shift], target[last + shift]
    return led[0].start + start - source[first].start, led[1].start + end - source[last].start


def _said_once_by_both(one: Sequence[str], other: Sequence[str]) -> list[Stretch]:
    """Where each run of four tokens stands that either text has exactly once, in the order of the first."""
    here, there = _placed_once(one), _placed_once(other)
    return [(place, there[run]) for run, place in here.items() if run in there]


def _placed_once(tokens: Sequence[str]) -> dict[Hashable, int]:
    runs = list(zip(*(tokens[first:] for first in range(SHINGLE)), strict=False))
    times = Counter(runs)
    return {run: place for place, run in enumerate(runs) if times[run] == 1}


def _ascending(pairs: Sequence[Stretch]) -> list[Stretch]:
    """The longest part of the pairs whose second numbers rise too: what was moved elsewhere is left out."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for index, (_, place) in enumerate(pairs):
        length = bisect_left(tails, place)
        before.append(ends[length - 1] if length else -1)
        if length == len(tails):
            tails.append(place)
            ends.append(index)
        else:
            tails[length], ends[length] = place, index
    chosen, index = [], ends[-1] if ends else -1
    while index >= 0:
        chosen.append(pairs[index])
        index = before[index]
    return chosen[::-1]


def _extended(anchors: Iterable[Stretch], one: Sequence[str], other: Sequence[str]) -> list[Run]:
    """Each anchor made as long as both texts go on saying the same; runs never overlap."""
    runs: list[Run] = []
    for first, second in anchors:
        low, low_other = (runs[-1].earlier + runs[-1].length, runs[-1].later + runs[-1].length) if runs else (0, 0)
        if first < low or second < low_other:
            continue
        start, start_other = first, second
        while start > low and start_other > low_other and one[start - 1] == other[start_other - 1]:
            start, start_other = start - 1, start_other - 1
        end = first
        while (
            end < len(one) and end - start + start_other < len(other) and one[end] == other[end - start + start_other]
        ):
            end += 1
        runs.append(Run(start, start_other, end - start))
    return runs


def _with_gaps(runs: Sequence[Run], one: Sequence[str], other: Sequence[str]) -> Iterator[Run]:
    """The runs, and between them what two changed stretches still have in common."""
    low, low_other = 0, 0
    for run in [*runs, Run(len(one), len(other), 0)]:
        gap, gap_other = one[low : run.earlier], other[low_other : run.later]
        if 0 < len(gap) * len(gap_other) <= _MOST_COMPARED:
            for match in SequenceMatcher(None, gap, gap_other, autojunk=False).get_matching_blocks():
                if match.size >= _LEAST_IN_GAP:
                    yield Run(low + match.a, low_other + match.b, match.size)
        if run.length:
            yield run
        low, low_other = run.earlier + run.length, run.later + run.length
