"""The intake conversations, their messages, and the vault of taxpayer identifiers."""

from __future__ import annotations

from lendgate.store.migrations import run_sql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Run the packaged SQL."""
    run_sql("0007_intake.sql")
