"""The short form of the campaign: a few kills, one overlap, twenty orders. ``make campaign`` is the whole of it."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from deliveries import packed
from killing import FULL_POINTS, SEAL_POINTS
from ordering import batches, bronze_content, collect_in_batches

from orchestration.fingerprints import fingerprints
from warehouse.paths import Home

HERE = Path(__file__).parent
#: Where a crash is the nearest to losing, doubling or half-publishing something. True: readers have the new file.
KILLED_AT = {
    "inputs half recorded": False,
    "before the list of bronze": False,
    "settled, not committed": False,
    "before the manifest": False,
    "after the manifest": False,
    "after the swap, before its mark": True,
}
pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A small home that went through all kills, and what came of each."""
    home, outside = tmp_path_factory.mktemp("campaign") / "home", tmp_path_factory.mktemp("outside")
    command = [sys.executable, str(HERE / "small.py"), str(home), str(outside), *KILLED_AT]
    environment = {name: value for name, value in os.environ.items() if name != "BAROMETRE_STATE_URL"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=850, check=False)
    assert done.returncode == 0, done.stderr
    return home, json.loads(done.stdout)


@pytest.mark.parametrize("point", KILLED_AT)
def test_a_killed_refresh_is_seen_by_nobody_and_the_next_recovers_alone(
    tried: tuple[Path, dict[str, Any]], point: str
) -> None:
    came = tried[1][point]
    assert came["killed"]
    assert came["swapped"] == KILLED_AT[point]
    assert came["problems"] == []
    assert (came["exit_code"], came["published"]) == (0, True)


def test_a_refresh_killed_after_its_audit_is_not_built_twice(tried: tuple[Path, dict[str, Any]]) -> None:
    work = {point: came["work"] for point, came in tried[1].items() if point in KILLED_AT}
    assert (work["before the list of bronze"], work["after the manifest"]) == ("full", "reseal")
    assert work["after the swap, before its mark"] == "nothing"


def test_of_refreshes_that_start_together_one_refreshes(tried: tuple[Path, dict[str, Any]]) -> None:
    home = tried[0]
    (home / "config" / "stewards.yml").write_text("stewards: []\n")
    before = len(list((home / "snapshots").glob("*.duckdb")))
    environment = {**os.environ, "BAROMETRE_HOME": str(home)}
    environment.pop("BAROMETRE_STATE_URL", None)
    command = [sys.executable, "-m", "orchestration.cli", "refresh", "--format", "json"]
    started = [
        subprocess.Popen([*command, *more], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for more in ([], [], ["--wait", "--timeout", "120"])
    ]
    ended = [(*process.communicate(timeout=200), process.returncode) for process in started]
    codes = [code for _, _, code in ended]
    assert sorted({*codes}) in ([0], [0, 3]), ended
    assert codes[2] == 0, "who waits is served"
    assert all("holds the lock: process" in stderr for _, stderr, code in ended if code == 3)
    assert len(list((home / "snapshots").glob("*.duckdb"))) == before + 1
    outcomes = [json.loads(stdout)["outcome"] for stdout, _, code in ended if code == 0]
    assert outcomes.count("published") == 1
    assert {*outcomes} <= {"published", "nothing"}


def test_points_of_the_short_form_are_those_of_the_campaign() -> None:
    assert set(KILLED_AT) <= {point.name for point in (*FULL_POINTS, *SEAL_POINTS)}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing but what is delivered, with few territories, and a guard that refuses nothing."""
    from expectations import inputs
    from ingestion.reference import loading

    (tmp_path / "packaged").mkdir()
    monkeypatch.setattr("ingestion.receiving.PACKAGED", tmp_path / "packaged")
    reference = {name: frame.head(50) for name, frame in loading.load_reference().items()}
    monkeypatch.setattr(loading, "load_reference", lambda: reference)
    monkeypatch.setattr(inputs, "check_inputs", lambda *_: inputs.InputReport((), 1))
    parts = fingerprints(Home(tmp_path / "any").create())
    monkeypatch.setattr("orchestration.session.fingerprints", lambda _: parts)


def test_the_order_of_delivery_decides_nothing(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Versions of three reports, in twenty orders and batches: bronze is the same, and so is what counts of it."""
    wanted = [("ms2022-na-2019", v) for v in (1, 2, 3, 4)] + [("pts-na-2016", v) for v in (1, 2)]
    deliveries = [packed(tmp_path, version, report) for report, version in [*wanted, ("pts2-2015", 1)]]
    request.getfixturevalue("quick")
    contents = []
    for seed in range(20):
        home = Home(tmp_path / f"home-{seed}").create()
        collect_in_batches(home, batches(deliveries, random.Random(seed)))
        contents.append(bronze_content(home))
    assert [seed for seed, content in enumerate(contents) if content != contents[0]] == []
    figures = [told for name, told in contents[0].items() if name.startswith("figure ")]
    assert [sum(told["is_current"] for told in figures), len(figures)] == [3, 7]
