"""How often the rules are right: ``make bench-rules``.

Faults are planted in the extracts of the repository, and the rules are asked; true tables are printed rounded, and the
rules should keep silent; last, what the whole catalogue costs. The tables are those of ``docs/rules.md``.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from time import perf_counter

from benchmarks.dataset_faults import OPERATORS as DATASET_OPERATORS
from benchmarks.dataset_trials import DatasetOutcome, DatasetTrials
from benchmarks.rule_examples import EXAMPLES, verdict_of
from benchmarks.rule_faults import OPERATORS, declare_periods, plant
from benchmarks.rule_tables import judge_true_tables, kinds, world_of_tables
from benchmarks.rule_trials import Outcome, Trials
from benchmarks.rule_world import World, extract_frames, reference_frames

SEED = 20260
_WORKERS = 2
#: Of every thousand tables, those that the brief of the rules names weigh ten thousand together.
_TABLES = {"sums of rounded parts": 5, "shares of one whole": 2, "growth pairs": 3}


def true_world() -> World:
    """The extracts of the repository, judged."""
    extracts = extract_frames()
    world = World({**reference_frames(extracts), **extracts})
    world.build()
    return world


def try_faults(count: int, seed: int, part: int = 0, parts: int = 1) -> list[Outcome]:
    """Plant ``count`` faults and try one part of them, for instance every second world."""
    world = true_world()
    faults = plant(world, count, seed)
    declare_periods(world, faults)
    trials = Trials(world)
    batches = trials.batches(faults)
    return [outcome for batch in batches[part::parts] for outcome in trials.attempt(batch)]


def try_faults_in_parallel(count: int, seed: int, workers: int = _WORKERS) -> list[Outcome]:
    """Every fault, tried by several processes, each with a world of its own."""
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        parts = pool.map(partial(try_faults, count, seed, parts=workers), range(workers))
        return [outcome for part in parts for outcome in part]


@dataclass(frozen=True)
class Alarms:
    """What a rule said of true tables of one kind."""

    kind: str
    rule: str
    tables: int
    verdicts: dict[str, int]

    @property
    def share_suspicious(self) -> float:
        """Share of the subjects judged that were found suspicious."""
        return self.verdicts.get("suspicious", 0) / max(1, sum(self.verdicts.values()))


def false_alarms(tables: int, seed: int) -> list[Alarms]:
    """Judge about ``tables`` true tables of sums, shares and growth, and a tenth as many of each other kind."""
    world = world_of_tables()
    counts = {kind: max(1, tables * _TABLES.get(kind, 1) // 10) for kind in kinds()}
    return [
        Alarms(kind, rule, counts[kind], judge_true_tables(world, kind, counts[kind], seed))
        for kind, rule in kinds().items()
    ]


def catalogue_seconds(world: World) -> dict[str, float]:
    """Seconds that each rule takes in one thread, the slowest first; the best of three."""
    seconds = {code: min(world.make(f"verdict_{code}") for _ in range(3)) for code in world.rules}
    return dict(sorted(seconds.items(), key=lambda item: -item[1]))


# What is printed


def fault_tables(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Recall by operator and overall, catches by rule, and every fault that arithmetic could tell and no rule did."""
    yield from (
        "| fault | planted | in a judged subject | arithmetic can tell | caught of these | recall | caught in all |",
    )
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for operator in OPERATORS:
        yield _recall_line(operator, [outcome for outcome in outcomes if outcome.fault.operator == operator])
    yield _recall_line("**all**", outcomes)
    yield ""
    yield from _by_rule(outcomes)
    for outcome in outcomes:
        if outcome.is_detectable and not outcome.caught_by:
            yield f"missed: {outcome.fault.operator}, {outcome.fault.ref}: {_told(outcome)}; {_why_missed(outcome)}"


def dataset_tables(outcomes: Sequence[DatasetOutcome]) -> Iterator[str]:
    """The same of faults in drawn datasets."""
    yield "| fault in a dataset | planted | arithmetic can tell | caught of these | recall | caught in all |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for operator in DATASET_OPERATORS:
        yield _dataset_line(operator, [outcome for outcome in outcomes if outcome.fault.operator == operator])
    yield _dataset_line("**all**", outcomes)
    yield ""
    yield from _by_rule(outcomes)
    for outcome in outcomes:
        if outcome.is_detectable and not outcome.caught_by:
            yield f"missed: {outcome.fault.operator}, {outcome.fault.row}"


def _by_rule(outcomes: Sequence[Outcome] | Sequence[DatasetOutcome]) -> Iterator[str]:
    yield "| rule | faults caught |"
    yield "| --- | --- |"
    for rule, caught in Counter(rule for outcome in outcomes for rule in outcome.caught_by).most_common():
        yield f"| `{rule}` | {caught} |"
    yield ""


def _dataset_line(name: str, outcomes: Sequence[DatasetOutcome]) -> str:
    told = [outcome for outcome in outcomes if outcome.is_detectable]
    caught = sum(bool(outcome.caught_by) for outcome in told)
    recall = f"{100 * caught / len(told):.1f} %" if told else "–"
    in_all = sum(bool(outcome.caught_by) for outcome in outcomes)
    return f"| {name} | {len(outcomes)} | {len(told)} | {caught} | {recall} | {in_all} |"


def dataset_alarms(trials: DatasetTrials) -> list[Alarms]:
    """What each rule of datasets said of the true ones."""
    return [
        Alarms(f"open datasets, {trials.series:,} series", rule, len(trials.true), dict(verdicts))
        for rule, verdicts in sorted(trials.of_the_true().items())
    ]


def example_table(world: World) -> Iterator[str]:
    """One planted fault for each rule that faults drawn at random seldom reach."""
    yield "| rule | what happens | verdict |"
    yield "| --- | --- | --- |"
    for rule, example in EXAMPLES.items():
        yield f"| `{rule}` | {example.told} | {verdict_of(world, rule) or 'nothing'} |"


def _recall_line(name: str, outcomes: Sequence[Outcome]) -> str:
    told = [outcome for outcome in outcomes if outcome.is_detectable]
    caught = sum(bool(outcome.caught_by) for outcome in told)
    recall = f"{100 * caught / len(told):.1f} %" if told else "–"
    concerned = sum(outcome.is_concerned for outcome in outcomes)
    in_all = sum(bool(outcome.caught_by) for outcome in outcomes)
    return f"| {name} | {len(outcomes)} | {concerned} | {len(told)} | {caught} | {recall} | {in_all} |"


def _told(outcome: Outcome) -> str:
    fault = outcome.fault
    changed = ", ".join(f"{name} {fault.row[name]} → {value}" for name, value in fault.changes.items())
    return changed or fault.action


def _why_missed(outcome: Outcome) -> str:
    if outcome.silenced:
        return f"not held either: {', '.join(outcome.silenced)} says that an input is missing"
    if outcome.fault.action == "duplicate" and outcome.fault.row.get("repeats"):
        return "the row says that it repeats another figure, and a repeat counts once"
    return "no rule brings it together with what contradicts it"


def alarm_table(alarms: Iterable[Alarms]) -> Iterator[str]:
    """One line per kind of true tables."""
    yield "| true tables | rule | tables | judged | impossible | suspicious |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for one in alarms:
        judged = sum(count for verdict, count in one.verdicts.items() if verdict != "not_evaluable")
        yield (
            f"| {one.kind} | `{one.rule}` | {one.tables} | {judged} | {one.verdicts.get('impossible', 0)} "
            f"| {one.verdicts.get('suspicious', 0)} ({100 * one.share_suspicious:.2f} %) |"
        )


def main() -> None:
    """Print every table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=1000)
    parser.add_argument("--tables", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    started = perf_counter()
    print(f"Seed {asked.seed}\n\nPlanted faults\n")
    print("\n".join(fault_tables(try_faults_in_parallel(asked.faults, asked.seed))))
    print("\nPlanted faults, rule by rule\n")
    world = true_world()
    print("\n".join(example_table(world)))
    trials = DatasetTrials(asked.seed)
    print("\nFaults in open datasets\n")
    print("\n".join(dataset_tables(trials.run(asked.faults))))
    print("\nFalse alarms\n")
    print("\n".join(alarm_table([*false_alarms(asked.tables, asked.seed), *dataset_alarms(trials)])))
    seconds = catalogue_seconds(world)
    slowest = ", ".join(f"{code} {1000 * second:.0f} ms" for code, second in list(seconds.items())[:3])
    print(f"\nThe catalogue: {len(seconds)} rules, {sum(seconds.values()):.2f} s in one thread ({slowest})")
    print(f"In all {perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
