"""Rows of a PDF page: words on one baseline, and the blanks between them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ingestion.documents.composing import clean, raised
from ingestion.documents.pdf_tables import Box, Grid
from ingestion.documents.pdf_words import Word

#: Shares of the size of the characters.
_SAME_ROW = 0.25
_BLANK = 0.15
_SMALL = 0.85
_RAISED = 0.75
_MOST_DIGITS = 2
#: Wider than justified text is ever stretched; between two digits less will do, lest two numbers become one.
_NEXT_CELL = 2.0
_NEXT_NUMBER = 0.8


@dataclass
class Row:
    """What stands on one baseline: words from left to right; or a whole table; or a box with rows of its own."""

    words: list[Word]
    grid: Grid | None = None
    box: Box | None = None
    inner: list[Row] = field(default_factory=list)

    @property
    def y(self) -> float:
        return self.box[1] if self.box else self.words[0].y

    @property
    def bottom(self) -> float:
        return self.box[3] if self.box else self.words[0].y

    @property
    def size(self) -> float:
        return max((word.size for word in self.words), default=0.0)

    @property
    def text(self) -> str:
        return " ".join(self.cells)

    @property
    def cells(self) -> tuple[str, ...]:
        """The texts between wide gaps."""
        found: list[str] = []
        last: Word | None = None
        for word in self.words:
            blank = between(last, word) if last else "\t"
            if blank == "\t":
                found.append(word.text)
            else:
                found[-1] += blank + word.text
            last = word
        return tuple(cell for text in found if (cell := clean(text)))

    def spans(self) -> list[tuple[float, float]]:
        """The stretches of x that are taken."""
        return [(self.box[0], self.box[2])] if self.box else [(word.x0, word.x1) for word in self.words]


def rows_of(words: Iterable[Word]) -> list[Row]:
    """Words in rows by baseline, rows from top to bottom, words from left to right."""
    rows: list[Row] = []
    for word in sorted(words, key=lambda word: (word.y, word.x0)):
        if rows and abs(word.y - rows[-1].y) <= _SAME_ROW * min(word.size, rows[-1].words[0].size):
            rows[-1].words.append(word)
        else:
            rows.append(Row([word]))
    for row in rows:
        row.words.sort(key=lambda word: word.x0)
    return _with_notes(rows)


def _with_notes(rows: list[Row]) -> list[Row]:
    """Rows in which the small raised number that opens a note stands before its text, as a superscript."""
    kept: list[Row] = []
    for row in rows:
        call = kept[-1].words[0] if kept and len(kept[-1].words) == 1 else None
        if call is not None and _is_call(call, row.words[0]):
            kept.pop()
            row.words.insert(0, replace(call, text=raised(call.text), y=row.words[0].y))
        kept.append(row)
    return kept


def _is_call(word: Word, first: Word) -> bool:
    """Whether a word is a number of a note: small, raised, and right before the first word of the row below."""
    raised_by, gap = first.y - word.y, first.x0 - word.x1
    small = word.size <= _SMALL * first.size and word.text.isdigit() and len(word.text) <= _MOST_DIGITS
    return small and 0 < raised_by <= _RAISED * first.size and abs(gap) <= first.size


def between(last: Word, word: Word) -> str:
    """The blank between two words of a row: none, a space, or the tab that parts cells."""
    gap = (word.x0 - last.x1) / max(last.size, word.size)
    if gap > _NEXT_CELL or (gap > _NEXT_NUMBER and last.text[-1].isdigit() and word.text[0].isdigit()):
        return "\t"
    return " " if word.spaced or gap > _BLANK else ""
