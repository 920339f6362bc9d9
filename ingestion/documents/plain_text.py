"""Plain text: the decoded bytes themselves, cut into lines at line feeds and into blocks at blank lines.

Nothing is changed, not even a carriage return, because reviewed extracts count characters in it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from ingestion.documents.forms import wide_codec
from ingestion.documents.limits import LIMITS, Limits
from ingestion.documents.model import Block, BlockKind, Document, Line
from ingestion.documents.refusal import Refusal

#: Marks that open an item of a list, as printed or as left by a symbol font.
BULLET = re.compile("[•▪■◦●○‣▶►→➔➢✓✔\uf0a7-\uf0fc]|[-–—*](?=[ \t\u00a0])")
_SAVE_FR = "L’enregistrer en UTF-8 (« Enregistrer sous… », codage UTF-8), puis le déposer à nouveau"
_NARROW = {"Windows-1252": "cp1252", "Mac OS Roman": "mac_roman", "DOS (code page 850)": "cp850"}
_FRENCH = dict.fromkeys("âëîïôùûüœÀÂÇÉÈÊÎÔŒ«»“”…–—°€\u00a0", 1) | dict.fromkeys("éèàêç’", 3)


def read_text(content: bytes, name: str, limits: Limits = LIMITS) -> Document:
    """A text in UTF-8, with or without a byte order mark, as a document of one page-less text.

    Raises:
        InputError: it is in another encoding (the message names the likely one), empty or too long.
    """
    try:
        return as_document(_decoded(content), limits)
    except Refusal as refusal:
        raise refusal.about(name) from refusal


def read_text_file(path: Path, limits: Limits) -> Document:
    """The same from a file, whose size is looked at first.

    Raises:
        Refusal: as above, or it is larger than the limit.
    """
    refuse_size(path.stat().st_size, limits.text_bytes, "un texte")
    return as_document(_decoded(path.read_bytes()), limits)


def refuse_size(size: int, limit: int, what: str) -> None:
    """Raises Refusal for a file that is larger than its form may be."""
    if size > limit:
        raise Refusal(
            f"{what} d’au plus {limit >> 20} Mio était attendu, le fichier en fait {size / (1 << 20):.0f}".replace(
                ".", ","
            )
            + " ; il n’a pas été lu",
            "Vérifier que c’est le bon fichier ; déposer un rapport très long en plusieurs parties",
        )


def as_document(text: str, limits: Limits) -> Document:
    """A text as a document."""
    if not text.strip():
        raise Refusal("le fichier est vide", "Le déposer à nouveau, entier")
    if len(text) > limits.characters:
        raise Refusal(
            f"le texte dépasse {limits.characters} caractères",
            "Vérifier que c’est le bon fichier ; déposer un rapport très long en plusieurs parties",
        )
    lines = tuple(_lines(text))
    return Document(form="text", text=text, lines=lines, blocks=tuple(_blocks(text, lines)))


def _lines(text: str) -> Iterator[Line]:
    start = 0
    for number, line in enumerate(text.split("\n"), start=1):
        yield Line(start, start + len(line), number)
        start += len(line) + 1


def _blocks(text: str, lines: tuple[Line, ...]) -> Iterator[Block]:
    held: list[Line] = []
    kind: BlockKind = "paragraph"
    for line in lines:
        words = text[line.start : line.end].strip()
        opens_item = BULLET.match(words) is not None
        if held and (not words or opens_item):
            yield Block(held[0].start, held[-1].end, kind)
            held = []
        if words:
            kind = kind if held else ("list_item" if opens_item else "paragraph")
            held.append(line)
    if held:
        yield Block(held[0].start, held[-1].end, kind)


def _decoded(content: bytes) -> str:
    if wide := wide_codec(content[:512]):
        raise Refusal(f"un texte en UTF-8 était attendu, celui-ci semble être en {wide[:6].upper()}", _SAVE_FR)
    try:
        return content.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Refusal(
            f"un texte en UTF-8 était attendu ; l’octet {content[error.start]:#04x} n’y a pas sa place, "
            f"et le texte semble être en {likely_encoding(content)}",
            _SAVE_FR,
            line,
        ) from error


def likely_encoding(content: bytes) -> str:
    """The encoding of one byte a character in which most bytes beyond ASCII are what French uses most."""
    strange = bytes(byte for byte in content[: 1 << 20] if byte > 127)
    return max(_NARROW, key=lambda label: sum(_FRENCH.get(c, 0) for c in strange.decode(_NARROW[label], "replace")))
