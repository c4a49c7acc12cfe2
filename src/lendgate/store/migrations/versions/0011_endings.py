"""A review ends in one statement, its referral and its clock included; the queue bears a clock set back."""

from __future__ import annotations

from lendgate.store.migrations import run_sql

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Run the packaged SQL."""
    run_sql("0011_endings.sql")
    run_sql("0011_queue_clock.sql")
