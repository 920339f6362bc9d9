"""Printed lines with their place in the text, and the typography that survives in them.

The text that reaches us has lost its bullets and its page breaks, but both leave a space at the start of a line: a
bullet after a blank line, a page break after a printed one, and two spaces where a bulleted line opens a page.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line: its number from 1, the offset of its first character, its text.

    ``content`` is the text without its outer white space and its bullet, ``indent`` how many characters stand before
    it; ``marked`` says whether a bullet is among them, ``follows_text`` whether the line above is printed on.
    """

    number: int
    start: int
    text: str
    follows_text: bool
    content: str
    indent: int
    marked: bool = False

    @property
    def bulleted(self) -> bool:
        """Whether its bullet is certain: the first space of a line that opens a page is the page break."""
        return self.marked or self.indent >= 2 or (self.indent == 1 and not self.follows_text)

    @property
    def closes_cell(self) -> bool:
        """An empty table cell is a line with nothing but a space."""
        return bool(self.text) and not self.content

    @property
    def end(self) -> int:
        """Offset just past its last character."""
        return self.start + len(self.text)

    def find(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Search the line's content."""
        return pattern.search(self.content)

    def span(self, match: re.Match[str], group: str | int = 0) -> tuple[int, int]:
        """Offsets in the whole text, half-open, of a group of a match given by :meth:`find`."""
        offset = self.start + self.indent
        return offset + match.start(group), offset + match.end(group)


def split_lines(text: str, bullets: str = "") -> tuple[Line, ...]:
    """Cut a text at its line feeds. ``bullets`` are the characters that open an item, where they survived."""
    outer = re.compile(rf"[\s{re.escape(bullets)}]*")
    lines: list[Line] = []
    start, follows_text = 0, False
    for number, printed in enumerate(text.split("\n"), 1):
        indent = outer.match(printed).end()  # type: ignore[union-attr]
        content = printed[indent:].rstrip()
        marked = bool(printed[:indent].strip())
        lines.append(Line(number, start, printed, follows_text, content, indent, marked))
        start += len(printed) + 1
        follows_text = bool(content)
    return tuple(lines)


def without_footers(lines: Iterable[Line], footers: Sequence[re.Pattern[str]]) -> tuple[Line, ...]:
    """The lines but page footers: their page number would read as a count."""
    return tuple(line for line in lines if not is_footer(line, footers))


def is_footer(line: Line, footers: Sequence[re.Pattern[str]]) -> bool:
    """Whether a line stands at the foot of a page."""
    return bool(line.content) and any(line.find(footer) for footer in footers)


def folded(text: str) -> str:
    """Every run of white space as one space."""
    return " ".join(text.split())


def paragraph(lines: Iterable[Line]) -> str:
    """The lines up to the first blank one, joined."""
    return folded(" ".join(line.content for line in takewhile(lambda line: bool(line.content), lines)))


def continuation(lines: Iterable[Line], opens: Callable[[Line], bool]) -> Iterator[Line]:
    """The lines that go on with a heading: up to one that opens something.

    A reader, or the foot of a page, may part a wrapped heading by blank lines: what goes on below them begins with a
    small letter.
    """
    apart = False
    for line in lines:
        if not line.content:
            apart = True
        elif opens(line) or (apart and not line.content[0].islower()):
            return
        else:
            apart = False
            yield line


def slug(text: str) -> str:
    """Letters and digits without accents, in lower case, other runs as one hyphen: "Saint Palais", "saint-palais"."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
