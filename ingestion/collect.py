"""Collect: what is there to ingest, and what of it becomes bronze.

Extracts come from the repository (``ingestion/extracts``), from people (``config/extracts`` under the home), from
the drop folder (``landing/``) and from the archive, where every version delivered before still is. A bad one is
quarantined with its reason; the others go on, and the last good version of the bad one stays.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingestion import quarantine
from ingestion.archive import Archived, StillWritten, archive_bytes, archive_file, archived_path, remove_stale
from ingestion.bronze import (
    BronzeFile,
    Made,
    recall,
    remember,
    remove_unlisted,
    version_path,
    write_current,
    write_empty_files,
    write_version,
)
from ingestion.datasets.declarations import declared, recipe_of, redeclared
from ingestion.extracts_reading import FILES, Extract, folder_files, identity, is_extract, read_members
from ingestion.landing import (
    Recognised,
    Recogniser,
    Sighting,
    look,
    look_until_settled,
    obstacle,
    recognise,
    safe_name,
    sight,
)
from ingestion.packing import pack, packed_names, unpack
from ingestion.report_file import REPORT_FILE, claimed_source
from ingestion.verification import verify_spans
from ingestion.versions import Choice, Version, Vintage, choose_versions, choose_vintages
from warehouse.errors import InputError
from warehouse.files import copy_durably
from warehouse.paths import CHECKOUT, Home

if TYPE_CHECKING:
    import polars as pl

    from ingestion.datasets.delivery import Delivery

PACKAGED = CHECKOUT / "ingestion" / "extracts"
PERIOD_COLUMNS = ("period", "base_period", "cumulated_since")
REDELIVERIES = "redeliveries.jsonl"
_LOG = logging.getLogger(__name__)


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
    superseded_at: datetime | None = None
    reason: dict[str, Any] | None = None
    rows_accepted: int = 0
    rows_rejected: int = 0
    rejections: tuple[dict[str, Any], ...] = field(default=())
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


def packaged_folders(home: Home) -> list[Path]:
    """Extract folders of the repository and of the home."""
    return sorted(
        folder
        for parent in (PACKAGED, home.local_extracts)
        if parent.is_dir()
        for folder in parent.iterdir()
        if folder.is_dir() and not folder.name.startswith((".", "_"))
    )


def landed_files(home: Home) -> list[Path]:
    """What waits in the drop folder, be it acceptable or not; never ``*.part`` nor hidden names."""
    return [home.landing / sighting.name for sighting in look(home.landing)]


def landed(home: Home, known: Mapping[str, Known], sightings: Iterable[Sighting] | None = None) -> list[Landed]:
    """The files of the drop folder that may be opened, each with the hash by which it is known. Cheap: no polars.

    ``sightings`` are what may be taken now; without them, everything that lies there.
    """
    found = []
    for sighting in look(home.landing) if sightings is None else sightings:
        path = home.landing / sighting.name
        if obstacle(sighting) is not None:
            continue
        try:
            sha = identity(path)
        except OSError:
            continue
        is_known = sha in known and known[sha].stands and not redeclared(home, sha)
        found.append(Landed(path, sighting, sha, is_known))
    return found


def input_identities(home: Home) -> set[str]:
    """The SHA-256 by which each waiting input is, or will be, known: folders packed, landed files canonical."""
    return {_folder_identity(folder) for folder in packaged_folders(home)} | {f.sha256 for f in landed(home, {})}


def deliver(home: Home, path: Path, at: datetime, dataset: str | None = None) -> Path:
    """Archive a file and put it into the drop folder, where the next refresh finds it. Returns its place there.

    ``dataset`` (``code`` or ``code@vintage``) says what it is, whatever it looks like.

    Raises:
        InputError: it is not a readable regular file of a bearable size.
        UsageError: no dataset has this code.
    """
    facts = sight(path.resolve())
    problem = obstacle(facts) if facts else None
    if problem:
        raise problem
    if not path.is_file():
        raise InputError(file=path, expectation="a file was expected", next_step="Check the path")
    archived = archive_file(home, path, at)
    if dataset is not None:
        from ingestion.datasets.collecting import declare

        declare(home, archived.sha256, dataset)
    target = quarantine.free_name(home.landing, safe_name(path.name))
    copy_durably(archived.path, target)
    return target


def receive_landed(home: Home, known: Mapping[str, Known], at: datetime) -> Received:
    """Archive what lies still in the drop folder; files stay there until they are recorded (:func:`clear_landed`).

    What must not be opened is moved to quarantine as it is. Known bytes are only named, once a whole copy is archived.
    """
    remove_stale(home, at)
    sightings = look_until_settled(home.landing)
    refused = [
        _refused_as_it_is(home, s, known, problem, at) for s in sightings if (problem := obstacle(s)) is not None
    ]
    archived: list[Archived] = []
    again: list[Redelivery] = []
    done: list[Sighting] = []
    for file in landed(home, known, sightings):
        if file.is_known and archived_path(home, file.sha256).exists():
            again.append(_redelivery(file, known[file.sha256], at))
        else:
            try:
                archived.append(archive_file(home, file.path, at))
            except (StillWritten, FileNotFoundError):
                continue
        done.append(file.sighting)
    return Received(tuple(archived), tuple(again), tuple(refused), tuple(done))


def clear_landed(home: Home, received: Received) -> None:
    """Remove from the drop folder the files whose bytes are archived and recorded, unless they changed meanwhile."""
    for sighting in received.done:
        path = home.landing / sighting.name
        if sight(path) == sighting:
            path.unlink()
    _log_redeliveries(home, received.known)


def clear_known(home: Home, known: Mapping[str, Known], at: datetime) -> list[Redelivery]:
    """Take deliveries of known bytes out of the drop folder, and say which they were. Cheap: no polars."""
    files = [file for file in landed(home, known, look_until_settled(home.landing)) if file.is_known]
    whole = [file for file in files if archived_path(home, file.sha256).exists()]
    again = tuple(_redelivery(file, known[file.sha256], at) for file in whole)
    clear_landed(home, Received(known=again, done=tuple(file.sighting for file in whole)))
    return list(again)


def redeliveries(home: Home, last: int = 10) -> list[dict[str, Any]]:
    """The last deliveries of known bytes, newest first, as ``status`` tells them."""
    path = home.archive / REDELIVERIES
    if not path.is_file():
        return []
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - 1000 * last))
        lines = stream.read().decode(errors="replace").splitlines()
    return [told for line in reversed(lines[-last:]) if (told := _told(line)) is not None]


def gather(
    home: Home,
    known: Mapping[str, Known],
    received: Received,
    now: datetime,
    recipe: str | None = None,
    recognisers: Sequence[Recogniser] | None = None,
) -> list[Arrival]:
    """Every input that this refresh looks at. Each is read once and verified against its document.

    What was made before with the same ``recipe`` (:class:`ingestion.bronze.Made`) is not read at all.
    """
    reading = _Reading(home, known, now, recipe, dataset_recognisers() if recognisers is None else recognisers)
    read = [*map(reading.folder, packaged_folders(home)), *map(reading.delivered, received.archived)]
    seen = {arrival.sha256 for arrival in read}
    read += [reading.remembered(memory) for sha, memory in known.items() if sha not in seen and _is_read_again(memory)]
    unique = {arrival.sha256: arrival for arrival in reversed(read)}
    arrivals = [*map(reading.verified, unique.values()), *received.refused]
    return [*arrivals, *reading.documents_found(arrivals)]


def dataset_recognisers() -> tuple[Recogniser, ...]:
    """What knows the files of datasets by their header: the registry of datasets."""
    from ingestion.datasets.recognition import recognise_dataset

    return (lambda head: recognise_dataset(head.first),)


def said_to_be(home: Home, sha256: str) -> Recognised | None:
    """What a person said a file is (``ingest --as``), which comes before what it looks like."""
    asked = declared(home, sha256)
    return Recognised("dataset", asked.partition("@")[0]) if asked else None


def decide_versions(arrivals: Iterable[Arrival]) -> list[Arrival]:
    """Among the inputs that stand, the version of each source that counts; and the report of each document."""
    return _with_documents(_choose(list(arrivals)))


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


@dataclass(frozen=True)
class Place:
    """File and line of a row as delivered; ``line`` is null where one line gives several rows."""

    file: str
    line: int | None


def _read_ones(arrivals: Iterable[Arrival]) -> list[Arrival]:
    return [a for a in sorted(arrivals, key=lambda a: a.sha256) if a.content is not None and a.reason is None]


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


def write_bronze(
    home: Home,
    arrivals: Iterable[Arrival],
    accepted: Mapping[str, pl.DataFrame],
    others: Iterable[tuple[str, str, str, datetime, pl.DataFrame]],
    recipe: str | None = None,
) -> dict[str, int]:
    """Write the rows that were accepted and list the files that count. Returns rows by bronze table.

    ``others`` are (table, version, source, received_at, frame) for what was not delivered: reference, rules,
    decisions, periods. ``recipe`` is the hash of the code and reference data that the rows were made with: files of
    the same version and recipe are left as they are. Files that no longer count are removed in the end.
    """
    write_empty_files(home)
    files: list[BronzeFile] = []
    rows = dict.fromkeys(accepted, 0)
    for arrival in arrivals:
        if arrival.has_rows:
            tables = arrival.made.tables if arrival.made else _write_arrival(home, arrival, accepted, recipe)
            for table, height in tables.items():
                files.append(_listed(arrival, table))
                rows[table] = rows.get(table, 0) + height
    for table, version, source, received_at, frame in others:
        path = write_version(home, table, version, frame, recipe)
        files.append(BronzeFile(table, version, path, source, received_at, None))
        rows[table] = rows.get(table, 0) + frame.height
    write_current(home, files)
    remove_unlisted(home, files)
    return rows


def settle_quarantine(home: Home, arrivals: Iterable[Arrival], received: Received, now: datetime) -> None:
    """Keep what was refused where a person looks for it, with its reason; forget what has been accepted since."""
    told = list(arrivals)
    delivered = {archived.name for archived in received.archived}
    for arrival in told:
        if arrival.is_moved:
            continue
        if arrival.status == "quarantined" or (arrival.status == "accepted" and arrival.rejections):
            _keep(home, arrival, now, delivered=arrival.name in delivered)
        else:
            quarantine.clear(home, arrival.sha256)
    for arrival in told:
        if arrival.status == "accepted" and arrival.source and arrival.version is not None:
            quarantine.clear_replaced(home, arrival.source, arrival.version, arrival.received_at)


def _keep(home: Home, arrival: Arrival, now: datetime, *, delivered: bool) -> None:
    claim = {"kind": arrival.kind, "source": arrival.source, "version": arrival.version}
    reason = arrival.reason or {
        **arrival.rejections[0],
        "expectation": f"{arrival.rows_rejected} of {arrival.rows_accepted + arrival.rows_rejected} rows are refused, "
        f"the others published; the first because {arrival.rejections[0]['expectation']}",
        "rows": list(arrival.rejections),
    }
    archived = Archived(arrival.sha256, arrival.name, arrival.bytes, archived_path(home, arrival.sha256))
    quarantine.keep(home, archived, {**claim, **reason}, now, delivered=delivered)


def _write_arrival(
    home: Home, arrival: Arrival, accepted: Mapping[str, pl.DataFrame], recipe: str | None
) -> dict[str, int]:
    """Write one input's rows and remember what became of it; returns its rows by bronze table."""
    import polars as pl

    parts = {
        table: part
        for table, frame in accepted.items()
        if (part := frame.filter(pl.col("input_sha256") == arrival.sha256).drop("input_sha256")).height
    }
    recipe = recipe and recipe_of(home, arrival.sha256, recipe)
    for table, part in parts.items():
        write_version(home, table, arrival.sha256, part, recipe)
    tables = {table: part.height for table, part in parts.items()}
    if recipe is not None:
        remember(home, _made(home, arrival, recipe, tables, period_codes(parts.values())))
    return tables


def _made(home: Home, arrival: Arrival, recipe: str, tables: dict[str, int], periods: set[str]) -> Made:
    return Made(
        recipe,
        arrival.sha256,
        arrival.kind,
        arrival.source or "",
        arrival.version,
        arrival.vintage,
        arrival.document,
        arrival.document is not None and archived_path(home, arrival.document).exists(),
        tables,
        sorted(periods),
        arrival.rows_accepted,
        arrival.rows_rejected,
        list(arrival.rejections),
    )


def _listed(arrival: Arrival, table: str) -> BronzeFile:
    path = version_path(table, arrival.sha256)
    return BronzeFile(table, arrival.sha256, path, arrival.source or "", arrival.received_at, arrival.superseded_at)


@dataclass(frozen=True)
class _Reading:
    """How the inputs of one refresh are read. Whatever goes wrong with one of them stays with that one."""

    home: Home
    known: Mapping[str, Known]
    now: datetime
    recipe: str | None
    recognisers: Sequence[Recogniser]

    def folder(self, folder: Path) -> Arrival:
        """An extract folder, archived as it is now."""
        try:
            packed = pack(folder_files(folder))
        except InputError as error:
            unread = Archived(_folder_identity(folder), folder.name, 0, archived_path(self.home, ""))
            return self._arrival(unread, "extract", reason=error.as_reason())
        sha = sha256(packed).hexdigest()
        if (made := self._recalled(sha)) is not None:
            return self._remade(Archived(sha, _zip_name(folder), len(packed), archived_path(self.home, sha)), made)
        archived = archive_bytes(self.home, _zip_name(folder), packed, self.now)
        return self._guarded(archived, "extract", partial(self._extract, archived))

    def delivered(self, archived: Archived) -> Arrival:
        """A file from the drop folder, whatever it turns out to be."""
        if is_extract(packed_names(archived.path)):
            return self._delivered_extract(archived)
        try:
            recognised = said_to_be(self.home, archived.sha256) or recognise(
                archived.path, archived.name, self.recognisers
            )
        except InputError as error:
            return self._arrival(archived, "unknown", reason=error.as_reason())
        return self._guarded(archived, recognised.kind, partial(self._of_kind, archived, recognised))

    def remembered(self, memory: Known) -> Arrival:
        """An input that the store accepted before, from the archive."""
        path = archived_path(self.home, memory.sha256)
        if (made := self._recalled(memory.sha256)) is not None:
            return self._remade(Archived(memory.sha256, _archived_name(path), 0, path), made)
        if not path.exists():
            return self._arrival(Archived(memory.sha256, memory.sha256, 0, path), memory.kind, reason=_lost(memory))
        archived = Archived(memory.sha256, _archived_name(path), path.stat().st_size, path)
        if memory.kind == "extract":
            return self._guarded(archived, "extract", partial(self._extract, archived))
        if memory.kind == "dataset":
            recognised = Recognised("dataset", memory.source)
            return self._guarded(archived, "dataset", partial(self._of_kind, archived, recognised))
        return self._arrival(archived, memory.kind)

    def verified(self, arrival: Arrival) -> Arrival:
        """Refuse an extract whose figures do not stand where it says, when its document is in the archive."""
        if arrival.reason is not None or not isinstance(arrival.content, Extract) or arrival.document is None:
            return arrival
        document = archived_path(self.home, arrival.document)
        if not document.exists():
            return arrival
        problem = _unverified(arrival.content, document)
        return replace(arrival, reason=problem.as_reason()) if problem else arrival

    def documents_found(self, arrivals: Iterable[Arrival]) -> list[Arrival]:
        """Documents refused before, for want of an extract, that an extract now describes."""
        there = {arrival.sha256: arrival for arrival in arrivals}
        wanted = {a.document for a in there.values() if a.has_rows and a.document} - set(there)
        paths = {sha: archived_path(self.home, sha) for sha in wanted if sha in self.known}
        return [
            self._arrival(Archived(sha, _archived_name(path), path.stat().st_size, path), "report")
            for sha, path in sorted(paths.items())
            if path.exists()
        ]

    def _delivered_extract(self, archived: Archived) -> Arrival:
        """Whatever the zip that it came in, an extract is archived in its one form too: by that it is known."""
        try:
            packed = pack(unpack(archived.path, archived.name))
        except InputError as error:
            return self._arrival(archived, "extract", reason=error.as_reason())
        canonical = archive_bytes(self.home, archived.name, packed, self.now)
        return self._guarded(canonical, "extract", partial(self._extract, canonical))

    def _extract(self, archived: Archived) -> Arrival:
        files = unpack(archived.path, archived.name)
        try:
            extract = read_members(archived.name, files)
        except InputError as error:
            source, version = claimed_source(files)
            return self._arrival(archived, "extract", source=source, version=version, reason=error.as_reason())
        document = extract.frames["report"]["source_sha256"].item()
        claim = {"source": extract.report_id, "version": extract.extract_version, "document": document}
        return self._arrival(archived, "extract", content=extract, **claim)

    def _of_kind(self, archived: Archived, recognised: Recognised) -> Arrival:
        if recognised.kind != "dataset" or recognised.dataset is None:
            return self._arrival(archived, recognised.kind)
        from ingestion.datasets.collecting import read_received

        delivery = read_received(self.home, archived.path, archived.name, archived.sha256, recognised.dataset)
        refused = {"rejections": delivery.rejections, "rows_rejected": delivery.account.quarantined}
        claim = {"source": delivery.code, "vintage": delivery.vintage}
        return self._arrival(archived, "dataset", content=delivery, **claim, **refused)

    def _guarded(self, archived: Archived, kind: str, read: partial[Arrival]) -> Arrival:
        """Read one input; neither its faults nor ours in reading it stop the others."""
        try:
            return read()
        except InputError as error:
            return self._arrival(archived, kind, reason=error.as_reason())
        except Exception as error:
            _LOG.exception("Reading %s failed", archived.name)
            return self._arrival(archived, kind, reason=_our_fault(archived.name, error))

    def _recalled(self, sha: str) -> Made | None:
        """What was made of these bytes, unless something changed that it hangs on."""
        memory = self.known.get(sha)
        if not self.recipe or memory is None or not memory.stands:
            return None
        made = recall(self.home, sha, recipe_of(self.home, sha, self.recipe))
        if made is None or made.document is None or made.verified:
            return made
        return None if archived_path(self.home, made.document).exists() else made

    def _remade(self, archived: Archived, made: Made) -> Arrival:
        return self._arrival(
            archived,
            made.kind,
            source=made.source,
            version=made.version,
            vintage=made.vintage,
            document=made.document,
            made=made,
            rows_accepted=made.rows_accepted,
            rows_rejected=made.rows_rejected,
            rejections=tuple(made.rejections),
        )

    def _arrival(self, archived: Archived, kind: str, **facts: Any) -> Arrival:
        memory = self.known.get(archived.sha256)
        received_at = memory.received_at if memory else self.now
        is_known = memory is not None and memory.stands
        return Arrival(archived.sha256, archived.name, archived.bytes, kind, received_at, is_known, **facts)


def _refused_as_it_is(
    home: Home, sighting: Sighting, known: Mapping[str, Known], problem: InputError, at: datetime
) -> Arrival:
    """Move to quarantine what must not be opened."""
    path = home.landing / sighting.name
    identity_, reason = quarantine.nameless_identity(path, sighting), problem.as_reason()
    try:
        quarantine.move_in(home, path, sighting, reason, at)
    except OSError as error:
        reason["next_step"] = f"{reason['next_step']}; remove it by hand, it could not be moved ({error})"
    memory = known.get(identity_)
    received_at = memory.received_at if memory else at
    return Arrival(
        identity_, safe_name(sighting.name), 0, "unknown", received_at, is_known=False, reason=reason, is_moved=True
    )


def _redelivery(file: Landed, memory: Known, at: datetime) -> Redelivery:
    name = safe_name(file.path.name)
    return Redelivery(name, file.sha256, memory.kind, memory.source, memory.version, memory.received_at, at)


def _log_redeliveries(home: Home, known: Iterable[Redelivery]) -> None:
    with (home.archive / REDELIVERIES).open("a", encoding="utf-8") as log:
        for again in known:
            log.write(json.dumps(asdict(again) | {"sentence": again.sentence}, default=_iso, ensure_ascii=False) + "\n")


def _iso(value: Any) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds") if isinstance(value, datetime) else str(value)


def _told(line: str) -> dict[str, Any] | None:
    try:
        told = json.loads(line)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def _folder_identity(folder: Path) -> str:
    """The hash of an extract folder; of one too large to be read, a stand-in made of names and sizes."""
    try:
        return sha256(pack(folder_files(folder))).hexdigest()
    except InputError:
        listed = sorted(f"{path.name}\0{path.stat().st_size}" for path in folder.iterdir() if path.is_file())
        return sha256("\n".join([folder.name, *listed]).encode()).hexdigest()


def _zip_name(folder: Path) -> str:
    return safe_name(f"{folder.name}.extract.zip")


def _archived_name(path: Path) -> str:
    """The name that archived bytes were first delivered under."""
    try:
        return str(json.loads(path.with_name(f"{path.name}.json").read_text(encoding="utf-8"))["name"])
    except (OSError, ValueError, KeyError):
        return path.name


def _is_read_again(memory: Known) -> bool:
    return memory.stands and memory.kind in ("extract", "report", "dataset")


def _lost(memory: Known) -> dict[str, Any]:
    return InputError(
        file=memory.source or memory.sha256[:12],
        expectation=f"the bytes received on {memory.received_at:%Y-%m-%d} were expected in the archive, "
        f"as {memory.sha256}",
        next_step="Deliver the file again, or restore the archive from its backup",
    ).as_reason()


def _our_fault(name: str, error: Exception) -> dict[str, Any]:
    return InputError(
        file=name,
        expectation=f"it was expected to be read or refused, and Baromètre failed: {type(error).__name__}: {error}",
        next_step="Report it with this file; release it from quarantine once it is mended",
    ).as_reason()


def _choose(arrivals: list[Arrival]) -> list[Arrival]:
    """Set ``superseded_at`` and refuse ties, by :mod:`ingestion.versions`."""
    by_sha = {arrival.sha256: arrival for arrival in arrivals}
    standing = [arrival for arrival in arrivals if arrival.has_rows]
    versions = [
        Version(a.source or "", a.version or 0, a.sha256, a.received_at, a.is_known)
        for a in standing
        if a.kind == "extract"
    ]
    vintages = [
        Vintage(a.source or "", a.vintage or "", a.sha256, a.received_at) for a in standing if a.kind == "dataset"
    ]
    for choice in [*choose_versions(versions), *choose_vintages(vintages)]:
        arrival = by_sha[choice.version.sha256]
        by_sha[arrival.sha256] = replace(arrival, superseded_at=choice.superseded_at, reason=_tie(arrival, choice))
    return list(by_sha.values())


def _tie(arrival: Arrival, choice: Choice) -> dict[str, Any] | None:
    if choice.rival is None:
        return None
    return InputError(
        file=f"{arrival.name}/{REPORT_FILE}",
        expectation=f"extract_version {arrival.version} of {arrival.source} is already taken by other bytes "
        f"({choice.rival[:12]}…)",
        next_step="Raise extract_version if this is a correction, and deliver it again",
    ).as_reason()


def _with_documents(arrivals: list[Arrival]) -> list[Arrival]:
    """Name the report of each document, whatever it looks like; a text that no extract describes is refused for now."""
    reports = {a.document: a.source for a in arrivals if a.has_rows}
    return [_as_document(arrival, reports) for arrival in arrivals]


def _as_document(arrival: Arrival, reports: Mapping[str | None, str | None]) -> Arrival:
    if arrival.kind not in ("report", "unknown"):
        return arrival
    if arrival.sha256 in reports:
        return replace(arrival, kind="report", source=reports[arrival.sha256], reason=None)
    return arrival if arrival.reason else replace(arrival, kind="unknown", reason=_undescribed(arrival))


def _undescribed(arrival: Arrival) -> dict[str, Any]:
    return InputError(
        file=arrival.name,
        expectation="an extract with the figures of this text was expected, none is known "
        f"(source_sha256: {arrival.sha256})",
        next_step="Write and deliver its extract, as docs/add-a-report.md says; the text is archived and is taken then",
    ).as_reason()


def _unverified(extract: Extract, document: Path) -> InputError | None:
    try:
        return verify_spans(extract, document.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        return InputError(
            file=f"{extract.name}/{REPORT_FILE}",
            expectation="source_sha256 was expected to be that of a text in UTF-8",
            next_step="Give the hash of the text that the spans were counted in",
        )
