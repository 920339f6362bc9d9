"""Record rollbacks, so that the next refresh knows that an earlier snapshot is served on purpose."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from warehouse.state_tables import UtcTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rollback",
        sa.Column("rollback_id", sa.Integer, nullable=False),
        sa.Column("refresh_id", sa.Integer, nullable=False),
        sa.Column("from_snapshot", sa.String, nullable=False),
        sa.Column("to_snapshot", sa.String, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("why", sa.Text),
        sa.CheckConstraint("from_snapshot <> to_snapshot", name="to_another"),
        sa.ForeignKeyConstraint(["refresh_id"], ["refresh.refresh_id"], name="fk_rollback_refresh_id"),
        sa.PrimaryKeyConstraint("rollback_id", name="pk_rollback"),
        sqlite_autoincrement=True,
    )
