"""The bench of the rules on open datasets, in short: planted faults are caught, true datasets raise nothing."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from benchmarks.dataset_faults import OPERATORS, DatasetFault, can_tell
from benchmarks.dataset_trials import DatasetOutcome, DatasetTrials
from benchmarks.dataset_world import ALL, APART, ESTIMATE, MUNICIPAL, TOTAL, VINTAGES, Drawn, Number, draw
from benchmarks.rule_examples import EXAMPLES
from benchmarks.rules import SEED, alarm_table, dataset_alarms, dataset_tables, example_table, true_world


@pytest.fixture(scope="module")
def trials() -> DatasetTrials:
    return DatasetTrials(SEED, datasets=12)


@pytest.fixture(scope="module")
def outcomes(trials: DatasetTrials) -> list[DatasetOutcome]:
    return trials.run(24)


@pytest.fixture
def drawn() -> Drawn:
    return draw(1, random.Random(SEED))


def test_what_arithmetic_can_tell_of_a_dataset_the_rules_tell(outcomes: list[DatasetOutcome]) -> None:
    told = [outcome for outcome in outcomes if outcome.is_detectable]
    missed = [(outcome.fault.operator, outcome.fault.row) for outcome in told if not outcome.caught_by]
    assert {outcome.fault.operator for outcome in outcomes} == set(OPERATORS)
    assert len(told) >= 12
    assert len(missed) <= len(told) // 20, missed


def test_true_datasets_raise_nothing(trials: DatasetTrials) -> None:
    alarms = dataset_alarms(trials)
    assert {one.rule for one in alarms} == set(trials.rules)
    assert trials.series > 1000
    for one in alarms:
        assert one.verdicts.keys() <= {"held", "explained", "not_evaluable"}, one
        assert one.verdicts.get("held", 0) > 0 or one.rule == "dataset_revision", one
    assert len(list(alarm_table(alarms))) == len(alarms) + 2


def test_a_round_leaves_the_true_datasets(trials: DatasetTrials, outcomes: list[DatasetOutcome]) -> None:
    assert outcomes
    assert {verdict for counted in trials.of_the_true().values() for verdict in counted} <= {"held", "explained"}


def test_the_tables_of_datasets_are_printed(outcomes: list[DatasetOutcome]) -> None:
    lines = list(dataset_tables(outcomes))
    assert lines[0].count("|") == lines[2].count("|") == 7
    assert any(line.startswith("| **all** | 24 |") for line in lines)


def test_every_rule_that_faults_seldom_reach_tells_its_example() -> None:
    lines = list(example_table(true_world()))[2:]
    assert len(lines) == len(EXAMPLES)
    assert [line for line in lines if line.endswith("| nothing |")] == []


def test_a_drawn_dataset_is_true(drawn: Drawn) -> None:
    parts = {n.territory: n.value for n in drawn.numbers if n.counted == MUNICIPAL and n.vintage == VINTAGES[0]}
    region = next(place for place in parts if place.startswith("region"))
    assert parts[region] == sum(value for place, value in parts.items() if place.startswith("commune"))
    assert {n.counted for n in drawn.numbers} >= {MUNICIPAL, APART, TOTAL, ESTIMATE, ALL}


@pytest.mark.parametrize(
    ("counted", "changes", "told"),
    [
        (MUNICIPAL, {"value": 10}, True),
        (ALL, {"density": 10}, True),
        (ALL, {"density": 1.001}, False),
    ],
)
def test_what_arithmetic_can_tell_of_a_number(
    drawn: Drawn, counted: str, changes: dict[str, float], told: bool
) -> None:
    row = next(n for n in drawn.numbers if n.counted == counted and n.territory.startswith("region"))
    struck: Number = replace(row, **{name: getattr(row, name) * factor for name, factor in changes.items()})
    faulty = drawn.holding(struck if n is row else n for n in drawn.numbers)
    assert can_tell(drawn, DatasetFault("× 10", row, faulty)) is told
