"""What people said deliveries are (``ingest --as``), kept beside the archived bytes. Cheap to import and to ask."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from ingestion.archive import archived_path
from ingestion.bronze import told_before
from warehouse.paths import Home


def declared(home: Home, sha: str) -> str | None:
    """What a person said these bytes are, as ``code`` or ``code@vintage``; None when nobody did."""
    declaration = declaration_path(home, sha)
    return declaration.read_text(encoding="utf-8") if declaration.exists() else None


def redeclared(home: Home, sha: str) -> bool:
    """Whether a person said other than what was made of these bytes: then they are news, known as they may be."""
    asked = declared(home, sha)
    if asked is None:
        return False
    code, _, vintage = asked.partition("@")
    source, made_of = told_before(home, sha)
    return source != code or (bool(vintage) and made_of != vintage)


def recipe_of(home: Home, sha: str, recipe: str) -> str:
    """The recipe that an input's rows are made with: what a person said of it is a part of it."""
    asked = declared(home, sha)
    return recipe if asked is None else sha256(f"{recipe} {asked}".encode()).hexdigest()


def declaration_path(home: Home, sha: str) -> Path:
    """Where the declaration is, or would be."""
    return archived_path(home, sha).with_name(f"{sha}.dataset")
