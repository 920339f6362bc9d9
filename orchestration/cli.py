"""The ``barometre`` command line.

Only ``refresh`` and ``ingest`` import Dagster, dbt and Great Expectations, and only when there is something to do.
Exit codes: 0 published or nothing to do, 1 published with something refused or blocked by the audit, 2 wrong use,
3 another refresh holds the lock, 4 our failure.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orchestration import commands_extract, commands_findings, commands_keep
from orchestration.commands_accept import accept
from orchestration.commands_fetch import fetch
from orchestration.commands_quarantine import quarantine
from orchestration.commands_sources import sources
from orchestration.printing import FORMAT, print_json
from warehouse.errors import BarometreError
from warehouse.paths import Home

if TYPE_CHECKING:
    import duckdb

    from orchestration.refresh import RefreshResult

WAIT = click.option("--wait", is_flag=True, help="If another refresh runs, wait for its end, then see what is left.")
TIMEOUT = click.option("--timeout", type=click.FloatRange(min=0), help="With --wait: give up after so many seconds.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
def cli() -> None:
    """Baromètre: figures of access to care in France, with their provenance and their contradictions."""


@cli.command()
@click.option("--force", is_flag=True, help="Build everything again even if nothing changed.")
@WAIT
@TIMEOUT
@FORMAT
def refresh(force: bool, wait: bool, timeout: float | None, style: str) -> None:
    """Ingest what is new, build, check, and publish a snapshot."""
    _refresh(style, force=force, wait=_patience(wait, timeout))


@cli.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--no-refresh", is_flag=True, help="Only archive and leave in landing/ for the next refresh.")
@click.option("--as", "dataset", metavar="DATASET", help="What FILES are, as code or code@vintage of a dataset.")
@WAIT
@TIMEOUT
@FORMAT
def ingest(
    files: Sequence[Path], no_refresh: bool, dataset: str | None, wait: bool, timeout: float | None, style: str
) -> None:
    """Archive FILES (reports in any form, extracts, files of datasets), then refresh."""
    from datetime import UTC, datetime

    from ingestion.receiving import deliver

    home, patience = Home.from_environment().create(), _patience(wait, timeout)
    for path in files:
        deliver(home, path, datetime.now(UTC), dataset)
    if no_refresh:
        click.echo(f"{len(files)} file(s) wait in {home.landing}. Next: barometre refresh")
    else:
        _refresh(style, wait=patience)


@cli.command()
@click.option("--check", is_flag=True, help="End with 1 when there is a problem that an operator must act on.")
@FORMAT
def status(check: bool, style: str) -> None:
    """The last refresh, the published snapshot, what waits, what is due, what is quarantined, who is at work."""
    from orchestration.status import describe, print_status

    described = describe(Home.from_environment())
    if style == "json":
        print_json(described)
    else:
        print_status(described)
    if check and described["problems"]:
        sys.exit(1)


@cli.group()
def findings() -> None:
    """What the rules found (incohérences)."""


@findings.command("list")
@click.option("--severity", type=click.Choice(["info", "warning", "error"]), help="Only this severity.")
@click.option("--rule", help="Only this rule.")
@click.option("--territory", help="Only this territory code.")
@click.option("--status", "state", help="Only this status; resolved ones are left out unless asked for.")
@click.option("--steward", metavar="NAME", help="Only what this steward (référent) owns.")
@FORMAT
def findings_list(
    severity: str | None, rule: str | None, territory: str | None, state: str | None, steward: str | None, style: str
) -> None:
    """List findings, the gravest first."""
    from stewardship.findings import list_findings, print_findings

    with _snapshot() as connection:
        rows = list_findings(
            connection, severity=severity, rule=rule, territory=territory, status=state, steward=steward
        )
    if style == "json":
        print_json(rows)
    else:
        print_findings(rows)


@findings.command("show")
@click.argument("finding_id")
@FORMAT
def findings_show(finding_id: str, style: str) -> None:
    """Show one finding: figures as printed, places, arithmetic, what to do."""
    from stewardship.findings import print_finding, show_finding

    with _snapshot() as connection:
        found = show_finding(connection, finding_id)
    if style == "json":
        print_json(found)
    else:
        print_finding(found)


@cli.command()
@click.argument("query")
@FORMAT
def sql(query: str, style: str) -> None:
    """Run a SQL QUERY on the published snapshot, read-only."""
    import duckdb

    from orchestration.tables import print_rows

    with _snapshot() as connection:
        try:
            result = connection.execute(query)
            names = [column[0] for column in result.description or ()]
            rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
        except duckdb.Error as error:
            raise click.UsageError(str(error)) from error
    if style == "json":
        print_json(rows)
    else:
        print_rows(names, rows)


@cli.group()
def snapshots() -> None:
    """Published files."""


@snapshots.command("list")
@FORMAT
def snapshots_list(style: str) -> None:
    """List snapshots, newest first."""
    from orchestration.tables import print_rows
    from warehouse.snapshots import list_snapshots

    home = Home.from_environment()
    rows = [snapshot.as_row() for snapshot in list_snapshots(home.snapshots, home.current)]
    if style == "json":
        print_json(rows)
    else:
        print_rows(["snapshot", "sealed_at", "bytes", "current"], rows)


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to serve on; loopback only.")
@click.option("--port", default=3000, show_default=True, help="Port of Dagster's pages.")
def serve(host: str, port: int) -> None:
    """Run by itself: take what lands, refresh when something is due, show Dagster's pages on loopback."""
    from orchestration import serve as service

    service.serve(Home.from_environment(), host, port, lambda line: click.echo(line))


cli.add_command(fetch)
cli.add_command(quarantine)
sources.add_command(accept)
cli.add_command(sources)

commands_extract.register(cli)
commands_findings.register(findings)
commands_keep.register(cli, snapshots)


def main() -> None:
    """Entry point: errors of ours become one line on stderr and their exit code."""
    _guarded(lambda: cli(prog_name="barometre"))


def _guarded(run: Callable[[], Any]) -> None:
    try:
        run()
    except BarometreError as error:
        click.echo(f"barometre: {error}", err=True)
        sys.exit(error.exit_code)


def _patience(wait: bool, timeout: float | None) -> float:
    """Seconds to wait for another refresh."""
    if timeout is not None and not wait:
        raise click.UsageError("--timeout says how long to --wait: give both.")
    return (math.inf if timeout is None else timeout) if wait else 0.0


def _refresh(style: str, *, force: bool = False, wait: float = 0.0) -> None:
    from orchestration.display import followed, print_result
    from orchestration.refresh import refresh as run

    home = Home.from_environment()
    with followed(enabled=style == "table"):
        result: RefreshResult = run(home, "command line", force=force, wait=wait)
    if style == "json":
        print_json(result.as_json())
    else:
        print_result(home, result)
    sys.exit(result.exit_code)


@contextmanager
def _snapshot() -> Iterator[duckdb.DuckDBPyConnection]:
    from warehouse.reading import connect_snapshot

    with connect_snapshot(Home.from_environment().current) as connection:
        yield connection


if __name__ == "__main__":
    main()
