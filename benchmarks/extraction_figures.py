"""How many of a report's figures are found, and how many of those found are figures.

Measured against a reviewed extract: its figures (and counts) are what must be found, its ledger says of every numeral
whether it is a figure. Run as a script it prints one line for each report at hand:

    BAROMETRE_DOCUMENTS=<folder with reports/> python -m benchmarks.extraction_figures
"""

from __future__ import annotations

import csv
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from pathlib import Path

from ingestion.documents.model import Document
from ingestion.documents.plain_text import read_text
from ingestion.figures.finding import Found, find_figures
from ingestion.figures.ledger import OBSERVED, PART_OF
from ingestion.numbers import UnreadableFigureError, parse_in_unit
from ingestion.report_file import REPORT_FILE, read_report

EXTRACTS = Path(__file__).resolve().parents[1] / "ingestion" / "extracts"
Row = Mapping[str, str]


@dataclass(frozen=True)
class Counts:
    """What was measured of one report, or of several added up.

    ``stated``: figures and counts of the extract with a place; ``found``: those that a candidate stands at; ``read``:
    those whose candidate also reads as the value kept; ``candidates``: figures found; ``right``: those that the ledger
    observes.
    """

    stated: int = 0
    found: int = 0
    read: int = 0
    candidates: int = 0
    right: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))

    @property
    def recall(self) -> float:
        return self.found / self.stated if self.stated else 1.0

    @property
    def precision(self) -> float:
        return self.right / self.candidates if self.candidates else 1.0


def measure(document: Document, figures: Iterable[Row], ledger: Iterable[Row]) -> Counts:
    """Compare what is found in a document with its extract: rows of figures.csv or counts.csv, and of ledger.csv."""
    candidates = [candidate for candidate in find_figures(document) if candidate.noise is None]
    placed = [row for row in figures if row.get("char_start")]
    observed = [row for row in ledger if row["disposition"] in (OBSERVED, PART_OF)]
    held = _held(placed) | _held(observed)
    at = {place: candidate for candidate in candidates for place in range(candidate.start, candidate.end)}
    pairs = [(row, _candidate(at, row)) for row in placed]
    return Counts(
        stated=len(pairs),
        found=sum(candidate is not None for _, candidate in pairs),
        read=sum(candidate is not None and _same(candidate, row) for row, candidate in pairs),
        candidates=len(candidates),
        right=sum(not held.isdisjoint(range(candidate.start, candidate.end)) for candidate in candidates),
    )


def _held(rows: Iterable[Row]) -> set[int]:
    return {place for row in rows for place in range(int(row["char_start"]), int(row["char_end"]))}


def _candidate(at: Mapping[int, Found], row: Row) -> Found | None:
    return next((at[place] for place in range(int(row["char_start"]), int(row["char_end"])) if place in at), None)


def _same(candidate: Found, row: Row) -> bool:
    """Whether a candidate reads as the value kept; a count is a figure in ``count``."""
    try:
        read = parse_in_unit(candidate.printed, row.get("unit") or "count", "thousands")
    except UnreadableFigureError:
        return False
    if read.form == "range":
        return (read.low, read.high) == (_decimal(row.get("value_low")), _decimal(row.get("value_high")))
    return read.value == _decimal(row.get("value") or row.get("mentions"))


def _decimal(cell: str | None) -> Decimal | None:
    return Decimal(cell) if cell else None


def main() -> None:
    """Print recall, precision and time for every report that has an extract with a ledger and a document at hand."""
    folder = Path(os.environ["BAROMETRE_DOCUMENTS"]) / "reports"
    print(
        f"{'report':<16}{'stated':>8}{'found':>8}{'recall':>9}{'read':>8}{'candidates':>12}{'precision':>11}{'ms':>7}"
    )
    total = Counts()
    for extract in sorted(EXTRACTS.iterdir()):
        report, _ = read_report(extract.name, {REPORT_FILE: (extract / REPORT_FILE).read_bytes()})
        source = folder / report["source_name"]
        if (extract / "ledger.csv").is_file() and source.is_file():
            document = read_text(source.read_bytes(), source.name)
            start = time.perf_counter()
            counts = measure(
                document, [*_rows(extract, "figures"), *_rows(extract, "counts")], _rows(extract, "ledger")
            )
            _print(extract.name, counts, time.perf_counter() - start)
            total += counts
    _print("together", total, None)


def _rows(extract: Path, name: str) -> list[dict[str, str]]:
    file = extract / f"{name}.csv"
    if not file.is_file():
        return []
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _print(name: str, counts: Counts, seconds: float | None) -> None:
    took = "" if seconds is None else f"{seconds * 1000:.0f}"
    print(
        f"{name:<16}{counts.stated:>8}{counts.found:>8}{counts.recall:>9.2%}{counts.read:>8}"
        f"{counts.candidates:>12}{counts.precision:>11.2%}{took:>7}"
    )


if __name__ == "__main__":
    main()
