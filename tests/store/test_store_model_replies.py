"""Paid replies: kept once, found by exactly the same question about the same review."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import uuid4

import pytest

from lendgate.store.database import Database
from lendgate.store.model_replies import PaidReply, find_reply, keep_reply

pytestmark = pytest.mark.anyio


@pytest.fixture
def paid(at: datetime) -> PaidReply:
    """A reply to a question nobody asked before."""
    reply = '{"text": "Sound. \\u0000", "usage": {"input_tokens": 12}}'
    return PaidReply(str(uuid4()), b"\x05" * 32, "memo", "standin-1", reply, Decimal("0.0123456"), at)


async def keep(database: Database, paid: PaidReply) -> bool:
    async with database.tenant("acme") as tx:
        return await keep_reply(tx, paid)


async def find(database: Database, paid: PaidReply, tenant: str = "acme") -> str | None:
    async with database.tenant(tenant) as tx:
        return await find_reply(tx, paid.subject, paid.fingerprint)


async def test_a_kept_reply_is_found_byte_for_byte(database: Database, paid: PaidReply) -> None:
    """As it was written."""
    assert await keep(database, paid)
    assert await find(database, paid) == paid.reply


async def test_another_question_or_review_has_no_reply(database: Database, paid: PaidReply) -> None:
    """Nothing near counts."""
    await keep(database, paid)
    assert await find(database, replace(paid, fingerprint=b"\x06" * 32)) is None
    assert await find(database, replace(paid, subject="another")) is None
    assert await find(database, paid, tenant="other") is None


async def test_of_many_replies_to_one_question_the_first_stays(database: Database, paid: PaidReply) -> None:
    """Whoever comes later learns that there is one."""
    others = [replace(paid, reply=f'{{"text": "{number}"}}') for number in range(10)]
    kept = await asyncio.gather(*(keep(database, each) for each in others))
    assert kept.count(True) == 1
    assert await find(database, paid) == others[kept.index(True)].reply
