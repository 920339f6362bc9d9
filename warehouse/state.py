"""The state store: refreshes, inputs, findings and their history, decisions. What cannot be rebuilt.

One :class:`StateStore` is one connection, used by one thread. Every method is a transaction of its own, or joins the
one that the caller opened::

    with StateStore.open(home, now=now) as store, store.transaction() as connection:
        settle(connection, refresh_id, verdicts, evaluated_rules, now)
        store.mark_prepared(refresh_id, snapshot)

A refresh goes running → prepared → published, or ends as nothing, blocked or failed. What a refresh settled counts
only once it is published: :meth:`StateStore.undo_unpublished` puts the findings back as the last published refresh
left them. Importing this module imports SQLAlchemy (a quarter of a second or more): import it inside functions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import sqlalchemy as sa

from warehouse.errors import BarometreError, UsageError
from warehouse.paths import Home
from warehouse.state_opening import READING, WRITING, bring_up_to_date, create_engine, strict_json
from warehouse.state_tables import (
    MACHINE_COLUMNS,
    decision,
    finding,
    finding_before,
    finding_event,
    input_,
    outbox,
    refresh,
    rollback,
    rule_count,
    waiver,
)

Ended = Literal["nothing", "blocked", "failed"]
InputStatus = Literal["accepted", "superseded", "quarantined"]
PersonStatus = Literal["acknowledged", "assigned", "waived", "settled", "correction_pending", "reopened"]
Row = dict[str, Any]

_FINDING_COLUMNS = (
    "finding_id",
    "case_id",
    "parent_finding_id",
    "rule_code",
    "verdict",
    "severity",
    "status",
    "message_fr",
    "indicator_code",
    "territory_code",
    "period_label",
    "observation_ids",
    "fact_refs",
    "gap",
    "gap_pct",
    "evidence",
    "steward",
    "first_seen_at",
    "last_seen_at",
)


@dataclass(frozen=True)
class Input:
    """Bytes that were received. ``source`` is the report or dataset they carry, ``version`` an extract's version."""

    sha256: str
    name: str
    bytes: int
    kind: Literal["report", "extract", "dataset", "reference", "rules", "unknown"]
    received_at: datetime
    source: str | None = None
    version: int | None = None


@dataclass(frozen=True)
class RuleCount:
    """What one rule was expected to evaluate and what came of it; a row of ``quality.check_index`` in numbers."""

    rule_code: str
    expected: int
    evaluated: int
    held: int
    failed: int
    not_evaluable: int


@dataclass(frozen=True, order=True)
class DueItem:
    """Something that calls for a refresh although nothing new came in.

    ``kind`` says which table ``number`` is of: a message of the outbox to be sent (again), or a waiver that ends.
    """

    since: datetime
    kind: Literal["message", "waiver"]
    number: int


@dataclass(frozen=True)
class Recovery:
    """What was made of the refresh that a crash left unfinished: nothing, undone, or found to be published."""

    undone: int | None = None
    published: int | None = None


def finding_id(rule_code: str, subject_key: str) -> str:
    """First 16 hexadecimal digits of the SHA-256 of ``rule_code|subject_key``."""
    return fingerprint(f"{rule_code}|{subject_key}")


def fingerprint(text: str) -> str:
    """First 16 hexadecimal digits of a text's SHA-256."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


class StateStore:
    """The open state store."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    @classmethod
    @contextmanager
    def open(cls, home: Home, *, now: datetime) -> Iterator[StateStore]:
        """Open the home's store, made or migrated first where needed (``now`` dates the backup).

        Raises:
            StateTooNew: a newer version of the code wrote it.
            BarometreError: it cannot be read.
        """
        home.root.mkdir(parents=True, exist_ok=True)
        engine = create_engine(home.state_url)
        try:
            bring_up_to_date(engine, now)
            with engine.connect() as connection:
                yield cls(connection)
        finally:
            engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """A writing transaction: all of it is kept, or none. Inside one, joins it."""
        if self._connection.in_transaction():
            yield self._connection
            return
        with self._connection.execution_options(**WRITING).begin():
            yield self._connection

    # Refreshes

    def begin_refresh(self, *, trigger: str, input_set: str, inputs: Mapping[str, Any], started_at: datetime) -> int:
        """Record a refresh that starts; returns its number.

        Raises:
            BarometreError: the refresh before is unfinished and was not undone.
        """
        values = {"trigger": trigger, "input_set": input_set, "inputs": inputs, "started_at": started_at}
        with self.transaction() as connection:
            unfinished = _unfinished(connection)
            if unfinished is not None:
                raise BarometreError(f"Refresh {unfinished.refresh_id} is unfinished: undo it before another starts.")
            started = refresh.insert().values(**values, outcome="running").returning(refresh.c.refresh_id)
            return connection.execute(started).scalar_one()

    def finish_refresh(
        self, refresh_id: int, outcome: Ended, *, finished_at: datetime, summary: Mapping[str, Any] | None = None
    ) -> None:
        """End a refresh that publishes nothing; what it had settled is undone.

        Raises:
            BarometreError: it is not running or prepared.
        """
        with self.transaction() as connection:
            values = {"outcome": outcome, "finished_at": finished_at, "summary": summary, "snapshot": None}
            _advance(connection, refresh_id, ("running", "prepared"), values)
            _undo(connection, refresh_id)

    def record_parts(self, refresh_id: int, *, input_set: str, inputs: Mapping[str, Any]) -> None:
        """Say again what a running refresh is made from, once what was delivered has been read.

        Raises:
            BarometreError: it is not running.
        """
        with self.transaction() as connection:
            _advance(
                connection, refresh_id, ("running",), {"input_set": input_set, "inputs": inputs, "outcome": "running"}
            )

    def mark_prepared(self, refresh_id: int, snapshot: str) -> None:
        """Say that its findings are settled and which file is about to be published.

        Raises:
            BarometreError: it is not running.
        """
        with self.transaction() as connection:
            _advance(connection, refresh_id, ("running",), {"outcome": "prepared", "snapshot": snapshot})

    def mark_published(
        self, refresh_id: int, *, finished_at: datetime, summary: Mapping[str, Any] | None = None
    ) -> None:
        """Say that its snapshot is the current one: what it settled counts, what it wrote to people is due.

        Raises:
            BarometreError: it is not prepared.
        """
        with self.transaction() as connection:
            values = {"outcome": "published", "finished_at": finished_at, "summary": summary}
            _advance(connection, refresh_id, ("prepared",), values)
            connection.execute(finding_before.delete())
            _end_waivers(connection, refresh_id)
            held = (outbox.c.refresh_id == refresh_id) & (outbox.c.status == "held")
            connection.execute(outbox.update().where(held).values(status="due", next_attempt_at=finished_at))

    def undo_unpublished(self, *, current_snapshot: str | None, now: datetime) -> Recovery:
        """Deal with the refresh that a crash left unfinished, if any; to be called first, under the refresh lock.

        A prepared refresh whose snapshot is ``current_snapshot`` (a file name) died between the swap and its mark: it
        is published. Any other becomes failed, and the findings are what the last published refresh and people made
        of them.
        """
        with self.transaction() as connection:
            unfinished = _unfinished(connection)
            if unfinished is None:
                return Recovery()
            if unfinished.outcome == "prepared" and unfinished.snapshot == current_snapshot:
                self.mark_published(unfinished.refresh_id, finished_at=now)
                return Recovery(published=unfinished.refresh_id)
            self.finish_refresh(unfinished.refresh_id, "failed", finished_at=now, summary={"interrupted": True})
            return Recovery(undone=unfinished.refresh_id)

    def last_published(self) -> Row | None:
        """The refresh published last, whole; None before the first."""
        published = refresh.select().where(refresh.c.outcome == "published")
        return self._first(published.order_by(refresh.c.refresh_id.desc()).limit(1))

    def record_rollback(
        self, *, from_snapshot: str, to_snapshot: str, actor: str, at: datetime, why: str | None = None
    ) -> None:
        """Record that a person is about to put another snapshot back; to be called first, under the refresh lock.

        Raises:
            UsageError: no refresh was ever published, or nobody is named.
        """
        if not actor.strip():
            raise UsageError("A rollback needs the name of its author.")
        with self.transaction() as connection:
            last = self.last_published()
            if last is None:
                raise UsageError("No refresh of this home was ever published: there is nothing to put back.")
            values = {"from_snapshot": from_snapshot, "to_snapshot": to_snapshot, "actor": actor, "at": at, "why": why}
            connection.execute(rollback.insert().values(**values, refresh_id=last["refresh_id"]))

    def rollback_in_force(self, current_snapshot: str | None) -> Row | None:
        """The rollback because of which ``current_snapshot`` (a file name) is served; None when there is none.

        The next publication ends it; so does putting the last published snapshot back; so does a link that
        somebody changed by other means.
        """
        last, newest = self.last_published(), self._first(rollback.select().order_by(rollback.c.rollback_id.desc()))
        if last is None or newest is None or newest["refresh_id"] != last["refresh_id"]:
            return None
        served_on_purpose = newest["to_snapshot"] == current_snapshot != last["snapshot"]
        return newest if served_on_purpose else None

    def last_refresh(self) -> Row | None:
        """The refresh started last, whatever became of it."""
        return self._first(refresh.select().order_by(refresh.c.refresh_id.desc()).limit(1))

    def record_rule_counts(self, refresh_id: int, counts: Iterable[RuleCount]) -> None:
        """Keep what each rule evaluated in this refresh."""
        rows = [{"refresh_id": refresh_id, **asdict(count)} for count in counts]
        if rows:
            with self.transaction() as connection:
                connection.execute(rule_count.insert(), rows)

    def published_rule_counts(self) -> dict[str, RuleCount]:
        """Counts of the last published refresh by rule, which the audit compares with."""
        last = sa.select(sa.func.max(refresh.c.refresh_id)).where(refresh.c.outcome == "published").scalar_subquery()
        rows = self._all(rule_count.select().where(rule_count.c.refresh_id == last))
        return {row["rule_code"]: RuleCount(**{k: v for k, v in row.items() if k != "refresh_id"}) for row in rows}

    # Inputs

    def record_input(self, received: Input) -> bool:
        """Record bytes that were received; False when these very bytes are known already.

        Nothing changes then, but for what was refused: what it is may only be known now.
        """
        with self.transaction() as connection:
            known = self.known_input(received.sha256)
            if known is not None:
                if known["status"] == "quarantined":
                    found_to_be = {"kind": received.kind, "source": received.source, "version": received.version}
                    connection.execute(input_.update().where(input_.c.sha256 == received.sha256).values(**found_to_be))
                return False
            connection.execute(input_.insert().values(**asdict(received), status="received"))
            return True

    def set_input_status(
        self,
        sha256: str,
        status: InputStatus,
        *,
        at: datetime,
        rows_accepted: int | None = None,
        rows_rejected: int | None = None,
        reason: Any = None,
    ) -> None:
        """Say what became of an input. An input superseded keeps its counts of rows.

        Raises:
            BarometreError: it was never recorded.
        """
        values: Row = {"status": status, "superseded_at": at if status == "superseded" else None}
        if status != "superseded":
            values |= {"rows_accepted": rows_accepted, "rows_rejected": rows_rejected, "reason": reason}
        with self.transaction() as connection:
            changed = connection.execute(input_.update().where(input_.c.sha256 == sha256).values(**values))
            if not changed.rowcount:
                raise BarometreError(f"No input with sha256 {sha256} was ever recorded.")

    def known_input(self, sha256: str) -> Row | None:
        """The input with these bytes, if they were ever received."""
        return self._first(input_.select().where(input_.c.sha256 == sha256))

    def current_inputs(self) -> list[Row]:
        """The inputs that count now, oldest first."""
        accepted = input_.select().where(input_.c.status == "accepted")
        return self._all(accepted.order_by(input_.c.received_at, input_.c.sha256))

    def all_inputs(self) -> list[Row]:
        """Every input ever received, oldest first, whatever became of it."""
        return self._all(input_.select().order_by(input_.c.received_at, input_.c.sha256))

    # Findings

    def record_act(self, finding_id: str, status: PersonStatus, *, actor: str, why: str, at: datetime) -> None:
        """Record what a person did about a finding that was published.

        Raises:
            UsageError: no such finding is published, it is resolved, or the person or the reason is missing.
        """
        if not actor.strip() or not why.strip():
            raise UsageError("An act on a finding needs the name of its author and a reason.")
        with self.transaction() as connection:
            found = self._first(_published_finding(finding_id))
            if found is None:
                raise UsageError(f"No published finding is called {finding_id}. See `barometre findings list`.")
            if found["status"] == "resolved":
                raise UsageError(f"Finding {finding_id} is resolved: there is nothing left to do about it.")
            connection.execute(finding.update().where(finding.c.finding_id == finding_id).values(status=status))
            event = {"finding_id": finding_id, "at": at, "event": status, "status": status, "actor": actor, "why": why}
            connection.execute(finding_event.insert().values(**event))

    def act_ids(self) -> list[str]:
        """Everything that people did about findings, decisions aside: a snapshot sealed before tells less."""
        acts = self._all(sa.select(finding_event.c.event_id).where(finding_event.c.actor.is_not(None)))
        waivers = self._all(sa.select(waiver.c.waiver_id))
        return [f"act {row['event_id']}" for row in acts] + [f"waiver {row['waiver_id']}" for row in waivers]

    def history(self, finding_id: str) -> list[Row]:
        """What happened to one finding, oldest first."""
        events = finding_event.select().where(finding_event.c.finding_id == finding_id)
        return self._all(events.order_by(finding_event.c.event_id))

    # What is due

    def due_items(self, now: datetime) -> list[DueItem]:
        """Messages whose (next) attempt has come and waivers that have run out, longest due first.

        A message that is held waits for its refresh to be published; one that failed is not tried again.
        """
        attempt = sa.func.coalesce(outbox.c.next_attempt_at, outbox.c.created_at).label("since")
        messages = sa.select(outbox.c.message_id, attempt).where(outbox.c.status == "due", attempt <= now)
        ending = sa.select(waiver.c.waiver_id, waiver.c.expires_at.label("since"))
        ended = ending.where(waiver.c.ended_at.is_(None), waiver.c.expires_at <= now)
        due = [DueItem(row["since"], "message", row["message_id"]) for row in self._all(messages)]
        return sorted([*due, *(DueItem(row["since"], "waiver", row["waiver_id"]) for row in self._all(ended))])

    # Rows of the published snapshot. Times are naive and UTC, as DuckDB's TIMESTAMP is; JSON is text.

    def findings_rows(self) -> list[Row]:
        """Rows of ``quality.finding``, in its columns, ordered by finding_id."""
        # One that just ran out reopened its finding; it is ended when that is published.
        ran_out = finding.c.status == "reopened"
        in_force = sa.and_(waiver.c.finding_id == finding.c.finding_id, waiver.c.ended_at.is_(None), ~ran_out)
        columns = [finding.c[name] for name in _FINDING_COLUMNS]
        wanted = sa.select(*columns, waiver.c.expires_at.label("waived_until"), waiver.c.reason.label("waiver_reason"))
        rows = self._all(wanted.select_from(finding.outerjoin(waiver, in_force)).order_by(finding.c.finding_id))
        return [_for_snapshot(row | {"steward": steward_of(row)}, "evidence") for row in rows]

    def history_rows(self) -> list[Row]:
        """Rows of ``quality.finding_history``; ``actor`` is null for the engine."""
        told = [finding_event.c[name] for name in ("finding_id", "event", "status", "actor", "why")]
        columns = [finding_event.c.at.label("happened_at"), *told]
        return [_for_snapshot(row) for row in self._all(sa.select(*columns).order_by(finding_event.c.event_id))]

    def decision_rows(self) -> list[Row]:
        """Rows of ``quality.decision``, with all that the bronze table of decisions needs besides."""
        rule = sa.func.coalesce(decision.c.rule_code, finding.c.rule_code).label("rule_code")
        columns = [rule if column.name == "rule_code" else column for column in decision.c]
        wanted = sa.select(*columns).join(finding, finding.c.finding_id == decision.c.finding_id)
        rows = self._all(wanted.order_by(decision.c.decided_at, decision.c.decision_id))
        return [_for_snapshot(row, "guard") for row in rows]

    def refresh_rows(self, *, sealed_at: datetime) -> list[Row]:
        """Rows of ``meta.refresh``; the one being sealed is told as published, finished at ``sealed_at``."""
        rows = self._all(refresh.select().where(refresh.c.outcome != "running").order_by(refresh.c.refresh_id))
        for row in rows:
            if row["outcome"] == "prepared":
                row |= {"outcome": "published", "finished_at": sealed_at}
        return [_for_snapshot(row, "inputs", "summary") for row in rows]

    def source_file_rows(self) -> list[Row]:
        """Rows of ``meta.source_file``: every input ever received."""
        rows = self.all_inputs()
        return [_for_snapshot(row | {"dataset_or_report": row["source"]}, "reason") for row in rows]

    def _all(self, query: sa.Select[Any]) -> list[Row]:
        with self._reading() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def _first(self, query: sa.Select[Any]) -> Row | None:
        with self._reading() as connection:
            row = connection.execute(query).mappings().first()
            return None if row is None else dict(row)

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        if self._connection.in_transaction():
            yield self._connection
            return
        with self._connection.execution_options(**READING).begin():
            yield self._connection


def _unfinished(connection: sa.Connection) -> sa.Row[Any] | None:
    return connection.execute(refresh.select().where(refresh.c.outcome.in_(("running", "prepared")))).first()


def _advance(connection: sa.Connection, refresh_id: int, expected: tuple[str, ...], values: Row) -> None:
    concerned = (refresh.c.refresh_id == refresh_id) & refresh.c.outcome.in_(expected)
    if not connection.execute(refresh.update().where(concerned).values(**values)).rowcount:
        raise BarometreError(f"Refresh {refresh_id} is not {' or '.join(expected)}: it cannot be {values['outcome']}.")


def _end_waivers(connection: sa.Connection, refresh_id: int) -> None:
    """Waivers that had run out when the refresh began: it told so, and nobody is to be reminded of them again."""
    began = sa.select(refresh.c.started_at).where(refresh.c.refresh_id == refresh_id).scalar_subquery()
    over = waiver.c.ended_at.is_(None) & (waiver.c.expires_at <= began)
    ended = {"ended_at": waiver.c.expires_at, "ended_reason": "Dérogation arrivée à échéance."}
    connection.execute(waiver.update().where(over).values(**ended))


def _undo(connection: sa.Connection, refresh_id: int) -> None:
    """Take back all that a refresh settled; acts of people stay. Findings that it made cannot have any."""
    connection.execute(finding_event.delete().where(finding_event.c.refresh_id == refresh_id))
    connection.execute(outbox.delete().where(outbox.c.refresh_id == refresh_id, outbox.c.status == "held"))
    connection.execute(rule_count.delete().where(rule_count.c.refresh_id == refresh_id))
    _restore(connection)
    connection.execute(finding_before.delete())
    connection.execute(finding.delete().where(finding.c.first_refresh_id == refresh_id))


def _restore(connection: sa.Connection) -> None:
    """Put findings back as they were before; the status of each is that of the last event left to it."""
    columns = [finding_before.c.finding_id.label("restored_id"), *(finding_before.c[name] for name in MACHINE_COLUMNS)]
    before = [dict(row) for row in connection.execute(sa.select(*columns)).mappings()]
    if not before:
        return
    connection.execute(finding.update().where(finding.c.finding_id == sa.bindparam("restored_id")), before)
    last_event = (
        sa.select(finding_event.c.status)
        .where(finding_event.c.finding_id == finding.c.finding_id)
        .order_by(finding_event.c.event_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    restored = finding.c.finding_id.in_(sa.select(finding_before.c.finding_id))
    connection.execute(finding.update().where(restored).values(status=last_event))


def _published_finding(finding_id: str) -> sa.Select[Any]:
    published = refresh.c.outcome == "published"
    return (
        sa.select(finding)
        .join(refresh, finding.c.first_refresh_id == refresh.c.refresh_id)
        .where(finding.c.finding_id == finding_id, published)
    )


def steward_of(row: Row) -> str | None:
    """Whom a person assigned the finding to; otherwise whose it is by the file of stewards, as settling found."""
    ownership = row["evidence"].get("ownership") if isinstance(row["evidence"], dict) else None
    owner: str | None = row["steward"] or (ownership or {}).get("steward")
    return owner


def _for_snapshot(row: Row, *json_columns: str) -> Row:
    def plain(name: str, value: Any) -> Any:
        if name == "waived_until" and value is not None:
            return value.astimezone(UTC).date()
        if isinstance(value, datetime):
            return value.astimezone(UTC).replace(tzinfo=None)
        return strict_json(value) if name in json_columns and value is not None else value

    return {name: plain(name, value) for name, value in row.items()}
