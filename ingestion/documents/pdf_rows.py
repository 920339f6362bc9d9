"""Rows of a PDF page: words on one baseline, and the blanks between them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ingestion.documents.composing import clean
from ingestion.documents.pdf_tables import Box, Grid
from ingestion.documents.pdf_words import Word

#: Shares of the size of the characters.
_SAME_ROW = 0.25
_BLANK = 0.15
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
    return rows


def between(last: Word, word: Word) -> str:
    """The blank between two words of a row: none, a space, or the tab that parts cells."""
    gap = (word.x0 - last.x1) / max(last.size, word.size)
    if gap > _NEXT_CELL or (gap > _NEXT_NUMBER and last.text[-1].isdigit() and word.text[0].isdigit()):
        return "\t"
    return " " if word.spaced or gap > _BLANK else ""
