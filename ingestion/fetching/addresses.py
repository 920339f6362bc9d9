"""Which addresses may be asked at all, which redirects are followed, and what a file that comes is called."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from contextlib import suppress
from email.message import Message
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from ingestion.landing import safe_name

#: Portals redirect once or twice (stable link, then dated file, then storage).
MAX_REDIRECTS = 5
_UNPRINTABLE = re.compile(r"[^\x21-\x7e]")


def objection(address: str) -> str | None:
    """Why an address must not be asked, or None.

    https only, so that nobody on the way can read or change what comes; http to this very machine is for tests. No
    user name or password: contracts are public.
    """
    if _UNPRINTABLE.search(address):
        return "an address in printable ASCII was expected (encode the rest in percents)"
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError as error:
        return f"no address: {error}"
    if not parts.hostname:
        return "an address with a host was expected"
    if parts.username is not None or parts.password is not None:
        return "an address without a user name or a password was expected"
    if parts.scheme != "https" and not _is_plain_loopback(parts):
        return f"https was expected, {parts.scheme or 'none'} found"
    return None


def host_of(address: str) -> str:
    """The host of an address, in small letters; empty where it has none, or is none."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def redirect_objection(asked: str, target: str, hosts: Collection[str]) -> str | None:
    """Why a redirect from one address to another is not followed, or None; ``hosts`` are those that a contract names.

    A host that the contract does not name is a login page, a parking page or somebody else's, until a person says
    that it is not.
    """
    if host_of(target) not in {host_of(asked), *hosts}:
        return f"redirected to {host_of(target) or target}, a host that the contract does not name (redirect_hosts)"
    if problem := objection(target):
        return f"redirected to {target}: {problem}"
    if urlsplit(asked).scheme == "https" and urlsplit(target).scheme != "https":
        return f"redirected from https to {target}"
    return None


def redirected(asked: str, location: str) -> str:
    """Where a ``Location`` leads from an address; servers send it in raw UTF-8, read as Latin-1, now and then."""
    encoded = _UNPRINTABLE.sub(
        lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode("latin-1", "ignore")), location
    )
    try:
        return urljoin(asked, encoded)
    except ValueError:
        return encoded


def file_name(address: str, disposition: str | None) -> str:
    """What the file is called: as the server says, else as its address ends."""
    told = None
    if disposition:
        message = Message()
        message["content-disposition"] = disposition
        with suppress(LookupError, ValueError):
            told = message.get_filename()
    last = unquote(urlsplit(address).path.rstrip("/").rpartition("/")[2])
    return safe_name(told or last)


def _is_plain_loopback(parts: SplitResult) -> bool:
    if parts.scheme != "http":
        return False
    if parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
