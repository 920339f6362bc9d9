"""The extractor's newer proposals beside what people settled of the same text: a pure function over two drafts."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from ingestion.drafts import (
    FIGURES,
    LINKS,
    PARAMETERS,
    REGISTER,
    Draft,
    Row,
    is_proposal,
    span_of,
    start_of,
    with_tables,
)


@dataclass(frozen=True)
class _Occupied:
    """The stretches of a text that rows stand at. A synthesis has thousands: looked up by bisection."""

    rows: tuple[Row, ...]
    starts: list[int]
    reach: list[int]

    @classmethod
    def by(cls, rows: Iterable[Row]) -> _Occupied:
        spanned = sorted(((span, index, row) for index, row in enumerate(rows) if (span := span_of(row))))
        return cls(
            tuple(row for _, _, row in spanned),
            [span[0] for span, _, _ in spanned],
            list(accumulate((span[1] for span, _, _ in spanned), max)),
        )

    def holder(self, row: Row) -> Row | None:
        """A row that shares a character with this one."""
        span = span_of(row)
        index = bisect_left(self.starts, span[1]) - 1 if span else -1
        while span and index >= 0 and self.reach[index] > span[0]:
            held = span_of(self.rows[index])
            if held and held[1] > span[0]:
                return self.rows[index]
            index -= 1
        return None


def merged(settled: Draft, proposed: Draft) -> Draft:
    """An extract with the newer proposals of the extractor on the same text.

    What a person reviewed or wrote stays, and so does every numeral that it observed or dismissed; proposals that
    nobody reviewed are replaced by the newer ones, which take only the places that are free.
    """
    kept = [row for row in settled.figures if not is_proposal(row)]
    keys = {row["figure_key"] for row in kept}
    ledger = [row for row in settled.ledger if _is_settled(row, keys)]
    taken = _Occupied.by([*kept, *ledger])
    fresh = _renamed([row for row in proposed.figures if taken.holder(row) is None], settled, keys)
    told, holders = _Occupied.by(ledger), _Occupied.by(kept)
    ledger += [_carried(row, holders, fresh) for row in proposed.ledger if told.holder(row) is None]
    tables = {
        FIGURES: _ordered(settled.figures, (*kept, *fresh.values())),
        REGISTER: _ordered(settled.ledger, ledger),
    }
    return _without_orphans(with_tables(settled, tables))


def _ordered(before: tuple[Row, ...], rows: Sequence[Row]) -> tuple[Row, ...]:
    """Rows in the order of the text; as they stood where none came and none went: people order tables, too."""
    return before if list(before) == list(rows) else tuple(sorted(rows, key=start_of))


def _is_settled(row: Row, keys: set[str]) -> bool:
    if row["disposition"] == "dismissed" or row.get("fact_ref"):
        return True
    return row.get("figure_key") in keys


def _renamed(proposals: Iterable[Row], settled: Draft, keys: set[str]) -> dict[str, Row]:
    """Proposals, by the key they came with, under the key that they had before, or one that is free."""
    before = {(span_of(row), row["indicator_code"]): row["figure_key"] for row in settled.figures if is_proposal(row)}
    rows = {row["figure_key"]: row for row in proposals}
    had = {key: before.get((span_of(row), row["indicator_code"])) for key, row in rows.items()}
    taken = keys | {key for key in had.values() if key}
    renamed: dict[str, Row] = {}
    for key, row in rows.items():
        now = had[key] or _free(key, taken)
        taken.add(now)
        renamed[key] = {**row, "figure_key": now}
    return renamed


def _free(wanted: str, taken: set[str]) -> str:
    numbered = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return wanted if wanted not in taken else next(key for key in numbered if key not in taken)


def _carried(row: Row, holders: _Occupied, fresh: dict[str, Row]) -> Row:
    """A numeral of the newer ledger, pointing to the figures as they are now; pending when its figure was not taken."""
    holder = holders.holder(row)
    if holder is not None:
        return {**row, "disposition": "observed", "figure_key": holder["figure_key"], "reason": ""}
    key = row.get("figure_key")
    if not key:
        return row
    if key not in fresh:
        return {**row, "disposition": "pending", "figure_key": "", "reason": ""}
    return {**row, "figure_key": fresh[key]["figure_key"]}


def _without_orphans(draft: Draft) -> Draft:
    """Links, parameters and repeats of figures that are still there."""
    keys = {row["figure_key"] for row in draft.figures}
    standing = {
        name: tuple(row for row in draft.tables.get(name, ()) if row["figure_key"] in keys)
        for name in (LINKS, PARAMETERS)
    }
    figures = tuple(row if row.get("repeats", "") in {"", *keys} else {**row, "repeats": ""} for row in draft.figures)
    return with_tables(draft, {FIGURES: figures, **standing})
