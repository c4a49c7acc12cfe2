"""Inspections, doubts and verdicts in the store: versions, what is only ever added, and whom they go with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from lendgate.audit import AuditKey, Event
from lendgate.review.refusals import StaleError
from lendgate.schema import Review
from lendgate.store import inspections, reviews
from lendgate.store.applications import StoredApplication
from lendgate.store.audit_log import append_event
from lendgate.store.database import Database, Transaction, UnauditedChangeError
from lendgate.store.documents import (
    NewDocument,
    Triaged,
    complete_triage,
    declare_document,
    load_document,
    receive_document,
)
from lendgate.store.inspections import StoredVerdict
from lendgate.workflow.documents import triage_job

pytestmark = pytest.mark.anyio
TENANT = "tenant-i"
TOLD = '{"route":"accept"}'
DELETE = """
    SET lendgate.tenant = 'tenant-i'; {switch} DELETE FROM lendgate.document WHERE document_id = '{id}'
"""


class Waiting:
    """A document that waits for a person, and those who change it."""

    def __init__(self, database: Database, key: AuditKey, at: datetime, application_id: UUID) -> None:
        self.database, self.key, self.at = database, key, at
        self.application_id, self.document_id = application_id, uuid4()

    async def audited(self, tx: Transaction) -> None:
        event = Event("document.judged", str(self.document_id), "underwriter:ada", self.at)
        await append_event(tx, self.key, event)

    async def begin(self) -> None:
        """Declared, received, triaged, put before a person."""
        new = NewDocument(
            document_id=self.document_id,
            application_id=self.application_id,
            broker_id="broker-1",
            filed_under=self.application_id,
            declared_type="pay_stub",
            media_type="application/pdf",
            size=1,
            sha256=uuid4().bytes * 2,
            file_name=b"sealed",
            created_at=self.at,
            expires_at=self.at + timedelta(hours=1),
        )
        async with self.database.tenant(TENANT) as tx:
            await declare_document(tx, new)
            job = triage_job(TENANT, self.application_id)
            await receive_document(tx, self.document_id, "blob", self.at, job)
            triaged = Triaged("human_review", '{"route":"human_review"}', b"sealed")
            await complete_triage(tx, self.document_id, triaged, self.at)
            await self.audited(tx)

    async def save(self, version: int, told: str = TOLD) -> None:
        async with self.database.tenant(TENANT) as tx:
            await inspections.save_inspection(tx, self.document_id, version, "settled", told)
            await self.audited(tx)

    async def judge(self, number: int = 1) -> StoredVerdict:
        verdict = StoredVerdict(uuid4(), self.document_id, number, "accept", b"sealed", self.at)
        async with self.database.tenant(TENANT) as tx:
            await inspections.insert_verdict(tx, verdict)
            await inspections.add_doubt(tx, self.document_id, number, b"sealed", self.at)
            await self.audited(tx)
        return verdict


@pytest.fixture
async def waiting(
    database: Database,
    new_case: Callable[..., tuple[StoredApplication, Review]],
    audit_key: AuditKey,
    accepted: Callable[[Review], Event],
    at: datetime,
) -> Waiting:
    """A document of a new application."""
    application, review = new_case()
    async with database.tenant(TENANT) as tx:
        await reviews.accept(tx, application, review)
        await append_event(tx, audit_key, accepted(review))
    one = Waiting(database, audit_key, at, application.application_id)
    await one.begin()
    return one


@pytest.fixture
async def administrator(superuser_url: str) -> AsyncIterator[psycopg.Connection[tuple[object, ...]]]:
    """Somebody whom no grant stops."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        yield connection


async def test_of_two_changes_of_one_version_one_is_kept(waiting: Waiting) -> None:
    """The other is stale, and nothing of it is there."""
    ended = await asyncio.gather(waiting.save(1), waiting.save(1), return_exceptions=True)
    assert [type(one) for one in ended if one is not None] == [StaleError]
    async with waiting.database.tenant(TENANT) as tx:
        found = await inspections.load_inspection(tx, waiting.document_id)
    assert found is not None
    assert (found.version, found.state) == (2, "settled")


async def test_no_change_is_kept_without_its_audit_event(waiting: Waiting) -> None:
    """Neither a version nor a verdict nor another reason."""
    verdict = StoredVerdict(uuid4(), waiting.document_id, 1, "accept", b"sealed", waiting.at)
    changes: list[Callable[[Transaction], object]] = [
        lambda tx: inspections.save_inspection(tx, waiting.document_id, 1, "settled", TOLD),
        lambda tx: inspections.insert_verdict(tx, verdict),
        lambda tx: inspections.open_inspection(tx, waiting.document_id, waiting.at),
        lambda tx: inspections.add_doubt(tx, waiting.document_id, 1, b"sealed", waiting.at),
    ]
    for change in changes:
        with pytest.raises(UnauditedChangeError):
            async with waiting.database.tenant(TENANT) as tx:
                await change(tx)  # type: ignore[misc]  # each is a coroutine


async def test_a_file_that_is_doubted_waits_from_then_on(waiting: Waiting) -> None:
    """One that waited already keeps its place in the queue; each doubt is another version."""
    later = waiting.at + timedelta(days=3)
    for settled, since in ((False, waiting.at), (True, later)):
        async with waiting.database.tenant(TENANT) as tx:
            found = await inspections.load_inspection(tx, waiting.document_id)
        assert found is not None
        if settled:
            await waiting.save(found.version)
        async with waiting.database.tenant(TENANT) as tx:
            await inspections.open_inspection(tx, waiting.document_id, later)
            await waiting.audited(tx)
            after = await inspections.load_inspection(tx, waiting.document_id)
        assert after is not None
        assert (after.state, after.waiting_since) == ("open", since)
        assert after.version == found.version + 1 + settled


async def test_its_sender_sees_what_was_told_last(waiting: Waiting) -> None:
    """The triage stays as it was; what a verdict says lies over it."""
    async with waiting.database.tenant(TENANT) as tx:
        before = await load_document(tx, waiting.document_id, "broker-1")
    await waiting.save(1)
    async with waiting.database.tenant(TENANT) as tx:
        after = await load_document(tx, waiting.document_id, "broker-1")
        kept = await (
            await tx.connection.execute(
                "SELECT triage::text FROM lendgate.document WHERE document_id = %s", (waiting.document_id,)
            )
        ).fetchone()
    assert before is not None
    assert after is not None
    assert (before.triage, after.triage) == ('{"route":"human_review"}', TOLD)
    assert kept == ('{"route":"human_review"}',)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE lendgate.document_verdict SET action = 'return'",
        "UPDATE lendgate.document_verdict SET body = ''",
        "DELETE FROM lendgate.document_verdict",
        "TRUNCATE lendgate.document_verdict",
        "UPDATE lendgate.document_doubt SET reasons = ''",
        "DELETE FROM lendgate.document_doubt",
        "TRUNCATE lendgate.document_doubt",
        "SET lendgate.sealing_anew = on; UPDATE lendgate.document_verdict SET at = now()",
    ],
)
async def test_what_was_said_is_only_ever_added(
    statement: str, waiting: Waiting, administrator: psycopg.Connection[tuple[object, ...]]
) -> None:
    """Not even the database's owner changes or takes back a verdict, or a reason that a triage added."""
    await waiting.judge()
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="refused"), administrator.transaction():
        administrator.execute(statement.encode())


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM lendgate.inspection",
        "DELETE FROM lendgate.document_verdict",
        "UPDATE lendgate.inspection SET document_id = document_id",
        "UPDATE lendgate.document_verdict SET at = at",
    ],
)
async def test_the_service_may_no_more_than_it_needs(statement: str, waiting: Waiting) -> None:
    """No deleting, and no changing of what a row is."""
    await waiting.judge()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with waiting.database.tenant(TENANT) as tx:
            await tx.connection.execute(statement.encode())


async def test_a_verdict_counts_once(waiting: Waiting) -> None:
    """The same number of a file's verdicts is not given twice."""
    await waiting.judge(1)
    with pytest.raises(psycopg.errors.UniqueViolation):
        await waiting.judge(1)


async def test_everything_goes_with_an_erased_document(
    waiting: Waiting, administrator: psycopg.Connection[tuple[object, ...]]
) -> None:
    """By the erasure, which says that it is one, and in no other way."""
    await waiting.judge()
    without = DELETE.format(switch="", id=waiting.document_id)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), administrator.transaction():
        administrator.execute(without.encode())
    erasing = DELETE.format(switch="SET lendgate.sealing_anew = on;", id=waiting.document_id)
    administrator.execute(erasing.encode())
    for table in ("inspection", "document_doubt", "document_verdict"):
        left = administrator.execute(
            f"SELECT count(*) FROM lendgate.{table} WHERE document_id = %s".encode(), (waiting.document_id,)
        ).fetchone()
        assert left == (0,)
