"""Tenants kept apart in what came with durable reviews, and what the service may do there and no more."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from lendgate.claude.ledger import Ceilings, Claim, Reservation
from lendgate.store import webhooks
from lendgate.store.database import Database
from lendgate.store.idempotency import RequestKey, claim_key, find_key, purge_keys, record_answer
from lendgate.store.model_replies import PaidReply, find_reply, keep_reply
from lendgate.store.outbox import (
    Published,
    deliver_again,
    deliveries_to,
    load_delivery,
    publish,
    purge_events,
    record_attempt,
)
from lendgate.store.spend import PostgresLedger, expire_reservations

pytestmark = pytest.mark.anyio
TABLES = (
    "idempotency",
    "outbox_event",
    "webhook_endpoint",
    "webhook_delivery",
    "model_reply",
    "spend_day",
    "spend_subject",
    "spend_entry",
)
KEY = RequestKey("broker-1", "route", "k-1")
PAID = PaidReply(
    "r-1", b"\x05" * 32, "memo", "m", "{}", Decimal(1), datetime.fromisoformat("2026-11-22T00:00Z")
)


class Rows:
    """The ids of one tenant's row in every table."""

    endpoint_id: UUID
    delivery_id: UUID
    reservation: Reservation


@pytest.fixture
async def rows(database: Database, at: datetime) -> Rows:
    """A row of tenant-a in every table."""
    made = Rows()
    made.endpoint_id = uuid4()
    async with database.tenant("tenant-a") as tx:
        await claim_key(tx, KEY, b"\x01" * 32, uuid4(), at)
        await webhooks.insert_endpoint(tx, made.endpoint_id, "https://a.example", None, at)
        await publish(tx, Published(uuid4(), "webhook.test", "broker-1", at))
        await keep_reply(tx, PAID)
        made.delivery_id = (await deliveries_to(tx, made.endpoint_id, 1))[0].delivery_id
    claim = Claim("tenant-a", "r-1", "memo", "m", Decimal(1), at + timedelta(minutes=1))
    held = await PostgresLedger(database).reserve(claim, Ceilings(Decimal(10**6), Decimal(10**6)))
    assert isinstance(held, Reservation)
    made.reservation = held
    return made


async def count(database: Database, tenant: str, table: str) -> int:
    async with database.tenant(tenant) as tx:
        query = sql.SQL("SELECT count(*) FROM lendgate.{}").format(sql.Identifier(table))
        row = await (await tx.connection.execute(query)).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("table", TABLES)
async def test_other_tenant_sees_no_row(database: Database, table: str) -> None:
    """What one tenant has is there for it and for nobody else."""
    assert await count(database, "tenant-a", table) > 0
    assert await count(database, "tenant-b", table) == 0


async def test_every_lookup_of_another_tenant_finds_nothing(database: Database, rows: Rows) -> None:
    """Knowing the ids and keys is no help."""
    async with database.tenant("tenant-b") as tx:
        assert await find_key(tx, KEY) is None
        assert await find_reply(tx, PAID.subject, PAID.fingerprint) is None
        assert await webhooks.load_endpoint(tx, rows.endpoint_id) is None
        assert await webhooks.load_endpoints(tx) == []
        assert await load_delivery(tx, rows.delivery_id) is None
        assert await deliveries_to(tx, rows.endpoint_id, 10) == []


async def test_another_tenant_changes_nothing(database: Database, rows: Rows, at: datetime) -> None:
    """Every change finds no row to change."""
    later = at + timedelta(days=999)
    async with database.tenant("tenant-b") as tx:
        assert not await record_answer(tx, KEY, 200, "{}")
        assert not await webhooks.rotate_secrets(tx, rows.endpoint_id, at, later)
        assert not await webhooks.disable_endpoint(tx, rows.endpoint_id, at, "by a stranger")
        assert not await webhooks.delete_endpoint(tx, rows.endpoint_id)
        assert not await deliver_again(tx, rows.delivery_id)
        await record_attempt(tx, rows.delivery_id, "failed", at, "forged")
        assert await purge_keys(tx, later) == 0
        assert await purge_events(tx, later) == 0
        assert await expire_reservations(tx, later) == 0
    async with database.tenant("tenant-a") as tx:
        delivery = await load_delivery(tx, rows.delivery_id)
    assert delivery is not None
    assert delivery.state == "waiting"


@pytest.mark.parametrize("table", TABLES)
async def test_without_a_tenant_every_table_refuses(service_url: str, table: str) -> None:
    """Fail closed."""
    query = sql.SQL("SELECT count(*) FROM lendgate.{}").format(sql.Identifier(table))
    with (
        psycopg.connect(service_url) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="no tenant is set"),
    ):
        connection.execute(query)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE lendgate.idempotency SET body_sha256 = ''",
        "UPDATE lendgate.idempotency SET subject = gen_random_uuid()",
        "UPDATE lendgate.outbox_event SET data = '{}'",
        "UPDATE lendgate.webhook_endpoint SET broker_id = 'x'",
        "UPDATE lendgate.webhook_endpoint SET tenant = 'x'",
        "UPDATE lendgate.webhook_delivery SET event_id = gen_random_uuid()",
        "DELETE FROM lendgate.webhook_delivery",
        "UPDATE lendgate.model_reply SET reply = '{}'",
        "DELETE FROM lendgate.spend_entry",
        "DELETE FROM lendgate.spend_day",
        "UPDATE lendgate.spend_entry SET tenant = 'x'",
        "DROP TABLE lendgate_queue.procrastinate_jobs",
        "CREATE TABLE lendgate_queue.own (a int)",
        "ALTER TABLE lendgate.model_reply DISABLE ROW LEVEL SECURITY",
    ],
)
async def test_service_may_not(database: Database, statement: str) -> None:
    """What was paid, said or spent is not rewritten, and tables are not changed."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match=r"permission denied|must be owner"):
        async with database.tenant("tenant-a") as tx:
            await tx.connection.execute(statement.encode())
