"""Settle: verdicts of a refresh become findings with a status and a history.

The decision is one pure function, :func:`next_state`; the rest reads and writes the state store in the caller's
transaction. Two choices, with their reasons:

- A finding is resolved as soon as its subject was evaluated and passed in one refresh. Rules are deterministic over
  documents that do not change by themselves, so a second run over the same inputs would prove nothing, and refreshes
  only happen when inputs do. A subject that vanished or was not evaluable proves nothing either: it stays as it is.
- Other values reopen a question that a person had closed: what was acknowledged, waived or settled was so for the
  values that the person saw.

A verdict that bears a decision is no question any more: a person found that these figures do not compare. It settles
the finding that there was and opens none.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from stewardship.economy import FAILED, most_economical
from stewardship.explanations import ladder
from stewardship.ownership import Own, Ownership, nobody
from stewardship.sentences import message_fr
from stewardship.typography import as_number
from warehouse.errors import BarometreError
from warehouse.state import finding_id, fingerprint
from warehouse.state_tables import MACHINE_COLUMNS, SEVERITIES, VERDICTS, finding, finding_before, finding_event, waiver

Key = tuple[str, str]
_PASSED, _NOT_EVALUABLE = "held", "not_evaluable"
#: Nothing is asserted about the numbers there, so nobody is to be alarmed.
_INFORMATIVE = {"not_comparable", "explained"}
_DECIDED = "Un référent a décidé que ces chiffres ne se comparent pas."


@dataclass(frozen=True)
class Transition:
    """What happens to a finding; the event and the status after it have one name."""

    status: str


@dataclass(frozen=True)
class Previous:
    """A finding as the store knows it: its status, what was judged when it was last seen, if its waiver ran out."""

    status: str
    judged: Any
    lapsed: bool = False


@dataclass(frozen=True)
class Verdict:
    """A verdict as far as a finding's life depends on it. ``judged`` tells values and gaps, not wording or places."""

    verdict: str
    judged: Any = None
    is_decided: bool = False

    @property
    def failed(self) -> bool:
        return self.verdict in VERDICTS


@dataclass(frozen=True)
class Happened:
    """One event that settling wrote: open, changed, resolved or reopened."""

    finding_id: str
    event: str


@dataclass(frozen=True)
class SettleResult:
    """What happened to findings; how many still fail as before; how many subjects held or could not be evaluated."""

    transitions: tuple[Happened, ...]
    unchanged: int
    held: int
    not_evaluable: int


def next_state(previous: Previous | None, verdict: Verdict) -> Transition | None:
    """What a verdict does to the finding of its subject; None when nothing happens.

    A failing subject opens a finding, reopens a resolved one, changes one whose values or gap differ. A subject that
    held resolves a live finding. One that was not evaluable does nothing. A waiver that ran out reopens what it
    covered, unless something else happens to it. What a person decided not to compare settles a live finding.
    """
    if verdict.is_decided:
        return Transition("settled") if previous and previous.status not in ("settled", "resolved") else None
    if verdict.failed:
        if previous is None:
            return Transition("open")
        if previous.status == "resolved":
            return Transition("reopened")
        return _when_lapsed(previous) if previous.judged == verdict.judged else Transition("changed")
    if previous is None or previous.status == "resolved":
        return None
    return Transition("resolved") if verdict.verdict == _PASSED else _when_lapsed(previous)


def _when_lapsed(previous: Previous) -> Transition | None:
    return Transition("reopened") if previous.lapsed and previous.status == "waived" else None


def settle(
    connection: sa.Connection,
    refresh_id: int,
    verdicts: Iterable[Mapping[str, Any]],
    evaluated_rules: Collection[str],
    now: datetime,
    aliases: Mapping[str, str] | None = None,
    own: Own = nobody,
) -> SettleResult:
    """Turn the verdicts of a refresh (rows of ``quality.verdict``) into findings, in the caller's transaction.

    To be called once per refresh. ``evaluated_rules`` are the codes of the rules that ran; ``aliases`` gives the
    current code of rules by former code, so that findings of a renamed rule keep their identity and history.
    ``own`` tells whose a finding is; every finding is asked for, since owners change without verdicts.

    Raises:
        BarometreError: a verdict names a rule that did not run, is unknown, lacks a severity, or judges a subject
            that another verdict of the rule judges too; a rule bears the former code of another.
    """
    reused = sorted(set(aliases or {}) & set(evaluated_rules))
    if reused:
        raise BarometreError(f"The code {reused[0]} was that of a rule since renamed: give the new rule another code.")
    rows = _checked(verdicts, evaluated_rules)
    known = _known(connection, aliases or {})
    lapsed = _lapsed(connection, now)
    identities = {key: known[key]["finding_id"] if key in known else finding_id(*key) for key in rows}
    parents = _Parents(identities, rows)
    explained = _Explained(rows)
    settled = _Settled(refresh_id, now)
    for key, row in rows.items():
        before, verdict = known.get(key), Verdict(row["verdict"], judged(row), row.get("decision_id") is not None)
        previous = Previous(before["status"], judged(before), before["finding_id"] in lapsed) if before else None
        transition = next_state(previous, verdict)
        if verdict.failed:
            evidence = _owned(explained.of(key), own(row, _ownership(before)))
            content = _content(identities[key], row, parents.of(row), evidence)
            if before:
                settled.see(before, content, transition)
            elif not verdict.is_decided:
                settled.open(identities[key], row, content)
        elif before:
            settled.end(before, transition, _owned(before["evidence"], own(row, _ownership(before))))
    for before in (known[key] for key in known if key not in rows):
        previous = Previous(before["status"], None, before["finding_id"] in lapsed)
        settled.end(before, _when_lapsed(previous), _owned(before["evidence"], own(before, _ownership(before))))
    settled.write(connection)
    return settled.result(Counter(row["verdict"] for row in rows.values()))


def judged(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What makes two verdicts on one subject the same: verdict, severity, figures and their values, gap.

    Lines, titles and labels are left out: a corrected page number is no news to a steward. What is not comparable is
    settled once for its family: other figures of it, or other values, are no news either; that the decision about it
    no longer holds is.
    """
    if row["verdict"] == "not_comparable":
        evidence = _evidence(row)
        return (row["verdict"], isinstance(evidence, Mapping) and evidence.get("decision_id") is not None)
    return (
        row["verdict"],
        _severity(row),
        sorted(row.get("observation_ids") or ()),
        sorted(row.get("fact_refs") or ()),
        as_number(row.get("gap")),
        sorted(_values(_evidence(row)), key=repr),
    )


def _values(evidence: Any) -> list[tuple[Any, ...]]:
    figures = evidence.get("figures") if isinstance(evidence, Mapping) else None
    return [
        (figure.get("ref"), *(as_number(figure.get(name)) for name in ("value", "low", "high")))
        for figure in (figures if isinstance(figures, list) else ())
        if isinstance(figure, Mapping)
    ]


def _evidence(row: Mapping[str, Any]) -> Any:
    """The evidence as an object: DuckDB hands its JSON type over as text. What JSON has no number for is null."""
    evidence = row.get("evidence")
    return json.loads(evidence, parse_constant=lambda _: None) if isinstance(evidence, str) else evidence or {}


def _ownership(before: Mapping[str, Any] | None) -> Ownership | None:
    evidence = before["evidence"] if before else None
    return evidence.get("ownership") if isinstance(evidence, Mapping) else None


def _owned(evidence: Any, ownership: Ownership | None) -> Any:
    """The evidence, with whose finding it is evidence of."""
    if not isinstance(evidence, Mapping):
        return evidence
    without = {name: value for name, value in evidence.items() if name != "ownership"}
    return without if ownership is None else without | {"ownership": dict(ownership)}


def _severity(row: Mapping[str, Any]) -> str | None:
    return "info" if row["verdict"] in _INFORMATIVE else row.get("severity")


def _checked(verdicts: Iterable[Mapping[str, Any]], evaluated_rules: Collection[str]) -> dict[Key, Mapping[str, Any]]:
    rows: dict[Key, Mapping[str, Any]] = {}
    for row in verdicts:
        key = (row["rule_code"], row["subject_key"])
        fault = _fault(row, evaluated_rules)
        if key in rows:
            fault = "is given twice"
        if fault:
            raise BarometreError(f"The verdict of rule {key[0]} on {key[1]!r} {fault}. Look at the rule's SQL model.")
        rows[key] = row
    return rows


def _fault(row: Mapping[str, Any], evaluated_rules: Collection[str]) -> str | None:
    if row["rule_code"] not in evaluated_rules:
        return "comes from a rule that did not run"
    if row["verdict"] not in (*VERDICTS, _PASSED, _NOT_EVALUABLE):
        return f"is unknown ({row['verdict']!r})"
    if row["verdict"] in VERDICTS and _severity(row) not in SEVERITIES:
        return f"has no severity ({row.get('severity')!r})"
    return None


def _known(connection: sa.Connection, aliases: Mapping[str, str]) -> dict[Key, dict[str, Any]]:
    """Findings by rule and subject; those of a renamed rule come first, so that one under the current code wins."""
    found = [dict(row) for row in connection.execute(sa.select(finding)).mappings()]
    found.sort(key=lambda row: row["rule_code"] not in aliases)
    return {(aliases.get(row["rule_code"], row["rule_code"]), row["subject_key"]): row for row in found}


def _lapsed(connection: sa.Connection, now: datetime) -> set[str]:
    """Findings whose waiver ran out; publishing this refresh ends those waivers."""
    over = sa.select(waiver.c.finding_id).where(waiver.c.ended_at.is_(None), waiver.c.expires_at <= now)
    return set(connection.execute(over).scalars())


def _content(identity: str, row: Mapping[str, Any], parent: str | None, evidence: Any) -> dict[str, Any]:
    case = row.get("case_key")
    copied = ("rule_code", "verdict", "indicator_code", "territory_code", "period_label", "gap_pct")
    return {
        **{name: row.get(name) for name in copied},
        "case_id": identity if case is None else fingerprint(case),
        "parent_finding_id": parent,
        "severity": _severity(row),
        "message_fr": message_fr(evidence, verdict=row["verdict"], gap=row.get("gap"), gap_pct=row.get("gap_pct")),
        "observation_ids": list(row.get("observation_ids") or ()),
        "fact_refs": list(row.get("fact_refs") or ()),
        "gap": as_number(row.get("gap")),
        "evidence": evidence,
    }


class _Explained:
    """The evidence of what failed, with the answers of the explanation ladder and, of its case, the most economical
    explanation."""

    def __init__(self, rows: Mapping[Key, Mapping[str, Any]]) -> None:
        self._evidence = {key: _evidence(row) for key, row in rows.items() if row["verdict"] in VERDICTS}
        cases: dict[Any, list[Key]] = {}
        for key in self._evidence:
            if rows[key]["verdict"] in FAILED:
                cases.setdefault(rows[key].get("case_key") or key, []).append(key)
        held = _held_by_figure(rows, {ref for keys in cases.values() for key in keys for ref in _refs(rows[key])})
        self._economy: dict[Key, dict[str, Any]] = {}
        for keys in cases.values():
            near = {key for failed in keys for ref in _refs(rows[failed]) for key in held.get(ref, ())}
            case = [(rows[key]["verdict"], _evidence(rows[key])) for key in (*keys, *sorted(near))]
            if economy := most_economical([(verdict, e) for verdict, e in case if isinstance(e, Mapping)]):
                self._economy |= dict.fromkeys(keys, economy.as_json())

    def of(self, key: Key) -> Any:
        evidence = self._evidence[key]
        if not isinstance(evidence, Mapping):
            return evidence
        told = {**evidence, "explanations": ladder(evidence)}
        return told | ({"economy": self._economy[key]} if key in self._economy else {})


def _refs(row: Mapping[str, Any]) -> list[str]:
    return [*(row.get("observation_ids") or ()), *(row.get("fact_refs") or ())]


def _held_by_figure(rows: Mapping[Key, Mapping[str, Any]], wanted: set[str]) -> dict[str, list[Key]]:
    """The subjects that held, by the figures among ``wanted`` that they name."""
    held: dict[str, list[Key]] = {}
    for key, row in rows.items():
        if row["verdict"] == _PASSED:
            for ref in wanted.intersection(_refs(row)):
                held.setdefault(ref, []).append(key)
    return held


class _Parents:
    """Finds the finding that explains another: same rule first, else the only other rule that failed the subject."""

    def __init__(self, identities: Mapping[Key, str], rows: Mapping[Key, Mapping[str, Any]]) -> None:
        failing = {key for key, row in rows.items() if row["verdict"] in VERDICTS and row.get("decision_id") is None}
        self._failing = {key: identities[key] for key in failing}
        self._by_subject: dict[str, list[str]] = {}
        for (_, subject), identity in sorted(self._failing.items()):
            self._by_subject.setdefault(subject, []).append(identity)

    def of(self, row: Mapping[str, Any]) -> str | None:
        subject = row.get("parent_subject_key")
        if subject is None:
            return None
        same_rule = self._failing.get((row["rule_code"], subject))
        others = self._by_subject.get(subject, [])
        return same_rule or (others[0] if len(others) == 1 else None)


class _Settled:
    """What settling writes, gathered first and written in few statements."""

    def __init__(self, refresh_id: int, now: datetime) -> None:
        self._refresh_id = refresh_id
        self._now = now
        self._before: list[dict[str, Any]] = []
        self._new: list[dict[str, Any]] = []
        self._seen: list[dict[str, Any]] = []
        self._ended: list[dict[str, Any]] = []
        self._events: list[dict[str, Any]] = []
        self._unchanged = 0

    def open(self, identity: str, row: Mapping[str, Any], content: dict[str, Any]) -> None:
        """A subject that fails and had no finding."""
        first = {"finding_id": identity, "first_seen_at": self._now, "first_refresh_id": self._refresh_id}
        seen = {"last_seen_at": self._now, "last_seen_refresh_id": self._refresh_id}
        self._new.append({**first, **seen, **content, "subject_key": row["subject_key"], "status": "open"})
        self._tell(identity, "open", content["message_fr"])

    def see(self, before: Mapping[str, Any], content: dict[str, Any], transition: Transition | None) -> None:
        """A subject that still fails, or fails again. Its wording follows the sources even when nothing changed."""
        self._remember(before)
        # A clock that stepped back must not make a finding vanish before it was first seen.
        seen = {"last_seen_at": max(self._now, before["last_seen_at"]), "last_seen_refresh_id": self._refresh_id}
        status = transition.status if transition else before["status"]
        self._seen.append({**content, **seen, "status": status, "updated_id": before["finding_id"]})
        if transition:
            self._tell(before["finding_id"], status, _DECIDED if status == "settled" else content["message_fr"])
        else:
            self._unchanged += 1

    def end(self, before: Mapping[str, Any], transition: Transition | None, evidence: Any) -> None:
        """A subject that does not fail now: it held, its waiver ran out unseen, or nothing happened but that its
        finding is somebody else's (``evidence``). The finding goes on telling what was wrong."""
        if transition is None and evidence == before["evidence"]:
            return
        self._remember(before)
        status = transition.status if transition else before["status"]
        self._ended.append({"status": status, "evidence": evidence, "updated_id": before["finding_id"]})
        if transition is None:
            return
        why = "Règle évaluée et respectée." if transition.status == "resolved" else "Dérogation arrivée à échéance."
        self._tell(before["finding_id"], transition.status, why)

    def _remember(self, before: Mapping[str, Any]) -> None:
        kept = {name: before[name] for name in ("finding_id", *MACHINE_COLUMNS)}
        self._before.append({**kept, "refresh_id": self._refresh_id})

    def _tell(self, identity: str, status: str, why: str) -> None:
        event = {"finding_id": identity, "event": status, "status": status, "why": why}
        self._events.append({**event, "at": self._now, "refresh_id": self._refresh_id})

    def write(self, connection: sa.Connection) -> None:
        """Keep findings as they were, for the case that this refresh is never published; then write."""
        known = finding.update().where(finding.c.finding_id == sa.bindparam("updated_id"))
        for statement, rows in (
            (finding_before.insert(), self._before),
            (known, self._seen),
            (known, self._ended),
            (finding.insert(), self._new),
            (finding_event.insert(), self._events),
        ):
            if rows:
                connection.execute(statement, rows)

    def result(self, verdicts: Mapping[str, int]) -> SettleResult:
        return SettleResult(
            transitions=tuple(Happened(event["finding_id"], event["event"]) for event in self._events),
            unchanged=self._unchanged,
            held=verdicts.get(_PASSED, 0),
            not_evaluable=verdicts.get(_NOT_EVALUABLE, 0),
        )
