"""One refresh of one home, step by step. The steps are called by the Dagster assets, in the order of the design.

A session holds the lock from its opening to its end, whoever opened it: the command line, the daemon or a test.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal

from ingestion.collect import (
    Arrival,
    Known,
    clear_landed,
    decide_versions,
    frames_of,
    gather,
    input_identities,
    landed_files,
    period_codes,
    quarantine_refused,
    receive_landed,
    write_bronze,
)
from orchestration import progress
from orchestration.decide import Situation, reasons_to_refresh
from orchestration.fingerprints import fingerprints, input_set
from orchestration.housekeeping import prune_after_publication
from warehouse.errors import AuditBlocked, BarometreError
from warehouse.lock import refresh_lock
from warehouse.paths import Home
from warehouse.seal import STATE_TABLES, seal
from warehouse.snapshots import remove_leftovers, snapshot_name, swap

if TYPE_CHECKING:
    import polars as pl

    from expectations.audit import AuditReport
    from expectations.inputs import InputReport
    from warehouse.state import StateStore

Outcome = str


@dataclass
class RefreshSession:
    """The state of one refresh while it runs, and its summary once it is over."""

    home: Home
    store: StateStore
    trigger: str
    parts: dict[str, str]
    started_at: datetime
    refresh_id: int
    outcome: Outcome = "failed"
    arrivals: list[Arrival] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    findings: dict[str, int] = field(default_factory=dict)
    transitions: dict[str, int] = field(default_factory=dict)
    snapshot: str | None = None
    pruned: dict[str, Any] = field(default_factory=dict)
    audit_report: AuditReport | None = None

    @property
    def input_set(self) -> str:
        return input_set(self.parts)

    def collect(self) -> InputReport:
        """Archive, read, check and write to bronze everything there is to ingest.

        Raises:
            BarometreError: an expectation raised instead of answering: the guard is broken.
        """
        from expectations.inputs import KnownCodes, check_inputs
        from ingestion.reference.loading import load_reference

        progress.report("collect")
        received = receive_landed(self.home, self.started_at)
        arrivals = gather(self.home, self._known_inputs(), received, self.started_at)
        reference = load_reference()
        frames = frames_of(arrivals)
        known = KnownCodes(
            indicator=frozenset(reference["indicator"]["indicator_code"]),
            territory=frozenset(reference["territory"]["territory_key"]),
            period=frozenset(_readable(period_codes([*frames.values(), *reference.values()]))),
        )
        report = check_inputs(frames, known)
        if report.faults:
            raise BarometreError(f"The input guard is broken: {report.faults[0].sentence}")
        accepted = report.accepted(frames)
        self.arrivals = decide_versions(_with_refusals(arrivals, report, accepted))
        self._record(self.arrivals)
        clear_landed(self.home, received)
        self.parts = self.parts | {"inputs": inputs_fingerprint(self.home, self.store)}
        self.store.record_parts(self.refresh_id, input_set=self.input_set, inputs=self.parts)
        self.rows = write_bronze(self.home, self.arrivals, accepted, self._others(reference, accepted))
        return report

    def build(self) -> list[dict[str, Any]]:
        """Build marts and verdicts in a fresh working database; returns dbt's events.

        Raises:
            AuditBlocked: a model or a data test failed.
        """
        from orchestration.dbt_runs import build

        for leftover in (self.home.build, self.home.build.with_name(f"{self.home.build.name}.wal")):
            leftover.unlink(missing_ok=True)
        progress.report("build")
        built = build(self.home, lambda done, total: progress.report("build", done, total))
        if built.failures:
            self.outcome = "blocked"
            details = self.home.dbt / "logs" / "dbt.log"
            told = "; ".join(built.failures[:5])
            raise AuditBlocked(f"{len(built.failures)} dbt nodes failed: {told}. Details in {details}.")
        return built.events

    def audit(self) -> AuditReport:
        """Run the one blocking gate on the working database.

        Raises:
            AuditBlocked: the warehouse itself is at fault; nothing is published.
        """
        from expectations.audit import audit

        progress.report("audit")
        previous = {code: count.evaluated for code, count in self.store.published_rule_counts().items()}
        self.audit_report = audit(self.home.build, previous)
        if self.audit_report.blocking:
            self.outcome = "blocked"
        return self.audit_report

    def why_blocked(self) -> str | None:
        """What the audit holds against the warehouse, or None."""
        if self.audit_report is None or not self.audit_report.blocking:
            return None
        return "The audit blocked the publication: " + " ".join(r.sentence for r in self.audit_report.blocking)

    def settle(self) -> dict[str, int]:
        """Turn verdicts into findings with a status and a history; prepared, not yet public."""
        from expectations.catalogue import rule_aliases
        from stewardship.settle import settle

        progress.report("settle")
        verdicts, counts = read_verdicts(self.home)
        self.snapshot = snapshot_name(self.started_at, self.input_set)
        with self.store.transaction() as connection:
            rules = {count.rule_code for count in counts}
            result = settle(connection, self.refresh_id, verdicts, rules, self.started_at, rule_aliases())
            self.store.record_rule_counts(self.refresh_id, counts)
            self.store.mark_prepared(self.refresh_id, self.snapshot)
        self.transitions = dict(Counter(happened.event for happened in result.transitions))
        self.findings = dict(
            Counter(row["severity"] for row in self.store.findings_rows() if row["status"] not in ("resolved",))
        )
        return self.findings

    def seal_and_swap(self) -> str:
        """Write the snapshot and make it the published one; returns its file name.

        Raises:
            PublishError: it could not be sealed; the snapshot before stays published.
        """
        progress.report("seal")
        finished_at = datetime.now(UTC)
        sealed = seal(
            self.home.build,
            self.home.snapshots,
            input_set=self.input_set,
            sealed_at=self.started_at,
            state_rows=self._state_rows(finished_at),
            facts={"refresh_id": self.refresh_id, "trigger": self.trigger, "inputs": self.parts},
        )
        swap(self.home.current, sealed.path)
        self.store.mark_published(self.refresh_id, finished_at=finished_at, summary=self.summary())
        self.outcome = "published"
        self.pruned = prune_after_publication(self.home, self.store, finished_at)
        return sealed.path.name

    def summary(self) -> dict[str, Any]:
        """What the refresh did, for people and programs."""
        return {
            "refresh_id": self.refresh_id,
            "inputs": Counter(arrival.status for arrival in self.arrivals),
            "rows": self.rows,
            "rows_rejected": sum(arrival.rows_rejected for arrival in self.arrivals),
            "findings": self.findings,
            "transitions": self.transitions,
            "snapshot": self.snapshot,
            **({"pruned": self.pruned} if self.pruned else {}),
        }

    def refused(self) -> list[dict[str, Any]]:
        """Inputs refused in this refresh, and rows refused of those that stand, each with its reason."""
        whole = [{"input": a.name, **a.reason} for a in self.arrivals if a.reason is not None]
        return whole + [{"input": a.name, **why} for a in self.arrivals if a.reason is None for why in a.rejections]

    def close(self) -> None:
        """Record a refresh that published nothing."""
        if self.outcome != "published":
            ended: Literal["blocked", "failed"] = "blocked" if self.outcome == "blocked" else "failed"
            now = datetime.now(UTC)
            self.store.finish_refresh(self.refresh_id, ended, finished_at=now, summary=self.summary())

    def _known_inputs(self) -> dict[str, Known]:
        return {
            row["sha256"]: Known(row["sha256"], row["kind"], row["received_at"], row["status"])
            for row in self.store.all_inputs()
        }

    def _record(self, arrivals: Iterable[Arrival]) -> None:
        from warehouse.state import Input

        with self.store.transaction():
            for a in arrivals:
                kind: Any = a.kind
                self.store.record_input(Input(a.sha256, a.name, a.bytes, kind, a.received_at, a.source, a.version))
                status: Any = a.status
                self.store.set_input_status(
                    a.sha256,
                    status,
                    at=a.superseded_at or self.started_at,
                    rows_accepted=a.rows_accepted,
                    rows_rejected=a.rows_rejected,
                    reason=a.reason or list(a.rejections) or None,
                )
        quarantine_refused(self.home, arrivals, self.started_at)

    def _others(
        self, reference: Mapping[str, pl.DataFrame], accepted: Mapping[str, pl.DataFrame]
    ) -> Iterator[tuple[str, str, str, datetime, pl.DataFrame]]:
        """Reference data, rules, decisions and periods: inputs too, compiled to bronze."""
        from expectations.catalogue import load_catalogue
        from ingestion.periods import periods_frame

        since = self._received_since
        for table, frame in reference.items():
            yield table, self.parts["reference"], "reference", since("reference"), frame
        yield "rule", self.parts["rules"], "rules", since("rules"), load_catalogue()
        decisions = decisions_frame(self.store.decision_rows())
        yield "decision", _version(decisions), "decisions", self.started_at, decisions
        used = period_codes([*accepted.values(), *reference.values(), decisions]) | {"not_stated"}
        periods = periods_frame(_readable(used))
        yield "period", _version(periods), "periods", self.started_at, periods

    def _received_since(self, part: Literal["reference", "rules"]) -> datetime:
        """When this version of a part of the repository was first read; the version before is superseded then."""
        from warehouse.state import Input

        version = self.parts[part]
        with self.store.transaction():
            self.store.record_input(Input(version, part, 0, part, self.started_at, part))
            for earlier in self.store.current_inputs():
                if earlier["kind"] == part and earlier["sha256"] != version:
                    self.store.set_input_status(earlier["sha256"], "superseded", at=self.started_at)
            self.store.set_input_status(version, "accepted", at=self.started_at)
            known = self.store.known_input(version)
        received: datetime = known["received_at"] if known else self.started_at
        return received

    def _state_rows(self, finished_at: datetime) -> dict[str, list[dict[str, Any]]]:
        rows = {
            "quality.finding": self.store.findings_rows(),
            "quality.finding_history": self.store.history_rows(),
            "quality.decision": self.store.decision_rows(),
            "meta.refresh": self.store.refresh_rows(sealed_at=finished_at),
            "meta.source_file": self.store.source_file_rows(),
        }
        missing = {f"{table.schema}.{table.name}" for table in STATE_TABLES} - set(rows)
        if missing:
            raise BarometreError(f"No rows were prepared for {', '.join(sorted(missing))}.")
        return rows


@contextmanager
def opened_session(home: Home, trigger: str) -> Iterator[RefreshSession]:
    """Take the lock, recover what a crash left, and begin a refresh; its end is recorded whatever happens.

    Raises:
        LockHeld: another refresh runs.
    """
    from warehouse.state import StateStore

    os.environ["BAROMETRE_HOME"] = str(home.root)
    now = datetime.now(UTC)
    with refresh_lock(home.create().lock, trigger), StateStore.open(home, now=now) as store:
        recover(home, store, now)
        parts = todays_parts(home, store)
        refresh_id = store.begin_refresh(trigger=trigger, input_set=input_set(parts), inputs=parts, started_at=now)
        session = RefreshSession(home, store, trigger, parts, now, refresh_id)
        try:
            yield session
        finally:
            session.close()


def recover(home: Home, store: StateStore, now: datetime) -> None:
    """Undo the refresh that a crash left unfinished, and remove its half-written files."""
    current = home.current.resolve().name if home.current.exists() else None
    store.undo_unpublished(current_snapshot=current, now=now)
    remove_leftovers(home.snapshots)


def todays_parts(home: Home, store: StateStore) -> dict[str, str]:
    """The fingerprints of everything that a refresh would be made from, decisions and deliveries included."""
    decisions = [str(row["decision_id"]) for row in store.decision_rows()]
    return fingerprints(home) | {"inputs": inputs_fingerprint(home, store), "decisions": _sha256_of(decisions)}


def inputs_fingerprint(home: Home, store: StateStore) -> str:
    """One hash over every input ever received and those that wait."""
    received = {row["sha256"] for row in store.all_inputs() if row["kind"] not in ("reference", "rules")}
    return _sha256_of(received | input_identities(home))


def situation(home: Home, store: StateStore) -> Situation:
    """What the decision whether to refresh hangs on."""
    last = store.last_published()
    return Situation(
        parts=todays_parts(home, store),
        last_parts=last["inputs"] if last else None,
        waiting=len(landed_files(home)) if home.landing.is_dir() else 0,
        is_published=last is not None and _serves(home, store, last["snapshot"]),
    )


def _serves(home: Home, store: StateStore, last_snapshot: str) -> bool:
    """Readers open the snapshot published last, or the earlier one that a person put back on purpose."""
    current = home.current.resolve().name if home.current.exists() else None
    return current == last_snapshot or store.rollback_in_force(current) is not None


def reasons(home: Home, store: StateStore) -> list[str]:
    """Why a refresh is needed now; empty when there is nothing to do."""
    return reasons_to_refresh(situation(home, store))


def read_verdicts(home: Home) -> tuple[list[dict[str, Any]], list[Any]]:
    """The verdicts of the working database as rows, and what each rule evaluated."""
    import duckdb

    from warehouse.state import RuleCount

    with duckdb.connect(str(home.build), read_only=True) as connection:
        verdicts = connection.execute("SELECT * FROM quality.verdict ORDER BY rule_code, subject_key")
        names = [column[0] for column in verdicts.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in verdicts.fetchall()]
        counts = connection.execute(
            "SELECT rule_code, expected, evaluated, held, failed, not_evaluable FROM quality.check_index ORDER BY 1"
        ).fetchall()
    return rows, [RuleCount(*count) for count in counts]


def decisions_frame(rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """The stewards' decisions as the bronze table that the reconciliation reads."""
    import polars as pl

    from ingestion.schemas import DECISION

    schema = {column.name: column.dtype for column in DECISION.columns}
    picked = [{name: row.get(name) for name in schema} for row in rows]
    for row in picked:
        row["decided_at"] = row["decided_at"].date() if row["decided_at"] else None
    return pl.DataFrame(picked, schema=schema)


def _with_refusals(
    arrivals: Iterable[Arrival], report: InputReport, accepted: Mapping[str, pl.DataFrame]
) -> list[Arrival]:
    """Write into each arrival what the input guard refused of it."""
    kept: Counter[str] = Counter()
    for frame in accepted.values():
        kept.update(dict(frame["input_sha256"].value_counts().iter_rows()))
    return [_with_refusal(arrival, report, kept[arrival.sha256]) for arrival in arrivals]


def _with_refusal(arrival: Arrival, report: InputReport, kept: int) -> Arrival:
    if arrival.extract is None or arrival.reason is not None:
        return arrival
    why = [
        {"table": r.table, "expectation": r.sentence, "keys": list(r.keys), "next_step": "Correct and deliver again"}
        for r in report.refusals
        if arrival.sha256 in r.inputs
    ]
    rejected = arrival.extract.rows - kept
    if arrival.sha256 in report.refused_inputs:
        return replace(arrival, reason={"file": arrival.name, "line": None, **why[0]}, rows_rejected=rejected)
    return replace(arrival, rejections=tuple(why), rows_accepted=kept, rows_rejected=rejected)


def _readable(codes: Iterable[str]) -> set[str]:
    from ingestion.periods import PeriodError, parse_period

    readable = set()
    for code in codes:
        try:
            parse_period(code)
        except PeriodError:
            continue
        readable.add(code)
    return readable


def _sha256_of(names: Iterable[str]) -> str:
    return sha256("\n".join(sorted(names)).encode()).hexdigest()


def _version(frame: pl.DataFrame) -> str:
    return sha256(frame.write_csv().encode()).hexdigest()
