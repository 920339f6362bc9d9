"""Collect: what is there to ingest, and what of it becomes bronze.

Extracts come from the repository (``ingestion/extracts``), from people (``config/extracts`` under the home), from
the drop folder (``landing/``) and from the archive, where every version delivered before still is. A bad one is
quarantined with its reason; the others go on, and the last good version of the bad one stays.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingestion.archive import Archived, archive_bytes, archive_file, archived_path, quarantine
from ingestion.bronze import BronzeFile, write_current, write_empty_files, write_version
from ingestion.extracts_reading import REPORT_FILE, Extract, folder_files, identity, pack, read_members, read_zip
from ingestion.verification import verify_spans
from ingestion.versions import Version, choose_versions
from warehouse.errors import InputError
from warehouse.files import copy_durably, sha256_file
from warehouse.paths import CHECKOUT, Home

if TYPE_CHECKING:
    import polars as pl

PACKAGED = CHECKOUT / "ingestion" / "extracts"
PERIOD_COLUMNS = ("period", "base_period", "cumulated_since")


@dataclass(frozen=True)
class Known:
    """What the store remembers of an input."""

    sha256: str
    kind: str
    received_at: datetime
    status: str


@dataclass(frozen=True)
class Arrival:
    """One input of this refresh, whether new or known. ``reason`` is set when it is refused."""

    sha256: str
    name: str
    bytes: int
    kind: str
    received_at: datetime
    is_known: bool
    source: str | None = None
    version: int | None = None
    extract: Extract | None = None
    superseded_at: datetime | None = None
    reason: dict[str, Any] | None = None
    rows_accepted: int = 0
    rows_rejected: int = 0
    rejections: tuple[dict[str, Any], ...] = field(default=())

    @property
    def status(self) -> str:
        """Status in the store."""
        if self.reason is not None:
            return "quarantined"
        return "superseded" if self.superseded_at else "accepted"


def packaged_folders(home: Home) -> list[Path]:
    """Extract folders of the repository and of the home."""
    return sorted(
        folder
        for parent in (PACKAGED, home.local_extracts)
        if parent.is_dir()
        for folder in parent.iterdir()
        if (folder / REPORT_FILE).is_file()
    )


def landed_files(home: Home) -> list[Path]:
    """Files waiting in the drop folder: whole regular files, never ``*.part`` nor a link."""
    if not home.landing.is_dir():
        return []
    waiting = (path for path in home.landing.iterdir() if path.is_file() and not path.is_symlink())
    return sorted(path for path in waiting if path.suffix != ".part" and not path.name.startswith("."))


def input_identities(home: Home) -> set[str]:
    """The SHA-256 by which each waiting input is, or will be, known: folders packed, landed files canonical."""
    folders = {sha256(pack(folder_files(folder))).hexdigest() for folder in packaged_folders(home)}
    return folders | {identity(path) for path in landed_files(home)}


def deliver(home: Home, path: Path, at: datetime) -> Path:
    """Archive a file and put it into the drop folder, where the next refresh finds it. Returns its place there.

    Raises:
        InputError: it is not a readable regular file.
    """
    if not path.is_file():
        raise InputError(file=path, expectation="a file was expected", next_step="Check the path")
    archived = archive_file(home, path, at)
    target = home.landing / path.name
    copy_durably(archived.path, target)
    return target


def receive_landed(home: Home, at: datetime) -> list[Archived]:
    """Archive what lies in the drop folder; the files stay there until they are recorded (:func:`clear_landed`)."""
    return [archive_file(home, path, at) for path in landed_files(home)]


def clear_landed(home: Home, received: Iterable[Archived]) -> None:
    """Remove from the drop folder the files whose bytes are archived and recorded."""
    shas = {archived.sha256 for archived in received}
    for path in landed_files(home):
        if sha256_file(path) in shas:
            path.unlink()


def gather(home: Home, known: Mapping[str, Known], delivered: Iterable[Archived], now: datetime) -> list[Arrival]:
    """Every extract and document that this refresh looks at, each read once and verified against its document."""
    read = [*_from_folders(home, known, now), *_from_deliveries(home, known, delivered, now)]
    seen = {arrival.sha256 for arrival in read}
    read += [arrival for arrival in _from_archive(home, known) if arrival.sha256 not in seen]
    unique = {arrival.sha256: arrival for arrival in reversed(read)}
    return [_verified(home, arrival) for arrival in unique.values()]


def decide_versions(arrivals: Iterable[Arrival]) -> list[Arrival]:
    """Among the extracts that stand, the version of each report that counts; and the report of each document."""
    return _with_documents(_choose(list(arrivals)))


def frames_of(arrivals: Iterable[Arrival]) -> dict[str, pl.DataFrame]:
    """The rows of all extracts that stand, by bronze table, with ``input_sha256``."""
    import polars as pl

    parts: dict[str, list[pl.DataFrame]] = {}
    for arrival in sorted(arrivals, key=lambda a: a.sha256):
        if arrival.extract is not None and arrival.reason is None:
            for table, frame in arrival.extract.frames.items():
                stamp = pl.lit(arrival.sha256, dtype=pl.String()).alias("input_sha256")
                parts.setdefault(table, []).append(frame.with_columns(stamp))
    return {table: pl.concat(frames) for table, frames in parts.items()}


def period_codes(frames: Iterable[pl.DataFrame]) -> set[str]:
    """Every period code that the frames use."""
    return {
        code
        for frame in frames
        for column in PERIOD_COLUMNS
        if column in frame.columns
        for code in frame[column].drop_nulls().unique()
    }


def write_bronze(
    home: Home,
    arrivals: Iterable[Arrival],
    accepted: Mapping[str, pl.DataFrame],
    others: Iterable[tuple[str, str, str, datetime, pl.DataFrame]],
) -> dict[str, int]:
    """Write the rows that were accepted and list the files that count. Returns rows by bronze table.

    ``others`` are (table, version, source, received_at, frame) for what is not an extract: reference, rules,
    decisions, periods, datasets.
    """
    import polars as pl

    write_empty_files(home)
    files, rows = [], dict.fromkeys(accepted, 0)
    standing = {a.sha256: a for a in arrivals if a.extract is not None and a.reason is None}
    for table, frame in accepted.items():
        for version in sorted(set(frame["input_sha256"].unique()) & set(standing)):
            arrival, part = standing[version], frame.filter(pl.col("input_sha256") == version).drop("input_sha256")
            path = write_version(home, table, version, part)
            source = arrival.source or ""
            files.append(BronzeFile(table, version, path, source, arrival.received_at, arrival.superseded_at))
            rows[table] += part.height
    for table, version, source, received_at, frame in others:
        path = write_version(home, table, version, frame)
        files.append(BronzeFile(table, version, path, source, received_at, None))
        rows[table] = rows.get(table, 0) + frame.height
    write_current(home, files)
    return rows


def quarantine_refused(home: Home, arrivals: Iterable[Arrival], now: datetime) -> None:
    """Keep what was refused where a person looks for it, with its reason."""
    for arrival in arrivals:
        if arrival.reason is not None and not arrival.is_known:
            archived = Archived(arrival.sha256, arrival.name, arrival.bytes, archived_path(home, arrival.sha256))
            quarantine(home, archived, arrival.reason, now)


def _from_folders(home: Home, known: Mapping[str, Known], now: datetime) -> Iterator[Arrival]:
    for folder in packaged_folders(home):
        files = folder_files(folder)
        packed = pack(files)
        archived = archive_bytes(home, f"{folder.name}.extract.zip", packed, now)
        yield _read(archived, known, now, files)


def _from_deliveries(
    home: Home, known: Mapping[str, Known], delivered: Iterable[Archived], now: datetime
) -> Iterator[Arrival]:
    for archived in delivered:
        if not zipfile.is_zipfile(archived.path):
            yield _document(archived, known, now)
            continue
        arrival = _read(archived, known, now)
        if arrival.extract is not None and arrival.sha256 != archived.sha256:
            archive_bytes(home, archived.name, arrival.extract.packed, now)
        yield arrival


def _from_archive(home: Home, known: Mapping[str, Known]) -> Iterator[Arrival]:
    for memory in known.values():
        if memory.status == "quarantined" or memory.kind not in ("extract", "report"):
            continue
        path = archived_path(home, memory.sha256)
        archived = Archived(memory.sha256, path.name, path.stat().st_size, path)
        if memory.kind == "extract":
            yield _read(archived, known, memory.received_at)
        else:
            yield _document(archived, known, memory.received_at)


def _read(
    archived: Archived, known: Mapping[str, Known], now: datetime, files: Mapping[str, bytes] | None = None
) -> Arrival:
    try:
        extract = read_members(archived.name, files) if files else read_zip(archived.path, archived.name)
    except InputError as error:
        return _arrival(archived, known, now, "extract", reason=error.as_reason())
    identified = replace(archived, sha256=extract.sha256, bytes=len(extract.packed))
    return _arrival(
        identified, known, now, "extract", source=extract.report_id, version=extract.extract_version, extract=extract
    )


def _document(archived: Archived, known: Mapping[str, Known], now: datetime) -> Arrival:
    return _arrival(archived, known, now, "report")


def _arrival(archived: Archived, known: Mapping[str, Known], now: datetime, kind: str, **facts: Any) -> Arrival:
    memory = known.get(archived.sha256)
    return Arrival(
        archived.sha256,
        archived.name,
        archived.bytes,
        kind,
        memory.received_at if memory else now,
        memory is not None and memory.status != "quarantined",
        **facts,
    )


def _choose(arrivals: list[Arrival]) -> list[Arrival]:
    """Set ``superseded_at`` and refuse ties, by :func:`ingestion.versions.choose_versions`."""
    by_sha = {arrival.sha256: arrival for arrival in arrivals}
    versions = [
        Version(a.source or "", a.version or 0, a.sha256, a.received_at, a.is_known)
        for a in arrivals
        if a.extract is not None and a.reason is None
    ]
    for choice in choose_versions(versions):
        arrival = by_sha[choice.version.sha256]
        reason = _tie(arrival, choice.rival) if choice.rival else None
        by_sha[arrival.sha256] = replace(arrival, superseded_at=choice.superseded_at, reason=reason)
    return list(by_sha.values())


def _tie(arrival: Arrival, rival: str) -> dict[str, Any]:
    return InputError(
        file=f"{arrival.name}/{REPORT_FILE}",
        expectation=f"extract_version {arrival.version} of {arrival.source} is already taken by other bytes "
        f"({rival[:12]}…)",
        next_step="Raise extract_version if this is a correction, and deliver it again",
    ).as_reason()


def _with_documents(arrivals: list[Arrival]) -> list[Arrival]:
    """Name the report of each document; one that no extract describes is refused for now."""
    reports = {_source_sha256(a.extract): a.source for a in arrivals if a.extract is not None and a.reason is None}
    named = []
    for arrival in arrivals:
        if arrival.kind != "report":
            named.append(arrival)
        elif arrival.sha256 in reports:
            named.append(replace(arrival, source=reports[arrival.sha256]))
        else:
            named.append(replace(arrival, kind="unknown", reason=_unknown(arrival)))
    return named


def _unknown(arrival: Arrival) -> dict[str, Any]:
    return InputError(
        file=arrival.name,
        expectation="an extract (a zip with report.yml), or the source text of a report whose extract is known, "
        "was expected",
        next_step="See docs/add-a-report.md",
    ).as_reason()


def _verified(home: Home, arrival: Arrival) -> Arrival:
    """Refuse an extract whose figures do not stand where it says, when its document is in the archive."""
    if arrival.extract is None or arrival.reason is not None:
        return arrival
    document = archived_path(home, _source_sha256(arrival.extract))
    if not document.exists():
        return arrival
    problem = verify_spans(arrival.extract, document.read_text(encoding="utf-8"))
    return replace(arrival, reason=problem.as_reason()) if problem else arrival


def _source_sha256(extract: Extract) -> str:
    value = extract.frames["report"]["source_sha256"].item()
    return str(value)
