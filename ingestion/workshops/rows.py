"""Rows of an extract, and where on the page a cell comes from."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from ingestion.workshops.lines import Line, folded

Cell = str | int | bool | date | Decimal | None
Row = dict[str, Cell]


def place_of(line: Line, match: re.Match[str] | None, group: str | int = 0) -> Row:
    """``printed``, ``source_line``, ``char_start`` and ``char_end`` of a group of a match on a line."""
    if match is None:
        return {"printed": None, "source_line": line.number, "char_start": None, "char_end": None}
    start, end = line.span(match, group)
    return {
        "printed": folded(match[group]) or None,
        "source_line": line.number,
        "char_start": start,
        "char_end": end,
    }
