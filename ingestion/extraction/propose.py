"""Propose what each figure of a report says: indicator, territory, period, capacity, with how sure each is."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from ingestion.documents.model import Document
from ingestion.extraction import dating, kinds, placing
from ingestion.extraction.evidence import stands_bare, words_around
from ingestion.extraction.kinds import Capacity, Form, Signs
from ingestion.extraction.lexicon import Lexicon
from ingestion.extraction.moments import Moment
from ingestion.extraction.reading import About, Reading, inside, read
from ingestion.extraction.subjects import Clues, Likely, Subjects
from ingestion.extraction.surroundings import Stretch
from ingestion.figures.finding import Found, find_figures
from ingestion.numbers import UnreadableFigureError, parse_in_unit

# Fitted on the reviewed figures, each report read without its own entries and then without its own indicators: how
# often the best indicator is the right one. The share of the label says most: a figure of no known indicator lacks it.
_OFFSET, _OF_SCORE, _OF_LEAD, _OF_SHARE = -3.5, 0.35, 0.6, 3.8

_FROM, _TO = re.compile(r"\bde\s+$"), re.compile(r"\s+a\s+")
_GROWTHS = ("growth", "decrease")
#: The longest head of a sentence that says something of all that follows: « À terme, », « D’ici 2022, ».
_SHORT_HEAD = 40

#: How far around a figure the noun that it counts may stand, in characters.
_NOUN_REACH = 60


@dataclass(frozen=True)
class Proposal:
    """What a figure is proposed to say.

    ``score`` (0-1) is how sure the whole is, ``scores`` how sure each part is: indicator, territory, period, kind.
    ``value`` is in ``unit``; both are null where no indicator is proposed or a range is printed.
    """

    found: Found
    indicator_code: str | None
    territory_key: str
    period: str
    date_is_explicit: bool
    kind: str
    value_form: str
    obs_status: str
    growth_form: str | None
    base_period: str | None
    cumulated_since: str | None
    unit: str | None
    value: Decimal | None
    exhibit_kind: str
    score: float
    scores: Mapping[str, float]


def propose(document: Document, lexicon: Lexicon, about: About) -> list[Proposal]:
    """A proposal for each figure of a document, in its order; what is noise gets none."""
    return propose_for(document.text, [f for f in find_figures(document) if f.noise is None], lexicon, about)


def propose_for(text: str, figures: Sequence[Found], lexicon: Lexicon, about: About) -> list[Proposal]:
    """A proposal for each of the figures of a text."""
    reading = read(text, lexicon, about, [(figure.start, figure.end) for figure in figures])
    proposer = _Proposer(reading, lexicon, figures)
    return [proposer.proposal(figure) for figure in figures]


class _Proposer:
    """What is known of one document while its figures are gone through in order."""

    def __init__(self, reading: Reading, lexicon: Lexicon, figures: Sequence[Found]) -> None:
        self._reading, self._lexicon, self._subjects = reading, lexicon, Subjects(lexicon)
        levels = [(f.start, f.end) for f in figures if f.read.unit == "none"]
        self._rows = dating.rows(reading, levels)
        self._charts = dating.charts(reading, levels) | self._rows
        self._last: str | None = None
        self._last_unit: str | None = None

    def proposal(self, figure: Found) -> Proposal:
        form = self._form(figure)
        code, sure = self._indicator(figure, form)
        indicator = self._lexicon.by_code.get(code or "")
        moment, other = self._moments(figure)
        capacity = kinds.capacity_of(form, self._signs(figure, moment), indicator)
        dated = dating.date_of(moment, other, capacity, indicator, self._reading.about)
        labels = self._labels(figure)
        territory, placed = placing.place(self._reading, figure.start, figure.end, capacity, labels)
        self._last, self._last_unit = code, figure.read.unit
        scores = {"indicator": sure, "territory": placed, "period": _sure_of_date(dated), "kind": _sure_of(capacity)}
        return Proposal(
            found=figure,
            indicator_code=code,
            territory_key=territory,
            period=dated.period,
            date_is_explicit=dated.explicit,
            kind=capacity.kind,
            value_form=capacity.value_form,
            obs_status=capacity.obs_status,
            growth_form=capacity.growth_form,
            base_period=dated.base_period,
            cumulated_since=dated.cumulated_since,
            unit=indicator.unit if indicator else None,
            value=_value(figure, indicator.unit) if indicator else None,
            exhibit_kind=self._exhibit(figure),
            score=round(sure * min(scores.values()) ** 0.5, 4),
            scores={name: round(value, 4) for name, value in scores.items()},
        )

    def _form(self, figure: Found) -> Form:
        folded, sentence = self._reading.around.folded, self._reading.around.sentence(figure.start, figure.end)
        start = figure.hedge_span.start if figure.hedge_span else figure.start
        before, after = folded[sentence.start : start], folded[figure.end : sentence.end]
        grows = [cue.end for cue in inside(self._reading.cues, sentence.start, start) if cue.means in _GROWTHS]
        return kinds.form_of(figure.read, before, after, grows[-1] - sentence.start if grows else None)

    def _cues(self, *stretches: Stretch) -> frozenset[str]:
        return frozenset(cue.means for s in stretches for cue in inside(self._reading.cues, s.start, s.end))

    def _indicator(self, figure: Found, form: Form) -> tuple[str | None, float]:
        """The likeliest indicator and how sure it is; none where no word of any label stands near."""
        sentence = self._reading.around.sentence(figure.start, figure.end)
        clues = Clues(
            words=words_around(self._reading, figure.start, figure.end, self._lexicon.meanings),
            units=kinds.units_of(figure.read.unit, self._reading.around.folded[sentence.start : sentence.end]),
            counted=self._counted(figure) if form == "level" else None,
            form=form,
            last=self._last,
            bare=self._last_unit == figure.read.unit and stands_bare(self._reading, figure.start, figure.end),
        )
        likely = (one for one in self._subjects.best(clues) if _fits(figure, self._lexicon.by_code[one.code].unit))
        best = list(islice(likely, 2))
        if not best:
            return None, 0.0
        return best[0].code, _sureness(best[0], best[0].score - best[1].score if len(best) > 1 else best[0].score)

    def _counted(self, figure: Found) -> str | None:
        """What the noun after the number says is counted."""
        if figure.read.unit == "fte":
            return "etp"
        sentence = self._reading.around.sentence(figure.start, figure.end)
        end = self._reading.next_figure(figure.end, min(sentence.end, figure.end + _NOUN_REACH))
        nouns = inside(self._reading.counted, figure.end, end)
        return nouns[0].means if nouns else None

    def _moments(self, figure: Found) -> tuple[Moment | None, Moment | None]:
        """The moment that dates a figure, and another one of its sentence (of a growth, the base)."""
        paired = self._charts.get((figure.start, figure.end))
        if paired is not None:
            return paired, None
        if figure.read.unit in ("percent", "multiple") and self._reading.stands_alone(figure.start):
            ends = dating.ends_of_chart(self._reading, figure.start)
            if ends is not None:
                return ends
        sentence = self._reading.around.sentence(figure.start, figure.end)
        if self._is_outset(figure):
            sentence = Stretch(sentence.start, figure.end)
        for stretch in (sentence, *self._labels(figure)):
            first = dating.nearest(self._reading, figure.start, figure.end, stretch)
            if first is not None:
                return first, dating.nearest(self._reading, figure.start, figure.end, stretch, but=first)
        return dating.of_survey(self._reading, figure.start, figure.end), None

    def _is_outset(self, figure: Found) -> bool:
        """Whether it is where a change sets out from (« de 1 500 à 1 700 »): what dates the change is not its date."""
        folded = self._reading.around.folded
        start = figure.hedge_span.start if figure.hedge_span else figure.start
        following = self._reading.next_figure(figure.end, len(folded))
        return bool(_FROM.search(folded, max(start - 6, 0), start)) and bool(
            _TO.fullmatch(folded, figure.end, following)
        )

    def _labels(self, figure: Found) -> list[Stretch]:
        """The first sentence of the paragraphs that label a figure which stands alone."""
        around = self._reading.around
        if not self._reading.stands_alone(figure.start):
            return []
        below, above = self._reading.label_below(figure.start), self._reading.label_above(figure.start)
        found = [label for label in (below, above) if label]
        return [around.sentence(label.start, label.start) for label, _ in sorted(found, key=lambda label: label[1])]

    def _signs(self, figure: Found, moment: Moment | None) -> Signs:
        around = self._reading.around
        sentence, near = around.sentence(figure.start, figure.end), self._near(figure, moment)
        says = [around.folded[stretch.start : stretch.end] for stretch in near]
        return Signs(
            near=self._cues(*near),
            around=self._cues(sentence),
            moment=moment,
            future=any(map(kinds.speaks_of_future, says)) or dating.is_ahead(moment, self._reading.about),
            done=any(map(kinds.speaks_of_past, says)),
            announced=self._announced(figure, sentence),
            limits=figure.hedge in ("moins_de", "jusqu_a", "au_plus"),
        )

    def _near(self, figure: Found, moment: Moment | None) -> list[Stretch]:
        """Where the words stand that say in which capacity a figure is: its clause and the head of its sentence.

        Of a chart, the lines of the value and of its moment; of a number that stands alone, its label.
        """
        around = self._reading.around
        if (figure.start, figure.end) in self._charts and moment is not None:
            return [around.line(figure.start), around.line(moment.start)]
        clause, sentence = around.clause(figure.start, figure.end), around.sentence(figure.start, figure.end)
        head = around.clause(sentence.start, sentence.start)
        near = [clause, head] if head.end - head.start <= _SHORT_HEAD else [clause]
        return near + (self._labels(figure)[:1] if self._reading.stands_alone(figure.start) else [])

    def _announced(self, figure: Found, sentence: Stretch) -> bool:
        if figure.read.unit == "multiple":
            return kinds.is_intended(figure.printed)
        around = self._reading.around
        opens = sentence.start == around.paragraph(figure.start).start and self._reading.is_measure(figure.start)
        if kinds.is_definite(around.folded[sentence.start : figure.start]) or self._is_outset(figure):
            return False
        says = slice(sentence.start, sentence.end)
        return opens and kinds.announces(around.folded[says], around.text[says])

    def _exhibit(self, figure: Found) -> str:
        if (figure.start, figure.end) in self._charts:
            return "table" if (figure.start, figure.end) in self._rows else "chart"
        return "box" if self._reading.stands_alone(figure.start) else "text"


def _fits(figure: Found, unit: str) -> bool:
    return _value(figure, unit) is not None or figure.read.form == "range"


def _value(figure: Found, unit: str) -> Decimal | None:
    """The value in a unit; null for a range, and for a print that the unit contradicts."""
    try:
        return parse_in_unit(figure.printed, unit).value
    except UnreadableFigureError:
        return None


def _sureness(best: Likely, margin: float) -> float:
    """How likely the best indicator is the right one: by its score, its lead, and how much of its label is there."""
    lead = math.log1p(10 * max(margin, 0.0))
    return 1 / (1 + math.exp(-(_OFFSET + _OF_SCORE * best.score + _OF_LEAD * lead + _OF_SHARE * best.share)))


def _sure_of_date(dated: dating.Dated) -> float:
    return 0.9 if dated.explicit else 0.8


def _sure_of(capacity: Capacity) -> float:
    return 0.9 if capacity.kind in ("actual", "growth", "share") else 0.8
