"""``barometre sources``: the datasets that can be delivered, what of them is published, how fresh it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orchestration.fetching import fetching_line
from orchestration.printing import FORMAT, print_json
from warehouse.errors import BarometreError, NothingPublished
from warehouse.paths import Home

if TYPE_CHECKING:
    from ingestion.datasets.contract_model import Contract

# An input feeds one fact table; its rows were counted when it was accepted, and the description is one of them.
PUBLISHED = """
    SELECT d.dataset_code, d.vintage, f.rows_accepted - 1 AS rows, f.rows_rejected, f.received_at
    FROM marts.dim_dataset AS d
    INNER JOIN meta.source_file AS f ON d.source_sha256 = f.sha256
"""


@click.group(invoke_without_command=True)
@FORMAT
@click.pass_context
def sources(context: click.Context, style: str) -> None:
    """The datasets that can be delivered: vintage published, rows, cadence, freshness, licence."""
    if context.invoked_subcommand is not None:
        return
    from ingestion.datasets.contracts import load_contracts

    home, now = Home.from_environment(), datetime.now(UTC)
    contracts = load_contracts().values()
    looks = last_looks(home, contracts, now)
    rows = [
        row | {"fetch": looks.get(row["dataset"])}
        for row in source_rows(contracts, published_vintages(home), now.date())
    ]
    if style == "json":
        print_json(rows)
    else:
        for row in rows:
            click.echo("\n".join(source_lines(row)))
            if row["fetch"]:
                click.echo(f"  fetched: {fetching_line(row['fetch']).partition(': ')[2]}")


@sources.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "asked", metavar="DATASET", help="Read it as this dataset, or dataset@vintage.")
@FORMAT
def check(file: Path, asked: str | None, style: str) -> None:
    """Read FILE as its contract says, without delivering it: what would be loaded, and what refused."""
    account = account_of(file, asked)
    if style == "json":
        print_json(account)
        return
    for line in account_lines(account):
        click.echo(line)


def source_rows(
    contracts: Iterable[Contract], published: Iterable[Mapping[str, Any]], today: date
) -> list[dict[str, Any]]:
    """One row per contract with its newest published vintage, or none."""
    by_code: dict[str, list[Mapping[str, Any]]] = {}
    for vintage in sorted(published, key=lambda row: row["vintage"], reverse=True):
        by_code.setdefault(vintage["dataset_code"], []).append(vintage)
    return [_source_row(contract, by_code.get(contract.code, []), today) for contract in contracts]


def last_looks(home: Home, contracts: Iterable[Contract], now: datetime) -> dict[str, dict[str, Any]]:
    """What the last look at each source that is fetched brought, by dataset; nothing for those who may only read what
    is published."""
    from orchestration.fetching import fetching_rows
    from warehouse.source_memory import remembered_sources
    from warehouse.state import StateStore

    if not home.root.is_dir():
        return {}
    try:
        with StateStore.open(home, now=now) as store:
            memories = remembered_sources(store)
    except BarometreError:
        return {}
    return {row["dataset"]: row for row in fetching_rows(contracts, memories, now)}


def published_vintages(home: Home) -> list[dict[str, Any]]:
    """The vintages of the published snapshot; none before the first."""
    from warehouse.reading import connect_snapshot

    try:
        connection = connect_snapshot(home.current)
    except NothingPublished:
        return []
    with connection:
        result = connection.execute(PUBLISHED)
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def source_lines(row: Mapping[str, Any]) -> list[str]:
    """One dataset for a person."""
    told = f"nothing published ({row['cadence']})"
    if row["vintage"]:
        earlier = f", earlier {row['earlier']}" if row["earlier"] else ""
        told = (
            f"{row['vintage']}{earlier}: {row['rows']} rows, {row['rejected']} lines refused; "
            f"{row['freshness']} ({row['cadence']}, received {row['received']})"
        )
    return [f"{row['dataset']}  {told}", f"  {row['title']} · {row['publisher']} · {row['licence']}"]


def account_of(file: Path, asked: str | None) -> dict[str, Any]:
    """What reading a file gives.

    Raises:
        InputError: it is of no known dataset, or not as its contract says.
        UsageError: no dataset is called as asked.
    """
    from dataclasses import asdict

    from ingestion.datasets.accepted_forms import accepted_changes
    from ingestion.datasets.collecting import contract_of
    from ingestion.datasets.delivery import read_delivery
    from ingestion.datasets.recognition import recognised_in
    from warehouse.files import sha256_file

    contract, vintage = contract_of(asked or recognised_in(file))
    accepted = accepted_changes(Home.from_environment(), contract.code)
    delivery = read_delivery(contract, file, file.name, sha256_file(file), vintage=vintage, accepted=accepted)
    return {
        "dataset": delivery.code,
        "vintage": delivery.vintage,
        "target": ", ".join(table.name for table in contract.tables),
        **asdict(delivery.account),
        "refused": [{"file": file.name, **asdict(refused)} for refused in delivery.refused],
        "warnings": list(delivery.warnings),
    }


def account_lines(account: Mapping[str, Any]) -> list[str]:
    """The same for a person."""
    return [
        f"{account['dataset']}@{account['vintage']}: {account['rows']} rows for {account['target']}",
        f"  lines {account['lines']} = loaded {account['loaded']} + quarantined {account['quarantined']} "
        f"+ set aside {account['set_aside']}",
        *([f"  read in the second encoding: {account['fallback_lines']} lines"] if account["fallback_lines"] else []),
        *(f"  attention\u00a0: {warning}" for warning in account["warnings"]),
        *(
            f"  {':'.join(str(refused[part]) for part in ('file', 'sheet', 'line') if refused[part])} "
            f"{refused['column'] or ''}: {refused['expectation']}"
            + (f", {refused['value']!r} found" if refused["value"] is not None else "")
            for refused in account["refused"]
        ),
    ]


def _source_row(contract: Contract, vintages: list[Mapping[str, Any]], today: date) -> dict[str, Any]:
    from ingestion.datasets.freshness import freshness

    newest: Mapping[str, Any] = vintages[0] if vintages else {}
    received = max((row["received_at"].date() for row in vintages), default=None)
    return {
        "dataset": contract.code,
        "title": contract.title,
        "publisher": contract.publisher,
        "vintage": newest.get("vintage"),
        "earlier": ", ".join(row["vintage"] for row in vintages[1:]) or None,
        "rows": newest.get("rows"),
        "rejected": newest.get("rows_rejected"),
        "received": received,
        "cadence": contract.cadence,
        "freshness": freshness(contract.cadence, received, today),
        "licence": contract.licence,
        "landing_page": contract.landing_page,
        "file_pattern": contract.file_pattern,
    }
