"""Read a published file as its contract says: nothing inferred, every line accounted for.

Cells are typed by polars, all of a column at once. A cell that cannot be read quarantines its row, with sheet, line,
column, value and reason; a file whose form is not that of its contract is refused whole. Nothing is dropped in
silence: the lines under the header are those loaded, those set aside as the contract says (blank, footers, totals,
other sections) and those quarantined.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.datasets.contract_model import Contract, folded
from ingestion.datasets.grids import SHEET_LINES, Grid, placed, read_grids, unlike
from ingestion.datasets.layout import Layout, Member, lay_out

if TYPE_CHECKING:
    import polars as pl

#: The place of a row (see :mod:`ingestion.datasets.grids`): its line, in a file of one sheet.
LINE = "line"
#: Rows typed at once: bounds what a file of millions of rows holds in memory as Python text.
BATCH = 100_000


@dataclass(frozen=True)
class Refused:
    """One cell, or one whole line where ``column`` is null, that cannot be taken, and why."""

    line: int
    column: str | None
    value: str | None
    expectation: str
    sheet: str | None = None


@dataclass(frozen=True)
class Sheet:
    """The rows of a file under our column names: text as published, or typed.

    ``rows`` has the column ``line`` besides. ``lines`` counts what stands under the headers. ``members`` are the
    columns, and ``absent`` in which sheets (by number) a member does not stand.
    """

    rows: pl.DataFrame
    lines: int
    set_aside: int
    refused: tuple[Refused, ...] = ()
    members: tuple[Member, ...] = ()
    absent: Mapping[str, frozenset[int]] = field(default_factory=dict)
    sheets: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    fallback_lines: int = 0

    def without(self, refused: Iterable[Refused]) -> Sheet:
        """The sheet without the lines of these refusals, which are added to its own."""
        import polars as pl

        newly = list(refused)
        left = self.rows.filter(~pl.col(LINE).is_in([r.line for r in newly]))
        told = sorted([*self.refused, *newly], key=lambda r: (r.line, r.column or ""))
        return replace(self, rows=left, refused=tuple(told))

    def is_absent(self, member: str) -> pl.Expr:
        """Whether a row is of a sheet that lacks this member."""
        import polars as pl

        return (pl.col(LINE) // SHEET_LINES).is_in(sorted(self.absent.get(member, ())))

    def told(self) -> tuple[Refused, ...]:
        """The refusals as people are told them: with the sheet, and the line within it."""
        return tuple(self._told(refused) for refused in self.refused)

    def _told(self, refused: Refused) -> Refused:
        number, line = placed(refused.line)
        return replace(refused, line=line, sheet=self.sheets[number] if self.sheets else None)


def secret(name: str) -> str:
    """The flag column that says whether a typed column's cell held a secrecy mark."""
    return f"{name}__secret"


def placeholder(name: str) -> str:
    """The flag column that says whether a date was one that means unknown."""
    return f"{name}__placeholder"


def read_sheet(contract: Contract, path: Path, name: str) -> Sheet:
    """The typed rows of a file: a column per column of the contract, a flag where marks or placeholders are declared.

    Raises:
        InputError: the file is empty, or its encoding, header or quoting is not as the contract says.
    """
    return typed_sheet(contract, published_sheet(contract, path, name))


def typed_sheet(contract: Contract, published: Sheet) -> Sheet:
    """The same rows typed, without those that cannot be."""
    from ingestion.datasets.cells import typed

    sheet = typed(contract, published)
    return sheet.without(_duplicates(contract, sheet.rows))


def published_sheet(contract: Contract, path: Path, name: str) -> Sheet:
    """The same rows as text, cells as published.

    Raises:
        InputError: as :func:`read_sheet`.
    """
    import polars as pl

    cut = [_Cutter(contract, grid, name).cut() for grid in read_grids(contract, path)]
    if not cut:
        raise unlike(contract, name, "a table was expected, none found")
    members = {member.name: member for sheet in cut for member in sheet.members}
    absent = {
        member: frozenset(number for number, sheet in enumerate(cut) if member not in {m.name for m in sheet.members})
        for member in members
    }
    return Sheet(
        pl.concat([sheet.rows for sheet in cut], how="diagonal"),
        sum(sheet.lines for sheet in cut),
        sum(sheet.set_aside for sheet in cut),
        tuple(refused for sheet in cut for refused in sheet.refused),
        tuple(members.values()),
        {member: numbers for member, numbers in absent.items() if numbers},
        tuple(sheet for part in cut for sheet in part.sheets),
        tuple(heading for sheet in cut for heading in sheet.headings),
        tuple(line for sheet in cut for line in sheet.above),
        sum(sheet.fallback_lines for sheet in cut),
    )


class _Cutter:
    """Cuts one grid into rows of text."""

    def __init__(self, contract: Contract, grid: Grid, name: str) -> None:
        self.contract, self.grid, self.name = contract, grid, name
        self.layout: Layout = lay_out(contract, grid, name)
        self.lines = self.set_aside = 0
        self.refused: list[Refused] = []
        at = {member.column.name: index for member, index in self.layout.members}
        self.totals = [(at[t.column], frozenset(t.cells)) for t in contract.totals if t.column in at]
        self.footers = contract.format.footers

    def cut(self) -> Sheet:
        import polars as pl

        rows = self._rows()
        frames = [self._frame(batch) for batch in iter(lambda: list(islice(rows, BATCH)), [])]
        members = [member for member, _ in self.layout.members] + [member for member, _ in self.layout.told]
        members += [Member(c.name, c, "@line") for c in self.contract.columns if c.published == "@line"]
        members += [
            Member(c.name, c, c.label)
            for c in self.contract.columns
            if not c.family and c.name not in {member.name for member in members}
        ]
        return Sheet(
            pl.concat([self._frame([]), *frames]),
            self.lines,
            self.set_aside,
            tuple(self.refused),
            tuple(members),
            sheets=(self.grid.sheet,) if self.grid.sheet else (),
            headings=tuple(self.grid.headings),
            above=self.grid.above,
            fallback_lines=self.grid.tally.fallback_lines,
        )

    def _rows(self) -> Iterator[tuple[int, Sequence[str | None]]]:
        width, short = self.layout.width, self.contract.format.short_lines
        for line, cells in self.grid.rows:
            self.lines += 1
            if isinstance(cells, str):
                self._refuse(line, cells)
            elif self._is_beside_the_data(cells):
                self.set_aside += 1
            elif (len(cells) < width and not short) or any(cell and cell.strip() for cell in cells[width:]):
                self._refuse(line, f"{width} cells were expected, {len(cells)} found")
            else:
                yield line, cells if len(cells) >= width else [*cells, *[None] * (width - len(cells))]

    def _is_beside_the_data(self, cells: Sequence[str | None]) -> bool:
        """Whether a line is blank, a footer, a total or of another section."""
        if not any(cell and cell.strip() for cell in cells):
            return True
        section = self.contract.format.section
        if section is not None and (len(cells) < section.position or cells[section.position - 1] != section.equals):
            return True
        if self.footers and (cells[0] or "").strip().startswith(self.footers):
            return True
        return any(index < len(cells) and folded(cells[index] or "") in marks for index, marks in self.totals)

    def _frame(self, rows: Sequence[tuple[int, Sequence[str | None]]]) -> pl.DataFrame:
        import polars as pl

        places = [line for line, _ in rows]
        cut = {LINE: pl.Series(places, dtype=pl.Int64())}
        for member, index in self.layout.members:
            cut[member.name] = pl.Series([cells[index] for _, cells in rows], dtype=pl.String())
        for member, told in self.layout.told:
            cut[member.name] = pl.Series([told] * len(rows), dtype=pl.String())
        for column in self.contract.columns:
            if column.published == "@line":
                cut[column.name] = pl.Series([str(placed(line)[1]) for line in places], dtype=pl.String())
            elif column.name not in cut and not column.family:
                cut[column.name] = pl.Series([None] * len(rows), dtype=pl.String())
        return pl.DataFrame(cut)

    def _refuse(self, line: int, expectation: str) -> None:
        self.refused.append(Refused(line, None, None, expectation))


def _duplicates(contract: Contract, rows: pl.DataFrame) -> list[Refused]:
    """Every row of a key that is given more than once: nothing says which one is right."""
    import polars as pl

    keys = list(contract.keys)
    double = rows.filter(pl.struct(keys).is_duplicated()).select(LINE, *keys)
    column = contract.column(keys[0]).label if len(keys) == 1 else None
    sentence = f"one row a key ({', '.join(contract.column(key).label for key in keys)}) was expected"
    return [Refused(line, column, "|".join(map(str, key)), sentence) for line, *key in double.iter_rows()]
