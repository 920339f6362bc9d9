"""The figure ledger: what became of every numeral of a report.

A numeral is *observed* where it is a figure of the extract, *part_of* one where the figure has other numerals before it
(the 4 of ``3/4``), *dismissed* with a reason, or *pending* where nobody has said yet.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import Any

from ingestion.figures.numerals import Numeral, find_numerals
from ingestion.numbers import normalise_printed

Place = tuple[int, int]  # offsets of the first character and just past the last one
Row = dict[str, str]

OBSERVED, PART_OF, DISMISSED, PENDING = "observed", "part_of", "dismissed", "pending"


def account(
    text: str,
    observed: Mapping[Place, str],
    dismissed: Mapping[Place, str],
    facts: Mapping[Place, str] | None = None,
) -> list[Row]:
    """The rows of ``ledger.csv`` for a text, in its order: one for each numeral, whatever is said of it.

    ``observed`` maps the span of a figure to its figure_key, ``facts`` the span of a count or a cell to its fact_ref,
    ``dismissed`` a span to the reason why its numerals are no figures. A figure goes before a fact, a fact before a
    dismissal; a figure or fact without a numeral (an article that counts) has a row of its own.
    """
    numerals = find_numerals(text)
    claims = {
        **_claims(dismissed, DISMISSED, "reason"),
        **_claims(facts or {}, OBSERVED, "fact_ref"),
        **_claims(observed, OBSERVED, "figure_key"),
    }
    rows = _Rows(text)
    spans = _Spans(claims)
    seen: set[Place] = set()
    for numeral in numerals:
        span = spans.holding(numeral)
        claim = dict(claims[span]) if span else {"disposition": PENDING}
        if span in seen and claim["disposition"] == OBSERVED:
            claim["disposition"] = PART_OF
        if span:
            seen.add(span)
        rows.add(numeral.start, numeral.end, claim)
    for span, claim in claims.items():
        if claim["disposition"] == OBSERVED and span not in seen:
            rows.add(*span, claim)
    return rows.in_order()


def unaccounted(text: str, rows: Iterable[Mapping[str, Any]]) -> list[Numeral]:
    """The numerals of a text that no row of its ledger covers: every digit of a numeral must lie in a row, a numeral
    in words must touch one. Rows are those of ``ledger.csv``, their offsets as text or as integers."""
    places = sorted((int(row["char_start"]), int(row["char_end"])) for row in rows)
    starts = [start for start, _ in places]
    return [numeral for numeral in find_numerals(text) if not _covered(text, numeral, places, starts)]


def _covered(text: str, numeral: Numeral, places: list[Place], starts: list[int]) -> bool:
    held = [False] * (numeral.end - numeral.start)
    index = bisect_right(starts, numeral.end - 1) - 1
    while index >= 0 and places[index][1] > numeral.start:
        start, end = places[index]
        for offset in range(max(start, numeral.start), min(end, numeral.end)):
            held[offset - numeral.start] = True
        index -= 1
    if numeral.is_word:
        return any(held)
    return all(inside or not text[numeral.start + offset].isdigit() for offset, inside in enumerate(held))


def _claims(spans: Mapping[Place, str], disposition: str, column: str) -> dict[Place, Row]:
    return {span: {"disposition": disposition, column: said} for span, said in spans.items()}


class _Spans:
    """Claimed spans, to be asked which of them holds a numeral: figures may hold several numerals."""

    def __init__(self, claims: Mapping[Place, Row]) -> None:
        ranks = {OBSERVED: 0, DISMISSED: 1}
        self._spans = sorted(claims)
        self._starts = [start for start, _ in self._spans]
        self._rank = {span: ranks[claim["disposition"]] for span, claim in claims.items()}
        self._longest = max((end - start for start, end in self._spans), default=0)

    def holding(self, numeral: Numeral) -> Place | None:
        """The span that overlaps a numeral: an observed one rather than a dismissed one, then the shortest."""
        index = bisect_right(self._starts, numeral.end - 1) - 1
        found = []
        while index >= 0 and self._starts[index] > numeral.start - self._longest:
            span = self._spans[index]
            if span[1] > numeral.start:
                found.append(span)
            index -= 1
        return min(found, key=lambda span: (self._rank[span], span[1] - span[0]), default=None)


class _Rows:
    """Rows in the columns of the ledger, with the line of each."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._rows: list[tuple[int, int, Row]] = []

    def add(self, start: int, end: int, claim: Row) -> None:
        self._rows.append((start, end, claim))

    def in_order(self) -> list[Row]:
        line, last, rows = 1, 0, []
        for start, end, claim in sorted(self._rows, key=lambda row: row[:2]):
            line += self._text.count("\n", last, start)
            last = start
            place = {"source_line": str(line), "char_start": str(start), "char_end": str(end)}
            rows.append(_BLANK | place | {"printed": normalise_printed(self._text[start:end])} | claim)
        return rows


_BLANK: Row = dict.fromkeys(
    ("source_line", "char_start", "char_end", "printed", "disposition", "figure_key", "fact_ref", "reason"), ""
)
