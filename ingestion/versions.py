"""Which version of each source counts: a pure decision, whatever the order in which versions arrived."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter


@dataclass(frozen=True)
class Version:
    """One delivered version of a source. ``is_known``: the store accepted these very bytes before."""

    source: str
    number: int
    sha256: str
    received_at: datetime
    is_known: bool


@dataclass(frozen=True)
class Vintage:
    """One delivered file of a dataset, and the vintage (millésime) that it is of."""

    source: str
    vintage: str
    sha256: str
    received_at: datetime


@dataclass(frozen=True)
class Choice:
    """What became of a version. ``superseded_at`` is null for the current one; ``rival`` is set on a refused tie."""

    version: Version | Vintage
    superseded_at: datetime | None = None
    rival: str | None = None


def choose_versions(versions: Iterable[Version]) -> list[Choice]:
    """The highest number counts; lower ones are superseded from the moment the next one was received.

    Two versions of one number with different bytes cannot both be right: the one that was accepted first stays, the
    other is refused. Between two newcomers the smaller hash wins, so that the order of arrival decides nothing.
    """
    by_source = sorted(versions, key=attrgetter("source", "number", "sha256"))
    return [choice for _, group in groupby(by_source, key=attrgetter("source")) for choice in _choose(list(group))]


def choose_vintages(vintages: Iterable[Vintage]) -> list[Choice]:
    """Vintages of a dataset stand side by side; of one vintage, the file that was received last counts."""
    ordered = sorted(vintages, key=attrgetter("source", "vintage", "received_at", "sha256"))
    groups = groupby(ordered, key=attrgetter("source", "vintage"))
    return [choice for _, group in groups for choice in _superseded_by_next([*group])]


def _choose(versions: list[Version]) -> list[Choice]:
    winners: dict[int, Version] = {}
    refused: list[Choice] = []
    for number, group in groupby(versions, key=attrgetter("number")):
        ranked = sorted(group, key=lambda v: (not v.is_known, v.sha256))
        winners[number] = ranked[0]
        refused += [Choice(loser, rival=ranked[0].sha256) for loser in ranked[1:]]
    return _superseded_by_next([winners[number] for number in sorted(winners)]) + refused


def _superseded_by_next(ordered: Sequence[Version | Vintage]) -> list[Choice]:
    following = [*ordered[1:], None]
    return [
        Choice(version, superseded_at=max(version.received_at, later.received_at) if later else None)
        for version, later in zip(ordered, following, strict=True)
    ]
