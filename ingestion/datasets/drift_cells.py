"""What changed in the cells of a column, found by comparing them with its contract; and how they could be read.

Columns of which more cells cannot be read than a file may have bad rows are tried in other ways of writing, the nearest
first (:func:`changed_cells`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ingestion.datasets.cells import is_null, read_cells
from ingestion.datasets.contract_model import Column, Contract, folded
from ingestion.datasets.drift import Change, is_needed
from ingestion.datasets.layout import Member

if TYPE_CHECKING:
    import polars as pl

    from ingestion.datasets.reading import Sheet

#: Share of a column's cells that must be readable for it to be that column.
READABLE = 0.95
#: Ways of writing numbers and codes that a column may have changed to, in the order they are tried.
_NUMBERS: tuple[dict[str, Any], ...] = (
    {"decimal": ","},
    {"decimal": "."},
    {"thousands": "space"},
    {"decimal": ",", "thousands": "space"},
    {"type": "number"},
    {"type": "number", "decimal": ","},
    {"type": "number", "decimal": "."},
    {"unfloat": True},
)
_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%Y%m%d", "%Y/%m/%d", "%d.%m.%Y")


def changed_cells(contract: Contract, published: Sheet, most: float) -> tuple[Change, ...]:
    """The columns of which more than ``most`` of the cells cannot be read, and how they could be."""
    changes = []
    for member in published.members:
        cells = published.rows[member.name].str.strip_chars()
        if member.column.is_pseudo or share_unreadable(contract, member, cells) <= most:
            continue
        changes.append(_retyped(contract, member, cells))
    return tuple({change.column: change for change in changes}.values())


def share_unreadable(contract: Contract, member: Member, cells: pl.Series) -> float:
    """The share of the cells that this column's contract cannot take; 0 where there are none."""
    return int(_unreadable(contract, member, cells).sum()) / max(len(cells), 1)


def _unreadable(contract: Contract, member: Member, cells: pl.Series) -> pl.Series:
    value, flags = read_cells(member, contract, cells)
    unread = value.is_null()
    for flag in flags.values():
        unread &= ~flag
    if member.column.may_be_empty or member.column.may_be_absent:
        unread &= ~is_null(member.column, cells)
    return unread


def _retyped(contract: Contract, member: Member, cells: pl.Series) -> Change:
    unread = _unreadable(contract, member, cells)
    examples = tuple(dict.fromkeys(folded(cell or "") for cell in cells.filter(unread).head(50)))[:3]
    told = member.heading if member.column.published_like else member.column.label
    for update, after in _ways(contract, member.column):
        changed = member.column.model_copy(update=update)
        other = Member(member.name, changed, member.heading, member.groups)
        if share_unreadable(contract, other, cells) <= 1 - READABLE:
            return Change("retyped", member.column.name, told, after, examples, update)
    return Change("retyped", member.column.name, told, None, examples, is_acceptable=False)


def _ways(contract: Contract, column: Column) -> Iterator[tuple[dict[str, Any], str]]:
    """Other ways to write a column's cells, the nearest first, and what to call them."""
    if column.type in ("integer", "number"):
        names = {
            "decimal": "signe décimal",
            "thousands": "milliers séparés",
            "type": "des décimales",
            "unfloat": "« .0 »",
        }
        for update in _NUMBERS:
            if any(getattr(column, key) != value for key, value in update.items()):
                yield update, ", ".join(f"{names[key]} {_sign(value)}".strip() for key, value in update.items())
    elif column.type == "date":
        for form in _DATES:
            if form not in column.formats:
                yield {"formats": (*column.formats, form)}, f"une date comme {form}"
    elif column.type == "code" and column.pad_to is None:
        for width in range(2, 10):
            yield {"pad_to": width, "unfloat": True}, f"des zéros de tête perdus, rétablis jusqu’à {width} signes"
    if not column.may_be_empty and not is_needed(contract, column):
        yield {"may_be_empty": True}, "des cellules vides"


def _sign(value: Any) -> str:
    return {",": "« , »", ".": "« . »"}.get(value, "") if isinstance(value, str) else ""
