"""The life of commune codes, from INSEE's file of the movements of communes since 1943.

A row of the file says what a commune was before a day and what it is from that day on (``AV`` and ``AP``). Rows with
other types than ``COM`` (associated and delegated communes, municipal arrondissements) are of communes too where one
side is one: a delegated commune that goes leaves the commune that it was part of as it is.

Read the file with :func:`read_movements`; :func:`lives` gives each code's spells of existence. What became of the
ground of each: :mod:`ingestion.reference.grounds`. Used by :mod:`ingestion.reference.build_territories`.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

COMMUNE = "COM"
#: MOD codes and their labels, as INSEE's description of the file words them (COG 2026, « Liste des événements »).
KINDS_FR = {
    "10": "changement de nom",
    "20": "création",
    "21": "rétablissement",
    "30": "suppression",
    "31": "fusion simple",
    "32": "création de commune nouvelle",
    "33": "fusion-association",
    "34": "transformation de fusion-association en fusion simple",
    "35": "suppression de commune déléguée",
    "41": "changement de code dû à un changement de département",
    "50": "changement de code dû à un transfert de chef-lieu",
    "70": "transformation de commune associée en commune déléguée",
    "71": "rétablissement de commune déléguée",
    "72": "création de commune déléguée",
}
#: MOD codes of INSEE that hand a living commune's code to another: change of department, transfer of the seat.
CODE_CHANGES = frozenset({"41", "50"})
#: MOD code of a commune that comes back with the ground that it had.
RE_CREATION = "21"
# A commune loses nothing of its own by them: arrondissements laid out inside it, a delegated commune set up in it.
_INSIDE = frozenset({"20", "72"})


@dataclass(frozen=True)
class Movement:
    """One row of the file: ``kind`` is its MOD, ``on`` the first day of what it made (DATE_EFF).

    A side is empty where a commune comes from nowhere (overseas departments made of colonies) or leaves the code.
    """

    kind: str
    on: date
    from_type: str
    from_code: str
    from_name: str
    to_type: str
    to_code: str
    to_name: str


@dataclass(frozen=True)
class Spell:
    """An unbroken existence of a code as a commune, from ``begins`` until the day before ``ends``.

    ``begins`` is null before 1943, ``ends`` while in force. ``last_name`` is the last that the movements tell
    (of a commune in force, the COG has the name and not they).
    """

    code: str
    begins: date | None
    ends: date | None = None
    last_name: str = ""

    def holds_on(self, day: date) -> bool:
        """Whether the commune existed on the day."""
        return (self.begins is None or self.begins <= day) and (self.ends is None or day < self.ends)


Lives = Mapping[str, Sequence[Spell]]


def read_movements(path: Path) -> list[Movement]:
    """Read ``mouvements-communes.csv`` (UTF-8, commas), as INSEE publishes it with each COG.

    Raises:
        KeyError: a column that the file of 2019 to 2026 has is missing.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [
            Movement(
                row["MOD"],
                date.fromisoformat(row["DATE_EFF"]),
                row["TYPECOM_AV"],
                row["COM_AV"],
                row["LIBELLE_AV"],
                row["TYPECOM_AP"],
                row["COM_AP"],
                row["LIBELLE_AP"],
            )
            for row in csv.DictReader(file)
        ]


@dataclass
class _Day:
    """What befell one code on one day: the rows that it is before (``outs``) and after (``ins``)."""

    ins: list[Movement] = field(default_factory=list)
    outs: list[Movement] = field(default_factory=list)

    @property
    def comes_by_change(self) -> bool:
        return any(_is_code_change(movement) for movement in self.ins)

    @property
    def goes_by_change(self) -> bool:
        return any(_is_code_change(movement) for movement in self.outs)

    def lived_before(self, lived: bool | None) -> bool:
        """Whether the code was a commune the day before; ``lived`` is what its earlier days say, null without any."""
        if self.comes_by_change:
            return False
        return bool(self.outs) or bool(lived)

    @property
    def lives_after(self) -> bool:
        if self.goes_by_change:
            return False
        if self.comes_by_change:
            return not self.outs or any(m.to_type == COMMUNE and m.to_code == m.from_code for m in self.outs)
        return bool(self.ins) or all(m.kind in _INSIDE and m.to_type != COMMUNE for m in self.outs)


def _is_code_change(movement: Movement) -> bool:
    both = movement.from_type == movement.to_type == COMMUNE
    return both and movement.kind in CODE_CHANGES and movement.from_code != movement.to_code


def _days(movements: Iterable[Movement]) -> dict[str, dict[date, _Day]]:
    days: dict[str, dict[date, _Day]] = defaultdict(lambda: defaultdict(_Day))
    for movement in movements:
        if movement.from_type == COMMUNE:
            days[movement.from_code][movement.on].outs.append(movement)
        if movement.to_type == COMMUNE:
            days[movement.to_code][movement.on].ins.append(movement)
    return days


def lives(movements: Iterable[Movement]) -> dict[str, tuple[Spell, ...]]:
    """Spells of every code that a movement names as a commune, in order.

    A code used within one day (a commune that changed department and merged on the same date) has none. Codes that no
    movement names have lived all along: they are not here.

    Raises:
        ValueError: a code goes that was not there.
    """
    days = _days(movements)
    return {code: tuple(_life(code, by_day)) for code, by_day in days.items()}


def _life(code: str, by_day: Mapping[date, _Day]) -> list[Spell]:
    spells: list[Spell] = []
    lived: bool | None = None
    for on, day in sorted(by_day.items()):
        before, after = day.lived_before(lived), day.lives_after
        if lived is not None and before != lived:
            raise ValueError(
                f"commune {code}: on {on} it {'was' if before else 'was not'} there, unlike what came before"
            )
        if before and not spells:
            spells.append(Spell(code, None))
        if before and day.outs:
            spells[-1] = replace(spells[-1], last_name=day.outs[0].from_name)
        if before and not after:
            spells[-1] = replace(spells[-1], ends=on)
        elif after and not before:
            spells.append(Spell(code, on))
        lived = after
    return spells
