"""HTML pages: the words that a reader of the page reads, without menus, scripts and forms.

Nothing is fetched and nothing is run. The parser is libxml2's for HTML, which knows no entities but HTML's own.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from lxml import etree, html

from ingestion.documents.composing import Piece, compose, piece_of, raised, table_of
from ingestion.documents.limits import Limits
from ingestion.documents.model import BlockKind, Document
from ingestion.documents.refusal import Refusal

#: What is no text to be read, and what a visitor may do.
_DROPPED = frozenset(
    {
        *("audio", "canvas", "embed", "frame", "head", "iframe", "img", "link", "map", "math", "meta", "noscript"),
        *("object", "picture", "progress", "script", "style", "svg", "template", "video"),
        *("button", "datalist", "dialog", "input", "menu", "nav", "optgroup", "option", "select", "textarea"),
    }
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_NOT_READ_ROLES = frozenset({"navigation", "search", "menu", "menubar", "dialog", "alertdialog"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _HEADINGS | frozenset(
    {
        *("address", "article", "aside", "blockquote", "body", "caption", "center", "details", "div", "fieldset"),
        *("figcaption", "figure", "footer", "form", "header", "hgroup", "hr", "main", "p", "pre", "section", "summary"),
        *("dd", "dl", "dt", "li", "ol", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
    }
)
_META = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
#: Encodings that French is written in. Python knows more, some of which are no encodings of text at all.
_WESTERN = re.compile(r"iso8859-\d+|cp\d+|mac-roman")
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
#: Where a declaration of the character set may stand, by the HTML standard.
_PRESCAN_BYTES = 4096
#: Beyond some 255 elements in each other libxml2 leaves text out without a word.
_MOST_DEEP = 250
_PRINT_FR = "Ouvrir la page dans un navigateur, l’imprimer en PDF et déposer ce PDF"
_ODD_FR = "{} octet(s) illisible(s) en {} ont été remplacés"


def read_web(content: bytes, limits: Limits) -> Document:
    """An HTML page.

    Raises:
        Refusal: it has no text, is too long, or nests its elements too deep to be read whole.
    """
    encoding = encoding_of(content)
    text = content.decode(encoding, errors="replace").removeprefix("\ufeff")
    odd = text.count("\ufffd")
    root = _parsed(_XML_DECLARATION.sub("", text.replace("\0", "")))
    pieces = list(_Reader().pieces(root)) if root is not None else []
    if not any(piece.kind not in ("header", "footer") for piece in pieces):
        raise Refusal(
            "la page HTML ne contient aucun texte ; il est sans doute chargé ensuite par un script",
            _PRINT_FR,
        )
    notes = [_ODD_FR.format(odd, encoding)] if odd else []
    return compose("html", pieces, limits, title=root.findtext(".//title") if root is not None else None, notes=notes)


def encoding_of(content: bytes) -> str:
    """The encoding of a page: byte order mark, then what it declares, then UTF-8, then Windows-1252, as browsers do."""
    marked = next((name for mark, name in _BOMS if content.startswith(mark)), None)
    if marked:
        return marked
    declared = _META.search(content[:_PRESCAN_BYTES])
    name = _known(declared[1].decode("ascii", "replace")) if declared else None
    if name:
        return name
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _known(label: str) -> str | None:
    """Python's name of a declared encoding. Latin-1 means Windows-1252, and UTF-16 declared in ASCII means UTF-8."""
    try:
        name = codecs.lookup(label).name
    except LookupError:
        return None
    if name in ("iso8859-1", "ascii"):
        return "cp1252"
    if name.startswith("utf"):
        return "utf-8"
    return name if _WESTERN.fullmatch(name) else None


def _parsed(text: str) -> html.HtmlElement | None:
    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        return html.document_fromstring(text, parser=parser)
    except etree.ParserError:
        return None


class _Reader:
    """Walks a page once. Text gathers until a block begins or ends, and is then a piece of the block's kind."""

    def __init__(self) -> None:
        self._held: list[str] = []
        self._kinds: list[BlockKind] = ["paragraph"]
        self._raised = 0
        self._preformatted = 0

    def pieces(self, root: html.HtmlElement) -> Iterator[Piece]:
        yield from self._children(root, 0)
        yield from self._flushed()

    def _children(self, element: html.HtmlElement, depth: int) -> Iterator[Piece]:
        if depth > _MOST_DEEP:
            raise Refusal(f"la page HTML est abîmée ou piégée : plus de {_MOST_DEEP} balises s’y emboîtent", _PRINT_FR)
        self._take(element.text)
        for child in element:
            if isinstance(child.tag, str) and not _is_dropped(child):
                yield from self._element(child, depth + 1)
            self._take(child.tail)

    def _element(self, element: html.HtmlElement, depth: int) -> Iterator[Piece]:
        tag = element.tag
        if tag == "br":
            self._held.append("\n")
        elif tag == "table" and _is_data(element):
            yield from self._flushed()
            yield from self._table(element)
        elif tag in _BLOCKS:
            yield from self._flushed()
            self._kinds.append(_kind(element, self._kinds[-1]))
            self._preformatted += tag == "pre"
            yield from self._children(element, depth)
            self._preformatted -= tag == "pre"
            yield from self._flushed()
            self._kinds.pop()
        else:
            self._raised += tag == "sup"
            yield from self._children(element, depth)
            self._raised -= tag == "sup"

    def _take(self, text: str | None) -> None:
        if text:
            kept = text if self._preformatted else re.sub(r"[ \t\r\n\f]+", " ", text)
            self._held.append(raised(kept) if self._raised else kept)

    def _flushed(self) -> Iterator[Piece]:
        held, self._held = self._held, []
        if piece := piece_of(self._kinds[-1], "".join(held)):
            yield piece

    def _table(self, table: html.HtmlElement) -> Iterator[Piece]:
        for caption in table.iter("caption"):
            yield from _Reader().pieces(caption)
        if piece := table_of(self._rows(table)):
            yield piece

    def _rows(self, table: html.HtmlElement) -> Iterator[list[str]]:
        for row in table.iter("tr"):
            yield [self._cell(cell) for cell in row if cell.tag in ("td", "th")]

    def _cell(self, cell: html.HtmlElement) -> str:
        return " ".join(line for piece in _Reader().pieces(cell) for row in piece.rows for line in row)


def _is_dropped(element: html.HtmlElement) -> bool:
    if element.tag in _DROPPED or "hidden" in element.attrib or element.get("role") in _NOT_READ_ROLES:
        return True
    return _HIDDEN.search(element.get("style", "")) is not None


def _is_data(table: html.HtmlElement) -> bool:
    """A table of data, not one that lays out a page: no table, heading or list in it, and a row of several cells."""
    if (
        table.get("role") in ("presentation", "none")
        or next(table.iter("h1", "h2", "h3", "ul", "ol", "form"), None) is not None
    ):
        return False
    nested = sum(1 for _ in table.iter("table")) > 1
    return not nested and any(sum(cell.tag in ("td", "th") for cell in row) > 1 for row in table.iter("tr"))


def _kind(element: html.HtmlElement, around: BlockKind) -> BlockKind:
    """The kind of a block. A header or footer is the page's only when it is not that of an article or a section."""
    tag = element.tag
    if tag in _HEADINGS:
        return "heading"
    if around in ("header", "footer"):
        return around
    if tag in ("header", "footer"):
        within = next(element.iterancestors("article", "aside", "main", "section"), None)
        return "paragraph" if within is not None else ("header" if tag == "header" else "footer")
    return "list_item" if tag == "li" else ("paragraph" if tag in ("td", "th", "dd", "dt") else around)
