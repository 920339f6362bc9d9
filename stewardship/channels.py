"""Where messages go: channel addresses in the form of Apprise (``mailtos://…``), which never hold a secret themselves.

A secret is named, ``${SLACK_TOKEN}``, and stands in the environment of the service. Whether a literal text is a secret
cannot be known: what services keep secrets in is refused unless it is such a name.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlsplit

_NAMED = re.compile(r"\$\{[A-Z][A-Z0-9_]*\}")
_HOST = re.compile(r"(localhost|\[[0-9a-fA-F:]+\]|[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+)(:\d+)?")
_ONE_LABEL = re.compile(r"[A-Za-z0-9-]+")
#: Schemes whose host and path are an address. Elsewhere (slack://, tgram://) services keep tokens there.
_ADDRESSES = frozenset({"mailto", "mailtos", "json", "jsons", "xml", "xmls", "form", "forms", "syslog"})
#: Queries that say who and how, never with which secret.
_PLAIN_QUERIES = frozenset(
    {"to", "from", "cc", "bcc", "reply", "name", "subject", "format", "mode", "smtp", "user", "method", "verify"}
)
_LONG_SECRET = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9_+=-]{16,}")
_REMEDY = "name it in the environment and write ${NAME}"


def channel_fault(channel: str) -> str | None:
    """What is wrong with a channel's address, in words that do not repeat it; None when it may stand in a file."""
    if re.search(r"[\s\x00-\x1f\x7f]", channel):
        return "an address without white space was expected"
    if "$" in _NAMED.sub("", channel):
        return "a name of the environment was expected as ${NAME}, in capitals"
    if re.fullmatch(_NAMED, channel):
        return None
    try:
        parts = urlsplit(channel)
    except ValueError:
        parts = None
    if parts is None or not parts.scheme or not (parts.netloc or parts.path.strip("/")) or "://" not in channel:
        return "an address such as mailtos://${SMTP_USER}:${SMTP_PASSWORD}@smtp.example.org was expected"
    user, _, host = parts.netloc.rpartition("@")
    return next(
        (
            fault
            for fault in (
                _of_user(user, parts.scheme),
                _of_host(host, parts.scheme, parts.path + parts.fragment),
                _of_path(parts.path, parts.scheme),
                _of_queries(parts.query),
                _of_fragment(parts.fragment),
            )
            if fault
        ),
        None,
    )


def _of_user(user: str, scheme: str) -> str | None:
    """The name may be read by anyone where it is an address; the password, or a token in the name's place, may not."""
    name, colon, password = unquote(user).partition(":")
    if colon and not _is_named(password):
        return f"a password stands in the address: {_REMEDY}"
    if name and scheme.lower() not in _ADDRESSES and not _is_named(name):
        return f"a token stands before @: {_REMEDY}"
    return f"a token stands before @: {_REMEDY}" if _LONG_SECRET.fullmatch(name) else None


def _of_host(host: str, scheme: str, rest: str) -> str | None:
    """A password with / or # in it parts the address elsewhere than its author meant."""
    if _HOST.fullmatch(host):
        is_parted = ":" in host and "@" in rest
    else:
        is_place = scheme.lower() in _ADDRESSES and _ONE_LABEL.fullmatch(host)
        is_parted = not (is_place or not host or _is_named(host))
    return f"a token or a password stands in the address: {_REMEDY}" if is_parted else None


def _of_path(path: str, scheme: str) -> str | None:
    places = [unquote(place) for place in path.split("/") if place]
    if scheme.lower() in _ADDRESSES:
        is_secret = any(_LONG_SECRET.fullmatch(place) for place in places)
    else:
        is_secret = any(not _is_named(place) and place[0] not in "#@" for place in places)
    return f"a token stands in the address: {_REMEDY}" if is_secret else None


def _of_queries(query: str) -> str | None:
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name.lower() not in _PLAIN_QUERIES and not _is_named(value):
            return f"the value of {name!r} may be a secret: {_REMEDY}"
    return None


def _of_fragment(fragment: str) -> str | None:
    """What follows # names a room in some services."""
    return f"a token stands after #: {_REMEDY}" if _LONG_SECRET.fullmatch(unquote(fragment)) else None


def _is_named(text: str) -> bool:
    """Whether a text is made of names of the environment alone."""
    return bool(_NAMED.search(text)) and not _NAMED.sub("", text)
