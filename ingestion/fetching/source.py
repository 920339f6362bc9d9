"""One source of one dataset: ask, transfer, verify, unpack, and hand the bytes to the drop folder. Never a second road.

What is published is archived whole; what of it is the data lands, declared as the dataset that the contract is of, and
is read by that contract like any delivery. Nothing here reads a row.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ingestion.archive import archive_file, archived_path, tell
from ingestion.datasets.declarations import declared
from ingestion.fetching.addresses import host_of
from ingestion.fetching.contract import Fetched, InseeMelodi
from ingestion.fetching.due import next_look
from ingestion.fetching.failures import FetchFailed
from ingestion.fetching.melodi import address_of, write_observations
from ingestion.fetching.portals import Located, locate
from ingestion.fetching.transfer import Transfers, Wanted
from ingestion.fetching.unpacking import tar_member, unpacked
from ingestion.fetching.verification import check_content, check_integrity
from ingestion.landing import safe_name
from ingestion.receiving import deliver
from warehouse.files import sha256_file
from warehouse.paths import Home

if TYPE_CHECKING:
    from ingestion.datasets.contract_model import Contract
    from warehouse.source_memory import SourceMemory

_LOG = logging.getLogger(__name__)
#: Catalogues are a few hundred kilobytes; INSEE's pages of 100,000 observations twenty megabytes.
MAX_JSON_BYTES = 64 << 20
_PART = "transfer.part"


@dataclass(frozen=True)
class Came:
    """What a look brought: the file, or none when nothing changed, and by what one may ask the next time.

    ``packed`` is the SHA-256 of the archive that it was published in.
    """

    address: str
    told: str
    path: Path | None = None
    etag: str | None = None
    last_modified: str | None = None
    revision: str | None = None
    packed: str | None = None


def look_at(
    home: Home,
    contract: Contract,
    source: Fetched,
    before: SourceMemory | None,
    transfers: Transfers,
    received: Callable[[str], datetime | None],
    *,
    force: bool = False,
) -> SourceMemory:
    """Ask a source whether it has something new, and land it; returns what is remembered of it from now on.

    ``received`` says when bytes with a SHA-256 were taken before, whoever delivered them. With ``force`` the whole
    file is asked for, whatever is remembered. A source that fails raises nothing: it is remembered as failing.
    """
    at = transfers.clock.now()
    folder = home.fetching / contract.code
    folder.mkdir(parents=True, exist_ok=True)
    try:
        known = before if before and not force and _is_here(home, before.sha256) else None
        came = _Looking(home, source, transfers, folder).look(known)
        return _landed(home, contract, source, before, came, at, lambda sha: received(sha) or _came_before(known, sha))
    except FetchFailed as failure:
        return _failed(contract, before, failure, at)
    except Exception as error:
        # As in reading: a fault of ours with one source is that source's, and stops no other.
        _LOG.exception("Fetching %s failed", contract.code)
        told = f"Baromètre failed to fetch it: {type(error).__name__}: {error}. Report it"
        return _failed(contract, before, FetchFailed("failed", told), at)
    finally:
        _tidy(folder)


@dataclass(frozen=True)
class _Looking:
    """One look at one source; what it transfers goes through ``folder``."""

    home: Home
    source: Fetched
    transfers: Transfers
    folder: Path

    def look(self, known: SourceMemory | None) -> Came:
        """The file as it is to land, or None; ``known`` is what we have of it."""
        if isinstance(self.source, InseeMelodi) and self.source.filters is not None:
            path = self.folder / "observations"
            name = write_observations(self.source, self.ask, path)
            return Came(address_of(self.source), "", self.named(path, name))
        return self.file(locate(self.source, self.ask), known)

    def file(self, located: Located, known: SourceMemory | None) -> Came:
        """One file that a catalogue, or the contract itself, names."""
        known = known if known and known.address == located.address else None
        if known and located.revision and located.revision == known.revision:
            told = f"its catalogue has the same version ({located.revision})"
            return Came(located.address, told, None, known.etag, known.last_modified, known.revision)
        got = self.transfers.fetch(self.wanted(located, known), self.folder / _PART)
        if got is None:
            assert known is not None
            told = "not changed, says the server (HTTP 304)"
            return Came(located.address, told, None, known.etag, known.last_modified, located.revision)
        if located.integrity:
            check_integrity(got.path, located.integrity, located.address)
        path, packed = self.data(self.named(got.path, got.name), located)
        moved = f"; the server says that it is at {got.moved_to} from now on" if got.moved_to else ""
        return Came(located.address, moved, path, got.etag, got.last_modified, located.revision, packed)

    def wanted(self, located: Located, known: SourceMemory | None) -> Wanted:
        """What to ask of the server, by the contract."""
        source = self.source
        return Wanted(
            located.address,
            located.accepted,
            source.min_bytes,
            source.max_bytes,
            source.redirect_hosts,
            "gzip" if located.member else located.unpack.form if located.unpack else None,
            source.requests_per_minute,
            known.etag if known else None,
            known.last_modified if known else None,
        )

    def data(self, path: Path, located: Located) -> tuple[Path, str | None]:
        """The data of what was published, and the SHA-256 of what they were packed in, archived as it came."""
        if located.member is None and located.unpack is None:
            return path, None
        packed = archive_file(self.home, path, self.transfers.clock.now())
        target = self.folder / "data"
        if located.member is not None:
            name = tar_member(path, located.member, target, located.address)
        else:
            assert located.unpack is not None
            name = unpacked(located.unpack, path, target, located.address)
        check_content(target, located.address)
        path.unlink()
        tell(self.home, packed.sha256, fetched_from=located.address)
        return self.named(target, name), packed.sha256

    def named(self, path: Path, name: str) -> Path:
        """Give a file the name under which it lands: the contract's before the server's."""
        return path.rename(_place(self.folder / "named", safe_name(self.source.name or name)))

    def ask(self, address: str) -> Any:
        """The JSON that a catalogue gives."""
        # Melodi answers so to a name that it does not know: asking again changes nothing.
        final = frozenset({500}) if isinstance(self.source, InseeMelodi) else frozenset[int]()
        wanted = Wanted(
            address,
            ("application/json", "application/*+json"),
            max_bytes=MAX_JSON_BYTES,
            per_minute=self.source.requests_per_minute,
            final=final,
        )
        got = self.transfers.fetch(wanted, self.folder / "catalogue.part")
        assert got is not None
        try:
            return json.loads(got.path.read_bytes())
        except (ValueError, RecursionError) as error:
            raise FetchFailed("failed", f"{address} gives no JSON: {error}") from error


def _landed(
    home: Home,
    contract: Contract,
    source: Fetched,
    before: SourceMemory | None,
    came: Came,
    at: datetime,
    received: Callable[[str], datetime | None],
) -> SourceMemory:
    """Land what is new, and say what came of the look."""
    from warehouse.source_memory import SourceMemory

    sha = sha256_file(came.path) if came.path else before.sha256 if before else None
    new_at = before.new_at if before else None
    outcome: Literal["new", "unchanged"] = "unchanged"
    if came.path is None or sha is None:
        told = f"nothing new: {came.told}"
    elif since := received(sha):
        told, new_at = f"nothing new: the bytes received on {since:%Y-%m-%d} came again{came.told}", new_at or since
    else:
        outcome, new_at = "new", at
        told = _land(home, contract, source, came, came.path, at) + came.told
    return SourceMemory(
        contract.code,
        outcome,
        told,
        attempted_at=at,
        next_look_at=next_look(contract.cadence, at),
        address=came.address,
        etag=came.etag,
        last_modified=came.last_modified,
        revision=came.revision,
        sha256=sha,
        succeeded_at=at,
        new_at=new_at,
    )


def _land(home: Home, contract: Contract, source: Fetched, came: Came, path: Path, at: datetime) -> str:
    """Archive a file and put it into the drop folder, told to be what its contract is of; a person's word stays."""
    sha, size = sha256_file(path), path.stat().st_size
    asked = f"{contract.code}@{source.vintage}" if source.vintage else contract.code
    target = deliver(home, path, at, None if declared(home, sha) else asked)
    told = {"fetched_from": came.address, "fetched_at": at.isoformat(timespec="seconds"), "packed_in": came.packed}
    tell(home, sha, **told, etag=came.etag, last_modified=came.last_modified)
    return f"new: {size} bytes from {host_of(came.address)} ({sha[:12]}…) are in landing/ as {target.name}"


def _failed(contract: Contract, before: SourceMemory | None, failure: FetchFailed, at: datetime) -> SourceMemory:
    """What is remembered of a look that brought nothing: all that was known, and that it fails."""
    from warehouse.source_memory import SourceMemory

    failures = (before.failures if before else 0) + 1
    later = at + timedelta(seconds=failure.retry_after or 0)
    failed = SourceMemory(
        contract.code,
        "failed",
        failure.sentence,
        attempted_at=at,
        next_look_at=max(next_look(contract.cadence, at, failures), later),
        failing_since=before.failing_since if before and before.failing_since else at,
        failures=failures,
    )
    if before is None:
        return failed
    kept = ("address", "etag", "last_modified", "revision", "sha256", "succeeded_at", "new_at")
    return replace(failed, **{name: getattr(before, name) for name in kept})


def _came_before(known: SourceMemory | None, sha: str) -> datetime | None:
    """When these bytes landed at an earlier look, though no refresh has taken them yet."""
    return known.new_at if known and known.sha256 == sha else None


def _is_here(home: Home, sha: str | None) -> bool:
    return sha is not None and archived_path(home, sha).exists()


def _place(folder: Path, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    return folder / name


def _tidy(folder: Path) -> None:
    """Leave only what a transfer that broke off can be gone on from."""
    for left in folder.iterdir():
        if left.is_dir():
            shutil.rmtree(left)
        elif not left.name.startswith(_PART):
            left.unlink()
    if not any(folder.iterdir()):
        folder.rmdir()
