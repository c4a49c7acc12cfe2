"""Legal holds, and erasing what is personal of an application."""

from __future__ import annotations

from lendgate.store.migrations import run_sql

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Run the packaged SQL."""
    run_sql("0009_retention.sql")
