"""What a review can offer before a person answers: the span and hedge of a numeral, the usual reasons to reject one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field

from ingestion.documents.plain_text import read_text
from ingestion.drafts import Draft, Row, placed
from ingestion.figures.finding import NOISE_FR, Found, find_figures
from ingestion.review import blank


@dataclass(frozen=True)
class Hints:
    """``rows`` are figures half-made for pending numerals, by the offset of the numeral."""

    reasons: tuple[str, ...] = ()
    rows: Mapping[int, Row] = field(default_factory=dict)


def hints_of(draft: Draft, text: str) -> Hints:
    """The hints for one extract and its text."""
    found = find_figures(read_text(text.encode(), "texte"))
    starts = [candidate.start for candidate in found]
    rows = {}
    for row in draft.ledger:
        if row["disposition"] == "pending":
            start = int(row["char_start"])
            index = bisect_right(starts, start) - 1
            if index >= 0 and found[index].end > start:
                rows[start] = _half_made(draft, text, found[index])
    return Hints(tuple(sorted(NOISE_FR.values())), rows)


def _half_made(draft: Draft, text: str, found: Found) -> Row:
    hedge = {"hedge": found.hedge or "", "qualifier": found.qualifier or ""}
    return {**blank(draft, placed(text, found.start, found.end)), **hedge}
