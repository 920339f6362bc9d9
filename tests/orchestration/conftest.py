"""Refreshed homes, made once for all workers: a refresh takes most of a minute on two cores."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Command
from homes import Corrected, copy_of, correct, made_once


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all workers of this test run see."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def refreshed_home(shared: Path) -> Path:
    """A home refreshed once from nothing. To be copied, never changed."""
    home = shared / "refreshed"
    with made_once(home) as missing:
        if missing:
            code, result = Command(home)("refresh")
            assert (code, result["outcome"], result["refused"]) == (0, "published", []), result
    return home


@pytest.fixture(scope="session")
def barometre(refreshed_home: Path) -> Command:
    """The command line on a home refreshed once from nothing, for those who only look."""
    return Command(refreshed_home)


@pytest.fixture(scope="session")
def corrected_home(shared: Path, refreshed_home: Path) -> Path:
    """That home after a correction, a broken extract and known bytes came in at once. To be copied, never changed."""
    home = shared / "corrected"
    with made_once(home) as missing:
        if missing:
            correct(copy_of(refreshed_home, home), shared)
    return home


@pytest.fixture(scope="module")
def corrected(corrected_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Corrected:
    """A copy of the corrected home for this module."""
    command = copy_of(corrected_home, tmp_path_factory.mktemp("copied") / "home")
    told = json.loads(corrected_home.with_suffix(".json").read_text(encoding="utf-8"))
    return Corrected(command, told["result"], command.home / "snapshots" / told["before"])
