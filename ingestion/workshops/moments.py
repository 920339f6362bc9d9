"""Dates and hours as the workshops print them.

Seen: "Lundi 5 décembre 2022", "05/12/2022", "21/11/22", "Jeudi 17 novembre", "17 NOVEMBRE 2022", "1er décembre";
"19h", "19H-22H", "18h00 à 20h30", "17H00 / 20H30".
"""

from __future__ import annotations

import re
from datetime import date

from ingestion.periods import MONTHS_FR

WEEKDAYS_FR = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTH = rf"(?:{'|'.join(MONTHS_FR)})"
_HOUR = r"\d{1,2}\s?h(?:\d\d)?"
#: To be matched without regard to case.
DATE = (
    rf"(?:(?:{'|'.join(WEEKDAYS_FR)})\s+)?"
    rf"(?:\d{{1,2}}(?:er)?\s+(?:{'|'.join(MONTHS_FR)})(?:\s+\d{{4}})?|\d{{1,2}}/\d{{1,2}}/(?:\d{{4}}|\d\d)\b)"
)
HOURS = rf"{_HOUR}(?:\s*(?:à|-|–|/)\s*{_HOUR})?"

_WORDS = re.compile(rf"(\d{{1,2}})(?:er)?\s+({'|'.join(MONTHS_FR)})(?:\s+(\d{{4}}))?", re.IGNORECASE)
_DIGITS = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2,4})")
_CLOCK = re.compile(r"(\d{1,2})\s?h(\d\d)?", re.IGNORECASE)


def read_date(printed: str, year: int) -> date | None:
    """The date; ``year`` serves where none is printed. None where the day does not exist or cannot be read."""
    if match := _WORDS.search(printed):
        day, month, printed_year = int(match[1]), MONTHS_FR.index(match[2].lower()) + 1, match[3]
    elif match := _DIGITS.search(printed):
        day, month, printed_year = int(match[1]), int(match[2]), match[3]
    else:
        return None
    full_year = int(printed_year) if printed_year else year
    try:
        return date(full_year + 2000 if full_year < 100 else full_year, month, day)
    except ValueError:
        return None


def read_hours(printed: str) -> list[tuple[str, re.Match[str]]]:
    """Each hour as HH:MM with its match in ``printed``: the start, then the end where one is printed."""
    return [(f"{int(m[1]):02}:{m[2] or '00'}", m) for m in _CLOCK.finditer(printed)]
