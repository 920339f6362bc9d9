"""The canonical text: pieces of a document, in reading order, written down one after the other.

Every reader but that of plain text ends here, so the same content gives the same words whatever form it came in. A
blank line stands between pieces; a row of a table is one line whose cells are parted by a tab.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from ingestion.documents.limits import Limits
from ingestion.documents.model import Block, BlockKind, Document, Form, Line, Page, Role, Span, Table
from ingestion.documents.refusal import Refusal

LIGATURES = {
    "\ufb00": "ff",
    "\ufb01": "fi",
    "\ufb02": "fl",
    "\ufb03": "ffi",
    "\ufb04": "ffl",
    "\ufb05": "st",
    "\ufb06": "st",
}
#: Characters that are not seen: soft hyphens, zero-width marks, direction marks, controls.
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
#: Blanks of layout. No-break and thin spaces are not among them: they hold the groups of a number together.
_BLANKS = re.compile("[\t\n\x0b\x0c\r \x85\u2028\u2029]+")
_LIGATURE = re.compile("[\ufb00-\ufb06]")
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Piece:
    """One block: its lines, each of one cell; of a table its rows of cells."""

    kind: BlockKind
    rows: tuple[tuple[str, ...], ...]
    page: int | None = None


def clean(text: str) -> str:
    """Text as it is seen on paper: composed (NFC), no ligature, nothing unseen, blanks folded to one space."""
    seen = _UNSEEN.sub("", text)
    plain = _LIGATURE.sub(lambda match: LIGATURES[match[0]], _SURROGATES.sub("\ufffd", seen))
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", plain)).strip(" ")


def raised(text: str) -> str:
    """Raised text: its digits as superscripts, lest the call of a note become part of the number before it."""
    return text.translate(_SUPERSCRIPTS)


def piece_of(kind: BlockKind, text: str, page: int | None = None) -> Piece | None:
    """A block of lines from a text in which only line feeds cut lines; None where nothing is seen."""
    lines = tuple((line,) for part in text.split("\n") if (line := clean(part)))
    return Piece(kind, lines, page) if lines else None


def table_of(rows: Iterable[Iterable[str]], page: int | None = None) -> Piece | None:
    """A table from the texts of its cells; rows without a word are left out, None where all are."""
    cleaned = (tuple(clean(cell) for cell in row) for row in rows)
    kept = tuple(row for row in cleaned if any(row))
    return Piece("table", kept, page) if kept else None


def compose(
    form: Form,
    pieces: Iterable[Piece],
    limits: Limits,
    *,
    pages: int = 0,
    title: str | None = None,
    notes: Iterable[str] = (),
) -> Document:
    """The document that the pieces make; ``pages`` is how many pages a form with pages has.

    Raises:
        Refusal: its text is longer than the limit.
    """
    writer = _Writer(limits.characters)
    for piece in pieces:
        writer.write(piece)
    return Document(
        form=form,
        text="".join(writer.text),
        pages=tuple(writer.pages(pages)),
        lines=tuple(writer.lines),
        blocks=tuple(writer.blocks),
        tables=tuple(writer.tables),
        title=clean(title or "") or None,
        notes=tuple(notes),
    )


class _Writer:
    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.length = 0
        self.text: list[str] = []
        self.lines: list[Line] = []
        self.blocks: list[Block] = []
        self.tables: list[Table] = []

    def write(self, piece: Piece) -> None:
        if self.lines:
            self._line((), self.lines[-1].page, "body")
        start = self.length
        role: Role = piece.kind if piece.kind in ("header", "footer") else "body"  # type: ignore[assignment]
        rows = [self._line(cells, piece.page, role) for cells in piece.rows]
        end = self.lines[-1].end
        self.blocks.append(Block(start, end, piece.kind, piece.page))
        if piece.kind == "table":
            self.tables.append(Table(start, end, tuple(rows), piece.page))

    def _line(self, cells: tuple[str, ...], page: int | None, role: Role) -> tuple[Span, ...]:
        start, spans = self.length, []
        for number, cell in enumerate(cells):
            at = self.length + (number > 0)
            spans.append(Span(at, at + len(cell)))
            self._put(("\t" if number else "") + cell)
        self.lines.append(Line(start, self.length, len(self.lines) + 1, page, role))
        self._put("\n")
        return tuple(spans)

    def _put(self, text: str) -> None:
        self.text.append(text)
        self.length += len(text)
        if self.length > self.limit:
            raise Refusal(
                f"le texte du document dépasse {self.limit} caractères",
                "Vérifier que c’est le bon fichier ; déposer un rapport très long en plusieurs parties",
            )

    def pages(self, count: int) -> Iterable[Page]:
        """Pages without a line are empty and stand where the page before them ends."""
        ends: dict[int, tuple[int, int]] = {}
        for line in self.lines:
            if line.page is not None:
                ends[line.page] = (ends.get(line.page, (line.start, 0))[0], line.end)
        at = 0
        for number in range(1, count + 1):
            start, at = ends.get(number, (at, at))
            yield Page(start, at, number)
