"""What a tick of a sensor decides, without Dagster: when a run starts, under which key, and why none does."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.automation import (
    CALENDAR,
    FETCH_CALENDAR,
    MAX_ATTEMPTS,
    TIMEZONE,
    Cadence,
    Memory,
    Tick,
    decide_due,
    decide_landing,
)

SENT = {"a.zip": "10 1"}


def after_looks(*looks: dict[str, str], busy: str | None = None) -> Tick:
    """The last of several ticks, each starting from the memory of the one before, as Dagster keeps it."""
    memory, tick = Memory(), Tick(Memory(), None, "")
    for look in looks:
        tick = decide_landing(look, memory, busy)
        memory = Memory.from_cursor(tick.memory.to_cursor())
    return tick


def test_an_empty_folder_starts_nothing_and_says_so() -> None:
    assert (after_looks({}).run_key, after_looks({}).reason) == (None, "Nothing waits in landing/.")


def test_a_file_runs_at_the_second_look_that_sees_the_same() -> None:
    assert after_looks(SENT).run_key is None
    assert "a.zip" in after_looks(SENT).reason
    assert after_looks(SENT, SENT).run_key


def test_a_file_that_grows_waits_until_it_stands_still() -> None:
    growing = [{"a.zip": f"{size} {size}"} for size in (10, 20, 30)]
    assert after_looks(*growing).run_key is None
    assert after_looks(*growing, growing[-1]).run_key


def test_a_growing_file_does_not_hold_up_the_others() -> None:
    tick = after_looks({"a.zip": "10 1", "big": "1 1"}, {"a.zip": "10 1", "big": "2 2"})
    assert tick.run_key
    assert tick.reason == "a.zip"


def test_all_that_waits_is_one_run() -> None:
    many = {f"{number}.zip": "1 1" for number in range(5)}
    tick = after_looks(many, many)
    assert tick.run_key
    assert tick.reason == "0.zip, 1.zip, 2.zip and 2 more"


def test_who_is_at_work_is_told_and_nothing_is_lost() -> None:
    tick = after_looks(SENT, SENT, busy="process 12 (command line) refreshes")
    assert tick.run_key is None
    assert tick.reason == "Waiting (a.zip): process 12 (command line) refreshes."
    assert decide_landing(SENT, tick.memory, None).run_key


def test_a_corrected_file_of_the_same_name_runs() -> None:
    first = after_looks(SENT, SENT)
    corrected = {"a.zip": "10 2"}
    seen = decide_landing(corrected, first.memory, None)
    second = decide_landing(corrected, seen.memory, None)
    assert seen.run_key is None
    assert second.run_key
    assert second.memory.attempts == 1
    assert second.run_key != first.run_key


def test_a_run_that_left_its_files_is_tried_again_but_not_for_ever() -> None:
    looks = [SENT] * (MAX_ATTEMPTS + 1)
    keys = {after_looks(*looks[: n + 1]).run_key for n in range(1, MAX_ATTEMPTS + 1)}
    assert len(keys) == MAX_ATTEMPTS
    assert None not in keys
    tick = after_looks(*looks, SENT)
    assert tick.run_key is None
    assert tick.reason.startswith(f"{MAX_ATTEMPTS} runs left a.zip")


def test_a_service_that_started_anew_tries_again() -> None:
    """Its stopping may be what interrupted every attempt so far."""
    tired = after_looks(*[SENT] * (MAX_ATTEMPTS + 2))
    assert tired.run_key is None
    memory = Memory.from_cursor(tired.memory.to_cursor(), service="/tmp/another/code.sock")
    again = decide_landing(SENT, memory, None)
    assert again.run_key
    assert again.memory.attempts == 1
    kept = Memory.from_cursor(again.memory.to_cursor(), service="/tmp/another/code.sock")
    assert kept == again.memory


def test_the_same_file_delivered_again_later_is_not_mistaken_for_the_first() -> None:
    again = after_looks(SENT, SENT, {}, SENT, SENT)
    assert again.run_key
    assert again.run_key != after_looks(SENT, SENT).run_key
    assert again.memory.attempts == 1


def test_a_tick_repeated_from_the_same_memory_asks_under_the_same_key() -> None:
    """The daemon died between asking and remembering: Dagster then knows the key and does not run twice."""
    memory = after_looks(SENT).memory
    assert decide_landing(SENT, memory, None) == decide_landing(SENT, memory, None)


def test_what_is_due_runs_at_once_and_again_only_when_it_changes() -> None:
    due = {"waiver 3": "2026-03-01T00:00:00+00:00"}
    first = decide_due(due, Memory())
    assert first.run_key
    later = decide_due(due | {"message 7": "2026-03-02T00:00:00+00:00"}, first.memory)
    assert later.run_key != first.run_key
    assert later.memory.attempts == 1
    assert decide_due({}, later.memory).reason == "Nothing is due."


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.sampled_from("12"), max_size=3), max_size=12))
def test_whatever_is_seen_no_key_comes_twice_and_no_file_runs_at_first_sight(looks: list[dict[str, str]]) -> None:
    memory, keys = Memory(), []
    for before, look in pairwise([{}, *looks]):
        tick = decide_landing(look, memory, None)
        memory = Memory.from_cursor(tick.memory.to_cursor())
        if tick.run_key:
            keys.append(tick.run_key)
            assert set(before.items()) & set(look.items())
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("cadence", [*CALENDAR, *FETCH_CALENDAR], ids=lambda cadence: cadence.name)
def test_the_calendar_avoids_the_hour_that_clocks_repeat_or_skip(cadence: Cadence) -> None:
    minute, hour, *_ = cadence.cron.split()
    for day in (datetime(2026, 3, 29), datetime(2026, 10, 25)):
        local = day.replace(hour=int(hour), minute=int(minute), tzinfo=ZoneInfo(TIMEZONE))
        assert local.replace(fold=1).utcoffset() == local.utcoffset()


def test_deciding_needs_no_dagster() -> None:
    code = "import sys, orchestration.automation; print('dagster' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
