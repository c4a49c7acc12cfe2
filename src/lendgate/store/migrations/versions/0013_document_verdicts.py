"""Files that triage left to a person, and the verdicts people give."""

from __future__ import annotations

from lendgate.store.migrations import run_sql

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Run the packaged SQL."""
    run_sql("0013_document_verdicts.sql")
