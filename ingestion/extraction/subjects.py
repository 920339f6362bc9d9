"""What a figure is about: the declared indicator whose words stand closest around it.

Every word around a figure weighs by where it stands (:func:`words_around`); every indicator has the words of its label,
weighed by how rare they are among labels, and, at less weight, those of its scope and definition. To the share of its
label that is found come the measure, the unit, what is counted, and whether the figure is a growth, a share or a level.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from ingestion.extraction.lexicon import Lexicon
from ingestion.extraction.phrases import PhraseBook, tokens
from ingestion.extraction.reading import Reading, inside
from ingestion.extraction.words import fold, words
from ingestion.reference.models import Indicator

# Where a word stands and what it weighs there, the nearest first.
AFTER = 1.0  # « 228 infirmières »: the counted noun follows its number
AFTER_FADES = 0.94  # … and each word further says less
BEFORE = 0.7
BEFORE_FADES = 0.93
SENTENCE = 0.45
LABEL_BELOW = 0.75
LABEL_ABOVE = 0.7
LABEL_FADES = 0.97  # for each paragraph of numbers between a chart's value and its title
SHORT = 0.5  # of the weight of a label, where the number has a few words of its own
MOST_OF_SHORT = 6
SENTENCE_BEFORE = 0.3
PARAGRAPH = 0.15
LEAD_IN = 0.25  # the paragraph that opens a list
TITLES = (0.3, 0.2, 0.12)

SMOOTHING = 4.0  # a label of one or two common words is soon found whole

# What each piece of evidence weighs against the share of the label that is found, which weighs LABEL.
LABEL, MEASURE, SUPPORT, COUNTED, FORM, PHRASE, RIVAL, SAME_MEASURE = 3.0, 1.0, 1.0, 0.7, 0.8, 1.2, 0.6, 0.25


@dataclass(frozen=True)
class Profile:
    """An indicator as words: those of its label and, apart, those of its scope and definition."""

    indicator: Indicator
    label: frozenset[str]
    support: frozenset[str]


@dataclass(frozen=True)
class Clues:
    """What is known of a figure before its subject: its words, unit, counted noun, and form."""

    words: Mapping[str, float]
    units: frozenset[str]
    counted: str | None
    form: str  # growth | share | multiple | amount | rank | level
    before: str | None  # indicator of the figure before


class Subjects:
    """The indicators of a lexicon, ready to be scored."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self.profiles = [_profile(indicator, lexicon.subjects) for indicator in lexicon.indicators]

    @cached_property
    def rarity(self) -> dict[str, float]:
        """The weight of each word: the logarithm of how few labels have it."""
        uses = Counter(word for profile in self.profiles for word in profile.label | profile.support)
        labels = Counter(word for profile in self.profiles for word in profile.label)
        known = len(self.profiles)
        return {
            word: math.log((known + 1) / (labels[word] + 0.25 * (uses[word] - labels[word]) + 0.5)) for word in uses
        }

    def best(self, clues: Clues, most: int = 2) -> list[tuple[str, float]]:
        """The most likely indicators and their scores, the best first; only those whose unit the print allows."""
        scored = (
            (profile.indicator.code, self._score(profile, clues))
            for profile in self.profiles
            if profile.indicator.unit in clues.units
        )
        return sorted((s for s in scored if s[1] > 0), key=lambda s: (-s[1], s[0]))[:most]

    def _score(self, profile: Profile, clues: Clues) -> float:
        found = LABEL * self._share(profile.label, clues.words) + SUPPORT * self._share(profile.support, clues.words)
        if found == 0:
            return 0.0
        own = f"@{profile.indicator.measure}"
        score = (
            found + MEASURE * clues.words.get(own, 0.0) + PHRASE * clues.words.get(f"={profile.indicator.code}", 0.0)
        )
        score -= RIVAL * max(0.0, _strongest(clues.words) - clues.words.get(own, 0.0)) if own in clues.words else 0.0
        score += COUNTED * _agreement(clues.counted, profile.indicator.counted_unit)
        score += FORM * _form_fits(clues.form, profile.indicator)
        return score + SAME_MEASURE * self._shares_measure(clues.before, profile.indicator)

    def _share(self, wanted: Iterable[str], found: Mapping[str, float]) -> float:
        """How much of some words is found, by rarity: 1 where all stand right beside the figure."""
        whole = sum(self.rarity[word] for word in wanted) + SMOOTHING
        return sum(self.rarity[word] * found[word] for word in wanted if word in found) / whole

    def _shares_measure(self, before: str | None, indicator: Indicator) -> bool:
        other = self._lexicon.by_code.get(before or "")
        return other is not None and other.measure is not None and other.measure == indicator.measure


def _strongest(found: Mapping[str, float]) -> float:
    return max((weight for word, weight in found.items() if word[0] == "@"), default=0.0)


def _agreement(counted: str | None, wanted: str) -> float:
    """Whether the noun beside the number is what the indicator counts; nothing is said where there is no noun."""
    if counted is None or wanted in ("none", "euro"):
        return 0.0
    return 1.0 if counted == wanted else -0.6


_FORMS = {"growth": "growth", "multiple": "growth", "share": "share", "amount": "amount", "level": "level"}


def _form_fits(form: str, indicator: Indicator) -> float:
    """Whether a growth, a share or a level is what the indicator is."""
    nature = indicator.nature
    if form == "growth":
        return 1.0 if nature == "growth" else -1.0
    if form == "share":
        return 0.5 if nature == "share" else -0.7 if nature == "growth" else 0.0
    return 0.0


def _profile(indicator: Indicator, names: PhraseBook[str]) -> Profile:
    label = canonical(indicator.label_fr, names)
    if indicator.measure is not None:
        label |= {f"@{indicator.measure}"}
    support = canonical(f"{indicator.champ_fr or ''} . {indicator.definition_fr}", names)
    return Profile(indicator, frozenset(label), frozenset(support - label))


def canonical(text: str, names: PhraseBook[str]) -> set[str]:
    """The words of a label, each name of a measure as one."""
    folded = fold(text)
    hits = [hit for hit in names.find(text, tokens(folded)) if hit.means[0] == "@"]
    covered = [(hit.start, hit.end) for hit in hits]
    rest = (w.stem for w in words(folded) if not any(start <= w.start < end for start, end in covered))
    return {hit.means for hit in hits} | set(rest)


def words_around(reading: Reading, start: int, end: int, meanings: Mapping[str, tuple[str, ...]]) -> dict[str, float]:
    """The words around a figure, each at the weight of the nearest place that it stands in."""
    found: dict[str, float] = {}
    for weight, fading, stretch in _places(reading, start, end):
        _weigh(found, reading, stretch, weight, fading)
    for word, weight in list(found.items()):
        for other in meanings.get(word, ()):
            found[other] = max(found.get(other, 0.0), 0.8 * weight)
    return found


Place = tuple[float, float, tuple[int, int]]  # weight, fading with each word (0 for none), from where to where


def _places(reading: Reading, start: int, end: int) -> Iterable[Place]:
    around = reading.around
    paragraph, sentence, clause = around.paragraph(start), around.sentence(start, end), around.clause(start, end)
    after = reading.next_figure(end, clause.end)
    before = reading.figure_before(start, clause.start)
    yield AFTER, AFTER_FADES, (end, after)
    yield BEFORE, -BEFORE_FADES, (before, start)
    yield SENTENCE, 0.0, (sentence.start, sentence.end)
    if sentence.start > paragraph.start:
        previous = around.sentence(sentence.start - 1, sentence.start - 1)
        yield SENTENCE_BEFORE, 0.0, (previous.start, sentence.start)
    yield PARAGRAPH, 0.0, (paragraph.start, paragraph.end)
    yield from _labels(reading, start, end)
    for weight, title in zip(TITLES, around.titles(start), strict=False):
        yield weight, 0.0, (title.start, title.end)


def _labels(reading: Reading, start: int, end: int) -> Iterable[Place]:
    """The paragraphs above and below: the label itself where the number stands alone, else a lead-in."""
    around = reading.around
    alone = reading.stands_alone(start)
    share = 1.0 if alone else SHORT if around.paragraph(start).said <= MOST_OF_SHORT else 0.0
    for label, weight in ((reading.label_below(start), LABEL_BELOW), (reading.label_above(start), LABEL_ABOVE)):
        if label is not None and share:
            yield share * weight * LABEL_FADES ** label[1], 0.0, (label[0].start, label[0].end)
    above = reading.label_above(start)
    if above is not None and not alone and around.text[: above[0].end].rstrip().endswith(":"):
        yield LEAD_IN, 0.0, (above[0].start, above[0].end)


def _weigh(found: dict[str, float], reading: Reading, stretch: tuple[int, int], weight: float, fading: float) -> None:
    """Add the words of a stretch; with a fading, each further from the figure weighs less."""
    placed = [(word.start, word.stem) for word in reading.around.words_in(*stretch)]
    placed += [(hit.start, hit.means) for hit in inside(reading.subjects, *stretch)]
    ordered = sorted(placed, reverse=fading < 0)
    for rank, (_, word) in enumerate(ordered):
        at = weight * abs(fading) ** rank if fading else weight
        if at > found.get(word, 0.0):
            found[word] = at
