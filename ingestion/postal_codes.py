"""The commune that a postal code and a name stand for.

A postal code is the post's, not INSEE's: it covers several communes, and a commune may have several. With the name it
tells the commune, in the geography of a year of the COG: names pass from commune to commune as these merge and part.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ingestion.territories import REFERENCE, fold_name

if TYPE_CHECKING:
    from collections.abc import Iterable

POSTAL_CODES = REFERENCE / "postal_codes.parquet"


@dataclass(frozen=True)
class PostalCode:
    """One postal code of one territory under one name, from one year of the COG to another."""

    postal_code: str
    territory_key: str
    name: str
    first_cog: int
    last_cog: int


class PostalIndex:
    """Finds communes and municipal arrondissements by postal code and name."""

    def __init__(self, rows: Iterable[PostalCode]) -> None:
        self._by_code: dict[tuple[str, str], list[PostalCode]] = {}
        self._by_department: dict[tuple[str, str], list[PostalCode]] = {}
        self._coded: dict[str, list[PostalCode]] = {}
        for row in rows:
            name = fold_name(row.name)
            self._coded.setdefault(row.postal_code, []).append(row)
            self._by_code.setdefault((row.postal_code, name), []).append(row)
            self._by_department.setdefault((_department(row.postal_code), name), []).append(row)

    def find(self, postal_code: str, name: str, cog: int) -> str | None:
        """Key of the one territory with this postal code and name, or null when there is none or are several.

        The geography of ``cog`` comes before that of any year. A name that has another postal code is taken where no
        other commune of the department bears it: the post and INSEE do not change a code on the same day.
        """
        folded = fold_name(name)
        near = self._by_code.get((postal_code, folded), [])
        wide = self._in_department(_department(postal_code), folded)
        now = _keys(near, cog)
        if now:
            return _only(now)
        return _only(_keys(wide, cog)) or _only(_keys(near)) or _only(_keys(wide))

    def find_in(self, department: str, name: str, cog: int) -> str | None:
        """The same within a department (``33``, ``2A``, ``974``), whatever the postal code."""
        rows = self._in_department("20" if department in ("2A", "2B") else department, fold_name(name))
        return _one_of([row for row in rows if _is_of(row, department)], cog)

    def find_beginning(self, postal_code: str, start: str, cog: int) -> str | None:
        """The same for a name that was cut: the one territory with this postal code whose name begins so."""
        folded = fold_name(start)
        rows = [row for row in self._coded.get(postal_code, []) if fold_name(row.name).startswith(folded)]
        return _one_of(rows, cog)

    def _in_department(self, department: str, folded: str) -> list[PostalCode]:
        return self._by_department.get((department, folded), [])


def _one_of(rows: list[PostalCode], cog: int) -> str | None:
    """The one territory of the rows: of those of the year, where there are any."""
    return _only(_keys(rows, cog) or _keys(rows))


def _keys(rows: list[PostalCode], cog: int | None = None) -> set[str]:
    """The territories of the rows, or of those of one year."""
    return {row.territory_key for row in rows if cog is None or row.first_cog <= cog <= row.last_cog}


def _only(keys: set[str]) -> str | None:
    return next(iter(keys)) if len(keys) == 1 else None


def _is_of(row: PostalCode, department: str) -> bool:
    return row.territory_key.partition(":")[2].startswith(department)


def _department(postal_code: str) -> str:
    """The part of a postal code that tells the department; the two of Corsica share theirs."""
    return postal_code[:3] if postal_code.startswith(("97", "98")) else postal_code[:2]


@lru_cache(maxsize=1)
def postal_index() -> PostalIndex:
    """The index of the committed reference."""
    import polars as pl

    return PostalIndex(PostalCode(*row) for row in pl.read_parquet(POSTAL_CODES).iter_rows())
