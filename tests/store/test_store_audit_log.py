"""The trail in the database has no gaps under concurrency, is only added to, and gives tampering away."""

from __future__ import annotations

import asyncio
from datetime import datetime
from uuid import uuid4

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lendgate.audit import (
    AuditKey,
    CheckpointKey,
    Event,
    Link,
    Verdict,
    genesis,
    link,
    make_checkpoint,
    row_line,
    verify,
)
from lendgate.store import audit_log
from lendgate.store.database import Database

pytestmark = pytest.mark.anyio
SIGNER = CheckpointKey("c1", Ed25519PrivateKey.generate())


class Trail:
    """One tenant's trail."""

    def __init__(self, database: Database, key: AuditKey, at: datetime) -> None:
        self.database, self.key, self.at = database, key, at
        self.tenant = f"tenant-{uuid4().hex}"

    async def append(self, *subjects: str) -> list[Link]:
        added = []
        for subject in subjects:
            async with self.database.tenant(self.tenant) as tx:
                event = Event("review.started", subject, "system:workflow", self.at)
                added.append(await audit_log.append_event(tx, self.key, event))
        return added

    async def export(self) -> list[bytes]:
        async with self.database.tenant(self.tenant) as tx:
            return [line async for line in audit_log.export_trail(tx, SIGNER, self.at)]

    async def verdict(self, *, with_checkpoints: bool = False) -> Verdict:
        async with self.database.tenant(self.tenant) as tx:
            kept = await audit_log.load_checkpoints(tx) if with_checkpoints else []
        authorities = {"c1": SIGNER.private.public_key()}
        return verify(
            await self.export(), self.tenant, keys=(self.key,), authorities=authorities, checkpoints=kept
        )


@pytest.fixture
def trail(database: Database, audit_key: AuditKey, at: datetime) -> Trail:
    """A new tenant's empty trail."""
    return Trail(database, audit_key, at)


async def test_empty_trail_exports_and_verifies(trail: Trail) -> None:
    """A tenant that did nothing has a signed header and no rows."""
    verdict = await trail.verdict()
    assert (verdict.ok, verdict.rows, len(await trail.export())) == (True, 0, 1)


async def test_appended_rows_export_as_they_were_made(trail: Trail) -> None:
    """The database gives back the very bytes that the MACs cover."""
    added = await trail.append("r-1", "r-2", "r-3")
    assert (await trail.export())[1:] == [row_line(row) for row in added]
    assert (await trail.verdict()).ok


async def test_fifty_writers_make_one_gapless_chain(trail: Trail) -> None:
    """Concurrent transactions of one tenant neither fork the chain nor leave gaps."""
    await asyncio.gather(*(trail.append(f"r-{writer}", f"s-{writer}") for writer in range(50)))
    verdict = await trail.verdict()
    assert (verdict.defect, verdict.rows) == (None, 100)


@pytest.mark.parametrize("number", [1, 2, 1_000, 1_001, 1_700])
async def test_events_of_one_transaction_follow_each_other(trail: Trail, number: int) -> None:
    """However many they are, they are chained before any of them is sent, and none is left out."""
    async with trail.database.tenant(trail.tenant) as tx:
        for row in range(number):
            await audit_log.append_event(tx, trail.key, Event("review.failed", f"r-{row}", "a", trail.at))
    verdict = await trail.verdict()
    assert (verdict.defect, verdict.rows) == (None, number)


async def test_long_trail_is_read_in_parts(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows come in order across the borders of the parts."""
    monkeypatch.setattr(audit_log, "_BATCH", 2)
    await trail.append(*(f"r-{number}" for number in range(5)))
    assert (await trail.verdict()).rows == 5


async def test_export_may_be_taken_slowly(trail: Trail) -> None:
    """A consumer that pauses is not cut off for idling."""
    async with trail.database.tenant(trail.tenant) as tx:
        lines = audit_log.export_trail(tx, SIGNER, trail.at)
        await anext(lines)
        row = await (await tx.connection.execute("SHOW idle_in_transaction_session_timeout")).fetchone()
    assert row == ("0",)


async def test_kind_subject_and_time_can_be_asked_for(trail: Trail) -> None:
    """The columns are read off the event by the database."""
    await trail.append("r-1")
    async with trail.database.tenant(trail.tenant) as tx:
        rows = await (
            await tx.connection.execute("SELECT kind, subject, at FROM lendgate.audit_event")
        ).fetchall()
    assert rows == [("review.started", "r-1", "2026-11-22T14:05:09.123000Z")]


async def test_tenants_are_listed(trail: Trail) -> None:
    """Whoever has a trail is on the list."""
    assert trail.tenant not in await audit_log.tenants(trail.database)
    await trail.append("r-1")
    assert trail.tenant in await audit_log.tenants(trail.database)


async def test_row_that_does_not_follow_is_refused(trail: Trail) -> None:
    """The database itself refuses a fork, a gap and a repeated row."""
    first, second = await trail.append("r-1", "r-2")
    other = Event("review.failed", "r-9", "a", trail.at)
    for forged in (second, link(trail.key, first.head, other), link(trail.key, genesis(trail.tenant), other)):
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="does not follow"):
            async with trail.database.tenant(trail.tenant) as tx:
                await tx.connection.execute(
                    "SELECT lendgate.append_audit_event(%s::bigint, %s, %s, %s, %s::json)",
                    (forged.sequence, forged.key_id, forged.previous, forged.mac, forged.event.decode()),
                )
    assert (await trail.verdict()).rows == 2


@pytest.mark.parametrize(
    ("change", "row"),
    [
        ("UPDATE lendgate.audit_event SET event = replace(event::text, 'r-2', 'r-9')::json WHERE seq = 2", 2),
        ("UPDATE lendgate.audit_event SET mac = previous WHERE seq = 3", 3),
        ("DELETE FROM lendgate.audit_event WHERE seq = 1", 1),
        ("DELETE FROM lendgate.audit_event WHERE seq = 3", 3),
        ("DELETE FROM lendgate.audit_event", 1),
        ("UPDATE lendgate.audit_event SET seq = 9 WHERE seq = 2", 2),
        (
            """DELETE FROM lendgate.audit_event WHERE seq = 2;
            UPDATE lendgate.audit_event SET seq = 2 WHERE seq = 3;
            UPDATE lendgate.audit_head SET seq = 2""",
            2,
        ),
    ],
    ids=["edit", "mac", "first", "last", "all", "renumber", "close the gap"],
)
async def test_tampering_in_the_database_is_found(
    trail: Trail, superuser_url: str, change: str, row: int
) -> None:
    """Somebody whom no privilege and no trigger stops is found out, and the row is named."""
    await trail.append("r-1", "r-2", "r-3")
    tamper(superuser_url, trail.tenant, change)
    defect = (await trail.verdict()).defect
    assert defect is not None
    assert defect.sequence == row


async def test_end_cut_off_with_its_head_is_found_by_a_checkpoint(trail: Trail, superuser_url: str) -> None:
    """Rows and head moved back together leave a chain that only a checkpoint gives away."""
    first, *_, last = await trail.append("r-1", "r-2", "r-3")
    async with trail.database.tenant(trail.tenant) as tx:
        await audit_log.insert_checkpoint(tx, make_checkpoint(SIGNER, last.head, trail.at))
    tamper(
        superuser_url,
        trail.tenant,
        "DELETE FROM lendgate.audit_event WHERE seq > 1;"
        f"UPDATE lendgate.audit_head SET seq = 1, mac = '\\x{first.mac.hex()}'",
    )
    assert (await trail.verdict()).ok
    defect = (await trail.verdict(with_checkpoints=True)).defect
    assert defect is not None
    assert defect.sequence == 2


async def test_checkpoints_read_back_as_they_were(trail: Trail) -> None:
    """A kept checkpoint is whole, signature included."""
    (row,) = await trail.append("r-1")
    checkpoint = make_checkpoint(SIGNER, row.head, trail.at)
    async with trail.database.tenant(trail.tenant) as tx:
        await audit_log.insert_checkpoint(tx, checkpoint)
    async with trail.database.tenant(trail.tenant) as tx:
        assert await audit_log.load_checkpoints(tx) == [checkpoint]


def tamper(superuser_url: str, tenant: str, change: str) -> None:
    """Change one tenant's rows as a superuser with the triggers off."""
    statements = [
        f"{statement} {'AND' if 'WHERE' in statement else 'WHERE'} tenant = '{tenant}'"
        for statement in change.split(";")
    ]
    with psycopg.connect(superuser_url) as attacker:
        attacker.execute("SET session_replication_role = replica")
        for statement in statements:
            attacker.execute(statement.encode())
