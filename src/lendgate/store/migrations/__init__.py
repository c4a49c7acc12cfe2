"""The revisions of the database, each one packaged SQL file run by Alembic in one transaction.

Law: forward only, and online-safe from the first release on: no statement that holds a long lock, no
revision that is edited once released.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import op

DIRECTORY: Final = Path(__file__).parent
SQL_DIRECTORY: Final = DIRECTORY.parent / "sql"


def run_sql(name: str) -> None:
    """Run one packaged SQL file inside the revision's transaction."""
    # Straight on the driver, without parameters: the file is then one simple query of many statements,
    # and neither SQLAlchemy nor psycopg reads its colons and percent signs as placeholders.
    cursor = op.get_bind().connection.cursor()
    cursor.execute((SQL_DIRECTORY / name).read_text(encoding="utf-8"))
    cursor.close()
