"""Ruled tables of a PDF page: the grid that its lines draw, and the cells in which its words stand.

Only rules are believed. A table that blanks alone make stays lines of text, its columns parted by tabs.
"""

from __future__ import annotations

import ctypes
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from ingestion.documents.pdf_words import Frame, Word

#: In points. Two edges of one drawn line lie closer than this; cells drawn one by one leave gaps as small.
_SAME_PLACE = 2.5
_GAP = 3.0
#: Shorter strokes are dashes, ticks and letters drawn as lines.
_SHORTEST = 8.0
#: No text stands in a narrower strip: it lies between a border and a shading that leaves the padding out.
_NARROWEST = 7.0
_SHORTEST_SHARE = 0.1
#: More lines than these, once those that continue each other are one, are a chart's or a map's.
_MOST_LINES = 400
_MOST_CELLS = 10_000
#: Fewer filled cells than this share are a drawing.
_LEAST_FILLED = 0.3
_FORMS_DEEP = 4
#: A longer path is a coast line.
_LONGEST_PATH = 10_000
#: Corners of a box, rounded ones with the handles of their curves; a circle has fewer.
_BOX_POINTS = (4, 24)


Point = tuple[float, float]
Matrix = tuple[float, float, float, float, float, float]
#: x0, y0, x1, y1.
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Stroke:
    """A horizontal or vertical line: where it lies (y or x), and from where to where it goes."""

    at: float
    start: float
    end: float


@dataclass(frozen=True)
class Grid:
    """A table: its box, and by row the words of each cell."""

    box: Box
    rows: tuple[tuple[tuple[Word, ...], ...], ...]


@dataclass(frozen=True)
class Drawing:
    """What is drawn on a page: horizontal and vertical lines, and the boxes around outlined or coloured surfaces."""

    across: tuple[Stroke, ...] = ()
    upright: tuple[Stroke, ...] = ()
    boxes: tuple[Box, ...] = ()


def drawing_of(page: pdfium.PdfPage, frame: Frame, limit: int) -> Drawing:
    """The lines and boxes of a page; none when its lines exceed ``limit``, because then it is a chart or a map."""
    across: list[Stroke] = []
    upright: list[Stroke] = []
    boxes: list[Box] = []
    for path in _paths(page, frame):
        for (x0, y0), (x1, y1) in path.lines:
            if abs(y1 - y0) < 1 < abs(x1 - x0):
                across.append(Stroke((y0 + y1) / 2, min(x0, x1), max(x0, x1)))
            elif abs(x1 - x0) < 1 < abs(y1 - y0):
                upright.append(Stroke((x0 + x1) / 2, min(y0, y1), max(y0, y1)))
        if len(across) + len(upright) > limit:
            return Drawing()
        if _BOX_POINTS[0] <= len(path.points) <= _BOX_POINTS[1]:
            xs, ys = zip(*path.points, strict=True)
            boxes.append((min(xs), min(ys), max(xs), max(ys)))
    return Drawing(tuple(across), tuple(upright), tuple(boxes))


@dataclass(frozen=True)
class _Path:
    """One stroke of the pen or one surface: its straight lines, and all its points."""

    lines: list[tuple[Point, Point]]
    points: list[Point]


def find_grids(drawing: Drawing, words: Sequence[Word]) -> list[Grid]:
    """The tables that lines draw around words: at least two rows and two columns with words in them."""
    rows, columns = _joined(drawing.across), _joined(drawing.upright)
    if len(rows) + len(columns) > _MOST_LINES:
        return []
    found: list[Grid] = []
    for group in _crossing(rows, columns):
        grid = _grid(*group, words)
        if grid and not any(_within(grid.box, other.box) for other in found):
            found.append(grid)
    return found


def _joined(strokes: Iterable[Stroke]) -> list[Stroke]:
    """Lines at one place made one place, and those that touch made one line."""
    ordered = sorted(strokes, key=lambda stroke: stroke.at)
    places: list[list[Stroke]] = []
    for stroke in ordered:
        if places and stroke.at - places[-1][-1].at <= _SAME_PLACE and stroke.at - places[-1][0].at <= 2 * _SAME_PLACE:
            places[-1].append(stroke)
        else:
            places.append([stroke])
    return [stroke for place in places for stroke in _touching(place) if stroke.end - stroke.start >= _SHORTEST]


def _touching(place: list[Stroke]) -> Iterator[Stroke]:
    at = fmean(stroke.at for stroke in place)
    held: Stroke | None = None
    for stroke in sorted(place, key=lambda stroke: stroke.start):
        if held and stroke.start - held.end <= _GAP:
            held = Stroke(at, held.start, max(held.end, stroke.end))
        else:
            if held:
                yield held
            held = Stroke(at, stroke.start, stroke.end)
    if held:
        yield held


def _crossing(rows: list[Stroke], columns: list[Stroke]) -> list[tuple[list[Stroke], list[Stroke]]]:
    """Lines that hang together by crossing or touching, the largest group first."""
    parent = list(range(len(rows) + len(columns)))
    for i, row in enumerate(rows):
        for j, column in enumerate(columns, start=len(rows)):
            if _covers(row, column.at) and _covers(column, row.at):
                parent[_root(parent, i)] = _root(parent, j)
    groups: dict[int, tuple[list[Stroke], list[Stroke]]] = {}
    for i, row in enumerate(rows):
        groups.setdefault(_root(parent, i), ([], []))[0].append(row)
    for j, column in enumerate(columns, start=len(rows)):
        groups.setdefault(_root(parent, j), ([], []))[1].append(column)
    return sorted(groups.values(), key=lambda group: -len(group[0]) * len(group[1]))


def _grid(rows: list[Stroke], columns: list[Stroke], words: Sequence[Word]) -> Grid | None:
    columns = _long(columns)
    if not rows or not columns:
        return None
    xs = _places(columns, rows)
    ys = _places(rows, columns)
    if len(xs) < 3 or len(ys) < 3 or (len(xs) - 1) * (len(ys) - 1) > _MOST_CELLS:
        return None
    inside = _inside(words, xs, ys)
    cells = _merged(xs, ys, rows, columns)
    table = _filled(cells, inside, len(xs) - 1, len(ys) - 1)
    return Grid((xs[0], ys[0], xs[-1], ys[-1]), table) if _is_table(table) else None


def _long(columns: list[Stroke]) -> list[Stroke]:
    """Upright lines without those that a shading of one line of text leaves beside long ones."""
    longest = max((column.end - column.start for column in columns), default=0.0)
    return [column for column in columns if column.end - column.start >= _SHORTEST_SHARE * longest]


def _places(lines: list[Stroke], crossing: list[Stroke]) -> list[float]:
    """Where a grid is cut: at its lines, and at the ends of those that cross them where it has no outer line."""
    strips: list[list[Stroke]] = []
    for line in sorted(lines, key=lambda line: line.at):
        if strips and line.at - strips[-1][0].at < _NARROWEST:
            strips[-1].append(line)
        else:
            strips.append([line])
    places = [max(strip, key=lambda line: line.end - line.start).at for strip in strips]
    ends = min(line.start for line in crossing), max(line.end for line in crossing)
    before = [ends[0]] if ends[0] < places[0] - _SHORTEST else []
    after = [ends[1]] if ends[1] > places[-1] + _SHORTEST else []
    return [*before, *places, *after]


def _inside(words: Sequence[Word], xs: list[float], ys: list[float]) -> dict[tuple[int, int], list[Word]]:
    found: dict[tuple[int, int], list[Word]] = {}
    for word in words:
        x, y = word.middle
        if xs[0] <= x < xs[-1] and ys[0] <= y < ys[-1]:
            found.setdefault((bisect_right(ys, y) - 1, bisect_right(xs, x) - 1), []).append(word)
    return found


def _merged(xs: list[float], ys: list[float], rows: list[Stroke], columns: list[Stroke]) -> list[int]:
    """For each square of the grid, row by row, the first square of the cell that it belongs to."""
    width = len(xs) - 1
    parent = list(range(width * (len(ys) - 1)))
    for cell in parent.copy():
        row, column = divmod(cell, width)
        x, y = (xs[column] + xs[column + 1]) / 2, (ys[row] + ys[row + 1]) / 2
        if column + 1 < width and not _is_ruled(columns, xs[column + 1], y):
            _unite(parent, cell, cell + 1)
        if row + 2 < len(ys) and not _is_ruled(rows, ys[row + 1], x):
            _unite(parent, cell, cell + width)
    return [_root(parent, cell) for cell in range(len(parent))]


def _filled(
    cells: list[int], inside: dict[tuple[int, int], list[Word]], width: int, height: int
) -> tuple[tuple[tuple[Word, ...], ...], ...]:
    """The words of each cell, in the row in which the cell begins."""
    words: dict[int, list[Word]] = {}
    for (row, column), found in inside.items():
        words.setdefault(cells[row * width + column], []).extend(found)
    firsts = ((row * width + column for column in range(width)) for row in range(height))
    return tuple(tuple(tuple(words.get(cell, ())) for cell in row if cells[cell] == cell) for row in firsts)


def _is_table(rows: tuple[tuple[tuple[Word, ...], ...], ...]) -> bool:
    filled = [sum(bool(cell) for cell in row) for row in rows]
    cells = sum(len(row) for row in rows)
    return sum(count > 0 for count in filled) > 1 and max(filled) > 1 and sum(filled) >= _LEAST_FILLED * cells


def _is_ruled(lines: list[Stroke], at: float, across: float) -> bool:
    return any(abs(line.at - at) < _NARROWEST and _covers(line, across) for line in lines)


def _covers(line: Stroke, place: float) -> bool:
    return line.start - _GAP <= place <= line.end + _GAP


def _within(box: Box, other: Box) -> bool:
    return not (box[2] <= other[0] or other[2] <= box[0] or box[3] <= other[1] or other[3] <= box[1])


def _root(parent: list[int], item: int) -> int:
    while parent[item] != item:
        parent[item] = parent[parent[item]]
        item = parent[item]
    return item


def _unite(parent: list[int], one: int, other: int) -> None:
    low, high = sorted((_root(parent, one), _root(parent, other)))
    parent[high] = low


def _paths(page: pdfium.PdfPage, frame: Frame) -> Iterator[_Path]:
    """What is drawn, as shown."""
    count = raw.FPDFPage_CountObjects(page)
    objects = (raw.FPDFPage_GetObject(page, index) for index in range(count))
    for path in _drawn(objects, (1.0, 0.0, 0.0, 1.0, 0.0, 0.0), 0):
        lines = [(frame.shown(*start), frame.shown(*end)) for start, end in path.lines]
        yield _Path(lines, [frame.shown(*point) for point in path.points])


def _drawn(objects: Iterable[raw.FPDF_PAGEOBJECT], outer: Matrix, depth: int) -> Iterator[_Path]:
    """The same in the space of the page; a form is a drawing within the drawing, moved and scaled by its matrix."""
    for item in objects:
        kind = raw.FPDFPageObj_GetType(item)
        if kind == raw.FPDF_PAGEOBJ_PATH:
            yield _path(item, _product(_matrix(item), outer))
        elif kind == raw.FPDF_PAGEOBJ_FORM and depth < _FORMS_DEEP:
            count = raw.FPDFFormObj_CountObjects(item)
            inner = (raw.FPDFFormObj_GetObject(item, index) for index in range(count))
            yield from _drawn(inner, _product(_matrix(item), outer), depth + 1)


def _path(item: raw.FPDF_PAGEOBJECT, matrix: Matrix) -> _Path:
    x, y = ctypes.c_float(), ctypes.c_float()
    path = _Path([], [])
    start = (0.0, 0.0)
    for index in range(min(raw.FPDFPath_CountSegments(item), _LONGEST_PATH)):
        segment = raw.FPDFPath_GetPathSegment(item, index)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        point = _applied(matrix, x.value, y.value)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            start = point
        elif kind == raw.FPDF_SEGMENT_LINETO:
            path.lines.append((path.points[-1], point))
        path.points.append(point)
        if raw.FPDFPathSegment_GetClose(segment):
            path.lines.append((point, start))
    return path


def _matrix(item: raw.FPDF_PAGEOBJECT) -> Matrix:
    matrix = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(item, matrix)
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _product(first: Matrix, then: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    p, q, r, s, t, u = then
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def _applied(matrix: Matrix, x: float, y: float) -> Point:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f
