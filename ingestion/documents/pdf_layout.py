"""From the words of PDF pages to pieces in reading order: rows, margins, columns, tables, paragraphs, headings.

Everything here is arithmetic on places, and knows no PDF.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from ingestion.documents.composing import Piece, piece_of, table_of
from ingestion.documents.model import BlockKind
from ingestion.documents.pdf_charts import with_charts_in_order
from ingestion.documents.pdf_mending import vocabulary, with_whole_numbers, with_whole_words
from ingestion.documents.pdf_rows import Row, between, rows_of
from ingestion.documents.pdf_tables import Box, Drawing, find_grids
from ingestion.documents.pdf_words import PageWords, Word, letters
from ingestion.documents.plain_text import BULLET

#: A stretch of x without text.
Gap = tuple[float, float]

#: Shares of the size of the characters.
_GUTTER = 0.9
_COLUMN_BREAK = 2.6
_PARAGRAPH_BREAK = 1.35
_ROWS_BREAK = 1.9  # rows of a table have more air
#: The share of the distances between lines that are no longer than the one within paragraphs, at least.
_SHORT_DISTANCES = 0.2
#: Columns of text have at least this many lines, half of which have at least this many characters, mostly letters, and
#: more than a word; what has less is a table.
_COLUMN_ROWS = 3
_COLUMN_CHARACTERS = 12
_COLUMN_LETTERS = 0.6
#: A number in large print beside others: fewer lines will do, and the print is larger by this.
_CALLOUT_ROWS = 2
_CALLOUT_SIZE = 1.4
#: A box that holds more of the page is its background.
_MOST_OF_PAGE = 0.5
#: In points: room for a word in each of two lines.
_LEAST_BOX = (40.0, 16.0)
_SAME_TOP = 4.0
#: No page has longer columns; it bounds the work on one that is endless.
_LONGEST_COLUMN = 300
#: Headers and footers stand in this share of the height of a page, among its first or last rows.
_MARGIN = 0.13
_MARGIN_ROWS = 3
_MARGIN_MOVES = 8.0
_MARGIN_PAGES = 3
_HEADING_SIZE = 1.15
_HEADING_CHARACTERS = 200
_BOLD_CHARACTERS = 120
_HEADING_LETTERS = 3


@dataclass
class PageLayout:
    """A page taken apart: rows in the order of y, then the parts told from each other."""

    number: int
    height: float
    rows: list[Row]
    turned: list[str] = field(default_factory=list)
    headers: list[Row] = field(default_factory=list)
    footers: list[Row] = field(default_factory=list)


def page_layout(number: int, size: tuple[float, float], found: PageWords, drawing: Drawing) -> PageLayout:
    """A page of a width and height, its words in rows; words of a table are the table's, those of a box the box's."""
    grids = find_grids(drawing, found.words)
    free = [word for word in found.words if not any(_is_in(word, grid.box) for grid in grids)]
    boxes = text_boxes(drawing.boxes, rows_of(free), size[0] * size[1])
    rows = [
        *with_charts_in_order(rows_of(word for word in free if not any(_is_in(word, box) for box in boxes))),
        *(Row([], grid, grid.box) for grid in grids),
        *(Row([], box=box, inner=_boxed(free, box)) for box in boxes),
    ]
    return PageLayout(number, size[1], _sorted(rows), found.turned)


def _boxed(words: Iterable[Word], box: Box) -> list[Row]:
    return with_charts_in_order(rows_of(word for word in words if _is_in(word, box)))


def text_boxes(boxes: Iterable[Box], rows: Sequence[Row], area: float) -> list[Box]:
    """The boxes that hold a text of their own, which is read whole before what stands beside it.

    Not those that a line of text crosses, that shade a part of a table or of a paragraph, or that hold most of a page.
    """
    outer: list[Box] = []
    large = {box for box in boxes if box[2] - box[0] >= _LEAST_BOX[0] and box[3] - box[1] >= _LEAST_BOX[1]}
    for box in sorted(large, key=lambda box: (-_area(box), box)):
        if _area(box) <= _MOST_OF_PAGE * area and not any(_overlap(box, other) for other in outer):
            inside = [[word for word in row.words if _is_in(word, box)] for row in rows]
            if sum(map(bool, inside)) > 1 and not any(_is_crossed(row, box) for row in rows):
                outer.append(box)
    shared = [row for row in rows if any(not any(_is_in(word, box) for box in outer) for word in row.words)]
    return [box for box in outer if not _is_shading(box, rows, shared)]


def pieces_of(pages: Sequence[PageLayout]) -> list[Piece]:
    """The pieces of all pages in reading order; of each page its headers first and its footers last."""
    _set_margins_apart(pages)
    flows = {page.number: reading_order(page.rows) for page in pages}
    rows = [row for page in flows.values() for flow in page for row in flow]
    body = _body_size(rows)
    leading = _leading([flow for page in flows.values() for flow in page])
    known = vocabulary(rows)
    pieces: list[Piece | None] = []
    for page in pages:
        pieces += [Piece("header", (row.cells,), page.number) for row in page.headers]
        for flow in flows[page.number]:
            pieces += (with_whole_words(piece, known) for piece in _paragraphs(flow, body, leading, page.number))
        pieces += [piece_of("paragraph", text, page.number) for text in page.turned]
        pieces += [Piece("footer", (row.cells,), page.number) for row in page.footers]
    return [piece for piece in pieces if piece and any(any(row) for row in piece.rows)]


def reading_order(rows: Sequence[Row]) -> list[list[Row]]:
    """Rows in runs of one column each, in reading order: the left column to its end, then the right one."""
    if not rows:
        return []
    flows: list[list[Row]] = [[]]
    edges = min(span[0] for row in rows for span in row.spans()), max(span[1] for row in rows for span in row.spans())
    gaps = [[gap for gap in _gaps(row, edges) if gap[1] - gap[0] >= _least_gutter(row)] for row in rows]
    at = 0
    while at < len(rows):
        columns = _columns(rows, gaps, at, edges)
        if columns is None and rows[at].inner:
            flows += [*reading_order(rows[at].inner), []]
            at += 1
            continue
        if columns is None:
            flows[-1].append(rows[at])
            at += 1
            continue
        start, end, gutter = columns
        flows[-1] += rows[at:start]
        left, right = _split(rows[start:end], gutter)
        flows += [*reading_order(left), *reading_order(right), []]
        at = end
    return [flow for flow in flows if flow]


def _columns(rows: Sequence[Row], gaps: Sequence[list[Gap]], at: int, edges: Gap) -> tuple[int, int, float] | None:
    """The rows from ``at`` on that stand in two columns: the first, the one after the last, and x of the gutter."""
    free = [edges]
    end = at
    while end < min(len(rows), at + _LONGEST_COLUMN):
        still = [gap for gap in _common(free, gaps[end]) if gap[1] - gap[0] >= _least_gutter(rows[end])]
        if not still:
            break
        free, end = still, end + 1
    for gap in sorted(free, key=lambda gap: gap[0] - gap[1]):
        gutter = (gap[0] + gap[1]) / 2
        bounds = _columns_at(rows, at, end, gutter)
        if bounds:
            return *bounds, gutter
    return None


def _columns_at(rows: Sequence[Row], at: int, end: int, gutter: float) -> tuple[int, int] | None:
    """Where columns on both sides of a gutter begin and end; None when these are no columns of text."""
    sides = [_split([row], gutter) for row in rows[at:end]]
    left = [at + i for i, side in enumerate(sides) if side[0]]
    right = [at + i for i, side in enumerate(sides) if side[1]]
    if min(len(left), len(right)) < _CALLOUT_ROWS:
        return None
    both = max(left[0], right[0]), min(left[-1], right[-1])
    if both[1] - both[0] < _CALLOUT_ROWS - 1:
        return None
    start, stop = (
        _unbroken(rows, left if left[0] < right[0] else right, both[0], -1),
        _unbroken(rows, left if left[-1] > right[-1] else right, both[1], 1),
    )
    halves = _split(rows[start : stop + 1], gutter)
    are_columns = all(map(_is_text, halves)) or all(map(_is_callout, halves))
    return (start, stop + 1) if are_columns else None


def _unbroken(rows: Sequence[Row], side: list[int], first: int, step: int) -> int:
    """The row up to which the longer column goes on beyond the shorter one, without a break."""
    at = first
    for index in sorted((i for i in side if (i - first) * step > 0), reverse=step < 0):
        size = rows[index].size or rows[at].size
        gap = rows[index].y - rows[at].bottom if step > 0 else rows[at].y - rows[index].bottom
        if gap > _COLUMN_BREAK * size:
            break
        at = index
    return at


def _is_callout(rows: Sequence[Row]) -> bool:
    """A number in large print, and above or below it in small print what it counts."""
    large = max((row for row in rows if any(map(str.isdigit, row.text))), key=lambda row: row.size, default=None)
    if large is None:
        return False
    small = [row for row in rows if row.words and row.size * _CALLOUT_SIZE <= large.size]
    return any(sum(1 for _ in letters(row.text)) >= _HEADING_LETTERS for row in small)


def _is_text(rows: Sequence[Row]) -> bool:
    texts = [row.text for row in rows if row.words]
    whole = "".join(texts)
    if len(texts) < _COLUMN_ROWS or median(len(text.split()) for text in texts) < 2:
        return False
    return median(map(len, texts)) >= _COLUMN_CHARACTERS and sum(1 for _ in letters(whole)) >= _COLUMN_LETTERS * len(
        whole.replace(" ", "")
    )


def _split(rows: Sequence[Row], gutter: float) -> tuple[list[Row], list[Row]]:
    left: list[Row] = []
    right: list[Row] = []
    for row in rows:
        if row.box:
            (left if row.box[2] <= gutter else right).append(row)
            continue
        before = [word for word in row.words if word.x1 <= gutter]
        after = [word for word in row.words if word.x1 > gutter]
        if before:
            left.append(Row(before))
        if after:
            right.append(Row(after))
    return left, right


def _gaps(row: Row, edges: Gap) -> list[Gap]:
    """The stretches of x between two edges that a row leaves free."""
    found, at = [], edges[0]
    for start, end in sorted(row.spans()):
        if start > at:
            found.append((at, start))
        at = max(at, end)
    return [*found, (at, edges[1])] if at < edges[1] else found


def _common(some: list[Gap], others: list[Gap]) -> list[Gap]:
    return [(max(a, c), min(b, d)) for a, b in some for c, d in others if min(b, d) > max(a, c)]


def _least_gutter(row: Row) -> float:
    return _GUTTER * (min((word.size for word in row.words), default=8.0))


def _set_margins_apart(pages: Sequence[PageLayout]) -> None:
    """Moves rows that come back at the top or bottom of pages, numbers varying, from the text to the margins."""
    if len(pages) < _MARGIN_PAGES:
        _set_numbers_apart(pages)
    if len(pages) < 2:
        return
    for is_top in (True, False):
        found: dict[str, list[tuple[PageLayout, Row]]] = defaultdict(list)
        for page in pages:
            for row in _margin_rows(page, is_top):
                found[re.sub(r"\d+", "#", row.text)].append((page, row))
        for wording, places in found.items():
            for page, row in _repeated(wording, places, len(pages)):
                page.rows.remove(row)
                (page.headers if is_top else page.footers).append(row)
    for page in pages:
        page.headers.sort(key=lambda row: row.y)
        page.footers.sort(key=lambda row: row.y)


def _set_numbers_apart(pages: Sequence[PageLayout]) -> None:
    """Moves the bare number of a page at its foot to the margin, where there are too few pages to see it come back."""
    for page in pages:
        last = _margin_rows(page, is_top=False)[-1:]
        for row in last:
            if row.text.split("/")[0].strip() == str(page.number):
                page.rows.remove(row)
                page.footers.append(row)


def _margin_rows(page: PageLayout, is_top: bool) -> list[Row]:
    rows = [row for row in page.rows if row.words]
    if is_top:
        return [row for row in rows[:_MARGIN_ROWS] if row.y < _MARGIN * page.height]
    return [row for row in rows[-_MARGIN_ROWS:] if row.y > (1 - _MARGIN) * page.height]


def _repeated(wording: str, places: list[tuple[PageLayout, Row]], pages: int) -> list[tuple[PageLayout, Row]]:
    """Of rows with one wording those that make a margin: at one height, on enough pages; bare numbers count pages."""
    kept = places if any(letters(wording)) or "#" not in wording else _counting_pages(places)
    middle = median(row.y for _, row in kept)
    kept = [(page, row) for page, row in kept if abs(row.y - middle) <= _MARGIN_MOVES]
    numbers = {page.number for page, _ in kept}
    # Odd and even pages may have margins of their own; a title that comes back now and then has no such neighbours.
    kept = [(page, row) for page, row in kept if numbers & {page.number + n for n in (-2, -1, 1, 2)}]
    return kept if len({page.number for page, _ in kept}) >= min(_MARGIN_PAGES, pages) else []


def _counting_pages(places: list[tuple[PageLayout, Row]]) -> list[tuple[PageLayout, Row]]:
    """Of rows that begin with a number those that number their pages, from whatever the first page is."""
    shifts = [int(re.findall(r"\d+", row.text)[0]) - page.number for page, row in places]
    usual = Counter(shifts).most_common(1)[0][0]
    return [place for place, shift in zip(places, shifts, strict=True) if shift == usual]


def _body_size(rows: Iterable[Row]) -> float:
    """The size in which most characters are printed."""
    sizes: Counter[float] = Counter()
    for row in rows:
        for word in row.words:
            sizes[round(word.size, 1)] += len(word.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _leading(flows: Iterable[Sequence[Row]]) -> float:
    """The distance of baselines within paragraphs as a multiple of the size; at least 1.2, as set without thought.

    It is the shortest usual one: where most paragraphs are of one line, the distance between them is met more often.
    """
    ratios = [
        (after.y - before.y) / after.size
        for flow in flows
        for before, after in pairwise(flow)
        if before.words and after.words and 0.8 * after.size < after.y - before.y < 2.5 * after.size
    ]
    return max(sorted(ratios)[int(len(ratios) * _SHORT_DISTANCES)], 1.2) if ratios else 1.2


def _paragraphs(flow: Sequence[Row], body: float, leading: float, page: int) -> Iterator[Piece]:
    right = max((word.x1 for row in flow for word in row.words), default=0.0)
    held: list[Row] = []
    kind: BlockKind = "paragraph"
    for row in flow:
        own = _kind(row, body)
        if held and not _goes_on(held, row, kind, own, leading):
            yield Piece(kind, tuple(line.cells for line in with_whole_numbers(held, right)), page)
            held = []
        if row.grid:
            if table := table_of(((_cell(cell) for cell in cells) for cells in row.grid.rows), page):
                yield table
            continue
        kind = kind if held else own
        held.append(row)
    if held:
        yield Piece(kind, tuple(line.cells for line in with_whole_numbers(held, right)), page)


def _goes_on(held: list[Row], row: Row, kind: BlockKind, own: BlockKind, leading: float) -> bool:
    """Whether a row belongs to the paragraph before it."""
    if row.grid or own == "list_item" or (own == "heading") != (kind == "heading"):
        return False
    last = held[-1]
    similar = abs(row.size - last.size) <= 0.08 * max(row.size, last.size) or kind != "heading"
    inside = kind != "list_item" or row.words[0].x0 > held[0].words[0].x0 - 1
    apart = _ROWS_BREAK if len(row.cells) > 1 and len(last.cells) > 1 else _PARAGRAPH_BREAK
    return similar and inside and row.y - last.y <= apart * leading * max(row.size, last.size)


def _kind(row: Row, body: float) -> BlockKind:
    text = row.text
    if BULLET.match(text):
        return "list_item"
    if sum(1 for _ in letters(text)) < _HEADING_LETTERS:
        return "paragraph"
    if row.size >= _HEADING_SIZE * body and len(text) <= _HEADING_CHARACTERS:
        return "heading"
    is_bold = all(word.bold for word in row.words) and len(text) <= _BOLD_CHARACTERS
    return "heading" if is_bold and not text.endswith((".", ",", ";")) else "paragraph"


def _cell(words: Sequence[Word]) -> str:
    return " ".join(row.text for row in rows_of(words))


def _is_in(word: Word, box: Box) -> bool:
    x, y = word.middle
    return box[0] <= x < box[2] and box[1] <= y < box[3]


def _is_crossed(row: Row, box: Box) -> bool:
    """Whether a border of a box cuts a row between two words that read on."""
    return any(
        _is_in(last, box) != _is_in(word, box) and between(last, word) != "\t" for last, word in pairwise(row.words)
    )


def _is_shading(box: Box, rows: Sequence[Row], shared: Sequence[Row]) -> bool:
    """Whether most rows of a box go on outside all boxes."""
    inside = [row for row in rows if any(_is_in(word, box) for word in row.words)]
    return sum(any(row is other for other in shared) for row in inside) > len(inside) / 2


def _sorted(rows: Iterable[Row]) -> list[Row]:
    """Rows from top to bottom; boxes drawn side by side, whose tops differ by less than a line, from left to right."""
    return sorted(rows, key=lambda row: (round(row.y / _SAME_TOP), row.spans()[0][0]))


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _overlap(box: Box, other: Box) -> bool:
    return box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]
