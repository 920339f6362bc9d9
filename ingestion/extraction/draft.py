"""The draft extract of a report: what is sure enough as figures, every numeral in the ledger.

A draft is an extract like another one, readable by :mod:`ingestion.extracts_reading`: its figures are marked automatic
and unreviewed. What it does not propose is pending in its ledger, for a person to decide.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from ingestion.documents.model import Document
from ingestion.extraction.describe import Cells
from ingestion.extraction.propose import Proposal
from ingestion.extraction.reading import About
from ingestion.figures.finding import NOISE_FR, find_figures
from ingestion.figures.ledger import account
from ingestion.numbers import UnreadableFigureError, interval, reads_as
from ingestion.report_file import REPORT_FILE
from ingestion.schemas import FIGURE, HEDGES, LEDGER, REPORT, Table

#: Below it a proposal stays in the ledger as pending. Measured: see docs/extraction.md.
THRESHOLD = 0.45

_LARGEST = Decimal(10) ** 14  # DECIMAL(18,4)
Row = dict[str, str]


def draft_extract(
    document: Document, about: About, report_cells: Cells, proposals: Sequence[Proposal]
) -> dict[str, bytes]:
    """The files of the extract, by name. The same document gives the same bytes."""
    accepted = [p for p in _apart(proposals) if p.score >= THRESHOLD and _is_sound(p)]
    keys = _keys(accepted)
    figures = _with_repeats([_figure(document, p, key) for p, key in zip(accepted, keys, strict=True)])
    ledger = _ledger(document, accepted, keys)
    return {
        REPORT_FILE: _report(report_cells | {"report_id": about.report_id}),
        "figures.csv": _csv(FIGURE, figures),
        "ledger.csv": _csv(LEDGER, ledger),
    }


def _apart(proposals: Iterable[Proposal]) -> list[Proposal]:
    """Proposals that do not overlap: of two that do, the surer one, then the first."""
    kept: list[Proposal] = []
    for proposal in sorted(proposals, key=lambda p: p.found.start):
        if not kept or kept[-1].found.end <= proposal.found.start:
            kept.append(proposal)
        elif proposal.score > kept[-1].score:
            kept[-1] = proposal
    return kept


def _is_sound(proposal: Proposal) -> bool:
    """Whether its print reads as its value, within what an extract may hold."""
    read, unit = proposal.found.read, proposal.unit
    if proposal.indicator_code is None or unit is None or (proposal.value is None) != (read.form == "range"):
        return False
    if any(abs(value) >= _LARGEST for value in (proposal.value, read.low, read.high) if value is not None):
        return False
    try:
        interval(
            proposal.value, proposal.found.printed, _hedge(proposal), unit, proposal.value_form, proposal.obs_status
        )
        return reads_as(proposal.found.printed, unit, proposal.value, *_ends(proposal))
    except (UnreadableFigureError, ArithmeticError):
        return False


def _hedge(proposal: Proposal) -> str | None:
    return proposal.found.hedge if proposal.found.hedge in HEDGES else None


def _ends(proposal: Proposal) -> tuple[Decimal | None, Decimal | None]:
    read = proposal.found.read
    return (read.low, read.high) if read.form == "range" else (None, None)


def _keys(proposals: Iterable[Proposal]) -> list[str]:
    """One key each: the indicator's code, numbered from its second figure on."""
    seen: Counter[str] = Counter()
    keys = []
    for proposal in proposals:
        slug = (proposal.indicator_code or "").replace("_", "-")
        seen[slug] += 1
        keys.append(slug if seen[slug] == 1 else f"{slug}--{seen[slug]}")
    return keys


def _figure(document: Document, proposal: Proposal, key: str) -> Row:
    found = proposal.found
    low, high = _ends(proposal)
    page = document.page_at(found.start)
    return {
        "figure_key": key,
        "indicator_code": proposal.indicator_code or "",
        "territory_key": proposal.territory_key,
        "period": proposal.period,
        "value": _number(proposal.value),
        "value_low": _number(low),
        "value_high": _number(high),
        "unit": proposal.unit or "",
        "kind": proposal.kind,
        "value_form": proposal.value_form,
        "obs_status": proposal.obs_status,
        "growth_form": proposal.growth_form or "",
        "hedge": _hedge(proposal) or "",
        "qualifier": " ".join((found.qualifier or "").split()),
        "base_period": proposal.base_period or "",
        "cumulated_since": proposal.cumulated_since or "",
        "date_is_explicit": str(proposal.date_is_explicit).lower(),
        "printed": found.printed,
        "source_line": str(found.line),
        "source_page": "" if page is None else str(page),
        "char_start": str(found.start),
        "char_end": str(found.end),
        "exhibit_kind": proposal.exhibit_kind,
        "statement_origin": "publisher",
        "extraction_method": "automatic",
        "review_status": "unreviewed",
    }


_SAME_FACT = ("indicator_code", "territory_key", "period", "value", "value_low", "value_high", "kind", "value_form")


def _with_repeats(rows: Sequence[Row]) -> list[Row]:
    """The rows, those that say again what one before them said marked as such."""
    first: dict[tuple[str, ...], str] = {}
    marked = []
    for row in rows:
        fact = tuple(row[column] for column in _SAME_FACT)
        marked.append(row | {"repeats": first.get(fact, "")})
        first.setdefault(fact, row["figure_key"])
    return marked


def _number(value: Decimal | None) -> str:
    """A number with at most four decimals, without a needless zero."""
    if value is None:
        return ""
    plain = f"{value:.4f}"
    return plain.rstrip("0").rstrip(".")


def _ledger(document: Document, accepted: Sequence[Proposal], keys: Sequence[str]) -> list[Row]:
    """Every numeral: a figure or part of one, dismissed with the reason, or pending."""
    observed = {(p.found.start, p.found.end): key for p, key in zip(accepted, keys, strict=True)}
    noise = {(f.start, f.end): NOISE_FR[f.noise] for f in find_figures(document) if f.noise is not None}
    return account(document.text, observed, noise)


def _csv(table: Table, rows: Iterable[Mapping[str, str]]) -> bytes:
    columns = [column.name for column in table.columns if column.name != "report_id"]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8")


def _report(cells: Cells) -> bytes:
    """``report.yml``: one plain value a line, quoted so that any text is one value."""
    lines = [f"{column.name}: {_quoted(cells.get(column.name))}" for column in REPORT.columns]
    return ("\n".join(lines) + "\n").encode("utf-8")


def _quoted(value: str | None) -> str:
    if not value:
        return "null"
    escaped = "".join(c if c.isprintable() else " " for c in value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
