"""Referrals, decisions, notices, clocks, and the text of the policy that reviews rest on."""

from __future__ import annotations

from lendgate.store.migrations import run_sql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Run the packaged SQL."""
    run_sql("0008_decisions.sql")
