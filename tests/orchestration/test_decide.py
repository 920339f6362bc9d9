"""Whether to refresh: the decision, without a warehouse."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from orchestration.decide import Situation, reasons_to_refresh
from orchestration.fingerprints import fingerprints, input_set
from warehouse.paths import Home

PARTS = {"code": "1", "sql": "2", "rules": "3", "decisions": "4"}
IDLE = Situation(parts=PARTS, last_parts=PARTS, waiting=0, is_published=True)


def test_nothing_changed_is_nothing_to_do() -> None:
    assert reasons_to_refresh(IDLE) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"last_parts": None}, "first refresh of this home"),
        ({"parts": PARTS | {"sql": "x"}}, "sql changed"),
        ({"parts": PARTS | {"new": "x"}}, "new changed"),
        ({"parts": {"code": "1", "sql": "2", "rules": "3"}}, "decisions changed"),
        ({"waiting": 1}, "1 new file"),
        ({"waiting": 2}, "2 new files"),
        ({"is_published": False}, "the published snapshot is missing"),
    ],
)
def test_each_change_is_a_reason(change: dict[str, object], reason: str) -> None:
    assert reasons_to_refresh(replace(IDLE, **change)) == [reason]


def test_fingerprints_are_stable_and_do_not_hang_on_the_home(tmp_path: Path) -> None:
    first, second = fingerprints(Home(tmp_path / "a").create()), fingerprints(Home(tmp_path / "b").create())
    assert first == second
    assert set(first) == {"code", "sql", "rules", "reference", "configuration", "lock"}


def test_the_configuration_counts(tmp_path: Path) -> None:
    home = Home(tmp_path).create()
    before = fingerprints(home)
    (home.config / "stewards.yml").write_text("stewards: []\n")
    after = fingerprints(home)
    assert {name for name in before if before[name] != after[name]} == {"configuration"}
    assert input_set(before) != input_set(after)
