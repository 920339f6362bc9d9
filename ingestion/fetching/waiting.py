"""How long to wait, and when not to: pauses between attempts, requests a minute, the least speed of a transfer."""

from __future__ import annotations

import email.utils
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
#: Who asks for longer is asked again after a month all the same.
MOST_RETRY_AFTER_SECONDS = 30 * 86400.0
_SECONDS = re.compile(r"\s*[0-9]+\s*")


@dataclass(frozen=True)
class Limits:
    """How patient we are with one source. All in seconds but ``attempts`` and ``bytes_per_second``.

    Open data come at a megabyte a second and more; a server that gives less than two kilobytes for half a minute is
    not going to give a file. ``total`` bounds one source in one run: what came of a file that can be resumed stays.
    """

    connect: float = 10.0
    read: float = 30.0
    attempts: int = 5
    total: float = 600.0
    window: float = 30.0
    bytes_per_second: float = 2048.0


class Clock(Protocol):
    """Time, for real or for tests."""

    def now(self) -> datetime:
        """UTC."""

    def monotonic(self) -> float:
        """Seconds since whenever; never steps back."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class RealClock:
    """The machine's."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def pause_before(attempt: int, asked: float | None, chance: float) -> float:
    """Seconds to wait before an attempt (2 is the first one again); ``asked`` is the server's ``Retry-After``.

    Doubles each time, of which between half and the whole (``chance``, 0 to 1), so that many who failed together do
    not come back together. Never less than the server asked for.
    """
    longest = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** (attempt - 2))
    return max(longest * (0.5 + chance / 2), asked or 0.0)


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that a ``Retry-After`` asks for: a number, or a date (RFC 9110, 10.2.3); None when it says neither."""
    if value is None:
        return None
    if _SECONDS.fullmatch(value):
        return min(float(value), MOST_RETRY_AFTER_SECONDS)
    try:
        at = email.utils.parsedate_to_datetime(value)
        asked = (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds()
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return min(max(0.0, asked), MOST_RETRY_AFTER_SECONDS)


def wait_for_turn(asked_at: Sequence[float], now: float, per_minute: int) -> float:
    """Seconds until one more request is within ``per_minute``; ``asked_at`` are the times of those before, in order."""
    if len(asked_at) < per_minute:
        return 0.0
    return max(0.0, asked_at[-per_minute] + 60.0 - now)


@dataclass(frozen=True)
class Pace:
    """How fast a transfer is: where its present window began, and with how many bytes."""

    began: float
    had: int = 0

    def after(self, now: float, received: int, limits: Limits) -> Pace | None:
        """The pace once ``received`` bytes are there; None when the window that ends now brought too few."""
        if now - self.began < limits.window:
            return self
        enough = received - self.had >= limits.bytes_per_second * (now - self.began)
        return replace(self, began=now, had=received) if enough else None
