"""Everything that is sealed can be sealed anew, and a data key that nothing is sealed with can go."""

from __future__ import annotations

from lendgate.store.migrations import run_sql

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Run the packaged SQL."""
    run_sql("0012_renewal.sql")
