"""What the commands share: the ``--format`` option, and values printed as JSON for programs."""

from __future__ import annotations

import json
from typing import Any

import click

FORMAT = click.option(
    "--format", "style", type=click.Choice(["table", "json"]), default="table", help="How to print; json for programs."
)


def print_json(value: Any) -> None:
    """Print a value as JSON: decimals as numbers, times as ISO text, paths as they read."""
    from stewardship.findings import as_json

    click.echo(as_json(json.loads(json.dumps(value, ensure_ascii=False, default=_plain))))


def _plain(value: Any) -> Any:
    from decimal import Decimal

    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
