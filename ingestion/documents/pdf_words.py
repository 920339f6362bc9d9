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
from dataclasses import dataclass, field, replace

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from ingestion.documents.composing import LIGATURES, raised

_BOLD = re.compile(rb"bold|black|heavy|demi", re.IGNORECASE)
#: What PDFium gives for a hyphen at the end of a line.
_LINE_END_HYPHENS = (0x02, 0xFFFE, 0xAD)
_UNNAMED = "\ufffd"
#: Shares of the size of the characters. Beyond a wide gap characters are not of one word, blank or not; a raised or
#: lowered character is smaller, and off the baseline by at most this.
_WIDE_GAP = 0.9
_NARROW_GAP = 0.15
_BACKWARD = 0.5
_SAME_BASELINE = 0.12
_MOST_SHIFTED = 0.75
_SMALL = 0.85
#: Fonts made of drawings may not tell their size.
_USUAL_SIZE = 10.0
#: In radians.
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
    middles = ((word, word.middle) for word in found.words)
    found.words = [word for word, (x, y) in middles if 0 <= x <= width and 0 <= y <= height]
    return found


class _Reader:
    """Goes through the characters once, and ends a word where a blank, a jump or another line begins."""

    def __init__(self, text_page: pdfium.PdfTextPage, frame: Frame) -> None:
        self._text_page = text_page.raw
        self._count = text_page.count_chars()
        self._frame = frame
        self._found = PageWords()
        self._word: Word | None = None
        self._spaced = False
        self._line_ended = False
        self._turned = False
        self._box = tuple(ctypes.c_double() for _ in range(4))
        self._origin = tuple(ctypes.c_double() for _ in range(2))
        self._box_order = tuple(ctypes.byref(self._box[side]) for side in (0, 2, 1, 3))
        self._origin_order = tuple(map(ctypes.byref, self._origin))

    def read(self) -> PageWords:
        for index in range(self._count):
            code = raw.FPDFText_GetUnicode(self._text_page, index)
            if code in (0x0A, 0x0D):
                self._line_ended = True
            elif _is_blank(code):
                self._spaced = True
            else:
                self._take(index, code)
        return self._found

    def _take(self, index: int, code: int) -> None:
        raw.FPDFText_GetCharBox(self._text_page, index, *self._box_order)
        raw.FPDFText_GetCharOrigin(self._text_page, index, *self._origin_order)
        left, bottom, right, top = self._box
        x0 = self._frame.shown(left.value, bottom.value)[0]
        x1 = self._frame.shown(right.value, top.value)[0]
        if x0 > x1:
            x0, x1 = x1, x0
        y = self._frame.shown(self._origin[0].value, self._origin[1].value)[1]
        size = raw.FPDFText_GetFontSize(self._text_page, index)
        text = self._printed(index, code)
        self._found.characters += 1
        self._found.unnamed += text == _UNNAMED
        self._place(index, text, x0, x1, y, size)
        self._spaced = self._line_ended = False

    def _place(self, index: int, text: str, x0: float, x1: float, y: float, nominal: float) -> None:
        word = self._word
        if word is None or self._turned:
            return self._begin(index, text, x0, x1, y)
        reach = _NARROW_GAP if self._line_ended else _WIDE_GAP
        is_near = -_BACKWARD * word.size < x0 - word.x1 < reach * word.size
        lift = (word.y - y) / word.size
        is_small = _SAME_BASELINE < abs(lift) < _MOST_SHIFTED and nominal * self._scale < _SMALL * word.size
        if is_near and is_small:
            return self._append(raised(text) if lift > 0 else text, x0, x1, word)
        if is_near and abs(lift) <= _SAME_BASELINE and not self._spaced:
            return self._append(text, x0, x1, word)
        return self._begin(index, text, x0, x1, y)

    def _append(self, text: str, x0: float, x1: float, word: Word) -> None:
        """Goes on with a word, or after a blank begins another on its baseline: that of "1 er"."""
        if self._spaced:
            self._word = replace(word, text=text, x0=x0, x1=x1, spaced=True)
            self._found.words.append(self._word)
        else:
            word.text += text
            word.x1 = max(word.x1, x1)

    def _begin(self, index: int, text: str, x0: float, x1: float, y: float) -> None:
        self._turned = self._frame.slant(raw.FPDFText_GetCharAngle(self._text_page, index)) > _TURNED
        if self._turned:
            self._turn(text)
            self._word = None
            return
        self._scale = self._scale_of(index)
        size = raw.FPDFText_GetFontSize(self._text_page, index) * self._scale
        size = size if size >= 1 else _USUAL_SIZE
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
