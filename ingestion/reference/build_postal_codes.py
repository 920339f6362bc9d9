"""Build ``postal_codes.parquet``: the postal codes of each commune under each name that it bore, by vintage of the COG.

Run by hand when a vintage is added, never by a refresh, with the archives of :mod:`build_territories`::

    python -m ingestion.reference.build_postal_codes <folder with the package archives>
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from ingestion.postal_codes import POSTAL_CODES
from ingestion.reference.packages import PACKAGES, Vintage, read_package


def postal_codes(vintages: Sequence[Vintage]) -> pl.DataFrame:
    """One row a postal code, territory and name: the first and the last vintage that have it.

    Paris, Lyon and Marseille are there as the package gives them: the whole commune, and each arrondissement.
    """
    rows = [row for vintage in vintages for row in _of(vintage)]
    frame = pl.DataFrame(rows, schema=["postal_code", "territory_key", "name", "cog"], orient="row")
    spells = frame.group_by("postal_code", "territory_key", "name").agg(
        first_cog=pl.col("cog").min(), last_cog=pl.col("cog").max()
    )
    return spells.sort("postal_code", "territory_key", "first_cog", "name")


def _of(vintage: Vintage) -> Iterator[tuple[str, str, str, int]]:
    levels = {"commune": vintage.communes, "municipal_arrondissement": vintage.municipal_arrondissements}
    for level, objects in levels.items():
        for code, o in objects.items():
            for postal_code in o.get("codesPostaux", ()):
                yield postal_code, f"{level}:{code}", o["nom"], vintage.package.vintage


def main(folder: Path) -> None:
    """Read the archives of ``folder`` and write the table beside the other ones."""
    frame = postal_codes([read_package(folder, package) for package in PACKAGES])
    frame.write_parquet(POSTAL_CODES, compression="zstd", compression_level=19, statistics=False)
    print(f"{POSTAL_CODES.name}: {frame.height} rows, {POSTAL_CODES.stat().st_size} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m ingestion.reference.build_postal_codes <folder with the package archives>")
    main(Path(sys.argv[1]))
