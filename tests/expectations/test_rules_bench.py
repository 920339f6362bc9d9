"""The bench of the rules, in short: faults in the real extracts are caught, true tables raise nothing."""

from __future__ import annotations

import pytest

from benchmarks.rule_faults import OPERATORS, Fault, declare_periods, plant
from benchmarks.rule_oracle import subject_of, tells
from benchmarks.rule_tables import judge_true_tables, kinds, world_of_tables
from benchmarks.rule_trials import Outcome, Trials
from benchmarks.rules import SEED, alarm_table, false_alarms, fault_tables, true_world


@pytest.fixture(scope="module")
def trials() -> Trials:
    return Trials(true_world())


@pytest.fixture(scope="module")
def faults(trials: Trials) -> list[Fault]:
    planted = plant(trials.world, 33, SEED)
    declare_periods(trials.world, planted)
    return planted


@pytest.fixture(scope="module")
def outcomes(trials: Trials, faults: list[Fault]) -> list[Outcome]:
    return trials.run(faults[:30])


def test_the_same_seed_plants_the_same_faults_of_every_kind(trials: Trials, faults: list[Fault]) -> None:
    assert [fault.ref for fault in plant(trials.world, 33, SEED)] == [fault.ref for fault in faults]
    assert {fault.operator for fault in faults} == set(OPERATORS)


def test_what_arithmetic_can_tell_the_rules_tell(outcomes: list[Outcome]) -> None:
    told = [outcome for outcome in outcomes if outcome.is_detectable]
    missed = [(outcome.fault.operator, outcome.fault.ref) for outcome in told if not outcome.caught_by]
    assert len(told) >= 10
    assert len(missed) <= len(told) // 20, missed


def test_faults_tried_together_are_caught_as_when_tried_alone(trials: Trials, outcomes: list[Outcome]) -> None:
    alone = next(outcome for outcome in outcomes if outcome.caught_by)
    assert trials.attempt([alone.fault]) == [alone]


def test_a_round_leaves_the_true_world(trials: Trials, outcomes: list[Outcome]) -> None:
    assert outcomes
    counts = "SELECT count(*) FROM bronze.{}figure"
    left, true = (trials.world.connection.execute(counts.format(prefix)).fetchone() for prefix in ("", "true_"))
    assert left == true


def test_the_tables_are_printed(outcomes: list[Outcome]) -> None:
    lines = list(fault_tables(outcomes))
    assert lines[0].count("|") == lines[2].count("|") == 8
    assert any(line.startswith("| **all** | 30 |") for line in lines)


def test_true_tables_raise_nothing_and_false_ones_do() -> None:
    alarms = false_alarms(300, SEED)
    assert {one.kind for one in alarms} == set(kinds())
    for one in alarms:
        assert one.verdicts.get("impossible", 0) == 0, one
        assert one.share_suspicious <= 0.01 or one.tables < 100, one
        assert one.verdicts.get("held", 0) > 0, one
    assert len(list(alarm_table(alarms))) == len(alarms) + 2


def test_a_table_that_is_not_true_is_told() -> None:
    """The trial can fail: one part too many of a hundred times its unit, and the sum says so."""
    world = world_of_tables()
    judge_true_tables(world, "sums of rounded parts", 20, SEED)
    world.connection.execute(
        "UPDATE verdicts.mention SET value = 2 * value, value_low = 2 * value, value_high = 2 * value "
        "WHERE indicator_key = 'total'"
    )
    world.make("verdict_part_total")
    told = "SELECT count(*) FROM verdicts.verdict_part_total WHERE verdict = 'impossible'"
    assert world.connection.execute(told).fetchone() == (20,)


SUM = {
    "relation": "sum",
    "figures": [
        {"ref": "total", "role": "total", "low": 100, "high": 100, "unit": "count"},
        {"ref": "one", "role": "part", "low": 40, "high": 40, "unit": "count"},
        {"ref": "other", "role": "part", "low": 59.5, "high": 60.5, "unit": "count"},
    ],
    "arithmetic": {"computed_low": 99.5, "computed_high": 100.5, "printed_low": 100, "printed_high": 100},
}


@pytest.mark.parametrize(
    ("ref", "after", "told"),
    [("one", (41, 41), True), ("one", (40.4, 40.4), False), ("total", (101, 101), True), ("nobody", (0, 0), False)],
)
def test_what_arithmetic_can_tell_of_a_sum(ref: str, after: tuple[float, float], told: bool) -> None:
    assert tells(subject_of("part_total", SUM), ref, after) is told
