"""Bringing a database to the revision this code needs, and refusing to work with any other.

Law: only the owner's connection migrates; the service only looks. One migration runs at a time (an
advisory lock), each revision in one transaction, so a migration that is killed leaves the one before.
Looking takes no Alembic: it costs most of a second to load, which a database that is up to date does not pay.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

import psycopg

from lendgate.errors import LendgateError

REVISIONS: Final = Path(__file__).parent / "migrations" / "versions"

# Any constant will do as long as it never changes: "lendgate" in ASCII, as a 63-bit number.
_MIGRATION_LOCK: Final = int.from_bytes(b"lendgate", "big") >> 1
_LOCK_TIMEOUT: Final = "10s"
Connection = psycopg.Connection[tuple[object, ...]]


class SchemaError(LendgateError):
    """The database is not at the revision this code needs; says which way and what to do."""


def migrate(owner_url: str) -> str:
    """Bring the database to the newest revision this code knows, and return it.

    Args:
        owner_url: libpq URL of the role that owns the tables (``lendgate_owner``).

    Raises:
        SchemaError: the database cannot be reached, is newer than this code, or lacks the service role.
        psycopg.Error: the database refuses.
    """
    _require_reachable(owner_url)
    with _locked(owner_url) as connection:
        _require_service_role(connection)
        revision = _revision_of(connection)
        _refuse_newer(revision)
        if revision != newest_revision():
            _upgrade(connection)
    return newest_revision()


def _upgrade(connection: Connection) -> None:
    from lendgate.store.upgrade import upgrade  # noqa: PLC0415 - see the law of this file

    connection.execute("CREATE SCHEMA IF NOT EXISTS lendgate")
    connection.commit()
    upgrade(connection)


def _require_reachable(url: str) -> None:
    try:
        psycopg.connect(url, connect_timeout=10).close()
    except psycopg.OperationalError as cause:
        # The cause's own words may hold the URL with its password.
        raise SchemaError(
            "the database cannot be reached: check its host, port, role and password"
        ) from cause


def newest_revision() -> str:
    """The revision this code needs."""
    return _known()[-1]


@cache
def _known() -> tuple[str, ...]:
    """Every revision of this code, oldest first: the numbers that its files begin with.

    Raises:
        SchemaError: there are none.
    """
    known = sorted(file.name[:4] for file in REVISIONS.glob("[0-9][0-9][0-9][0-9]_*.py"))
    if not known:
        raise SchemaError("this installation carries no migrations; reinstall lendgate")
    return tuple(known)


def current_revision(url: str) -> str | None:
    """The database's revision, None when it has no Lendgate tables. Owner's or service's URL.

    Raises:
        psycopg.Error: the database cannot be reached.
    """
    with psycopg.connect(url) as connection:
        return _revision_of(connection)


def require_current(url: str) -> None:
    """Refuse a database that is older or newer than this code.

    Raises:
        SchemaError: it is; the message says what to run.
        psycopg.Error: the database cannot be reached.
    """
    revision, needed = current_revision(url), newest_revision()
    _refuse_newer(revision)
    if revision is None:
        raise SchemaError(
            f"the database has no Lendgate tables; migrate it, as its owner, to revision {needed}"
        )
    if revision != needed:
        raise SchemaError(
            f"the database is at revision {revision} and this version needs {needed}: "
            "migrate it, as its owner"
        )


def _refuse_newer(revision: str | None) -> None:
    if revision is not None and revision not in _known():
        raise SchemaError(
            f"the database is at revision {revision}, which this version does not know: "
            "a newer Lendgate has migrated it; run that version or a later one"
        )


@contextmanager
def _locked(owner_url: str) -> Iterator[Connection]:
    """A connection that holds the migration lock; the lock goes with the connection."""
    with psycopg.connect(owner_url) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (_MIGRATION_LOCK,))
        # Better a migration that gives up than one that makes every request queue behind its lock.
        connection.execute(f"SET lock_timeout = '{_LOCK_TIMEOUT}'")
        connection.commit()
        yield connection


def _revision_of(connection: Connection) -> str | None:
    found = connection.execute("SELECT to_regclass('lendgate.schema_revision')").fetchone()
    if found is None or found[0] is None:
        return None
    row = connection.execute("SELECT version_num FROM lendgate.schema_revision").fetchone()
    return str(row[0]) if row else None


def _require_service_role(connection: Connection) -> None:
    role = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'lendgate_service'").fetchone()
    if role is None:
        raise SchemaError(
            "the role lendgate_service does not exist: "
            "run lendgate/store/sql/roles.sql as an administrator first"
        )
