"""The zip that a DOCX or an ODT is: opened with suspicion, its XML parts parsed without entities or network.

Nothing a zip says of itself is believed: its parts are inflated up to the limits before any is parsed.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, TypeAlias

from lxml import etree

from ingestion.documents.limits import Limits
from ingestion.documents.refusal import Refusal

#: An element of lxml, which declares no types.
Element: TypeAlias = Any

_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)
_AGAIN_FR = "L’ouvrir dans le logiciel qui l’a écrit, l’enregistrer à nouveau et le déposer entier"
_SUSPECT_FR = (
    "Vérifier d’où vient ce fichier ; s’il est sûr, l’ouvrir dans le logiciel qui l’a écrit, l’enregistrer à nouveau "
    "et le déposer"
)
_ENCRYPTED = 0x1
_CHUNK = 1 << 20


class Package:
    """The XML parts of a document by name. Pictures and other parts are checked and left alone."""

    def __init__(self, content: bytes, limits: Limits) -> None:
        """Raises Refusal: not a readable zip, encrypted, with parts of odd names, or inflating beyond the limits."""
        self._limits = limits
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                members = [member for member in archive.infolist() if not member.is_dir()]
                _refuse_names(members, limits)
                _refuse_declared(members, limits)
                self._parts = dict(_inflated(archive, members, limits))
        except _BROKEN as error:
            raise Refusal("le document est tronqué ou abîmé : son archive zip ne se lit pas", _AGAIN_FR) from error

    def __contains__(self, part: str) -> bool:
        return part in self._parts

    def xml(self, part: str) -> Element | None:
        """The root of a part; None where there is no such part.

        Raises:
            Refusal: it is no XML, or declares entities, which no word processor does.
        """
        if part not in self._parts:
            return None
        # The parser keeps a reference to an entity as it is, fetches nothing, and keeps libxml2's limits on depth.
        parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True)
        try:
            root = etree.fromstring(self._parts[part], parser)
        except etree.XMLSyntaxError as error:
            raise Refusal(f"le document est abîmé : sa partie {part} n’est pas du XML lisible", _AGAIN_FR) from error
        declared = root.getroottree().docinfo.internalDTD
        if declared is not None and next(declared.iterentities(), None) is not None:
            raise Refusal(
                f"le document a été refusé : sa partie {part} déclare des entités XML, "
                "ce qu’aucun traitement de texte ne fait",
                _SUSPECT_FR,
            )
        return root

    def names(self) -> list[str]:
        """The names of the XML parts."""
        return list(self._parts)


def _refuse_names(members: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(members) > limits.parts:
        raise Refusal(f"le document a {len(members)} parties, {limits.parts} au plus sont admises", _AGAIN_FR)
    seen: set[str] = set()
    for member in members:
        path = PurePosixPath(member.filename)
        if path.is_absolute() or ".." in path.parts or "\\" in member.filename or member.filename in seen:
            raise Refusal(
                "le document a été refusé : son archive contient des chemins piégés ou deux fois la même partie",
                _SUSPECT_FR,
            )
        seen.add(member.filename)
        if member.flag_bits & _ENCRYPTED:
            raise Refusal(
                "le document est protégé par un mot de passe", "L’enregistrer sans mot de passe et le déposer à nouveau"
            )


def _refuse_declared(members: list[zipfile.ZipInfo], limits: Limits) -> None:
    if sum(member.file_size for member in members) > limits.inflated_bytes:
        raise _too_large(limits.inflated_bytes)


def _inflated(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], limits: Limits) -> Iterator[tuple[str, bytes]]:
    """The XML parts; every other part is inflated too, and thrown away, so that all count against the limit."""
    left = limits.inflated_bytes
    for member in members:
        is_xml = member.filename.endswith((".xml", ".rels"))
        held: list[bytes] = []
        size = 0
        with archive.open(member) as stream:
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                if size > left or (is_xml and size > limits.part_bytes):
                    raise _too_large(limits.part_bytes if size <= left else limits.inflated_bytes)
                if is_xml:
                    held.append(chunk)
        left -= size
        if is_xml:
            yield member.filename, b"".join(held)


def _too_large(limit: int) -> Refusal:
    return Refusal(
        f"le document a été refusé : une fois décompressé, son contenu dépasse {limit >> 20} Mio",
        "Vérifier d’où vient ce fichier ; réduire ses images, ou le déposer en PDF",
    )
