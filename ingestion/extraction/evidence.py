"""The words around a figure, and what each weighs: the nearer to the figure, the more it says of its subject."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ingestion.extraction.reading import Reading, inside
from ingestion.extraction.words import ages

# Where a word stands and what it weighs there, the nearest first.
AFTER = 1.0  # « 228 infirmières »: the counted noun follows its number
AFTER_FADES = 0.94  # … and each word further says less
BEFORE = 0.7
BEFORE_FADES = 0.93
OWN = 0.5  # in the sentence, between the figures before and after
SENTENCE = 0.3
LABEL_BELOW = 0.75
LABEL_ABOVE = 0.7
LABEL_FADES = 0.97  # for each paragraph of numbers between a chart's value and its title
SHORT = 0.5  # of the weight of a label, where the number has a few words of its own
MOST_OF_SHORT = 6
SENTENCE_BEFORE = 0.3
PARAGRAPH = 0.15
LEAD_IN = 0.25  # the paragraph that opens a list
TITLES = (0.3, 0.2, 0.12)
#: How much more the name of a measure says from afar than a word: a paragraph or a chapter is about it.
TOPIC = 1.2
#: What a word weighs that stands for the one in the text.
SYNONYM = 0.8

Place = tuple[float, float, tuple[int, int]]  # weight, fading with each word (negative leftwards, 0 for none), stretch


def words_around(reading: Reading, start: int, end: int, meanings: Mapping[str, tuple[str, ...]]) -> dict[str, float]:
    """The words around a figure, and names of measures as ``@code``, each at the weight of the nearest place it has."""
    found: dict[str, float] = {}
    for weight, fading, stretch in _places(reading, start, end):
        _weigh(found, reading, stretch, weight, fading)
    for word, weight in list(found.items()):
        for other in meanings.get(word, ()):
            found[other] = max(found.get(other, 0.0), SYNONYM * weight)
    return found


def stands_bare(reading: Reading, start: int, end: int) -> bool:
    """Whether a figure goes on a row: another one before it in its sentence, and no words of its own.

    Places and moments are none: « 83 à Bordeaux, 72 à Limoges ».
    """
    clause, sentence = reading.around.clause(start, end), reading.around.sentence(start, end)
    before = reading.figure_before(start, clause.start), start
    after = end, reading.next_figure(end, clause.end)
    in_row = reading.figure_before(start, sentence.start - 1) >= sentence.start
    return in_row and not any(_others(reading, *stretch) for stretch in (before, after))


def _others(reading: Reading, start: int, end: int) -> bool:
    known = [(m.start, m.end) for m in inside(reading.moments, start, end)]
    known += [(m.start, m.end) for m in inside(reading.mentions, start, end)]
    return any(not any(a <= w.start < b for a, b in known) for w in reading.around.words_in(start, end))


def _places(reading: Reading, start: int, end: int) -> Iterator[Place]:
    around = reading.around
    paragraph, sentence, clause = around.paragraph(start), around.sentence(start, end), around.clause(start, end)
    yield AFTER, AFTER_FADES, (end, reading.next_figure(end, clause.end))
    yield BEFORE, -BEFORE_FADES, (reading.figure_before(start, clause.start), start)
    yield OWN, 0.0, (reading.figure_before(start, sentence.start), reading.next_figure(end, sentence.end))
    yield SENTENCE, 0.0, (sentence.start, sentence.end)
    if sentence.start > paragraph.start:
        previous = around.sentence(sentence.start - 1, sentence.start - 1)
        yield SENTENCE_BEFORE, 0.0, (previous.start, sentence.start)
    yield PARAGRAPH, 0.0, (paragraph.start, paragraph.end)
    yield from _labels(reading, start)
    for weight, title in zip(TITLES, around.titles(start), strict=False):
        yield weight, 0.0, (title.start, title.end)


def _labels(reading: Reading, start: int) -> Iterator[Place]:
    """The paragraphs above and below: the label itself where the number stands alone, else a lead-in."""
    around, alone = reading.around, reading.stands_alone(start)
    below, above = reading.label_below(start), reading.label_above(start)
    share = 1.0 if alone else SHORT if around.paragraph(start).said <= MOST_OF_SHORT else 0.0
    for label, weight in ((below, LABEL_BELOW), (above, LABEL_ABOVE)):
        if label is not None and share:
            yield share * weight * LABEL_FADES ** label[1], 0.0, (label[0].start, label[0].end)
    if above is not None and not alone and around.leads_in(above[0]):
        yield LEAD_IN, 0.0, (above[0].start, above[0].end)


def _weigh(found: dict[str, float], reading: Reading, stretch: tuple[int, int], weight: float, fading: float) -> None:
    """Add the words of a stretch; with a fading, each further from the figure weighs less."""
    placed = [(word.start, word.stem) for word in reading.around.words_in(*stretch)]
    placed += [(hit.start, hit.means) for hit in inside(reading.subjects, *stretch)]
    for rank, (_, word) in enumerate(sorted(placed, reverse=fading < 0)):
        at = weight * abs(fading) ** rank if fading else weight * (TOPIC if word[0] == "@" else 1.0)
        if at > found.get(word, 0.0):
            found[word] = at
    for age in ages(reading.around.folded, *stretch):
        found[age] = max(found.get(age, 0.0), weight)
