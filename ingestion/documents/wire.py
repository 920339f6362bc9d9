"""A document as JSON, between the process that reads it and the one that asked for it.

The reader may have been taken over by what it read, so its answer is checked as strictly as any input.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any, get_args

from ingestion.documents.model import Block, BlockKind, Document, Form, Line, Page, Role, Span, Table

_FIELDS = {field.name for field in fields(Document)}


def to_json(document: Document) -> dict[str, Any]:
    """What :func:`from_json` reads, in JSON's own types."""
    return {
        "form": document.form,
        "text": document.text,
        "pages": [[page.start, page.end] for page in document.pages],
        "lines": [[line.start, line.end, line.page, line.role] for line in document.lines],
        "blocks": [[block.start, block.end, block.kind, block.page] for block in document.blocks],
        "tables": [
            [table.start, table.end, table.page, [[[cell.start, cell.end] for cell in row] for row in table.rows]]
            for table in document.tables
        ],
        "title": document.title,
        "notes": list(document.notes),
    }


def from_json(data: object) -> Document:
    """The document, every span of which lies in its text and whose lines are the lines of its text.

    Raises:
        ValueError: the data are not those of a document.
    """
    if not isinstance(data, dict) or set(data) != _FIELDS or not isinstance(data["text"], str):
        raise ValueError("not a document")
    if data["form"] not in get_args(Form) or not all(isinstance(note, str) for note in data["notes"]):
        raise ValueError("not a document")
    text: str = data["text"]
    pages = tuple(Page(*span, number) for number, span in enumerate(_spans(data["pages"], text), start=1))
    try:
        return Document(
            form=data["form"],
            text=text,
            pages=pages,
            lines=tuple(_lines(data["lines"], text, len(pages))),
            blocks=tuple(_blocks(data["blocks"], text, len(pages))),
            tables=tuple(_tables(data["tables"], text, len(pages))),
            title=data["title"] if isinstance(data["title"], str) else None,
            notes=tuple(data["notes"]),
        )
    except TypeError as error:
        raise ValueError("not a document") from error


def encoded(answer: dict[str, Any]) -> bytes:
    """An answer in as few bytes as JSON takes."""
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _lines(data: Iterable[Any], text: str, pages: int) -> Iterator[Line]:
    at, number = 0, 0
    for number, (start, end, page, role) in enumerate(data, start=1):
        span = _span(start, end, text)
        if span[0] != at or text[span[1] : span[1] + 1] not in ("\n", "") or "\n" in text[span[0] : span[1]]:
            raise ValueError(f"line {number} is not a line of the text")
        if role not in get_args(Role):
            raise ValueError(f"line {number} has no known role")
        at = span[1] + 1
        yield Line(*span, number, _page(page, pages), role)
    if at < len(text) or not number:
        raise ValueError("the lines end before the text")


def _blocks(data: Iterable[Any], text: str, pages: int) -> Iterator[Block]:
    for start, end, kind, page in data:
        if kind not in get_args(BlockKind):
            raise ValueError("a block has no known kind")
        yield Block(*_span(start, end, text), kind, _page(page, pages))


def _tables(data: Iterable[Any], text: str, pages: int) -> Iterator[Table]:
    for start, end, page, rows in data:
        cells = tuple(tuple(Span(*span) for span in _spans(row, text)) for row in rows)
        yield Table(*_span(start, end, text), cells, _page(page, pages))


def _spans(data: Iterable[Any], text: str) -> Iterator[tuple[int, int]]:
    return (_span(start, end, text) for start, end in data)


def _span(start: object, end: object, text: str) -> tuple[int, int]:
    if type(start) is not int or type(end) is not int or not 0 <= start <= end <= len(text):
        raise ValueError("a span lies outside the text")
    return start, end


def _page(page: object, pages: int) -> int | None:
    if page is None:
        return None
    if type(page) is not int or not 1 <= page <= pages:
        raise ValueError("a page that the document does not have")
    return page
