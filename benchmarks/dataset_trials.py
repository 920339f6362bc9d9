"""Faults in drawn datasets, a dataset each, all judged at once; and what the rules say of those that are true."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.dataset_faults import OPERATORS, DatasetFault, can_tell, plant_in
from benchmarks.dataset_world import Drawn, draw, hold, world_of_datasets
from benchmarks.rule_world import World

_GRAVITY = {"impossible": 2, "suspicious": 1}
#: Datasets in one world: so many faults are tried at once.
DATASETS = 240


@dataclass(frozen=True)
class DatasetOutcome:
    """What became of one fault: whether arithmetic can tell, and the rules that say something graver than before."""

    fault: DatasetFault
    is_detectable: bool
    caught_by: tuple[str, ...]


class DatasetTrials:
    """A world of true datasets, and faults in them."""

    def __init__(self, seed: int, datasets: int = DATASETS) -> None:
        rng = random.Random(seed)
        self.rng = rng
        self.true = [draw(number, rng) for number in range(datasets)]
        self.world: World = world_of_datasets(self.true)
        self.rules = [rule for rule in self.world.rules if rule.startswith("dataset_")]
        self._gravity = self._judged(self.rules)

    @property
    def series(self) -> int:
        """How many series, of a territory each, the true datasets have."""
        return sum(len({number.series for number in one.numbers}) for one in self.true)

    def of_the_true(self) -> Mapping[str, Counter[str]]:
        """Verdicts on the true datasets, by rule."""
        counted: dict[str, Counter[str]] = {}
        for verdict in self.world.verdicts(self.rules):
            counted.setdefault(verdict["rule_code"], Counter())[verdict["verdict"]] += 1
        return counted

    def run(self, count: int) -> list[DatasetOutcome]:
        """Plant ``count`` faults, each operator in turn, one in a dataset, and ask the rules."""
        outcomes: list[DatasetOutcome] = []
        names = list(OPERATORS)
        while len(outcomes) < count:
            some = self.true[: count - len(outcomes)]
            start = len(outcomes)
            faults = [plant_in(one, names[(start + i) % len(names)], self.rng) for i, one in enumerate(some)]
            outcomes += self.attempt(faults)
        return outcomes

    def attempt(self, faults: Sequence[DatasetFault]) -> list[DatasetOutcome]:
        """Try faults, each in a dataset of its own; the true ones are back when it returns."""
        struck = {fault.faulty.code: fault.faulty for fault in faults}
        judged = self._judged(hold(self.world, [struck.get(one.code, one) for one in self.true]))
        hold(self.world, self.true)
        graver: dict[str, set[str]] = defaultdict(set)
        for (rule, subject), gravity in judged.items():
            if gravity > self._gravity.get((rule, subject), 0):
                graver[_code(subject)].add(rule)
        by_code: dict[str, Drawn] = {one.code: one for one in self.true}
        return [
            DatasetOutcome(fault, can_tell(by_code[fault.faulty.code], fault), tuple(sorted(graver[fault.faulty.code])))
            for fault in faults
        ]

    def _judged(self, rules: Sequence[str]) -> dict[tuple[str, str], int]:
        return {
            (verdict["rule_code"], verdict["subject_key"]): _GRAVITY.get(verdict["verdict"], 0)
            for verdict in self.world.verdicts(rules)
        }


def _code(subject_key: str) -> str:
    """The dataset of a subject « jeu|…|code@vintage|cause »."""
    return subject_key.split("|")[5].partition("@")[0]
