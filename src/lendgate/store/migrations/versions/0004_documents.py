"""Documents, what their triage came to, and what their pages are known again by."""

from __future__ import annotations

from lendgate.store.migrations import run_sql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Run the packaged SQL."""
    run_sql("0004_documents.sql")
