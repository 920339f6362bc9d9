"""Pieces of ground that communes are made of, from INSEE's movements: what carries a figure from one day to another.

A ground is as fine as the movements tell: a commune of 1943, a part that became a commune of its own later, a part of
one that was shared out. Each lies in one commune at a time, so the communes of any two days meet in the grounds that
they share, whichever came first: a commune whose grounds all went to one other went there whole; one whose grounds lie
in several was split.

What the movements do not tell stays unknown: how many people lived on a ground, and boundaries that moved without a
commune coming or going.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from ingestion.reference.movements import CODE_CHANGES, COMMUNE, RE_CREATION, Lives, Movement

#: MOD codes of a commune whose ground goes to another: simple merger, new commune, merger-association.
MERGERS = frozenset({"31", "32", "33"})
CREATION = "20"
SUPPRESSION = "30"


@dataclass(frozen=True)
class Holding:
    """A ground in a commune, from ``begins`` (null before 1943) until the day before ``ends`` (null: still)."""

    ground: str
    code: str
    begins: date | None
    ends: date | None


@dataclass
class _Register:
    """Who holds what, while the movements are gone through in the order of their days.

    ``seats`` names the ground that a commune's own code began with: what a creation out of it is carved from.
    ``kept`` is what a commune held when it went: what its re-creation gives back.
    """

    held: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    seats: dict[str, str] = field(default_factory=dict)
    kept: dict[str, set[str]] = field(default_factory=dict)
    past: dict[str, list[Holding]] = field(default_factory=lambda: defaultdict(list))

    def found(self, code: str, ground: str, since: date | None) -> None:
        self.past[ground].append(Holding(ground, code, since, None))
        self.held[code].add(ground)
        self.seats.setdefault(code, ground)

    def move(self, ground: str, source: str, target: str | None, on: date) -> None:
        last = self.past[ground].pop()
        if last.begins != on:  # a code that was in use within the day only held nothing
            self.past[ground].append(Holding(ground, last.code, last.begins, on))
        self.held[source].discard(ground)
        if target is not None:
            self.past[ground].append(Holding(ground, target, on, None))
            self.held[target].add(ground)

    def hand_over(self, source: str, target: str | None, on: date) -> None:
        """Everything that the commune holds goes to another."""
        self.kept[source] = set(self.held[source])
        for ground in sorted(self.held[source]):
            self.move(ground, source, target, on)
        if target is not None:
            self.seats.setdefault(target, self.seats[source])

    def carve(self, source: str, target: str, ground: str, on: date) -> None:
        """A part of the commune's own ground, told apart from now on, goes to another: it had the same past."""
        self.part(self.seats[source], ground)
        self.held[source].add(ground)
        self.move(ground, source, target, on)
        self.seats.setdefault(target, ground)

    def part(self, ground: str, piece: str) -> None:
        """Tell ``piece`` apart from ``ground``: the same past under another name."""
        self.past[piece] = [Holding(piece, h.code, h.begins, h.ends) for h in self.past[ground]]


def holdings(movements: Iterable[Movement], known: Lives) -> Iterator[Holding]:
    """Every ground's communes, of the codes that movements name; any other commune is one ground from first to last.

    ``known`` are the lives of the same movements.

    Raises:
        ValueError: a commune that exists holds no ground, or one that does not exist holds some.
    """
    register = _Register()
    for code, spells in known.items():
        if spells and spells[0].begins is None:
            register.found(code, code, None)
    by_day: dict[date, list[Movement]] = defaultdict(list)
    for movement in movements:
        if movement.to_type in (COMMUNE, "") and movement.from_type in (COMMUNE, ""):
            by_day[movement.on].append(movement)
    for on in sorted(by_day):
        _replay(on, [m for m in by_day[on] if m.from_code != m.to_code], register, known)
    _check(register, known)
    for past in register.past.values():
        yield from past


def _replay(on: date, movements: list[Movement], register: _Register, known: Lives) -> None:
    """One day: codes change first, then communes merge, are shared out, come back, are made."""
    ordered = sorted(movements, key=lambda m: (m.from_code, m.to_code))
    for movement in ordered:
        if movement.kind in CODE_CHANGES:
            register.hand_over(movement.from_code, movement.to_code, on)
    for movement in ordered:
        if movement.kind in MERGERS:
            register.hand_over(movement.from_code, movement.to_code, on)
    for source in sorted({m.from_code for m in ordered if m.kind == SUPPRESSION and _ends(m.from_code, on, known)}):
        _share_out(source, [m.to_code for m in ordered if m.from_code == source], on, register)
    for movement in ordered:
        if movement.kind == RE_CREATION:
            _re_create(movement, on, register)
    for movement in ordered:
        if movement.kind == CREATION:
            if movement.from_type == COMMUNE:
                _carve(movement, on, register)
            else:
                register.found(movement.to_code, movement.to_code, on)


def _ends(code: str, on: date, known: Lives) -> bool:
    return any(spell.ends == on for spell in known[code])


def _share_out(source: str, targets: list[str], on: date, register: _Register) -> None:
    """A commune that went to several: one piece of each of its grounds for each of them."""
    first, *others = targets
    for ground in sorted(register.held[source]):
        for target in others:
            piece = f"{ground}-{target}"
            register.part(ground, piece)
            register.held[source].add(piece)
            register.move(piece, source, target, on)
    register.hand_over(source, first or None, on)


def _re_create(movement: Movement, on: date, register: _Register) -> None:
    """A commune that comes back has what it held when it went; what it never held is carved out."""
    back = register.kept.get(movement.to_code, set()) & register.held[movement.from_code]
    for ground in sorted(back):
        register.move(ground, movement.from_code, movement.to_code, on)
    if not back:
        _carve(movement, on, register)


def _carve(movement: Movement, on: date, register: _Register) -> None:
    name = movement.to_code if movement.to_code not in register.past else f"{movement.to_code}-{movement.from_code}"
    register.carve(movement.from_code, movement.to_code, name, on)


def _check(register: _Register, known: Lives) -> None:
    """Existence told twice, by the spells and by the grounds, has to be the same."""
    changes: dict[str, set[date | None]] = defaultdict(set)
    held: dict[str, list[Holding]] = defaultdict(list)
    for past in register.past.values():
        for holding in past:
            held[holding.code].append(holding)
            changes[holding.code] |= {holding.begins, holding.ends}
    for code, spells in known.items():
        days = {d for d in changes[code] | {s.begins for s in spells} | {s.ends for s in spells} if d is not None}
        for day in (date(1943, 1, 1), *sorted(days)):
            exists = any(spell.holds_on(day) for spell in spells)
            holds = any((h.begins is None or h.begins <= day) and (h.ends is None or day < h.ends) for h in held[code])
            if exists != holds:
                raise ValueError(f"commune {code} on {day}: {'no' if exists else 'some'} ground was found")
