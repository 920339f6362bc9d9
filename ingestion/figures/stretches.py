"""Stretches of a document that are something else as a whole: every numeral in them is dismissed for one reason."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache

from ingestion.documents.model import Document
from ingestion.figures.pages import lone_page_numbers, running_lines
from ingestion.figures.vocabulary import any_of, load_noise


class Stretches:
    """Where a document has phones, dates in digits, page numbers and names that hold a number."""

    def __init__(self, document: Document) -> None:
        found = [
            (match.start(), match.end(), reason)
            for reason, pattern in _patterns()
            for match in pattern.finditer(document.text)
        ]
        running = running_lines(document)
        found += [(span.start, span.end, "header_footer") for span in running]
        found += [(span.start, span.end, "page_number") for span in ([] if running else lone_page_numbers(document))]
        self._found = sorted(found)
        self._starts = [start for start, _, _ in self._found]

    def reason(self, offset: int) -> str | None:
        """Why a character's stretch is no figure. Of stretches inside one another the last few that begin are asked."""
        index = bisect_right(self._starts, offset)
        nearest = (self._found[place] for place in range(index - 1, max(index - 4, -1), -1))
        return next((reason for start, end, reason in nearest if start <= offset < end), None)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    day, month, year = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d\d"
    dates = (
        rf"{day}(?P<mark>[/.-]){month}(?P=mark){year}",  # 21/11/2022
        rf"{day}/{month}/\d\d",
        rf"{year}-[01]\d-[0-3]\d",
        rf"(?:0[1-9]|1[0-2])/{year}",
        rf"{year}[ \u00a0]?[/–-][ \u00a0]?{year}",  # 2018-2019
        rf"{year}[/–-]\d\d(?!\s?[hH])",  # 2019/20
    )
    permanence = r"(?:24\s?h?(?:eures)?|7\s?j?(?:ours)?|365\s?j?(?:ours)?)\s?(?:/|sur)\s?(?:24|7|365|an)(?:\s?[hj])?"
    return (
        ("phone", re.compile(r"(?<![\d.])(?:\+33[ .\u00a0]?\(?0?\)?|0)[1-9](?:[ .\-\u00a0\u202f]?\d\d){4}(?!\d)")),
        ("phone", re.compile(r"(?<=\b(?:au|le) )3\d[ .\u00a0]\d\d(?![ .\u00a0]?\d|\s?[%€])")),
        ("phone", re.compile(r"(?<!\d)0[ .\u00a0]8\d\d(?:[ .\u00a0]\d\d\d){2}(?!\d)")),
        ("date", re.compile(rf"(?<![\d/.-])(?:{'|'.join(dates)})(?![\d/])")),
        ("availability", re.compile(rf"(?<!\d){permanence}(?!\w)", re.IGNORECASE)),
        ("programme_name", re.compile(rf"(?<!\w){any_of(load_noise().programme_names)}", re.IGNORECASE)),
    )
