"""``barometre fetch``: look whether publishers have something new; what comes waits in ``landing/``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from orchestration.printing import FORMAT, print_json
from warehouse.errors import UsageError
from warehouse.paths import Home

if TYPE_CHECKING:
    from ingestion.datasets.contract_model import Contract
    from warehouse.source_memory import SourceMemory


@click.command()
@click.argument("datasets", nargs=-1, metavar="[DATASET]...")
@click.option("--all", "everything", is_flag=True, help="Every dataset that can be fetched, due or not.")
@click.option("--force", is_flag=True, help="Ask for the whole file, whatever is remembered of it.")
@click.option("--dry-run", is_flag=True, help="Only say what would be asked; no network.")
@FORMAT
def fetch(datasets: Sequence[str], everything: bool, force: bool, dry_run: bool, style: str) -> None:
    """Look whether the source of each DATASET has something new; without any, of those whose time has come."""
    if datasets and everything:
        raise click.UsageError("Either datasets or --all.")
    from ingestion.datasets.contracts import load_contracts
    from ingestion.fetching.rounds import due_contracts, fetch_round, fetched_contracts
    from warehouse.source_memory import remembered_sources
    from warehouse.state import StateStore

    home, now, contracts = Home.from_environment(), datetime.now(UTC), load_contracts()
    with StateStore.open(home, now=now) as store:
        memories = remembered_sources(store)
        if datasets:
            wanted = asked_for(datasets, contracts)
        elif everything:
            wanted = fetched_contracts(contracts.values())
        else:
            wanted = due_contracts(contracts.values(), memories, now)
        if dry_run:
            _say(style, [intended(contract, memories.get(contract.code), force=force) for contract in wanted])
            return
        from ingestion.fetching.transfer import Transfers

        tell = _say_line if style == "table" else _say_nothing
        looked = fetch_round(home, store, wanted, Transfers(), tell, force=force)
    if style == "json":
        print_json([asdict(memory) for memory in looked])
    elif not looked:
        click.echo("Nothing is due. Name datasets, or --all; `barometre sources` tells them.")
    elif any(memory.outcome == "new" for memory in looked):
        click.echo("Next: barometre refresh (the service does it by itself)")
    sys.exit(1 if any(memory.outcome == "failed" for memory in looked) else 0)


def asked_for(codes: Iterable[str], contracts: Mapping[str, Contract]) -> list[Contract]:
    """The contracts of these datasets, each once.

    Raises:
        UsageError: no dataset is called so, or people deliver it.
    """
    from ingestion.fetching.rounds import fetched_contracts

    fetched = {contract.code: contract for contract in fetched_contracts(contracts.values())}
    for code in codes:
        if code not in contracts:
            raise UsageError(f"No dataset is called {code!r}. Known: {', '.join(contracts)}.")
        if code not in fetched:
            raise UsageError(
                f"{code} is delivered by people: download it from {contracts[code].landing_page} and "
                "`barometre ingest` it."
            )
    return [fetched[code] for code in dict.fromkeys(codes)]


def intended(contract: Contract, memory: SourceMemory | None, *, force: bool) -> dict[str, Any]:
    """What a look at a source would ask first, and how."""
    from ingestion.fetching.contract import DropFolder

    assert not isinstance(contract.fetch, DropFolder)
    conditional = memory is not None and not force and bool(memory.etag or memory.last_modified or memory.revision)
    return {
        "dataset": contract.code,
        "kind": contract.fetch.kind,
        "address": contract.fetch.asks,
        "told": f"would ask {contract.fetch.asks}" + (" whether it changed" if conditional else ""),
    }


def _say(style: str, rows: list[dict[str, Any]]) -> None:
    if style == "json":
        print_json(rows)
        return
    for row in rows:
        click.echo(f"{row['dataset']}  {row['told']}")


def _say_line(memory: SourceMemory) -> None:
    click.echo(f"{memory.dataset}  {memory.told}")


def _say_nothing(_: SourceMemory) -> None:
    """Programs read the whole, once it is there."""
