"""What the state store remembers of the source of each open dataset.

Importing this module imports SQLAlchemy: import it inside functions.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from warehouse.state_tables import source_memory

if TYPE_CHECKING:
    from warehouse.state import StateStore


@dataclass(frozen=True)
class SourceMemory:
    """The last look at one source. Times are UTC.

    ``etag``, ``last_modified`` (as the server wrote them) and ``revision`` (as its catalogue did) are of the version
    at ``address`` whose bytes, as they landed, are ``sha256``. ``told`` is one line for operators; ``new_at`` is when
    bytes came that were not known before.
    """

    dataset: str
    outcome: Literal["new", "unchanged", "failed"]
    told: str
    attempted_at: datetime
    next_look_at: datetime
    address: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    revision: str | None = None
    sha256: str | None = None
    succeeded_at: datetime | None = None
    new_at: datetime | None = None
    failing_since: datetime | None = None
    failures: int = 0


def remembered_sources(store: StateStore) -> dict[str, SourceMemory]:
    """Every source that was ever asked, by dataset code."""
    with store.transaction() as connection:
        rows = connection.execute(source_memory.select().order_by(source_memory.c.dataset)).mappings()
        return {row["dataset"]: SourceMemory(**row) for row in rows}


def remember_source(store: StateStore, memory: SourceMemory) -> None:
    """Replace what is remembered of a source."""
    with store.transaction() as connection:
        connection.execute(source_memory.delete().where(source_memory.c.dataset == memory.dataset))
        connection.execute(source_memory.insert().values(**asdict(memory)))
