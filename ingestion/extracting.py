"""Make a draft extract of one document for a person to review, in the home's folder of its report.

The draft is what a refresh would read of the document by itself (:mod:`ingestion.automatic`). Where the report is
known, its newer proposals go beside what people settled: nothing reviewed is ever overwritten.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ingestion.archive import archive_file, archive_text, archived_path
from ingestion.automatic import read_automatically
from ingestion.describing import renamed
from ingestion.documents.model import Document
from ingestion.documents.read import read_document
from ingestion.drafts import Draft, draft_of, files_of, source_of
from ingestion.editions import nearest, shingles
from ingestion.extract_folders import Standing, report_ids, standing, text_of, write_extract, written_as
from ingestion.extracts_reading import read_members
from ingestion.gathering import dataset_recognisers
from ingestion.landing import obstacle, recognise, refuse_note, safe_name, sight
from ingestion.receiving import deliver
from ingestion.redrafting import merged
from ingestion.reissuing import Earlier
from ingestion.report_file import REPORT_ID
from warehouse.errors import UsageError
from warehouse.files import sha256_file
from warehouse.paths import Home


@dataclass(frozen=True)
class Drafted:
    """The extract of a document after its reading: where it is written and under which version, unless nothing of it
    is new to the version that counts already."""

    report_id: str
    draft: Draft
    document: Document
    folder: Path
    version: int
    is_new: bool


def extract_document(home: Home, path: Path, now: datetime, report_id: str | None = None) -> Drafted:
    """Read a document, archive it with its text, and write the draft extract of it; a refresh then finds both.

    ``report_id`` is what a person calls the report; by default it is made of its title.

    Raises:
        InputError: the document cannot be read, or is none; in French, with what to do.
        UsageError: the identifier is not one, or that of another text.
    """
    problem = obstacle(facts) if (facts := sight(path.resolve())) else None
    if problem:
        raise problem
    document = _document(path)
    archived_before = archived_path(home, sha256_file(path)).exists()
    archive_text(home, archive_file(home, path, now), document.text, now)
    drafted = _drafted(home, document, safe_name(path.name), report_id)
    if not archived_before:
        deliver(home, path, now)
    return drafted


def _document(path: Path) -> Document:
    """The document in a file, if it is a report and nothing else that can be delivered."""
    name = safe_name(path.name)
    recognised = recognise(path, name, dataset_recognisers())
    if recognised.kind != "report":
        what = f"le jeu de données {recognised.dataset}" if recognised.dataset else "une extraction"
        raise UsageError(f"{name} est {what}, pas un rapport. Pour le livrer : barometre ingest {name}")
    document = read_document(path, name)
    refuse_note(document.text, name)
    return document


def _drafted(home: Home, document: Document, name: str, asked: str | None) -> Drafted:
    known = written_as(home, document.text_sha256)
    if known and asked and asked != known:
        raise UsageError(f"Ce texte est déjà celui du rapport {known}. Pour le relire : barometre review {known}")
    read = read_automatically(document, name, None if known else _earlier(home, document))
    report_id = _checked(asked if asked is not None else known or read.report_id)
    proposed = draft_of(renamed(_members(read.packed), report_id))
    base = standing(home, report_id)
    if base is None:
        folder = write_extract(home, report_id, files_of(proposed), 1)
        return Drafted(report_id, proposed, document, folder, 1, is_new=True)
    return _beside(home, report_id, base, proposed, document)


def _beside(home: Home, report_id: str, base: Standing, proposed: Draft, document: Document) -> Drafted:
    """The newer proposals beside what was settled of the same text, under the next version if they differ."""
    if source_of(base.files) != document.text_sha256:
        raise UsageError(
            f"Le rapport {report_id} est celui d’un autre texte. Donnez à celui-ci un autre identifiant : --report-id"
        )
    draft, folder = merged(draft_of(base.files), proposed), home.local_extracts / report_id
    files = files_of(draft)
    if files == dict(base.files):
        return Drafted(report_id, draft, document, folder, base.version, is_new=False)
    write_extract(home, report_id, files, base.version + 1)
    return Drafted(report_id, draft, document, folder, base.version + 1, is_new=True)


def _earlier(home: Home, document: Document) -> Earlier | None:
    """The report of which the document is a new edition, by its words; None when it is none of a known one."""
    versions = {report_id: one for report_id in report_ids(home) if (one := standing(home, report_id))}
    texts = {report_id: text_of(home, source_of(one.files)) for report_id, one in versions.items()}
    others = {report_id: text for report_id, text in texts.items() if text and text != document.text}
    report_id = nearest(shingles(document.text), {name: shingles(text) for name, text in others.items()})
    if report_id is None:
        return None
    return Earlier(report_id, others[report_id], read_members(report_id, versions[report_id].files).frames)


def _checked(report_id: str) -> str:
    if not REPORT_ID.fullmatch(report_id):
        raise UsageError(
            f"--report-id : au plus 64 petites lettres, chiffres et tirets étaient attendus, comme pts-na-2016 ; "
            f"{report_id!r} a été donné."
        )
    return report_id


def _members(packed: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
