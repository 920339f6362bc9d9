"""What a review can offer before a person answers: how sure a proposal is, what a pending numeral may say, the usual
reasons to reject one.

Nothing of it is kept: it is what the extractor says today of the archived text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from ingestion.describing import period_of
from ingestion.documents.model import Document
from ingestion.drafts import Draft, Row, is_proposal, placed_in
from ingestion.figures.finding import NOISE_FR, Found, find_figures
from ingestion.periods import NOT_STATED
from ingestion.report_file import read_report
from ingestion.review import blank

if TYPE_CHECKING:
    from ingestion.extraction.lexicon import Lexicon
    from ingestion.extraction.propose import Proposal

Place = tuple[int, int]


@dataclass(frozen=True)
class Hints:
    """``scores`` (0-1) are of figures by their span; ``rows`` half-made figures by the offset of a pending numeral."""

    reasons: tuple[str, ...] = ()
    scores: Mapping[Place, float] = field(default_factory=dict)
    rows: Mapping[int, Row] = field(default_factory=dict)


def hints_of(draft: Draft, document: Document) -> Hints:
    """The hints for the rows of an extract of a document that await a person."""
    pending = [int(row["char_start"]) for row in draft.ledger if row["disposition"] == "pending"]
    proposed = [int(row["char_start"]) for row in draft.figures if is_proposal(row) and row.get("char_start")]
    reasons = tuple(sorted(NOISE_FR.values()))
    if not pending and not proposed:
        return Hints(reasons)
    found = _Candidates(find_figures(document))
    wanted = {candidate.start: candidate for at in (*pending, *proposed) if (candidate := found.holding(at))}
    proposals = {p.found.start: p for p in _proposals(draft, document.text, wanted.values())}
    rows = {}
    for at in pending:
        candidate = found.holding(at)
        if candidate is not None:
            rows[at] = _half_made(draft, document, candidate, proposals.get(candidate.start))
    return Hints(reasons, {(p.found.start, p.found.end): p.score for p in proposals.values()}, rows)


def _proposals(draft: Draft, text: str, wanted: Iterable[Found]) -> list[Proposal]:
    """What the extractor says of these candidates, the report being what its description says now."""
    from ingestion.extraction.propose import propose_for
    from ingestion.extraction.reading import About

    report, _ = read_report("", draft.files)
    period = period_of(report)
    published = None if period == NOT_STATED else date.fromisoformat(report["published_on"])
    about = About(report["report_id"], report["scope_territory_key"], published, period)
    figures = sorted((one for one in wanted if one.noise is None), key=lambda one: one.start)
    return propose_for(text, figures, _lexicon(), about)


@lru_cache(maxsize=1)
def _lexicon() -> Lexicon:
    from ingestion.extraction.lexicon import load_lexicon

    return load_lexicon()


def _half_made(draft: Draft, document: Document, found: Found, proposal: Proposal | None) -> Row:
    hedge = {"hedge": found.hedge or "", "qualifier": found.qualifier or ""}
    row = {**blank(draft, placed_in(document, found.start, found.end)), **hedge}
    if proposal is None or proposal.indicator_code is None:
        return row
    return {
        **row,
        "indicator_code": proposal.indicator_code,
        "territory_key": proposal.territory_key,
        "period": proposal.period,
        "date_is_explicit": str(proposal.date_is_explicit).lower(),
        "kind": proposal.kind,
        "value_form": proposal.value_form,
        "obs_status": proposal.obs_status,
        "growth_form": proposal.growth_form or "",
        "base_period": proposal.base_period or "",
        "cumulated_since": proposal.cumulated_since or "",
        "exhibit_kind": proposal.exhibit_kind,
    }


class _Candidates:
    """The candidate figures of a text, none of which overlaps another."""

    def __init__(self, found: list[Found]) -> None:
        self._found, self._starts = found, [candidate.start for candidate in found]

    def holding(self, offset: int) -> Found | None:
        """The candidate in whose span a character stands."""
        index = bisect_right(self._starts, offset) - 1
        return self._found[index] if index >= 0 and self._found[index].end > offset else None
