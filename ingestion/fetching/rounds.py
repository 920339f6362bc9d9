"""A round of looks at sources: which of them, one after the other, each remembered as soon as it is over."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from ingestion.fetching.contract import DropFolder
from warehouse.errors import FetchRuns, LockHeld
from warehouse.lock import refresh_lock

if TYPE_CHECKING:
    from ingestion.datasets.contract_model import Contract
    from ingestion.fetching.transfer import Transfers
    from warehouse.paths import Home
    from warehouse.source_memory import SourceMemory
    from warehouse.state import StateStore


def fetched_contracts(contracts: Iterable[Contract]) -> list[Contract]:
    """Those whose files are fetched; people deliver the others."""
    return [contract for contract in contracts if not isinstance(contract.fetch, DropFolder)]


def due_contracts(contracts: Iterable[Contract], memories: Mapping[str, SourceMemory], now: datetime) -> list[Contract]:
    """Those of them that were never looked at, or are to be looked at again."""
    fetched = fetched_contracts(contracts)
    return [c for c in fetched if c.code not in memories or memories[c.code].next_look_at <= now]


def fetch_round(
    home: Home,
    store: StateStore,
    contracts: Iterable[Contract],
    transfers: Transfers,
    tell: Callable[[SourceMemory], None] = lambda _: None,
    *,
    force: bool = False,
    seconds: float = math.inf,
) -> list[SourceMemory]:
    """Look at each source; what comes is in the drop folder when this returns. A source that fails stops nothing.

    None is begun once so many ``seconds`` have gone by: the rest stays due.

    Raises:
        FetchRuns: somebody else fetches into this home.
    """
    from ingestion.fetching.source import look_at
    from warehouse.source_memory import remember_source, remembered_sources

    def received(sha: str) -> datetime | None:
        known = store.known_input(sha)
        return known["received_at"] if known else None

    home.create()
    looked: list[SourceMemory] = []
    end = transfers.clock.monotonic() + seconds
    try:
        with refresh_lock(home.fetch_lock, "fetch"):
            memories = remembered_sources(store)
            for contract in contracts:
                if isinstance(contract.fetch, DropFolder) or transfers.clock.monotonic() >= end:
                    continue
                before = memories.get(contract.code)
                memory = look_at(home, contract, contract.fetch, before, transfers, received, force=force)
                remember_source(store, memory)
                tell(memory)
                looked.append(memory)
    except LockHeld as held:
        raise FetchRuns(held.holder) from held
    return looked
