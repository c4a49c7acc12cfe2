"""Idempotency keys: one of any number claims a key, and keeps it exactly when its work is kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from lendgate.store.database import Database
from lendgate.store.idempotency import (
    KeptRequest,
    RequestKey,
    claim_key,
    find_key,
    purge_keys,
    record_answer,
)

pytestmark = pytest.mark.anyio
DIGEST = b"\x07" * 32


class StopHereError(Exception):
    """A failure before the commit."""


@pytest.fixture
def key() -> RequestKey:
    """A key nobody has used."""
    return RequestKey("broker-1", "POST /lending-review", str(uuid4()))


async def claim(database: Database, key: RequestKey, at: datetime, tenant: str = "acme") -> UUID | None:
    subject = uuid4()
    async with database.tenant(tenant) as tx:
        return subject if await claim_key(tx, key, DIGEST, subject, at) else None


async def find(database: Database, key: RequestKey, tenant: str = "acme") -> KeptRequest | None:
    async with database.tenant(tenant) as tx:
        return await find_key(tx, key)


async def test_a_key_is_claimed_once(database: Database, key: RequestKey, at: datetime) -> None:
    """The first request has it; the second one finds out whose it is."""
    first = await claim(database, key, at)
    assert await claim(database, key, at) is None
    found = await find(database, key)
    assert found is not None
    assert (found.subject, found.body_sha256, found.status, found.answer) == (first, DIGEST, None, None)


async def test_of_five_hundred_at_once_one_claims_the_key(
    database: Database, key: RequestKey, at: datetime
) -> None:
    """However many come at the same moment."""
    claims = await asyncio.gather(*(claim(database, key, at) for _ in range(500)))
    winners = [subject for subject in claims if subject]
    found = await find(database, key)
    assert found is not None
    assert winners == [found.subject]


async def test_a_key_goes_with_the_work_that_was_not_kept(
    database: Database, key: RequestKey, at: datetime
) -> None:
    """A transaction that fails leaves the key free."""

    async def fail() -> None:
        async with database.tenant("acme") as tx:
            assert await claim_key(tx, key, DIGEST, uuid4(), at)
            raise StopHereError

    with pytest.raises(StopHereError):
        await fail()
    assert await find(database, key) is None
    assert await claim(database, key, at) is not None


@pytest.mark.parametrize("other", [{"caller": "broker-2"}, {"route": "POST /documents"}, {"key": "another"}])
async def test_a_key_belongs_to_caller_and_route(
    other: dict[str, str], database: Database, key: RequestKey, at: datetime
) -> None:
    """Somebody else's request with the same text is another one."""
    await claim(database, key, at)
    assert await find(database, replace(key, **other)) is None


async def test_a_key_belongs_to_a_tenant(database: Database, key: RequestKey, at: datetime) -> None:
    """Two tenants may use the same text at the same time."""
    await claim(database, key, at)
    assert await find(database, key, "other") is None
    assert await claim(database, key, at, "other") is not None


async def test_an_answer_is_recorded_once(database: Database, key: RequestKey, at: datetime) -> None:
    """The first answer is the answer, byte for byte."""
    await claim(database, key, at)
    async with database.tenant("acme") as tx:
        assert await record_answer(tx, key, 202, '{"status":"queued" }')
        assert not await record_answer(tx, key, 200, "{}")
    found = await find(database, key)
    assert found is not None
    assert (found.status, found.answer) == (202, '{"status":"queued" }')


async def test_old_keys_are_forgotten(database: Database, at: datetime) -> None:
    """Those from before the given time, and no others."""
    route = str(uuid4())
    old, young = (RequestKey("b", route, name) for name in ("old", "young"))
    tenant = str(uuid4())
    await claim(database, old, at, tenant)
    await claim(database, young, at + timedelta(hours=1), tenant)
    async with database.tenant(tenant) as tx:
        assert await purge_keys(tx, at + timedelta(minutes=1)) == 1
    assert await find(database, old, tenant) is None
    assert await find(database, young, tenant) is not None
