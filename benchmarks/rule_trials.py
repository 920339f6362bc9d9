"""Plant faults, ask the rules, and compare with what arithmetic could tell."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.rule_faults import COUNTS, Fault
from benchmarks.rule_oracle import Subject, subject_of, tells
from benchmarks.rule_world import World

_GRAVITY = {"impossible": 2, "suspicious": 1}
_STRUCK = ("figure", "figure_link", "count", "participation", "workshop_statement")


@dataclass(frozen=True)
class Outcome:
    """What became of one fault.

    ``is_concerned``: the figure takes part in at least one subject that the true world evaluates; ``is_detectable``:
    arithmetic can tell; ``caught_by``: the rules whose verdict is graver than in the true world; ``silenced``: those
    that could judge a subject there, and say now that an input is missing.
    """

    fault: Fault
    is_concerned: bool
    is_detectable: bool
    caught_by: tuple[str, ...]
    silenced: tuple[str, ...]


class Trials:
    """The true world, and trials of faults in it. Bronze tables are as they were after each attempt."""

    def __init__(self, world: World) -> None:
        self.world = world
        for table in _STRUCK:
            world.connection.execute(f"CREATE TABLE bronze.true_{table} AS FROM bronze.{table}")
        verdicts = world.verdicts(world.rules)
        self._gravity = {_subject_key(verdict): _GRAVITY.get(verdict["verdict"], 0) for verdict in verdicts}
        self._evaluated = {_subject_key(verdict) for verdict in verdicts if verdict["verdict"] != "not_evaluable"}
        self._held: dict[str, list[Subject]] = defaultdict(list)
        self._concerned: set[str] = set()
        for verdict in verdicts:
            self._remember(verdict)
        self._families = _families(world)
        self._facts = _facts(world)
        self._published = dict(
            world.connection.execute("SELECT report_key, published_on FROM marts.dim_report").fetchall()
        )

    def run(self, faults: Iterable[Fault]) -> list[Outcome]:
        """Try every fault. Faults that no rule can bring together are tried in one world."""
        return [outcome for batch in self.batches(faults) for outcome in self.attempt(batch)]

    def attempt(self, batch: list[Fault]) -> list[Outcome]:
        """Try the faults of one world together."""
        for fault in batch:
            fault.apply(self.world)
        graver: dict[str, set[str]] = defaultdict(set)
        silenced: dict[str, set[str]] = defaultdict(set)
        for verdict in self.world.verdicts(self.world.follow(_STRUCK)):
            key = _subject_key(verdict)
            if _GRAVITY.get(verdict["verdict"], 0) > self._gravity.get(key, 0):
                graver[self._family_of(verdict)].add(verdict["rule_code"])
            elif verdict["verdict"] == "not_evaluable" and key in self._evaluated:
                silenced[self._family_of(verdict)].add(verdict["rule_code"])
        for table in _STRUCK:
            self.world.connection.execute(f"CREATE OR REPLACE TABLE bronze.{table} AS FROM bronze.true_{table}")
        families = {fault.ref: self._families[fault.ref] for fault in batch}
        return [self._outcome(fault, graver[families[fault.ref]], silenced[families[fault.ref]]) for fault in batch]

    def _outcome(self, fault: Fault, graver: set[str], silenced: set[str]) -> Outcome:
        is_concerned = fault.ref in self._concerned
        told = (tuple(sorted(rules)) for rules in (graver, silenced))
        return Outcome(fault, is_concerned, self._is_detectable(fault), *told)

    def _is_detectable(self, fault: Fault) -> bool:
        """Whether a held subject of the figure cannot hold any more, or the fact it becomes is known to be another."""
        after = (0.0, 0.0) if fault.operator == "moved territory" and fault.source is COUNTS else fault.after
        if after is None:
            return self._lands_elsewhere(fault)
        return any(tells(subject, fault.ref, after) for subject in self._held[fault.ref] if _is_asked(subject, fault))

    def _lands_elsewhere(self, fault: Fault) -> bool:
        """Whether a figure moved in space, time or kind meets another value there, or comes after its report."""
        row = {**fault.row, **fault.changes}
        others = [ends for ref, ends in self._facts[_fact(row)] if ref != fault.ref]
        low, high = fault.before
        if any(other[0] > high or low > other[1] for other in others):
            return True
        year = re.search(r"(?:19|20)\d\d", str(row["period"]))
        published = self._published[row["report_id"]].year
        return row["obs_status"] == "observed" and year is not None and int(year.group()) > published

    def batches(self, faults: Iterable[Fault]) -> list[list[Fault]]:
        """The faults by world: at most one in each family of what rules may bring together."""
        batches: list[dict[str, Fault]] = []
        for fault in faults:
            family = self._families[fault.ref]
            batch = next((batch for batch in batches if family not in batch), None)
            if batch is None:
                batches.append(batch := {})
            batch[family] = fault
        return [list(batch.values()) for batch in batches]

    def _family_of(self, verdict: Mapping[str, Any]) -> str:
        refs = [*verdict["observation_ids"], *verdict["fact_refs"]]
        known = (self._families.get(ref.removesuffix("-bis")) for ref in refs)
        return next((family for family in known if family is not None), "")

    def _remember(self, verdict: Mapping[str, Any]) -> None:
        if verdict["verdict"] == "not_evaluable":
            return
        refs = {*verdict["observation_ids"], *verdict["fact_refs"]}
        self._concerned |= refs
        if verdict["verdict"] == "held":
            subject = subject_of(verdict["rule_code"], json.loads(verdict["evidence"]))
            for ref in subject.figures:
                self._held[ref].append(subject)


def _is_asked(subject: Subject, fault: Fault) -> bool:
    """A row that is gone, or there twice, is told by the sum that it is a part of, and by nothing else."""
    if fault.operator == "moved territory":
        # The other department is of the same region: its sum stays what it was.
        return subject.relation == "groups" and subject.figures[fault.ref][0] == "part"
    if fault.action == "change":
        return True
    return subject.relation in ("sum", "groups") and subject.figures[fault.ref][0] == "part"


def _subject_key(verdict: Mapping[str, Any]) -> tuple[str, str]:
    return str(verdict["rule_code"]), str(verdict["subject_key"])


def _fact(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in ("indicator_code", "territory_key", "period", "obs_status", "value_form"))


def _facts(world: World) -> Mapping[tuple[str, ...], list[tuple[str, tuple[float, float]]]]:
    """What is printed of each fact: indicator, territory, period, status and form."""
    query = (
        "SELECT m.observation_id, m.value_low, m.value_high, f.indicator_code, f.territory_key, f.period, "
        "f.obs_status, f.value_form FROM bronze.figure AS f INNER JOIN verdicts.mention AS m "
        "ON m.observation_id = f.report_id || '#' || f.figure_key WHERE f.territory_key <> 'not_stated:none'"
    )
    facts: dict[tuple[str, ...], list[tuple[str, tuple[float, float]]]] = defaultdict(list)
    for ref, low, high, *fact in world.connection.execute(query).fetchall():
        ends = (float("-inf") if low is None else float(low), float("inf") if high is None else float(high))
        facts[tuple(map(str, fact))].append((ref, ends))
    return facts


def _families(world: World) -> dict[str, str]:
    """What rules may bring together, by reference: indicators related or linked, a topic's counts, a workshop."""
    families = {ref: f"indicator {family}" for ref, family in _figure_families(world).items()}
    connection = world.connection
    topics = (
        "SELECT report_id || '#' || count_key, concat_ws('|', 'topic', theme_no, section, group_label_fr) "
        "FROM bronze.count"
    )
    families |= dict(connection.execute(topics).fetchall())
    workshops = (
        "SELECT report_id || '#' || workshop_key || '|' || participant_category, 'workshop ' || workshop_key "
        "FROM bronze.participation UNION ALL "
        "SELECT report_id || '#' || statement_key, 'workshop ' || workshop_key FROM bronze.workshop_statement "
        "UNION ALL "
        "SELECT report_id || '#' || workshop_key, 'workshop ' || workshop_key FROM bronze.workshop"
    )
    return families | dict(connection.execute(workshops).fetchall())


def _figure_families(world: World) -> dict[str, str]:
    figures = dict(
        world.connection.execute("SELECT report_id || '#' || figure_key, indicator_code FROM bronze.figure").fetchall()
    )
    ties = world.connection.execute(
        "SELECT from_indicator_code, to_indicator_code FROM bronze.indicator_relation UNION ALL "
        "SELECT f.indicator_code, 'link ' || l.report_id || l.link_key FROM bronze.figure_link AS l "
        "INNER JOIN bronze.figure AS f ON f.report_id = l.report_id AND f.figure_key = l.figure_key"
    ).fetchall()
    heads: dict[str, str] = {}

    def head(name: str) -> str:
        while heads.get(name, name) != name:
            name = heads[name]
        return name

    for one, other in ties:
        heads[head(one)] = head(other)
    return {ref: head(indicator) for ref, indicator in figures.items()}
