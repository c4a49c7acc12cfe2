"""Support conversations and requests in the store: sealed, ordered, one broker's, one tenant's, audited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from lendgate.audit import AuditKey, Event
from lendgate.schema import Review
from lendgate.store import reviews
from lendgate.store.applications import StoredApplication
from lendgate.store.audit_log import append_event
from lendgate.store.database import Database, UnauditedChangeError
from lendgate.store.sealing import SealingError
from lendgate.store.support import (
    NewRequest,
    NewTurn,
    Turn,
    add_request,
    add_turn,
    is_own_conversation,
    latest_turns,
    request_texts,
    requests_of,
)

pytestmark = pytest.mark.anyio
NewCase = Callable[..., tuple[StoredApplication, Review]]
TABLES = ("support_conversation", "support_turn", "support_request")


@pytest.fixture
async def review_id(
    database: Database, new_case: NewCase, audit_key: AuditKey, accepted: Callable[[Review], Event]
) -> UUID:
    """A review of broker-1 of tenant-a."""
    application, review = new_case()
    async with database.tenant("tenant-a") as tx:
        await reviews.accept(tx, application, review)
        await append_event(tx, audit_key, accepted(review))
    return UUID(review.review_id)


@pytest.fixture
def turn(review_id: UUID, at: datetime) -> NewTurn:
    return NewTurn(uuid4(), review_id, "broker-1", uuid4(), "Why?", "For what is recorded.", at)


@pytest.fixture
def request_(review_id: UUID, at: datetime) -> NewRequest:
    return NewRequest(uuid4(), review_id, "broker-1", "correction", "It is 69,000.", at, date(2026, 12, 22))


def event(review_id: UUID, at: datetime) -> Event:
    return Event("support.answered", str(review_id), "broker:broker-1", at)


@pytest.fixture
async def kept(
    database: Database, audit_key: AuditKey, turn: NewTurn, request_: NewRequest, at: datetime
) -> NewTurn:
    """A turn and a request of tenant-a in the store."""
    async with database.tenant("tenant-a") as tx:
        await add_turn(tx, turn)
        await add_request(tx, request_)
        await append_event(tx, audit_key, event(turn.review_id, at))
    return turn


async def test_turns_come_back_in_their_order(
    database: Database, kept: NewTurn, audit_key: AuditKey, at: datetime
) -> None:
    """The last ones, oldest first."""
    for number in range(3):
        later = replace(
            kept, turn_id=uuid4(), question=f"And {number}?", at=at + timedelta(seconds=number + 1)
        )
        async with database.tenant("tenant-a") as tx:
            await add_turn(tx, later)
            await append_event(tx, audit_key, event(kept.review_id, at))
    async with database.tenant("tenant-a") as tx:
        turns = await latest_turns(tx, kept.conversation_id, 2)
    assert turns == [Turn("And 1?", kept.answer), Turn("And 2?", kept.answer)]


async def test_what_was_said_is_sealed(database: Database, kept: NewTurn, request_: NewRequest) -> None:
    """No word of it is in a row, and the row's own key opens it."""
    async with database.tenant("tenant-a") as tx:
        rows = [
            await (await tx.connection.execute(query)).fetchone()
            for query in (
                "SELECT sealed FROM lendgate.support_turn",
                "SELECT sealed FROM lendgate.support_request",
            )
        ]
        assert all(b"69,000" not in bytes(row[0]) and b"recorded" not in bytes(row[0]) for row in rows if row)
        assert await request_texts(tx, request_.review_id) == {request_.request_id: "It is 69,000."}
        assert await request_texts(tx, uuid4()) == {}
    assert len(rows) == 2


async def test_a_turn_that_was_moved_does_not_open(
    database: Database, kept: NewTurn, superuser_url: str
) -> None:
    """What is sealed for one row is nothing in another."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # no trigger stops this one
        connection.execute(
            "UPDATE lendgate.support_turn SET turn_id = %s WHERE turn_id = %s", (uuid4(), kept.turn_id)
        )
    with pytest.raises(SealingError):
        async with database.tenant("tenant-a") as tx:
            await latest_turns(tx, kept.conversation_id, 6)


async def test_a_conversation_is_one_brokers_about_one_review(database: Database, kept: NewTurn) -> None:
    """Another broker's, another review's and another id are none."""
    async with database.tenant("tenant-a") as tx:
        assert await is_own_conversation(tx, kept.conversation_id, kept.review_id, "broker-1")
        assert not await is_own_conversation(tx, kept.conversation_id, kept.review_id, "broker-2")
        assert not await is_own_conversation(tx, kept.conversation_id, uuid4(), "broker-1")
        assert not await is_own_conversation(tx, uuid4(), kept.review_id, "broker-1")
        assert len(await requests_of(tx, kept.review_id, "broker-1")) == 1
        assert await requests_of(tx, kept.review_id, "broker-2") == []


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("table", TABLES)
async def test_another_tenant_sees_no_row(database: Database, table: str) -> None:
    """Row-level security holds on each table."""
    counts = []
    for tenant in ("tenant-a", "tenant-b"):
        async with database.tenant(tenant) as tx:
            found = await tx.connection.execute(f"SELECT count(*) FROM lendgate.{table}")
            counts.append(await found.fetchone())
    assert counts[0] != (0,)
    assert counts[1] == (0,)


async def test_another_tenant_finds_nothing_by_id(
    database: Database, kept: NewTurn, request_: NewRequest
) -> None:
    """Knowing every id is no help."""
    async with database.tenant("tenant-b") as tx:
        assert not await is_own_conversation(tx, kept.conversation_id, kept.review_id, "broker-1")
        assert await latest_turns(tx, kept.conversation_id, 6) == []
        assert await requests_of(tx, kept.review_id, "broker-1") == []
        assert await request_texts(tx, request_.review_id) == {}


async def test_a_turn_cannot_be_hung_on_another_tenants_review(database: Database, turn: NewTurn) -> None:
    """Its foreign key carries the tenant."""
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        async with database.tenant("tenant-b") as tx:
            await add_turn(tx, turn)


async def test_nothing_is_added_without_its_audit_event(
    database: Database, turn: NewTurn, request_: NewRequest
) -> None:
    """Invariant e."""
    with pytest.raises(UnauditedChangeError):
        async with database.tenant("tenant-a") as tx:
            await add_turn(tx, turn)
    with pytest.raises(UnauditedChangeError):
        async with database.tenant("tenant-a") as tx:
            await add_request(tx, request_)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE lendgate.support_turn SET sealed = ''",
        "DELETE FROM lendgate.support_turn",
        "UPDATE lendgate.support_conversation SET broker_id = 'x'",
        "UPDATE lendgate.support_request SET sealed = ''",
        "UPDATE lendgate.support_request SET due_on = '2099-01-01'",
        "DELETE FROM lendgate.support_request",
    ],
)
@pytest.mark.usefixtures("kept")
async def test_the_service_rewrites_nothing(database: Database, statement: str) -> None:
    """What was said and asked for stays as it was."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with database.tenant("tenant-a") as tx:
            await tx.connection.execute(statement)
