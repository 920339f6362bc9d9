"""From a contract to what is to be transferred: stable links, catalogues, registries. Only their answers are read here.

A catalogue names files, never hosts: every address is built from the contract's own, so that no answer of a server
leads us elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import singledispatch
from typing import Any
from urllib.parse import quote, urlencode

from ingestion.fetching.addresses import host_of
from ingestion.fetching.contract import (
    ARCHIVE_TYPES,
    DatagouvResource,
    InseeMelodi,
    NpmPackage,
    OpendatasoftAttachment,
    OpendatasoftExport,
    Unpack,
    Url,
)
from ingestion.fetching.failures import FetchFailed

#: The JSON that an address gives.
Ask = Callable[[str], Any]


@dataclass(frozen=True)
class Located:
    """One file to transfer. ``revision`` says which version its catalogue has, where it does; ``integrity`` its hash;
    ``unpack`` and ``member`` what of it is the data (of a zip or gzip, of a tar)."""

    address: str
    accepted: tuple[str, ...]
    revision: str | None = None
    integrity: str | None = None
    unpack: Unpack | None = None
    member: str | None = None


@singledispatch
def locate(source: Any, ask: Ask) -> Located:
    """What to transfer of a source; asks its catalogue, where it has one.

    Raises:
        FetchFailed: the catalogue does not know it, or does not say what was expected.
    """
    raise NotImplementedError(f"{type(source).__name__} {ask}")


@locate.register
def _(source: Url, _ask: Ask) -> Located:
    return Located(source.address, source.media_types, unpack=source.unpack)


@locate.register
def _(source: DatagouvResource, _ask: Ask) -> Located:
    return Located(source.asks, source.media_types, unpack=source.unpack)


@locate.register
def _(source: OpendatasoftExport, ask: Ask) -> Located:
    base, told = _first_known([source.catalogued(name) for name in source.datasets], ask)
    if told.get("has_records") is False:
        raise FetchFailed("refused", f"{base} has no records, only attachments: use opendatasoft_attachment")
    dates = mapping(mapping(told.get("metas")).get("default"))
    revision = dates.get("data_processed") or dates.get("modified")
    # Without it the portal gives labels, which are reworded more often than names.
    query = urlencode({"limit": "-1", "use_labels": "false", **source.parameters})
    address = f"{base}/exports/{source.form}?{query}"
    return Located(address, source.media_types, _text(revision), unpack=source.unpack)


@locate.register
def _(source: OpendatasoftAttachment, ask: Ask) -> Located:
    asked = [f"{source.catalogued(name)}/attachments" for name in source.datasets]
    base, told = _first_known(asked, ask)
    names = [name for one in _list(told.get("attachments")) if (name := _attached(mapping(one)))]
    name = next((name for name in source.attachments if name in names), None)
    if name is None:
        raise FetchFailed("missing", f"{base} has {_told(names)}; none of {_told(source.attachments)} is among them")
    return Located(f"{base}/{quote(name)}", source.media_types, unpack=source.unpack)


@locate.register
def _(source: InseeMelodi, ask: Ask) -> Located:
    """The CSV product: its file is called after its vintage for some datasets, so the catalogue must tell it."""
    found = in_catalogue(source, ask)
    if found is None:
        raise unknown_to_melodi(source)
    products = [mapping(product) for product in _list(found.get("product"))]
    tables = [p for p in products if p.get("format") == "CSV" and str(p.get("accessURL", "")).startswith(source.base)]
    if not tables:
        raise FetchFailed("missing", f"the catalogue of {source.base} has no CSV of {source.dataset}: give filters")
    newest = max(tables, key=lambda product: str(product.get("modified")))
    revision = f"{newest.get('id')} {newest.get('modified')}"
    unpack = source.unpack or Unpack(form="zip", member="*_data.csv")
    return Located(str(newest["accessURL"]), (*ARCHIVE_TYPES, "text/csv"), revision, unpack=unpack)


@locate.register
def _(source: NpmPackage, ask: Ask) -> Located:
    told = ask(source.asks)
    published = mapping(mapping(told).get("dist"))
    tarball, integrity = _text(published.get("tarball")), _text(published.get("integrity"))
    if tarball is None or integrity is None:
        raise FetchFailed("failed", f"{source.registry} does not say where {source.package} is, or what its hash is")
    if host_of(tarball) not in {host_of(source.registry), *source.redirect_hosts}:
        raise FetchFailed(
            "refused", f"{source.package} is kept by {host_of(tarball)}, which the contract does not name"
        )
    types = (*source.media_types, "application/x-tgz", "application/x-tar", "application/x-compressed-tar")
    member = f"package/{source.member}"
    return Located(tarball, types, f"{told.get('version')} {integrity}", integrity, source.unpack, member)


def in_catalogue(source: InseeMelodi, ask: Ask) -> dict[str, Any] | None:
    """What Melodi's catalogue says of a dataset; None when it does not list it."""
    entries = ask(f"{source.base}/catalog/all")
    if not isinstance(entries, list):
        raise FetchFailed("failed", f"{source.base}/catalog/all gives no list")
    return next((e for e in map(mapping, entries) if e.get("identifier") == source.dataset), None)


def unknown_to_melodi(source: InseeMelodi) -> FetchFailed:
    """What is told of a dataset that the catalogue does not list."""
    return FetchFailed("missing", f"the catalogue of {source.base} has no dataset {source.dataset}")


def _attached(one: dict[str, Any]) -> str | None:
    """The name of an attachment: told, or the end of its address; the rest of that address is of no interest."""
    told, address = mapping(one.get("metas")).get("id"), _text(one.get("href"))
    return _text(told) or (address.rstrip("/").rpartition("/")[2] if address else None)


def _first_known(addresses: Sequence[str], ask: Ask) -> tuple[str, dict[str, Any]]:
    """The first address that is there, and what it says: portals rename their datasets."""
    for address in addresses[:-1]:
        try:
            return address, mapping(ask(address))
        except FetchFailed as failure:
            if failure.kind != "missing":
                raise
    return addresses[-1], mapping(ask(addresses[-1]))


def mapping(value: Any) -> dict[str, Any]:
    """A JSON object; an empty one where something else stands."""
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _told(names: Sequence[str]) -> str:
    return ", ".join(names[:10]) or "nothing"
