"""OpenDocument texts (.odt): headings, paragraphs, items of lists, tables, frames and notes, in document order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ingestion.documents.composing import Piece, compose, piece_of, raised, table_of
from ingestion.documents.limits import Limits
from ingestion.documents.model import BlockKind, Document
from ingestion.documents.packages import Element, Package
from ingestion.documents.refusal import Refusal

_NS = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
OFFICE, TEXT, TABLE, DRAW, STYLE = (_NS % name for name in ("office", "text", "table", "drawing", "style"))
_DC_TITLE = "{http://purl.org/dc/elements/1.1/}title"
#: Struck out, remarks of readers, declarations.
_SKIPPED = frozenset(
    {
        f"{TEXT}{tag}"
        for tag in ("tracked-changes", "sequence-decls", "user-field-decls", "variable-decls", "note-citation")
    }
    | {f"{OFFICE}annotation", f"{OFFICE}annotation-end", f"{OFFICE}forms"}
)
_CHARACTERS = {f"{TEXT}tab": "\t", f"{TEXT}line-break": "\n", f"{TEXT}s": " "}


@dataclass
class _Aside:
    """What is met inside a paragraph and stands elsewhere: frames after it, notes after the text."""

    frames: list[Element] = field(default_factory=list)
    notes: list[Element] = field(default_factory=list)


def read_opendocument(content: bytes, limits: Limits) -> Document:
    """An OpenDocument text.

    Raises:
        Refusal: it is damaged, encrypted, hostile, too large, no text document, or has no text.
    """
    package = Package(content, limits)
    _refuse_encrypted(package)
    root = package.xml("content.xml")
    body = root.find(f"{OFFICE}body/{OFFICE}text") if root is not None else None
    if root is None or body is None:
        raise Refusal(
            "un document OpenDocument de texte était attendu, son texte principal manque",
            "L’ouvrir dans LibreOffice, l’enregistrer à nouveau au format .odt et le déposer entier",
        )
    reader = _Reader(_raised_styles(root))
    styles = package.xml("styles.xml")
    pieces = [
        *reader.margins(styles, "header"),
        *reader.flow(body),
        *reader.footnotes(),
        *reader.margins(styles, "footer"),
    ]
    if not any(piece.kind not in ("header", "footer") for piece in pieces):
        raise Refusal(
            "le document OpenDocument ne contient aucun texte",
            "Vérifier que c’est le bon fichier ; s’il contient des images de pages, faire reconnaître leur texte (OCR)",
        )
    return compose("odt", pieces, limits, title=_title(package))


class _Reader:
    def __init__(self, raised_styles: frozenset[str]) -> None:
        self._raised = raised_styles
        self._aside = _Aside()

    def flow(self, container: Element, kind: BlockKind = "paragraph") -> Iterator[Piece]:
        """The pieces of a body, a section, an item of a list, a frame."""
        for child in container:
            if child.tag in _SKIPPED or not isinstance(child.tag, str) or child.get(f"{TEXT}display") == "none":
                continue
            if child.tag in (f"{TEXT}p", f"{TEXT}h"):
                yield from self._paragraph(child, "heading" if child.tag == f"{TEXT}h" else kind)
            elif child.tag == f"{TABLE}table":
                if table := table_of(self._rows(child)):
                    yield table
            else:
                yield from self.flow(child, "list_item" if child.tag == f"{TEXT}list" else kind)

    def footnotes(self) -> Iterator[Piece]:
        """The notes met so far, in order; a note may hold another."""
        while self._aside.notes:
            notes, self._aside.notes = self._aside.notes, []
            for note in notes:
                yield from self.flow(note)

    def margins(self, styles: Element | None, kind: BlockKind) -> Iterator[Piece]:
        """Headers or footers of all page styles, each wording once."""
        seen = set()
        for margin in (
            styles.iter(f"{STYLE}{kind}", f"{STYLE}{kind}-left", f"{STYLE}{kind}-first") if styles is not None else ()
        ):
            for piece in self.flow(margin):
                if piece.rows not in seen:
                    seen.add(piece.rows)
                    yield replace(piece, kind=kind)

    def _paragraph(self, paragraph: Element, kind: BlockKind) -> Iterator[Piece]:
        if piece := piece_of(kind, "".join(self._text(paragraph, False))):
            yield piece
        frames, self._aside.frames = self._aside.frames, []
        for frame in frames:
            yield from self.flow(frame)

    def _text(self, element: Element, is_raised: bool) -> Iterator[str]:
        """The text of an element. Blanks of the file count as one, as the format says; ``text:s`` is a space."""
        is_raised = is_raised or element.get(f"{TEXT}style-name") in self._raised
        yield self._words(element.text, is_raised)
        for child in element:
            if child.tag == f"{TEXT}note":
                self._aside.notes.extend(child.iter(f"{TEXT}note-body"))
            elif str(child.tag).startswith(DRAW) and child.find(f"{TEXT}p") is not None:
                self._aside.frames.append(child)
            elif child.tag in _CHARACTERS:
                yield _CHARACTERS[child.tag]
            elif child.tag not in _SKIPPED:
                yield from self._text(child, is_raised)
            yield self._words(child.tail, is_raised)

    def _words(self, text: str | None, is_raised: bool) -> str:
        folded = (text or "").replace("\n", " ")
        return raised(folded) if is_raised else folded

    def _rows(self, table: Element) -> Iterator[list[str]]:
        """Repeated rows and cells are empty ones that fill a sheet: they are taken once."""
        for row in table.iter(f"{TABLE}table-row"):
            if next(row.iterancestors(f"{TABLE}table")) is table:
                yield [self._cell(c) for c in row if c.tag in (f"{TABLE}table-cell", f"{TABLE}covered-table-cell")]

    def _cell(self, cell: Element) -> str:
        return " ".join(text for piece in self.flow(cell) for row in piece.rows for text in row)


def _refuse_encrypted(package: Package) -> None:
    manifest = package.xml("META-INF/manifest.xml")
    if manifest is not None and next(manifest.iter((_NS % "manifest") + "encryption-data"), None) is not None:
        raise Refusal(
            "le document est protégé par un mot de passe", "L’enregistrer sans mot de passe et le déposer à nouveau"
        )


def _raised_styles(root: Element) -> frozenset[str]:
    """Automatic styles of raised characters: their position is "super", or a positive percentage."""
    found = set()
    for style in root.iter(f"{STYLE}style"):
        for properties in style.iter(f"{STYLE}text-properties"):
            position = str(properties.get(f"{STYLE}text-position", "")).split(" ")[0]
            if position == "super" or (position.endswith("%") and not position.startswith(("-", "0"))):
                found.add(str(style.get(f"{STYLE}name")))
    return frozenset(found)


def _title(package: Package) -> str | None:
    meta = package.xml("meta.xml")
    return None if meta is None else meta.findtext(f".//{_DC_TITLE}")
