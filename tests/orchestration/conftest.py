"""One refreshed home for all the tests of a worker that need one: a refresh takes most of a minute on two cores."""

from __future__ import annotations

import pytest
from command_line import Command


@pytest.fixture(scope="session")
def barometre(tmp_path_factory: pytest.TempPathFactory) -> Command:
    """A home refreshed once from nothing."""
    command = Command(tmp_path_factory.mktemp("refreshed") / "home")
    code, result = command("refresh")
    assert (code, result["outcome"], result["refused"]) == (0, "published", []), result
    return command
