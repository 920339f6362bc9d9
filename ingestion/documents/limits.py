"""How much of a delivered document is read, and why not more. Beyond a limit a document is refused, never cut."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What one reading may cost. Sizes are in bytes, times in seconds."""

    #: The longest text that we know of has half a megabyte; 200 MB of digits are not a report.
    text_bytes: int = 32 * MIB
    #: A press kit with photographs at print resolution takes some tens of megabytes.
    file_bytes: int = 128 * MIB
    #: All files inside a DOCX or ODT together: pictures hardly shrink, so it is of the order of the file itself.
    inflated_bytes: int = 256 * MIB
    #: One XML part: 500 pages of text are 5 MB; parsed, a part takes about ten times its size in memory.
    part_bytes: int = 48 * MIB
    #: A Word file of 500 pages with a picture on each has about 1,000 parts.
    parts: int = 5_000
    #: The longest public reports (Cour des comptes) have some 700 pages.
    pages: int = 2_000
    #: Ten times the longest text that we know of.
    characters: int = 5_000_000
    #: Lines on a page whose figures are drawn: beyond, it is a map or a chart, in which no table is looked for.
    rules_per_page: int = 4_000
    #: 700 dense pages of PDF take 20 s; a machine under load may take several times as long.
    seconds: float = 120.0
    #: Processor time, which load does not lengthen: four times what the longest report needs.
    cpu_seconds: int = 80
    #: Address space of the reader. Interpreter and libraries take 0.2 GiB, the largest permitted file 0.1 GiB.
    memory_bytes: int = 1_536 * MIB
    #: What the reader may hand back: thirty times the answer for the longest text that we know of.
    answer_bytes: int = 32 * MIB


LIMITS = Limits()
