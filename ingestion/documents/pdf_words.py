"""Words of a PDF page with their places, read from PDFium character by character.

Places are in points from the upper left corner of the page as it is shown, whatever its rotation: x to the right, y
downward. A word's y is its baseline.
"""

from __future__ import annotations

import ctypes
import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

import pypdfium2 as pdfium  # type: ignore[import-untyped]
import pypdfium2.raw as raw  # type: ignore[import-untyped]

from ingestion.documents.composing import LIGATURES, raised

_BOLD = re.compile(rb"bold|black|heavy|demi", re.IGNORECASE)
#: What PDFium gives for a hyphen at the end of a line.
_LINE_END_HYPHENS = (0x02, 0xFFFE, 0xAD)
_UNNAMED = "\ufffd"
#: Shares of the size of the characters. Beyond a wide gap characters are not of one word, blank or not; a raised
#: character is smaller and higher by these; a turned one slants by more than this many radians.
_WIDE_GAP = 0.9
_NARROW_GAP = 0.15
_BACKWARD = 0.5
_SAME_BASELINE = 0.12
_RAISED_BY = (0.15, 0.75)
_RAISED_SIZE = 0.85
_TURNED = 0.2


@dataclass(slots=True)
class Word:
    """Characters without a blank between them. ``spaced`` tells that a blank was printed before."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    bold: bool
    spaced: bool

    @property
    def top(self) -> float:
        """Where its letters begin, roughly."""
        return self.y - 0.8 * self.size

    @property
    def middle(self) -> tuple[float, float]:
        """The point that tells in which cell or column it stands."""
        return (self.x0 + self.x1) / 2, self.y - 0.3 * self.size


@dataclass(frozen=True)
class Frame:
    """How a page is shown: its visible box in the space of the page, and its rotation in degrees clockwise."""

    left: float
    bottom: float
    right: float
    top: float
    rotation: int

    @property
    def size(self) -> tuple[float, float]:
        """Width and height as shown."""
        across, upright = self.right - self.left, self.top - self.bottom
        return (upright, across) if self.rotation in (90, 270) else (across, upright)

    def shown(self, x: float, y: float) -> tuple[float, float]:
        """A point of the page's own space where it is shown."""
        if self.rotation == 90:
            return y - self.bottom, x - self.left
        if self.rotation == 180:
            return self.right - x, y - self.bottom
        if self.rotation == 270:
            return self.top - y, self.right - x
        return x - self.left, self.top - y

    def slant(self, angle: float) -> float:
        """How far text at an angle of the page's own space slants as shown: 0 when it stands upright."""
        turned = (angle + math.radians(self.rotation)) % (2 * math.pi)
        return min(turned, 2 * math.pi - turned)


@dataclass
class PageWords:
    """What is written on a page. ``turned`` are the texts that do not stand upright, such as titles of axes."""

    words: list[Word] = field(default_factory=list)
    turned: list[str] = field(default_factory=list)
    characters: int = 0
    unnamed: int = 0


def frame_of(page: pdfium.PdfPage) -> Frame:
    """How a page is shown. The visible box never exceeds the sheet."""
    sheet, crop = page.get_mediabox(), page.get_cropbox()
    left, bottom = max(sheet[0], crop[0]), max(sheet[1], crop[1])
    right, top = min(sheet[2], crop[2]), min(sheet[3], crop[3])
    if right <= left or top <= bottom:
        left, bottom, right, top = sheet
    return Frame(left, bottom, right, top, page.get_rotation() % 360)


def words_of(page: pdfium.PdfPage, frame: Frame) -> PageWords:
    """The words of a page in the order of the file, those outside the visible box left out."""
    text_page = page.get_textpage()
    try:
        found = _Reader(text_page, frame).read()
    finally:
        text_page.close()
    width, height = frame.size
    found.words = [w for w in found.words if 0 <= w.middle[0] <= width and 0 <= w.middle[1] <= height]
    return found


class _Reader:
    """Goes through the characters once, and ends a word where a blank, a jump or another line begins."""

    def __init__(self, text_page: pdfium.PdfTextPage, frame: Frame) -> None:
        self._text_page = text_page
        self._frame = frame
        self._found = PageWords()
        self._word: Word | None = None
        self._spaced = False
        self._line_ended = False
        self._turned = False
        self._box = [ctypes.c_double() for _ in range(4)]
        self._origin = [ctypes.c_double() for _ in range(2)]

    def read(self) -> PageWords:
        for index in range(self._text_page.count_chars()):
            code = raw.FPDFText_GetUnicode(self._text_page, index)
            if code in (0x0A, 0x0D):
                self._line_ended = True
            elif _is_blank(code):
                self._spaced = True
            else:
                self._take(index, code)
        return self._found

    def _take(self, index: int, code: int) -> None:
        raw.FPDFText_GetCharBox(self._text_page, index, self._box[0], self._box[2], self._box[1], self._box[3])
        raw.FPDFText_GetCharOrigin(self._text_page, index, *self._origin)
        first = self._frame.shown(self._box[0].value, self._box[1].value)
        last = self._frame.shown(self._box[2].value, self._box[3].value)
        x0, x1 = min(first[0], last[0]), max(first[0], last[0])
        y = self._frame.shown(*(value.value for value in self._origin))[1]
        size = raw.FPDFText_GetFontSize(self._text_page, index)
        text = self._printed(index, code)
        self._found.characters += 1
        self._found.unnamed += text == _UNNAMED
        self._place(index, text, x0, x1, y, size)
        self._spaced = self._line_ended = False

    def _place(self, index: int, text: str, x0: float, x1: float, y: float, nominal: float) -> None:
        word = self._word
        if word is None or self._spaced or self._turned:
            return self._begin(index, text, x0, x1, y)
        gap = x0 - word.x1
        near = -_BACKWARD * word.size < gap < (_NARROW_GAP if self._line_ended else _WIDE_GAP) * word.size
        lift = (word.y - y) / word.size
        if near and abs(lift) < _SAME_BASELINE:
            word.text += text
        elif near and _RAISED_BY[0] < lift < _RAISED_BY[1] and nominal * self._scale < _RAISED_SIZE * word.size:
            word.text += raised(text)
        else:
            return self._begin(index, text, x0, x1, y)
        word.x1 = max(word.x1, x1)
        return None

    def _begin(self, index: int, text: str, x0: float, x1: float, y: float) -> None:
        self._turned = self._frame.slant(raw.FPDFText_GetCharAngle(self._text_page, index)) > _TURNED
        if self._turned:
            self._turn(text)
            self._word = None
            return
        self._scale = self._scale_of(index)
        size = max(raw.FPDFText_GetFontSize(self._text_page, index) * self._scale, 1.0)
        self._word = Word(text, x0, x1, y, size, self._is_bold(index), self._spaced)
        self._found.words.append(self._word)

    def _turn(self, text: str) -> None:
        """Turned text is taken as it comes: there is little of it, and no lines to put together."""
        if self._line_ended or not self._found.turned:
            self._found.turned.append(text)
        else:
            self._found.turned[-1] += (" " if self._spaced else "") + text

    def _printed(self, index: int, code: int) -> str:
        """The character. Of one that its font does not name PDFium gives the number, which means nothing."""
        if raw.FPDFText_HasUnicodeMapError(self._text_page, index):
            return _UNNAMED
        if code in _LINE_END_HYPHENS:
            return "-"
        character = chr(code) if code <= 0x10FFFF else _UNNAMED
        return _UNNAMED if unicodedata.category(character) == "Cc" else LIGATURES.get(character, character)

    def _scale_of(self, index: int) -> float:
        """How much the page enlarges a font beyond its nominal size."""
        matrix = raw.FS_MATRIX()
        raw.FPDFText_GetMatrix(self._text_page, index, matrix)
        return math.hypot(matrix.c, matrix.d) or 1.0

    def _is_bold(self, index: int) -> bool:
        name = ctypes.create_string_buffer(128)
        raw.FPDFText_GetFontInfo(self._text_page, index, name, len(name), None)
        return _BOLD.search(name.value) is not None


def _is_blank(code: int) -> bool:
    """Blanks that part words. No-break and thin spaces hold a number together and stay inside a word."""
    return code in (0x09, 0x0B, 0x0C, 0x20, 0x1680, 0x3000) or 0x2000 <= code <= 0x2006


def letters(text: str) -> Iterator[str]:
    """The letters of a text."""
    return (character for character in text if unicodedata.category(character)[0] == "L")
