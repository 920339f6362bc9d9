"""Which dataset a file is, by its header: names of files change at each publication, headings seldom do."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from ingestion.datasets.contracts import Contract, folded, load_contracts
from ingestion.datasets.reading import codec, header_cells
from warehouse.errors import InputError

#: Enough for ten lines of title and a header of a thousand columns.
HEADER_BYTES = 64 * 1024


def recognise_dataset(header_bytes: bytes, contracts: Mapping[str, Contract] | None = None) -> str | None:
    """The code of the dataset that a file beginning with these bytes is, or None.

    A file is of a dataset when the contract's header row has every column that is not optional. Of several datasets,
    the one that knows most of the headings; None when two know as many, for then a person must say (``--as``).
    """
    known = load_contracts() if contracts is None else contracts
    scores = {code: _matched(contract, header_bytes[:HEADER_BYTES]) for code, contract in known.items()}
    best = max(scores.values(), default=0)
    found = [code for code, score in scores.items() if score == best]
    return found[0] if best and len(found) == 1 else None


def _matched(contract: Contract, head: bytes) -> int:
    """How many of the headings the contract knows; 0 when one that it needs is missing."""
    text = head.decode(codec(contract, head), errors="replace")
    try:
        header = set(header_cells(contract, text.splitlines(keepends=True)))
    except csv.Error:
        return 0
    columns = [({folded(heading) for heading in c.headings} & header, c.may_be_absent) for c in contract.columns]
    if not all(present or optional for present, optional in columns):
        return 0
    return sum(len(present) for present, _ in columns) + len({folded(h) for h in contract.ignored_columns} & header)


def recognised_in(path: Path) -> str:
    """The code of the dataset that a file is of.

    Raises:
        InputError: of none that is known, or of several alike.
    """
    with path.open("rb") as stream:
        code = recognise_dataset(stream.read(HEADER_BYTES))
    if code is None:
        raise InputError(
            file=path.name,
            expectation="the header of a known dataset was expected",
            next_step="Name the dataset (--as), or declare it as docs/add-a-dataset.md says",
        )
    return code
