"""What a person says a delivery is, remembered beside its bytes, and the reading that follows from it.

Recognition by header is enough for most files. One that lost its header's form, or that says nowhere of which year it
is, is delivered with ``--as code`` or ``--as code@vintage``; the archive keeps that as it keeps the bytes.
"""

from __future__ import annotations

from pathlib import Path

from ingestion.datasets.accepted_forms import accepted_changes
from ingestion.datasets.contract_model import Contract
from ingestion.datasets.contracts import load_contracts
from ingestion.datasets.declarations import declaration_path, declared
from ingestion.datasets.delivery import Delivery, read_delivery
from warehouse.errors import UsageError
from warehouse.files import write_durably
from warehouse.paths import Home


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
    write_durably(declaration_path(home, sha256), asked.encode())


def read_received(home: Home, path: Path, name: str, sha256: str, recognised: str) -> Delivery:
    """Read the archived bytes of a dataset; what a person declared of them comes before what was recognised.

    Raises:
        InputError: they are not as the contract says, nor as somebody accepted.
        UsageError: no dataset has this code any more.
    """
    contract, vintage = contract_of(declared(home, sha256) or recognised)
    accepted = accepted_changes(home, contract.code)
    return read_delivery(contract, path, name, sha256, vintage=vintage, accepted=accepted)
