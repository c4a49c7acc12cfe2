"""Memos written after a review had ended."""

from __future__ import annotations

from lendgate.store.migrations import run_sql

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Run the packaged SQL."""
    run_sql("0010_memo_revisions.sql")
