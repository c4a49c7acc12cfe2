"""Transactions end one way or the other, and a database that is away is said to be away."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import psycopg
import pytest

from lendgate.audit import AuditKey, Event
from lendgate.store.audit_log import append_event, current_head
from lendgate.store.database import Database, StoreUnavailableError
from lendgate.store.embedded import EmbeddedPostgres
from lendgate.store.migrate import migrate

pytestmark = pytest.mark.anyio


async def test_swallowed_error_does_not_pass_for_a_commit(database: Database) -> None:
    """PostgreSQL would roll back without a word; we say it."""

    async def swallow() -> None:
        async with database.tenant("acme") as tx:
            with suppress(psycopg.errors.DivisionByZero):
                await tx.connection.execute("SELECT 1/0")

    with pytest.raises(psycopg.errors.InFailedSqlTransaction, match="its error was swallowed"):
        await swallow()


async def test_database_gives_a_sign_of_life(database: Database) -> None:
    """A ping that comes back says nothing and raises nothing."""
    await database.ping()


async def test_times_are_utc(database: Database) -> None:
    """Whatever the server's time zone is, sessions are in UTC."""
    async with database.connection() as connection:
        row = await (await connection.execute("SHOW timezone")).fetchone()
    assert row == ("UTC",)


async def test_full_pool_is_said_to_be_busy(service_url: str) -> None:
    """Whoever waits too long for a connection is told so."""
    async with Database(service_url, size=1) as database, database.connection():
        database._pool.timeout = 0.05
        with pytest.raises(StoreUnavailableError, match="no connection to PostgreSQL became free"):
            async with database.tenant("acme"):
                pass


async def test_cancelled_transaction_gives_its_connection_back(service_url: str, superuser_url: str) -> None:
    """A caller who goes away leaves no connection busy and no transaction open."""
    async with Database(service_url, size=1) as database:
        task = asyncio.create_task(run(database, "SELECT pg_sleep(60)"))
        async with await psycopg.AsyncConnection.connect(superuser_url, autocommit=True) as watcher:
            asleep = (
                "SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
            )
            while not (await watcher.execute(asleep)).rowcount:
                assert not task.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await run(database, "SELECT 1")


async def test_long_statement_is_given_up(database: Database) -> None:
    """A statement that takes too long is stopped by the server, and nothing was written."""
    with pytest.raises(StoreUnavailableError, match="too busy and gave up; nothing was written"):
        await run(database, "SET LOCAL statement_timeout = '20ms'", "SELECT pg_sleep(60)")


async def test_locked_trail_is_given_up(database: Database) -> None:
    """Waiting for another transaction's lock has an end."""
    lock = "SELECT * FROM lendgate.lock_audit_head(0)"
    async with database.tenant("acme") as first:
        await first.connection.execute(lock)
        with pytest.raises(StoreUnavailableError, match="too busy and gave up"):
            await run(database, "SET LOCAL lock_timeout = '20ms'", lock)


async def test_database_that_is_not_there_is_said_to_be_away(tmp_path: Path) -> None:
    """Opening does not hang where there is no server."""
    database = Database(f"postgresql://lendgate_service@/lendgate?host={tmp_path}", size=1)
    database._pool.timeout = 0.1
    with pytest.raises(StoreUnavailableError, match="it is away or overloaded"):
        async with database:
            pass


async def test_connections_of_a_server_that_died_are_replaced(own_server: EmbeddedPostgres) -> None:
    """After kill -9 and a restart of PostgreSQL the next request works, and committed rows are there."""
    migrate(own_server.owner_url)
    with psycopg.connect(own_server.owner_url) as owner:
        owner.execute("INSERT INTO lendgate.edge_nonce VALUES ('kept', now())")
    async with Database(own_server.service_url, size=4) as database:
        async with database.connection(), database.connection():
            pass  # two connections lie idle when the server dies
        os.kill(pid_of(own_server), signal.SIGKILL)
        own_server.ensure_running()
        for _ in range(4):
            async with database.connection() as connection:
                row = await (await connection.execute("SELECT nonce FROM lendgate.edge_nonce")).fetchone()
            assert row == ("kept",)


async def test_what_was_committed_is_on_the_disk(
    own_server: EmbeddedPostgres, audit_key: AuditKey, at: datetime
) -> None:
    """PostgreSQL killed the moment after a commit still has it."""
    migrate(own_server.owner_url)
    async with Database(own_server.service_url, size=1) as database:
        for sequence in range(1, 4):
            pid = pid_of(own_server)
            async with database.tenant("acme") as tx:
                await append_event(tx, audit_key, Event("review.started", "r-1", "test", at))
            os.kill(pid, signal.SIGKILL)
            own_server.ensure_running()
            async with database.tenant("acme") as tx:
                assert (await current_head(tx)).sequence == sequence


async def test_transaction_cut_off_by_the_servers_death_says_so(own_server: EmbeddedPostgres) -> None:
    """A transaction under way when PostgreSQL dies was not committed."""

    async def cut() -> None:
        async with Database(own_server.service_url, size=1) as database, database.tenant("acme") as tx:
            os.kill(pid_of(own_server), signal.SIGKILL)
            await tx.connection.execute("SELECT pg_sleep(60)")

    with pytest.raises(StoreUnavailableError, match="was lost; nothing was written"):
        await cut()


async def run(database: Database, *statements: str) -> None:
    """Run statements in one transaction."""
    async with database.tenant("acme") as tx:
        for statement in statements:
            await tx.connection.execute(statement.encode())


def pid_of(server: EmbeddedPostgres) -> int:
    """PostgreSQL's process id."""
    with psycopg.connect(server.url("postgres")) as connection:
        row = connection.execute("SELECT pg_read_file('postmaster.pid')").fetchone()
    assert row is not None
    return int(row[0].split()[0])
