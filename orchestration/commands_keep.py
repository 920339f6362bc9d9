"""Keeping a home: ``barometre backup`` and ``restore``; ``barometre snapshots prune``, ``rollback`` and ``diff``."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orchestration.printing import FORMAT, print_json
from warehouse.lock import refresh_lock
from warehouse.paths import Home

if TYPE_CHECKING:
    from warehouse.comparison import Comparison
    from warehouse.state import StateStore


@click.command()
@click.argument("target", metavar="FILE", type=click.Path(path_type=Path))
@FORMAT
def backup(target: Path, style: str) -> None:
    """Write what cannot be rebuilt into one FILE (or into a folder, named by its time)."""
    from warehouse.backup import back_up

    saved = back_up(Home.from_environment(), target, datetime.now(UTC))
    if style == "json":
        print_json(asdict(saved))
    else:
        click.echo(f"{saved.members} files, {_size(saved.bytes)}: {saved.path}")
        for name in saved.damaged:
            click.echo(f"barometre: {name} is not what was received: its bytes changed on disk.", err=True)
    sys.exit(1 if saved.damaged else 0)


@click.command()
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
@FORMAT
def restore(source: Path, style: str) -> None:
    """Put a backup FILE in place in an empty home; `barometre refresh` rebuilds everything else."""
    from warehouse.restore import restore as run

    home = Home.from_environment()
    restored = run(home, source, datetime.now(UTC))
    if style == "json":
        print_json(asdict(restored))
    else:
        click.echo(f"{restored.members} files of {restored.made_at}, {_size(restored.bytes)}, are back in {home.root}.")
        click.echo("Next: barometre refresh")


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@FORMAT
def prune(dry_run: bool, style: str) -> None:
    """Remove the snapshots that config/settings.yml does not keep; a refresh that publishes does it too."""
    from orchestration.housekeeping import prune_snapshots

    home = Home.from_environment()
    with _held(home, "prune") as store:
        pruned = prune_snapshots(home, store, datetime.now(UTC), dry_run=dry_run)
    if style == "json":
        print_json(asdict(pruned))
        return
    for name in pruned.snapshots:
        click.echo(name)
    verb = "would go" if dry_run else "removed"
    click.echo(f"{len(pruned.snapshots)} snapshots {verb}, {_size(pruned.bytes)}.")


@click.command()
@click.argument("name", required=False)
@click.option("--by", "actor", help="Who does it; by default the user of this computer.")
@click.option("--why", help="Why, for those who look at `barometre status`.")
@FORMAT
def rollback(name: str | None, actor: str | None, why: str | None, style: str) -> None:
    """Serve the snapshot NAME (or the one before the current) again, until something new is published."""
    from warehouse.rollback import roll_back

    home = Home.from_environment()
    with _held(home, "rollback") as store:
        done = roll_back(home, store, name, actor=actor or getpass.getuser(), why=why, now=datetime.now(UTC))
    if style == "json":
        print_json(asdict(done))
    else:
        click.echo(f"{home.current} -> {done.to_snapshot} (was {done.from_snapshot}).")
        click.echo(
            f"It stays until something new is published. Back: barometre snapshots rollback {done.from_snapshot}"
        )


@click.command()
@click.argument("earlier", required=False)
@click.argument("later", required=False)
@FORMAT
def diff(earlier: str | None, later: str | None, style: str) -> None:
    """Tell what differs from snapshot EARLIER (by default the one before) to LATER (by default the current)."""
    from warehouse.comparison import compare
    from warehouse.rollback import choose_target, current_snapshot, find_snapshot
    from warehouse.snapshots import list_snapshots

    home = Home.from_environment()
    names = [snapshot.path.name for snapshot in list_snapshots(home.snapshots, home.current)]
    after = find_snapshot(names, later) if later else current_snapshot(home)
    before = find_snapshot(names, earlier) if earlier else choose_target(names, after, None)
    found = compare(home.snapshots / before, home.snapshots / after, declared_keys(home))
    if style == "json":
        print_json(found.as_json())
    else:
        _print_comparison(found)


def declared_keys(home: Home) -> dict[str, list[str]]:
    """The columns that identify a row, by ``schema.table``, as dbt's ``unique_key`` tests of this home declare them."""
    path = home.dbt / "target" / "manifest.json"
    if not path.exists():
        return {}
    nodes: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["nodes"]
    keys = {}
    for node in nodes.values():
        test, model = node.get("test_metadata"), nodes.get(node.get("attached_node"))
        if model and test and test["name"] == "unique_key":
            keys[f"{model['schema']}.{model['name']}"] = list(test["kwargs"]["columns"])
    return keys


def register(cli: click.Group, snapshots: click.Group) -> None:
    """Add these commands to the command line and to its group ``snapshots``."""
    for command in (backup, restore):
        cli.add_command(command)
    for command in (prune, rollback, diff):
        snapshots.add_command(command)


@contextmanager
def _held(home: Home, purpose: str) -> Iterator[StateStore]:
    """The state store under the refresh lock, with nothing left unfinished by a crash.

    Raises:
        LockHeld: a refresh runs.
    """
    from orchestration.session import recover
    from warehouse.state import StateStore

    now = datetime.now(UTC)
    with refresh_lock(home.create().lock, purpose), StateStore.open(home, now=now) as store:
        recover(home, store, now)
        yield store


def _print_comparison(found: Comparison) -> None:
    from orchestration.tables import print_rows

    click.echo(f"{found.earlier} -> {found.later}")
    if not found.tables:
        click.echo("No row differs.")
        return
    counts = ["added", "removed", "changed"]
    print_rows(["table", *counts, "columns"], [_row(asdict(table)) for table in found.tables])
    for title, findings in (("opened", found.findings_opened), ("resolved", found.findings_resolved)):
        click.echo(f"{len(findings)} finding{'' if len(findings) == 1 else 's'} {title}")
        if findings:
            print_rows(["finding_id", "severity", "rule_code", "message_fr"], findings)


def _row(table: dict[str, Any]) -> dict[str, Any]:
    columns = [*(f"+{name}" for name in table["columns_added"]), *(f"-{name}" for name in table["columns_removed"])]
    return table | {"columns": " ".join(columns)}


def _size(count: int) -> str:
    return f"{count / 2**20:.1f} MiB"
