"""What an extract says of its report as a whole, and how a person corrects what was guessed of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from ingestion.drafts import FIGURES, DecisionError, Draft, Row, is_proposal, with_tables
from ingestion.periods import NOT_STATED, PeriodError, parse_period
from ingestion.report_file import REPORT_FILE, read_report
from ingestion.schemas import INTEGER, REPORT

#: Characters of an ISO date that a precision leaves.
_DIGITS: Mapping[str, int] = MappingProxyType({"year": 4, "month": 7})


def period_of(report: Row) -> str:
    """The period code of a report's own date, as far as it is known; ``not_stated`` where it is not at all."""
    from ingestion.extraction.describe import UNKNOWN_DATE

    if report["published_on"] == UNKNOWN_DATE.isoformat():
        return NOT_STATED
    return report["published_on"][: _DIGITS.get(report.get("published_precision", ""), 10)]


def redescribed(draft: Draft, changes: Row) -> Draft:
    """The report is another than was guessed: title, publisher, territory, date, licence by their column of REPORT.

    Proposals that nobody reviewed and that only had the report's own date or territory follow.

    Raises:
        DecisionError: something said is empty or cannot be printed.
    """
    if not all(cell.strip() and cell.isprintable() for cell in changes.values()):
        raise DecisionError("quelques mots étaient attendus")
    before, _ = read_report("", draft.files)
    after = {**before, **changes}
    figures = tuple(_following(row, before, after) if is_proposal(row) else row for row in draft.figures)
    files = {**draft.files, REPORT_FILE: _description(after)}
    return with_tables(replace(draft, files=files), {FIGURES: figures})


def renamed(files: Mapping[str, bytes], report_id: str) -> dict[str, bytes]:
    """The files of an extract of a report that is called otherwise."""
    report, _ = read_report("", files)
    return {**files, REPORT_FILE: _description({**report, "report_id": report_id})}


def dated(told: str) -> Row:
    """The cells of a publication date told as a day, a month or a year.

    Raises:
        DecisionError: it is none of these.
    """
    try:
        precision = parse_period(told).granularity
    except PeriodError:
        precision = "not_stated"
    if precision not in ("day", "month", "year"):
        raise DecisionError("une date comme 2019, 2019-09 ou 2019-09-30 était attendue")
    return {"published_on": f"{told}{'-01-01'[: 10 - len(told)]}", "published_precision": precision}


def _following(row: Row, before: Row, after: Row) -> Row:
    changed = dict(row)
    if row["date_is_explicit"] == "false" and row["period"] == period_of(before):
        changed["period"] = period_of(after)
    if row["territory_key"] == before["scope_territory_key"]:
        changed["territory_key"] = after["scope_territory_key"]
    return changed


def _description(report: Row) -> bytes:
    """``report.yml`` with each text as one quoted line, which any text can be."""
    lines = []
    for column in REPORT.columns:
        cell = report.get(column.name, "")
        lines.append(f"{column.name}: {cell if column.type == INTEGER else _quoted(cell)}")
    return "\n".join([*lines, ""]).encode()


def _quoted(cell: str) -> str:
    return json.dumps(cell, ensure_ascii=False) if cell else "null"
