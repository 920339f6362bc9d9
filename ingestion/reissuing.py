"""A new edition of a report: figures that still stand are led over from the known extract, the others are proposed.

Nobody has read the new edition yet, so nothing of it is taken for reviewed; keys stay, so that a person, and the rule
that compares the two editions, meet the same figure under the same name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ingestion.drafts import (
    FIGURES,
    LINKS,
    PARAMETERS,
    REGISTER,
    Draft,
    Row,
    draft_of,
    files_of,
    overlap,
    placed,
    span_of,
    start_of,
    with_tables,
)
from ingestion.editions import Alignment, align
from ingestion.figures.ledger import DISMISSED, PART_OF, PENDING, Place, account
from ingestion.numbers import Printed, UnreadableFigureError, parse_in_unit, parse_printed, same_printed

if TYPE_CHECKING:
    import polars as pl

    from ingestion.documents.model import Document
    from ingestion.figures.finding import Found

#: Characters between words that both editions have, in which a number is taken for the one that stood there: it was
#: exchanged in its phrase. Where more was rewritten, a number may count anything.
_NARROW = 40
#: What a reading by machine says of how a figure was read, whoever read it in the edition before.
_UNREAD: Row = {"extraction_method": "automatic", "review_status": "unreviewed", "reviewed_by": ""}


@dataclass(frozen=True)
class Earlier:
    """The report that a new edition replaces: its text, and the rows of its extract by bronze table."""

    report_id: str
    text: str
    frames: Mapping[str, pl.DataFrame]

    def rows(self, table: str) -> list[Row]:
        """The rows of one table as cells of text, without ``report_id``."""
        if table not in self.frames:
            return []
        rows = self.frames[table].drop("report_id").iter_rows(named=True)
        return [{name: _cell(value) for name, value in row.items()} for row in rows]


def reissued(
    files: Mapping[str, bytes], earlier: Earlier, document: Document, found: Iterable[Found]
) -> dict[str, bytes]:
    """The files of a drafted extract, with what the known extract says of the words that both editions have.

    ``found`` are the candidate figures of the new edition: one that stands where a known figure was, in the same unit,
    is that figure with another value. A key of the earlier extract is never given to another figure.
    """
    draft, alignment = draft_of(files), align(earlier.text, document.text)
    kept = [row for row in draft.figures if row["extraction_method"] != "automatic"]
    known = [row for row in earlier.rows("figure") if row["figure_key"] not in {own["figure_key"] for own in kept}]
    standing = _standing(known, alignment, document)
    changed = _changed(known, standing, alignment, document, found)
    taken = [*kept, *standing.values(), *changed.values()]
    figures = [*taken, *_added(draft, earlier, alignment, taken)]
    keys = {row["figure_key"] for row in figures}
    figures = [{**row, "repeats": row.get("repeats", "") if row.get("repeats") in keys else ""} for row in figures]
    tables = {
        FIGURES: tuple(sorted(figures, key=start_of)),
        REGISTER: tuple(_ledger(draft, earlier, alignment, document, figures)),
        LINKS: (*draft.tables.get(LINKS, ()), *_whole_links(earlier, {*standing, *changed})),
        PARAMETERS: (*draft.tables.get(PARAMETERS, ()), *_of_figures(earlier, {*standing, *changed})),
    }
    return files_of(with_tables(draft, tables))


def _standing(known: Iterable[Row], alignment: Alignment, document: Document) -> dict[str, Row]:
    """The figures that both editions print, at their place in the new one."""
    standing: dict[str, Row] = {}
    for row in known:
        span = span_of(row)
        led = alignment.forward(*span) if span else None
        if led and same_printed(document.text[slice(*led)], row["printed"]):
            standing[row["figure_key"]] = {**row, **_UNREAD, **_place(document, *led), "printed": row["printed"]}
    return standing


def _changed(
    known: Iterable[Row], standing: Mapping[str, Row], alignment: Alignment, document: Document, found: Iterable[Found]
) -> dict[str, Row]:
    """The figures in whose place the new edition prints another number of the same unit, in the order of the text."""
    free = [candidate for candidate in found if candidate.noise is None]
    changed: dict[str, Row] = {}
    for row in sorted(known, key=start_of):
        span = span_of(row)
        if row["figure_key"] in standing or span is None:
            continue
        match = next(_instead(row, alignment.instead(*span), free), None)
        if match is not None:
            free.remove(match[0])
            changed[row["figure_key"]] = {**row, **_UNREAD, **_printed(document, *match)}
    return changed


def _instead(row: Row, stretch: Place, free: Iterable[Found]) -> Iterator[tuple[Found, Printed]]:
    """The candidates in a narrow stretch that are printed in a figure's unit."""
    low, high = stretch
    for candidate in free if high - low <= _NARROW else ():
        if low <= candidate.start and candidate.end <= high and candidate.read.unit == _unit(row["printed"]):
            with suppress(UnreadableFigureError, KeyError):
                yield candidate, parse_in_unit(candidate.printed, row["unit"])


def _unit(printed: str) -> str | None:
    try:
        return parse_printed(printed).unit
    except UnreadableFigureError:
        return None


def _printed(document: Document, found: Found, read: Printed) -> Row:
    """The cells that tell what is printed now, and where."""
    ends = {"value_low": _cell(read.low), "value_high": _cell(read.high)} if read.form == "range" else {}
    return {
        **{"value_low": "", "value_high": "", **ends},
        "value": _cell(read.value),
        "hedge": found.hedge or "",
        "qualifier": found.qualifier or "",
        **_place(document, found.start, found.end),
        "printed": found.printed,
    }


def _place(document: Document, start: int, end: int) -> Row:
    return {**placed(document.text, start, end), "source_page": _cell(document.page_at(start))}


def _added(draft: Draft, earlier: Earlier, alignment: Alignment, taken: Sequence[Row]) -> list[Row]:
    """The proposals in words that only the new edition has, under keys of their own.

    What is said in words that both have was read with the earlier edition; a number that its extract does not speak of
    is left to the ledger.
    """
    keys = {row["figure_key"] for row in (*earlier.rows("figure"), *taken)}
    added: list[Row] = []
    for row in draft.figures:
        span = span_of(row)
        if row in taken or span is None or alignment.back(*span) or any(overlap(row, other) for other in taken):
            continue
        key = _free(row["figure_key"], keys)
        keys.add(key)
        added.append({**row, "figure_key": key})
    return added


def _free(key: str, keys: Iterable[str]) -> str:
    taken = set(keys)
    names = (key if number == 1 else f"{key}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def _ledger(
    draft: Draft, earlier: Earlier, alignment: Alignment, document: Document, figures: Iterable[Row]
) -> list[dict[str, str]]:
    """What became of every numeral of the new edition: what stands is what it was, the rest as the draft has it."""
    observed = {span: row["figure_key"] for row in figures if (span := span_of(row))}
    dismissed = {**_dismissed(draft.ledger, lambda span: span), **_dismissed(earlier.rows("ledger"), _led(alignment))}
    facts = {span: row["fact_ref"] for row in draft.ledger if row.get("fact_ref") and (span := span_of(row))}
    parts = _parts(earlier, alignment, set(observed.values()))
    rows = account(document.text, observed, dismissed, facts)
    return [row | parts.get(span_of(row), {}) if row["disposition"] == PENDING else row for row in rows]


def _parts(earlier: Earlier, alignment: Alignment, keys: set[str]) -> dict[Place | None, dict[str, str]]:
    """The numerals that a figure is made of and that stand outside its span, such as the level that it started from."""
    told = ((span_of(row), row["figure_key"]) for row in earlier.rows("ledger") if row["disposition"] == PART_OF)
    led = ((alignment.forward(*span), key) for span, key in told if span and key in keys)
    return {place: {"disposition": PART_OF, "figure_key": key} for place, key in led if place}


def _dismissed(rows: Iterable[Row], lead: Callable[[Place], Place | None]) -> dict[Place, str]:
    told = ((span_of(row), row["reason"]) for row in rows if row["disposition"] == DISMISSED)
    return {there: reason for span, reason in told if span and (there := lead(span))}


def _led(alignment: Alignment) -> Callable[[Place], Place | None]:
    return lambda span: alignment.forward(*span)


def _whole_links(earlier: Earlier, keys: set[str]) -> list[Row]:
    """The links of which every figure is still there: a sum without one of its parts would be another sum."""
    rows = earlier.rows("figure_link")
    broken = {row["link_key"] for row in rows if row["figure_key"] not in keys}
    return [row for row in rows if row["link_key"] not in broken]


def _of_figures(earlier: Earlier, keys: set[str]) -> list[Row]:
    return [row for row in earlier.rows("policy_parameter") if row["figure_key"] in keys]


def _cell(value: Any) -> str:
    """A typed value as a cell of an extract."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else str(value)
