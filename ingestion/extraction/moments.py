"""Moments that a text names, as period codes.

Reports date a figure in its clause or its sentence; charts put the years on lines of their own, in the order of the
values. What has no date holds at the report's own: :mod:`ingestion.extraction.dating` decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ingestion.extraction.words import fold
from ingestion.periods import MONTHS_FR, NOT_STATED, PeriodError, parse_period

Role = Literal["at", "since", "from", "by", "now"]

#: Code of « aujourd’hui », « à ce jour »: the report's own moment, said but not dated.
NOW = "now"


@dataclass(frozen=True)
class Moment:
    """A moment named in a text. ``role`` says how: en, depuis, dès, d’ici, aujourd’hui."""

    start: int
    end: int
    code: str
    role: Role


def find_moments(folded: str, published_on: date | None) -> list[Moment]:
    """The moments of a folded text, in order. Those that name a law, a programme or a study are left out."""
    found: dict[int, Moment] = {}
    taken = bytearray(len(folded) + 1)
    for pattern, read in _READERS:
        for match in pattern.finditer(folded):
            code = None if any(taken[match.start() : match.end()]) else read(match, published_on)
            if code is not None and _is_code(code):
                taken[match.start() : match.end()] = b"\1" * (match.end() - match.start())
                found[match.start()] = _moment(folded, match, code)
    return [found[start] for start in sorted(found) if not _names_a_work(folded, start)]


def _is_code(code: str) -> bool:
    try:
        return code == NOW or bool(parse_period(code))
    except PeriodError:
        return False


# --- Reading --------------------------------------------------------------------------------------------------------

_MONTHS = {fold(name): number for number, name in enumerate(MONTHS_FR, start=1)}
_MONTHS |= {"janv": 1, "fevr": 2, "avr": 4, "juil": 7, "sept": 9, "oct": 10, "nov": 11, "dec": 12}
_MONTH = rf"(?:{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\b"
# A year is neither an amount, nor a share, nor the end of a longer number.
_YEAR = r"(?:19|20)\d\d(?![a-z\d]|[.,]\d|\s?(?:€|%|euros?\b))"
_SEPTEMBER = 9
_NEARBY = 120
_OF_STUDENTS = re.compile(r"\b(?:etudiant|universit|enseignement|promotion)")
_EDGES = {"fin": "end:", "debut": "start:"}

_Reader = Callable[["re.Match[str]", date | None], str | None]


def _span(match: re.Match[str], _: date | None) -> str | None:
    return f"{match[1]}/{match[2]}" if match[1] < match[2] else None


def _two_months(match: re.Match[str], _: date | None) -> str:
    return f"{match[3]}-{_MONTHS[match[1]]:02}/{match[3]}-{_MONTHS[match[2]]:02}"


def _dated(match: re.Match[str], _: date | None) -> str:
    return f"{match[3]}-{_MONTHS[match[2]]:02}-{int(match[1]):02}"


def _numeric(match: re.Match[str], _: date | None) -> str:
    return f"{match[3]}-{int(match[2]):02}-{int(match[1]):02}"


def _month(match: re.Match[str], _: date | None) -> str:
    return f"{_EDGES.get(match[1] or '', '')}{match[3]}-{_MONTHS[match[2]]:02}"


def _month_before(match: re.Match[str], published_on: date | None) -> str | None:
    """« en juin dernier »: the last June before the report."""
    if published_on is None:
        return None
    month = _MONTHS[match[1]]
    return f"{published_on.year - (month >= published_on.month)}-{month:02}"


def _year_of_report(back: int) -> _Reader:
    return lambda _, published_on: None if published_on is None else str(published_on.year - back)


def _this_academic_year(_: re.Match[str], published_on: date | None) -> str | None:
    """The academic year that the report appears in."""
    if published_on is None:
        return None
    return f"AY{published_on.year - (published_on.month < _SEPTEMBER)}"


def _this_year(match: re.Match[str], published_on: date | None) -> str | None:
    """« cette année »: of students, the academic year."""
    nearby = match.string[max(match.start() - _NEARBY, 0) : match.end() + _NEARBY]
    read = _this_academic_year if _OF_STUDENTS.search(nearby) else _year_of_report(0)
    return read(match, published_on)


def _academic_year(match: re.Match[str], _: date | None) -> str:
    return f"AY{match[1]}"


_READERS: tuple[tuple[re.Pattern[str], _Reader], ...] = tuple(
    (re.compile(pattern), read)
    for pattern, read in (
        (
            r"\b(?:aujourd.?hui|a\s+ce\s+jour|actuellement|a\s+l'heure\s+actuelle|d'ores\s+et\s+deja|desormais)\b",
            lambda *_: NOW,
        ),
        (
            rf"\b(?:rentree|annee)\s+(?:(?:universitaire|scolaire|de\s+{_MONTH})\s+)*(20\d\d)\s*[-–/]\s*20\d\d",
            _academic_year,
        ),
        (r"\brentree\s+(?:(?:universitaire|scolaire)\s+)?(20\d\d)", _academic_year),
        (r"\bannee\s+(?:universitaire|scolaire)\s+(20\d\d)", _academic_year),
        (
            r"\b(?:cette\s+annee|derniere\s+rentree)\s+(?:universitaire|scolaire)\b|\bderniere\s+rentree\b",
            _this_academic_year,
        ),
        (r"\bcontre\s+[^.;,]{1,30}?\b(?:auparavant|precedemment)\b", lambda *_: NOT_STATED),
        (r"\bsaison\s+(?:\w+\s+)?(20\d\d)\s*[-–/]\s*20\d\d", lambda match, _: f"FLU{match[1]}"),
        (r"\b([0-3]?\d)/([01]?\d)/(20\d\d)\b", _numeric),
        (rf"\b({_MONTH})\s+et\s+({_MONTH})\s+({_YEAR})", _two_months),
        (rf"\b([0-3]?\d)\s*(?:\^?\{{?er\}}?)?\s+({_MONTH})\s+({_YEAR})", _dated),
        (rf"\b(?:(fin|debut)\s+(?:de\s+|d')?)?({_MONTH})\.?\s+({_YEAR})", _month),
        (r"(?<![\d\w-])(20\d\d)\s*(?:[-–/]|et|a)\s*(20\d\d)(?!\d)", _span),
        (rf"\b(fin|debut)\s+({_YEAR})", lambda match, _: f"{_EDGES[match[1]]}{match[2]}"),
        (rf"\b({_MONTH})\s+dernier\b", _month_before),
        (r"\bl'an(?:nee)?\s+derniere?\b|\bl'annee\s+passee\b", _year_of_report(1)),
        (r"\bcette\s+annee\b", _this_year),
        (rf"(?<![\d\w/-])({_YEAR})(?![-/]\d)", lambda match, _: match[1]),
    )
)

# « Ma santé 2022 », « PLFSS pour 2016 », « loi du 24 juillet 2019 », « (étude DREES, décembre 2018) »
_WORK = re.compile(
    r"\bma\s+sante\s*$|(?:\bp?lfss|\bloi\b[^.;]{0,60}|\b(?:decret|ordonnance|circulaire|instruction)\b[^.;,]{0,40}|"
    r"\b(?:etude|enquete|publication|source)s?\b[^.;]{0,30},)[\s«»\"]*(?:(?:pour|du|de|en)\s+)?$"
)


def _names_a_work(folded: str, start: int) -> bool:
    return bool(_WORK.search(folded, max(start - 90, 0), start))


# --- Role -----------------------------------------------------------------------------------------------------------

_SINCE = re.compile(r"\b(?:par rapport a|depuis(?:\s+[\w']+){0,4}|a (?:partir|compter) d[eu](?:\s+(?:la|l'))?)\s*$")
_FROM = re.compile(r"\bdes(?:\s+(?:le|la|l'|1er))?\s*$")
_BY = re.compile(r"\b(?:d'ici(?:\s+a)?|a\s+(?:l')?\s*horizon|avant)(?:\s+(?:la|le|l'))?\s*$")


def _moment(folded: str, match: re.Match[str], code: str) -> Moment:
    before = folded[max(match.start() - 28, 0) : match.start()]
    if code in (NOW, NOT_STATED):
        return Moment(match.start(), match.end(), code, "now" if code == NOW else "at")
    roles: tuple[tuple[Role, re.Pattern[str]], ...] = (("since", _SINCE), ("from", _FROM), ("by", _BY))
    role: Role = next((role for role, pattern in roles if pattern.search(before)), "at")
    return Moment(match.start(), match.end(), code, role)
