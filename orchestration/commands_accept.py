"""``barometre sources accept``: a person says that a file of another form is still the dataset that it was."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchestration.printing import FORMAT, print_json
from warehouse.errors import UsageError
from warehouse.paths import Home

if TYPE_CHECKING:
    from ingestion.quarantine import Entry


@click.command()
@click.argument("dataset")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--why", required=True, help="Why the content is the same: what the publisher says, what you checked.")
@click.option("--by", "actor", help="Who accepts it; by default the user of this computer.")
@FORMAT
def accept(dataset: str, file: Path | None, why: str, actor: str | None, style: str) -> None:
    """Accept the form of DATASET's last refused file (or of FILE) from now on; the next refresh takes the file."""
    from ingestion.datasets.accepted_forms import accept as record
    from ingestion.datasets.collecting import contract_of
    from ingestion.datasets.delivery import changes_of_form
    from ingestion.datasets.drift import refusal, sentence
    from ingestion.quarantine import release
    from ingestion.receiving import deliver
    from warehouse.files import sha256_file

    home, now = Home.from_environment(), datetime.now(UTC)
    contract, _ = contract_of(dataset)
    entry = None if file else _last_refused(home, contract.code)
    path, name = (file, file.name) if file else _bytes_of(home, entry)
    changes = changes_of_form(contract, path, name)
    if not changes:
        raise UsageError(f"{name} has the form that the contract {contract.code} describes: nothing to accept.")
    if not all(change.is_acceptable for change in changes):
        raise refusal(contract, changes, name)
    sha, who = sha256_file(path), actor or getpass.getuser()
    form = record(home, contract.code, changes, file=name, sha256=sha, by=who, why=why, at=now)
    landed = release(home, entry) if entry else [deliver(home, path, now, dataset)]
    told = [sentence(contract, change) for change in changes]
    if style == "json":
        print_json({**form.model_dump(mode="json"), "sentences": told, "landed": [str(place) for place in landed]})
        return
    for change in told:
        click.echo(f"accepté\u00a0: {change}")
    click.echo(f"{name} is back in landing/. Next: barometre refresh")


def _last_refused(home: Home, code: str) -> Entry:
    from ingestion.quarantine import entries

    refused = [entry for entry in entries(home) if entry.source == code and not entry.rows]
    if not refused:
        raise UsageError(f"No file of {code} is quarantined. Name it: barometre sources accept {code} FILE --why …")
    return max(refused, key=lambda entry: entry.last_delivered_at)


def _bytes_of(home: Home, entry: Entry | None) -> tuple[Path, str]:
    from ingestion.archive import archived_path

    assert entry is not None
    return archived_path(home, entry.sha256), entry.name
