"""Printed lines with their place in the text, and the typography that survives in them.

The text that reaches us has lost its bullets and its page breaks, but both leave a space at the start of a line: a
bullet after a blank line, a page break after a printed one, and two spaces where a bulleted line opens a page.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One printed line: its number from 1, the offset of its first character, its text.

    ``follows_text`` says whether the line before it is printed on (not blank).
    """

    number: int
    start: int
    text: str
    follows_text: bool

    @property
    def content(self) -> str:
        return self.text.strip()

    @property
    def indent(self) -> int:
        return len(self.text) - len(self.text.lstrip())

    @property
    def bulleted(self) -> bool:
        """Whether its bullet is certain: the first space of a line that opens a page is the page break."""
        return self.indent >= 2 or (self.indent == 1 and not self.follows_text)

    @property
    def closes_cell(self) -> bool:
        """An empty table cell is a line with nothing but a space."""
        return bool(self.text) and not self.content

    def find(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Search the line without its outer white space."""
        return pattern.search(self.content)

    def span(self, match: re.Match[str], group: str | int = 0) -> tuple[int, int]:
        """Offsets in the whole text, half-open, of a group of a match given by :meth:`find`."""
        offset = self.start + self.indent
        return offset + match.start(group), offset + match.end(group)


def split_lines(text: str, footers: Sequence[re.Pattern[str]]) -> tuple[Line, ...]:
    """Cut a text at its line feeds, leaving out page footers: their page number would read as a count."""
    lines: list[Line] = []
    start, follows_text = 0, False
    for number, content in enumerate(text.split("\n"), 1):
        line = Line(number, start, content, follows_text)
        if not any(line.find(footer) for footer in footers):
            lines.append(line)
        start += len(content) + 1
        follows_text = bool(content.strip())
    return tuple(lines)


def folded(text: str) -> str:
    """Every run of white space as one space."""
    return " ".join(text.split())


def paragraph(lines: Iterable[Line]) -> str:
    """The lines up to the first blank one, joined."""
    parts: list[str] = []
    for line in lines:
        if not line.content:
            break
        parts.append(line.content)
    return folded(" ".join(parts))


def slug(text: str) -> str:
    """Letters and digits without accents, in lower case, other runs as one hyphen: "Saint Palais", "saint-palais"."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
