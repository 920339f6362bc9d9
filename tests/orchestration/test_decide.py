"""Whether to refresh, and how much: the decision, without a warehouse."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from orchestration.decide import Plan, Situation, Work, is_build_of, plan
from orchestration.fingerprints import fingerprints, input_set
from warehouse.paths import Home

SEALED = {"configuration": "1", "acts": "2", "decisions": "3"}
BUILT = {"inputs": "4", "code": "5", "sql": "6", "rules": "7", "reference": "8", "lock": "9"}
PARTS = SEALED | BUILT
IDLE = Situation(parts=PARTS, last_parts=PARTS, build_parts=BUILT | {"decisions": "3"}, is_published=True)


def test_nothing_changed_is_nothing_to_do() -> None:
    assert plan(IDLE) == Plan(Work.NOTHING)


def test_without_a_working_database_there_is_still_nothing_to_do() -> None:
    """It can be built again at any time; that it is gone is no reason to."""
    assert plan(replace(IDLE, build_parts=None)).work is Work.NOTHING


def test_known_bytes_are_nothing_to_do_and_named() -> None:
    assert plan(replace(IDLE, known=("a.zip",))) == Plan(Work.NOTHING, known=("a.zip",))


@pytest.mark.parametrize("part", SEALED)
def test_what_people_did_is_sealed_again(part: str) -> None:
    assert plan(replace(IDLE, parts=PARTS | {part: "x"})) == Plan(Work.RESEAL, (f"{part} changed",))


@pytest.mark.parametrize("part", [*BUILT, "a part that is new"])
def test_everything_else_is_built_again(part: str) -> None:
    assert plan(replace(IDLE, parts=PARTS | {part: "x"})) == Plan(Work.FULL, (f"{part} changed",))


def test_a_part_that_is_gone_is_a_change() -> None:
    parts = {name: value for name, value in PARTS.items() if name != "rules"}
    assert plan(replace(IDLE, parts=parts)) == Plan(Work.FULL, ("rules changed",))


@pytest.mark.parametrize(
    ("change", "work", "reason"),
    [
        ({"last_parts": None, "build_parts": None}, Work.FULL, "first refresh of this home"),
        ({"waiting": 1}, Work.FULL, "1 new file"),
        ({"waiting": 2, "known": ("a",)}, Work.FULL, "2 new files"),
        ({"due": 1}, Work.RESEAL, "1 waiver ran out"),
        ({"due": 2}, Work.RESEAL, "2 waivers ran out"),
        ({"is_published": False}, Work.RESEAL, "the published snapshot is missing"),
    ],
)
def test_each_event_is_a_reason(change: dict[str, object], work: Work, reason: str) -> None:
    decided = plan(replace(IDLE, **change))
    assert (decided.work, decided.reasons) == (work, (reason,))


@pytest.mark.parametrize("change", [{"due": 1}, {"is_published": False}, {"parts": PARTS | {"acts": "x"}}])
@pytest.mark.parametrize("build", [None, BUILT | {"sql": "x"}, {}])
def test_a_working_database_made_from_something_else_is_not_sealed(
    change: dict[str, object], build: dict[str, str] | None
) -> None:
    """A copy put there by hand, a build cut short, or one that failed its audit: see warehouse/build_record.py."""
    assert plan(replace(IDLE, build_parts=build, **change)).work is Work.FULL


def test_a_build_that_was_audited_and_never_published_is_not_built_twice() -> None:
    """A refresh killed between audit and swap leaves what the next one needs."""
    new = BUILT | {"inputs": "x"}
    killed = replace(IDLE, parts=SEALED | new, build_parts=new)
    assert plan(killed) == Plan(Work.RESEAL, ("inputs changed",))


def test_a_build_follows_decisions_whichever_it_was_made_with() -> None:
    assert is_build_of(BUILT | {"decisions": "old"}, PARTS)
    assert not is_build_of(None, PARTS)


def test_fingerprints_are_stable_and_do_not_hang_on_the_home(tmp_path: Path) -> None:
    first, second = fingerprints(Home(tmp_path / "a").create()), fingerprints(Home(tmp_path / "b").create())
    assert first == second
    assert set(first) == {"code", "sql", "rules", "reference", "datasets", "configuration", "lock"}


def test_the_configuration_counts(tmp_path: Path) -> None:
    home = Home(tmp_path).create()
    before = fingerprints(home)
    (home.config / "stewards.yml").write_text("stewards: []\n")
    after = fingerprints(home)
    assert {name for name in before if before[name] != after[name]} == {"configuration"}
    assert input_set(before) != input_set(after)


def test_a_configuration_that_cannot_be_read_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(tmp_path).create()
    without = fingerprints(home)
    home.stewards.write_text("stewards: []\n")
    monkeypatch.setattr("os.access", lambda path, _: path != home.stewards)
    assert fingerprints(home) == without


@pytest.mark.parametrize(
    "change", [{"parts": PARTS | {"acts": "x"}}, {"parts": PARTS | {"decisions": "x"}}, {"due": 1}]
)
@pytest.mark.parametrize("build", [IDLE.build_parts, None])
def test_what_a_person_took_back_is_not_sealed_again(change: dict[str, object], build: dict[str, str] | None) -> None:
    rolled_back = replace(IDLE, rolled_back=True, build_parts=build)
    assert plan(rolled_back).work is Work.NOTHING
    assert plan(replace(rolled_back, **change)) == Plan(Work.NOTHING)


@pytest.mark.parametrize(
    "change", [{"waiting": 1}, {"parts": PARTS | {"inputs": "x"}}, {"parts": PARTS | {"sql": "x"}}]
)
def test_something_new_ends_a_rollback(change: dict[str, object]) -> None:
    assert plan(replace(IDLE, rolled_back=True, **change)).work is Work.FULL
