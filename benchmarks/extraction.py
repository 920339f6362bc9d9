"""How much of the reviewed extracts the extractor finds by itself: ``make bench-extraction`` prints the tables.

Each report is read three times: with the whole lexicon; *left out*, without the entries and places that only that
report justifies; and *unknown*, without the indicators that only that report has figures of either. Labels of
indicators and measures are reference data and stay; so do the report's own date and territory, which a steward gives
first (the last table says what is guessed of them). A figure is found where a candidate that is no noise overlaps its
span and reads as its value; a candidate is right where the reviewed ledger says observed or part_of.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache, cached_property, reduce
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]

from ingestion.documents.model import Document  # noqa: E402
from ingestion.documents.read import read_document  # noqa: E402
from ingestion.extraction.describe import describe  # noqa: E402
from ingestion.extraction.draft import THRESHOLD  # noqa: E402
from ingestion.extraction.lexicon import Lexicon, load_lexicon  # noqa: E402
from ingestion.extraction.propose import Proposal, propose_for  # noqa: E402
from ingestion.extraction.reading import About  # noqa: E402
from ingestion.figures.finding import NOISE_FR, Found, find_figures  # noqa: E402
from ingestion.figures.ledger import account  # noqa: E402
from ingestion.numbers import UnreadableFigureError, reads_as  # noqa: E402
from ingestion.report_file import read_report  # noqa: E402
from ingestion.territories import REFERENCE  # noqa: E402
from ingestion.workshops import parse_workshops, recognise_form  # noqa: E402

EXTRACTS = HERE.parent / "ingestion" / "extracts"
#: Reports whose form is a declared layout, not prose: measured, but kept out of the sum over narrative reports.
LAID_OUT = frozenset({"cnr-na-2022"})
ATTRIBUTES = ("indicator", "territory", "period", "kind", "value_form", "obs_status")
SPEED_REPORT = "cnr-na-2022"

Row = Mapping[str, str]
Span = tuple[int, int]


@dataclass(frozen=True)
class Case:
    """One report with its reviewed extract."""

    report: Mapping[str, str]
    path: Path
    document: Document
    figures: Sequence[Row]
    ledger: Sequence[Row]

    @property
    def report_id(self) -> str:
        return self.report["report_id"]

    @property
    def about(self) -> About:
        """The report's own date and territory, as reviewed."""
        published = date.fromisoformat(self.report["published_on"])
        length = {"day": 10, "month": 7, "year": 4}[self.report["published_precision"]]
        scope = self.report["scope_territory_key"]
        return About(self.report_id, scope, published, self.report["published_on"][:length], self._chapters)

    @cached_property
    def _chapters(self) -> tuple[tuple[int, str], ...]:
        """Where the chapters of a synthesis of workshops begin, as the draft of one is told."""
        layout = recognise_form(self.document.text, self.report_id)
        return parse_workshops(self.document.text, layout).chapters if layout else ()


@dataclass(frozen=True)
class Finding:
    """Candidates against reviewed figures."""

    figures: int
    found: int
    candidates: int
    right: int

    @property
    def recall(self) -> float:
        return self.found / self.figures

    @property
    def precision(self) -> float:
        return self.right / self.candidates

    def __add__(self, other: Finding) -> Finding:
        return Finding(
            self.figures + other.figures,
            self.found + other.found,
            self.candidates + other.candidates,
            self.right + other.right,
        )


@dataclass(frozen=True)
class Proposing:
    """Proposals against the reviewed figures that were found. ``accepted`` are those above the draft's threshold."""

    figures: int
    right: Mapping[str, int]
    accepted: int
    accepted_right: int

    def share(self, attribute: str) -> float:
        return self.right[attribute] / self.figures

    def __add__(self, other: Proposing) -> Proposing:
        return Proposing(
            self.figures + other.figures,
            {attribute: self.right[attribute] + other.right[attribute] for attribute in ATTRIBUTES},
            self.accepted + other.accepted,
            self.accepted_right + other.accepted_right,
        )


def documents() -> Path | None:
    """The folder of the source documents, where this machine has it."""
    value = os.environ.get("BAROMETRE_DOCUMENTS")
    folder = (HERE.parent / value).resolve() if value else None
    return folder if folder is not None and (folder / "reports").is_dir() else None


def cases(folder: Path, but: Collection[str] = ()) -> Iterator[Case]:
    """The reports that have reviewed figures and whose source is at hand, ``but`` those not wanted."""
    for extract in sorted(path.parent for path in EXTRACTS.glob("*/figures.csv") if path.parent.name not in but):
        report, _ = read_report(extract.name, {"report.yml": (extract / "report.yml").read_bytes()})
        source = folder / "reports" / report["source_name"]
        if source.is_file():
            document = read_document(source, source.name)
            yield Case(report, source, document, _rows(extract / "figures.csv"), _rows(extract / "ledger.csv"))


def _rows(file: Path) -> list[Row]:
    if not file.is_file():
        return []
    with file.open(encoding="utf-8", newline="") as content:
        return list(csv.DictReader(content))


def finding(case: Case) -> Finding:
    """Recall over reviewed spans, precision over candidates that are no noise."""
    candidates = _candidates(case)
    wanted = {_span(row): row for row in case.figures}
    observed = [_span(row) for row in (*case.figures, *case.ledger) if row.get("disposition", "observed") in _COUNTED]
    found = sum(_match(row, candidates) is not None for row in wanted.values())
    right = sum(any(_overlap((c.start, c.end), span) for span in observed) for c in candidates)
    return Finding(len(wanted), found, len(candidates), right)


_COUNTED = ("observed", "part_of")


def matched(case: Case, lexicon: Lexicon) -> list[tuple[Row, Proposal]]:
    """The reviewed figures that were found, each with its proposal."""
    candidates = _candidates(case)
    proposals = {p.found: p for p in propose_for(case.document.text, candidates, lexicon, case.about)}
    return [(row, proposals[found]) for row in case.figures if (found := _match(row, candidates)) is not None]


def proposing(case: Case, lexicon: Lexicon) -> Proposing:
    """Share of right attributes over the reviewed figures that were found."""
    judged = [(_judge(row, proposal), proposal) for row, proposal in matched(case, lexicon)]
    accepted = [judgement for judgement, proposal in judged if proposal.score >= THRESHOLD]
    return Proposing(
        len(judged),
        {attribute: sum(judgement[attribute] for judgement, _ in judged) for attribute in ATTRIBUTES},
        len(accepted),
        sum(judgement["indicator"] for judgement in accepted),
    )


def _candidates(case: Case) -> list[Found]:
    return [found for found in find_figures(case.document) if found.noise is None]


def _judge(row: Row, proposal: Proposal) -> dict[str, bool]:
    return {
        "indicator": proposal.indicator_code == row["indicator_code"],
        "territory": _same_ground(proposal.territory_key, row["territory_key"]),
        "period": proposal.period == row["period"],
        "kind": proposal.kind == row["kind"],
        "value_form": proposal.value_form == row["value_form"],
        "obs_status": proposal.obs_status == row["obs_status"],
    }


def _same_ground(proposed: str, reviewed: str) -> bool:
    """Whether two keys are one territory: a place that a report declares is the commune that it stands for."""
    communes = _communes_of_places()
    return communes.get(proposed, proposed) == communes.get(reviewed, reviewed)


@cache
def _communes_of_places() -> dict[str, str]:
    rows = (row for file in sorted((REFERENCE / "places").glob("*.csv")) for row in _rows(file))
    return {row["territory_key"]: row["commune_territory_key"] for row in rows if row["commune_territory_key"]}


def _match(row: Row, candidates: Iterable[Found]) -> Found | None:
    """The candidate that overlaps a figure and reads as its value."""
    span = _span(row)
    return next((c for c in candidates if _overlap((c.start, c.end), span) and _reads(c, row)), None)


def _reads(found: Found, row: Row) -> bool:
    value, low, high = (Decimal(row[name]) if row.get(name) else None for name in ("value", "value_low", "value_high"))
    try:
        return reads_as(found.printed, row["unit"], value, low, high)
    except UnreadableFigureError:
        return False


def _span(row: Row) -> Span:
    return int(row["char_start"]), int(row["char_end"])


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def seconds(action: Callable[[], object], times: int = 3) -> float:
    """The best of a few runs: what the machine can do when nobody else uses it."""
    return min(_timed(action) for _ in range(times))


def _timed(action: Callable[[], object]) -> float:
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun


def read_and_account(path: Path) -> int:
    """Read a report, find its figures, account for every numeral: what a refresh does with a synthesis."""
    document = read_document(path, path.name)
    figures = find_figures(document)
    observed = {(f.start, f.end): "figure" for f in figures if f.noise is None}
    noise = {(f.start, f.end): NOISE_FR[f.noise] for f in figures if f.noise is not None}
    return len(account(document.text, observed, noise))


# --- Tables ---------------------------------------------------------------------------------------------------------


def report(folder: Path) -> list[str]:
    """The tables, line by line."""
    lexicon, known = load_lexicon(), list(cases(folder))
    return [
        *_finding_table(known),
        "",
        *_proposing_table("with the whole lexicon", known, lambda _: lexicon),
        "",
        *_proposing_table("each report left out", known, lambda case: lexicon.without(case.report_id)),
        "",
        *_unknown_table(known, lexicon),
        "",
        *_described(known, lexicon),
        "",
        *_speed(known),
    ]


def _finding_table(known: Sequence[Case]) -> Iterator[str]:
    results = {case.report_id: finding(case) for case in known}
    yield "| report | figures | found | recall | candidates | precision |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    yield from (_finding_line(name, result) for name, result in results.items())
    narrative = [result for name, result in results.items() if name not in LAID_OUT]
    yield _finding_line("**narrative reports**", reduce(Finding.__add__, narrative))


def _proposing_table(title: str, known: Sequence[Case], lexicon_of: Callable[[Case], Lexicon]) -> Iterator[str]:
    results = {case.report_id: proposing(case, lexicon_of(case)) for case in known}
    yield f"| {title} | figures | {' | '.join(ATTRIBUTES)} | accepted | … indicator right |"
    yield "| --- |" + " ---: |" * (len(ATTRIBUTES) + 3)
    yield from (_proposing_line(name, result) for name, result in results.items())
    narrative = [result for name, result in results.items() if name not in LAID_OUT]
    yield _proposing_line("**narrative reports**", reduce(Proposing.__add__, narrative))


def _unknown_table(known: Sequence[Case], lexicon: Lexicon) -> Iterator[str]:
    """What becomes of figures whose indicator nobody has declared yet: they should wait, not be taken for another."""
    yield "| indicators of that report alone removed | figures of known ones | right | figures of unknown ones | wait |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for case in known:
        others = {row["indicator_code"] for other in known if other is not case for row in other.figures}
        own = {row["indicator_code"] for row in case.figures} - others
        left = tuple(indicator for indicator in lexicon.indicators if indicator.code not in own)
        judged = matched(case, replace(lexicon.without(case.report_id), indicators=left))
        right = [row["indicator_code"] == p.indicator_code for row, p in judged if row["indicator_code"] not in own]
        waits = [p.score < THRESHOLD for row, p in judged if row["indicator_code"] in own]
        yield f"| {case.report_id} | {len(right)} | {_mean(right)} | {len(waits)} | {_mean(waits)} |"


def _mean(flags: Sequence[bool]) -> str:
    return _percent(sum(flags) / len(flags)) if flags else "–"


def _finding_line(name: str, found: Finding) -> str:
    cells = (name, found.figures, found.found, _percent(found.recall), found.candidates, _percent(found.precision))
    return f"| {' | '.join(map(str, cells))} |"


def _proposing_line(name: str, result: Proposing) -> str:
    shares = [_percent(result.share(attribute)) for attribute in ATTRIBUTES]
    precise = _percent(result.accepted_right / result.accepted) if result.accepted else "–"
    return f"| {' | '.join([name, str(result.figures), *shares, str(result.accepted), precise])} |"


def _described(known: Sequence[Case], lexicon: Lexicon) -> Iterator[str]:
    yield "| described from the text | title | publisher | territory | date |"
    yield "| --- | --- | --- | --- | --- |"
    for case in known:
        _, cells = describe(case.document, case.path.name, lexicon)
        when = f"{cells['published_on']} ({cells['published_precision']})"
        right = cells["scope_territory_key"] == case.report["scope_territory_key"]
        scope = f"{cells['scope_territory_key']}{'' if right else ' (wrong)'}"
        yield f"| {case.report_id} | {cells['title']} | {cells['publisher']} | {scope} | {when} |"


def _speed(known: Sequence[Case]) -> Iterator[str]:
    case = next((case for case in known if case.report_id == SPEED_REPORT), None)
    if case is None:
        return
    plain = seconds(lambda: case.path.read_bytes().decode("utf-8"), times=20)
    whole = seconds(lambda: read_and_account(case.path))
    size = case.path.stat().st_size // 1000
    yield (
        f"{case.report_id} ({size} kB) read, its figures found and every numeral accounted for in {whole:.2f} s; "
        f"a plain read takes {plain * 1000:.1f} ms (ratio {whole / plain:,.0f})."
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def main() -> int:
    argparse.ArgumentParser(description=__doc__).parse_args()
    folder = documents()
    if folder is None:
        print("The source documents are not on this machine (BAROMETRE_DOCUMENTS): nothing to measure.")
        return 0
    print("\n".join(report(folder)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
