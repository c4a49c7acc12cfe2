"""The queue (Procrastinate's tables), idempotency keys, the outbox, webhooks, model replies, spending."""

from __future__ import annotations

from lendgate.store.migrations import run_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Run the packaged SQL: the engine's own between what prepares its place and what is ours."""
    run_sql("0002_queue_place.sql")
    run_sql("0002_procrastinate.sql")
    run_sql("0002_queue.sql")
    run_sql("0002_durable.sql")
