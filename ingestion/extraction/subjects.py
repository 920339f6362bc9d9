"""What a figure is about: the declared indicator whose words stand closest around it.

Every word around a figure has a weight (:mod:`ingestion.extraction.evidence`); every indicator has the words of its
label, weighed by how rare they are among labels, and, at less weight, those of its scope and definition. To the share
of its words that is found come the measure, the unit, what is counted, the form, and the figure before.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ingestion.extraction.lexicon import Lexicon
from ingestion.extraction.phrases import PhraseBook, tokens
from ingestion.extraction.words import ages, fold, words
from ingestion.reference.models import Indicator

# What each piece of evidence weighs against the share of the label that is found, which weighs LABEL. Set by hand and
# adjusted on the four reviewed reports, each read without its own entries (docs/extraction.md).
LABEL = 3.0
SUPPORT = 1.0  # words of the scope and the definition
MEASURE = 1.0  # the measure is named
PHRASE = 1.2  # a phrase of this indicator alone
RIVAL = 0.6  # another measure is named nearer
COUNTED = 0.7  # the noun after the number
FORM = 0.8  # growth or share
SAME_MEASURE = 0.25  # as the figure before
GROWTH_OF_LAST = 1.2  # « 168 maisons … + 27 % »
SAME_AS_LAST = 1.5  # a number without words, in a row of such

#: What reports count one for the other: « 72 médecins ont signé un contrat », « 4 000 assistants » for their posts.
_TOLD_ALIKE = {
    frozenset(pair)
    for pair in (
        ("personne", "poste"),
        ("personne", "contrat"),
        ("personne", "bourse"),
        ("contrat", "bourse"),
        ("structure", "site"),
        ("structure", "projet"),
        ("poste", "etp"),
    )
}

SMOOTHING = 4.0  # a label of one or two common words is soon found whole
_IN_SUPPORT = 0.25  # how much a word of definitions counts towards how common it is


@dataclass(frozen=True)
class Profile:
    """An indicator as words: those of its label and, apart, those of its scope and definition."""

    indicator: Indicator
    label: frozenset[str]
    support: frozenset[str]


@dataclass(frozen=True)
class Clues:
    """What is known of a figure before its subject."""

    words: Mapping[str, float]
    units: frozenset[str]
    counted: str | None  # what the noun beside it says is counted
    form: str
    last: str | None  # indicator of the figure before
    bare: bool  # no words of its own


@dataclass(frozen=True)
class Likely:
    """An indicator with its score, and the share of its label, by rarity, that stands around the figure."""

    code: str
    score: float
    share: float


class Subjects:
    """The indicators of a lexicon, ready to be scored."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._profiles = [_profile(indicator, lexicon.subjects) for indicator in lexicon.indicators]
        self._by_code = lexicon.by_code
        self._rarity = _rarity(self._profiles)
        self._in_label: dict[str, list[int]] = defaultdict(list)
        self._in_support: dict[str, list[int]] = defaultdict(list)
        for number, profile in enumerate(self._profiles):
            for word in profile.label:
                self._in_label[word].append(number)
            for word in profile.support:
                self._in_support[word].append(number)
        self._label_whole = [self._whole(profile.label) for profile in self._profiles]
        self._support_whole = [self._whole(profile.support) for profile in self._profiles]

    def best(self, clues: Clues) -> list[Likely]:
        """The likely indicators, the best first; only those whose unit the print allows."""
        strongest = max((weight for word, weight in clues.words.items() if word[0] == "@"), default=0.0)
        scored = []
        for number, found in self._found(clues.words).items():
            indicator = self._profiles[number].indicator
            score = found + _fits(indicator, clues, strongest) + self._follows(indicator, clues)
            if indicator.unit in clues.units and score > 0:
                scored.append(Likely(indicator.code, score, self._share(number, clues.words)))
        return sorted(scored, key=lambda likely: (-likely.score, likely.code))

    def _found(self, around: Mapping[str, float]) -> dict[int, float]:
        """How much of each indicator's words is found, by rarity; only of those with any."""
        found: dict[int, float] = defaultdict(float)
        for word, weight in around.items():
            said = weight * self._rarity.get(word, 0.0)
            for number in self._in_label.get(word, ()):
                found[number] += LABEL * said / self._label_whole[number]
            for number in self._in_support.get(word, ()):
                found[number] += SUPPORT * said / self._support_whole[number]
        return found

    def _share(self, number: int, around: Mapping[str, float]) -> float:
        label = self._profiles[number].label
        said = sum(self._rarity[word] * around.get(word, 0.0) for word in label)
        return said / (sum(self._rarity[word] for word in label) or 1.0)

    def _whole(self, wanted: Iterable[str]) -> float:
        return sum(self._rarity[word] for word in wanted) + SMOOTHING

    def _follows(self, indicator: Indicator, clues: Clues) -> float:
        """What the figure before says for an indicator: the same, its growth, or another of the same measure."""
        last = self._by_code.get(clues.last or "")
        if last is None:
            return 0.0
        score = SAME_AS_LAST if clues.bare and indicator.code == last.code else 0.0
        if clues.form in ("growth", "multiple"):
            score += GROWTH_OF_LAST * any(r.relation == "growth_of" and r.to == last.code for r in indicator.relations)
        return score + SAME_MEASURE * (last.measure is not None and last.measure == indicator.measure)


def _fits(indicator: Indicator, clues: Clues, strongest: float) -> float:
    """What measure, phrase, counted noun and form say for an indicator."""
    named = clues.words.get(f"@{indicator.measure}", 0.0)
    score = MEASURE * named + PHRASE * clues.words.get(f"={indicator.code}", 0.0)
    score -= RIVAL * (strongest - named) if named else 0.0
    return (
        score + COUNTED * _agreement(clues.counted, indicator.counted_unit) + FORM * _form_fits(clues.form, indicator)
    )


def _agreement(counted: str | None, wanted: str) -> float:
    """Whether the noun beside the number is what the indicator counts; nothing is said where there is no noun."""
    if counted is None or wanted in ("none", "euro"):
        return 0.0
    if counted == wanted:
        return 1.0
    return 0.0 if frozenset((counted, wanted)) in _TOLD_ALIKE else -0.6


def _form_fits(form: str, indicator: Indicator) -> float:
    """Whether a growth is proposed for a growth, and a share for a share."""
    if form == "growth":
        return 1.0 if indicator.nature == "growth" else -1.0
    if form == "share":
        return 0.5 if indicator.nature == "share" else -0.7 if indicator.nature == "growth" else 0.0
    return 0.0


def _rarity(profiles: list[Profile]) -> dict[str, float]:
    """The weight of each word: the logarithm of how few labels have it."""
    labels = Counter(word for profile in profiles for word in profile.label)
    support = Counter(word for profile in profiles for word in profile.support)
    known = len(profiles) + 1
    return {word: math.log(known / (labels[word] + _IN_SUPPORT * support[word] + 0.5)) for word in labels | support}


def _profile(indicator: Indicator, names: PhraseBook[str]) -> Profile:
    label = canonical(indicator.label_fr, names)
    if indicator.measure is not None:
        label |= {f"@{indicator.measure}"}
    support = canonical(f"{indicator.champ_fr or ''} . {indicator.definition_fr}", names)
    return Profile(indicator, frozenset(label), frozenset(support - label))


def canonical(text: str, names: PhraseBook[str]) -> set[str]:
    """The words of a label, each name of a measure as one, and the ages that bound who is counted."""
    folded = fold(text)
    hits = [hit for hit in names.find(text, tokens(folded)) if hit.means[0] == "@"]
    covered = [(hit.start, hit.end) for hit in hits]
    rest = (w.stem for w in words(folded) if not any(start <= w.start < end for start, end in covered))
    return {hit.means for hit in hits} | set(rest) | ages(folded)
