"""Read what came: folders of extracts, deliveries, and what the archive holds from before.

Whatever goes wrong with one input stays with that one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from ingestion.archive import Archived, archive_bytes, archived_path, text_of
from ingestion.arrivals import Arrival, Known, Received
from ingestion.bronze import Made, recall
from ingestion.datasets.declarations import declared, recipe_of
from ingestion.extracts_reading import Extract, folder_files, is_extract, read_members
from ingestion.intake import Intake
from ingestion.landing import Recognised, Recogniser, recognise, safe_name
from ingestion.packing import pack, packed_names, unpack
from ingestion.receiving import folder_identity, packaged_folders
from ingestion.report_file import REPORT_FILE, claimed_source
from ingestion.reports import Reports
from ingestion.verification import verify_spans
from warehouse.errors import InputError
from warehouse.paths import Home


def gather(
    home: Home,
    known: Mapping[str, Known],
    received: Received,
    now: datetime,
    recipe: str | None = None,
    recognisers: Sequence[Recogniser] | None = None,
) -> list[Arrival]:
    """Every input that this refresh looks at. Each is read once and verified against its document; a report that no
    extract describes is read by machine.

    What was made before with the same ``recipe`` (:class:`ingestion.bronze.Made`) is not read at all.
    """
    reading = _Reading(home, known, now, recipe, dataset_recognisers() if recognisers is None else recognisers)
    read = [*map(reading.folder, packaged_folders(home)), *map(reading.delivered, received.archived)]
    seen = {arrival.sha256 for arrival in read}
    read += [reading.remembered(memory) for sha, memory in known.items() if sha not in seen and _is_read_again(memory)]
    unique = {arrival.sha256: arrival for arrival in reversed(read)}
    arrivals = [*map(reading.verified, unique.values()), *received.refused]
    return reading.reports.told([*arrivals, *reading.documents_found(arrivals)])


def dataset_recognisers() -> tuple[Recogniser, ...]:
    """What knows the files of datasets: by header, sheets or marker, or by what is left of those in a changed form."""
    from ingestion.datasets.contracts import load_contracts
    from ingestion.datasets.drift_finding import nearest
    from ingestion.datasets.recognition import recognise_dataset

    return (
        lambda head: recognise_dataset(head.first, path=head.path, name=head.name),
        lambda head: nearest(head.path, load_contracts(), head.name),
    )


def said_to_be(home: Home, sha256: str) -> Recognised | None:
    """What a person said a file is (``ingest --as``), which comes before what it looks like."""
    asked = declared(home, sha256)
    return Recognised("dataset", asked.partition("@")[0]) if asked else None


@dataclass(frozen=True)
class _Reading(Intake):
    """How the inputs of one refresh are read."""

    recognisers: Sequence[Recogniser]

    @cached_property
    def reports(self) -> Reports:
        """The reports among them."""
        return Reports(self)

    def folder(self, folder: Path) -> Arrival:
        """An extract folder, archived as it is now."""
        try:
            packed = pack(folder_files(folder))
        except InputError as error:
            unread = Archived(folder_identity(folder), folder.name, 0, archived_path(self.home, ""))
            return self.arrival(unread, "extract", reason=error.as_reason())
        sha = sha256(packed).hexdigest()
        if (made := self._recalled(sha)) is not None:
            return self.remade(Archived(sha, _zip_name(folder), len(packed), archived_path(self.home, sha)), made)
        archived = archive_bytes(self.home, _zip_name(folder), packed, self.now)
        return self.guarded(archived, "extract", partial(self._extract, archived))

    def delivered(self, archived: Archived) -> Arrival:
        """A file from the drop folder, whatever it turns out to be."""
        if is_extract(packed_names(archived.path)):
            return self._delivered_extract(archived)
        try:
            recognised = said_to_be(self.home, archived.sha256) or recognise(
                archived.path, archived.name, self.recognisers
            )
        except InputError as error:
            return self.arrival(archived, "unknown", reason=error.as_reason())
        return self.guarded(archived, recognised.kind, partial(self._of_kind, archived, recognised))

    def remembered(self, memory: Known) -> Arrival:
        """An input that the store accepted before, from the archive."""
        archived = self.archived(memory.sha256)
        if memory.kind != "report" and (made := self._recalled(memory.sha256)) is not None:
            return self.remade(archived, made)
        if not archived.path.exists():
            return self.arrival(archived, memory.kind, reason=_lost(memory))
        if memory.kind == "extract":
            return self.guarded(archived, "extract", partial(self._extract, archived))
        if memory.kind == "dataset":
            recognised = Recognised("dataset", memory.source)
            return self.guarded(archived, "dataset", partial(self._of_kind, archived, recognised))
        return self.reports.remembered(archived)

    def verified(self, arrival: Arrival) -> Arrival:
        """Refuse an extract whose figures do not stand where it says, when its document is in the archive."""
        if arrival.reason is not None or not isinstance(arrival.content, Extract) or arrival.document is None:
            return arrival
        document = archived_path(self.home, arrival.document)
        if not document.exists():
            return arrival
        problem = _unverified(arrival.content, document, text_of(self.home, arrival.document))
        return replace(arrival, reason=problem.as_reason()) if problem else arrival

    def documents_found(self, arrivals: Iterable[Arrival]) -> list[Arrival]:
        """Documents refused before, for want of an extract, that an extract now describes."""
        there = {arrival.sha256: arrival for arrival in arrivals}
        wanted = {a.document for a in there.values() if a.has_rows and a.document} - set(there)
        found = [self.archived(sha) for sha in sorted(wanted) if sha in self.known]
        return [
            self.arrival(archived, "report", document=archived.sha256) for archived in found if archived.path.exists()
        ]

    def _delivered_extract(self, archived: Archived) -> Arrival:
        """Whatever the zip that it came in, an extract is archived in its one form too: by that it is known."""
        try:
            packed = pack(unpack(archived.path, archived.name))
        except InputError as error:
            return self.arrival(archived, "extract", reason=error.as_reason())
        canonical = archive_bytes(self.home, archived.name, packed, self.now)
        return self.guarded(canonical, "extract", partial(self._extract, canonical))

    def _extract(self, archived: Archived) -> Arrival:
        files = unpack(archived.path, archived.name)
        try:
            extract = read_members(archived.name, files)
        except InputError as error:
            source, version = claimed_source(files)
            return self.arrival(archived, "extract", source=source, version=version, reason=error.as_reason())
        document = extract.frames["report"]["source_sha256"].item()
        claim = {"source": extract.report_id, "version": extract.extract_version, "document": document}
        return self.arrival(archived, "extract", content=extract, **claim)

    def _of_kind(self, archived: Archived, recognised: Recognised) -> Arrival:
        if recognised.kind != "dataset" or recognised.dataset is None:
            return self.reports.read(archived)
        from ingestion.datasets.collecting import read_received

        try:
            delivery = read_received(self.home, archived.path, archived.name, archived.sha256, recognised.dataset)
        except InputError as error:
            return self.arrival(archived, "dataset", source=recognised.dataset, reason=error.as_reason())
        told = {"rejections": delivery.rejections, "warnings": delivery.warnings}
        claim = {"source": delivery.code, "vintage": delivery.vintage}
        rejected = delivery.account.quarantined
        return self.arrival(archived, "dataset", content=delivery, **claim, **told, rows_rejected=rejected)

    def _recalled(self, sha: str) -> Made | None:
        """What was made of these bytes, unless something changed that it hangs on."""
        memory = self.known.get(sha)
        if not self.recipe or memory is None or not memory.stands:
            return None
        made = recall(self.home, sha, recipe_of(self.home, sha, self.recipe))
        if made is None or made.document is None or made.verified:
            return made
        return None if archived_path(self.home, made.document).exists() else made


def _zip_name(folder: Path) -> str:
    return safe_name(f"{folder.name}.extract.zip")


def _is_read_again(memory: Known) -> bool:
    return memory.stands and memory.kind in ("extract", "report", "dataset")


def _lost(memory: Known) -> dict[str, Any]:
    return InputError(
        file=memory.source or memory.sha256[:12],
        expectation=f"the bytes received on {memory.received_at:%Y-%m-%d} were expected in the archive, "
        f"as {memory.sha256}",
        next_step="Deliver the file again, or restore the archive from its backup",
    ).as_reason()


def _unverified(extract: Extract, document: Path, text: str) -> InputError | None:
    try:
        return verify_spans(extract, document.read_bytes().decode("utf-8"))
    except UnicodeDecodeError:
        return InputError(
            file=f"{extract.name}/{REPORT_FILE}",
            expectation="source_sha256 was expected to be that of a text in UTF-8",
            next_step=f"Give the hash of the text that the spans were counted in{_read_as(document, text)}",
        )


def _read_as(document: Path, text: str) -> str:
    return "" if text == document.name else f": that of this document is {text}"
