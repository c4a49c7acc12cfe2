"""Alembic: runs the revisions a database lacks. Only ``migrate`` calls it, with the lock in hand."""

from __future__ import annotations

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import StaticPool, create_engine

from lendgate.store.migrations import DIRECTORY


def upgrade(connection: psycopg.Connection[tuple[object, ...]], revision: str = "head") -> None:
    """Run every revision that is missing up to this one, each in a transaction of its own.

    Raises:
        Exception: the database refuses a revision; those before it stay.
    """
    config = Config()
    config.set_main_option("script_location", str(DIRECTORY).replace("%", "%%"))
    engine = create_engine("postgresql+psycopg://", creator=lambda: connection, poolclass=StaticPool)
    with engine.connect() as wrapped:
        config.attributes["connection"] = wrapped
        command.upgrade(config, revision)
