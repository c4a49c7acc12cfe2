"""The tenants' data keys, wrapped."""

from __future__ import annotations

from lendgate.store.migrations import run_sql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Run the packaged SQL."""
    run_sql("0003_data_keys.sql")
