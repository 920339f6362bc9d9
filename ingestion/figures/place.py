"""A numeral in its surroundings: what the rules that tell noise from figures look at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property

from ingestion.documents.model import Line
from ingestion.figures.numerals import Numeral
from ingestion.figures.shapes import Shape
from ingestion.figures.vocabulary import GAP, SPACE, any_of, load_noise

_WINDOW = 80  # characters looked at on either side
_HINT = 40  # of which those that hold the words right before


@dataclass
class Place:
    """A numeral of a text; ``shape`` is the figure that it would be.

    ``previous`` is the reason that dismissed the numeral before it, ``gap`` what stands between the two.
    """

    text: str
    numeral: Numeral
    line: Line
    shape: Shape
    previous: str | None
    gap: str

    @cached_property
    def before(self) -> str:
        return self.text[max(self.numeral.start - _WINDOW, 0) : self.numeral.start]

    @cached_property
    def hint(self) -> str:
        """The last words before the numeral."""
        return self.before[-_HINT:]

    @cached_property
    def after(self) -> str:
        return self.text[self.numeral.end : self.numeral.end + _WINDOW]

    @cached_property
    def after_shape(self) -> str:
        return self.text[self.shape.end : self.shape.end + _WINDOW]

    @cached_property
    def token(self) -> str:
        """The numeral with all that is glued to it, white space apart."""
        left = "" if self.before[-1:].isspace() else "".join(self.before.split()[-1:])
        right = "" if self.after[:1].isspace() else "".join(self.after.split()[:1])
        return left + self.numeral.printed + right

    @cached_property
    def value(self) -> int | None:
        """The numeral as a whole number printed without separators."""
        return int(self.numeral.printed) if self.numeral.printed.isdigit() and len(self.numeral.printed) < 10 else None

    @cached_property
    def opens_line(self) -> bool:
        """Whether no word stands before the numeral on its line."""
        start = max(self.line.start, self.numeral.start - 2 * _WINDOW)
        return not re.search(r"\w", self.text[start : self.numeral.start])

    def led_by(self, terms: str, joint: str = SPACE) -> bool:
        """Whether a term of a list of the vocabulary stands right before, ``joint`` (a pattern) between the two."""
        return _leading(terms, joint).search(self.hint) is not None

    def followed_by(self, terms: str, joint: str = SPACE) -> bool:
        """Whether a term of a list of the vocabulary stands right after the numeral."""
        return _following(terms, joint).match(self.after) is not None

    def shape_followed_by(self, terms: str, joint: str = SPACE) -> bool:
        """Whether a term of a list of the vocabulary stands right after the figure that it would be."""
        return _following(terms, joint).match(self.after_shape) is not None


@cache
def _leading(terms: str, joint: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of(getattr(load_noise(), terms))}{joint}\Z", re.IGNORECASE)


@cache
def _following(terms: str, joint: str) -> re.Pattern[str]:
    return re.compile(rf"{joint}{any_of(getattr(load_noise(), terms))}", re.IGNORECASE)


JOINT = re.compile(rf"{GAP}(?:et|ou|à|&|,|/|-|–|sur){GAP}", re.IGNORECASE)
