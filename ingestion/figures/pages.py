"""Page numbers that a reader without pages leaves in the text: in running lines, or alone on a line.

A reader that knows pages tells headers and footers itself (``Line.role``). In a text copied from pages, a running line
is one that comes back with a number that grows as the text does; where there are none, a page number stands alone on
its line, between the end of a page and a title.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from ingestion.documents.model import Document, Span
from ingestion.figures.vocabulary import any_of, load_noise

_OFTEN = 5  # times that a running line comes back; a label that does has no reason to grow evenly
_UNEVEN = 0.25  # how far a page may lie from where its number puts it, in parts of the text
_CHARACTERS_A_PAGE = range(300, 20_000)


def running_lines(document: Document) -> list[Span]:
    """Lines that come back from page to page with a growing number, in the order of the text."""
    groups: dict[str, list[tuple[int, Span]]] = defaultdict(list)
    for line in document.lines:
        numbered = _NUMBERED_LINE.fullmatch(document.text, line.start, line.end)
        if numbered:
            number = numbered["first"] or numbered["last"]
            groups[(numbered["after"] or numbered["before"]).strip()].append((int(number), line))
    found = [line for lines in groups.values() if _is_running(lines) for _, line in lines]
    return sorted((Span(line.start, line.end) for line in found), key=lambda span: span.start)


_NUMBERED_LINE = re.compile(
    r"\s*(?:(?P<first>\d{1,3})\s+(?P<after>\D[^\n]{5,150}?)|(?P<before>[^\n]{5,150}?\D)\s+(?P<last>\d{1,3}))\s*"
)


def _is_running(lines: Sequence[tuple[int, Span]]) -> bool:
    if len(lines) < _OFTEN or any(later[0] <= earlier[0] for earlier, later in pairwise(lines)):
        return False
    (first, start), (last, end) = lines[0], lines[-1]
    rate = (end.start - start.start) / (last - first)
    return all(
        abs(start.start + (number - first) * rate - line.start) <= _UNEVEN * (end.start - start.start)
        for number, line in lines
    )


def lone_page_numbers(document: Document) -> list[Span]:
    """Numbers alone on their line that count pages: most of those that could must grow from one to the next."""
    candidates = [
        (number, span)
        for span in (_lone_number(document.text, line) for line in document.lines)
        if span and (number := _page(document.text, span)) is not None
    ]
    growing = _growing([number for number, _ in candidates])
    return [candidates[index][1] for index in growing] if 2 * len(growing) > len(candidates) else []


_LONE = re.compile(r"[ \t\u00a0]*(?P<number>\d{1,6})(?P<total>[ ]?/[ ]?\d{1,4})?[ \t\u00a0\r]*")


def _lone_number(text: str, line: Span) -> Span | None:
    alone = _LONE.fullmatch(text, line.start, line.end) if line.end - line.start < 40 else None
    return Span(*alone.span("number")) if alone else None


def _page(text: str, span: Span) -> int | None:
    """The page that a lone number could be of."""
    printed = text[span.start : span.end]
    half = len(printed) // 2
    if len(printed) in (4, 6) and abs(int(printed[:half]) - int(printed[half:])) == 1:
        return min(int(printed[:half]), int(printed[half:]))  # two facing pages, « 1819 » or « 1716 »
    following = _FOLLOWING.match(text, span.end)
    if following is None or not 0 < int(printed) < 1000 or span.start // int(printed) not in _CHARACTERS_A_PAGE:
        return None
    # A label stands right under its number in an infographic; a title stands apart, or opens the next page.
    apart = following["blank"] or following["title"].startswith(" ")
    title = _TITLE.match(following["title"]) and not _value_label().match(following["title"])
    return int(printed) if apart and title else None


_FOLLOWING = re.compile(r"[ \t\u00a0\r]*\n(?P<blank>(?:[ \t\u00a0\r]*\n){0,9})(?P<title>[^\n]{0,120})")
_TITLE = re.compile(r" ?(?:[A-ZÀ-Ý«]\S*)(?:\s+\S+){2}")


@cache
def _value_label() -> re.Pattern[str]:
    return re.compile(rf" ?{any_of(load_noise().value_labels)}", re.IGNORECASE)


def _growing(numbers: Sequence[int]) -> list[int]:
    """Indexes of the longest strictly growing subsequence (patience sorting)."""
    tops: list[int] = []
    last: list[int] = []
    before: list[int | None] = []
    for index, number in enumerate(numbers):
        pile = bisect_left(tops, number)
        tops[pile : pile + 1] = [number]
        last[pile : pile + 1] = [index]
        before.append(last[pile - 1] if pile else None)
    chain: list[int] = []
    at = last[-1] if last else None
    while at is not None:
        chain.append(at)
        at = before[at]
    return chain[::-1]
