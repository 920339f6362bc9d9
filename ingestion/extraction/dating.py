"""The moment that dates a figure, and the period code that follows from it.

In a sentence the nearest moment dates a figure, unless another figure or a comma lies between. A chart puts its years
and its values on lines of their own: where there are as many of both, they go together in their order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingestion.extraction.kinds import Capacity
from ingestion.extraction.moments import NOW, Moment
from ingestion.extraction.reading import About, Reading, inside
from ingestion.extraction.surroundings import Paragraph, Stretch
from ingestion.periods import NOT_STATED, PeriodError, parse_period
from ingestion.reference.models import Indicator

# How much further a moment seems behind a comma, or behind another figure (in characters).
BEHIND_A_COMMA = 40
BEHIND_A_FIGURE = 60


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
    for first, last in _bare_runs(reading):
        moments = [m for m in inside(reading.moments, first, last) if m.role != "now"]
        values = [span for span in levels if first <= span[0] < last]
        if len(moments) == len(values) >= 2:
            paired.update(zip(values, moments, strict=True))
    return paired


def _bare_runs(reading: Reading) -> Iterator[tuple[int, int]]:
    """Runs of paragraphs that hold numbers and moments and hardly a word."""
    run: list[Paragraph] = []
    for paragraph in reading.around.paragraphs:
        if _is_bare(reading, paragraph):
            run.append(paragraph)
            continue
        if len(run) > 1:
            yield run[0].start, run[-1].end
        run = []
    if len(run) > 1:
        yield run[0].start, run[-1].end


def _is_bare(reading: Reading, paragraph: Paragraph) -> bool:
    """A word of the chart itself (objectif, projection) or of its unit does not count."""
    start, end = paragraph.start, paragraph.end
    known = [(moment.start, moment.end) for moment in inside(reading.moments, start, end)]
    known += [(cue.start, cue.end) for cue in inside(reading.cues, start, end)]
    other = [w for w in reading.around.words_in(start, end) if not any(a <= w.start < b for a, b in known)]
    return len(other) <= 1 and not paragraph.is_source


def nearest(reading: Reading, start: int, end: int, within: Stretch, but: Moment | None = None) -> Moment | None:
    """The moment of a stretch that is nearest to a figure."""
    clause = reading.around.clause(start, end)

    def distance(moment: Moment) -> tuple[int, int]:
        left, right = (end, moment.start) if moment.start >= end else (moment.end, start)
        behind = BEHIND_A_FIGURE * any(left <= figure < right for figure, _ in reading.figures)
        return max(right - left, 0) + behind + BEHIND_A_COMMA * (not clause.holds(moment.start)), moment.start

    moments = [m for m in inside(reading.moments, within.start, within.end) if m != but]
    return min((m for m in moments if not start <= m.start < end), key=distance, default=None)


def date_of(
    moment: Moment | None, other: Moment | None, capacity: Capacity, indicator: Indicator | None, about: About
) -> Dated:
    """The period of a figure dated by ``moment``; ``other`` is a second moment of its sentence."""
    if capacity.kind == "growth" or capacity.growth_form is not None:
        return _of_growth(moment, other, capacity, about)
    if moment is None or moment.role == "now":
        return _undated(capacity, about, said=moment is not None)
    if moment.role == "since":
        return _since(moment, capacity, indicator, about)
    if moment.role == "by" or (capacity.obs_status == "target" and _is_reached(indicator, capacity)):
        return Dated(_valid(f"by:{moment.code}", about), explicit=True)
    return Dated(moment.code, explicit=True)


def _is_reached(indicator: Indicator | None, capacity: Capacity) -> bool:
    """Whether the target is a level to reach by then, not what is done within the period."""
    return (indicator is None or indicator.nature != "flow") and capacity.kind == "target"


def _undated(capacity: Capacity, about: About, *, said: bool) -> Dated:
    """An aim without a deadline has no period; what is without a date holds at the report's."""
    aimed = capacity.obs_status in ("target", "forecast") and not said
    return Dated(NOT_STATED if aimed else about.published_period, explicit=False)


def _since(moment: Moment, capacity: Capacity, indicator: Indicator | None, about: About) -> Dated:
    """« depuis » opens a rule or a flow; of a stock or a cumulative number it only says where counting began."""
    nature = indicator.nature if indicator else None
    if capacity.obs_status == "rule" or nature == "flow" or capacity.value_form == "increment":
        return Dated(_valid(f"since:{moment.code}", about), explicit=True)
    return Dated(about.published_period, explicit=False, cumulated_since=moment.code)


def _of_growth(moment: Moment | None, other: Moment | None, capacity: Capacity, about: About) -> Dated:
    known = sorted((m for m in (moment, other) if m is not None and m.code != NOW), key=_begins)
    arrivals = [m for m in known if m.role in ("at", "by")]
    base = next((m.code for m in known if m.role == "since"), known[0].code if len(known) == 2 else None)
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
