"""A limit of processor time on work of ours over content that anybody may have sent."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class TooLong(Exception):
    """The work took all the processor time that it was given."""


@contextmanager
def processor_time(seconds: float) -> Iterator[None]:
    """Stop what is done inside after so much processor time of this process, which a loaded machine does not lengthen.

    Signals reach the main thread only: elsewhere there is no limit. Refreshes run there, one per process.

    Raises:
        TooLong: the time is over.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _stop(*_: object) -> None:
    raise TooLong
