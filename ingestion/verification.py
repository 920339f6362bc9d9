"""Verify that every figure of an extract stands where the extract says, when the document is at hand.

A figure that does not is a fault of ours, not of the world: the extract is refused, and its last good version stays.
"""

from __future__ import annotations

from ingestion.extracts_reading import FILES, Extract
from ingestion.numbers import same_printed
from warehouse.errors import InputError

SPAN = ("printed", "source_line", "char_start", "char_end")


def verify_spans(extract: Extract, text: str) -> InputError | None:
    """The first row whose ``printed`` is not what ``text`` has at its span and line, or None."""
    names = {table.name: file for file, table in FILES.items()}
    for table, frame in extract.frames.items():
        if not set(SPAN) <= set(frame.columns):
            continue
        rows = frame.select(SPAN).drop_nulls().iter_rows()
        for number, (printed, line, start, end) in enumerate(rows, start=2):
            found = text[start:end]
            if not same_printed(found, printed) or text.count("\n", 0, start) + 1 != line:
                return InputError(
                    file=f"{extract.name}/{names[table]}",
                    line=number,
                    expectation=f"{printed!r} was expected at line {line}, characters {start} to {end} of the source, "
                    f"{found!r} was found at line {text.count(chr(10), 0, start) + 1}",
                    next_step="Correct the span, or the figure",
                )
    return None
