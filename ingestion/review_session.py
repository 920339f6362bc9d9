"""One review of one report: opened on the version that counts, kept after each decision, closed as the next version.

What was decided is kept in one hidden file beside the extracts, which refreshes do not see: an extract whose bytes
changed under one ``extract_version`` would be refused as a tie. It enters the report's folder when the review is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ingestion.documents.model import Document
from ingestion.drafts import Draft, draft_of, files_of, source_of
from ingestion.extract_folders import Standing, document_of, standing, write_extract
from ingestion.extracts_reading import read_members
from ingestion.packing import pack, unpack
from ingestion.redrafting import merged
from ingestion.report_file import REPORT_ID, read_report
from ingestion.verification import verify_spans
from warehouse.errors import LockHeld, UsageError
from warehouse.files import write_durably
from warehouse.lock import refresh_lock
from warehouse.paths import Home

_BASE = "base.sha256"


@dataclass(frozen=True)
class Opened:
    """A review at its start: the version it starts from, that version with the decisions kept before, the document."""

    report_id: str
    base: Standing
    draft: Draft
    document: Document
    is_resumed: bool

    @property
    def text(self) -> str:
        return self.document.text


@contextmanager
def opened(home: Home, report_id: str) -> Iterator[Opened]:
    """A report to be reviewed, for one person at a time.

    Raises:
        UsageError: there is no such report, somebody reviews it now, or its text was never delivered here.
        InputError: its extract is not as it must be, or a figure is not where it says.
    """
    _base(home, report_id)
    with ExitStack() as alone:
        try:
            alone.enter_context(refresh_lock(home.local_extracts / f".{report_id}.lock", "review"))
        except LockHeld as error:
            raise UsageError(f"{report_id} est en cours de relecture : {error.holder}. Attendez sa fin.") from error
        yield _open(home, report_id)


def keep(home: Home, review: Opened, draft: Draft) -> None:
    """Keep a review as it stands: all of it, or what was kept before, whenever the power goes."""
    files = {**files_of(draft), _BASE: review.base.sha256.encode()}
    write_durably(_kept(home, review.report_id), pack(files))


def close(home: Home, review: Opened, draft: Draft) -> int | None:
    """Leave a review: its decisions become the next version of the home's extract. None when nothing was decided.

    Raises:
        InputError: a figure is not where it says; nothing is written, and what was kept stays kept.
        LockHeld: a refresh runs and does not end; the same holds.
    """
    version = None
    files = files_of(draft)
    # A kill while a review was written left its bytes in the folder, under the version that they should have raised.
    if files != dict(review.base.files) or review.is_resumed:
        version = review.base.version + 1
        _verify(review.report_id, files, review.text)
        write_extract(home, review.report_id, files, version)
    _kept(home, review.report_id).unlink(missing_ok=True)
    return version


def look(home: Home, report_id: str) -> tuple[Draft, Document | None]:
    """A report as its review would go on with it, and its document where it is at hand; nothing is held nor changed.

    Raises:
        UsageError: there is no such report.
    """
    base = _base(home, report_id)
    draft = _resumed(home, report_id, base) if is_begun(home, report_id) else draft_of(base.files)
    return draft, document_of(home, source_of(base.files))


def is_begun(home: Home, report_id: str) -> bool:
    """Whether a review of the report was begun and not left."""
    return _kept(home, report_id).is_file()


def _base(home: Home, report_id: str) -> Standing:
    base = standing(home, report_id) if REPORT_ID.fullmatch(report_id) else None
    if base is None:
        raise UsageError(f"Aucun rapport {report_id!r}. Pour voir ceux qui existent : barometre review")
    return base


def _open(home: Home, report_id: str) -> Opened:
    base = _base(home, report_id)
    document = document_of(home, source_of(base.files))
    if document is None:
        raise UsageError(
            f"Le texte de {report_id} n’est pas dans l’archive, et sans lui aucun chiffre ne se vérifie. "
            f"Livrez-le, puis recommencez : barometre ingest {read_report('', base.files)[0]['source_name']}"
        )
    _verify(report_id, base.files, document.text)
    if not is_begun(home, report_id):
        return Opened(report_id, base, draft_of(base.files), document, is_resumed=False)
    return Opened(report_id, base, _resumed(home, report_id, base), document, is_resumed=True)


def _resumed(home: Home, report_id: str, base: Standing) -> Draft:
    """What was decided before, on the version that counts now."""
    path = _kept(home, report_id)
    files = unpack(path, path.name)
    began_with = files.pop(_BASE).decode()
    draft, now = draft_of(files), draft_of(base.files)
    if began_with == base.sha256:
        return draft
    if source_of(files) != source_of(base.files):
        raise UsageError(
            f"La relecture commencée de {report_id} est celle d’un autre texte, remplacé depuis. "
            f"Pour recommencer sur le nouveau, mettez-la de côté : {path}"
        )
    return replace(merged(draft, now), files=now.files)


def _verify(report_id: str, files: Mapping[str, bytes], text: str) -> None:
    problem = verify_spans(read_members(report_id, files), text)
    if problem is not None:
        raise problem


def _kept(home: Home, report_id: str) -> Path:
    return home.local_extracts / f".{report_id}.review.zip"
