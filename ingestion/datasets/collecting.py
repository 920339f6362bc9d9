"""Where deliveries of datasets join the other inputs of a refresh: recognised, read, and ordered.

A vintage never replaces another one: each is a dataset of its own, ``code@vintage``, and the facts of all stay listed.
The same vintage delivered with other bytes is a correction. Nothing in such a file numbers its versions, so the one
received last counts, and the one before is superseded from that moment.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.archive import archived_path
from ingestion.datasets.contracts import Contract, load_contracts
from ingestion.datasets.delivery import Delivery, read_delivery
from ingestion.datasets.recognition import recognise_dataset
from ingestion.versions import Version
from warehouse.errors import UsageError
from warehouse.files import write_durably
from warehouse.paths import Home

if TYPE_CHECKING:
    from ingestion.landing import Head


@dataclass(frozen=True)
class Received:
    """A delivery, when it was received, and whether these bytes were accepted before."""

    dataset_key: str
    sha256: str
    received_at: datetime
    is_known: bool


def recogniser(head: Head) -> str | None:
    """The hook of :mod:`ingestion.landing`: the dataset of which a file is a vintage."""
    return recognise_dataset(head.first)


def contract_of(asked: str) -> tuple[Contract, str | None]:
    """The contract and the vintage that ``code`` or ``code@vintage`` names.

    Raises:
        UsageError: no dataset has this code.
    """
    code, _, vintage = asked.partition("@")
    contracts = load_contracts()
    if code not in contracts:
        raise UsageError(f"No dataset is called {code!r}. Known: {', '.join(contracts)}. See docs/add-a-dataset.md.")
    return contracts[code], vintage or None


def declare(home: Home, sha256: str, asked: str) -> None:
    """Remember beside the archived bytes what a person said they are (``--as code`` or ``code@vintage``).

    Raises:
        UsageError: no dataset has this code.
    """
    contract_of(asked)
    write_durably(_declaration(home, sha256), asked.encode())


def declared(home: Home, sha256: str) -> str | None:
    """What a person said these bytes are, or None."""
    declaration = _declaration(home, sha256)
    return declaration.read_text(encoding="utf-8") if declaration.exists() else None


def read_received(home: Home, path: Path, name: str, sha256: str, recognised: str) -> Delivery:
    """Read the archived bytes of a dataset; what a person declared of them comes before what was recognised.

    Raises:
        InputError: they are not as the contract says.
        UsageError: no dataset has this code any more.
    """
    contract, vintage = contract_of(declared(home, sha256) or recognised)
    return read_delivery(contract, path, name, sha256, vintage=vintage)


def versions(received: Iterable[Received]) -> list[Version]:
    """Each delivery as a version of its vintage, numbered as it was received."""
    ordered = sorted(received, key=attrgetter("dataset_key", "received_at", "sha256"))
    return [
        Version(key, number, one.sha256, one.received_at, one.is_known)
        for key, group in groupby(ordered, key=attrgetter("dataset_key"))
        for number, one in enumerate(group, start=1)
    ]


def _declaration(home: Home, sha256: str) -> Path:
    return archived_path(home, sha256).with_name(f"{sha256}.dataset")
