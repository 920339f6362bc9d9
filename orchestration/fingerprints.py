"""What a refresh is made from, as a handful of hashes: the same hashes, the same snapshot.

Only files are read here, no heavy library: an idle refresh must be able to say "nothing new" in about a second.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from warehouse.files import sha256_tree
from warehouse.paths import CHECKOUT, Home

CODE = ("warehouse", "ingestion", "expectations", "stewardship", "orchestration")
#: What is declared of indicators, territories and the words that reports use, and the forms that syntheses have.
REFERENCE = ("ingestion/reference", "ingestion/workshops/layouts")
SQL_SUFFIXES = {".sql", ".yml", ".yaml"}


def fingerprints(home: Home) -> dict[str, str]:
    """Hashes of code, SQL, rules, reference data, contracts, stewards' configuration and the lock file, by name."""
    return {
        "code": _tree(path for folder in CODE for path in _files(CHECKOUT / folder) if path.suffix == ".py"),
        "sql": _tree(p for p in _files(CHECKOUT / "dbt_project") if p.suffix in SQL_SUFFIXES),
        "rules": _tree(_files(CHECKOUT / "expectations" / "rules")),
        "reference": _tree(p for folder in REFERENCE for p in _files(CHECKOUT / folder) if p.suffix != ".py"),
        "datasets": _tree(p for p in _files(CHECKOUT / "ingestion" / "datasets") if p.suffix != ".py"),
        "configuration": sha256_tree(_configuration(home), home.config),
        "lock": _tree([CHECKOUT / "requirements.lock"]),
    }


def input_set(parts: Mapping[str, str]) -> str:
    """One hash over named hashes; it stands in the snapshot's name."""
    return sha256(json.dumps(dict(sorted(parts.items()))).encode()).hexdigest()


def _configuration(home: Home) -> list[Path]:
    """What the home's people configured, but for the settings of housekeeping, which change no snapshot. A file that
    cannot be read is told by ``barometre status`` and stops no refresh."""
    found = (path for path in home.config.glob("*.yml") if path.is_file() and path != home.settings)
    return [path for path in found if os.access(path, os.R_OK)]


def _files(folder: Path) -> Iterator[Path]:
    """Files of the checkout below a folder; never the default home nor caches."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name.startswith((".", "__pycache__")) or path == CHECKOUT / "warehouse" / "store":
            continue
        if path.is_dir():
            yield from _files(path)
        else:
            yield path


def _tree(paths: Iterator[Path] | list[Path]) -> str:
    return sha256_tree(list(paths), CHECKOUT)
