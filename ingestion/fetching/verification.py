"""Whether what came is the data: media type, size, and what the bytes look like. An error page is never data."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from ingestion.fetching.failures import FetchFailed

HEAD_BYTES = 64 << 10
_BOM = b"\xef\xbb\xbf"
#: Error pages begin with a doctype, or straight with a tag, after white space, comments and an XML declaration.
_HTML = re.compile(
    rb"\A(?:\s|<\?xml[^>]*\?>|<!--.*?-->)*<(?:!doctype\s+html|html|head|body|meta|title|script|div|h1|p)\b",
    re.IGNORECASE | re.DOTALL,
)
_MAGIC = {
    "zip": (b"PK\x03\x04",),
    "gzip": (b"\x1f\x8b",),
    "parquet": (b"PAR1",),
}


def check_media_type(told: str | None, accepted: Sequence[str], address: str) -> None:
    """Refuse a type that is not accepted; a server that tells none is judged by its bytes.

    Raises:
        FetchFailed: another type came.
    """
    kind = (told or "").partition(";")[0].strip().lower()
    if not kind:
        return
    if kind in ("text/html", "application/xhtml+xml"):
        raise FetchFailed("refused", f"{address} gave an HTML page instead of data: an error, a login or a notice")
    if not any(fnmatchcase(kind, pattern) for pattern in accepted):
        expected = ", ".join([*accepted[:3], *(["…"] if len(accepted) > 3 else [])])
        raise FetchFailed("refused", f"{address} gave {kind}; expected {expected} (media_types)")


def check_size(size: int, least: int, most: int, address: str) -> None:
    """Refuse what is too small to be the file, or larger than it may be.

    Raises:
        FetchFailed: it is.
    """
    if size < least:
        raise FetchFailed("refused", f"{address} gave {size} bytes; at least {least} were expected (min_bytes)")
    if size > most:
        raise FetchFailed("refused", f"{address} gives more than {most} bytes (max_bytes)")


def check_content(path: Path, address: str, form: str | None = None) -> None:
    """Refuse a page where data were expected, whatever its media type; and another form than ``form``.

    Raises:
        FetchFailed: it is.
    """
    with path.open("rb") as stream:
        first = stream.read(HEAD_BYTES).removeprefix(_BOM)
    if not first.strip():
        raise FetchFailed("refused", f"{address} gave nothing but blanks")
    if _HTML.match(first):
        raise FetchFailed("refused", f"{address} gave an HTML page under another type: an error, a login or a notice")
    if form in _MAGIC and not first.startswith(_MAGIC[form]):
        raise FetchFailed("refused", f"{address} gave no {form}: it begins with {first[:16]!r}")


def check_integrity(path: Path, integrity: str, address: str) -> None:
    """Compare a file with the hash that its publisher announces, as ``sha512-<base64>`` (W3C Subresource Integrity).

    Raises:
        FetchFailed: another hash, or one that we cannot compute.
    """
    name, _, told = integrity.strip().split(" ")[0].partition("-")
    if name not in ("sha256", "sha384", "sha512"):
        raise FetchFailed("refused", f"{address}: its publisher announces a hash that says too little ({name})")
    with path.open("rb") as stream:
        found = base64.b64encode(hashlib.file_digest(stream, name).digest()).decode()
    if found != told:
        raise FetchFailed("refused", f"{address}: the bytes that came are not those that its publisher announces")
