"""The command line's display of a refresh: a line per step while it runs, a summary at its end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from orchestration import progress
from orchestration.decide import Work
from orchestration.refresh import RefreshResult
from warehouse.paths import Home


@contextmanager
def followed(*, enabled: bool) -> Iterator[None]:
    """Show the steps of the refresh that runs in this block, on stderr."""
    if not enabled:
        yield
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as shown:
        tasks: dict[str, Any] = {}

        def follow(step: str, done: int, total: int) -> None:
            if step not in tasks:
                for task in tasks.values():
                    shown.stop_task(task)
                tasks[step] = shown.add_task(progress.STEPS[step], total=None)
            if total:
                shown.update(tasks[step], completed=done, total=total)

        with progress.listening(follow):
            yield


def print_result(home: Home, result: RefreshResult) -> None:
    """Sum up a refresh: inputs, rows, findings by severity, snapshot, what to type next."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False)
    for line in summary_lines(home, result):
        console.print(escape(line), soft_wrap=True)


def summary_lines(home: Home, result: RefreshResult) -> list[str]:
    """The summary, line by line."""
    if result.outcome == "nothing":
        told = f"Nothing new ({result.seconds:.1f} s). The snapshot stays: {home.current} -> {result.snapshot}"
        return [told, *_known(result)]
    lines = [f"Refresh {result.outcome} in {result.seconds:.1f} s ({', '.join(result.plan.reasons)})"]
    if result.error:
        return [
            *lines,
            f"  {result.error}",
            "  The snapshot published before, if any, is untouched.",
            *_refused(result),
        ]
    by_severity = result.summary["findings"]
    order = [f"{by_severity.get(severity, 0)} {severity}" for severity in ("error", "warning", "info")]
    return [
        *lines,
        *_taken(result),
        *_known(result),
        f"  findings   {', '.join(order)}",
        f"  snapshot   {home.current} -> {result.snapshot}",
        *_pruned(result.summary.get("pruned", {})),
        *_refused(result),
        'Next: barometre findings list   |   barometre sql "FROM marts.v_indicator_printings LIMIT 20"',
    ]


def _taken(result: RefreshResult) -> list[str]:
    if result.plan.work is not Work.FULL:
        return ["  sealed     again from the marts at hand"]
    inputs = ", ".join(f"{count} {status}" for status, count in sorted(result.summary["inputs"].items()))
    rows = result.summary["rows"]
    return [
        f"  inputs     {inputs}; {result.summary['rows_rejected']} rows refused",
        f"  rows       {rows.get('figure', 0)} figures, {rows.get('count', 0)} counts, "
        f"{rows.get('population', 0)} populations, {rows.get('territory', 0)} territories",
    ]


def _known(result: RefreshResult) -> list[str]:
    return [f"  known      {name}: these bytes were taken before" for name in result.plan.known]


def _pruned(pruned: dict[str, Any]) -> list[str]:
    if pruned.get("problem"):
        return [f"  pruned     {pruned['problem']}"]
    count = len(pruned.get("snapshots", ()))
    return [f"  pruned     {count} old snapshots, {pruned['bytes'] / 2**20:.0f} MiB"] if count else []


def _refused(result: RefreshResult) -> list[str]:
    lines = []
    for refusal in result.refused:
        place = refusal.get("file") or refusal["input"]
        line = f":{refusal['line']}" if refusal.get("line") else ""
        keys = f" ({', '.join(refusal['keys'][:5])})" if refusal.get("keys") else ""
        lines.append(f"  refused    {place}{line}: {refusal['expectation']}{keys}. {refusal['next_step']}")
    return lines
