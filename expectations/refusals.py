"""What the input guard refused, told to operators: file, line, what was expected and found, what to do.

The guard's own sentences are French and go to stewards; a quarantine is read by whoever delivered the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from expectations.inputs import CODE_COLUMNS, INPUT, RANGES, InputReport, Refusal
from ingestion.arrivals import Arrival, Place
from ingestion.schemas import TABLES, Column, Table

if TYPE_CHECKING:
    import polars as pl

#: Lines and keys told of one refusal; the count tells the rest.
TOLD = 20
_AGAIN = "deliver the extract again with a higher extract_version if this one was taken"
_WHERE_DECLARED = {
    "indicator": "declare the indicator in ingestion/reference/indicators",
    "territory": "declare the place in ingestion/reference/places",
    "period": "write the period as docs/add-a-report.md says",
}


def with_refusals(
    arrivals: Iterable[Arrival],
    report: InputReport,
    frames: Mapping[str, pl.DataFrame],
    places: Mapping[str, Sequence[Place]],
) -> list[Arrival]:
    """Write into each arrival that was read what the guard refused of it.

    ``frames`` are what the guard was given and ``places`` where each of their rows stands as delivered.
    """
    kept: Counter[str] = Counter()
    for frame in report.accepted(frames).values():
        kept.update(dict(frame[INPUT].value_counts().iter_rows()))
    reasons = [(sha, r, _reason(sha, r, frames, places)) for r in report.refusals for sha in r.inputs]
    return [_with_refusal(arrival, reasons, kept[arrival.sha256]) for arrival in arrivals]


def _with_refusal(arrival: Arrival, reasons: Sequence[tuple[str, Refusal, dict[str, Any]]], kept: int) -> Arrival:
    if arrival.content is None or arrival.reason is not None:
        return arrival
    mine = [(refusal, reason) for sha, refusal, reason in reasons if sha == arrival.sha256]
    rejected = arrival.rows_rejected + arrival.content.rows - kept
    whole = next((reason for refusal, reason in mine if refusal.whole_input), None)
    if whole is not None or kept == 0:
        told = whole or next((reason for _, reason in mine), None)
        return replace(arrival, reason=told, rows_rejected=rejected) if told else arrival
    rejections = (*arrival.rejections, *(reason for _, reason in mine))
    return replace(arrival, rejections=rejections, rows_accepted=kept, rows_rejected=rejected)


def _reason(
    sha: str, refusal: Refusal, frames: Mapping[str, pl.DataFrame], places: Mapping[str, Sequence[Place]]
) -> dict[str, Any]:
    frame = frames[refusal.table]
    owners = frame[INPUT] if INPUT in frame.columns else None
    rows = [row for row in refusal.rows if owners is None or owners[row] == sha]
    told = [places[refusal.table][row] for row in rows]
    lines = [place.line for place in told if place.line is not None]
    return {
        "file": told[0].file if told else refusal.table,
        "line": lines[0] if lines else None,
        "expectation": _expectation(refusal, frame, rows, lines),
        "next_step": _next_step(refusal),
        "table": refusal.table,
        "count": len(rows),
        "lines": lines[:TOLD],
        "keys": [key for row, key in zip(refusal.rows, refusal.keys, strict=True) if row in set(rows)][:TOLD],
    }


def _expectation(refusal: Refusal, frame: pl.DataFrame, rows: Sequence[int], lines: Sequence[int]) -> str:
    """What the expectation asks, in English, with the first value that does not meet it."""
    table, (kind, column) = TABLES[refusal.table], _named(refusal)
    if kind == "unique":
        where = f" (lines {', '.join(map(str, lines[:TOLD]))})" if lines else ""
        return f"the key {', '.join(table.key)} was expected once, it is on {len(rows)} rows{where}"
    if kind in ("columns", "rows"):
        return _asked(table, kind, column)
    asked = f"{column} was expected to be {_asked(table, kind, column)}"
    if kind == "required" or column not in frame.columns or not rows:
        return asked
    return f"{asked}, {str(frame[column][rows[0]])!r} was found"


def _asked(table: Table, kind: str, column: str) -> str:
    match kind:
        case "columns":
            return f"the columns of {table.name} were expected: {', '.join(c.name for c in table.columns)}"
        case "rows":
            return f"at least one row of {table.name} was expected"
        case "accepted":
            return f"one of {', '.join(_column(table, column).accepted)}"
        case "range":
            return _limits(table, column)
        case "order":
            return "no higher than its upper end"
        case "known":
            return f"a known {CODE_COLUMNS.get(column, '')} code"
        case "refers":
            return "the key of a row that is accepted"
    return "filled in"


def _next_step(refusal: Refusal) -> str:
    kind, column = _named(refusal)
    do = {
        "columns": "Correct the header of the file",
        "rows": "Check that the file is whole",
        "required": "Fill it in",
        "accepted": "Correct the value",
        "range": "Correct the value",
        "order": "Correct the lower or the upper end",
        "known": f"Correct the code, or {_WHERE_DECLARED.get(CODE_COLUMNS.get(column, ''), 'declare it')}",
        "unique": "Keep the right row, and remove the others or give them a key of their own",
        "refers": "Correct the row that it names, or remove this one",
    }[kind]
    return f"{do}; {_AGAIN}"


def _named(refusal: Refusal) -> tuple[str, str]:
    """Kind and column of an expectation, from its name: ``figure.known.indicator_code``, ``figure.unique``."""
    _, kind, *column = refusal.expectation.split(".")
    return kind, column[0] if column else ""


def _column(table: Table, name: str) -> Column:
    return next(column for column in table.columns if column.name == name)


def _limits(table: Table, column: str) -> str:
    low, high = RANGES[table.name, column]
    return f"at least {low}" if high is None else f"between {low} and {high}"
