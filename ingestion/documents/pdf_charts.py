"""Charts on a PDF page: the values over a row of years, which stand at the heights of their bars, in one row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingestion.documents.pdf_rows import Row, between
from ingestion.documents.pdf_words import Word

_YEAR = re.compile(r"(?:19|20)\d\d")
_VALUE = re.compile(r"[+-]? ?\d[\d .,\u00a0\u202f]*(?: ?[%€])?")
_LEAST_BARS = 3
#: How far beside its year a value may stand, in parts of the way to the next year.
_ASIDE = 0.4


@dataclass(frozen=True)
class _Label:
    """Words that stand together: the print of one value."""

    words: list[Word]

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def middle(self) -> float:
        return (self.words[0].x0 + self.words[-1].x1) / 2


def with_charts_in_order(rows: Sequence[Row]) -> list[Row]:
    """Rows from top to bottom; the values of a bar chart go from left to right, as the years under them do.

    They do where as many values as there are years stand over them, one over each, and nothing but values between.
    """
    kept: list[Row] = []
    for row in rows:
        years = _labels(row)
        if len(years) >= _LEAST_BARS and all(_YEAR.fullmatch(year.text) for year in years):
            _put_in_order(kept, years)
        kept.append(row)
    return kept


def _put_in_order(above: list[Row], years: Sequence[_Label]) -> None:
    """Makes one row of the values at the end of the rows above, where they are those of the years."""
    first = len(above)
    while first and above[first - 1].words and all(_VALUE.fullmatch(label.text) for label in _labels(above[first - 1])):
        first -= 1
        values = sorted((label for row in above[first:] for label in _labels(row)), key=lambda label: label.middle)
        if len(values) >= len(years):
            break
    else:
        return
    if len(values) == len(years) and len(above) - first > 1 and _stand_over(values, years):
        above[first:] = [Row([word for value in values for word in value.words])]


def _stand_over(values: Sequence[_Label], years: Sequence[_Label]) -> bool:
    step = min(right.middle - left.middle for left, right in pairwise(years))
    return all(abs(value.middle - year.middle) <= _ASIDE * step for value, year in zip(values, years, strict=True))


def _labels(row: Row) -> list[_Label]:
    labels: list[_Label] = []
    for word in row.words:
        if labels and between(labels[-1].words[-1], word) != "\t":
            labels[-1].words.append(word)
        else:
            labels.append(_Label([word]))
    return labels
