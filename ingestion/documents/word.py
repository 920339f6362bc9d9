"""Word documents (.docx): headings, paragraphs, items of lists, tables, text boxes and notes, in document order.

What is read is the text as it stands once every tracked change is accepted, with the content of forms and of text
boxes, where reports like to put their key figures.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ingestion.documents.composing import Piece, compose, piece_of, raised, table_of
from ingestion.documents.limits import Limits
from ingestion.documents.model import BlockKind, Document
from ingestion.documents.packages import Element, Package
from ingestion.documents.refusal import Refusal

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"
_DC_TITLE = "{http://purl.org/dc/elements/1.1/}title"
#: Struck out, moved away, codes of fields, properties; and the second copy of a drawing, for older programs.
_SKIPPED = frozenset(
    {
        f"{W}{tag}"
        for tag in ("del", "moveFrom", "instrText", "delText", "pPr", "rPr", "tblPr", "tcPr", "trPr", "sectPr")
    }
    | {"{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}
)
_CHARACTERS = {f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-", f"{W}sym": "•"}
_HEADING = re.compile(r"(?:heading|titre|title)(?: \d)?", re.IGNORECASE)
_ITEM = re.compile(r"list|liste|puce", re.IGNORECASE)
_MOST_STYLES_DEEP = 20


@dataclass(frozen=True)
class _Style:
    name: str
    based_on: str | None
    outlined: bool
    numbered: bool


@dataclass(frozen=True)
class _Styles:
    by_id: dict[str, _Style]

    def kind(self, paragraph: Element) -> BlockKind:
        """Whether a paragraph is a heading, an item of a list or neither, by itself and by what its style inherits."""
        properties = paragraph.find(f"{W}pPr")
        if properties is None:
            return "paragraph"
        chain = list(self._chain(_value(properties, "pStyle")))
        if _is_outlined(properties) or any(style.outlined or _HEADING.fullmatch(style.name) for style in chain):
            return "heading"
        numbered = _is_numbered(properties) or any(style.numbered or _ITEM.match(style.name) for style in chain)
        return "list_item" if numbered else "paragraph"

    def _chain(self, style_id: str | None) -> Iterator[_Style]:
        for _ in range(_MOST_STYLES_DEEP):
            style = self.by_id.get(style_id or "")
            if style is None:
                return
            yield style
            style_id = style.based_on


def read_word(content: bytes, limits: Limits) -> Document:
    """A Word document.

    Raises:
        Refusal: it is damaged, hostile, too large, or has no text.
    """
    package = Package(content, limits)
    main = _main_part(package)
    root = package.xml(main)
    body = root.find(f"{W}body") if root is not None else None
    if body is None:
        raise Refusal(
            "le document Word est abîmé : son texte principal manque",
            "L’ouvrir dans Word, l’enregistrer à nouveau et le déposer entier",
        )
    reader = _Reader(package, main)
    pieces = [*reader.margins("header"), *reader.flow(body), *reader.notes(), *reader.margins("footer")]
    if not any(piece.kind not in ("header", "footer") for piece in pieces):
        raise Refusal(
            "le document Word ne contient aucun texte",
            "Vérifier que c’est le bon fichier ; s’il contient des images de pages, faire reconnaître leur texte (OCR)",
        )
    return compose("docx", pieces, limits, title=_title(package))


class _Reader:
    def __init__(self, package: Package, main: str) -> None:
        self._package = package
        self._main = main
        self._styles = _read_styles(package.xml(_beside(main, "styles.xml")))

    def flow(self, container: Element) -> Iterator[Piece]:
        """The pieces of a body, a cell, a text box, however deep forms and insertions hold paragraphs and tables."""
        for child in container:
            if child.tag in _SKIPPED or not isinstance(child.tag, str):
                continue
            if child.tag == f"{W}p":
                yield from self._paragraph(child)
            elif child.tag == f"{W}tbl":
                if table := table_of(self._rows(child)):
                    yield table
            else:
                yield from self.flow(child)

    def notes(self) -> Iterator[Piece]:
        """Footnotes and endnotes, after the text; those that hold a separator line only have no words."""
        for part in ("footnotes.xml", "endnotes.xml"):
            root = self._package.xml(_beside(self._main, part))
            if root is not None:
                yield from self.flow(root)

    def margins(self, kind: BlockKind) -> Iterator[Piece]:
        """Headers or footers of all sections, each wording once."""
        seen = set()
        pattern = re.compile(_beside(re.escape(self._main), rf"{kind}\d*\.xml"))
        for part in sorted(filter(pattern.fullmatch, self._package.names())):
            for piece in self.flow(self._package.xml(part)):
                if piece.rows not in seen:
                    seen.add(piece.rows)
                    yield replace(piece, kind=kind)

    def _paragraph(self, paragraph: Element) -> Iterator[Piece]:
        beside: list[Element] = []
        if piece := piece_of(self._styles.kind(paragraph), "".join(_text(paragraph, beside))):
            yield piece
        for element in beside:
            yield from self._diagram(element) if element.tag == _DIAGRAM else self.flow(element)

    def _diagram(self, diagram: Element) -> Iterator[Piece]:
        """The texts of a diagram (SmartArt), which a part of its own holds."""
        relation = diagram.get(f"{_R}dm")
        part = _related(self._package, self._main).get(relation, "")
        root = self._package.xml(part)
        for paragraph in root.iter(f"{_A}p") if root is not None else ():
            if piece := piece_of("paragraph", "".join(text.text or "" for text in paragraph.iter(f"{_A}t"))):
                yield piece

    def _rows(self, table: Element) -> Iterator[list[str]]:
        for row in table.iter(f"{W}tr"):
            struck = row.find(f"{W}trPr/{W}del") is not None
            if not struck and next(row.iterancestors(f"{W}tbl")) is table:
                yield [self._cell(cell) for cell in row.iter(f"{W}tc") if next(cell.iterancestors(f"{W}tr")) is row]

    def _cell(self, cell: Element) -> str:
        """The words of a cell on one line; of a table inside it too."""
        return " ".join(text for piece in self.flow(cell) for row in piece.rows for text in row)


def _text(element: Element, beside: list[Element]) -> Iterator[str]:
    """The text of a paragraph; text boxes and diagrams anchored in it go to ``beside``, to stand after it."""
    for child in element:
        if child.tag in _SKIPPED:
            continue
        if child.tag in (f"{W}txbxContent", _DIAGRAM):
            beside.append(child)
        elif child.tag == f"{W}t":
            yield raised(child.text or "") if _is_raised(element) else child.text or ""
        elif child.tag in _CHARACTERS:
            yield _CHARACTERS[child.tag]
        else:
            yield from _text(child, beside)


def _main_part(package: Package) -> str:
    """The part that the package declares as its document; ``word/document.xml`` unless a service named it otherwise."""
    relations = package.xml("_rels/.rels")
    for relation in relations.iter(f"{_REL}Relationship") if relations is not None else ():
        if str(relation.get("Type", "")).endswith("/officeDocument"):
            return posixpath.normpath(str(relation.get("Target", "")).lstrip("/"))
    return "word/document.xml"


def _related(package: Package, part: str) -> dict[str, str]:
    """The parts that a part refers to, by the name that it gives them."""
    relations = package.xml(posixpath.join(posixpath.dirname(part), "_rels", posixpath.basename(part) + ".rels"))
    return {
        str(relation.get("Id")): posixpath.normpath(_beside(part, str(relation.get("Target", ""))))
        for relation in (relations.iter(f"{_REL}Relationship") if relations is not None else ())
    }


def _read_styles(root: Element | None) -> _Styles:
    found = {}
    for style in root.iter(f"{W}style") if root is not None else ():
        properties = style.find(f"{W}pPr")
        found[str(style.get(f"{W}styleId"))] = _Style(
            name=_value(style, "name") or "",
            based_on=_value(style, "basedOn"),
            outlined=properties is not None and _is_outlined(properties),
            numbered=properties is not None and _is_numbered(properties),
        )
    return _Styles(found)


def _is_outlined(properties: Element) -> bool:
    """Levels 0 to 8 are headings; 9 is the level of running text."""
    return (_value(properties, "outlineLvl") or "9") < "9"


def _is_numbered(properties: Element) -> bool:
    """List 0 takes a paragraph out of the list of its style."""
    numbering = properties.find(f"{W}numPr")
    return numbering is not None and _value(numbering, "numId") not in (None, "0")


def _is_raised(run: Element) -> bool:
    properties = run.find(f"{W}rPr")
    return properties is not None and _value(properties, "vertAlign") == "superscript"


def _value(parent: Element, tag: str) -> str | None:
    child = parent.find(f"{W}{tag}")
    return None if child is None else child.get(f"{W}val")


def _beside(part: str, name: str) -> str:
    return posixpath.join(posixpath.dirname(part), name)


def _title(package: Package) -> str | None:
    core = package.xml("docProps/core.xml")
    return None if core is None else core.findtext(_DC_TITLE)
