"""What the workflow's tests share: a desk on the module's database, and accepted applications."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from lendgate.schema import Principal
from lendgate.schema.requests import DocumentMetadata
from lendgate.store import data_keys
from lendgate.store.database import Database
from lendgate.store.documents import StoredDocument
from lendgate.workflow.accept import Accepted, accept_application
from lendgate.workflow.desk import Desk
from lendgate.workflow.documents import Announced, awaited, declare, receive
from lendgate.workflow.triage_job import TriageRoom
from lendgate.workflow.triage_process import TriageProcess
from tests.support.edge_hand import GOOD, metadata_of, principal
from tests.support.keys import MASTERS
from tests.support.service import blobs, desk_on, now
from tests.support.traces import Records
from tests.workflow.filing import Files, tenant_of
from tests.workflow.triaging import CALLER, NOON, Send, parts_of, sha256_of

AcceptOne = Callable[..., Awaitable[Accepted]]


@pytest.fixture
def desk(database: Database) -> Desk:
    """A desk with the packaged policy and the rules reviewer."""
    return desk_on(database)


@pytest.fixture
def accept_one(desk: Desk) -> AcceptOne:
    """Accepts an application of a tenant, as a broker sent it."""

    async def make(body: bytes = GOOD, tenant: str = "acme", received_at: datetime | None = None) -> Accepted:
        caller = principal(tenant, "broker-1")
        return await accept_application(desk, body, caller, metadata_of(caller, received_at or now()))

    return make


@pytest.fixture
async def records(superuser_url: str) -> AsyncIterator[Records]:
    """The module's tables, past their row-level security."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        yield Records(connection)


@pytest.fixture(scope="module")
async def process() -> AsyncIterator[TriageProcess]:
    """One process apart for all tests: starting it takes longest."""
    async with TriageProcess() as started:
        yield started


@pytest.fixture
def room(database: Database, process: TriageProcess) -> TriageRoom:
    """Triage on the day the printed documents are of."""
    return TriageRoom(desk_on(database, clock=lambda: NOON), blobs(), process)


@pytest.fixture
def send(room: TriageRoom, accept_one: AcceptOne) -> Send:
    """Sends a file for an application, a new one unless it is named."""

    async def make(
        content: bytes, application_id: UUID | None = None, caller: Principal = CALLER, **declared: str
    ) -> StoredDocument:
        if application_id is None:
            accepted = await accept_one(tenant=caller.tenant, received_at=NOON)
            application_id = accepted.application.application_id
        metadata = DocumentMetadata.model_validate(
            {
                "application_id": str(application_id),
                "declared_type": "pay_stub",
                "file_name": "stub of Jane Q. Canary.pdf",
                "media_type": "application/pdf",
                "size": len(content),
                "sha256": sha256_of(content).hex(),
                **declared,
            }
        )
        new = await declare(room.desk, metadata, caller)
        announced = Announced("application/pdf", len(content), sha256_of(content))
        document = await awaited(room.desk, new.document_id, announced, caller)
        await receive(room.desk, room.blobs, document, caller.tenant, parts_of(content))
        return document

    return make


@pytest.fixture
async def files(
    service_url: str, accept_one: AcceptOne, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Files]:
    """A tenant without documents yet, at the desk of a process that has just been started."""
    tenant = f"tenant-{uuid4().hex[:8]}"

    async def apply() -> UUID:
        return (await accept_one(tenant=tenant)).application.application_id

    monkeypatch.setattr(data_keys, "LEAD", timedelta(0))
    async with Database(service_url, size=4, masters=MASTERS) as opened:
        yield tenant_of(desk_on(opened), apply, tenant, blobs())
