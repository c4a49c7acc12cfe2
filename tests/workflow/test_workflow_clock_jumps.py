"""Clocks jump: set back, set ahead, here or at the database; nothing is lost, doubled or judged otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lendgate.audit import CheckpointKey, verify
from lendgate.schema import Review
from lendgate.store import jobs
from lendgate.store.audit_log import export_trail
from lendgate.store.database import Database
from lendgate.workflow.desk import Desk
from lendgate.workflow.review import carry_out, load_accepted
from lendgate.workflow.station import SILENCE
from tests.support.service import AUDIT_KEY, now
from tests.support.traces import Records
from tests.workflow.conftest import AcceptOne

pytestmark = pytest.mark.anyio
SIGNER = CheckpointKey("jumps", Ed25519PrivateKey.generate())


def shifted(by: timedelta) -> Callable[[], datetime]:
    """A clock that is wrong by so much."""
    return lambda: now() + by


async def trail_is_whole(desk: Desk, tenant: str) -> bool:
    async with desk.database.tenant(tenant) as tx:
        lines = [line async for line in export_trail(tx, SIGNER, now())]
    return verify(lines, tenant, keys=[AUDIT_KEY], authorities={SIGNER.id: SIGNER.private.public_key()}).ok


@pytest.mark.parametrize("by", [timedelta(hours=-1), timedelta(days=400)], ids=["back", "ahead"])
async def test_a_review_ends_as_it_would_have_when_our_clock_jumps_meanwhile(
    desk: Desk, accept_one: AcceptOne, by: timedelta
) -> None:
    """The day an application was received is what counts for it; its trail verifies whatever it was dated."""
    tenant = f"jump{by.days + 2}"
    usual = await carry_out(desk, await accept_one(tenant=tenant))
    jumped = await carry_out(replace(desk, now=shifted(by)), await accept_one(tenant=tenant))
    assert jumped.status == "completed"
    assert (jumped.recommendation, jumped.findings) == (usual.recommendation, usual.findings)
    assert await trail_is_whole(desk, tenant)


@pytest.mark.parametrize("by", ["-1 hour", "1 hour"])
async def test_a_worker_that_a_jump_makes_look_dead_ends_its_review_once(  # noqa: PLR0917 - fixtures
    database: Database, desk: Desk, accept_one: AcceptOne, superuser_url: str, records: Records, by: str
) -> None:
    """The database's clock is set ahead or back: another worker takes the job, and both come to its end."""
    with psycopg.connect(superuser_url) as connection:
        connection.execute("DELETE FROM lendgate_queue.procrastinate_jobs")
    accepted = await accept_one()
    living, other = [await jobs.register_worker(database) for _ in range(2)]
    assert await jobs.fetch(database, living) is not None
    await beats_seem_off(database, superuser_url, living, other, by)
    assert await jobs.fetch(database, other) is not None
    ends = await asyncio.gather(*(end(desk, accepted.review, worker) for worker in (living, other)))
    assert ends[0] == ends[1]
    events = "SELECT count(*) FROM lendgate.audit_event WHERE subject = %s AND kind = 'review.completed'"
    assert records.number(events, accepted.review.review_id) == 1
    assert records.number("SELECT count(*) FROM lendgate_queue.procrastinate_jobs") == 0


async def beats_seem_off(database: Database, superuser_url: str, living: int, other: int, by: str) -> None:
    """Seen from a clock that was set, a beat of now is an hour old, or an hour ahead."""
    with psycopg.connect(superuser_url) as connection:
        (up,) = connection.execute(
            "UPDATE lendgate_queue.procrastinate_workers SET last_heartbeat = now() + %s::interval "
            "WHERE id = %s RETURNING now() - pg_postmaster_start_time()",
            (by, living),
        ).fetchone() or (timedelta(),)
    async with database.connection() as connection:
        assert (await jobs.tend(connection, other, min(SILENCE, up / 2), 5)).taken == 1


async def end(desk: Desk, review: Review, worker: int) -> Review:
    """Carry a review out as the worker that holds its job, or thinks so."""
    accepted = await load_accepted(desk, "acme", UUID(review.review_id), worker)
    assert accepted is not None
    return await carry_out(desk, accepted)
