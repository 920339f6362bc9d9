"""The guarded connection: what analysts and our own commands read a snapshot through.

``read_only`` alone does not stop COPY TO or read_text (measured on duckdb 1.5.6), hence the settings below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.errors import NothingPublished

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

GUARDS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "enable_external_access": "false",
    "memory_limit": "2GB",
    "threads": "2",
    "lock_configuration": "true",
}


def connect_snapshot(current: Path) -> duckdb.DuckDBPyConnection:
    """Open the published snapshot read-only, with no way out of the file.

    The symlink is resolved first: two connections of one process to one path share an instance, so a path that
    changes its target would go on serving the old file.

    Raises:
        NothingPublished: no snapshot was published yet.
    """
    import duckdb

    if not current.exists():
        raise NothingPublished(f"{current} does not exist: nothing is published yet. Run `barometre refresh` first.")
    return duckdb.connect(str(current.resolve()), read_only=True, config=GUARDS)
