"""What is personal is kept sealed."""

from __future__ import annotations

from lendgate.store.migrations import run_sql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Run the packaged SQL."""
    run_sql("0006_sealed.sql")
