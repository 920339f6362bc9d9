"""The graph that Dagster shows."""

from __future__ import annotations

from pathlib import Path

from orchestration.definitions import inputs_asset
from warehouse.paths import Home


def test_drafts_under_the_home_may_be_called_anything(home: Path) -> None:
    """A draft of a report that the repository has, and one whose name no asset could bear."""
    made = Home(home).create()
    for name in ("pts2-2015", "mon rapport (été)"):
        (made.local_extracts / name).mkdir()
    keys = [key.to_user_string() for key in inputs_asset(made).keys]
    assert keys.count("report/pts2_2015") == 1
    assert "report/mon_rapport___t__" in keys
