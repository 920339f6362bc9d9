"""The observations of an INSEE Melodi dataset, page by page, kept as they came: one page a line (ndjson).

What the recordings of January 2026 show: a count is asked with ``totalCount=TRUE&maxResult=0``, a page gives 100,000
observations at most, an unknown dataset is answered with HTTP 500 and a French sentence as plain text.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from ingestion.fetching.contract import InseeMelodi
from ingestion.fetching.failures import FetchFailed
from ingestion.fetching.portals import Ask, in_catalogue, mapping, unknown_to_melodi


def write_observations(source: InseeMelodi, ask: Ask, target: Path) -> str:
    """Write every page that the filters let through; returns the name of the file.

    Raises:
        FetchFailed: no such dataset, nothing found, too many pages, or another number than was announced: it changed
            while it was read.
    """
    count = _announced(source, ask)
    pages = math.ceil(count / source.page_size)
    if pages > source.max_pages:
        raise FetchFailed(
            "refused",
            f"{source.dataset} gives {count} observations, {pages} pages; {source.max_pages} are allowed (max_pages)",
        )
    read = 0
    with target.open("w", encoding="ascii") as stream:
        for number in range(1, pages + 1):
            page = _page(source, ask, {"maxResult": str(source.page_size), "page": str(number)})
            read += len(page["observations"])
            stream.write(json.dumps(page, separators=(",", ":")) + "\n")
    if read != count:
        raise FetchFailed("cut", f"{source.dataset} announced {count} observations and gave {read}: ask again")
    return f"{source.dataset}.ndjson"


def address_of(source: InseeMelodi, **asked: str) -> str:
    """The address of a question; filters in the order of the contract."""
    query = urlencode({**(source.filters or {}), **asked})
    return f"{source.base}/data/{source.dataset}" + (f"?{query}" if query else "")


def _announced(source: InseeMelodi, ask: Ask) -> int:
    try:
        told = _page(source, ask, {"totalCount": "TRUE", "maxResult": "0"})
    except FetchFailed as failure:
        if failure.status == 500 and in_catalogue(source, ask) is None:
            raise unknown_to_melodi(source) from failure
        raise
    count = mapping(told.get("paging")).get("count")
    if not isinstance(count, int) or count < 1:
        raise FetchFailed("refused", f"{source.dataset} has no observation for {dict(source.filters or {})}")
    return count


def _page(source: InseeMelodi, ask: Ask, asked: Mapping[str, str]) -> dict[str, Any]:
    page = ask(address_of(source, **asked))
    if not isinstance(page, dict) or not isinstance(page.get("observations"), list):
        raise FetchFailed("failed", f"{source.dataset}: observations were expected, the answer has none")
    return page
