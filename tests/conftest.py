"""What every room's tests may ask for: PostgreSQL, and quick databases in it.

One embedded server a checkout (``.lendgate/test-postgres``), shared by all test runs in it; one migrated
template database a state of the migrations; one copy of it a test module, dropped afterwards.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql

from lendgate.store.database import Database
from lendgate.store.embedded import EmbeddedPostgres
from lendgate.store.migrate import migrate
from lendgate.store.migrations import DIRECTORY, SQL_DIRECTORY
from tests.support.keys import MASTERS

# No test may spend real money, whatever the shell it runs in holds.
os.environ.pop("ANTHROPIC_API_KEY", None)
os.environ.pop("ANTHROPIC_API_KEY_FILE", None)

# A busy machine is not a failing test.
settings.register_profile("lendgate", deadline=None)
settings.load_profile("lendgate")

_SERVER = Path(__file__).parents[1] / ".lendgate" / "test-postgres"
_numbers = count()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests (``@pytest.mark.anyio``) run on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """The shared test server."""
    with EmbeddedPostgres(_SERVER) as server:
        _drop_leftovers(server)
        yield server


@pytest.fixture(scope="session")
def template(postgres: EmbeddedPostgres) -> str:
    """The name of a database with the present migrations applied, to be copied."""
    files = sorted((*SQL_DIRECTORY.glob("*.sql"), *DIRECTORY.rglob("*.py")))
    digest = hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:12]
    name = f"template_{digest}"
    with _administrator(postgres) as connection:
        connection.execute("SELECT pg_advisory_lock(1)")  # another run may be making it, too
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            postgres.create_database(f"{name}_new")
            migrate(postgres.url("lendgate_owner", f"{name}_new"))
            connection.execute(f"ALTER DATABASE {name}_new RENAME TO {name}")
    return name


@pytest.fixture(scope="module")
def database_name(postgres: EmbeddedPostgres, template: str) -> Iterator[str]:
    """A migrated, empty database for one test module."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    postgres.create_database(name, template)
    yield name
    _drop(postgres, name)


@pytest.fixture(scope="module")
def empty_database_name(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A database without any tables for one test module."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    postgres.create_database(name)
    yield name
    _drop(postgres, name)


@pytest.fixture(scope="module")
def owner_url(postgres: EmbeddedPostgres, database_name: str) -> str:
    """The module's database, as the role that owns the tables."""
    return postgres.url("lendgate_owner", database_name)


@pytest.fixture(scope="module")
def service_url(postgres: EmbeddedPostgres, database_name: str) -> str:
    """The module's database, as the role that the service connects as."""
    return postgres.url("lendgate_service", database_name)


@pytest.fixture(scope="module")
def superuser_url(postgres: EmbeddedPostgres, database_name: str) -> str:
    """The module's database, as somebody whom nothing stops: for playing the attacker."""
    return postgres.url("postgres", database_name)


@pytest.fixture
async def database(service_url: str) -> AsyncIterator[Database]:
    """The module's database, opened as the service opens it."""
    async with Database(service_url, size=8, masters=MASTERS) as opened:
        yield opened


def _administrator(server: EmbeddedPostgres) -> psycopg.Connection[psycopg.rows.TupleRow]:
    return psycopg.connect(server.url("postgres", "postgres"), autocommit=True)


def _drop(server: EmbeddedPostgres, name: str) -> None:
    with _administrator(server) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _drop_leftovers(server: EmbeddedPostgres) -> None:
    """Drop the databases of test runs that were killed."""
    with _administrator(server) as connection:
        names = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'test\\_%'").fetchall()
    for (name,) in names:
        try:
            os.kill(int(name.split("_")[1]), 0)
        except ProcessLookupError:
            _drop(server, name)
        except PermissionError:
            continue  # alive, and somebody else's
