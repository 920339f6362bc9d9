"""A report with everything that the lexicon finds in it: what proposals are made from."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import Protocol, TypeVar

from ingestion.extraction.gazetteer import Mention
from ingestion.extraction.lexicon import Anchor, Lexicon
from ingestion.extraction.moments import Moment, find_moments
from ingestion.extraction.phrases import Hit, tokens
from ingestion.extraction.surroundings import Paragraph, Stretch, Surroundings

#: How many paragraphs a label is looked for above and below a number that stands alone.
LABEL_REACH = 14
_COMMITMENT = re.compile(r"\s*(?:engagement|axe|mesure|action|chantier)\s+(?:n°\s*)?[\divx]+\b")
_MOST_OF_BARE = 5


@dataclass(frozen=True)
class About:
    """What is known of the report as a whole. ``published_period`` is the period code of its own date.

    ``chapters`` are the places where a chapter on one territory begins, in their order, where its form tells them.
    """

    report_id: str
    scope_territory_key: str
    published_on: date | None
    published_period: str
    chapters: tuple[tuple[int, str], ...] = ()

    def scope_at(self, offset: int) -> str:
        """The territory that a place of the text is about: its chapter's, else the report's own."""
        index = bisect_right(self.chapters, offset, key=lambda chapter: chapter[0])
        return self.chapters[index - 1][1] if index else self.scope_territory_key


class Placed(Protocol):
    """Anything with a place in the text."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


P = TypeVar("P", bound=Placed)


@dataclass(frozen=True)
class Reading:
    """The text, its parts, and what the lexicon finds in it. ``figures`` are the spans of the figures."""

    around: Surroundings
    about: About
    subjects: Sequence[Hit[str]]
    counted: Sequence[Hit[str]]
    cues: Sequence[Hit[str]]
    moments: Sequence[Moment]
    mentions: Sequence[Mention]
    figures: Sequence[tuple[int, int]]
    #: Declared sets of territories: the stem that their name begins with, and all the stems of the name.
    groups: Mapping[str, tuple[str, frozenset[str]]]

    @cached_property
    def _bare(self) -> list[bool]:
        """Which paragraphs hold numbers, moments and places, and hardly a word that is not one."""
        return [self._is_bare(paragraph) for paragraph in self.around.paragraphs]

    def _is_bare(self, paragraph: Paragraph) -> bool:
        """A word of a chart (objectif, projection) or of the unit of its numbers does not count."""
        start, end = paragraph.start, paragraph.end
        if paragraph.is_source or paragraph.said > _MOST_OF_BARE:
            return False
        known = [(moment.start, moment.end) for moment in inside(self.moments, start, end)]
        known += [(cue.start, cue.end) for cue in inside(self.cues, start, end)]
        known += [(mention.start, mention.end) for mention in inside(self.mentions, start, end)]
        other = [w for w in self.around.words_in(start, end) if not any(a <= w.start < b for a, b in known)]
        return len(other) <= 1

    def stands_alone(self, offset: int) -> bool:
        """Whether the figure at a place has no words of its own, so that its label is another paragraph."""
        return self._bare[self.around.index_of(offset)]

    def is_commitment(self, paragraph: Paragraph) -> bool:
        """Whether a paragraph is the title of a commitment of a programme (« Engagement 5 : … »)."""
        return bool(_COMMITMENT.match(self.around.folded, paragraph.start))

    def is_measure(self, offset: int) -> bool:
        """Whether the paragraph of a place is an item of a list, or stands right under the title of a commitment."""
        index = self.around.index_of(offset)
        under = index > 0 and self.is_commitment(self.around.paragraphs[index - 1])
        return under or self.around.is_item(offset)

    @cached_property
    def bare_runs(self) -> list[Stretch]:
        """Paragraphs that follow each other and hold hardly a word: charts."""
        return list(self._runs())

    def _runs(self) -> Iterator[Stretch]:
        for bare, run in groupby(zip(self._bare, self.around.paragraphs, strict=True), key=lambda pair: pair[0]):
            paragraphs = [paragraph for _, paragraph in run]
            if bare and len(paragraphs) > 1:
                yield Stretch(paragraphs[0].start, paragraphs[-1].end)

    def label_below(self, offset: int) -> tuple[Paragraph, int] | None:
        """The next paragraph that says something, and how many are skipped on the way."""
        index = self.around.index_of(offset)
        return self._label(range(index + 1, min(index + 1 + LABEL_REACH, len(self.around.paragraphs))))

    def label_above(self, offset: int) -> tuple[Paragraph, int] | None:
        """The paragraph before that says something, and how many are skipped on the way."""
        index = self.around.index_of(offset)
        return self._label(range(index - 1, max(index - 1 - LABEL_REACH, -1), -1))

    def _label(self, indices: range) -> tuple[Paragraph, int] | None:
        """A line that names the source closes an exhibit: what lies beyond belongs to another one."""
        for skipped, index in enumerate(indices):
            paragraph = self.around.paragraphs[index]
            if paragraph.is_source:
                return None
            if not self._bare[index] and paragraph.said >= 2:
                return paragraph, skipped
        return None

    def figures_in(self, start: int, end: int) -> int:
        """How many figures begin inside a stretch."""
        return bisect_left(self.figures, (end, 0)) - bisect_left(self.figures, (start, 0)) if start < end else 0

    def next_figure(self, offset: int, limit: int) -> int:
        """Where the next figure begins, or the limit if that comes first."""
        index = bisect_left(self.figures, (offset, 0))
        return min(self.figures[index][0], limit) if index < len(self.figures) else limit

    def figure_before(self, offset: int, limit: int) -> int:
        """Where the last figure before ends, or the limit if that comes later."""
        index = bisect_left(self.figures, (offset, 0)) - 1
        return max(self.figures[index][1], limit) if index >= 0 else limit


def read(text: str, lexicon: Lexicon, about: About, figures: Sequence[tuple[int, int]]) -> Reading:
    """Find what the lexicon knows in a text."""
    around = Surroundings(text)
    every = tokens(around.folded)
    anchors = [_anchored(hit, about) for hit in lexicon.anchor_book.find(text, every)]
    moments = (*find_moments(around.folded, about.published_on), *(moment for moment in anchors if moment))
    scope = about.scope_territory_key
    return Reading(
        around=around,
        about=about,
        subjects=lexicon.subjects.find(text, every),
        counted=lexicon.counted.find(text, every),
        cues=lexicon.cue_book.find(text, every),
        moments=sorted(moments, key=lambda moment: moment.start),
        mentions=lexicon.gazetteer.mentions(text, around.folded, every, about.report_id, scope),
        figures=sorted(figures),
        groups=lexicon.groups,
    )


def _anchored(hit: Hit[Anchor], about: About) -> Moment | None:
    """The moment that a named one is for this report: the last before its date, or the next where it is an end."""
    anchor, own = hit.means, about.published_on
    if own is None:
        return None
    day = own.isoformat()
    if anchor.ahead:
        code = next((period for period in anchor.periods if period > day), None)
        return Moment(hit.start, hit.end, code, "by") if code else None
    code = next((period for period in reversed(anchor.periods) if period <= day), None)
    return Moment(hit.start, hit.end, code, "since") if code else None


def inside(hits: Sequence[P], start: int, end: int) -> list[P]:
    """Those that begin inside a stretch; they are in the order of the text."""
    first = bisect_left(hits, start, key=lambda hit: hit.start)
    last = bisect_left(hits, end, key=lambda hit: hit.start)
    return list(hits[first:last])
