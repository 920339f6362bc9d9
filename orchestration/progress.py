"""What a refresh is doing now, told to whoever listens: the command line's display, or nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

STEPS = {
    "prepare": "Reading the models",
    "collect": "Collecting inputs",
    "follow": "Following the decisions",
    "build": "Building and testing the marts",
    "audit": "Auditing",
    "settle": "Settling findings",
    "seal": "Sealing and publishing the snapshot",
}

Listener = Callable[[str, int, int], None]
_listeners: list[Listener] = []


def report(step: str, done: int = 0, total: int = 0) -> None:
    """Say that ``step`` is at ``done`` of ``total`` (0 of 0 where it does not count)."""
    for listener in _listeners:
        listener(step, done, total)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Send reports to ``listener`` for the length of the block."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)
