"""The broker's support conversations, and requests for a correction or a person."""

from __future__ import annotations

from lendgate.store.migrations import run_sql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Run the packaged SQL."""
    run_sql("0005_support.sql")
