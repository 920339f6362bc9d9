"""Create the state store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from warehouse.state_tables import ExactDecimal, UtcTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "input",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("source", sa.String),
        sa.Column("version", sa.Integer),
        sa.Column("received_at", UtcTime, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("superseded_at", UtcTime),
        sa.Column("rows_accepted", sa.BigInteger),
        sa.Column("rows_rejected", sa.BigInteger),
        sa.Column("reason", sa.JSON(none_as_null=True)),
        sa.CheckConstraint("(superseded_at IS NOT NULL) = (status = 'superseded')", name="superseded_dated"),
        sa.CheckConstraint(
            "kind IN ('report', 'extract', 'dataset', 'reference', 'rules', 'unknown')", name="kind_known"
        ),
        sa.CheckConstraint("status IN ('received', 'accepted', 'superseded', 'quarantined')", name="status_known"),
        sa.CheckConstraint("bytes >= 0", name="bytes_positive"),
        sa.CheckConstraint("length(sha256) = 64", name="sha256_whole"),
        sa.PrimaryKeyConstraint("sha256", name="pk_input"),
    )
    op.create_index("ix_input_source_status", "input", ["source", "status"])
    op.create_table(
        "refresh",
        sa.Column("refresh_id", sa.Integer, nullable=False),
        sa.Column("started_at", UtcTime, nullable=False),
        sa.Column("finished_at", UtcTime),
        sa.Column("trigger", sa.String, nullable=False),
        sa.Column("input_set", sa.String, nullable=False),
        sa.Column("inputs", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("snapshot", sa.String),
        sa.Column("summary", sa.JSON(none_as_null=True)),
        sa.CheckConstraint("(finished_at IS NULL) = (outcome IN ('running', 'prepared'))", name="finished_once_over"),
        sa.CheckConstraint(
            "outcome IN ('running', 'prepared', 'published', 'nothing', 'blocked', 'failed')",
            name="outcome_known",
        ),
        sa.CheckConstraint("snapshot IS NOT NULL OR outcome NOT IN ('prepared', 'published')", name="snapshot_named"),
        sa.PrimaryKeyConstraint("refresh_id", name="pk_refresh"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_refresh_unfinished",
        "refresh",
        [sa.text("(1)")],
        unique=True,
        sqlite_where=sa.text("outcome IN ('running', 'prepared')"),
        postgresql_where=sa.text("outcome IN ('running', 'prepared')"),
    )
    op.create_table(
        "finding",
        sa.Column("finding_id", sa.String(length=16), nullable=False),
        sa.Column("subject_key", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("steward", sa.String),
        sa.Column("first_seen_at", UtcTime, nullable=False),
        sa.Column("first_refresh_id", sa.Integer, nullable=False),
        sa.Column("rule_code", sa.String, nullable=False),
        sa.Column("case_id", sa.String(length=16), nullable=False),
        sa.Column("parent_finding_id", sa.String(length=16)),
        sa.Column("verdict", sa.String, nullable=False),
        sa.Column("severity", sa.String, nullable=False),
        sa.Column("message_fr", sa.Text, nullable=False),
        sa.Column("indicator_code", sa.String),
        sa.Column("territory_code", sa.String),
        sa.Column("period_label", sa.String),
        sa.Column("observation_ids", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("fact_refs", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("gap", ExactDecimal),
        sa.Column("gap_pct", sa.Double),
        sa.Column("evidence", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("last_seen_at", UtcTime, nullable=False),
        sa.Column("last_seen_refresh_id", sa.Integer, nullable=False),
        sa.CheckConstraint("severity IN ('info', 'warning', 'error')", name="severity_known"),
        sa.CheckConstraint(
            "status IN ('open', 'changed', 'resolved', 'reopened', 'acknowledged', 'assigned', 'waived', 'settled', "
            "'correction_pending')",
            name="status_known",
        ),
        sa.CheckConstraint(
            "verdict IN ('impossible', 'suspicious', 'not_comparable', 'explained')", name="verdict_known"
        ),
        sa.ForeignKeyConstraint(["first_refresh_id"], ["refresh.refresh_id"], name="fk_finding_first_refresh_id"),
        sa.ForeignKeyConstraint(
            ["last_seen_refresh_id"], ["refresh.refresh_id"], name="fk_finding_last_seen_refresh_id"
        ),
        sa.PrimaryKeyConstraint("finding_id", name="pk_finding"),
        sa.UniqueConstraint("rule_code", "subject_key", name="uq_finding_rule_code_subject_key"),
    )
    op.create_table(
        "outbox",
        sa.Column("message_id", sa.Integer, nullable=False),
        sa.Column("idempotency_key", sa.String, nullable=False),
        sa.Column("refresh_id", sa.Integer, nullable=False),
        sa.Column("recipient", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("attempts", sa.Integer, server_default="0", nullable=False),
        sa.Column("next_attempt_at", UtcTime),
        sa.Column("sent_at", UtcTime),
        sa.Column("last_error", sa.Text),
        sa.CheckConstraint("(sent_at IS NOT NULL) = (status = 'sent')", name="sent_dated"),
        sa.CheckConstraint("status IN ('held', 'due', 'sent', 'failed')", name="status_known"),
        sa.ForeignKeyConstraint(["refresh_id"], ["refresh.refresh_id"], name="fk_outbox_refresh_id"),
        sa.PrimaryKeyConstraint("message_id", name="pk_outbox"),
        sa.UniqueConstraint("idempotency_key", name="uq_outbox_idempotency_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_status_next_attempt_at", "outbox", ["status", "next_attempt_at"])
    op.create_table(
        "rule_count",
        sa.Column("refresh_id", sa.Integer, nullable=False),
        sa.Column("rule_code", sa.String, nullable=False),
        sa.Column("expected", sa.BigInteger, nullable=False),
        sa.Column("evaluated", sa.BigInteger, nullable=False),
        sa.Column("held", sa.BigInteger, nullable=False),
        sa.Column("failed", sa.BigInteger, nullable=False),
        sa.Column("not_evaluable", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["refresh_id"], ["refresh.refresh_id"], name="fk_rule_count_refresh_id"),
        sa.PrimaryKeyConstraint("refresh_id", "rule_code", name="pk_rule_count"),
    )
    op.create_table(
        "decision",
        sa.Column("decision_id", sa.String, nullable=False),
        sa.Column("finding_id", sa.String(length=16), nullable=False),
        sa.Column("rule_code", sa.String),
        sa.Column("indicator_code", sa.String),
        sa.Column("territory_key", sa.String),
        sa.Column("period", sa.String),
        sa.Column("decision", sa.String, nullable=False),
        sa.Column("retained_observation_id", sa.String),
        sa.Column("decided_by", sa.String, nullable=False),
        sa.Column("decided_at", UtcTime, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("guard", sa.JSON(none_as_null=True)),
        sa.CheckConstraint("(retained_observation_id IS NOT NULL) = (decision = 'retain')", name="retained_named"),
        sa.CheckConstraint(
            "decision IN ('retain', 'keep_both', 'not_comparable', 'publisher_error', 'our_error')",
            name="decision_known",
        ),
        sa.ForeignKeyConstraint(["finding_id"], ["finding.finding_id"], name="fk_decision_finding_id"),
        sa.PrimaryKeyConstraint("decision_id", name="pk_decision"),
    )
    op.create_index("ix_decision_finding_id", "decision", ["finding_id"])
    op.create_table(
        "finding_before",
        sa.Column("finding_id", sa.String(length=16), nullable=False),
        sa.Column("refresh_id", sa.Integer, nullable=False),
        sa.Column("rule_code", sa.String, nullable=False),
        sa.Column("case_id", sa.String(length=16), nullable=False),
        sa.Column("parent_finding_id", sa.String(length=16)),
        sa.Column("verdict", sa.String, nullable=False),
        sa.Column("severity", sa.String, nullable=False),
        sa.Column("message_fr", sa.Text, nullable=False),
        sa.Column("indicator_code", sa.String),
        sa.Column("territory_code", sa.String),
        sa.Column("period_label", sa.String),
        sa.Column("observation_ids", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("fact_refs", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("gap", ExactDecimal),
        sa.Column("gap_pct", sa.Double),
        sa.Column("evidence", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("last_seen_at", UtcTime, nullable=False),
        sa.Column("last_seen_refresh_id", sa.Integer, nullable=False),
        sa.CheckConstraint("severity IN ('info', 'warning', 'error')", name="severity_known"),
        sa.CheckConstraint(
            "verdict IN ('impossible', 'suspicious', 'not_comparable', 'explained')",
            name="verdict_known",
        ),
        sa.ForeignKeyConstraint(["finding_id"], ["finding.finding_id"], name="fk_finding_before_finding_id"),
        sa.ForeignKeyConstraint(
            ["last_seen_refresh_id"], ["refresh.refresh_id"], name="fk_finding_before_last_seen_refresh_id"
        ),
        sa.ForeignKeyConstraint(["refresh_id"], ["refresh.refresh_id"], name="fk_finding_before_refresh_id"),
        sa.PrimaryKeyConstraint("finding_id", name="pk_finding_before"),
    )
    op.create_table(
        "finding_event",
        sa.Column("event_id", sa.Integer, nullable=False),
        sa.Column("finding_id", sa.String(length=16), nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("event", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("actor", sa.String),
        sa.Column("refresh_id", sa.Integer),
        sa.Column("why", sa.Text, nullable=False),
        sa.CheckConstraint(
            "status IN ('open', 'changed', 'resolved', 'reopened', 'acknowledged', 'assigned', 'waived', 'settled', "
            "'correction_pending')",
            name="status_known",
        ),
        sa.CheckConstraint("(actor IS NULL) = (refresh_id IS NOT NULL)", name="person_or_refresh"),
        sa.ForeignKeyConstraint(["finding_id"], ["finding.finding_id"], name="fk_finding_event_finding_id"),
        sa.ForeignKeyConstraint(["refresh_id"], ["refresh.refresh_id"], name="fk_finding_event_refresh_id"),
        sa.PrimaryKeyConstraint("event_id", name="pk_finding_event"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_finding_event_finding_id_event_id", "finding_event", ["finding_id", "event_id"])
    op.create_index("ix_finding_event_refresh_id", "finding_event", ["refresh_id"])
    op.create_table(
        "waiver",
        sa.Column("waiver_id", sa.Integer, nullable=False),
        sa.Column("finding_id", sa.String(length=16), nullable=False),
        sa.Column("granted_by", sa.String, nullable=False),
        sa.Column("granted_at", UtcTime, nullable=False),
        sa.Column("expires_at", UtcTime, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("guard", sa.JSON(none_as_null=True)),
        sa.Column("ended_at", UtcTime),
        sa.Column("ended_reason", sa.Text),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_reason IS NULL)", name="end_explained"),
        sa.CheckConstraint("expires_at > granted_at", name="expires_later"),
        sa.ForeignKeyConstraint(["finding_id"], ["finding.finding_id"], name="fk_waiver_finding_id"),
        sa.PrimaryKeyConstraint("waiver_id", name="pk_waiver"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_waiver_in_force",
        "waiver",
        ["finding_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
