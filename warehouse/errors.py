"""One hierarchy of errors. Each message says what happened and what to do next.

The exit code of the command line hangs on the class: see :attr:`BarometreError.exit_code`.
"""

from __future__ import annotations

from pathlib import Path


class BarometreError(Exception):
    """Anything that Baromètre itself raises. ``exit_code`` is what the command line ends with."""

    exit_code = 4


class UsageError(BarometreError):
    """The command was called in a way that cannot work."""

    exit_code = 2


class InputError(BarometreError):
    """An input that cannot be taken as it is: it is quarantined, never dropped, and other inputs go on.

    ``file`` and ``line`` say where, ``expectation`` what was expected and found, ``next_step`` what to do.
    """

    exit_code = 1

    def __init__(
        self,
        *,
        file: str | Path,
        expectation: str,
        next_step: str,
        line: int | None = None,
    ) -> None:
        self.file = str(file)
        self.line = line
        self.expectation = expectation
        self.next_step = next_step
        place = self.file if line is None else f"{self.file}:{line}"
        super().__init__(f"{place}: {expectation}. {next_step}")

    def as_reason(self) -> dict[str, str | int | None]:
        """The machine-readable form kept in quarantine and in ``meta.source_file``."""
        return {
            "file": self.file,
            "line": self.line,
            "expectation": self.expectation,
            "next_step": self.next_step,
        }


class LockHeld(BarometreError):
    """Another refresh holds the lock."""

    exit_code = 3

    def __init__(self, holder: str) -> None:
        self.holder = holder
        super().__init__(f"Another refresh holds the lock: {holder}. Wait for it, or look at `barometre status`.")


class FetchRuns(BarometreError):
    """Somebody else fetches into this home."""

    exit_code = 3

    def __init__(self, holder: str) -> None:
        super().__init__(f"Another fetch runs: {holder}. Wait for its end, or look at `barometre status`.")


class AuditBlocked(BarometreError):
    """The audit found a fault of the warehouse itself; nothing was published."""

    exit_code = 1


class StateTooNew(BarometreError):
    """The state store was written by a newer version of the code."""


class PublishError(BarometreError):
    """A snapshot could not be sealed or swapped; the one published before stays."""


class NothingPublished(BarometreError):
    """There is no snapshot yet."""

    exit_code = 2
