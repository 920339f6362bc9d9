"""Rows as a table in the terminal."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from stewardship.typography import safe_text


def print_rows(columns: Sequence[str], rows: Sequence[Mapping[str, Any]], whole: Collection[str] = ()) -> None:
    """Print rows under their column names; control characters are shown, never sent to the terminal.

    The columns ``whole`` are never broken over lines: what people copy into a command.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column in whole)
    for row in rows:
        table.add_row(*(Text(cell(row[column])) for column in columns))
    Console().print(table)


def cell(value: Any) -> str:
    """One value as text: numbers without useless zeros; what could steer the terminal is shown as its code."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        value = value.normalize()
        return f"{value:f}"
    return "\n".join(safe_text(line) for line in str(value).split("\n"))
