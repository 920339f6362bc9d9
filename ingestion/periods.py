"""Period codes: the grammar in which inputs write time, and what each code means in days.

======================  ==========================================  ==============================================
code                    what it is                                  days that it covers
======================  ==========================================  ==============================================
``2018-01-01``          a day                                       that day
``2015-10``             a month                                     the calendar month
``2019-Q2``             a quarter                                   the calendar quarter
``2019-H1``             a half-year                                 January to June, July to December
``2018``                a year                                      the calendar year
``AY2019``              academic year 2019-2020                     1 September to 31 August (a)
``FLU2018``             flu season 2018-2019                        Monday of ISO week 40 to Sunday of week 20 (b)
``start:2019``          "début 2019"                                January to March (c)
``end:2018``            "fin 2018"                                  October to December (c)
``start:2019-06``       "début juin 2019"                           1st to 10th (d)
``end:2019-06``         "fin juin 2019"                             21st to last day (d)
``since:<p>``           "depuis …"                                  from the first day of <p>, open end
``by:<p>``              "d’ici …"                                   open start, to the last day of <p>
``<p>/<p>``             an interval                                 first day of the first to last day of the second
``not_stated``          no period is printed                        none
======================  ==========================================  ==============================================

(a) The academic year of French universities, from one September to the next; reports print "année universitaire" or
    "rentrée" without days.
(b) Sentinelles and Santé publique France open their surveillance in week 40 ("depuis la semaine 2018s40, date de début
    de la surveillance"); week 20 is the end of the season for the European network to which they report.
(c) "fin 2018" and "début 2019" name no date. A quarter at the year's end or start is the widest reading under which
    two printings of the same "fin" still speak of the same moment; narrower would make contradictions out of wording.
(d) The month in three parts of ten days, as French usage has it (début, mi-, fin).

``year`` is the year that a figure is filed under: the year in the code for one period, the last year for an
interval (where a growth arrives), the only year known for an open period.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import polars as pl

Granularity = Literal[
    "day", "month", "quarter", "half_year", "year", "academic_year", "flu_season", "interval", "not_stated"
]

NOT_STATED = "not_stated"
MONTHS_FR = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
# French puts "le", "l’" or "la" before some periods and nothing before others; "depuis", "d’ici" and "de … à" follow.
_ARTICLES = {
    "day": "le ",
    "quarter": "le ",
    "half_year": "le ",
    "academic_year": "l’",
    "flu_season": "la ",
}
_EXPECTED = (
    "a day (2018-01-01), month (2015-10), quarter (2019-Q2), half-year (2019-H1), year (2018), academic year (AY2019), "
    "flu season (FLU2018), start: or end: of a year or month, since:<period>, by:<period>, <period>/<period> "
    "or not_stated"
)


class PeriodError(ValueError):
    """A text that is not a period code; the message says what was expected."""

    def __init__(self, code: str, expected: str = _EXPECTED) -> None:
        super().__init__(f"{code!r} is not a period code: expected {expected}")
        self.code = code
        self.expected = expected


@dataclass(frozen=True)
class Period:
    """One period. ``start_date`` and ``end_date`` are inclusive, null where open; ``label_fr`` reads as reports do."""

    period_key: str
    label_fr: str
    granularity: Granularity
    start_date: date | None
    end_date: date | None
    year: int | None


@lru_cache(maxsize=4096)
def parse_period(code: str) -> Period:
    """The period that ``code`` stands for, by the grammar of this module.

    Raises:
        PeriodError: the text is no period code, names a date that does not exist, or an interval that runs backwards.
    """
    if code == NOT_STATED:
        return Period(code, "non précisé", "not_stated", None, None, None)
    if "/" in code:
        return _interval(code)
    prefix, colon, rest = code.partition(":")
    if colon and prefix in ("since", "by"):
        return _open_period(code, prefix, _bounded(rest, code))
    return _bounded(code, code)


def periods_frame(codes: Iterable[str]) -> pl.DataFrame:
    """The distinct periods of ``codes``, sorted by key: the columns of the bronze table ``period``, input_sha256 apart.

    Raises:
        PeriodError: for the first code that is none.
    """
    import polars as pl

    from ingestion.schemas import PERIOD

    periods = [parse_period(code) for code in sorted(set(codes))]
    columns = {column.name: column.dtype for column in PERIOD.columns}
    return pl.DataFrame([[getattr(p, name) for name in columns] for p in periods], schema=columns, orient="row")


def _bounded(code: str, whole: str) -> Period:
    """A period with both ends: one of the plain codes, or the start or end of a year or month."""
    prefix, colon, rest = code.partition(":")
    if not colon:
        return _plain(code, whole)
    if prefix not in ("start", "end"):
        raise PeriodError(whole)
    inner = _plain(rest, whole)
    if inner.granularity not in ("year", "month"):
        raise PeriodError(whole, f"a year or a month after {prefix}:")
    first, last = (_start_of if prefix == "start" else _end_of)(inner)
    word = "début" if prefix == "start" else "fin"
    return Period(code, f"{word} {inner.label_fr}", "interval", first, last, inner.year)


def _plain(code: str, whole: str) -> Period:
    for pattern, build in _PLAIN:
        match = pattern.fullmatch(code)
        if match:
            try:
                return build(code, *(int(part) for part in match.groups()))
            except ValueError as error:
                raise PeriodError(whole, f"a date that exists ({error})") from error
    raise PeriodError(whole)


def _day(code: str, year: int, month: int, day: int) -> Period:
    when = date(year, month, day)
    label = f"{_ordinal(day, 'er') if day == 1 else day} {MONTHS_FR[month - 1]} {year}"
    return Period(code, label, "day", when, when, year)


def _month(code: str, year: int, month: int) -> Period:
    first = date(year, month, 1)
    return Period(code, f"{MONTHS_FR[month - 1]} {year}", "month", first, _last_day(year, month), year)


def _quarter(code: str, year: int, number: int) -> Period:
    label = f"{_ordinal(number, 'er')} trimestre {year}"
    return Period(code, label, "quarter", date(year, 3 * number - 2, 1), _last_day(year, 3 * number), year)


def _half_year(code: str, year: int, number: int) -> Period:
    label = f"{_ordinal(number, 'er')} semestre {year}"
    return Period(code, label, "half_year", date(year, 6 * number - 5, 1), _last_day(year, 6 * number), year)


def _year(code: str, year: int) -> Period:
    return Period(code, str(year), "year", date(year, 1, 1), date(year, 12, 31), year)


def _academic_year(code: str, year: int) -> Period:
    label = f"année universitaire {year}-{year + 1}"
    return Period(code, label, "academic_year", date(year, 9, 1), date(year + 1, 8, 31), year)


def _flu_season(code: str, year: int) -> Period:
    first, last = date.fromisocalendar(year, 40, 1), date.fromisocalendar(year + 1, 20, 7)
    return Period(code, f"saison grippale {year}-{year + 1}", "flu_season", first, last, year)


# Years from 1900 to 2099: a longer or shorter number in an input is a slip, not a date.
_YEAR = r"((?:19|20)\d\d)"
_PLAIN: tuple[tuple[re.Pattern[str], Callable[..., Period]], ...] = tuple(
    (re.compile(pattern, re.ASCII), build)
    for pattern, build in (
        (_YEAR, _year),
        (_YEAR + r"-(\d\d)", _month),
        (_YEAR + r"-(\d\d)-(\d\d)", _day),
        (_YEAR + r"-Q([1-4])", _quarter),
        (_YEAR + r"-H([12])", _half_year),
        ("AY" + _YEAR, _academic_year),
        ("FLU" + _YEAR, _flu_season),
    )
)


def _start_of(period: Period) -> tuple[date, date]:
    first, _ = _ends(period)
    if period.granularity == "year":
        return first, date(first.year, 3, 31)
    return first, first.replace(day=10)


def _end_of(period: Period) -> tuple[date, date]:
    _, last = _ends(period)
    if period.granularity == "year":
        return date(last.year, 10, 1), last
    return last.replace(day=21), last


def _open_period(code: str, prefix: str, inner: Period) -> Period:
    article = _ARTICLES.get(inner.granularity, "")
    if prefix == "since":
        return Period(code, f"depuis {article}{inner.label_fr}", "interval", inner.start_date, None, inner.year)
    by = _to_fr(inner) if article else inner.label_fr
    return Period(code, f"d’ici {by}", "interval", None, inner.end_date, inner.year)


def _interval(code: str) -> Period:
    left, _, right = code.partition("/")
    first, second = _bounded(left, code), _bounded(right, code)
    start, end = _ends(first)[0], _ends(second)[1]
    if start >= _ends(second)[0] or _ends(first)[1] >= end:
        raise PeriodError(code, "an interval whose second period comes after the first")
    return Period(code, f"{_from_fr(first)} {_to_fr(second)}", "interval", start, end, second.year)


def _from_fr(period: Period) -> str:
    article = _ARTICLES.get(period.granularity, "")
    if article == "le ":
        return f"du {period.label_fr}"
    if not article and period.label_fr[0] in "ao":
        return f"d’{period.label_fr}"
    return f"de {article}{period.label_fr}"


def _to_fr(period: Period) -> str:
    article = _ARTICLES.get(period.granularity, "")
    return f"au {period.label_fr}" if article == "le " else f"à {article}{period.label_fr}"


def _ends(period: Period) -> tuple[date, date]:
    if period.start_date is None or period.end_date is None:
        raise PeriodError(period.period_key, "a period with both ends inside another")
    return period.start_date, period.end_date


def _last_day(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _ordinal(number: int, first: str) -> str:
    return f"{number}{first}" if number == 1 else f"{number}e"
