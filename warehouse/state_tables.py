"""Tables of the state store: what cannot be rebuilt from the archive.

Times are UTC and time-zone aware in Python; they are stored as ISO text of fixed width on SQLite (so that they sort)
and as TIMESTAMPTZ on PostgreSQL. A change here needs a migration in ``warehouse/migrations`` and a new
:data:`REVISION`; a test compares both.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

#: The newest migration. An opened store is compared with it, so that Alembic is imported only when they differ.
REVISION = "0003"

REFRESH_OUTCOMES = ("running", "prepared", "published", "nothing", "blocked", "failed")
INPUT_KINDS = ("report", "extract", "dataset", "reference", "rules", "unknown")
INPUT_STATUSES = ("received", "accepted", "superseded", "quarantined")
VERDICTS = ("impossible", "suspicious", "not_comparable", "explained")
SEVERITIES = ("info", "warning", "error")
ENGINE_STATUSES = ("open", "changed", "resolved", "reopened")
PERSON_STATUSES = ("acknowledged", "assigned", "waived", "settled", "correction_pending")
STATUSES = (*ENGINE_STATUSES, *PERSON_STATUSES)
DECISIONS = ("retain", "keep_both", "not_comparable", "publisher_error", "our_error")
FETCH_OUTCOMES = ("new", "unchanged", "failed")
OUTBOX_STATUSES = ("held", "due", "sent", "failed")


class UtcTime(TypeDecorator[datetime]):
    """An instant. Naive datetimes are refused: nobody could say which zone they mean."""

    impl = sa.String(32)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.DateTime(timezone=True))
        return dialect.type_descriptor(sa.String(32))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no time zone; the state store keeps instants only")
        instant = value.astimezone(UTC)
        return instant if dialect.name == "postgresql" else instant.isoformat(timespec="microseconds")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        instant = value if dialect.name == "postgresql" else datetime.fromisoformat(value)
        return instant.astimezone(UTC)


class ExactDecimal(TypeDecorator[Decimal]):
    """DECIMAL(18,4), kept as text on SQLite, whose own numbers are binary."""

    impl = sa.String(24)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.Numeric(18, 4))
        return dialect.type_descriptor(sa.String(24))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return f"{value:f}"

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        return None if value is None else Decimal(value)


#: An absent value is a null of the database, never the JSON text "null".
_JSON = sa.JSON(none_as_null=True)


def _one_of(column: str, accepted: tuple[str, ...]) -> sa.CheckConstraint:
    values = ", ".join(f"'{value}'" for value in accepted)
    return sa.CheckConstraint(f"{column} IN ({values})", name=f"{column}_known")


def _machine_columns() -> tuple[sa.Column[Any] | sa.CheckConstraint, ...]:
    """What the engine alone writes on a finding, and what it puts back when a refresh is undone."""
    return (
        sa.Column("rule_code", sa.String, nullable=False),
        sa.Column("case_id", sa.String(16), nullable=False),
        sa.Column("parent_finding_id", sa.String(16)),
        sa.Column("verdict", sa.String, nullable=False),
        _one_of("verdict", VERDICTS),
        sa.Column("severity", sa.String, nullable=False),
        _one_of("severity", SEVERITIES),
        sa.Column("message_fr", sa.Text, nullable=False),
        sa.Column("indicator_code", sa.String),
        sa.Column("territory_code", sa.String),
        sa.Column("period_label", sa.String),
        sa.Column("observation_ids", _JSON, nullable=False),
        sa.Column("fact_refs", _JSON, nullable=False),
        sa.Column("gap", ExactDecimal),
        sa.Column("gap_pct", sa.Double),
        sa.Column("evidence", _JSON, nullable=False),
        sa.Column("last_seen_at", UtcTime, nullable=False),
        sa.Column("last_seen_refresh_id", sa.ForeignKey("refresh.refresh_id"), nullable=False),
    )


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: The number, not the clock, orders refreshes: a clock may step back. Numbers are never used twice.
refresh = sa.Table(
    "refresh",
    metadata,
    sa.Column("refresh_id", sa.Integer, primary_key=True),
    sa.Column("started_at", UtcTime, nullable=False),
    sa.Column("finished_at", UtcTime),
    sa.Column("trigger", sa.String, nullable=False),
    sa.Column("input_set", sa.String, nullable=False),
    sa.Column("inputs", _JSON, nullable=False),
    sa.Column("outcome", sa.String, nullable=False),
    _one_of("outcome", REFRESH_OUTCOMES),
    sa.Column("snapshot", sa.String),
    sa.Column("summary", _JSON),
    sa.CheckConstraint("(finished_at IS NULL) = (outcome IN ('running', 'prepared'))", name="finished_once_over"),
    sa.CheckConstraint("snapshot IS NOT NULL OR outcome NOT IN ('prepared', 'published')", name="snapshot_named"),
    # Undoing a refresh relies on there being one unfinished refresh at most.
    sa.Index(
        "uq_refresh_unfinished",
        sa.text("(1)"),
        unique=True,
        sqlite_where=sa.text("outcome IN ('running', 'prepared')"),
        postgresql_where=sa.text("outcome IN ('running', 'prepared')"),
    ),
    sqlite_autoincrement=True,
)

input_ = sa.Table(
    "input",
    metadata,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    _one_of("kind", INPUT_KINDS),
    sa.Column("source", sa.String),
    sa.Column("version", sa.Integer),
    sa.Column("received_at", UtcTime, nullable=False),
    sa.Column("status", sa.String, nullable=False),
    _one_of("status", INPUT_STATUSES),
    sa.Column("superseded_at", UtcTime),
    sa.Column("rows_accepted", sa.BigInteger),
    sa.Column("rows_rejected", sa.BigInteger),
    sa.Column("reason", _JSON),
    sa.CheckConstraint("bytes >= 0", name="bytes_positive"),
    sa.CheckConstraint("length(sha256) = 64", name="sha256_whole"),
    sa.CheckConstraint("(superseded_at IS NOT NULL) = (status = 'superseded')", name="superseded_dated"),
    sa.Index(None, "source", "status"),
)

finding = sa.Table(
    "finding",
    metadata,
    sa.Column("finding_id", sa.String(16), primary_key=True),
    sa.Column("subject_key", sa.String, nullable=False),
    sa.Column("status", sa.String, nullable=False),
    _one_of("status", STATUSES),
    sa.Column("steward", sa.String),
    sa.Column("first_seen_at", UtcTime, nullable=False),
    sa.Column("first_refresh_id", sa.ForeignKey("refresh.refresh_id"), nullable=False),
    *_machine_columns(),
    sa.UniqueConstraint("rule_code", "subject_key"),
)

#: Empty but while a refresh is prepared: findings as they were before it, to be put back if it is never published.
finding_before = sa.Table(
    "finding_before",
    metadata,
    sa.Column("finding_id", sa.ForeignKey("finding.finding_id"), primary_key=True),
    sa.Column("refresh_id", sa.ForeignKey("refresh.refresh_id"), nullable=False),
    *_machine_columns(),
)
MACHINE_COLUMNS = tuple(part.name for part in _machine_columns() if isinstance(part, sa.Column))

#: Append-only. An act of the engine names its refresh, an act of a person the person; never both.
finding_event = sa.Table(
    "finding_event",
    metadata,
    sa.Column("event_id", sa.Integer, primary_key=True),
    sa.Column("finding_id", sa.ForeignKey("finding.finding_id"), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("event", sa.String, nullable=False),
    sa.Column("status", sa.String, nullable=False),
    _one_of("status", STATUSES),
    sa.Column("actor", sa.String),
    sa.Column("refresh_id", sa.ForeignKey("refresh.refresh_id")),
    sa.Column("why", sa.Text, nullable=False),
    sa.CheckConstraint("(actor IS NULL) = (refresh_id IS NOT NULL)", name="person_or_refresh"),
    sa.Index(None, "finding_id", "event_id"),
    sa.Index(None, "refresh_id"),
    sqlite_autoincrement=True,
)

decision = sa.Table(
    "decision",
    metadata,
    sa.Column("decision_id", sa.String, primary_key=True),
    sa.Column("finding_id", sa.ForeignKey("finding.finding_id"), nullable=False),
    sa.Column("rule_code", sa.String),
    sa.Column("indicator_code", sa.String),
    sa.Column("territory_key", sa.String),
    sa.Column("period", sa.String),
    sa.Column("decision", sa.String, nullable=False),
    _one_of("decision", DECISIONS),
    sa.Column("retained_observation_id", sa.String),
    sa.Column("decided_by", sa.String, nullable=False),
    sa.Column("decided_at", UtcTime, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("guard", _JSON),
    sa.CheckConstraint("(retained_observation_id IS NOT NULL) = (decision = 'retain')", name="retained_named"),
    sa.Index(None, "finding_id"),
)

waiver = sa.Table(
    "waiver",
    metadata,
    sa.Column("waiver_id", sa.Integer, primary_key=True),
    sa.Column("finding_id", sa.ForeignKey("finding.finding_id"), nullable=False),
    sa.Column("granted_by", sa.String, nullable=False),
    sa.Column("granted_at", UtcTime, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("guard", _JSON),
    sa.Column("ended_at", UtcTime),
    sa.Column("ended_reason", sa.Text),
    sa.CheckConstraint("expires_at > granted_at", name="expires_later"),
    sa.CheckConstraint("(ended_at IS NULL) = (ended_reason IS NULL)", name="end_explained"),
    sqlite_autoincrement=True,
)
sa.Index(
    "uq_waiver_in_force",
    waiver.c.finding_id,
    unique=True,
    sqlite_where=waiver.c.ended_at.is_(None),
    postgresql_where=waiver.c.ended_at.is_(None),
)

#: Messages wait here, held until what they tell is published. Never copied to a snapshot: it holds addresses.
outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("message_id", sa.Integer, primary_key=True),
    sa.Column("idempotency_key", sa.String, nullable=False, unique=True),
    sa.Column("refresh_id", sa.ForeignKey("refresh.refresh_id"), nullable=False),
    sa.Column("recipient", sa.String, nullable=False),
    sa.Column("subject", sa.String, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("status", sa.String, nullable=False),
    _one_of("status", OUTBOX_STATUSES),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_attempt_at", UtcTime),
    sa.Column("sent_at", UtcTime),
    sa.Column("last_error", sa.Text),
    sa.CheckConstraint("(sent_at IS NOT NULL) = (status = 'sent')", name="sent_dated"),
    sa.Index(None, "status", "next_attempt_at"),
    sqlite_autoincrement=True,
)

rule_count = sa.Table(
    "rule_count",
    metadata,
    sa.Column("refresh_id", sa.ForeignKey("refresh.refresh_id"), primary_key=True),
    sa.Column("rule_code", sa.String, primary_key=True),
    sa.Column("expected", sa.BigInteger, nullable=False),
    sa.Column("evaluated", sa.BigInteger, nullable=False),
    sa.Column("held", sa.BigInteger, nullable=False),
    sa.Column("failed", sa.BigInteger, nullable=False),
    sa.Column("not_evaluable", sa.BigInteger, nullable=False),
)

#: A person put an earlier snapshot back. ``refresh_id`` is the last published refresh at that moment: the next
#: publication ends the rollback by being another one.
rollback = sa.Table(
    "rollback",
    metadata,
    sa.Column("rollback_id", sa.Integer, primary_key=True),
    sa.Column("refresh_id", sa.ForeignKey("refresh.refresh_id"), nullable=False),
    sa.Column("from_snapshot", sa.String, nullable=False),
    sa.Column("to_snapshot", sa.String, nullable=False),
    sa.Column("actor", sa.String, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("why", sa.Text),
    sa.CheckConstraint("from_snapshot <> to_snapshot", name="to_another"),
    sqlite_autoincrement=True,
)

#: What was asked of the source of each open dataset, by dataset code: how to ask whether anything changed (of the
#: version whose bytes are ``sha256``), what the last look brought, and when to look again.
source_memory = sa.Table(
    "source_memory",
    metadata,
    sa.Column("dataset", sa.String, primary_key=True),
    sa.Column("address", sa.Text),
    sa.Column("etag", sa.Text),
    sa.Column("last_modified", sa.Text),
    sa.Column("revision", sa.Text),
    sa.Column("sha256", sa.String(64)),
    sa.Column("outcome", sa.String, nullable=False),
    _one_of("outcome", FETCH_OUTCOMES),
    sa.Column("told", sa.Text, nullable=False),
    sa.Column("attempted_at", UtcTime, nullable=False),
    sa.Column("succeeded_at", UtcTime),
    sa.Column("new_at", UtcTime),
    sa.Column("failing_since", UtcTime),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_look_at", UtcTime, nullable=False),
    sa.CheckConstraint("(failing_since IS NOT NULL) = (outcome = 'failed')", name="failing_dated"),
    sa.CheckConstraint("(failures > 0) = (outcome = 'failed')", name="failures_counted"),
    sa.CheckConstraint("sha256 IS NULL OR length(sha256) = 64", name="sha256_whole"),
)
