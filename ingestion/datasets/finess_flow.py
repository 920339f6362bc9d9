"""The national flows of FINESS until May 2026: lines without headings, each beginning with its section's name.

Layouts: etalab_cs1100501, cs1100502 and cs1100507 (DREES, ASIP Santé; 2011 and 2013), whose PDF say a tabulation where
the files have a semicolon. The first line is a comment that ends with the day: ``finess;etalab;93;2021-01-08``. Quotes
are sometimes CSV's, sometimes never closed; lines of one file are in two encodings; a section may have a semicolon too
many at the end of each line. All of that is read here; what then has another number of cells is quarantined.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from ingestion.datasets.finess import unquoted
from ingestion.datasets.records import Record, open_limited

DAY = "horodatage"


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


LEGAL_ENTITY = _names(
    """nofiness rs rslongue complrs numvoie typvoie voie compvoie compldistrib lieuditbp commune ligneacheminement
    departement libdepartement telephone statutjuridique libstatutjuridique categetab libcategetab siren codeape
    datecrea"""
)
ESTABLISHMENT = _names(
    """nofinesset nofinessej rs rslongue complrs compldistrib numvoie typvoie voie compvoie lieuditbp commune
    departement libdepartement ligneacheminement telephone telecopie categetab libcategetab categagretab
    libcategagretab siret codeape codemft libmft codesph libsph dateouv dateautor datemaj"""
)
#: The flow of establishments without coordinates has one cell more.
ESTABLISHMENT_502 = (*ESTABLISHMENT, "numuai")
LOCATION = ("nofinesset", "coordxet", "coordyet", "sourcecoordet", "datemaj")
LOCATED = ("coordxet", "coordyet", "sourcecoordet")
JOINED = "geolocalisation"


def flow_records(path: Path, section: str, names: Sequence[str]) -> Iterator[Record]:
    """The records of a flow of one section.

    Raises:
        ValueError: the first line is no comment of the flow.
    """
    lines = _lines(path)
    day = _day(lines)
    for line, text in lines:
        yield line, _record(text, section, names, day)


def located_records(path: Path) -> Iterator[Record]:
    """The records of cs1100507: establishments with the coordinates that its second section gives of them.

    A line of coordinates is told by its establishment's; without one it cannot be taken.

    Raises:
        ValueError: the first line is no comment of the flow.
    """
    places, known = dict(_places(path)), set()
    lines = _lines(path)
    day = _day(lines)
    for line, text in lines:
        if text.startswith(f"{JOINED};"):
            number = text.split(";", 2)[1]
            yield (
                line,
                {} if number in known else f"coordinates of an establishment of the file were expected, {number}",
            )
            continue
        record = _record(text, "structureet", ESTABLISHMENT, day)
        if not isinstance(record, str) and record:
            number = record["nofinesset"] or ""
            known.add(number)
            record |= places.get(number, {})
        yield line, record


def _places(path: Path) -> Iterator[tuple[str, dict[str, str | None]]]:
    for _, text in _lines(path):
        if text.startswith(f"{JOINED};"):
            record = _record(text, JOINED, LOCATION, "")
            if not isinstance(record, str):
                yield record["nofinesset"] or "", {name: record[name] for name in LOCATED}


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    with open_limited(path) as stream:
        for line, content in enumerate(stream, start=1):
            yield line, _decoded(content).strip("\r\n")


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("iso-8859-15")


def _day(lines: Iterator[tuple[int, str]]) -> str:
    _, comment = next(lines, (0, ""))
    source, *_, day = comment.rstrip(";").split(";")
    if source != "finess":
        raise ValueError("the first line was expected to be finess;etalab;…;day")
    return day


def _record(text: str, section: str, names: Sequence[str], day: str) -> dict[str, str | None] | str:
    """The cells by name; nothing for a blank line; a text saying why the line cannot be taken."""
    if not text.strip("; "):
        return {}
    cells = _cells(text, len(names) + 1)
    if cells[0] != section:
        return f"a line of {section} was expected, {cells[0]!r} found"
    if len(cells) != len(names) + 1:
        return f"{len(names) + 1} cells were expected, {len(cells)} found"
    return {**{name: unquoted(cell) or None for name, cell in zip(names, cells[1:], strict=True)}, DAY: day}


def _cells(text: str, width: int) -> list[str]:
    """The cells of a line: quotes are characters, or CSV's where only that gives the right number of cells."""
    cells = _trimmed(text.split(";"), width)
    if len(cells) == width or '"' not in text:
        return cells
    quoted = _trimmed(next(csv.reader([text], delimiter=";"), []), width)
    return quoted if len(quoted) == width else cells


def _trimmed(cells: list[str], width: int) -> list[str]:
    while len(cells) > width and not cells[-1]:
        cells.pop()
    return cells
