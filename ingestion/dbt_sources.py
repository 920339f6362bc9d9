"""The dbt sources, rendered from the bronze declarations.

dbt reads bronze through ``source('bronze', <table>)``; the YAML that declares those sources is rendered here from
:mod:`ingestion.schemas`, so that a column has one declaration. A test compares the committed file with the rendering;
``python -m ingestion.dbt_sources`` rewrites it.
"""

from __future__ import annotations

import json
from pathlib import Path

from ingestion.schemas import TABLES, Table

SOURCES_YML = Path(__file__).parents[1] / "dbt_project" / "models" / "sources.yml"

HEADER = """\
# Rendered from ingestion/schemas.py by `python -m ingestion.dbt_sources`: edit the declarations, not this file.
version: 2

sources:
  - name: bronze
    description: "Typed Parquet written by ingestion, one file per input version."
    tables:
"""

#: ``bronze/current.parquet``: written by ingestion beside the tables, hence no declaration in schemas.py.
CURRENT = Table(
    "current",
    "listing",
    "The input versions that count, one row per table and version.",
    ("table_name", "version"),
    (),
)
CURRENT_COLUMNS = (
    ("table_name", "Bronze table."),
    ("version", "SHA-256 of the input; input_sha256 of its rows."),
    ("path", "File, relative to the bronze folder."),
    ("source", "Report identifier or dataset code."),
    ("received_at", "When the input was accepted, UTC."),
    ("superseded_at", "When a later version replaced it, UTC; null while current."),
)


def render() -> str:
    """Return the whole text of ``models/sources.yml``."""
    tables = [_table(CURRENT, CURRENT_COLUMNS)]
    tables += [_table(table, _columns(table)) for table in TABLES.values()]
    return HEADER + "".join(tables)


def _columns(table: Table) -> tuple[tuple[str, str], ...]:
    declared = tuple((column.name, column.description) for column in table.columns)
    return (*declared, ("input_sha256", "Version of the input that the row came from."))


def _table(table: Table, columns: tuple[tuple[str, str], ...]) -> str:
    lines = [
        f"      - name: {table.name}",
        f"        description: {_quoted(table.description)}",
        "        config:",
        "          meta:",
        "            dagster:",
        f'              asset_key: ["bronze", "{table.name}"]',
        "        columns:",
    ]
    for name, description in columns:
        lines += [f"          - name: {name}", f"            description: {_quoted(description)}"]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


if __name__ == "__main__":
    SOURCES_YML.write_text(render(), encoding="utf-8")
