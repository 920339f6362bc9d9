"""Alembic's environment. The connection, and the transaction around the migration, are the caller's."""

from __future__ import annotations

from alembic import context

from warehouse.state_tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
