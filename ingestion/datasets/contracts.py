"""The packaged contracts, and the checks that need more than one of a contract's values.

A contract is strict: an unknown key, a key given twice, a value of another kind, a name that leads nowhere are refused
when it is read, with file, line and place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from ingestion.datasets.contract_model import HEADING, PSEUDO, Contract, folded, module_name
from ingestion.reference.fragments import Entry, Step, read_yaml

CONTRACTS = Path(__file__).parent
#: Columns of a bronze table that a transform never gives: they follow from the delivery itself, or from its cells.
DERIVED = frozenset({"dataset_key", "territory_key", "period", "conf_status", "is_placeholder_date"})
Problems = Iterator[tuple[tuple[Step, ...], str]]


@lru_cache(maxsize=8)
def load_contracts(folder: Path = CONTRACTS) -> Mapping[str, Contract]:
    """Every contract of a folder, by code.

    Raises:
        ReferenceInvalid: one that cannot be read or that leads nowhere; names file, line and place.
    """
    entries = [read_yaml(file, Contract) for file in sorted(folder.glob("*.yml"))]
    for entry in entries:
        for at, problem in _problems(entry):
            raise entry.refused(problem, at=at)
    _check_headers(entries)
    return {entry.value.code: entry.value for entry in entries}


def _problems(entry: Entry[Contract]) -> Problems:
    contract = entry.value
    if entry.file.stem != contract.code:
        yield ("code",), f"a file named {contract.code}.yml was expected"
    yield from _format_problems(contract)
    yield from _column_problems(contract)
    yield from _name_problems(contract)
    yield from _vintage_problems(contract)
    yield from _target_problems(contract)
    transform = contract.transform
    module = entry.file.parent / "transforms" / f"{module_name(contract.code)}.py"
    if not transform.function:
        yield from _transform_problems(contract)
    elif transform.model_fields_set - {"function", "unpivot", "territory"}:
        yield ("transform",), "either function or a declared transform was expected, not both"
    elif transform.territory not in {None, *(column.name for column in contract.columns)}:
        yield ("transform", "territory"), _unknown(transform.territory, {column.name for column in contract.columns})
    if (transform.function or contract.format.kind == "records") and not module.is_file():
        yield ("transform", "function"), f"transforms/{module.name} was expected"


def _format_problems(contract: Contract) -> Problems:
    form = contract.format
    if form.kind == "csv":
        for needed in ("encoding", "delimiter", "decimal"):
            if getattr(form, needed) is None:
                yield ("format",), f"{needed} was expected for kind: csv"
    if form.kind == "spreadsheet" and form.sheets is None:
        yield ("format",), "sheets was expected for kind: spreadsheet"
    if form.kind == "records" and form.marker is None:
        yield ("format",), "marker was expected for kind: records: what the first bytes of such a file contain"
    if form.header == "none" and form.section is None and form.marker is None:
        yield ("format",), "section or marker was expected for header: none: how such a file is recognised"
    if form.width is not None and form.header != "none":
        yield ("format", "width"), "header: none was expected beside width: a header tells how many columns there are"
    if form.header_row is not None and form.header_rows:
        yield ("format", "header_rows"), "either header_row or header_rows was expected, not both"


def _column_problems(contract: Contract) -> Problems:
    names = {column.name for column in contract.columns}
    for index, column in enumerate(contract.columns):
        at: tuple[Step, ...] = ("columns", index)
        if column.published is not None and column.published_like is not None:
            yield at, "either published or published_like was expected, not both"
        if column.is_unheaded and column.position is None:
            yield at, "published, published_like, or the position of a column without a heading was expected"
        if column.family and column.published_like is None:
            yield (*at, "family"), "published_like was expected for a family"
        if column.is_pseudo and column.published not in PSEUDO:
            told = (column.published or "").removeprefix(HEADING)
            if told not in names:
                known = ", ".join([*PSEUDO, *(f"{HEADING}{name}" for name in sorted(names))])
                yield (*at, "published"), f"one of {known} was expected, {column.published!r} found"
        elif contract.format.by_position and column.position is None and not column.is_pseudo:
            yield at, f"position was expected for header: {contract.format.header}"
        if column.type == "flag" and set((column.values or {}).values()) - {"true", "false"}:
            yield (*at, "values"), "true and false were expected as the values of a flag"


def _name_problems(contract: Contract) -> Problems:
    names: set[str] = set()
    headings = {folded(heading) for heading in contract.ignored_columns}
    for index, column in enumerate(contract.columns):
        if column.name in names:
            yield ("columns", index, "name"), f"{column.name!r} is given twice"
        for heading in () if column.position or column.is_pseudo else column.headings:
            if folded(heading) in headings:
                yield ("columns", index), f"the heading {heading!r} is given twice"
            headings.add(folded(heading))
        names.add(column.name)
    single = {column.name for column in contract.columns if not column.family}
    for index, name in enumerate(contract.keys):
        if name not in single:
            yield ("keys", index), _unknown(name, single)
    for index, totals in enumerate(contract.totals):
        if totals.column not in single:
            yield ("totals", index, "column"), _unknown(totals.column, single)


def _vintage_problems(contract: Contract) -> Problems:
    vintage, names = contract.vintage, {column.name for column in contract.columns}
    told_by = {"column": "column", "content": "known", "bytes": "files", "constant": "value"}
    needed = told_by.get(vintage.read_from, "pattern")
    if not getattr(vintage, needed):
        yield ("vintage",), f"{needed} was expected beside read_from: {vintage.read_from}"
    if vintage.column is not None and vintage.column not in names:
        yield ("vintage", "column"), _unknown(vintage.column, names)
    for index, known in enumerate(vintage.known):
        for name in set(known.where) - names:
            yield ("vintage", "known", index, "where", name), _unknown(name, names)


def _target_problems(contract: Contract) -> Problems:
    if (contract.target is None) == (not contract.targets):
        yield ("target",), "either target or targets was expected"
    elif contract.targets and not contract.transform.function:
        yield ("targets",), "a function was expected where a file feeds several tables"


def _transform_problems(contract: Contract) -> Problems:
    transform, names = contract.transform, {column.name for column in contract.columns}
    yield from _territory_problems(contract, names)
    groups = _groups(contract)
    told = groups | _cell_columns(contract)
    is_wide = "period" in told
    if is_wide and transform.period is not None:
        yield ("transform", "period"), "no period was expected where the unpivot gives it"
    if not is_wide and transform.period not in names | {"vintage"}:
        yield ("transform", "period"), _unknown(transform.period, names | {"vintage"})
    yield from _unpivot_problems(contract, names, groups)
    if not contract.tables:
        return
    table = {column.name: column for column in contract.table.columns}
    given = {*transform.constants, *told, *((transform.unpivot.value,) if transform.unpivot else ())}
    for name in sorted(given - set(table)):
        yield ("transform",), f"{name!r} is no column of the bronze table {contract.table.name}"
    for name in sorted(given & DERIVED - ({"period"} if is_wide else set())):
        yield ("transform",), f"{name!r} is derived, not given"
    for name, value in transform.constants.items():
        if name in table and table[name].accepted and value not in table[name].accepted:
            accepted = ", ".join(table[name].accepted)
            yield ("transform", "constants", name), f"one of {accepted} was expected, {value!r} found"
    missing = [c.name for c in table.values() if c.required and c.name not in given | names | DERIVED]
    if missing:
        yield ("transform",), f"the bronze table {contract.table.name} needs {', '.join(missing)}"


def _territory_problems(contract: Contract, names: set[str]) -> Problems:
    transform, where = contract.transform, contract.territories
    if (where.level is None) == (where.level_from is None):
        yield ("territories",), "either level or level_from was expected"
    if where.level_from is not None and where.level_from not in names:
        yield ("territories", "level_from"), _unknown(where.level_from, names)
    if where.code is None and transform.territory not in names:
        yield ("transform", "territory"), _unknown(transform.territory, names)


def _unpivot_problems(contract: Contract, names: set[str], groups: set[str]) -> Problems:
    unpivot = contract.transform.unpivot
    if unpivot is None:
        if any(column.family for column in contract.columns):
            yield ("transform",), "unpivot was expected where a column is a family"
        return
    for name, told in unpivot.cells.items():
        if name not in names:
            yield ("transform", "unpivot", "cells", name), _unknown(name, names)
        elif isinstance(told, str) and unpivot.column is None:
            yield ("transform", "unpivot", "cells", name), "column was expected beside cells that are one text"
    for group in sorted(set(unpivot.values) - groups):
        yield ("transform", "unpivot", "values", group), _unknown(group, groups)


def _groups(contract: Contract) -> set[str]:
    """The columns that headings of unpivoted columns tell by their named groups."""
    unpivot = contract.transform.unpivot
    cells = unpivot.cells if unpivot else {}
    likes = [c.published_like for c in contract.columns if c.published_like and c.name in cells]
    return {group for like in likes for group in re.compile(like).groupindex}


def _cell_columns(contract: Contract) -> set[str]:
    """The columns that the unpivot's ``cells`` give."""
    unpivot = contract.transform.unpivot
    if unpivot is None:
        return set()
    told = {name for cell in unpivot.cells.values() if isinstance(cell, dict) for name in cell}
    return told | ({unpivot.column} if unpivot.column else set())


def _check_headers(entries: list[Entry[Contract]]) -> None:
    """Two contracts with the same headings could not be told apart, unless something else tells them."""
    seen: dict[tuple[object, ...], Entry[Contract]] = {}
    for entry in entries:
        contract, form = entry.value, entry.value.format
        headings = frozenset(folded(c.label) for c in contract.columns if not c.may_be_absent)
        told = (form.sheets, form.section, form.marker, contract.file_pattern)
        key = (form.kind, form.delimiter, form.rows_of_header, headings, told)
        if key in seen:
            raise entry.refused(f"the columns of {seen[key].file.name} are the same: no file could tell them apart")
        seen[key] = entry


def _unknown(name: str | None, names: set[str]) -> str:
    return f"one of {', '.join(sorted(names))} was expected, {name!r} found"
