"""Files that are no tables (JSON, ndjson, GeoJSON, XML, joined sections): their module gives the records.

``transforms/<code>.py`` has ``records(path)``, which yields a line (or ordinal number) and the cells by published
heading; a text instead of cells says why that record cannot be taken. All after it is as for any other file.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import IO, TypeAlias

from ingestion.datasets.contract_model import Contract, module_name
from ingestion.datasets.grids import Cells, Grid, unlike
from warehouse.errors import InputError

Record: TypeAlias = tuple[int, Mapping[str, str | None] | str]
#: Twice what the largest flow that we know of unpacks to (FINESS+ activities, 1.45 GB).
MOST_BYTES = 3 << 30
GZIP = b"\x1f\x8b"


class TooLarge(ValueError):
    """A file that unpacks to more than is permitted."""


def open_limited(path: Path, most: int = MOST_BYTES) -> IO[bytes]:
    """The bytes of a file, unpacked where it is gzip: reading beyond ``most`` of them raises :class:`TooLarge`."""
    return io.BufferedReader(_Limited(path, most))


class _Limited(io.RawIOBase):
    def __init__(self, path: Path, most: int) -> None:
        self._left = most
        with path.open("rb") as stream:
            opened = gzip.GzipFile if stream.read(2) == GZIP else io.FileIO
        self._stream: io.BufferedIOBase | io.RawIOBase = opened(path)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        read = self._stream.read(len(buffer)) or b""
        self._left -= len(read)
        if self._left < 0:
            raise TooLarge("it unpacks to more than is permitted")
        buffer[: len(read)] = read
        return len(read)

    def close(self) -> None:
        self._stream.close()
        super().close()


def record_grids(contract: Contract, path: Path) -> Iterator[Grid]:
    """The one grid of a file of records; its headings are those that the contract publishes.

    Raises:
        InputError: the file is cut short, is no such file at all, or unpacks to too much.
    """
    module = import_module(f"ingestion.datasets.transforms.{module_name(contract.code)}")
    headings = list(dict.fromkeys(c.label for c in contract.columns if not c.is_pseudo))
    yield Grid(headings, _rows(contract, path, headings, module.records))


def _rows(
    contract: Contract, path: Path, headings: list[str], records: Callable[[Path], Iterator[Record]]
) -> Iterator[tuple[int, Cells]]:
    known = {*headings, *contract.ignored_columns}
    line = None
    try:
        for line, cells in records(path):
            if isinstance(cells, str):
                yield line, cells
                continue
            if unknown := sorted(cells.keys() - known):
                raise unlike(contract, path.name, f"unknown column {unknown[0]!r}", line)
            yield line, [cells.get(heading) for heading in headings]
    except (OSError, EOFError, zlib.error, ValueError, SyntaxError) as error:
        if isinstance(error, InputError):
            raise
        raise unlike(contract, path.name, f"a whole file of its form was expected: {error}", line) from error
