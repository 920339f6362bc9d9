"""The extracts of a home: which version of a report counts, whatever it came in, and where a person's own is written.

The folders of the checkout are only read; what people do goes into ``config/extracts/`` of the home.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from shutil import rmtree

from ingestion.archive import archived_path, manifest
from ingestion.bronze import CURRENT, draft_path
from ingestion.documents.model import Document
from ingestion.documents.plain_text import read_text
from ingestion.documents.read import read_document
from ingestion.drafts import source_of, version_of, with_version
from ingestion.extracts_reading import FILES, folder_files, read_members
from ingestion.packing import pack, unpack
from ingestion.receiving import packaged_folders
from ingestion.report_file import REPORT_FILE, claimed_source
from warehouse.errors import InputError
from warehouse.files import write_durably
from warehouse.lock import refresh_lock
from warehouse.paths import Home

Files = Mapping[str, bytes]

#: A refresh takes most of a minute; one that takes longer than this hangs.
PATIENCE_SECONDS = 300.0


@dataclass(frozen=True)
class Standing:
    """A version of a report's extract: its files, and the SHA-256 by which they are known together."""

    files: Files
    version: int
    sha256: str

    @classmethod
    def of(cls, files: Files) -> Standing:
        """The version that these files are."""
        return cls(files, version_of(files), sha256(pack(files)).hexdigest())


def standing(home: Home, report_id: str) -> Standing | None:
    """The version of an extract to start from: the highest of the home, the checkout and what was delivered.

    Between equal versions the home's folder goes first: it is where a person works. None when there is no such report.

    Raises:
        InputError: that version is not as an extract must be.
    """
    found = [Standing.of(files) for files in _versions(home, report_id)]
    if not found:
        return None
    newest = max(found, key=lambda one: one.version)
    read_members(report_id, newest.files)
    return newest


def report_ids(home: Home) -> list[str]:
    """Every report of which there is an extract, sorted."""
    told = {claimed_source(_readable(folder))[0] for folder in packaged_folders(home)}
    return sorted({*filter(None, told), *_delivered(home)})


def written_as(home: Home, source_sha256: str) -> str | None:
    """The report of which a person made an extract of this very text, or None."""
    delivered = [_unpacked(path) for path in _delivered(home).values() if home.bronze not in path.parents]
    described = [*map(_readable, packaged_folders(home)), *delivered]
    return next((claimed_source(files)[0] for files in described if _is_of(files, source_sha256)), None)


def text_of(home: Home, source_sha256: str) -> str | None:
    """The archived text of a report as it was decoded, or None when it was never delivered here."""
    path = archived_path(home, source_sha256)
    return path.read_bytes().decode("utf-8") if path.is_file() else None


def document_of(home: Home, source_sha256: str) -> Document | None:
    """The document of an archived text, with its pages where it is still read as it was; None as above.

    Raises:
        InputError: what is archived is no text.
    """
    path = archived_path(home, source_sha256)
    if not path.is_file():
        return None
    origin = manifest(home, source_sha256).get("derived_from")
    if origin and archived_path(home, origin).is_file():
        document = read_document(archived_path(home, origin), str(manifest(home, origin).get("name", origin)))
        if document.text_sha256 == source_sha256:
            return document
    return read_text(path.read_bytes(), source_sha256)


def write_extract(home: Home, report_id: str, files: Files, version: int) -> Path:
    """Write an extract into the home's folder of the report under a version, and return the folder.

    No refresh reads meanwhile. A folder that was not there appears whole; in one that was, ``report.yml``, which has
    the version, comes last: what a kill leaves half-way has the old version with other bytes, and is refused.

    Raises:
        InputError: the files are not as an extract must be; nothing is written.
        LockHeld: a refresh runs and does not end.
    """
    told = with_version(files, version)
    read_members(report_id, told)
    folder = home.local_extracts / report_id
    with refresh_lock(home.lock, "review", wait=PATIENCE_SECONDS):
        if folder.is_dir():
            _write(folder, told)
        else:
            _write_whole(folder, told)
    return folder


def _versions(home: Home, report_id: str) -> list[Files]:
    """The files of every extract of a report, those of the home first."""
    folders = sorted(packaged_folders(home), key=lambda folder: folder.parent != home.local_extracts)
    claimed = [files for files in map(_readable, folders) if claimed_source(files)[0] == report_id]
    delivered = _delivered(home).get(report_id)
    return [*claimed, _unpacked(delivered)] if delivered else claimed


def _is_of(files: Files, source_sha256: str) -> bool:
    return REPORT_FILE in files and source_of(files) == source_sha256


def _readable(folder: Path) -> Files:
    """The files of a folder; none when they are too large for an extract: the refresh says so."""
    try:
        return folder_files(folder)
    except InputError:
        return {}


def _delivered(home: Home) -> dict[str, Path]:
    """The zip of the extract that counts in bronze, by report: as it was delivered, or as a machine drafted it."""
    import polars as pl

    path = home.bronze / CURRENT
    if not path.is_file():
        return {}
    current = pl.read_parquet(path).filter(pl.col("table_name") == "report", pl.col("superseded_at").is_null())
    paths = {source: _packed(home, version) for source, version in current.select("source", "version").iter_rows()}
    return {source: path for source, path in paths.items() if path.is_file()}


def _packed(home: Home, version: str) -> Path:
    drafted = draft_path(home, version)
    return drafted if drafted.is_file() else archived_path(home, version)


def _unpacked(path: Path) -> Files:
    return unpack(path, path.name)


def _write_whole(folder: Path, files: Files) -> None:
    fresh = folder.with_name(f".{folder.name}.new")
    rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    _write(fresh, files)
    fresh.rename(folder)


def _write(folder: Path, files: Files) -> None:
    """Write the files of an extract; those that it has no more go first, what else lies there stays."""
    for name in {REPORT_FILE, *FILES} - files.keys():
        (folder / name).unlink(missing_ok=True)
    for name in sorted(files, key=lambda name: name == REPORT_FILE):
        write_durably(folder / name, files[name])
