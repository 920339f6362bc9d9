"""What a report is once it is read, whatever form it came in.

All places are offsets into ``text`` (code points, from 0, half-open); pages and lines count from 1. The text is the
canonical one: figures are found in it, spans are counted in it, and it is archived beside the document that it was
read from. Of a plain text it is the decoded text itself, untouched.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Literal

Form = Literal["text", "pdf", "html", "docx", "odt"]
Role = Literal["body", "header", "footer"]
BlockKind = Literal["heading", "paragraph", "list_item", "table", "header", "footer"]


@dataclass(frozen=True)
class Span:
    """A stretch of the text."""

    start: int
    end: int


@dataclass(frozen=True)
class Page(Span):
    """A printed page. Forms without pages (plain text, HTML) have none."""

    number: int


@dataclass(frozen=True)
class Line(Span):
    """A line without its line feed. ``number`` counts the line feeds of the text before it, plus one."""

    number: int
    page: int | None = None
    role: Role = "body"


@dataclass(frozen=True)
class Block(Span):
    """Lines that belong together. Blocks follow each other in the text and never overlap."""

    kind: BlockKind
    page: int | None = None


@dataclass(frozen=True)
class Table(Span):
    """A table: its rows of cells, each the stretch of the text that holds the cell's words."""

    rows: tuple[tuple[Span, ...], ...]
    page: int | None = None


@dataclass(frozen=True)
class Document:
    """A report as read. ``title`` is what the file itself says it is called, where it does."""

    form: Form
    text: str
    pages: tuple[Page, ...] = ()
    lines: tuple[Line, ...] = ()
    blocks: tuple[Block, ...] = ()
    tables: tuple[Table, ...] = ()
    title: str | None = None
    notes: tuple[str, ...] = field(default=())

    @cached_property
    def text_sha256(self) -> str:
        """SHA-256 of the text in UTF-8: the ``source_sha256`` of its extracts."""
        return sha256(self.text.encode()).hexdigest()

    @cached_property
    def _line_starts(self) -> list[int]:
        return [line.start for line in self.lines]

    @cached_property
    def _block_starts(self) -> list[int]:
        return [block.start for block in self.blocks]

    def line_at(self, offset: int) -> Line:
        """The line that holds a character."""
        return self.lines[max(bisect_right(self._line_starts, offset) - 1, 0)]

    def page_at(self, offset: int) -> int | None:
        """The page that holds a character; None where pages are not known."""
        return self.line_at(offset).page if self.lines else None

    def block_at(self, offset: int) -> Block | None:
        """The block that holds a character."""
        at = bisect_right(self._block_starts, offset) - 1
        return self.blocks[at] if at >= 0 and offset < self.blocks[at].end else None
