"""The moment that dates a figure, and the period code that follows from it.

In a sentence the nearest moment dates a figure, unless another figure or a comma lies between. A chart puts its years
and its values on lines of their own: where there are as many of both, they go together in their order.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from ingestion.extraction.kinds import Capacity
from ingestion.extraction.moments import NOW, Moment
from ingestion.extraction.reading import About, Reading, inside
from ingestion.extraction.surroundings import Stretch
from ingestion.periods import NOT_STATED, PeriodError, parse_period
from ingestion.reference.models import Indicator

# How much further a moment seems behind punctuation or another figure, and how much nearer at the head of the sentence,
# from where it dates all that follows (in characters).
BEHIND_A_COMMA = 40
BEHIND_A_COLON = 60
BEHIND_A_FIGURE = 60
AT_THE_HEAD = 40
_HEAD = 12  # « Depuis le 1er … », « Au cours de l’année … »
_SURVEY = re.compile(r"\b(?:enquete|sondage|etude)\b")
_AGAINST = re.compile(r"\bcontre\s+[^.;]{0,30}\d")
_PARTED = re.compile(r";(?!\s*(?:parmi|dont)\b)")
_COLON = re.compile(r"[;:()]\s|[()]")


@dataclass(frozen=True)
class Dated:
    """When a figure holds. ``explicit`` where a date is printed, else it is the report's own."""

    period: str
    explicit: bool
    base_period: str | None = None
    cumulated_since: str | None = None


def charts(reading: Reading, levels: Sequence[tuple[int, int]]) -> dict[tuple[int, int], Moment]:
    """The moment of each value of a chart, for the charts whose moments and values are as many.

    ``levels`` are the spans of the figures that may be values: growths are not.
    """
    paired: dict[tuple[int, int], Moment] = {}
    for run in reading.bare_runs:
        moments = [m for m in inside(reading.moments, run.start, run.end) if m.role != "now"]
        values = levels[bisect_left(levels, (run.start, 0)) : bisect_left(levels, (run.end, 0))]
        if len(moments) == len(values) >= 2:
            paired.update(zip(values, moments, strict=True))
    return paired


def rows(reading: Reading, levels: Sequence[tuple[int, int]]) -> dict[tuple[int, int], Moment]:
    """The moment of each value of a table whose head is a row of moments, for the rows with one value under each."""
    around, paired, under = reading.around, dict[tuple[int, int], Moment](), list[Moment]()
    line = around.line(0)
    while line.end < len(around.text):
        moments = [m for m in inside(reading.moments, line.start, line.end) if m.role == "at"]
        first, last = bisect_left(levels, (line.start, 0)), bisect_left(levels, (line.end, 0))
        if first == last and around.is_row(line) and len(moments) >= 2:
            under = moments
        elif not around.is_row(line):
            under = []
        elif last - first == len(under):
            paired.update(zip(levels[first:last], under, strict=True))
        line = around.line(line.end + 1)
    return paired


def nearest(reading: Reading, start: int, end: int, within: Stretch, but: Moment | None = None) -> Moment | None:
    """The moment of a stretch that is nearest to a figure."""
    folded = reading.around.folded
    head = within.start + len(folded[within.start : within.end]) - len(folded[within.start : within.end].lstrip())

    def distance(moment: Moment) -> tuple[int, int]:
        left, right = (end, moment.start) if moment.start >= end else (moment.end, start)
        between = folded[left:right]
        far = (
            len(between)
            + BEHIND_A_FIGURE * reading.figures_in(left, right)
            + BEHIND_A_COLON * len(_COLON.findall(between))
        )
        leads = moment.end <= start and moment.start - head <= _HEAD
        return far + BEHIND_A_COMMA * between.count(", ") - AT_THE_HEAD * leads, moment.start

    def speaks_of_it(moment: Moment) -> bool:
        """A semicolon parts what each date is said of, unless the date leads all."""
        parted = bool(_PARTED.search(folded, min(end, moment.end), max(start, moment.start)))
        if moment.code == NOT_STATED and not moment.start <= start < moment.end:
            return False
        if _AGAINST.search(folded, end, moment.start):  # « 24, contre 12 en 2017 »: the date of the other
            return False
        return moment != but and not start <= moment.start < end and (not parted or moment.start - head <= _HEAD)

    moments = inside(reading.moments, within.start, within.end)
    return min(filter(speaks_of_it, moments), key=distance, default=None)


def ends_of_chart(reading: Reading, offset: int) -> tuple[Moment, Moment] | None:
    """The last past moment of the chart that holds a growth, and its first: what the growth is between."""
    index = bisect_right(reading.bare_runs, offset, key=lambda run: run.start) - 1
    run = reading.bare_runs[index] if index >= 0 and reading.bare_runs[index].holds(offset) else None
    moments = inside(reading.moments, run.start, run.end) if run else []
    past = sorted((m for m in moments if m.role == "at" and not is_ahead(m, reading.about)), key=_begins)
    return (past[-1], past[0]) if len(past) > 1 else None


def of_survey(reading: Reading, start: int, end: int) -> Moment | None:
    """The date of the survey that the sentence before presents, and this one gives results of."""
    around = reading.around
    sentence = around.sentence(start, end)
    if sentence.start <= around.paragraph(start).start:
        return None
    before = around.sentence(sentence.start - 1, sentence.start - 1)
    if not _SURVEY.search(around.folded, before.start, before.end):
        return None
    moments = [m for m in inside(reading.moments, before.start, before.end) if m.role == "at"]
    return moments[-1] if moments else None


def is_ahead(moment: Moment | None, about: About) -> bool:
    """Whether a moment begins after the report appeared."""
    if moment is None or moment.code == NOW or about.published_on is None:
        return False
    begins = parse_period(moment.code).start_date
    last = parse_period(about.published_period).end_date or about.published_on
    return begins is not None and begins > last


def date_of(
    moment: Moment | None, other: Moment | None, capacity: Capacity, indicator: Indicator | None, about: About
) -> Dated:
    """The period of a figure dated by ``moment``; ``other`` is a second moment of its sentence."""
    if capacity.kind == "growth" or capacity.growth_form is not None:
        return _of_growth(moment, other, capacity, about)
    aim = capacity.value_form == "threshold" and capacity.obs_status == "target"
    if moment is None or moment.role == "now" or aim:
        return _undated(capacity, indicator, about, said=moment is not None and not aim)
    if moment.code == NOT_STATED:
        return Dated(NOT_STATED, explicit=False)
    if moment.role == "since":
        return _since(moment, capacity, indicator, about)
    if moment.role == "from":
        return Dated(moment.code, explicit=True)
    if moment.role == "by" or (capacity.obs_status == "target" and _is_reached(moment, indicator, capacity, about)):
        return Dated(_valid(f"by:{moment.code}", about), explicit=True)
    return Dated(moment.code, explicit=True)


def _is_reached(moment: Moment, indicator: Indicator | None, capacity: Capacity, about: About) -> bool:
    """Whether the target is a level to reach by then, not what is done within the period."""
    if capacity.kind != "target" or (indicator is not None and indicator.nature == "flow"):
        return False
    return about.published_on is None or parse_period(moment.code).year != about.published_on.year


def _undated(capacity: Capacity, indicator: Indicator | None, about: About, *, said: bool) -> Dated:
    """An aim without a deadline has no period; what is without a date holds at the report's."""
    lasts = indicator is not None and indicator.nature == "duration"
    aimed = capacity.obs_status in ("target", "forecast") and not said and not lasts
    return Dated(NOT_STATED if aimed else about.published_period, explicit=False)


def _since(moment: Moment, capacity: Capacity, indicator: Indicator | None, about: About) -> Dated:
    """« depuis » opens a rule or a flow; of a stock or a cumulative number it only says where counting began."""
    nature = indicator.nature if indicator else None
    if capacity.obs_status == "rule" or nature == "flow" or capacity.value_form == "increment":
        return Dated(_valid(f"since:{moment.code}", about), explicit=True)
    return Dated(about.published_period, explicit=False, cumulated_since=moment.code)


def _of_growth(moment: Moment | None, other: Moment | None, capacity: Capacity, about: About) -> Dated:
    known = sorted((m for m in (moment, other) if m is not None and m.code not in (NOW, NOT_STATED)), key=_begins)
    arrivals = [m for m in known if m.role in ("at", "by")]
    base = next((m.code for m in known if m.role in ("since", "from")), known[0].code if len(known) == 2 else None)
    arrival = arrivals[-1] if arrivals and arrivals[-1].code != base else None
    if arrival is None:
        aimed = capacity.obs_status == "target"
        return Dated(NOT_STATED if aimed else about.published_period, explicit=False, base_period=base)
    aimed = arrival.role == "by" or capacity.obs_status == "target"
    code = f"by:{arrival.code}" if aimed and not arrival.code.startswith(("AY", "FLU")) else arrival.code
    return Dated(_valid(code, about), explicit=True, base_period=base)


def _begins(moment: Moment) -> str:
    start = parse_period(moment.code).start_date
    return "" if start is None else start.isoformat()


def _valid(code: str, about: About) -> str:
    """The code, or the report's own period where the text gives one that the grammar refuses."""
    try:
        return parse_period(code).period_key
    except PeriodError:
        return about.published_period
