"""What answers and errors mean: which are no data, which may pass, and which go on where a transfer broke off."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from ingestion.fetching.addresses import host_of
from ingestion.fetching.failures import FetchFailed, Kind
from ingestion.fetching.partial import Partial

#: 500 is a fault that may be mended in a moment; the others of its kind say so themselves.
_PASSING = frozenset({408, 416, 429, 500, 502, 503, 504})
_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")


def resuming(have: Partial) -> dict[str, str]:
    """Headers that ask for the rest of a version, or for all of another one."""
    return {"Range": f"bytes={have.bytes}-", "If-Range": have.validator or ""}


def total_if_continued(have: Partial, headers: Mapping[str, str]) -> int | None:
    """Size of the whole file, 0 where it is not told; None when a rest does not begin where we are, or is of another
    version: then all must come again."""
    found = _RANGE.fullmatch(headers.get("Content-Range", "").strip())
    if found is None or int(found[1]) != have.bytes:
        return None
    same = (("ETag", have.etag), ("Last-Modified", have.last_modified), ("Content-Encoding", have.encoding))
    if any(headers.get(name) not in (None, value) for name, value in same):
        return None
    return 0 if found[3] == "*" else int(found[3])


def refusal(status: int, address: str, asked: float | None) -> FetchFailed:
    """What a status that brings no data means."""
    kind: Kind
    wait = f", and asks for {asked:.0f} s" if asked else ""
    if status in (429, 503):
        told, kind = f"{address} is busy (HTTP {status}{wait})", "busy"
    elif status in (404, 410):
        told, kind = f"{address} is not there (HTTP {status}): its landing page may tell the new address", "missing"
    elif status in (401, 403, 407, 451):
        told, kind = f"{address} is not given to us (HTTP {status})", "forbidden"
    elif status == 416:
        told, kind = f"{address} has shrunk since its transfer broke off; begun again", "cut"
    else:
        told, kind = f"{address} answers HTTP {status}", "failed"
    may_pass = status in _PASSING
    return FetchFailed(kind, told, retry_after=asked, status=status, may_pass=may_pass)


@contextmanager
def told_as_ours(address: str) -> Iterator[None]:
    """Turn the library's errors into ours. A disk that is full is none of them."""
    host = host_of(address)
    try:
        yield
    except (NameResolutionError, NewConnectionError, ConnectTimeoutError, ProxyError) as error:
        raise FetchFailed("unreachable", f"no network, or {host} does not answer: {_short(error)}") from error
    except SSLError as error:
        raise FetchFailed("refused", f"{host} cannot prove who it is: {_short(error)}") from error
    except (ReadTimeoutError, ProtocolError) as error:
        raise FetchFailed("cut", f"the transfer of {address} broke off: {_short(error)}") from error
    except HTTPError as error:
        raise FetchFailed("failed", f"{address}: {_short(error)}", may_pass=False) from error


def _short(error: Exception) -> str:
    """The innermost reason, without the library's names for its objects."""
    inner: BaseException = error
    while isinstance(cause := getattr(inner, "reason", None) or inner.__cause__, BaseException):
        inner = cause
    return re.sub(r"^.*?>?: (?=[A-Z])", "", " ".join(str(inner).split()))[:160] or type(inner).__name__
