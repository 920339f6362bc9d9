"""The territory that a figure is of.

The nearest one named in its clause, then in its sentence; then a place where the text said before that things happen,
which goes on until a title; else the territory of the report. On the page of a region, what a national programme aims
at or grants is of the whole country unless the region is spoken of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ingestion.extraction.gazetteer import NATIONAL, Mention
from ingestion.extraction.kinds import Capacity
from ingestion.extraction.reading import Reading, inside
from ingestion.extraction.surroundings import Paragraph, Stretch

# How sure each way of telling is.
IN_CLAUSE, IN_SENTENCE, OF_GROUP, CARRIED, OF_PROGRAMME, OF_REPORT = 0.95, 0.9, 0.75, 0.75, 0.75, 0.85

#: How much of the words of a group's name stands around a figure that is of it.
_SHARE_OF_NAME = 0.7

_NOUN_REACH = 20
#: How many paragraphs a place goes on for, and how near to the head of one it stands when it does.
CARRIED_FOR = 3
_HEAD = 30
_MOST_BEFORE = 1  # words before the territory at the head of a row: « dont Nord »
#: How much nearer a name seems that only a preposition keeps from its figure (in characters).
RIGHT_AFTER = 12

_PREPOSITION = re.compile(r"\s*(?:en|a|au|aux|dans\s+l[aes]s?|pour)\s+(?:l[aes]s?\s+|l')?")
_AND = re.compile(r"\s*(?:,|et|ou)\s*(?:des?\s+|d'|du\s+|le\s+|la\s+|les\s+|l'|en\s+)*")

_THAT_IS = re.compile(r"\bsoit\b")
_BESIDE = 12  # « 42 % à Dijon et à Caen »: the first of several is the figure's own where it stands right after it

Placed = tuple[str, float]


def place(reading: Reading, start: int, end: int, capacity: Capacity, labels: Sequence[Stretch]) -> Placed:
    """The territory of a figure, and how sure that is. ``labels`` are what labels it, if it stands alone."""
    row = _of_row(reading, start)
    if row is not None:
        return row, IN_CLAUSE
    clause, sentence = reading.around.clause(start, end), reading.around.sentence(start, end)
    for stretch, sure in ((clause, IN_CLAUSE), (sentence, IN_SENTENCE), *((label, IN_SENTENCE) for label in labels)):
        key = _nearest(reading, start, end, stretch)
        if key is not None:
            return key, sure
    group = None if _counts_territories(reading, end) else _group(reading, start, sentence)
    if group is not None:
        return group, OF_GROUP
    carried = _carried(reading, start, sentence)
    return carried if carried and carried[0] != reading.about.scope_at(start) else _by_default(reading, start, capacity)


def _of_row(reading: Reading, start: int) -> str | None:
    """The territory that the row of a table begins with: it is that of all the numbers of the row."""
    around, line = reading.around, reading.around.line(start)
    first = reading.next_figure(line.start, line.end)
    named = inside(reading.mentions, line.start, first)
    if not named or not around.is_row(line) or around.words_in(named[-1].end, first):
        return None
    return named[-1].territory_key if len(around.words_in(line.start, named[-1].start)) <= _MOST_BEFORE else None


def _nearest(reading: Reading, start: int, end: int, within: Stretch) -> str | None:
    """The nearest territory named in a stretch, or the report's own where it is spoken of (« dans la région »)."""
    scope = reading.about.scope_territory_key
    named = [(m.start, m.end, m.territory_key) for m in _eligible(reading, start, end, within)]
    own = [
        c for c in inside(reading.cues, within.start, within.end) if c.means == "region" and scope.startswith("region:")
    ]
    named += [(cue.start, cue.end, scope) for cue in own]
    folded = reading.around.folded

    def distance(at: tuple[int, int, str]) -> tuple[int, int]:
        left, right = (end, at[0]) if at[0] >= end else (at[1], start)
        beside = at[0] >= end and bool(_PREPOSITION.fullmatch(folded, end, at[0]))
        return max(right - left, 0) - RIGHT_AFTER * beside, at[0]

    return min(named, key=distance)[2] if named else None


def _eligible(reading: Reading, start: int, end: int, within: Stretch) -> Iterator[Mention]:
    """The territories of a stretch that may be a figure's.

    The seat of a body is none; a place after the next figure is that one's; what a bracket names is for the figures in
    it; and of several places in a row none is the one.
    """
    around = reading.around
    after = reading.next_figure(end, within.end)
    if _THAT_IS.search(around.folded, end, after):  # « 10 % des médecins, soit 12 000 en France »
        after = within.end
    for mention in inside(reading.mentions, within.start, within.end):
        aside = _in_brackets(around.folded, mention.start) and not _in_brackets(around.folded, start)
        in_a_row = _is_one_of_several(reading, mention) and not (mention.locative and mention.start - end < _BESIDE)
        if not (mention.of_body or mention.start > after or aside or in_a_row):
            yield mention


def _is_one_of_several(reading: Reading, mention: Mention) -> bool:
    beside = inside(reading.mentions, mention.start - 60, mention.end + 30)
    pairs = ((m, mention) if m.start < mention.start else (mention, m) for m in beside if m is not mention)
    return any(_AND.fullmatch(reading.around.folded, first.end, second.start) for first, second in pairs)


def _group(reading: Reading, start: int, sentence: Stretch) -> str | None:
    """A declared set of territories that a sentence speaks of (« dans les quatre régions pilotes »).

    The sentence says what they are; paragraph and title say the rest of the group's name.
    """
    around = reading.around
    heads = {word.stem for word in around.words_in(sentence.start, sentence.end)}
    said = {word.stem for word in around.words_in(around.paragraph(start).start, around.paragraph(start).end)}
    for title in around.titles(start, 1):
        said |= {word.stem for word in around.words_in(title.start, title.end)}
    shares = {
        key: len(name & said) / len(name)
        for key, (head, name) in reading.groups.items()
        if head in heads and len(name) > 2
    }
    best = max(shares, key=lambda key: (shares[key], key), default=None)
    return best if best is not None and shares[best] >= _SHARE_OF_NAME else None


def _counts_territories(reading: Reading, end: int) -> bool:
    """Whether the figure is the number of territories itself (« 10 régions »)."""
    nouns = inside(reading.counted, end, end + _NOUN_REACH)
    return bool(nouns) and nouns[0].means == "territoire"


def _carried(reading: Reading, start: int, sentence: Stretch) -> Placed | None:
    """The last place where things were said to happen: in this paragraph, or at the head of one of those before.

    A place behind a figure of its sentence is that figure’s alone (« 86 à Rennes et 54 à Brest. »), the country apart.
    """
    around = reading.around
    index = around.index_of(start)
    for back in range(min(CARRIED_FOR, index) + 1):
        paragraph = around.paragraphs[index - back]
        if back and _closes(reading, paragraph, around.paragraphs[index - back + 1]):
            return None
        end = sentence.start if back == 0 else paragraph.end
        named = [m for m in inside(reading.mentions, paragraph.start, end) if _goes_on(reading, m, paragraph, back)]
        if named:
            return named[-1].territory_key, CARRIED
    return None


def _closes(reading: Reading, paragraph: Paragraph, after: Paragraph) -> bool:
    """Whether a place named in a paragraph is over in the one after: at a title, and where a list begins."""
    opens_list = reading.around.is_item(after.start) and not reading.around.is_item(paragraph.start)
    return paragraph.is_title or paragraph.is_source or (opens_list and not reading.around.leads_in(paragraph))


def _goes_on(reading: Reading, mention: Mention, paragraph: Paragraph, back: int) -> bool:
    folded = reading.around.folded
    if not mention.locative or mention.of_body or _in_brackets(folded, mention.start):
        return False
    sentence = reading.around.sentence(mention.start, mention.end)
    leads = reading.next_figure(sentence.start, mention.start) == mention.start or mention.territory_key == NATIONAL
    return leads if back == 0 else mention.start - paragraph.start <= _HEAD


def _in_brackets(folded: str, offset: int) -> bool:
    before = folded[max(offset - 160, 0) : offset]
    return before.rfind("(") > before.rfind(")")


def _by_default(reading: Reading, start: int, capacity: Capacity) -> Placed:
    """What the chapter or the report is about; the country for a rule for all or a national commitment."""
    scope = reading.about.scope_at(start)
    if scope == NATIONAL:
        return scope, OF_REPORT
    if capacity.obs_status == "rule":
        return NATIONAL, OF_PROGRAMME
    titles = reading.around.titles(start, 2)
    if any(map(reading.is_commitment, titles)) and not inside(reading.mentions, titles[-1].start, start):
        return NATIONAL, OF_PROGRAMME
    return scope, OF_REPORT
