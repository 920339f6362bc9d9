"""Run a module as the program, and stop with whoever started it: ``python -m orchestration.lifeline MODULE ARG…``.

Standard input is the lifeline: its end means that the parent asks us to stop, or died of anything, ``kill -9``
included. No service of a dead parent then goes on unseen. The process must lead its own group.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

#: A run needs a moment to take back what it prepared; then it is killed, and the next refresh recovers.
GRACE_SECONDS = 15.0


def main() -> None:
    """Entry point."""
    threading.Thread(target=_stop_at_the_end_of_input, daemon=True).start()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def _stop_at_the_end_of_input() -> None:
    while os.read(0, 1):
        pass
    os.killpg(0, signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
