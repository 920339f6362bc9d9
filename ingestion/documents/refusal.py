"""Why a document cannot be read, said to the person who delivered it."""

from __future__ import annotations

from warehouse.errors import InputError


class Refusal(Exception):
    """A document that cannot be taken. Both sentences are French, without a full stop at the end."""

    def __init__(self, expectation: str, next_step: str, line: int | None = None) -> None:
        super().__init__(expectation)
        self.expectation = expectation
        self.next_step = next_step
        self.line = line

    def about(self, name: str) -> InputError:
        """The same with the name of the file as delivered."""
        return InputError(file=name, line=self.line, expectation=self.expectation, next_step=self.next_step)
