"""A report with everything that the lexicon finds in it: what proposals are made from."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from ingestion.extraction.gazetteer import Mention
from ingestion.extraction.lexicon import Anchor, Lexicon
from ingestion.extraction.moments import Moment, find_moments
from ingestion.extraction.phrases import Hit, tokens
from ingestion.extraction.surroundings import Surroundings


@dataclass(frozen=True)
class About:
    """What is known of the report as a whole. ``published_period`` is the period code of its own date."""

    report_id: str
    scope_territory_key: str
    published_on: date | None
    published_period: str


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
