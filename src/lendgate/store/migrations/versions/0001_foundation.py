"""Applications, monitoring data, reviews, the audit trail and edge nonces."""

from __future__ import annotations

from lendgate.store.migrations import run_sql

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Run the packaged SQL."""
    run_sql("0001_foundation.sql")
