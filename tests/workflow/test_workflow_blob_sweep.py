"""Orphaned blobs: removed a day later, and nothing else is."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from lendgate.schema.requests import DocumentMetadata
from lendgate.store.blobs import Blobs, blob_key
from lendgate.store.data_keys import sealer_of
from lendgate.store.database import Database
from lendgate.store.shelves import BlobMissingError
from lendgate.workflow.blob_sweep import sweep_blobs
from lendgate.workflow.documents import declare, find, receive
from tests.support.edge_hand import principal
from tests.support.service import blobs, desk_on, now
from tests.workflow.conftest import AcceptOne

pytestmark = pytest.mark.anyio
CALLER = principal("acme", "broker-1")


async def parts(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def received(database: Database, kept: Blobs, application_id: UUID, content: bytes) -> str:
    """A document that was received; gives the name of its blob."""
    desk = desk_on(database)
    digest = hashlib.sha256(content)
    metadata = DocumentMetadata.model_validate(
        {
            "application_id": str(application_id),
            "declared_type": "pay_stub",
            "file_name": "stub.pdf",
            "media_type": "application/pdf",
            "size": len(content),
            "sha256": digest.hexdigest(),
        }
    )
    document = await find(desk, (await declare(desk, metadata, CALLER)).document_id, CALLER)
    await receive(desk, kept, document, "acme", parts(content))
    return blob_key("acme", "originals", digest.digest())


async def test_what_no_document_names_is_removed_a_day_later(
    database: Database, accept_one: AcceptOne
) -> None:
    """An upload whose receipt never came about; the day before, it might still be coming about."""
    kept = blobs()
    accepted = await accept_one()
    named = await received(database, kept, accepted.application.application_id, b"%PDF- kept")
    orphan = blob_key("acme", "originals", hashlib.sha256(b"lost").digest())
    async with database.tenant("acme") as tx:
        sealer = await sealer_of(tx)
    await kept.keep(orphan, parts(b"lost"), sealer)
    for hours, removed in ((23, 0), (25, 1)):
        later = desk_on(database, clock=lambda hours=hours: now() + timedelta(hours=hours))  # type: ignore[misc]  # a default binds the loop's value
        assert await sweep_blobs(later, kept) == removed
    assert await kept.open(named, sealer) == b"%PDF- kept"
    with pytest.raises(BlobMissingError):
        await kept.open(orphan, sealer)
