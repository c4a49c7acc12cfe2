"""The door to PostgreSQL: a pool of connections, and transactions that belong to one tenant.

Law: a tenant's rows are touched inside ``Database.tenant`` only, which is one transaction with the
row-level-security setting in it. A transaction that changed state without appending an audit event does
not commit (DESIGN 3 e). Errors of the connection become ``StoreUnavailableError``: nothing was written,
unless the message says that it is not known.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from types import TracebackType
from typing import Final, Self

import psycopg
from psycopg import AsyncConnection, errors, sql
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from lendgate.audit import Head
from lendgate.errors import LendgateError, SettingsError
from lendgate.store.keyring import Keyring, MasterKeys, Purpose
from lendgate.store.sealing import Sealer

Connection = AsyncConnection[TupleRow]
_ACQUIRE_SECONDS: Final = 5.0
_SESSION: Final = """
    SELECT set_config('TimeZone', 'UTC', false),
           set_config('statement_timeout', '15s', false),
           set_config('lock_timeout', '10s', false),
           set_config('idle_in_transaction_session_timeout', '30s', false)
"""
_TOO_POWERFUL: Final = """
    SELECT rolsuper OR rolbypassrls
        OR coalesce(has_schema_privilege(oid, to_regnamespace('lendgate')::oid, 'CREATE'), false), rolname
    FROM pg_roles WHERE rolname = current_user
"""


_COMMIT: Final = b"COMMIT"
# The commit gives the tenant's audit trail free without waiting for the disk; the empty message after it
# is a commit that does wait, and since the log is written in order, takes the first one along. So the
# caller still hears of nothing that could get lost, and a tenant's transactions queue for each other's
# work, not for each other's disk: twice the throughput at 16 writers.
_COMMIT_AUDITED: Final = (
    b"%b, set_config('synchronous_commit', 'off', true); COMMIT; SELECT pg_logical_emit_message(true, '', '')"
)
_CALLS: Final = 1_000
"""In one SELECT, which takes 1,664 at the most."""


class StoreUnavailableError(LendgateError):
    """PostgreSQL could not do it now (away, too slow, disk full); nothing was written. Try again later."""


class CommitUnknownError(StoreUnavailableError):
    """The connection broke while committing: it is not known whether the change was kept."""


class UnauditedChangeError(LendgateError):
    """A transaction changed state and appended no audit event; it was rolled back."""


@dataclass(slots=True)
class Transaction:
    """One tenant's open transaction.

    ``head`` is the locked head of the tenant's audit trail, once a statement locked it; ``unaudited``
    names the change that still lacks its audit event; ``closing`` are the calls that go out together with
    COMMIT, in this order; ``sealers`` are of data keys that this transaction made (``data_keys.sealer_of``).
    """

    connection: Connection
    tenant: str
    keyring: Keyring
    head: Head | None = None
    unaudited: str | None = None
    closing: list[bytes] = field(default_factory=list)
    sealers: dict[Purpose, Sealer] = field(default_factory=dict)


class Database:
    """A pool of the service's connections; an async context manager that opens and closes it."""

    def __init__(
        self, service_url: str, *, size: int, masters: MasterKeys | None = None, as_owner: bool = False
    ) -> None:
        """``service_url``: libpq URL of lendgate_service; ``size``: the most connections at a time.

        Without ``masters`` nothing personal is written or read: what would seal or open raises. ``as_owner``
        is for a command that serves no request and does what the service may not: the URL is the owner's.
        """
        self._url = service_url
        self._as_owner = as_owner
        self._keyring = Keyring(masters or MasterKeys())
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            service_url,
            min_size=min(2, size),
            max_size=size,
            timeout=_ACQUIRE_SECONDS,
            open=False,
            configure=_configure,
            check=_check,
            # Every statement is prepared when first used; transactions are opened by ``tenant``; what goes
            # out as bytes is UTF-8 (``closing``).
            kwargs={"autocommit": True, "prepare_threshold": 0, "client_encoding": "UTF8"},
        )

    async def __aenter__(self) -> Self:
        """Open the pool.

        Raises:
            StoreUnavailableError: the database is not reachable.
            SettingsError: the role may do more than a service should.
        """
        await self._pool.open()
        try:
            async with self.connection() as connection:
                if not self._as_owner:
                    await _require_restricted(connection)
        except BaseException:
            await self._pool.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._pool.close()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection where each statement is its own transaction, and no tenant's row is seen.

        Raises:
            StoreUnavailableError: the database is away, too slow or full.
        """
        try:
            async with self._pool.connection() as connection, _left_when_read_only(connection):
                yield connection
        except (psycopg.OperationalError, errors.ReadOnlySqlTransaction) as error:
            raise _unavailable(error) from error

    @asynccontextmanager
    async def apart(self) -> AsyncIterator[Connection]:
        """A connection outside the pool, for whoever listens for long.

        Raises:
            StoreUnavailableError: the database is away, or goes away.
        """
        try:
            async with await AsyncConnection.connect(self._url, autocommit=True) as connection:
                await _configure(connection)
                yield connection
        except psycopg.OperationalError as error:
            raise _unavailable(error) from error

    async def ping(self) -> None:
        """Ask the database for a sign of life.

        Raises:
            StoreUnavailableError: there is none.
        """
        async with self.connection() as connection:
            await connection.execute("SELECT 1")

    @asynccontextmanager
    async def tenant(self, tenant: str) -> AsyncIterator[Transaction]:
        """One transaction that sees and writes this tenant's rows only; commits when the block ends well.

        Raises:
            StoreUnavailableError: the database is away, too slow or full; nothing was written.
            CommitUnknownError: the connection broke while committing.
            UnauditedChangeError: state was changed without an audit event; nothing was written.
        """
        async with self.connection() as connection:
            await connection.execute(_begin(tenant), prepare=False)
            transaction = Transaction(connection, tenant, self._keyring)
            # When the block raises, leaving ``connection`` rolls the transaction back.
            yield transaction
            await _commit(transaction)


@lru_cache(maxsize=1_000)
def _begin(tenant: str) -> bytes:
    """Both in one round trip, which rules out parameters: the tenant goes in quoted."""
    begin = sql.SQL("BEGIN; SET LOCAL lendgate.tenant = {}").format(sql.Literal(tenant))
    return begin.as_bytes(None)


async def _commit(transaction: Transaction) -> None:
    if transaction.unaudited:
        raise UnauditedChangeError(f"{transaction.unaudited}: changed without an audit event")
    connection = transaction.connection
    if _status(connection) is not TransactionStatus.INTRANS:
        # PostgreSQL would answer COMMIT with a silent ROLLBACK.
        raise errors.InFailedSqlTransaction(
            "a statement of this transaction failed and its error was swallowed"
        )
    # One round trip. A statement that fails keeps those after it from running.
    calls = transaction.closing
    commit = _COMMIT_AUDITED % _selected(calls) if calls else _COMMIT
    try:
        await connection.execute(commit, prepare=False)
    except psycopg.OperationalError as error:
        if _status(connection) is TransactionStatus.INERROR:
            raise  # it did not come to the commit
        raise CommitUnknownError(
            "PostgreSQL failed while committing: it is not known whether the change was kept; "
            "look before doing it again"
        ) from error


def _selected(calls: Sequence[bytes]) -> bytes:
    """The calls, one after the other."""
    parts = [calls[at : at + _CALLS] for at in range(0, len(calls), _CALLS)]
    return b"; ".join(b"SELECT " + b", ".join(part) for part in parts)


def _status(connection: Connection) -> TransactionStatus:
    return connection.info.transaction_status


@asynccontextmanager
async def _left_when_read_only(connection: Connection) -> AsyncIterator[None]:
    """After a failover the pool holds connections to what is a standby now: each is given up at once."""
    try:
        yield
    except errors.ReadOnlySqlTransaction:
        await connection.close()
        raise


def _unavailable(error: psycopg.Error) -> StoreUnavailableError:
    match error:
        case errors.ReadOnlySqlTransaction():
            return StoreUnavailableError(
                "PostgreSQL is read-only here, a standby after a failover; nothing was written: try again "
                "(LENDGATE_DATABASE_URL with target_session_attrs=read-write finds the new primary)"
            )
        case errors.DiskFull():
            return StoreUnavailableError("PostgreSQL's disk is full; nothing was written: free some space")
        case errors.QueryCanceled() | errors.LockNotAvailable() | errors.DeadlockDetected():
            return StoreUnavailableError(
                "PostgreSQL was too busy and gave up; nothing was written: try again"
            )
        case PoolTimeout() | errors.TooManyConnections():
            return StoreUnavailableError(
                f"no connection to PostgreSQL became free within {_ACQUIRE_SECONDS:.0f} s: "
                "it is away or overloaded; nothing was written"
            )
        case _:
            return StoreUnavailableError(
                "the connection to PostgreSQL was lost; nothing was written: try again"
            )


async def _configure(connection: Connection) -> None:
    await connection.execute(_SESSION, prepare=False)


async def _check(connection: Connection) -> None:
    """Drop a connection whose server went away while it lay idle; costs a system call, not a round trip."""
    connection.pgconn.consume_input()  # reads the server's last words, if it had any …
    connection.pgconn.consume_input()  # … so that this one meets the end, and raises


async def _require_restricted(connection: Connection) -> None:
    row = await (await connection.execute(_TOO_POWERFUL)).fetchone()
    if row is None or row[0]:
        raise SettingsError(
            f"LENDGATE_DATABASE_URL: the role {row[1] if row else '?'} may change tables "
            "or see every tenant; connect as lendgate_service (see lendgate/store/sql/roles.sql)"
        )
