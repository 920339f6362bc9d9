"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def documents() -> Path:
    """The folder with ``reports/`` and ``opendata/``, named by BAROMETRE_DOCUMENTS (relative to the checkout)."""
    value = os.environ.get("BAROMETRE_DOCUMENTS")
    if not value:
        pytest.skip("the source documents are not at hand: BAROMETRE_DOCUMENTS is not set")
    folder = (CHECKOUT / value).resolve()
    if not (folder / "reports").is_dir():
        pytest.skip(f"the source documents are not at hand: BAROMETRE_DOCUMENTS={value} has no reports folder")
    return folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home of this test's own, named by BAROMETRE_HOME."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("BAROMETRE_HOME", str(folder))
    monkeypatch.delenv("BAROMETRE_STATE_URL", raising=False)
    return folder
