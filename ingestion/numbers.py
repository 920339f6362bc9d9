"""Printed French figures: what they say, and how far the truth may lie from them.

What belongs here: the grammar of a figure as printed (``7,6 millions d’€``, ``x 3,5``, ``deux tiers``) and the
interval of true values that the print allows, from its precision, its hedge, its unit and its form. Everything is a
pure function over :class:`~decimal.Decimal`; nothing here knows of reports, indicators or files.

The grain of a print is the place value of its last printed digit, in absolute terms: 0.1 million for ``7,6 millions``.
Trailing zeros are read as significant (``1 000`` has a grain of 1): the percentage in every hedge covers the other
reading. Fractions, round-number nouns and words of multiplication have no last digit; their grain is twice the
half-width that the table of hedges gives them, so that one rule, value ± grain / 2, serves all.

A clock time and a duration in hours and minutes are printed alike (``18h30``, ``2h30``): both read as hours and
minutes in hours, of a form of their own, and the words around them say which it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, get_args

Form = Literal["digits", "words", "ordinal", "fraction", "round_noun", "multiple_word", "clock", "range"]
Point = Literal["thousands", "decimal"]
Interval = tuple[Decimal | None, Decimal | None]

STORED_PLACES = Decimal("0.0001")  # DECIMAL(18,4), the type of every value in the warehouse
STORED_LIMIT = Decimal(10**14)
LONGEST_PRINT = 200  # characters: a longer stretch is no figure, and no pattern is tried on it
ONE, ZERO, HUNDRED, SIXTY = Decimal(1), Decimal(0), Decimal(100), Decimal(60)

# Half-widths of the table of hedges; after Adler & Asnes (2008) on French prepositional approximators.
AROUND = Decimal("0.05")  # environ
TAIL = Decimal("0.10")  # près de, un peu plus de
ROUND_NOUN = Decimal("0.20")  # une vingtaine
FRACTION = Decimal("0.025")  # un quart: ± 2.5 points
MULTIPLE_WORD = Decimal("0.10")  # doublé, triplé


class UnreadableFigureError(ValueError):
    """A print that the grammar does not know, or that does not fit the unit it is read in."""

    def __init__(self, printed: str, reason: str) -> None:
        super().__init__(f"« {printed} » : {reason}")
        self.printed = printed


class AmbiguousNumberError(UnreadableFigureError):
    """A point that may part thousands or decimals (``5.000``): ``readings`` holds both values, thousands first."""

    def __init__(self, printed: str, readings: tuple[Decimal, Decimal]) -> None:
        thousands, decimals = readings
        super().__init__(printed, f"le point sépare-t-il les milliers ({thousands}) ou les décimales ({decimals}) ?")
        self.readings = readings


class UnknownHedgeError(ValueError):
    """A term of approximation that has no class."""


@dataclass(frozen=True)
class Printed:
    """A figure as read from its print.

    ``value`` is absolute (scale applied, sign included) and null for a range, whose ends are ``low`` and ``high``.
    ``unit`` is the unit the print itself shows (``none`` where it shows none); ``form`` says how it is written.
    """

    value: Decimal | None
    unit: str
    grain: Decimal
    form: Form = "digits"
    scale: Decimal = ONE
    decimals: int = 0
    sign: str = ""
    low: Decimal | None = None
    high: Decimal | None = None

    @property
    def in_full(self) -> bool:
        """Whether every digit is printed: no scale word, no decimals, no fraction or round-number noun."""
        return self.form in ("digits", "words", "ordinal") and self.scale == ONE and self.decimals == 0


_READABLE_AS = {
    "percent": {"percent", "points"},
    "eur": {"eur", "eur_per_month"},
    "eur_per_year": {"eur"},
    "fraction": {"percent", "ratio"},
    "fte": {"count"},
    "multiple": {"multiple", "ratio"},
    "rank": {"rank", "count"},
    "seconds": {"minutes"},
    "weeks": {"days"},
}
_FACTORS = {("fraction", "percent"): HUNDRED, ("seconds", "minutes"): 1 / SIXTY, ("weeks", "days"): Decimal(7)}


def _stored(value: Decimal | None, factor: Decimal = ONE) -> Decimal | None:
    return None if value is None else (value * factor).quantize(STORED_PLACES, ROUND_HALF_UP)


# --- white space -------------------------------------------------------------------------------------------------


def normalise_printed(text: str) -> str:
    """Fold every run of white space, no-break and narrow spaces included, to one space; strip both ends."""
    return " ".join(text.split())


def same_printed(span_text: str, printed: str) -> bool:
    """Whether the text at a span is the figure as printed, white space folded."""
    return normalise_printed(span_text) == normalise_printed(printed)


# --- grammar -----------------------------------------------------------------------------------------------------

_DIGITS = r"\d{1,3}(?: \d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?"
WORD_VALUES = {
    word: value
    for value, words in {
        0: "zéro",
        1: "un une",
        2: "deux",
        3: "trois",
        4: "quatre",
        5: "cinq",
        6: "six",
        7: "sept",
        8: "huit",
        9: "neuf",
        10: "dix",
        11: "onze",
        12: "douze",
        13: "treize",
        14: "quatorze",
        15: "quinze",
        16: "seize",
        20: "vingt vingts",
        30: "trente",
        40: "quarante",
        50: "cinquante",
        60: "soixante",
        100: "cent cents",
        1000: "mille",
    }.items()
    for word in words.split()
}
_WORDS = rf"(?:{'|'.join(WORD_VALUES)})(?:(?:-| et |-et-| )(?:{'|'.join(WORD_VALUES)}))*\b"
_NUMBER = rf"(?:{_DIGITS}|{_WORDS})"
_SCALES = {
    "k": Decimal(10**3),
    "m": Decimal(10**6),
    "million": Decimal(10**6),
    "md": Decimal(10**9),
    "milliard": Decimal(10**9),
}
SCALE = r"(?:milliard|million|md)s?(?![^\W¹²³⁰⁴-⁹])|[mk](?= ?(?:€|euros?|d['’]))"
_HABITANTS = r"(?: (?:habitants?|hab\b\.?))?"
UNIT_PRINTS = (
    (r"%|pour cent", "percent"),
    (r"points?(?: de pourcentage| de %)?", "points"),
    (r"(?:€|euros?)(?: bruts?| nets?)? ?(?:(?:/|par) ?mois|mensuels?)", "eur_per_month"),
    (r"(?:€|euros?)(?: bruts?| nets?)? ?(?:(?:/|par) ?an|annuels?)", "eur_per_year"),
    (r"(?:€|euros?)(?: bruts?| nets?)?", "eur"),
    (r"fois(?: plus)?", "multiple"),
    (r"h|heures?", "hours"),
    (r"mn|min|minutes?", "minutes"),
    (r"s|sec|secondes?", "seconds"),
    (r"j|jours?", "days"),
    (r"semaines?", "weeks"),
    (r"mois", "months"),
    (r"ans?|années?", "years"),
    (r"km|kilomètres?", "km"),
    (r"km[²2]|kilomètres? carrés?", "km2"),
    (r"etpt?|équivalents?(?:-| )temps(?:-| )pleins?", "fte"),
    (rf"(?:pour|/) ?100 000{_HABITANTS}", "per_100000"),
    (rf"(?:pour|/) ?10 000{_HABITANTS}", "per_10000"),
    (rf"‰|pour mille|(?:pour|/) ?1 000{_HABITANTS}", "per_1000"),
    (r"(?:\^\{)?(?:ers?|ères?|eres?|res?|èmes?|emes?|ièmes?|iemes?|es?|è|ndes?|nds?|d)\}?", "rank"),
)
_RATES = "|".join(pattern for pattern, unit in UNIT_PRINTS if unit.startswith("per_"))
DENOMINATORS = {"moitié": 2, "demi": 2, "tiers": 3, "quart": 4, "cinquième": 5, "sixième": 6, "dixième": 10}
ROUND_NOUNS = {
    "dizaine": 10,
    "douzaine": 12,
    "quinzaine": 15,
    "vingtaine": 20,
    "trentaine": 30,
    "quarantaine": 40,
    "cinquantaine": 50,
    "soixantaine": 60,
    "centaine": 100,
    "millier": 1000,
}
MULTIPLE_STEMS = {"doubl": 2, "tripl": 3, "quadrupl": 4}

_SIGNED = re.compile(rf"(?P<sign>[+\-−–] ?)?(?P<number>{_NUMBER})(?P<tail>.*)")
_TAIL = re.compile(rf" ?(?P<scale>{SCALE})? ?(?:d['’] ?|de )?(?P<unit>{'|'.join(p for p, _ in UNIT_PRINTS)})?")
_TIMES = re.compile(rf"(?P<how>[x×]|multipli(?:ée?s?|er|ant) par|divis(?:ée?s?|er|ant) par) ?(?P<number>{_NUMBER})")
_MULTIPLE_WORD = re.compile(rf"(?P<stem>{'|'.join(MULTIPLE_STEMS)})(?:er|era|eront|ée?s?|ements?|ant|ait|ent|e)")
_CLOCK = re.compile(r"(?P<hours>\d{1,2}) ?h ?(?P<minutes>[0-5]\d)(?: ?(?:mn|min))?")
_RATE = re.compile(rf"(?P<number>{_NUMBER})(?: [\w’'().-]+){{1,5}} (?P<unit>{_RATES})")
_SLASH = re.compile(r"(?P<part>\d+) ?/ ?(?P<whole>\d+)")
_OUT_OF = re.compile(rf"(?P<part>{_NUMBER})(?: [\w’'-]+){{0,4}}? sur (?P<whole>{_NUMBER})")
_NAMED_FRACTION = re.compile(rf"(?:les )?(?:(?P<part>{_NUMBER}|la|le) )?(?P<whole>{'|'.join(DENOMINATORS)})s?")
_FRACTION_SIGNS = str.maketrans({"¼": "1/4", "½": "1/2", "¾": "3/4", "⅓": "1/3", "⅔": "2/3"})
_ROUND_NOUN = re.compile(rf"(?:(?P<times>{_NUMBER}|la|le) )?(?P<noun>{'|'.join(ROUND_NOUNS)})s?")
_RANGES = tuple(
    re.compile(pattern)
    for pattern in (
        r"entre (?P<low>.+?) et (?P<high>.+)",
        r"(?:de )?(?P<low>.+?) (?:à|ou) (?P<high>.+)",
        r"(?P<low>.+?) ?[-–—] ?(?P<high>.+)",
    )
)
# A point before exactly three digits; a second such group settles that it parts thousands.
_POINTED = re.compile(r"(?<![\d.,])(?P<head>[1-9]\d{0,2})(?P<groups>(?:\.\d{3})+)(?![\d.,])")


def parse_printed(printed: str, point: Point | None = None) -> Printed:
    """Read a figure as printed.

    ``point`` says what the point of ``5.000`` parts, where the caller knows. Raises :class:`AmbiguousNumberError`
    where nobody says so, :class:`UnreadableFigureError` for what the grammar does not know and for what is too large
    for the warehouse.
    """
    if len(printed) > LONGEST_PRINT:
        raise UnreadableFigureError(printed[:LONGEST_PRINT], "trop long pour un nombre")
    text = normalise_printed(printed).lower().translate(_FRACTION_SIGNS)
    text = _POINTED.sub(lambda pointed: _unpointed(pointed, point), text)
    for read in (_signed_number, _clock, _multiplication, _multiple_word, _fraction, _round_noun, _rate, _range):
        found = read(text)
        if found is not None:
            return _within_limit(found, printed)
    raise UnreadableFigureError(printed, "écriture de nombre inconnue")


def parse_in_unit(printed: str, unit: str, point: Point | None = None) -> Printed:
    """Read a figure in a unit of the warehouse, to four decimals; a fraction becomes a percentage or a ratio.

    Raises :class:`UnreadableFigureError` where the printed unit contradicts the wanted one.
    """
    read = parse_printed(printed, point)
    if read.unit != "none" and unit not in _READABLE_AS.get(read.unit, {read.unit}):
        raise UnreadableFigureError(printed, f"unité imprimée {read.unit}, attendue {unit}")
    factor = _FACTORS.get((read.unit, unit), ONE)
    return replace(
        read,
        unit=unit,
        value=_stored(read.value, factor),
        low=_stored(read.low, factor),
        high=_stored(read.high, factor),
        grain=read.grain * factor,
    )


def _read_stored(printed: str, unit: str, value: Decimal | None) -> Printed:
    """A figure whose value is kept: of two readings of a point, the one that the kept value confirms."""
    try:
        return parse_in_unit(printed, unit)
    except AmbiguousNumberError:
        for point in get_args(Point):
            read = parse_in_unit(printed, unit, point)
            if read.value is not None and read.value == _stored(value):
                return read
        raise


def _unpointed(pointed: re.Match[str], point: Point | None) -> str:
    """A number without the point that may part its thousands."""
    together = pointed[0].replace(".", "")
    if pointed["groups"].count(".") > 1 or point == "thousands":
        return together
    if point is None:
        raise AmbiguousNumberError(pointed[0], (Decimal(together), Decimal(pointed[0])))
    return pointed[0].replace(".", ",")


def _within_limit(read: Printed, printed: str) -> Printed:
    if any(abs(value) >= STORED_LIMIT for value in (read.value, read.low, read.high) if value is not None):
        raise UnreadableFigureError(printed, "nombre trop grand")
    return read


def reads_as(printed: str, unit: str, value: Decimal | None, low: Decimal | None, high: Decimal | None) -> bool:
    """Whether a print reads as the value kept for it, or, for a range, as its two ends."""
    read = _read_stored(printed, unit, value)
    kept = (_stored(low), _stored(high)) if read.form == "range" else (None, None)
    return (read.value, read.low, read.high) == (_stored(value), *kept)


def _signed_number(text: str) -> Printed | None:
    match = _SIGNED.fullmatch(text)
    tail = match and _TAIL.fullmatch(match["tail"])
    if not match or not tail:
        return None
    sign = {"+": "+", "": ""}.get((match["sign"] or "").strip(), "-")
    number, decimals = _number(match["number"])
    scale = _SCALES[tail["scale"].rstrip("s")] if tail["scale"] else ONE
    unit = _unit(tail["unit"])
    written: Form = "ordinal" if unit == "rank" else "digits" if match["number"][0].isdigit() else "words"
    value = number * scale * (-1 if sign == "-" else 1)
    return Printed(value, unit, scale.scaleb(-decimals), written, scale, decimals, sign)


def _unit(word: str | None) -> str:
    return next((unit for pattern, unit in UNIT_PRINTS if word and re.fullmatch(pattern, word)), "none")


def _clock(text: str) -> Printed | None:
    match = _CLOCK.fullmatch(text)
    if not match:
        return None
    return Printed(Decimal(match["hours"]) + Decimal(match["minutes"]) / SIXTY, "hours", 1 / SIXTY, "clock")


def _rate(text: str) -> Printed | None:
    """A number whose rate is printed after what it counts: « 98 médecins pour 100 000 habitants »."""
    match = _RATE.fullmatch(text)
    if not match:
        return None
    number, decimals = _number(match["number"])
    return Printed(number, _unit(match["unit"]), ONE.scaleb(-decimals), decimals=decimals)


def _multiplication(text: str) -> Printed | None:
    match = _TIMES.fullmatch(text)
    if not match:
        return None
    number, decimals = _number(match["number"])
    if number == 0:
        raise UnreadableFigureError(text, "multiplication ou division par zéro")
    if match["how"].startswith("divis"):
        return Printed(1 / number, "multiple", 2 * MULTIPLE_WORD / number, "multiple_word")
    return Printed(number, "multiple", ONE.scaleb(-decimals), "digits", decimals=decimals)


def _multiple_word(text: str) -> Printed | None:
    match = _MULTIPLE_WORD.fullmatch(text)
    if not match:
        return None
    value = Decimal(MULTIPLE_STEMS[match["stem"]])
    return Printed(value, "multiple", 2 * MULTIPLE_WORD * value, "multiple_word")


def _fraction(text: str) -> Printed | None:
    if match := _SLASH.fullmatch(text) or _OUT_OF.fullmatch(text):
        part, whole = _number(match["part"])[0], _number(match["whole"])[0]
    elif match := _NAMED_FRACTION.fullmatch(text):
        part, whole = _multiplier(match["part"]), Decimal(DENOMINATORS[match["whole"]])
    else:
        return None
    if whole == 0:
        raise UnreadableFigureError(text, "dénominateur nul")
    return Printed(part / whole, "fraction", 2 * FRACTION, "fraction")


def _round_noun(text: str) -> Printed | None:
    match = _ROUND_NOUN.fullmatch(text)
    if not match:
        return None
    value = _multiplier(match["times"]) * ROUND_NOUNS[match["noun"]]
    return Printed(value, "none", 2 * ROUND_NOUN * value, "round_noun")


def _multiplier(word: str | None) -> Decimal:
    return ONE if word is None or word in ("la", "le") else _number(word)[0]


def _range(text: str) -> Printed | None:
    for pattern in _RANGES:
        match = pattern.fullmatch(text)
        low, high = (_end(match["low"]), _end(match["high"])) if match else (None, None)
        if low is not None and high is not None:
            return _between(text, low, high)
    return None


def _end(text: str) -> Printed | None:
    return _clock(text) or _signed_number(text)


def _between(text: str, low: Printed, high: Printed) -> Printed:
    if low.value is None or high.value is None or len({low.unit, high.unit} - {"none"}) > 1:
        raise UnreadableFigureError(text, "les bornes ne sont pas de la même unité")
    # « 2 à 3 millions » prints the scale once, for both ends; « 800 000 à 1,2 million » does not.
    shared = high.scale if low.scale == ONE and low.unit == "none" and low.value < 1000 else ONE
    if low.value * shared > high.value:
        raise UnreadableFigureError(text, "les bornes ne sont pas dans l’ordre")
    unit = low.unit if high.unit == "none" else high.unit
    return replace(high, value=None, unit=unit, low=low.value * shared, high=high.value, form="range")


def _number(text: str) -> tuple[Decimal, int]:
    """A number in digits or words, and how many decimals it prints."""
    if not text[0].isdigit():
        return Decimal(_spelled(text)), 0
    plain = text.replace(" ", "").replace(",", ".")
    return Decimal(plain), len(plain.partition(".")[2])


def _spelled(text: str) -> int:
    """A whole number below a million in words: thousands, then hundreds, then what adds up."""
    total = current = 0
    for word in re.split(r"[ -]", text.replace("-et-", "-").replace(" et ", " ")):
        value = WORD_VALUES[word]
        if value == 1000 and total == 0:
            total, current = max(current, 1) * 1000, 0
        elif value == 100 and current < 20:
            current = max(current, 1) * 100
        elif value == 20 and current % 100 == 4:  # quatre-vingts
            current += 76
        elif _adds_up(current % 100, value):
            current += value
        else:
            raise UnreadableFigureError(text, "suite de nombres en lettres qui n’en fait pas un")
    return total + current


def _adds_up(tens: int, value: int) -> bool:
    """Whether a word may follow what a number in words already says below its hundreds (soixante, then dix-sept)."""
    if tens == 0:
        return value < 100
    return tens % 10 == 0 and (value < 10 or (tens in (60, 80) and value < 20))


# --- hedges ------------------------------------------------------------------------------------------------------

# The first pattern found wins: longer wordings stand before those they contain.
_HEDGES = (
    (r"un peu plus d", "un_peu_plus_de"),
    (r"jusqu", "jusqu_a"),
    (r"au moins|a minima|au minimum|minimum|≥", "au_moins"),
    (r"au plus|au maximum|maximum|plafon|≤|\bne dépass\w* pas|n['’]excèd\w* pas", "au_plus"),
    (r"\bprès d", "pres_de"),
    (r"presque|pas loin d|quasi", "presque"),
    (r"plus d|plus qu|\+ d|au[- ]delà d|dépass|excèd|supérieure?s? à|^plus$|^(?:>|&gt;)+$", "plus_de"),
    (r"moins d|- d|à peine|inférieure?s? à|^(?:<|&lt;)+$", "moins_de"),
    (r"environ|autour d|aux alentours d|\bquelque\b|de l['’]ordre d|~|≈", "environ"),
    (r"\bentre\b", "entre"),
    (rf"(?:{'|'.join(ROUND_NOUNS)})s?|approximativ", "approximatif"),
)


def hedge_class(text: str) -> str:
    """Class of a term of approximation as printed, one of ``schemas.HEDGES``.

    Raises :class:`UnknownHedgeError` for a wording without a class: guessing would choose an interval.
    """
    folded = normalise_printed(text).lower()
    for pattern, code in _HEDGES:
        if re.search(pattern, folded):
            return code
    raise UnknownHedgeError(f"terme d’approximation sans classe : « {folded} »")


# --- intervals ---------------------------------------------------------------------------------------------------


def interval(
    value: Decimal | None, printed: str, hedge: str | None, unit: str, value_form: str, obs_status: str
) -> Interval:
    """Closed interval of the true values that a print allows, in ``unit``, to four decimals; None is an open side.

    A range gives its own ends. A whole count or amount printed in full is exact, and so is a parameter or a legal
    threshold; any other figure is its value ± half its grain. A hedge widens that and never narrows it; « plus de »
    has no upper end. Negative figures are hedged by magnitude: « près de - 10 % » lies above - 10 %.
    Raises :class:`UnreadableFigureError` where the print cannot be read in that unit.
    """
    read = _read_stored(printed, unit, value)
    if _is_parameter(value_form, obs_status) and hedge in _DELIMITING:
        hedge = None
    if read.form == "range":
        low, high, half = read.low, read.high, ZERO
    else:
        low = high = read.value if value is None else value
        half = ZERO if _is_exact(read, unit, value_form, obs_status) else read.grain / 2
    return _widened(low, read.grain, half, hedge)[0], _widened(high, read.grain, half, hedge)[1]


# In a rule these words delimit (« au plus 50 000 € », « en moins de 30 minutes »): the limit itself is exact.
_DELIMITING = frozenset({"plus_de", "moins_de", "au_moins", "au_plus", "jusqu_a"})
_COUNTED = frozenset({"count", "rank", "eur", "eur_per_month"})


def _is_parameter(value_form: str, obs_status: str) -> bool:
    return value_form in ("parameter", "threshold") or obs_status == "rule"


def _is_exact(read: Printed, unit: str, value_form: str, obs_status: str) -> bool:
    """Whether the print is the value itself: counts in full, thresholds and rules, parameters without a scale word."""
    if value_form == "threshold" or obs_status == "rule":
        return True
    if value_form == "parameter":
        return read.scale == ONE and read.form in ("digits", "words", "ordinal")
    return read.in_full and unit in _COUNTED


def _widened(value: Decimal | None, grain: Decimal, half: Decimal, hedge: str | None) -> Interval:
    if value is None:
        return None, None
    low, high = _WIDEN[hedge](abs(value), grain, half)
    low = None if low is None else max(low, ZERO)
    if value < 0:
        low, high = None if high is None else -high, None if low is None else -low
    return _stored(low), _stored(high)


Widening = Callable[[Decimal, Decimal, Decimal], Interval]  # magnitude, grain, half-width of the bare print


def _around(share: Decimal) -> Widening:
    def widen(v: Decimal, g: Decimal, _: Decimal) -> Interval:
        half = max(g / 2, share * v)
        return v - half, v + half

    return widen


def _below(v: Decimal, g: Decimal, _: Decimal) -> Interval:
    return v - max(g, TAIL * v), v


def _above(v: Decimal, g: Decimal, _: Decimal) -> Interval:
    return v, v + max(g, TAIL * v)


def _bare(v: Decimal, _: Decimal, half: Decimal) -> Interval:
    return v - half, v + half


def _from(v: Decimal, _: Decimal, __: Decimal) -> Interval:
    return v, None


def _up_to(v: Decimal, _: Decimal, __: Decimal) -> Interval:
    return ZERO, v


_WIDEN: dict[str | None, Widening] = {
    None: _bare,
    "entre": _bare,
    "environ": _around(AROUND),
    "approximatif": _around(ROUND_NOUN),
    "pres_de": _below,
    "presque": _below,
    "un_peu_plus_de": _above,
    "plus_de": _from,
    "au_moins": _from,
    # « moins de » mirrors « plus de »: it excludes nothing below.
    "moins_de": _up_to,
    "au_plus": _up_to,
    "jusqu_a": _up_to,
}
