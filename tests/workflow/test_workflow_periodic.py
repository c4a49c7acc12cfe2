"""Periodic work: what has no use any more goes, evidence stays, and checkpoints are kept elsewhere, too."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lendgate.audit import CheckpointKey
from lendgate.store.idempotency import RequestKey, claim_key, find_key
from lendgate.store.nonces import claim_nonce
from lendgate.store.outbox import Published, publish
from lendgate.workflow.desk import Desk
from lendgate.workflow.periodic import EVENTS_KEPT, KEYS_KEPT, periodic_work, tidy
from tests.support.traces import Records
from tests.workflow.conftest import AcceptOne

pytestmark = pytest.mark.anyio
SIGNER = CheckpointKey("c1", Ed25519PrivateKey.generate())
AUTHORITIES = {"c1": SIGNER.private.public_key()}


def later(desk: Desk, by: timedelta) -> Desk:
    """The same desk at another time."""
    at = desk.now() + by
    return replace(desk, now=lambda: at)


async def test_expired_nonces_are_forgotten(desk: Desk) -> None:
    """The ledger holds the last minute, not every request ever made."""
    at = desk.now()
    old, new = uuid4().hex, uuid4().hex
    await claim_nonce(desk.database, old, at - timedelta(seconds=1))
    await claim_nonce(desk.database, new, at + timedelta(minutes=1))
    await tidy(desk)
    assert await claim_nonce(desk.database, old, at + timedelta(minutes=1))
    assert not await claim_nonce(desk.database, new, at + timedelta(minutes=1))


@pytest.mark.parametrize(
    ("age", "kept"), [(timedelta(hours=24), True), (KEYS_KEPT, True), (KEYS_KEPT * 2, False)]
)
async def test_keys_are_remembered_for_a_day_and_more(
    age: timedelta,
    kept: bool,  # noqa: FBT001 - a row of the table
    desk: Desk,
    accept_one: AcceptOne,
) -> None:
    """As was promised; then forgotten."""
    await accept_one()  # the tenant has a trail
    key, at = RequestKey("broker-1", "route", uuid4().hex), desk.now()
    async with desk.database.tenant("acme") as tx:
        await claim_key(tx, key, b"\x01" * 32, uuid4(), at)
    await tidy(replace(desk, now=lambda: at + age))
    async with desk.database.tenant("acme") as tx:
        assert (await find_key(tx, key) is not None) == kept


async def test_old_events_go_and_evidence_stays(desk: Desk, accept_one: AcceptOne, records: Records) -> None:
    """An event can be delivered again for a month; applications, reviews and the trail are not tidied."""
    await accept_one()
    async with desk.database.tenant("acme") as tx:
        await publish(tx, Published(uuid4(), "webhook.test", "broker-1", desk.now()))
    stored = records.stored()
    events = "SELECT count(*) FROM lendgate.outbox_event"
    assert records.number(events) >= 1
    await tidy(later(desk, EVENTS_KEPT / 2))
    assert records.number(events) >= 1
    await tidy(later(desk, EVENTS_KEPT * 2))
    assert records.number(events) == 0
    assert records.stored() == stored


async def test_without_a_key_there_are_no_checkpoints(desk: Desk) -> None:
    """Tidying goes on."""
    always = ["tidy", "seal-anew", "clocks", "retention"]
    assert [each.name for each in periodic_work(desk, None, [])] == always
    assert [each.name for each in periodic_work(desk, SIGNER, [])] == [*always, "checkpoints"]
