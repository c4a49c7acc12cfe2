"""What Alembic runs: the revisions, on the connection that ``store.migrate`` opened and locked."""

from __future__ import annotations

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table="schema_revision",
    version_table_schema="lendgate",
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
