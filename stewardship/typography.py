"""French typography of what stewards read: numbers, quantities, quotations, and text that is safe to print.

Pure functions. Texts come from documents that anyone may have written, so control and direction characters are shown,
never emitted.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

NBSP = "\u00a0"
NNBSP = "\u202f"
MINUS = "\u2212"
#: Beyond it a number is written in powers of ten: no indicator reaches it, and a hostile exponent stays short.
_LONGEST = Decimal("1e18")
_LARGEST_EXPONENT = 400
_INVARIABLE = {
    "percent": "%",
    "eur": "€",
    "eur_per_month": "€ par mois",
    "km": "km",
    "months": "mois",
    "per_km2": "par km²",
    "per_1000": f"pour 1{NNBSP}000",
    "per_10000": f"pour 10{NNBSP}000",
    "per_100000": f"pour 100{NNBSP}000",
}
#: Computed, not printed, most of the time: more decimals would only be noise.
_COMPUTED = {"percent", "points", "multiple"}
_COUNTED = {"points": "point", "hours": "heure", "minutes": "minute", "days": "jour", "years": "an"}


def number_fr(value: Any, decimals: int = 4) -> str:
    """A number as French prints it: « 1 234,5 », at most ``decimals`` decimals; « ? » where there is none.

    >>> number_fr(1234.5).replace(NNBSP, " ")
    '1 234,5'
    """
    number = as_number(value)
    if number is None:
        return "?"
    if abs(number) >= _LONGEST:
        return f"{number:.4E}".replace(".", ",")
    # 6.25 is 6,3 to a French reader; the language's own formatting would round the half to the even digit.
    rounded = abs(number).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    whole, _, fraction = f"{rounded:,f}".partition(".")
    fraction = fraction.rstrip("0")
    shown = whole.replace(",", NNBSP) + (f",{fraction}" if fraction else "")
    return f"{MINUS}{shown}" if number < 0 and shown != "0" else shown


def as_number(value: Any) -> Decimal | None:
    """The finite number that a JSON value or a database value is, within reason; None for anything else."""
    if value is None or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < _LARGEST_EXPONENT else None


def quantity_fr(value: Any, unit: str | None) -> str:
    """A number with its unit: « 12,5 % », « 300 € », « 2 heures »; counts and unknown units stay bare."""
    number = as_number(value)
    text = number_fr(value, 2 if unit in _COMPUTED else 4)
    if unit in _INVARIABLE:
        return f"{text}{NNBSP}{_INVARIABLE[unit]}"
    if unit in _COUNTED:
        plural = "s" if number is not None and abs(number) >= 2 else ""
        return f"{text}{NBSP}{_COUNTED[unit]}{plural}"
    return f"×{NBSP}{text}" if unit == "multiple" else text


def gap_fr(gap: Any, unit: str | None) -> str:
    """The size of a difference between two values of a unit; percentages differ by points, multiples by a number."""
    number = as_number(gap)
    size = abs(number) if number is not None else None
    if unit == "multiple":
        return number_fr(size, 2)
    return quantity_fr(size, "points" if unit == "percent" else unit)


def quoted_fr(text: str) -> str:
    """« text », with the no-break spaces that guillemets take."""
    return f"«{NBSP}{text}{NBSP}»"


def listed_fr(items: Sequence[str]) -> str:
    """« a, b et c »."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} et {items[-1]}" if items else ""


def safe_text(value: Any) -> str:
    """A value as one line of text that a terminal, a mail or a page can show without obeying it.

    Runs of white space become one space (no-break spaces stay); control, direction and other invisible characters
    are written as their code, « \\u001b ».
    """
    folded = re.sub(r"[ \t\r\n\f\v]+", " ", str(value)).strip(" ")
    return "".join(f"\\u{ord(c):04x}" if is_unsafe(c) else c for c in folded)


def is_unsafe(character: str) -> bool:
    """Whether a character could steer a terminal, turn the direction of a text or hide in it."""
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def typeset_fr(text: str) -> str:
    """A text written with ordinary spaces, given the narrow no-break spaces that French punctuation takes."""
    return re.sub(r" (?=[:;!?%])", NNBSP, text)
