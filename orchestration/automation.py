"""When the service starts a refresh by itself: pure decisions, made at each tick of a sensor, and the calendar.

A tick knows three things: what waits, what its sensor remembers (its cursor), and who is at work already. The cursor
is what was seen and what was asked for, never the wall clock: a clock that steps back loses no file, and a service
that was stopped goes on where it was. ``orchestration/triggers.py`` looks around and makes Dagster's sensors of this.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256

#: A set that three runs left where it was needs a person, or the nightly refresh: a fourth would fail like them.
MAX_ATTEMPTS = 3
#: Names told in a sentence; the rest is counted.
_TOLD = 3
TIMEZONE = "Europe/Paris"


@dataclass(frozen=True)
class Cadence:
    """A job that starts by the clock: ``cron`` is read in :data:`TIMEZONE`."""

    name: str
    job: str
    cron: str
    why: str


#: Hours outside 2:00-3:00, which happens twice or never on the days when the clocks change.
CALENDAR = (
    Cadence("nightly_refresh", "refresh", "30 4 * * *", "Takes what no sensor could: a net under all of them."),
    Cadence("nightly_pruning", "prune_runs", "15 5 * * *", "Old runs leave Dagster's storage."),
)
#: One look a day, of which most are skipped: what is due hangs on each source, and what failed is asked again the next
#: day. Before the nightly refresh, which takes what came and no sensor could.
FETCH_CALENDAR = tuple(
    Cadence(
        f"fetch_{cadence}", "fetch", f"{minute} 3 * * *", f"Looks at the sources of {cadence} datasets that are due."
    )
    for cadence, minute in (("weekly", 5), ("monthly", 15), ("quarterly", 25), ("yearly", 35), ("irregular", 45))
)


@dataclass(frozen=True)
class Memory:
    """What a sensor remembers from one tick to the next.

    ``seen`` is what the last look saw (name → signature); ``asked`` the hash of the set that the last request was
    for, ``attempts`` how often that very set was asked for, ``requests`` how many were ever made, ``run_key`` the
    last one's key, ``service`` which start of the service made it.
    """

    seen: Mapping[str, str] = field(default_factory=dict)
    asked: str | None = None
    attempts: int = 0
    requests: int = 0
    run_key: str | None = None
    service: str = ""

    @classmethod
    def from_cursor(cls, cursor: str | None, service: str = "") -> Memory:
        """The memory in a sensor's cursor; empty before the first tick.

        A service that started since counts attempts anew: its stopping may be what interrupted the ones before.
        """
        memory = cls(**json.loads(cursor)) if cursor else cls()
        return memory if memory.service == service else replace(memory, service=service, attempts=0)

    def to_cursor(self) -> str:
        """As text, for Dagster to keep."""
        return json.dumps(asdict(self), sort_keys=True)


@dataclass(frozen=True)
class Tick:
    """What a tick decides: a run under ``run_key``, or none, and the reason either way."""

    memory: Memory
    run_key: str | None
    reason: str


def decide_landing(look: Mapping[str, str], memory: Memory, busy: str | None) -> Tick:
    """One run for all files that stand still, or the reason why none starts.

    ``look`` is what lies in the drop folder (name → size and times); a file stands still when two looks in a row saw
    the same. ``busy`` says who is at work already, or is None.
    """
    still = {name: signature for name, signature in look.items() if memory.seen.get(name) == signature}
    remembered = replace(memory, seen=dict(look))
    if not look:
        return Tick(_forget(remembered), None, "Nothing waits in landing/.")
    if not still:
        return Tick(remembered, None, f"Still arriving, or seen for the first time: {_told(look)}.")
    return _decide("landing", still, remembered, busy)


def decide_due(due: Mapping[str, str], memory: Memory) -> Tick:
    """One run for everything that is due (name → what makes it another one next time), or why none starts."""
    if not due:
        return Tick(_forget(memory), None, "Nothing is due.")
    return _decide("due", due, memory, busy=None)


def decide_fetch(setting: str, due: Sequence[str], cadence: str) -> str | None:
    """Why the sources of a cadence are not looked at now, or None; ``due`` are the datasets whose time has come."""
    if setting != "scheduled":
        return "Nobody asked for it: fetch: scheduled in config/settings.yml lets the service fetch."
    return None if due else f"No source of a dataset that is {cadence} is due."


def _decide(sensor: str, pending: Mapping[str, str], memory: Memory, busy: str | None) -> Tick:
    what = _told(pending)
    if busy:
        return Tick(memory, None, f"Waiting ({what}): {busy}.")
    asked = _hash(pending)
    attempts = memory.attempts + 1 if asked == memory.asked else 1
    if attempts > MAX_ATTEMPTS:
        return Tick(memory, None, f"{MAX_ATTEMPTS} runs left {what} as it was; see the last of them, or change it.")
    requests = memory.requests + 1
    # The hash alone would skip for ever what comes back unchanged: a failed run, or a file delivered a second time.
    run_key = f"{sensor}-{asked}-{requests}"
    return Tick(replace(memory, asked=asked, attempts=attempts, requests=requests, run_key=run_key), run_key, what)


def _forget(memory: Memory) -> Memory:
    """The set asked for is dealt with; should the same come back, it counts its attempts anew."""
    return replace(memory, asked=None, attempts=0)


def _hash(pending: Mapping[str, str]) -> str:
    return sha256(json.dumps(dict(sorted(pending.items()))).encode()).hexdigest()[:16]


def _told(names: Mapping[str, str]) -> str:
    """A name may hold bytes that are no text."""
    told = sorted(name.encode(errors="backslashreplace").decode() for name in names)
    rest = f" and {len(told) - _TOLD} more" if len(told) > _TOLD else ""
    return ", ".join(told[:_TOLD]) + rest
