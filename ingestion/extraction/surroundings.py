"""What stands around a figure: its clause, sentence and paragraph, the titles over it, the labels above and below.

Reports drop their figures in boxes and charts, where the label of a number is the paragraph over it or under it; and
their text comes out of a page with a paragraph cut in two. So paragraphs are made anew from the lines: cut at empty
lines and list marks, joined where a paragraph ends without a stop and the next goes on in small letters.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ingestion.extraction.words import Word, fold, words

_BULLET = re.compile(r"[ \t]*(?:[►•▪●■◆→*>–—-]|Ò(?=\s)|o(?=\s))[ \t]*")
_STOP = re.compile(r"[.!?…](?=[\s»\"”)]|$)(?!\s*[a-zà-ÿ])|\n(?=[ \t]*(?:[►•▪●■>]|Ò\s|- ))")
# A comma or a colon between digits belongs to a number or a time, and a dash without spaces to a word.
_CUT = re.compile(r"[;()]|,(?!\d)|:(?=\s)|\s[–—]\s")
_SOURCE = re.compile(r"\s*\*?\s*sources?\s*:", re.IGNORECASE)
_LETTERS = re.compile(r"[^\W\d_]")

_CELLS_APART = re.compile(r"(?<=\S)(?:[ \u00a0]*\t[ \u00a0]*| {2,})(?=\S)")
_UNFINISHED = re.compile(r"(?:,|\b(?:de|des|du|d['’]|à|au|aux|en|et|ou|la|le|les|un|une|par|pour|sur|dans))\s*$")

LONGEST_TITLE = 220
#: A longer paragraph is the text of a file without line breaks: it is cut, so that no figure is read against all of it.
LONGEST_PARAGRAPH = 4_000


@dataclass(frozen=True)
class Stretch:
    """A stretch of the text."""

    start: int
    end: int

    def holds(self, offset: int) -> bool:
        return self.start <= offset < self.end


@dataclass(frozen=True)
class Paragraph(Stretch):
    """Lines that are read as one. ``said`` counts the words that say something."""

    said: int
    is_title: bool
    is_source: bool


class Surroundings:
    """The text of a report cut into what people read it by."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.folded = fold(text)
        pieces = _cut_short(text, _joined(text, _cut_at_blanks(text)))
        self.paragraphs = [self._paragraph(start, end) for start, end in pieces]
        self._starts = [p.start for p in self.paragraphs]
        self._titles = [index for index, p in enumerate(self.paragraphs) if p.is_title]

    def _paragraph(self, start: int, end: int) -> Paragraph:
        said = len(words(self.folded, start, end))
        is_source = bool(_SOURCE.match(self.text, start))
        return Paragraph(start, end, said, not is_source and said >= 2 and _is_title(self.text[start:end]), is_source)

    @cached_property
    def all_words(self) -> list[Word]:
        """Every word that says something, in order."""
        return words(self.folded)

    @cached_property
    def _word_starts(self) -> list[int]:
        return [word.start for word in self.all_words]

    def words_in(self, start: int, end: int) -> list[Word]:
        """The words of a stretch."""
        return self.all_words[bisect_right(self._word_starts, start - 1) : bisect_right(self._word_starts, end - 1)]

    def index_of(self, offset: int) -> int:
        """Number of the paragraph that holds a character."""
        return max(bisect_right(self._starts, offset) - 1, 0)

    def paragraph(self, offset: int) -> Paragraph:
        """The paragraph that holds a character."""
        return self.paragraphs[self.index_of(offset)]

    def sentence(self, start: int, end: int) -> Stretch:
        """The sentence around a figure, within its paragraph."""
        paragraph = self.paragraph(start)
        return _between(_STOP, self.text, paragraph, start, end)

    def clause(self, start: int, end: int) -> Stretch:
        """The clause around a figure: its sentence, cut at commas, colons and brackets."""
        return _between(_CUT, self.text, self.sentence(start, end), start, end)

    def line(self, offset: int) -> Stretch:
        """The line that holds a character."""
        end = self.text.find("\n", offset)
        return Stretch(self.text.rfind("\n", 0, offset) + 1, len(self.text) if end < 0 else end)

    def is_row(self, line: Stretch) -> bool:
        """Whether a line is a row of a table: its cells stand apart, by tabs or by blanks."""
        return bool(_CELLS_APART.search(self.text, line.start, line.end))

    def is_item(self, offset: int) -> bool:
        """Whether the paragraph that holds a character is an item of a list."""
        return bool(_BULLET.match(self.text, self.paragraph(offset).start))

    def titles(self, offset: int, most: int = 3) -> list[Paragraph]:
        """The last titles before a place, the nearest first."""
        before = bisect_left(self._titles, self.index_of(offset))
        return [self.paragraphs[index] for index in reversed(self._titles[max(before - most, 0) : before])]

    def leads_in(self, paragraph: Stretch) -> bool:
        """Whether a paragraph opens a list: it ends with a colon."""
        return self.text[paragraph.start : paragraph.end].rstrip().endswith(":")


def _cut_at_blanks(text: str) -> Iterator[tuple[int, int]]:
    """Runs of lines without an empty one between them, each item of a list on its own."""
    start = end = None
    at = 0
    for line in text.split("\n"):
        stripped = bool(line.strip())
        if start is not None and end is not None and (not stripped or _begins_anew(line)):
            yield start, end
            start = None
        if stripped:
            start = at if start is None else start
            end = at + len(line)
        at += len(line) + 1
    if start is not None and end is not None:
        yield start, end


def _begins_anew(line: str) -> bool:
    """Whether a line opens an item of a list, or is set in as the first line of a page is."""
    first = line.lstrip()[:1]
    return bool(_BULLET.match(line)) or (line[0] in " \t" and (first.isupper() or first.isdigit()))


def _joined(text: str, pieces: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Pieces that go on, put together."""
    held: tuple[int, int] | None = None
    for piece in pieces:
        if held is not None and _goes_on(text[slice(*held)], text[slice(*piece)]):
            held = held[0], piece[1]
            continue
        if held is not None:
            yield held
        held = piece
    if held is not None:
        yield held


def _cut_short(text: str, pieces: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Pieces of a bearable length, cut after a line, a sentence or a word."""
    for start, end in pieces:
        while end - start > LONGEST_PARAGRAPH:
            ends = (text.rfind(mark, start + 1, start + LONGEST_PARAGRAPH) for mark in ("\n", ". ", " "))
            cut = next((at + 1 for at in ends if at > start), start + LONGEST_PARAGRAPH)
            yield start, cut
            start = cut
        yield start, end


def _goes_on(before: str, after: str) -> bool:
    """Whether a paragraph runs on into the next one: it has no end of its own, and the next no beginning."""
    first, last = after.lstrip()[0], before.rstrip()[-1]
    if last in ".!?:;»*)" or not _LETTERS.search(before) or _is_shouted(before) or _BULLET.match(after):
        return False
    return first.islower() or bool(_UNFINISHED.search(before))


def _is_shouted(text: str) -> bool:
    letters = _LETTERS.findall(text)
    return len(letters) > 3 and sum(letter.isupper() for letter in letters) > 0.7 * len(letters)


def _is_title(text: str) -> bool:
    """Short, without an end, and beginning as a title does."""
    plain = text.strip().strip("*_# ")
    if not plain or len(plain) > LONGEST_TITLE or plain.count("\n") > 4 or plain[-1] in ".;,":
        return False
    return (plain[0].isupper() or plain[0] in '«“"') and not _BULLET.match(text)


def _between(pattern: re.Pattern[str], text: str, whole: Stretch, start: int, end: int) -> Stretch:
    """The part of a stretch around a figure that the pattern does not cut."""
    left, right = whole.start, whole.end
    for cut in pattern.finditer(text, whole.start, start):
        left = cut.end()
    after = pattern.search(text, end, whole.end)
    return Stretch(left, after.start() if after else right)
