"""Which columns of a grid are those of the contract, and what their headings say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ingestion.datasets.contract_model import HEADING, Column, Contract, folded
from ingestion.datasets.grids import Grid, unlike


@dataclass(frozen=True)
class Member:
    """One column of the rows. A family has one for every heading that it matches; any other column just one.

    ``groups`` is what the heading says (year, sex, ages); ``heading`` the heading itself, white space folded.
    """

    name: str
    column: Column
    heading: str
    groups: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Layout:
    """Where each member stands in a grid; ``told`` are the cells that every row of the grid shares."""

    members: tuple[tuple[Member, int], ...]
    told: tuple[tuple[Member, str | None], ...]
    width: int


def lay_out(contract: Contract, grid: Grid, name: str) -> Layout:
    """The layout of a grid.

    Raises:
        InputError: a column is unknown, missing, or there more than once.
    """
    placed = list(_by_position(contract) if contract.format.by_position else _by_heading(contract, grid, name))
    there = {member.column.name for member, _ in placed}
    told = tuple(_told(contract, grid, name, placed))
    missing = [c for c in contract.columns if not (c.may_be_absent or c.is_pseudo) and c.name not in there]
    if missing:
        found = ", ".join(grid.headings) or "nothing"
        raise _unlike(contract, grid, name, f"missing column {missing[0].label!r}; found: {found}")
    positions = [index + 1 for _, index in placed]
    width = len(grid.headings)
    if contract.format.header == "none":
        width = contract.format.width or max(positions, default=0)
    return Layout(tuple(placed), told, width)


def _by_position(contract: Contract) -> Iterator[tuple[Member, int]]:
    for column in contract.columns:
        if column.position is not None:
            yield Member(column.name, column, column.label), column.position - 1


def _by_heading(contract: Contract, grid: Grid, name: str) -> Iterator[tuple[Member, int]]:
    taken: dict[str, int] = {}
    for index, heading in enumerate(grid.headings):
        found = [(c, groups) for c in contract.columns if (groups := groups_at(c, heading, index)) is not None]
        if not found:
            if heading and not contract.ignores(heading):
                known = ", ".join(c.label for c in contract.columns if not c.is_pseudo)
                raise _unlike(contract, grid, name, f"unknown column {heading!r}; the columns are {known}")
            continue
        column, groups = found[0]
        member = Member(member_name(column, heading), column, folded(heading), groups)
        if member.name in taken or len(found) > 1:
            raise _unlike(contract, grid, name, f"each column once was expected, {', '.join(grid.headings)} found")
        taken[member.name] = index
        yield member, index


def groups_at(column: Column, heading: str, index: int) -> Mapping[str, str | None] | None:
    """What a heading says, where it is this column's and stands where the column must."""
    if column.is_pseudo or (column.position is not None and column.position != index + 1):
        return None
    return column.groups(heading)


def member_name(column: Column, heading: str) -> str:
    """The name of a member; our column names have no such sign in them."""
    return f"{column.name}@{folded(heading)}" if column.family else column.name


def _told(
    contract: Contract, grid: Grid, name: str, placed: list[tuple[Member, int]]
) -> Iterator[tuple[Member, str | None]]:
    first = {member.column.name: member for member, _ in reversed(placed)}
    for column in contract.columns:
        if not column.is_pseudo or column.published == "@line":
            continue
        published = column.published or ""
        if published.startswith(HEADING):
            source = first.get(published.removeprefix(HEADING))
            groups = source.groups.values() if source else ()
            cell = next((group for group in groups if group is not None), None)
        else:
            cell = {"@sheet": grid.sheet, "@file": name}[published]
        yield Member(column.name, column, published), cell


def _unlike(contract: Contract, grid: Grid, name: str, expectation: str) -> Exception:
    line = max(contract.format.rows_of_header, default=1)
    return unlike(contract, name, f"{grid.sheet}: {expectation}" if grid.sheet else expectation, line)
