"""What every reading of one refresh shares: the home, what is remembered of inputs, and a fence around each of them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingestion.archive import Archived, archived_path, manifest
from ingestion.arrivals import Arrival, Known
from ingestion.bronze import Made
from warehouse.errors import InputError
from warehouse.paths import Home

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Intake:
    """How inputs become arrivals. Whatever goes wrong with one of them stays with that one.

    ``recipe`` is the hash of the code and reference data that bronze is made with; without it nothing is recalled.
    """

    home: Home
    known: Mapping[str, Known]
    now: datetime
    recipe: str | None

    def archived(self, sha: str) -> Archived:
        """An input by its SHA-256, as the archive has it."""
        path = archived_path(self.home, sha)
        size = path.stat().st_size if path.exists() else 0
        return Archived(sha, str(manifest(self.home, sha).get("name", sha)), size, path)

    def arrival(self, archived: Archived, kind: str, **facts: Any) -> Arrival:
        """An input with what is remembered of it."""
        memory = self.known.get(archived.sha256)
        received_at = memory.received_at if memory else self.now
        is_known = memory is not None and memory.stands
        return Arrival(archived.sha256, archived.name, archived.bytes, kind, received_at, is_known, **facts)

    def remade(self, archived: Archived, made: Made) -> Arrival:
        """An input of which nothing changed since its rows were made."""
        return self.arrival(
            archived,
            made.kind,
            source=made.source,
            version=made.version,
            vintage=made.vintage,
            document=made.document,
            made=made,
            rows_accepted=made.rows_accepted,
            rows_rejected=made.rows_rejected,
            rejections=tuple(made.rejections),
            warnings=tuple(made.warnings),
        )

    def guarded(self, archived: Archived, kind: str, read: Callable[[], Arrival]) -> Arrival:
        """Read one input; neither its faults nor ours in reading it stop the others."""
        try:
            return read()
        except InputError as error:
            return self.arrival(archived, kind, reason=error.as_reason())
        except Exception as error:
            _LOG.exception("Reading %s failed", archived.name)
            return self.arrival(archived, kind, reason=_our_fault(archived.name, error))


def _our_fault(name: str, error: Exception) -> dict[str, Any]:
    return InputError(
        file=name,
        expectation=f"Baromètre devait le lire ou le refuser, et il a échoué\u202f: {type(error).__name__}: {error}",
        next_step="Signaler le défaut avec ce fichier\u202f; le sortir de la quarantaine une fois le défaut corrigé",
    ).as_reason()
