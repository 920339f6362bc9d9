"""How every published file at hand is read: ``make bench-datasets`` prints the table of docs/open-data.md.

Each file under ``opendata/`` of BAROMETRE_DOCUMENTS is recognised and read as a refresh does it. Rows under the header
are loaded, set aside as the contract says, or quarantined; seconds are of recognising and reading, in a process that
read one file before.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]

from ingestion.datasets.contracts import load_contracts  # noqa: E402
from ingestion.datasets.delivery import Delivery, read_delivery  # noqa: E402
from ingestion.datasets.recognition import recognised_in  # noqa: E402
from warehouse.errors import InputError  # noqa: E402
from warehouse.files import sha256_file  # noqa: E402

#: What beside data lies there: descriptions, layouts, schemas, recordings of an API.
NO_DATA = ("README.md", "meta_*", "format_*", "*schema*", "*.pdf", "*.yml")
#: Files that say nowhere of which year they are: a person does (``ingest --as``).
SAID = {"zonage-raw.csv": "2024", "zonmed.csv": "2025"}


@dataclass(frozen=True)
class Read:
    """One file: its delivery, or why there is none."""

    path: Path
    delivery: Delivery | None
    refused: str
    seconds: float


def files(folder: Path) -> list[Path]:
    """The published files of a folder, by path."""
    return sorted(
        path for path in folder.rglob("*") if path.is_file() and not any(path.match(pattern) for pattern in NO_DATA)
    )


def read(path: Path) -> Read:
    """Recognise and read one file."""
    started = time.perf_counter()
    try:
        contract = load_contracts()[recognised_in(path)]
        sha = sha256_file(path)
        delivery = read_delivery(contract, path, path.name, sha, vintage=SAID.get(path.name))
    except InputError as error:
        return Read(path, None, error.expectation, time.perf_counter() - started)
    return Read(path, delivery, "", time.perf_counter() - started)


def table(told: Sequence[Read]) -> Iterator[str]:
    """The table, in Markdown."""
    yield "| file | dataset and vintage | rows in | loaded | set aside | quarantined | rows out | s |"
    yield "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for one in told:
        if one.delivery is None:
            continue
        account = one.delivery.account
        counts = (account.lines, account.loaded, account.set_aside, account.quarantined, account.rows)
        cells = (one.path.name, f"`{one.delivery.dataset_key}`", *(f"{count:,}" for count in counts))
        yield f"| {' | '.join(cells)} | {one.seconds:.1f} |"


def main() -> None:
    """Print the table, then what no contract takes."""
    documents = os.environ.get("BAROMETRE_DOCUMENTS")
    folder = Path(documents) / "opendata" if documents else None
    if folder is None or not folder.is_dir():
        sys.exit("BAROMETRE_DOCUMENTS must lead to a folder with opendata/ in it")
    found = files(folder)
    if not found:
        sys.exit(f"{folder} has no published file")
    read(found[0])
    told = [read(path) for path in found]
    taken = [one for one in told if one.delivery is not None]
    print("\n".join(table(told)))
    tables = {name for one in taken if one.delivery for name in one.delivery.frames} - {"dataset"}
    codes = {one.delivery.code for one in taken if one.delivery}
    print(f"\n{len(taken)} files of {len(codes)} datasets in {len(tables)} tables: {', '.join(sorted(tables))}")
    for one in told:
        if one.delivery is None:
            print(f"\nNot taken: {one.path.name}: {one.refused}")


if __name__ == "__main__":
    main()
