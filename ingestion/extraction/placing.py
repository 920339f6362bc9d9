"""The territory that a figure is of.

The nearest one named in its clause, then in its sentence; then a place where the text said before that things happen,
which goes on until a title; else the territory of the report. On the page of a region, what a national programme aims
at or grants is of the whole country unless the region is spoken of.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingestion.extraction.gazetteer import NATIONAL, Mention
from ingestion.extraction.kinds import Capacity
from ingestion.extraction.reading import Reading, inside
from ingestion.extraction.surroundings import Paragraph, Stretch

# How sure each way of telling is.
IN_CLAUSE, IN_SENTENCE, CARRIED, OF_REGION, OF_PROGRAMME, OF_REPORT = 0.95, 0.9, 0.75, 0.9, 0.75, 0.85

#: How many paragraphs a place goes on for.
CARRIED_FOR = 3
BEHIND_A_FIGURE = 60

_COMMITMENT = re.compile(r"\s*(?:engagement|axe|mesure|action|chantier)\s+(?:n°\s*)?[\divx]+\b")

Placed = tuple[str, float]


def place(reading: Reading, start: int, end: int, capacity: Capacity, labels: Sequence[Stretch]) -> Placed:
    """The territory of a figure, and how sure that is. ``labels`` are what labels it, if it stands alone."""
    clause, sentence = reading.around.clause(start, end), reading.around.sentence(start, end)
    for stretch, sure in ((clause, IN_CLAUSE), (sentence, IN_SENTENCE), *((label, IN_SENTENCE) for label in labels)):
        named = _nearest(reading, start, end, stretch)
        if named is not None:
            return named.territory_key, sure
        if any(cue.means == "region" for cue in inside(reading.cues, stretch.start, stretch.end)):
            return reading.about.scope_territory_key, OF_REGION
    return _carried(reading, start, sentence) or _by_default(reading, start, capacity)


def _nearest(reading: Reading, start: int, end: int, within: Stretch) -> Mention | None:
    """The nearest territory named in a stretch; the seat of a body is none, and another figure keeps its own."""

    def distance(mention: Mention) -> tuple[int, int]:
        left, right = (end, mention.start) if mention.start >= end else (mention.end, start)
        behind = any(left <= figure < right for figure, _ in reading.figures)
        return max(right - left, 0) + BEHIND_A_FIGURE * behind, mention.start

    named = (m for m in inside(reading.mentions, within.start, within.end) if not m.of_body)
    return min(named, key=distance, default=None)


def _carried(reading: Reading, start: int, sentence: Stretch) -> Placed | None:
    """The last place where things were said to happen, in this paragraph or the few before it."""
    around = reading.around
    index = around.index_of(start)
    for back in range(CARRIED_FOR + 1):
        paragraph = around.paragraphs[index - back]
        if index - back < 0 or (back and _closes(paragraph)):
            return None
        end = sentence.start if back == 0 else paragraph.end
        named = [
            m
            for m in inside(reading.mentions, paragraph.start, end)
            if m.locative and not m.of_body and not _in_brackets(around.folded, m)
        ]
        if named:
            return named[-1].territory_key, CARRIED
    return None


def _closes(paragraph: Paragraph) -> bool:
    return paragraph.is_title or paragraph.is_source


def _in_brackets(folded: str, mention: Mention) -> bool:
    before = folded[max(mention.start - 120, 0) : mention.start]
    return before.rfind("(") > before.rfind(")")


def _by_default(reading: Reading, start: int, capacity: Capacity) -> Placed:
    """The report's own territory, or the country for what is a rule for all or a commitment of a national programme."""
    scope = reading.about.scope_territory_key
    if scope == NATIONAL:
        return scope, OF_REPORT
    if capacity.obs_status == "rule" and capacity.kind == "amount":
        return NATIONAL, OF_PROGRAMME
    titles = reading.around.titles(start, 2)
    committed = any(_COMMITMENT.match(reading.around.folded, title.start) for title in titles)
    if committed and not inside(reading.mentions, titles[-1].start, start):
        return NATIONAL, OF_PROGRAMME
    return scope, OF_REPORT
