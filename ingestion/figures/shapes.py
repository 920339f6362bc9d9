"""How far a figure reaches around its number: sign, scale and unit, the other end of a range, the whole of a fraction.

A shape is a stretch of the text that :func:`ingestion.numbers.parse_printed` reads; where the grammar refuses the
longer stretch, the shorter one stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ingestion.figures.numerals import Numeral
from ingestion.figures.vocabulary import GAP, SPACE, WORD_END
from ingestion.numbers import (
    ONE,
    SCALE,
    UNIT_PRINTS,
    AmbiguousNumberError,
    Point,
    Printed,
    UnreadableFigureError,
    parse_printed,
)


@dataclass(frozen=True)
class Shape:
    """A figure's stretch of the text, what it reads as, and how many numerals of the text it holds."""

    start: int
    end: int
    read: Printed
    numerals: int = 1


UNREADABLE = Printed(None, "none", ONE)
_LOOK_BACK = 40


def shape_at(text: str, numerals: Sequence[Numeral], index: int) -> Shape:
    """The longest readable figure that begins with a numeral."""
    for longer in (_fraction, _out_of, _clock, _range):
        shape = longer(text, numerals, index)
        if shape is not None:
            return shape
    return _single(text, numerals, index)


def bare(text: str, numeral: Numeral) -> Shape:
    """A numeral by itself, whatever stands around it."""
    return Shape(numeral.start, numeral.end, _read(text, numeral.start, numeral.end) or UNREADABLE)


def _flexible(pattern: str) -> str:
    """A pattern of the grammar, whose spaces are folded, for text whose spaces are not."""
    return re.sub(r" \??", lambda space: GAP if space[0] == " ?" else SPACE, pattern)


_RANK_PRINT = (
    rf"(?:\^\{{|{GAP})(?:ers?|ères?|eres?|èmes?|emes?|ièmes?|iemes?|ndes?|nds?)\}}?(?![\w’'])"
    r"|(?:\^\{)?(?:res?|es?|è|d)\}?(?![\w’'])"
)
_PRINTED_UNITS = "|".join(
    f"(?:{_flexible(pattern)})" + ("" if unit in ("percent", "per_1000") or unit.startswith("eur") else WORD_END)
    for pattern, unit in sorted(UNIT_PRINTS, key=lambda unit: unit[1] != "km2")  # « km² » before « km »
    if unit != "rank"
)
_SUFFIX = re.compile(
    rf"(?:{GAP}(?:{SCALE}){GAP}(?:d['’]{GAP}|de{SPACE})?(?:€|euros?){WORD_END}|{GAP}(?:{SCALE}){WORD_END}"
    rf"|{GAP}(?:{_PRINTED_UNITS})|{_RANK_PRINT})",
    re.IGNORECASE,
)
RANK = re.compile(_RANK_PRINT, re.IGNORECASE)


def _suffixed(text: str, end: int) -> int:
    match = _SUFFIX.match(text, end)
    return match.end() if match else end


def _read(text: str, start: int, end: int) -> Printed | None:
    """What a stretch reads as. Where a point may part thousands or decimals, a percentage has decimals."""
    printed = text[start:end]
    readings: tuple[Point | None, ...] = (None, "decimal" if "%" in printed else "thousands")
    for point in readings:
        try:
            return parse_printed(printed, point)
        except AmbiguousNumberError:
            continue
        except UnreadableFigureError:
            return None
    return None


# --- one number ------------------------------------------------------------------------------------------------------

_TIMES = re.compile(rf"(?:(?<![\w’'])[x×]{GAP}|(?:multipli|divis)(?:ée?s?|er|ant){SPACE}par{SPACE})\Z", re.IGNORECASE)
_THE = re.compile(rf"\b(?:la|le){SPACE}\Z", re.IGNORECASE)
_HALVES = frozenset({"moitié", "tiers", "quart"})
_SIGN = re.compile(r"(?<![\w+–-])(?P<sign>[+−–-])(?P<gap>[ \u00a0\u202f]{0,2})\Z")
_OPENING = re.compile(r"(?:[(,;:\t]|\b(?:de|à|soit|est))[ \t\u00a0\u202f]*\Z")
_RATE_TAIL = re.compile(
    rf"(?:{SPACE}[^\W\d_][^\W\d_’'.-]{{0,30}}){{1,5}}?{SPACE}(?:pour{SPACE}|/{GAP})"
    r"(?P<base>1|10|100)[ \u00a0\u202f]?000(?!\d)"
)


def _single(text: str, numerals: Sequence[Numeral], index: int) -> Shape:
    numeral = numerals[index]
    end = _suffixed(text, numeral.end)
    start = _prefixed(text, numeral, text[numeral.end : end])
    for first, last in ((start, end), (numeral.start, end), (numeral.start, numeral.end)):
        read = _read(text, first, last)
        if read is not None:
            inside = sum(1 for other in numerals[index + 1 : index + 3] if other.start < last)
            return Shape(first, last, _rated(text, last, read), 1 + inside)
    return bare(text, numeral)


def _prefixed(text: str, numeral: Numeral, suffix: str) -> int:
    """Where a number with its sign, its « multiplié par » or the article of « la moitié » begins."""
    before = text[max(numeral.start - _LOOK_BACK, 0) : numeral.start]
    times, sign = _TIMES.search(before), _SIGN.search(before)
    prefix = times or (sign if sign and _is_sign(before, sign, suffix) else None)
    if numeral.printed.lower() in _HALVES:
        prefix = _THE.search(before)
    return numeral.start - len(before) + prefix.start() if prefix else numeral.start


def _is_sign(before: str, sign: re.Match[str], suffix: str) -> bool:
    """Whether a mark is the number's sign: a dash may be a bullet or part words, a plus may add things up."""
    if not sign["gap"]:
        return True
    if "%" not in suffix and "point" not in suffix.lower():
        return False
    return sign["sign"] == "+" or bool(_OPENING.search(before, 0, sign.start()))


def _rated(text: str, end: int, read: Printed) -> Printed:
    """The reading with the rate printed after what is counted: « 98 médecins pour 100 000 habitants »."""
    rate = _RATE_TAIL.match(text, end) if read.unit == "none" else None
    return replace(read, unit=f"per_{rate['base']}000") if rate else read


# --- two numbers -----------------------------------------------------------------------------------------------------

_SLASH = re.compile("/")
_SUR = re.compile(rf"(?:{SPACE}[\w’'-]{{1,30}}){{0,3}}?{SPACE}sur{SPACE}")
_ONE_IN = re.compile(rf"\bune?(?:{SPACE}[\w’'-]{{1,30}}){{0,3}}?{SPACE}sur{SPACE}\Z", re.IGNORECASE)
_WHOLES = frozenset(Decimal(whole) for whole in (2, 3, 4, 5, 6, 8, 10, 12, 20, 100, 1000))
_HOURS = re.compile(r"[ \u00a0\u202f]?h[ \u00a0\u202f]?(?=[0-5][0-9](?!\d))", re.IGNORECASE)
_TO = re.compile(rf"{SPACE}(?:à|ou){SPACE}|{GAP}[-–—]{GAP}", re.IGNORECASE)
_AND = re.compile(rf"{SPACE}et{SPACE}", re.IGNORECASE)
_BETWEEN = re.compile(rf"\bentre{SPACE}\Z", re.IGNORECASE)
# « passer de 80 à 160 » states two figures, a level and the next; « augmenter de 15 à 20 % » states a range.
_EVOLUTION = re.compile(
    r"\b(?:(?:pass|port)(?:e|er|era|ée?s?|ant)(?!\w)[^.;!?]{0,30}"
    r"|(?:doubl|tripl|évolu|relev|remont|ramen)\w+[^.;!?]{0,90})\bde\s{1,3}\Z",
    re.IGNORECASE,
)


def _following(text: str, numerals: Sequence[Numeral], index: int, joint: re.Pattern[str], end: int) -> Numeral | None:
    """The next numeral, where exactly a joint stands between it and what came before."""
    joined = joint.match(text, end)
    follows = joined and index + 1 < len(numerals) and numerals[index + 1].start == joined.end()
    return numerals[index + 1] if follows else None


def _fraction(text: str, numerals: Sequence[Numeral], index: int) -> Shape | None:
    whole = _following(text, numerals, index, _SLASH, numerals[index].end)
    if whole is None or text[whole.end : whole.end + 1] in ("/", "h", "H", "j", "J"):
        return None
    return _proper(text, numerals[index].start, numerals[index], whole, 2)


def _out_of(text: str, numerals: Sequence[Numeral], index: int) -> Shape | None:
    numeral = numerals[index]
    before = text[max(numeral.start - 2 * _LOOK_BACK, 0) : numeral.start]
    one_in = _ONE_IN.search(before) if before.rstrip().endswith("sur") else None
    if one_in and _value(text, numeral) in _WHOLES:
        start = numeral.start - len(before) + one_in.start()
        read = _read(text, start, numeral.end)
        return Shape(start, numeral.end, read) if read else None
    whole = _following(text, numerals, index, _SUR, numeral.end)
    if whole is None or _suffixed(text, whole.end) > whole.end or _SCALED.match(text, numeral.end):
        return None  # « 12 postes sur 3 ans », « 2 millions d’euros sur 5 »
    return _proper(text, numeral.start, numeral, whole, 2)


_SCALED = re.compile(rf"{GAP}(?:(?:{SCALE}){WORD_END}|€|euros?{WORD_END})", re.IGNORECASE)


def _proper(text: str, start: int, part: Numeral, whole: Numeral, numerals: int) -> Shape | None:
    """A fraction below one of a usual whole: anything else side by side is two figures."""
    above, below = _value(text, part), _value(text, whole)
    if above is None or below not in _WHOLES or not 0 < above < below:
        return None
    read = _read(text, start, whole.end)
    return Shape(start, whole.end, read, numerals) if read and read.form == "fraction" else None


def _value(text: str, numeral: Numeral) -> Decimal | None:
    read = _read(text, numeral.start, numeral.end)
    return None if read is None or read.unit != "none" else read.value


def _clock(text: str, numerals: Sequence[Numeral], index: int) -> Shape | None:
    minutes = _following(text, numerals, index, _HOURS, numerals[index].end)
    read = _read(text, numerals[index].start, minutes.end) if minutes else None
    return Shape(numerals[index].start, minutes.end, read, 2) if minutes and read else None


def _range(text: str, numerals: Sequence[Numeral], index: int) -> Shape | None:
    numeral = numerals[index]
    before = text[max(numeral.start - 120, 0) : numeral.start]
    between = _BETWEEN.search(before)
    other = _other_end(text, numerals, index, _AND if between else _TO)
    if other is None or _EVOLUTION.search(before):
        return None
    start = numeral.start - len(before) + between.start() if between else numeral.start
    for last in (_suffixed(text, other.end), other.end):
        read = _read(text, start, last)
        if read and read.form == "range":
            return Shape(start, last, read, 2)
    return None


def _other_end(text: str, numerals: Sequence[Numeral], index: int, joint: re.Pattern[str]) -> Numeral | None:
    """The numeral that may end a range; the first end may have its own unit (« 12 %-13 % »), and years make periods."""
    numeral = numerals[index]
    ends = (_suffixed(text, numeral.end), numeral.end)
    other = next((found for end in ends if (found := _following(text, numerals, index, joint, end))), None)
    return None if other is None or is_year(numeral) or is_year(other) else other


def is_year(numeral: Numeral) -> bool:
    """Whether a numeral is printed as a year of our time."""
    return len(numeral.printed) == 4 and numeral.printed.isdigit() and "1900" <= numeral.printed <= "2100"


# --- articles that count ---------------------------------------------------------------------------------------------

_AT_LEAST_ONE = re.compile(rf"\bau{SPACE}moins{SPACE}(?P<one>une?)\b", re.IGNORECASE)
_ONLY_ONE = re.compile(rf"(?:\A|[.,;:(»]|\n)\s{{0,3}}[^\w\s]?\s?(?P<one>une?){SPACE}seule?\b", re.IGNORECASE)
_ONE_IN_EACH = re.compile(
    r"(?:\A|[.,;:(»]|\n)\s{0,3}(?P<one>une?)\b"
    r"(?=[^.;:!?()«]{3,90}?\b(?:dans|par)\s{1,3}chaque\s{1,3}(?:région|département|commune|territoire)\b)",
    re.IGNORECASE,
)


def article_shapes(text: str) -> Iterator[Shape]:
    """« au moins une », « un seul », « un … dans chaque région »: articles that count, in no order, possibly twice."""
    for pattern in (_AT_LEAST_ONE, _ONLY_ONE, _ONE_IN_EACH):
        for match in pattern.finditer(text):
            start, end = match.span("one")
            yield Shape(start, end, parse_printed(match["one"]), 0)
