"""Reports among what came: the text of each document, and a reading by machine of every text that nobody described.

A text belongs to one report. An extract that a person made of it (or a person's declaration, packaged or delivered) is
that report, whatever came first; only a text without one is read automatically. A text that has the same words as
another is the same document in another form; one that has nearly the same is a new edition of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from ingestion.archive import Archived, archive_text, archived_path, manifest, text_of
from ingestion.arrivals import Arrival
from ingestion.bronze import draft_path, recall, version_path
from ingestion.documents.forms import HEAD_BYTES, form_of
from ingestion.documents.plain_text import read_text
from ingestion.documents.read import read_document
from ingestion.editions import Shingles, nearest, shingles, words
from ingestion.intake import Intake
from ingestion.landing import refuse_note
from ingestion.packing import packed_names
from ingestion.time_limit import TooLong, processor_time
from warehouse.errors import InputError

if TYPE_CHECKING:
    import polars as pl

    from ingestion.documents.model import Document
    from ingestion.extraction.lexicon import Lexicon
    from ingestion.reissuing import Earlier


Reason = dict[str, Any]

#: Processor time for one report: the longest that we know of, half a megabyte with 3,500 numerals, takes 6 s as prose.
MOST_SECONDS = 120.0


@dataclass(frozen=True)
class Reports:
    """The reports of one refresh. Each document is read once, and only when its text is not in the archive yet."""

    intake: Intake
    _documents: dict[str, Document] = field(default_factory=dict)

    def read(self, archived: Archived) -> Arrival:
        """A document, whatever its form, with the text that it says; the text is archived.

        Raises:
            InputError: it cannot be read, or is too short for a report; in French.
        """
        document = read_document(archived.path, archived.name)
        refuse_note(document.text, archived.name)
        text = archive_text(self.intake.home, archived, document.text, self.intake.now)
        self._documents[text.sha256] = document
        return self.intake.arrival(archived, "report", document=text.sha256)

    def remembered(self, archived: Archived) -> Arrival:
        """A document that was read before; only one whose text the archive lost, or forgot, is read again."""
        text = text_of(self.intake.home, archived.sha256)
        is_there = archived_path(self.intake.home, text).exists()
        if is_there and (text != archived.sha256 or _is_text(archived)):
            return self.intake.arrival(archived, "report", document=text)
        return self.intake.guarded(archived, "report", partial(self.read, archived))

    def told(self, arrivals: Sequence[Arrival]) -> list[Arrival]:
        """The arrivals with the texts of their documents, and with a reading of each text that no extract describes."""
        by_extract = _described(self.intake, arrivals)
        there = {arrival.sha256: arrival for arrival in arrivals}
        texts = self._texts(arrivals, there)
        unread = [text for text in texts if text.sha256 not in by_extract]
        read = {t.sha256: replace(t, document=by_extract[t.sha256].document) for t in texts if t.sha256 in by_extract}
        read |= self._automatic(unread, texts, by_extract) if unread else {}
        failed = {sha: a.reason for sha, a in read.items() if a.reason is not None and sha not in there}
        kept = {sha: arrival for sha, arrival in (there | read).items() if sha not in failed}
        return [_with_its_text(arrival, read, failed) for arrival in kept.values()]

    def _texts(self, arrivals: Iterable[Arrival], there: Mapping[str, Arrival]) -> list[Arrival]:
        """The text of every document that stands, in the order in which they were received."""
        documents = [a for a in arrivals if a.kind == "report" and a.reason is None and a.document is not None]
        shas = {a.document for a in documents if a.document and archived_path(self.intake.home, a.document).exists()}
        texts = [there.get(sha) or self._text(sha) for sha in sorted(shas)]
        return sorted(texts, key=lambda text: (text.received_at, text.sha256))

    def _text(self, sha: str) -> Arrival:
        return self.intake.arrival(self.intake.archived(sha), "report", document=sha)

    def _automatic(
        self, unread: Sequence[Arrival], texts: Sequence[Arrival], by_extract: Mapping[str, Arrival]
    ) -> dict[str, Arrival]:
        """A reading of each text that nobody described: first come, first read, so that an edition has its original."""
        said = {text.sha256: _content(self.intake, text.sha256) for text in texts}
        seen = {sha: _Said.of(said[sha]) for sha in said if sha in by_extract}
        read: dict[str, Arrival] = {}
        for text in unread:
            own = _Said.of(said[text.sha256])
            twin = next((sha for sha in sorted(seen) if seen[sha].words == own.words), None)
            if twin is not None:
                read[text.sha256] = replace(text, document={**by_extract, **read}[twin].document)
                continue
            base = nearest(own.shingles, {sha: other.shingles for sha, other in seen.items()})
            seen[text.sha256] = own
            edited = {**by_extract, **read}[base] if base is not None else None
            read[text.sha256] = self._reading(text, edited if edited and edited.has_rows else None)
        return read

    def _reading(self, text: Arrival, edited: Arrival | None) -> Arrival:
        recipe = _recipe(self.intake.recipe, edited)
        archived = self.intake.archived(text.sha256)
        made = recall(self.intake.home, text.sha256, recipe) if recipe and text.is_known else None
        if made is not None and draft_path(self.intake.home, text.sha256).exists():
            return replace(self.intake.remade(archived, made), made_with=recipe)
        return self.intake.guarded(archived, "report", partial(self._read_automatically, archived, edited, recipe))

    def _read_automatically(self, archived: Archived, edited: Arrival | None, recipe: str | None) -> Arrival:
        from ingestion.automatic import read_automatically

        document, name = self._document(archived), self._delivered_as(archived)
        earlier, lexicon = self._earlier(edited) if edited else None, self._lexicon
        try:
            with processor_time(MOST_SECONDS):
                extract = read_automatically(document, name, earlier, lexicon)
        except TooLong as error:
            raise _too_long(name) from error
        claim = {"source": extract.report_id, "version": extract.extract_version, "document": archived.sha256}
        return self.intake.arrival(archived, "report", content=extract, made_with=recipe, **claim)

    @cached_property
    def _lexicon(self) -> Lexicon:
        from ingestion.extraction.lexicon import load_lexicon

        return load_lexicon()

    def _document(self, text: Archived) -> Document:
        """The document of a text with its pages and tables; the bare text where it is no longer read as it was."""
        if text.sha256 in self._documents:
            return self._documents[text.sha256]
        origin = manifest(self.intake.home, text.sha256).get("derived_from")
        if origin and archived_path(self.intake.home, origin).exists():
            source = self.intake.archived(origin)
            document = read_document(source.path, source.name)
            if document.text_sha256 == text.sha256:
                return document
        return read_text(text.path.read_bytes(), text.name)

    def _delivered_as(self, text: Archived) -> str:
        """The name of the document that was delivered, of which this is the text."""
        origin = manifest(self.intake.home, text.sha256).get("derived_from")
        return self.intake.archived(origin).name if origin else text.name

    def _earlier(self, edited: Arrival) -> Earlier:
        from ingestion.reissuing import Earlier

        assert edited.document is not None
        text = _content(self.intake, edited.document)
        return Earlier(edited.source or "", text, _frames(self.intake, edited))


@dataclass(frozen=True)
class _Said:
    """What two texts are compared by."""

    words: str
    shingles: Shingles

    @classmethod
    def of(cls, text: str) -> _Said:
        return cls(sha256(" ".join(words(text)).encode()).hexdigest(), shingles(text))


def _described(intake: Intake, arrivals: Iterable[Arrival]) -> dict[str, Arrival]:
    """The extract of each text that one describes, the highest version of it."""
    extracts = [a for a in arrivals if a.kind == "extract" and a.has_rows and a.document]
    ordered = sorted(extracts, key=lambda a: (a.version or 0, a.source or "", a.sha256))
    return {text_of(intake.home, a.document): a for a in ordered if a.document}


def _with_its_text(arrival: Arrival, read: Mapping[str, Arrival], failed: Mapping[str, Reason]) -> Arrival:
    """A document goes with its text: to the report that the text is of, or into quarantine for the same reason."""
    text = arrival.document or ""
    if why := failed.get(text):
        return replace(arrival, reason={**why, "file": arrival.name})
    return replace(arrival, document=read[text].document) if arrival.kind == "report" and text in read else arrival


def _too_long(name: str) -> InputError:
    return InputError(
        file=name,
        expectation=f"la lecture automatique a été arrêtée au bout de {MOST_SECONDS:.0f}\u00a0s de calcul\u202f: le "
        "rapport est très long, ou ses phrases n’ont pas de fin",
        next_step="Vérifier que c’est le bon fichier\u202f; le déposer en plusieurs parties, ou avec son extraction",
    )


def _is_text(archived: Archived) -> bool:
    with archived.path.open("rb") as stream:
        return form_of(stream.read(HEAD_BYTES), archived.name, packed_names(archived.path)) == "text"


def _content(intake: Intake, text: str) -> str:
    """An archived text, to be compared: bytes that the disk damaged are no reason to stop here."""
    return archived_path(intake.home, text).read_bytes().decode("utf-8", "replace")


def _recipe(recipe: str | None, edited: Arrival | None) -> str | None:
    """A reading hangs on the extract that it takes figures over from, too."""
    if recipe is None or edited is None:
        return recipe
    return sha256(f"{recipe} {edited.sha256} {edited.made_with}".encode()).hexdigest()


def _frames(intake: Intake, arrival: Arrival) -> Mapping[str, pl.DataFrame]:
    """The rows of an extract by bronze table, read in this refresh or made before."""
    import polars as pl

    if arrival.made is None:
        assert arrival.content is not None
        return arrival.content.frames
    paths = {table: intake.home.bronze / version_path(table, arrival.sha256) for table in arrival.made.tables}
    return {table: pl.read_parquet(path).drop("input_sha256") for table, path in paths.items()}
