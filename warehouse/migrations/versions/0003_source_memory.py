"""Remember what was asked of each open dataset's source, and what came of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from warehouse.state_tables import UtcTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "source_memory",
        sa.Column("dataset", sa.String, nullable=False),
        sa.Column("address", sa.Text),
        sa.Column("etag", sa.Text),
        sa.Column("last_modified", sa.Text),
        sa.Column("revision", sa.Text),
        sa.Column("sha256", sa.String(64)),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("told", sa.Text, nullable=False),
        sa.Column("attempted_at", UtcTime, nullable=False),
        sa.Column("succeeded_at", UtcTime),
        sa.Column("new_at", UtcTime),
        sa.Column("failing_since", UtcTime),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
        sa.Column("next_look_at", UtcTime, nullable=False),
        sa.CheckConstraint("outcome IN ('new', 'unchanged', 'failed')", name="outcome_known"),
        sa.CheckConstraint("(failing_since IS NOT NULL) = (outcome = 'failed')", name="failing_dated"),
        sa.CheckConstraint("(failures > 0) = (outcome = 'failed')", name="failures_counted"),
        sa.CheckConstraint("sha256 IS NULL OR length(sha256) = 64", name="sha256_whole"),
        sa.PrimaryKeyConstraint("dataset", name="pk_source_memory"),
    )
