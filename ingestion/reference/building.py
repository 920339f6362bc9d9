"""What the scripts that build the reference share: inputs known by their bytes, the same rows as the same bytes."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl

from ingestion.schemas import Table

Row = dict[str, Any]
LICENCE = "Licence Ouverte 2.0"


def checked(path: Path, wanted: str) -> Path:
    """The path, once its bytes are those that the reference was made from.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: its bytes are others.
    """
    found = sha256(path.read_bytes()).hexdigest()
    if found != wanted:
        raise ValueError(f"{path}: SHA-256 {wanted} was expected, {found} found")
    return path


def write_parquet(rows: Iterable[Row], table: Table, path: Path) -> int:
    """Write ``rows`` sorted by the table's key, compressed, and return how many; the same rows give the same bytes."""
    frame = pl.DataFrame(list(rows), schema={c.name: c.dtype for c in table.columns}).sort(table.key)
    frame.write_parquet(path, compression="zstd", compression_level=19, statistics=False)
    return frame.height


def write_csv(rows: Iterable[Row], table: Table, path: Path) -> int:
    """Write ``rows`` sorted by the table's key as CSV (UTF-8, LF) and return how many."""
    frame = pl.DataFrame(list(rows), schema={c.name: c.dtype for c in table.columns}).sort(table.key)
    frame.write_csv(path)
    return frame.height
