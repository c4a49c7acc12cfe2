"""Invariant k, in the database: a nonce is used once, however many claim it, also across a crash."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import datetime, timedelta
from uuid import uuid4

import psycopg
import pytest

from lendgate.store.database import Database
from lendgate.store.embedded import EmbeddedPostgres
from lendgate.store.migrate import migrate
from lendgate.store.nonces import claim_nonce, purge_nonces

pytestmark = pytest.mark.anyio


async def test_nonce_is_claimed_once(database: Database, at: datetime) -> None:
    """The second claim of a nonce fails, another nonce does not."""
    nonce = uuid4().hex
    assert await claim_nonce(database, nonce, at)
    assert not await claim_nonce(database, nonce, at + timedelta(minutes=1))
    assert await claim_nonce(database, uuid4().hex, at)


async def test_one_of_fifty_concurrent_claims_wins(database: Database, at: datetime) -> None:
    """However many ask at once, one gets it."""
    nonce = uuid4().hex
    won = await asyncio.gather(*(claim_nonce(database, nonce, at) for _ in range(50)))
    assert won.count(True) == 1


async def test_purge_forgets_only_what_expired(database: Database, at: datetime) -> None:
    """A nonce stays taken until its signature cannot be valid any more."""
    expired, valid = uuid4().hex, uuid4().hex
    await claim_nonce(database, expired, at - timedelta(seconds=1))
    await claim_nonce(database, valid, at)
    assert await purge_nonces(database, at) >= 1
    assert await claim_nonce(database, expired, at)
    assert not await claim_nonce(database, valid, at)


async def test_claimed_nonce_stays_claimed_over_a_crash(own_server: EmbeddedPostgres, at: datetime) -> None:
    """Killing PostgreSQL does not open a minute for replays."""
    migrate(own_server.owner_url)
    async with Database(own_server.service_url, size=1) as database:
        assert await claim_nonce(database, "taken", at)
        with psycopg.connect(own_server.url("postgres")) as connection:
            # A later commit that waits for the disk takes the earlier ones along.
            connection.execute("CREATE TABLE written ()")
            row = connection.execute("SELECT pg_read_file('postmaster.pid')").fetchone()
        assert row is not None
        os.kill(int(row[0].split()[0]), signal.SIGKILL)
        own_server.ensure_running()
        assert not await claim_nonce(database, "taken", at)
