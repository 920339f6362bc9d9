"""Words and numbers of a PDF that the end of a line cuts, put together where that is certain."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from ingestion.documents.composing import Piece
from ingestion.documents.pdf_rows import Row
from ingestion.documents.pdf_words import Word, letters

#: The width of a space, as a share of the size of the characters.
_SPACE = 0.25
_WORD = re.compile(r"[^\W\d_]+")
_CUT = re.compile(r"([^\W\d_]+)-$")
_REST = re.compile(r"([^\W\d_]+)(\S*)\s?(.*)", re.DOTALL)


def vocabulary(rows: Iterable[Row]) -> frozenset[str]:
    """The words that the document prints uncut."""
    return frozenset(word.lower() for row in rows for word in _WORD.findall(row.text))


def with_whole_words(piece: Piece, known: frozenset[str]) -> Piece:
    """Words cut at the end of a line put together, where the document prints them whole elsewhere.

    Otherwise the hyphen may be the word's own (médico-social), and the line stays as printed. Digits are never touched.
    """
    if piece.kind == "table":
        return piece
    rows = list(piece.rows)
    for index in range(len(rows) - 1):
        if not rows[index] or not rows[index + 1]:
            continue
        cut, rest = _CUT.search(rows[index][-1]), _REST.fullmatch(rows[index + 1][0])
        if cut and rest and rest[1][0].islower() and (cut[1] + rest[1]).lower() in known:
            rows[index] = (*rows[index][:-1], rows[index][-1][:-1] + rest[1] + rest[2])
            rows[index + 1] = (rest[3], *rows[index + 1][1:]) if rest[3] else rows[index + 1][1:]
    return Piece(piece.kind, tuple(row for row in rows if row), piece.page)


_FIRST_GROUP = re.compile(r"\D*\d{1,3}")
_NEXT_GROUP = re.compile(r"\d{3}(?!\d).*", re.DOTALL)
#: A number at the end of a line of words, not of a column of numbers.
_LEAST_WORDS = 2
_LEAST_LETTERS = 3


def with_whole_numbers(rows: Sequence[Row], right: float) -> list[Row]:
    """The rows of a paragraph, the groups of a number that its lines cut (``65`` / ``000 €``) moved up to its first.

    Only where the line was full, so that the next group had no room on it: ``right`` is x of the end of full lines.
    """
    kept = [Row(list(row.words)) for row in rows]
    for row, following in pairwise(kept):
        while row.words and following.words and _goes_on(row, following.words[0], right):
            row.words.append(_behind(row.words[-1], following.words.pop(0)))
    return [row for row in kept if row.words]


def _goes_on(row: Row, word: Word, right: float) -> bool:
    last = row.words[-1]
    is_group = _FIRST_GROUP.fullmatch(last.text) is not None and _NEXT_GROUP.fullmatch(word.text) is not None
    is_cut = is_group or (last.text in ("+", "(+") and word.text[0].isdigit())
    if not is_cut:
        return False
    words = sum(sum(1 for _ in letters(other.text)) >= _LEAST_LETTERS for other in row.words)
    is_full = last.x1 + (word.x1 - word.x0) + _SPACE * last.size > right
    return is_full and words >= _LEAST_WORDS and len(row.cells) == 1


def _behind(last: Word, word: Word) -> Word:
    start = last.x1 + _SPACE * last.size
    return replace(word, x0=start, x1=start + word.x1 - word.x0, y=last.y, spaced=True)
