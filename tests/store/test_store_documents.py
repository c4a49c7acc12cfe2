"""Documents in the store: declared, received with their job, triaged once, and known again."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from lendgate.audit import AuditKey, Event
from lendgate.schema import Review
from lendgate.store import data_keys, document_evidence, document_pages, documents, jobs, reviews
from lendgate.store.applications import StoredApplication
from lendgate.store.audit_log import append_event
from lendgate.store.data_keys import sealer_of
from lendgate.store.database import Database, Transaction, UnauditedChangeError
from lendgate.store.document_evidence import StoredEvidence
from lendgate.store.document_pages import KeptPage
from lendgate.store.documents import FileHeldError, NewDocument, StoredDocument, Triaged
from lendgate.store.jobs import NewJob
from lendgate.store.resealing import seal_anew
from lendgate.store.sealed_columns import COLUMNS
from lendgate.store.sealing import Sealer
from tests.support.keys import MASTERS

pytestmark = pytest.mark.anyio
TENANT = "tenant-a"
TRIAGED = Triaged("accept", '{"route":"accept"}', b"sealed")
Filed = tuple[StoredApplication, Review]
Declare = Callable[..., Awaitable[NewDocument]]


@pytest.fixture
def audit(audit_key: AuditKey, at: datetime) -> Callable[[Transaction, str], Awaitable[object]]:
    """Appends the event that a change needs."""

    def append(tx: Transaction, subject: str) -> Awaitable[object]:
        return append_event(tx, audit_key, Event("document.declared", subject, "broker:broker-1", at))

    return append


@pytest.fixture
async def filed(
    database: Database,
    new_case: Callable[..., Filed],
    audit_key: AuditKey,
    accepted: Callable[[Review], Event],
) -> Filed:
    """An application of the tenant and its review."""
    application, review = new_case()
    async with database.tenant(TENANT) as tx:
        await reviews.accept(tx, application, review)
        await append_event(tx, audit_key, accepted(review))
    return application, review


@pytest.fixture
def declare(database: Database, filed: Filed, audit: Any, at: datetime) -> Declare:
    """Declares a document of the application."""

    async def make(content: bytes = b"%PDF-", application_id: UUID | None = None) -> NewDocument:
        new = NewDocument(
            document_id=uuid4(),
            application_id=application_id or filed[0].application_id,
            broker_id="broker-1",
            filed_under=UUID(filed[1].review_id),
            declared_type="pay_stub",
            media_type="application/pdf",
            size=len(content),
            sha256=hashlib.sha256(content).digest(),
            file_name=b"sealed name",
            created_at=at,
            expires_at=at + timedelta(hours=1),
        )
        async with database.tenant(TENANT) as tx:
            await documents.declare_document(tx, new)
            await audit(tx, str(new.document_id))
        return new

    return make


def job_of(document: NewDocument) -> NewJob:
    return NewJob("interactive", "triage", TENANT, "document_id", str(document.document_id))


async def receive(database: Database, audit: Any, document: NewDocument, at: datetime) -> bool:
    async with database.tenant(TENANT) as tx:
        held = await documents.receive_document(tx, document.document_id, "ab/cd", at, job_of(document))
        if held:
            await audit(tx, str(document.document_id))
    return held


async def stored(database: Database, document_id: UUID) -> StoredDocument:
    async with database.tenant(TENANT) as tx:
        found = await documents.load_document(tx, document_id, "broker-1")
    assert found is not None
    return found


async def test_a_declared_document_is_there_as_it_was_declared(
    database: Database, declare: Declare, filed: Filed
) -> None:
    """Every member comes back, and nothing was received."""
    new = await declare()
    found = await stored(database, new.document_id)
    assert found == StoredDocument(
        **{name: getattr(new, name) for name in NewDocument.__slots__},
        status="awaiting_content",
        blob=None,
        triage=None,
        received_at=None,
    )


async def test_what_is_received_has_its_job_in_the_same_transaction(
    database: Database, declare: Declare, audit: Any, at: datetime
) -> None:
    """The job names the document; a second receipt changes nothing and puts no second job in."""
    new = await declare(b"job")
    assert await receive(database, audit, new, at)
    assert not await receive(database, audit, new, at)
    worker = await jobs.register_worker(database)
    job = await jobs.fetch(database, worker)
    assert job is not None
    assert (job.task, job.arguments) == (
        "triage",
        {"tenant": TENANT, "document_id": str(new.document_id)},
    )
    await jobs.finish(database, worker, job.id)
    assert await jobs.fetch(database, worker) is None


async def test_a_receipt_without_its_audit_event_is_rolled_back(
    database: Database, declare: Declare, at: datetime
) -> None:
    """Invariant e: neither the state nor the job is kept."""
    new = await declare(b"unaudited")
    with pytest.raises(UnauditedChangeError):
        async with database.tenant(TENANT) as tx:
            await documents.receive_document(tx, new.document_id, "ab/cd", at, job_of(new))
    assert (await stored(database, new.document_id)).status == "awaiting_content"


async def test_an_application_holds_a_file_once(
    database: Database, declare: Declare, audit: Any, filed: Filed, at: datetime
) -> None:
    """Declaring it twice is nothing; receiving it twice is refused by the database itself."""
    first, second = await declare(b"twice"), await declare(b"twice")
    assert await receive(database, audit, first, at)
    with pytest.raises(FileHeldError):
        await receive(database, audit, second, at)
    async with database.tenant(TENANT) as tx:
        holding = await documents.document_holding(tx, filed[0].application_id, first.sha256)
    assert holding == first.document_id


async def test_a_triage_is_kept_once(database: Database, declare: Declare, audit: Any, at: datetime) -> None:
    """Whoever comes second finds it done; the first result stands."""
    new = await declare(b"triage once")
    await receive(database, audit, new, at)
    for triaged, kept in ((TRIAGED, True), (replace(TRIAGED, route="human_review"), False)):
        async with database.tenant(TENANT) as tx:
            assert await documents.complete_triage(tx, new.document_id, triaged, at) is kept
            await audit(tx, str(new.document_id))
    found = await stored(database, new.document_id)
    assert (found.status, found.triage) == ("triaged", TRIAGED.triage)


async def test_a_job_ends_with_the_transaction_that_ends_its_work(
    database: Database, declare: Declare, audit: Any, at: datetime
) -> None:
    """Of the worker that holds it, and of no other."""
    new = await declare(b"ends")
    await receive(database, audit, new, at)
    worker = await jobs.register_worker(database)
    while (job := await jobs.fetch(database, worker)) and job.lock != job_of(new).lock:
        pass
    for holder, ended in ((worker + 1, False), (worker, True)):
        async with database.tenant(TENANT) as tx:
            await jobs.end(tx, job_of(new), holder)
        async with database.connection() as connection:
            tended = await jobs.tend(connection, worker, timedelta(minutes=1), 20)
        assert (job_of(new).lock not in tended.held.values()) is ended


async def test_a_triaged_document_never_changes(
    database: Database, declare: Declare, audit: Any, at: datetime
) -> None:
    """The database refuses it, whoever asks; only what is sealed may be sealed anew."""
    new = await declare(b"final")
    await receive(database, audit, new, at)
    async with database.tenant(TENANT) as tx:
        await documents.complete_triage(tx, new.document_id, TRIAGED, at)
        await audit(tx, str(new.document_id))
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="triaged never changes"):
        async with database.tenant(TENANT) as tx:
            await tx.connection.execute(
                "UPDATE lendgate.document SET route = 'accept' WHERE document_id = %s", (new.document_id,)
            )
    async with database.tenant(TENANT) as tx:
        await tx.connection.execute(
            "UPDATE lendgate.document SET findings = 'anew' WHERE document_id = %s", (new.document_id,)
        )


async def test_an_id_names_its_application_or_that_of_a_review(database: Database, filed: Filed) -> None:
    """A broker knows the review; what is another broker's names nothing."""
    application, review = filed
    async with database.tenant(TENANT) as tx:
        for given in (application.application_id, UUID(review.review_id)):
            named = await documents.application_named(tx, given, "broker-1")
            assert named == application.application_id
            assert await documents.application_named(tx, given, "broker-2") is None
        assert await documents.application_named(tx, uuid4(), "broker-1") is None


async def test_the_same_file_is_found_across_applications(
    database: Database, declare: Declare, audit: Any, at: datetime
) -> None:
    """Once received; what was only declared is no file."""
    first = await declare(b"the same")
    async with database.tenant(TENANT) as tx:
        assert await document_pages.same_file(tx, first.sha256, uuid4()) is None
    await receive(database, audit, first, at)
    async with database.tenant(TENANT) as tx:
        assert await document_pages.same_file(tx, first.sha256, uuid4()) == first.document_id
        assert await document_pages.same_file(tx, first.sha256, first.application_id) is None


@pytest.mark.parametrize(("shared", "found"), [(4, False), (5, True), (8, True)])
async def test_pages_that_share_enough_numbers_are_found(
    database: Database,
    declare: Declare,
    shared: int,
    found: bool,  # noqa: FBT001 - a column
) -> None:
    """From five shared numbers on, with all the numbers of the page that was kept."""
    new = await declare(uuid4().bytes)
    numbers = [hashlib.sha256(uuid4().bytes).digest() for _ in range(8)]
    page = KeptPage(new.document_id, 1, b"f" * 32, numbers)
    async with database.tenant(TENANT) as tx:
        await document_pages.keep_pages(tx, [page])
        like = await document_pages.pages_like(tx, numbers[:shared], uuid4())
        assert await document_pages.pages_like(tx, numbers, new.application_id) == []
    assert [(one.document_id, one.page, sorted(one.numbers)) for one in like] == (
        [(new.document_id, 1, sorted(numbers))] if found else []
    )


async def test_evidence_is_added_to_and_the_latest_counts(
    database: Database, filed: Filed, at: datetime
) -> None:
    """A revision is written once; what came before stays as it was."""
    application_id = filed[0].application_id
    async with database.tenant(TENANT) as tx:
        assert await document_evidence.latest_evidence(tx, application_id) is None
        for revision in (1, 2):
            await document_evidence.add_evidence(tx, application_id, revision, b"%d" % revision, at)
        assert await document_evidence.latest_evidence(tx, application_id) == StoredEvidence(2, b"2")
    with pytest.raises(psycopg.errors.UniqueViolation):
        async with database.tenant(TENANT) as tx:
            await document_evidence.add_evidence(tx, application_id, 2, b"other", at)


@pytest.mark.parametrize("table", ["document", "document_evidence", "document_page", "document_number"])
async def test_another_tenant_sees_no_document(
    database: Database, declare: Declare, audit: Any, at: datetime, table: str
) -> None:
    """Not by its id, not by its file, not by its pages."""
    new = await declare(uuid4().bytes)
    await receive(database, audit, new, at)
    numbers = [hashlib.sha256(uuid4().bytes).digest() for _ in range(8)]
    async with database.tenant(TENANT) as tx:
        await document_pages.keep_pages(tx, [KeptPage(new.document_id, 1, b"f" * 32, numbers)])
        await document_evidence.add_evidence(tx, new.application_id, 1, b"sealed", at)
    count = sql.SQL("SELECT count(*) FROM lendgate.{}").format(sql.Identifier(table))
    async with database.tenant("tenant-b") as tx:
        assert await (await tx.connection.execute(count)).fetchone() == (0,)
        assert await documents.load_document(tx, new.document_id, "broker-1") is None
        assert await documents.documents_of(tx, new.application_id) == []
        assert await document_evidence.latest_evidence(tx, new.application_id) is None
        assert await documents.blobs_named(tx) == set()
        assert await documents.application_named(tx, new.application_id, "broker-1") is None
        assert await document_pages.same_file(tx, new.sha256, uuid4()) is None
        assert await document_pages.pages_like(tx, numbers, uuid4()) == []


async def test_what_is_sealed_of_a_document_is_sealed_anew(
    service_url: str,
    new_case: Callable[..., Filed],
    audit_key: AuditKey,
    at: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its name, under the next data key; the place it opens in stays the same."""
    tenant = f"tenant-{uuid4().hex}"
    (name,) = (column for column in COLUMNS if column.name == "document.file_name")
    async with Database(service_url, size=1, masters=MASTERS) as own:
        application, review = new_case()
        async with own.tenant(tenant) as tx:
            await reviews.accept(tx, application, review)
            await append_event(tx, audit_key, Event("document.declared", review.review_id, "x", at))
        document_id, sealed_in = uuid4(), (await _sealer(own, tenant))
        where = documents.document_part_place("file_name", document_id)
        new = NewDocument(
            document_id, application.application_id, "broker-1", application.application_id, "w2",
            "application/pdf", 1, b"0" * 32, sealed_in.seal(b"w2.pdf", where), at, at,
        )  # fmt: skip
        async with own.tenant(tenant) as tx:
            await documents.declare_document(tx, new)
            await append_event(tx, audit_key, Event("document.declared", str(document_id), "x", at))
        monkeypatch.setattr(data_keys, "LEAD", timedelta(0))
        async with own.tenant(tenant) as tx:
            await data_keys.make_next_key(tx, "records")
    async with Database(service_url, size=1, masters=MASTERS) as own:
        async with own.tenant(tenant) as tx:
            await seal_anew(tx, name, timedelta(0))
        async with own.tenant(tenant) as tx:
            found = await documents.load_document(tx, document_id, "broker-1")
            assert found is not None
            sealer = await sealer_of(tx)
    assert sealer.current != sealed_in.current
    assert sealer.is_current(found.file_name)
    assert sealer.open(found.file_name, where) == b"w2.pdf"


async def _sealer(database: Database, tenant: str) -> Sealer:
    async with database.tenant(tenant) as tx:
        return await sealer_of(tx)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE lendgate.document SET sha256 = ''",
        "UPDATE lendgate.document SET broker_id = 'x'",
        "DELETE FROM lendgate.document",
        "UPDATE lendgate.document_page SET page = 1",
        "DELETE FROM lendgate.document_number",
    ],
)
async def test_the_service_may_not(database: Database, statement: str) -> None:
    """What a document is, and what it is known by, is only ever added."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
        async with database.tenant(TENANT) as tx:
            await tx.connection.execute(statement.encode())
