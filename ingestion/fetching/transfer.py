"""One address, one whole file: asked politely, checked while it comes, resumed where it broke off, or refused.

What the HTTP library does: connections, TLS, names, the grammar of answers. What is decided here: which redirects are
followed, what is asked again and when, what is too slow or too large, and whether a rest belongs to its beginning.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3

from ingestion.fetching.addresses import MAX_REDIRECTS, file_name, host_of, objection, redirect_objection, redirected
from ingestion.fetching.answers import refusal, resuming, told_as_ours, total_if_continued
from ingestion.fetching.failures import FetchFailed
from ingestion.fetching.partial import Partial, begin, drop, finish, held, noted, of_headers
from ingestion.fetching.unpacking import inflate
from ingestion.fetching.verification import check_content, check_media_type, check_size
from ingestion.fetching.waiting import Clock, Limits, Pace, RealClock, pause_before, retry_after, wait_for_turn
from warehouse.files import sha256_file

USER_AGENT = f"Barometre/{version('barometre')} (warehouse of open data on access to care; asks once in a while)"
CHUNK_BYTES = 64 << 10
#: Where there is no network there is none for the next source either: nobody waits long for it.
UNREACHABLE_ATTEMPTS = 2
_REDIRECTS = (301, 302, 303, 307, 308)
_FOR_GOOD = (301, 308)


#: Bytes as they are, so that sizes and ranges are those of the file.
_ALWAYS = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}


@dataclass(frozen=True)
class Wanted:
    """What to ask for, and what may come. ``etag`` and ``last_modified`` are of the version that we have already;
    ``final`` are statuses that this server means, whatever others mean by them: they are not asked again."""

    address: str
    accepted: tuple[str, ...]
    min_bytes: int = 1
    max_bytes: int = 256 << 20
    redirect_hosts: tuple[str, ...] = ()
    form: str | None = None
    per_minute: int = 60
    etag: str | None = None
    last_modified: str | None = None
    final: frozenset[int] = frozenset()

    @property
    def conditions(self) -> dict[str, str]:
        """Headers that spare a transfer when nothing changed."""
        told = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in told.items() if value}


@dataclass(frozen=True)
class Transferred:
    """A whole file, checked; ``final_address`` is where it came from after redirects, ``moved_to`` an address that the
    server says is the right one from now on."""

    path: Path
    sha256: str
    bytes: int
    name: str
    final_address: str
    etag: str | None
    last_modified: str | None
    moved_to: str | None = None
    attempts: int = 1


@dataclass
class Transfers:
    """Asks servers on behalf of one run: its pauses are the run's, its count of requests each host's."""

    limits: Limits = field(default_factory=Limits)
    clock: Clock = field(default_factory=RealClock)
    chance: Callable[[], float] = random.random
    _asked: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    _silent: dict[str, FetchFailed] = field(default_factory=dict)
    _pools: dict[str | None, urllib3.PoolManager] = field(default_factory=dict)

    def fetch(self, wanted: Wanted, part: Path) -> Transferred | None:
        """The whole file at ``part``, or None when the server says that nothing changed.

        What a transfer that broke off left there is gone on from; what cannot be used is dropped.

        Raises:
            FetchFailed: it does not come, or is not what was expected; of ``part`` what can be resumed stays.
        """
        deadline = self.clock.monotonic() + self.limits.total
        attempt = 1
        if silent := self._silent.get(host_of(wanted.address)):
            raise silent
        while True:
            try:
                return self._attempt(wanted, part, deadline, attempt)
            except FetchFailed as failure:
                if not failure.may_pass or failure.status in wanted.final:
                    drop(part)
                    raise
                pause = pause_before(attempt + 1, failure.retry_after, self.chance())
                most = UNREACHABLE_ATTEMPTS if failure.kind == "unreachable" else self.limits.attempts
                if attempt >= most and failure.kind == "unreachable":
                    self._silent[host_of(wanted.address)] = failure
                if attempt >= most or self.clock.monotonic() + pause >= deadline:
                    raise _after(failure, attempt) from failure
            self.clock.sleep(pause)
            attempt += 1

    def _attempt(self, wanted: Wanted, part: Path, deadline: float, attempt: int) -> Transferred | None:
        have = held(part, wanted.address)
        with told_as_ours(wanted.address):
            response, address, moved_to = self._open(wanted, resuming(have) if have else wanted.conditions, deadline)
            try:
                if response.status == 304 and not have and wanted.conditions:
                    return None
                self._receive(wanted, response, part, have, deadline)
            finally:
                response.close()
        return self._whole(wanted, part, response.headers, address, moved_to, attempt)

    def _open(
        self, wanted: Wanted, headers: Mapping[str, str], deadline: float
    ) -> tuple[urllib3.BaseHTTPResponse, str, str | None]:
        """The answer of the last address that redirects lead to; the first one that moved for good is told.

        Raises:
            FetchFailed: a redirect that is not followed.
        """
        address, moved_to = wanted.address, None
        for _ in range(MAX_REDIRECTS + 1):
            response = self._ask(
                address, {**_ALWAYS, "Accept": ", ".join(wanted.accepted), **headers}, wanted, deadline
            )
            if response.status not in _REDIRECTS:
                return response, address, moved_to
            response.close()
            target = redirected(address, response.headers.get("Location", ""))
            if problem := redirect_objection(wanted.address, target, wanted.redirect_hosts):
                raise FetchFailed("refused", f"{wanted.address} {problem}")
            if response.status in _FOR_GOOD and moved_to is None and address == wanted.address:
                moved_to = target
            address = target
        raise FetchFailed("refused", f"{wanted.address} redirects more than {MAX_REDIRECTS} times")

    def _ask(
        self, address: str, headers: Mapping[str, str], wanted: Wanted, deadline: float
    ) -> urllib3.BaseHTTPResponse:
        if problem := objection(address):
            raise FetchFailed("refused", f"{address}: {problem}")
        self._wait_for_turn(host_of(address), wanted.per_minute, deadline)
        left = max(0.1, deadline - self.clock.monotonic())
        return self._pool(address).request(
            "GET",
            address,
            headers=headers,
            preload_content=False,
            decode_content=False,
            redirect=False,
            retries=False,
            timeout=urllib3.Timeout(connect=min(self.limits.connect, left), read=min(self.limits.read, left)),
        )

    def _wait_for_turn(self, host: str, per_minute: int, deadline: float) -> None:
        asked = self._asked[host]
        wait = wait_for_turn(asked, self.clock.monotonic(), per_minute)
        if self.clock.monotonic() + wait >= deadline:
            raise FetchFailed("slow", f"{host} takes {per_minute} requests a minute: there was no time left to ask")
        if wait:
            self.clock.sleep(wait)
        asked.append(self.clock.monotonic())
        del asked[:-600]

    def _pool(self, address: str) -> urllib3.PoolManager:
        """Connections to an address, through the proxy that the environment names (``https_proxy``, ``no_proxy``)."""
        parts = urlsplit(address)
        proxy = None if parts.scheme == "http" or proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)
        if proxy not in self._pools:
            self._pools[proxy] = urllib3.ProxyManager(proxy) if proxy else urllib3.PoolManager()
        return self._pools[proxy]

    def _receive(
        self, wanted: Wanted, response: urllib3.BaseHTTPResponse, part: Path, have: Partial | None, deadline: float
    ) -> None:
        """Write the body to ``part``: from its beginning, or after what is there.

        Raises:
            FetchFailed: the answer is none, or does not fit what is there.
        """
        start, total = 0, 0
        if response.status == 206 and have:
            told = total_if_continued(have, response.headers)
            if told is None:
                drop(part)
                raise FetchFailed("cut", f"{wanted.address} went on with another version; begun again")
            start, total = have.bytes, told
        elif response.status == 200:
            check_media_type(response.headers.get("Content-Type"), wanted.accepted, wanted.address)
            begin(part, of_headers(wanted.address, response.headers))
        else:
            if response.status == 416:
                drop(part)
            asked = retry_after(response.headers.get("Retry-After"), self.clock.now())
            raise refusal(response.status, wanted.address, asked)
        check_size(start + (response.length_remaining or 0), 0, wanted.max_bytes, wanted.address)
        with part.open("ab") as stream:
            self._pour(wanted, response, stream.write, start, deadline)
        if part.stat().st_size < total:
            raise FetchFailed(
                "cut", f"the transfer of {wanted.address} ended {total - part.stat().st_size} bytes early"
            )

    def _pour(
        self,
        wanted: Wanted,
        response: urllib3.BaseHTTPResponse,
        write: Callable[[bytes], object],
        received: int,
        deadline: float,
    ) -> None:
        pace = Pace(self.clock.monotonic(), received)
        while chunk := response.read1(CHUNK_BYTES, decode_content=False):
            write(chunk)
            received += len(chunk)
            check_size(received, 0, wanted.max_bytes, wanted.address)
            now = self.clock.monotonic()
            if (kept_up := pace.after(now, received, self.limits)) is None:
                raise FetchFailed("slow", f"{wanted.address} drips: {received} bytes so far")
            pace = kept_up
            if now >= deadline:
                raise FetchFailed("slow", f"{wanted.address} was not whole after {self.limits.total:.0f} s")

    def _whole(
        self,
        wanted: Wanted,
        part: Path,
        headers: Mapping[str, str],
        address: str,
        moved_to: str | None,
        attempt: int,
    ) -> Transferred:
        """Check what is there now, as it was published: a compression of the transfer alone is taken off."""
        told = noted(part) or of_headers(wanted.address, headers)
        if told.encoding and told.encoding.lower() != "identity":
            _take_off(told.encoding, part, wanted)
        size = part.stat().st_size
        check_size(size, wanted.min_bytes, wanted.max_bytes, wanted.address)
        check_content(part, wanted.address, wanted.form)
        whole = finish(part)
        return Transferred(
            path=whole,
            sha256=sha256_file(whole),
            bytes=size,
            name=file_name(address, headers.get("Content-Disposition")),
            final_address=address,
            etag=told.etag,
            last_modified=told.last_modified,
            moved_to=moved_to,
            attempts=attempt,
        )


def _take_off(encoding: str, part: Path, wanted: Wanted) -> None:
    """Inflate what a server compressed although we asked it not to.

    Raises:
        FetchFailed: it is not what it says, or something that we never asked for.
    """
    if encoding.lower() not in ("gzip", "x-gzip"):
        raise FetchFailed("refused", f"{wanted.address} gave it compressed ({encoding}), which was not asked for")
    inflated = part.with_suffix(".inflated")
    try:
        inflate(part, inflated, wanted.max_bytes, wanted.address)
        inflated.replace(part)
    finally:
        inflated.unlink(missing_ok=True)


def _after(failure: FetchFailed, attempts: int) -> FetchFailed:
    """What is told once no more attempts are made."""
    times = f" ({attempts} attempts)" if attempts > 1 else ""
    return FetchFailed(
        failure.kind, f"{failure.sentence}{times}", retry_after=failure.retry_after, status=failure.status
    )
