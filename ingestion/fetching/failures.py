"""Why nothing came of a fetch: in one line for operators, and whether asking again may help."""

from __future__ import annotations

from typing import Literal

#: ``unreachable``: no network, or the host does not answer. ``busy``: it asks us to come back. ``cut``: the transfer
#: broke off. ``slow``: it drips. ``missing``: it is not there. ``forbidden``: it is not for us. ``refused``: something
#: came that is not the data. ``failed``: the server is at fault, or answers what it should not.
Kind = Literal["unreachable", "busy", "cut", "slow", "missing", "forbidden", "refused", "failed"]

#: What may be over a moment later.
PASSING: frozenset[Kind] = frozenset({"unreachable", "busy", "cut", "slow", "failed"})
#: One line; a server may say whatever it likes.
_LONGEST = 600


class FetchFailed(Exception):
    """No data. ``sentence`` is for operators; ``retry_after`` is what the server asked for, in seconds; ``status`` the
    HTTP status that it answered, where that is the reason."""

    def __init__(
        self,
        kind: Kind,
        sentence: str,
        *,
        retry_after: float | None = None,
        status: int | None = None,
        may_pass: bool | None = None,
    ) -> None:
        # What servers say goes to terminals: what could steer one is shown as its code.
        self.sentence = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in sentence)[:_LONGEST]
        super().__init__(self.sentence)
        self.status = status
        self.kind: Kind = kind
        self.retry_after = retry_after
        self.may_pass = kind in PASSING if may_pass is None else may_pass
