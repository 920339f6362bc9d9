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

from ingestion.arrivals import Arrival, Known, Redelivery, frames_of, period_codes, periods_made, places_of
from ingestion.collect import decide_versions, settle_quarantine, write_bronze
from ingestion.decisions import decisions_frame, relist_decisions
from ingestion.gathering import gather
from ingestion.receiving import clear_known, clear_landed, input_identities, landed, landed_files, receive_landed
from orchestration import progress
from orchestration.decide import WITHOUT_DBT, Plan, Situation, Work, is_build_of, plan
from orchestration.fingerprints import fingerprints, input_set
from orchestration.housekeeping import prune_after_publication
from warehouse.build_record import BuildUnusable, Model, built_from, follow_decisions, record_build
from warehouse.errors import AuditBlocked, BarometreError, LockHeld
from warehouse.lock import refresh_lock
from warehouse.paths import Home
from warehouse.seal import STATE_TABLES, seal
from warehouse.snapshots import discard, remove_leftovers, remove_links, snapshot_name, swap

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
    decisions: list[dict[str, Any]]
    started_at: datetime
    refresh_id: int
    outcome: Outcome = "failed"
    arrivals: list[Arrival] = field(default_factory=list)
    known: list[Redelivery] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    findings: dict[str, int] = field(default_factory=dict)
    transitions: dict[str, int] = field(default_factory=dict)
    snapshot: str | None = None
    pruned: dict[str, Any] = field(default_factory=dict)
    audit_report: AuditReport | None = None
    following: list[Model] = field(default_factory=list)

    @property
    def input_set(self) -> str:
        return input_set(self.parts)

    @property
    def made_from(self) -> dict[str, str]:
        """The parts that the working database is made from."""
        return {name: value for name, value in self.parts.items() if name not in WITHOUT_DBT - {"decisions"}}

    def collect(self) -> InputReport:
        """Archive, read, check and write to bronze everything there is to ingest.

        Raises:
            BarometreError: an expectation raised instead of answering: the guard is broken.
        """
        from expectations.inputs import KnownCodes, check_inputs
        from expectations.refusals import with_refusals
        from ingestion.reference.loading import load_reference

        progress.report("collect")
        known_inputs = remembered_inputs(self.store)
        received = receive_landed(self.home, known_inputs, self.started_at)
        self.known = list(received.known)
        recipe = bronze_recipe(self.parts)
        arrivals = gather(self.home, known_inputs, received, self.started_at, recipe)
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
        self.arrivals = decide_versions(with_refusals(arrivals, report, frames, places_of(arrivals)))
        self._record(self.arrivals)
        settle_quarantine(self.home, self.arrivals, received, self.started_at)
        clear_landed(self.home, received)
        # Only what was taken: a file that came in meanwhile must be news to the next refresh.
        taken = {"inputs": _sha256_of(received_inputs(self.store))}
        others = {name: value for name, value in self.parts.items() if name != "sources"}
        self.parts = others | taken | frozen_part(self.store, self.started_at)
        self.store.record_parts(self.refresh_id, input_set=self.input_set, inputs=self.parts)
        self.rows = write_bronze(self.home, self.arrivals, accepted, self._others(reference, accepted), recipe)
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
        self.following = built.following
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
        else:
            record_build(self.home.build, self.made_from, self.following)
        return self.audit_report

    def follow(self) -> None:
        """Instead of a build: let the working database at hand follow the stewards' decisions.

        Raises:
            BuildUnusable: there is none, it was made from something else, or it cannot follow them.
        """
        progress.report("follow")
        found = built_from(self.home.build)
        if found is None or not is_build_of(found, self.parts):
            raise BuildUnusable("The working database was made from something else: a full refresh is needed.")
        if found.get("decisions") != self.parts["decisions"]:
            frame = decisions_frame(self.decisions)
            relist_decisions(self.home, frame, _version(frame), self.started_at)
            follow_decisions(self.home.build, self.parts["decisions"])

    def why_blocked(self) -> str | None:
        """What the audit holds against the warehouse, or None."""
        if self.audit_report is None or not self.audit_report.blocking:
            return None
        return "The audit blocked the publication: " + " ".join(r.sentence for r in self.audit_report.blocking)

    def settle(self) -> dict[str, int]:
        """Turn verdicts into findings with a status and a history; prepared, not yet public."""
        from expectations.catalogue import rule_aliases
        from stewardship.ownership import owning
        from stewardship.settle import settle

        progress.report("settle")
        verdicts, counts = read_verdicts(self.home)
        own = owning(self.home)
        self.snapshot = snapshot_name(self.started_at, self.input_set)
        with self.store.transaction() as connection:
            rules = {count.rule_code for count in counts}
            result = settle(connection, self.refresh_id, verdicts, rules, self.started_at, rule_aliases(), own)
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
            "redelivered": [again.sentence for again in self.known],
            "findings": self.findings,
            "transitions": self.transitions,
            "snapshot": self.snapshot,
            **({"warnings": warnings} if (warnings := self.warnings()) else {}),
            **({"pruned": self.pruned} if self.pruned else {}),
        }

    def refused(self) -> list[dict[str, Any]]:
        """Inputs refused in this refresh, and rows refused of those newly taken, each with its reason.

        Rows refused when their input was first taken stay in quarantine; they are no news to later refreshes.
        """
        whole = [{"input": a.name, **a.reason} for a in self.arrivals if a.reason is not None]
        taken = [a for a in self.arrivals if a.reason is None and not a.is_known]
        return whole + [{"input": a.name, **why} for a in taken for why in a.rejections]

    def warnings(self) -> list[dict[str, str]]:
        """What is odd about inputs newly taken, but accepted by their contract."""
        return [
            {"input": a.name, "warning": told}
            for a in self.arrivals
            if a.reason is None and not a.is_known
            for told in a.warnings
        ]

    def close(self) -> None:
        """Record a refresh that published nothing, and remove the file that it had sealed, if it had.

        One that failed between the swap and its mark is left as it is: readers have its snapshot, and the next
        refresh marks it.
        """
        if self.outcome == "published" or (self.snapshot and self.home.current.resolve().name == self.snapshot):
            return
        if self.snapshot:
            discard(self.home.snapshots / self.snapshot)
        ended: Literal["blocked", "failed"] = "blocked" if self.outcome == "blocked" else "failed"
        now = datetime.now(UTC)
        self.store.finish_refresh(self.refresh_id, ended, finished_at=now, summary=self.summary())

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
                    reason=a.reason or list(a.rejections) or ({"warnings": list(a.warnings)} if a.warnings else None),
                )

    def _others(
        self, reference: Mapping[str, pl.DataFrame], accepted: Mapping[str, pl.DataFrame]
    ) -> Iterator[tuple[str, str, str, datetime, pl.DataFrame]]:
        """Reference data, rules, decisions, periods and columns of datasets: inputs too, compiled to bronze."""
        from expectations.catalogue import load_catalogue
        from ingestion.datasets.contracts import load_contracts
        from ingestion.datasets.dictionary import dataset_columns
        from ingestion.datasets.silence import last_received, silence_frame
        from ingestion.periods import periods_frame
        from ingestion.schemas import SOURCE_STATUS

        since = self._received_since
        for table, frame in reference.items():
            yield table, self.parts["reference"], "reference", since("reference"), frame
        yield "rule", self.parts["rules"], "rules", since("rules"), load_catalogue()
        decisions = decisions_frame(self.decisions)
        yield "decision", _version(decisions), "decisions", self.started_at, decisions
        silence = silence_frame(load_contracts(), last_received(self.store.all_inputs()), self.started_at.date())
        yield SOURCE_STATUS.name, _version(silence), "sources", self.started_at, silence
        used = period_codes([*accepted.values(), *reference.values()]) | periods_made(self.arrivals) | {"not_stated"}
        periods = periods_frame(_readable(used))
        yield "period", _version(periods), "periods", self.started_at, periods
        columns = dataset_columns(load_contracts().values())
        yield "dataset_column", _version(columns), "datasets", self.started_at, columns

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
            "quality.decision": self.decisions,
            "meta.refresh": self.store.refresh_rows(sealed_at=finished_at),
            "meta.source_file": self.store.source_file_rows(),
        }
        missing = {f"{table.schema}.{table.name}" for table in STATE_TABLES} - set(rows)
        if missing:
            raise BarometreError(f"No rows were prepared for {', '.join(sorted(missing))}.")
        return rows


@contextmanager
def opened_session(home: Home, trigger: str, *, wait: float = 0.0) -> Iterator[RefreshSession]:
    """Take the lock, recover what a crash left, and begin a refresh; its end is recorded whatever happens.

    ``wait`` is how long to wait for the lock, in seconds.

    Raises:
        LockHeld: another refresh runs, still.
    """
    from warehouse.state import StateStore

    os.environ["BAROMETRE_HOME"] = str(home.root)
    with refresh_lock(home.create().lock, trigger, wait=wait), StateStore.open(home, now=datetime.now(UTC)) as store:
        now = datetime.now(UTC)
        recover(home, store, now)
        decisions, parts = store.decision_rows(), todays_parts(home, store, now)
        refresh_id = store.begin_refresh(trigger=trigger, input_set=input_set(parts), inputs=parts, started_at=now)
        session = RefreshSession(home, store, trigger, parts, decisions, now, refresh_id)
        try:
            yield session
        finally:
            session.close()


def recover(home: Home, store: StateStore, now: datetime) -> None:
    """Undo the refresh that a crash left unfinished, and remove its half-written files.

    What it sealed goes before the store forgets its name: killed in between, this is simply done again.
    """
    current = home.current.resolve().name if home.current.exists() else None
    last = store.last_refresh()
    if last and last["outcome"] == "prepared" and last["snapshot"] != current:
        discard(home.snapshots / last["snapshot"])
    store.undo_unpublished(current_snapshot=current, now=now)
    remove_leftovers(home.snapshots)
    remove_links(home.current)
    for part in home.bronze.glob("**/.*.part"):
        part.unlink()


def todays_parts(home: Home, store: StateStore, now: datetime | None = None) -> dict[str, str]:
    """The fingerprints of everything that a refresh would be made from, decisions and deliveries included; ``now`` is
    when, this moment unless given."""
    decisions = [str(row["decision_id"]) for row in store.decision_rows()]
    return fingerprints(home) | {
        "inputs": inputs_fingerprint(home, store),
        "decisions": _sha256_of(decisions),
        "acts": _sha256_of(store.act_ids()),
        **frozen_part(store, now or datetime.now(UTC)),
    }


def frozen_part(store: StateStore, now: datetime) -> dict[str, str]:
    """The part of a refresh that time alone changes: which sources are frozen; none while none is."""
    from ingestion.datasets.contracts import load_contracts
    from ingestion.datasets.silence import frozen_sources, last_received

    received = last_received(store.all_inputs())
    frozen = frozen_sources(load_contracts(), received, now.date()) if received else []
    return {"sources": _sha256_of(frozen)} if frozen else {}


def inputs_fingerprint(home: Home, store: StateStore) -> str:
    """One hash over every input ever received and those that wait."""
    return _sha256_of(received_inputs(store) | input_identities(home))


def bronze_recipe(parts: Mapping[str, str]) -> str:
    """One hash over the code and the reference data that bronze is made with, whatever was delivered."""
    elsewhere = ("inputs", "decisions", "acts", "sources", "sql", "rules", "configuration")
    return input_set({name: value for name, value in parts.items() if name not in elsewhere})


def remembered_inputs(store: StateStore) -> dict[str, Known]:
    """What the store remembers of every input, by SHA-256."""
    columns = ("sha256", "kind", "received_at", "status", "source", "version")
    return {row["sha256"]: Known(**{name: row[name] for name in columns}) for row in store.all_inputs()}


def received_inputs(store: StateStore) -> set[str]:
    """The SHA-256 of every input ever received, parts of the repository aside."""
    return {row["sha256"] for row in store.all_inputs() if row["kind"] not in ("reference", "rules")}


def situation(home: Home, store: StateStore, now: datetime) -> Situation:
    """What the decision whether to refresh hangs on; how, hangs on the working database too (:func:`planned`)."""
    last = store.last_published()
    current = home.current.resolve().name if home.current.exists() else None
    rolled_back = store.rollback_in_force(current) is not None
    waiting = dict.fromkeys((path.name for path in landed_files(home)), False)
    waiting |= {file.path.name: file.is_known for file in landed(home, remembered_inputs(store))}
    return Situation(
        parts=todays_parts(home, store, now),
        last_parts=last["inputs"] if last else None,
        build_parts=None,
        is_published=last is not None and (rolled_back or current == last["snapshot"]),
        waiting=sum(not is_known for is_known in waiting.values()),
        known=tuple(name for name, is_known in waiting.items() if is_known),
        due=sum(item.kind == "waiver" for item in store.due_items(now)),
        rolled_back=rolled_back,
    )


def dismiss_known(home: Home, store: StateStore, now: datetime) -> list[Redelivery]:
    """Take deliveries that bring nothing new out of the drop folder, and say which they were."""
    return clear_known(home, remembered_inputs(store), now)


def planned(home: Home, store: StateStore, now: datetime) -> Plan:
    """What a refresh would do now, and why."""
    seen = situation(home, store, now)
    decided = plan(seen)
    return decided if decided.work is Work.NOTHING else plan(replace(seen, build_parts=_build_parts(home)))


def _build_parts(home: Home) -> dict[str, str] | None:
    """Read under the lock, whoever asks: a look at the working database would keep the one who builds it out."""
    try:
        with refresh_lock(home.lock, "a look"):
            return built_from(home.build)
    except LockHeld:
        return None


def reasons(home: Home, store: StateStore) -> list[str]:
    """Why a refresh is needed now; empty when there is nothing to do."""
    return list(planned(home, store, datetime.now(UTC)).reasons)


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
