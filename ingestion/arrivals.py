"""Inputs on their way to bronze: what is remembered of them, what came, what it says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingestion.archive import Archived
from ingestion.bronze import Made
from ingestion.extracts_reading import FILES, Extract
from ingestion.landing import Sighting
from ingestion.report_file import REPORT_FILE

if TYPE_CHECKING:
    import polars as pl

    from ingestion.datasets.delivery import Delivery

PERIOD_COLUMNS = ("period", "base_period", "cumulated_since")


@dataclass(frozen=True)
class Known:
    """What the store remembers of an input."""

    sha256: str
    kind: str
    received_at: datetime
    status: str
    source: str | None = None
    version: int | None = None

    @property
    def stands(self) -> bool:
        """Whether it was taken: the same bytes again are nothing new."""
        return self.status in ("accepted", "superseded")


@dataclass(frozen=True)
class Landed:
    """One file of the drop folder that may be taken. ``sha256`` is the hash by which it is, or will be, known."""

    path: Path
    sighting: Sighting
    sha256: str
    is_known: bool


@dataclass(frozen=True)
class Redelivery:
    """Bytes delivered again that are known: nothing to do, and it is said."""

    name: str
    sha256: str
    kind: str
    source: str | None
    version: int | None
    received_at: datetime
    redelivered_at: datetime

    @property
    def sentence(self) -> str:
        """For operators."""
        what = f"{self.kind} {self.source}" if self.source else self.kind
        number = f", version {self.version}" if self.version else ""
        return f"{self.name} is known since {self.received_at:%Y-%m-%d %H:%M} ({what}{number}): nothing to do"


@dataclass(frozen=True)
class Arrival:
    """One input of this refresh, whether new or known. ``reason`` is set when it is refused.

    What it says is in ``content`` when it was read in this refresh, in ``made`` when nothing changed since it was.
    ``document`` is the SHA-256 of the text that an extract or a report is of; a report has rows only while no extract
    describes its text. ``made_with`` is the recipe of its rows, where it hangs on more than code and reference data.
    """

    sha256: str
    name: str
    bytes: int
    kind: str
    received_at: datetime
    is_known: bool
    source: str | None = None
    version: int | None = None
    vintage: str | None = None
    content: Extract | Delivery | None = None
    made: Made | None = None
    document: str | None = None
    made_with: str | None = None
    superseded_at: datetime | None = None
    reason: dict[str, Any] | None = None
    rows_accepted: int = 0
    rows_rejected: int = 0
    rejections: tuple[dict[str, Any], ...] = field(default=())
    warnings: tuple[str, ...] = ()
    is_moved: bool = False

    @property
    def status(self) -> str:
        """Status in the store."""
        if self.reason is not None:
            return "quarantined"
        return "superseded" if self.superseded_at else "accepted"

    @property
    def has_rows(self) -> bool:
        """Whether it stands and gives rows of bronze."""
        return self.reason is None and (self.content is not None or self.made is not None)


@dataclass(frozen=True)
class Received:
    """What one look at the drop folder brought.

    ``archived`` are new bytes to be read, ``known`` are bytes that the store has already, ``refused`` is what could not
    even be opened; ``done`` are the files that may leave the drop folder once all of this is recorded.
    """

    archived: tuple[Archived, ...] = ()
    known: tuple[Redelivery, ...] = ()
    refused: tuple[Arrival, ...] = ()
    done: tuple[Sighting, ...] = ()


@dataclass(frozen=True)
class Place:
    """File and line of a row as delivered; ``line`` is null where one line gives several rows."""

    file: str
    line: int | None


def frames_of(arrivals: Iterable[Arrival]) -> dict[str, pl.DataFrame]:
    """The rows of all inputs that were read and stand, by bronze table, with ``input_sha256``."""
    import polars as pl

    parts: dict[str, list[pl.DataFrame]] = {}
    for arrival in _read_ones(arrivals):
        for table, frame in arrival.content.frames.items() if arrival.content else ():
            stamp = pl.lit(arrival.sha256, dtype=pl.String()).alias("input_sha256")
            parts.setdefault(table, []).append(frame.with_columns(stamp))
    return {table: pl.concat(frames) for table, frames in parts.items()}


def places_of(arrivals: Iterable[Arrival]) -> dict[str, list[Place]]:
    """Where each row of :func:`frames_of` stands in what was delivered, in the order of its rows."""
    places: dict[str, list[Place]] = {}
    files = {table.name: file for file, table in FILES.items()} | {"report": REPORT_FILE}
    for arrival in _read_ones(arrivals):
        for table, frame in arrival.content.frames.items() if arrival.content else ():
            if isinstance(arrival.content, Extract):
                told = [Place(f"{arrival.name}/{files[table]}", line) for line in arrival.content.lines[table]]
            else:
                told = [Place(arrival.name, None)] * frame.height
            places.setdefault(table, []).extend(told)
    return places


def period_codes(frames: Iterable[pl.DataFrame]) -> set[str]:
    """Every period code that the frames use."""
    return {
        code
        for frame in frames
        for column in PERIOD_COLUMNS
        if column in frame.columns
        for code in frame[column].drop_nulls().unique()
    }


def periods_made(arrivals: Iterable[Arrival]) -> set[str]:
    """The period codes of the inputs that did not need reading."""
    return {code for arrival in arrivals if arrival.made for code in arrival.made.periods}


def _read_ones(arrivals: Iterable[Arrival]) -> list[Arrival]:
    return [a for a in sorted(arrivals, key=lambda a: a.sha256) if a.content is not None and a.reason is None]
