"""``barometre quarantine``: what was refused and why; putting it back once the cause is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from orchestration.printing import FORMAT, print_json
from warehouse.paths import Home

if TYPE_CHECKING:
    from ingestion.quarantine import Entry


@click.group()
def quarantine() -> None:
    """Inputs that were refused, with their reasons."""


@quarantine.command("list")
@FORMAT
def list_(style: str) -> None:
    """List what is quarantined, the oldest first."""
    from ingestion.quarantine import entries
    from orchestration.tables import print_rows

    found = entries(Home.from_environment())
    if style == "json":
        print_json([entry.as_row() for entry in found])
    elif not found:
        click.echo("Nothing is quarantined.")
    else:
        print_rows(["id", "name", "times", "last delivered", "place", "expectation"], [_row(entry) for entry in found])
        click.echo("Next: barometre quarantine show ID")


@quarantine.command()
@click.argument("entry_id", metavar="ID")
@FORMAT
def show(entry_id: str, style: str) -> None:
    """Show one entry whole: place, expectation, next step, every row refused. ID may be cut short."""
    from ingestion.quarantine import find_entry, kept_things

    home = Home.from_environment()
    entry = find_entry(home, entry_id)
    kept = [str(path) for path in kept_things(home, entry)]
    if style == "json":
        print_json({**entry.as_row(), "kept": kept})
    else:
        for line in card(entry, kept):
            click.echo(line)


@quarantine.command()
@click.argument("entry_id", metavar="ID")
@FORMAT
def release(entry_id: str, style: str) -> None:
    """Put an input back into landing/: the next refresh takes it again. ID may be cut short."""
    from ingestion.quarantine import find_entry
    from ingestion.quarantine import release as put_back

    home = Home.from_environment()
    entry = find_entry(home, entry_id)
    placed = [str(path) for path in put_back(home, entry)]
    if style == "json":
        print_json({"id": entry.id, "name": entry.name, "landed": placed})
    else:
        click.echo(f"{entry.name} is back in landing/: {', '.join(map(_shown, placed))}. Next: barometre refresh")


def card(entry: Entry, kept: list[str]) -> list[str]:
    """One entry, line by line."""
    claim = f" ({entry.source}{f', version {entry.version}' if entry.version else ''})" if entry.source else ""
    lines = [
        f"{entry.id}  {entry.name}: {entry.kind}{claim}",
        f"  delivered  {entry.times} time{'s' if entry.times > 1 else ''}, last on {entry.last_delivered_at}",
        f"  where      {_place(entry.as_row())}",
        f"  expected   {entry.expectation}",
        f"  do         {entry.next_step}",
        *(f"  kept       {path}" for path in kept),
        *(f"  row        {_place(row)}: {row['expectation']}. {row['next_step']}" for row in entry.rows),
        f"Then deliver what is corrected; or take it again as it is: barometre quarantine release {entry.id}",
    ]
    return [_shown(line) for line in lines]


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "name": entry.name,
        "times": entry.times,
        "last delivered": entry.last_delivered_at[:16].replace("T", " "),
        "place": _place(entry.as_row()),
        "expectation": entry.expectation,
    }


def _place(told: dict[str, Any]) -> str:
    lines = told.get("lines") or ([told["line"]] if told.get("line") else [])
    return f"{told['file']}:{','.join(map(str, lines))}" if lines else str(told["file"])


def _shown(text: str) -> str:
    from orchestration.tables import cell

    return cell(text)
