"""Documents taken in: declared, received, told.

Law: what can be refused is refused before a byte is sent. The receipt, the job that reads the document and
the audit event are one transaction, after the sealed original is safely kept: what a sender is told was
received will be triaged. A name of a file is sealed, and is in no log and no event.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from lendgate.audit import Event, EventKind
from lendgate.errors import LendgateError, NotFoundError
from lendgate.schema import Principal
from lendgate.schema.documents import DocumentRecord, TriageResult
from lendgate.schema.requests import DocumentMetadata
from lendgate.store.audit_log import append_event
from lendgate.store.blobs import Blobs, blob_key
from lendgate.store.data_keys import sealer_of
from lendgate.store.database import Transaction
from lendgate.store.documents import (
    FileHeldError,
    NewDocument,
    StoredDocument,
    application_named,
    declare_document,
    document_holding,
    document_part_place,
    documents_of,
    load_document,
    receive_document,
)
from lendgate.store.jobs import NewJob
from lendgate.store.sealing import Sealer
from lendgate.workflow.desk import Desk

UPLOAD_WITHIN: Final = timedelta(hours=1)
"""How long after its metadata a document's bytes may come."""
MOST_DOCUMENTS: Final = 100
"""Documents of one application, as in ``schema.Application``."""


class HeldAlreadyError(LendgateError):
    """The application holds this very file already."""


class UploadOverError(LendgateError):
    """The time for a document's bytes is over: declare it again."""


class TooManyDocumentsError(LendgateError):
    """The application has as many documents as one may have."""


class OtherContentError(LendgateError):
    """The bytes that are announced are not those that were declared."""


@dataclass(frozen=True, slots=True)
class Announced:
    """What a request says of the bytes that it brings; ``sha256`` is under the edge's signature."""

    media_type: str
    size: int | None
    """None where they lie elsewhere: then the digest alone says it."""
    sha256: bytes


def triage_job(tenant: str, application_id: UUID) -> NewJob:
    """The job that triages what an application has received: all of it at once, never twice at a time."""
    return NewJob("documents", "triage", tenant, "application_id", str(application_id))


async def declare(desk: Desk, metadata: DocumentMetadata, principal: Principal) -> NewDocument:
    """Take a document's metadata; its bytes may come from now on.

    Raises:
        NotFoundError: the broker has no such application.
        HeldAlreadyError: it holds this file already.
        TooManyDocumentsError: it has as many as it may.
        StoreUnavailableError: nothing was stored.
    """
    async with desk.database.tenant(principal.tenant) as tx:
        application_id = await _application(tx, metadata.application_id, principal.broker_id)
        sha256 = bytes.fromhex(metadata.sha256)
        await _refuse_held(tx, application_id, sha256)
        if _counted(await documents_of(tx, application_id), desk.now()) >= MOST_DOCUMENTS:
            raise TooManyDocumentsError(f"An application has at most {MOST_DOCUMENTS} documents.")
        new = _declared(desk, metadata, principal.broker_id, application_id, await sealer_of(tx))
        await declare_document(tx, new)
        await append_event(tx, desk.audit_key, _event("document.declared", new, new.created_at))
    return new


async def awaited(
    desk: Desk, document_id: UUID, announced: Announced, principal: Principal
) -> StoredDocument:
    """The document whose bytes are announced; one that was received already needs them no more.

    Raises:
        NotFoundError: the broker has no such document.
        UploadOverError: they come too late.
        OtherContentError: they are not the ones that were declared.
    """
    document = await find(desk, document_id, principal)
    size = document.size if announced.size is None else announced.size
    if (announced.media_type, size, announced.sha256) != (
        document.media_type,
        document.size,
        document.sha256,
    ):
        raise OtherContentError("The content is not of the type, size and digest that were declared.")
    if document.status == "awaiting_content" and desk.now() >= document.expires_at:
        raise UploadOverError("The time to send this document is over; send its metadata again.")
    return document


async def receive(
    desk: Desk, blobs: Blobs, document: StoredDocument, tenant: str, parts: AsyncIterator[bytes]
) -> None:
    """Keep the bytes of an awaited document, and have it triaged.

    Raises:
        HeldAlreadyError: the application came to hold this file as another document meanwhile.
        ShelfUnavailableError, StoreUnavailableError: it was not received; send it again.
    """
    key = blob_key(tenant, "originals", document.sha256)
    async with desk.database.tenant(tenant) as tx:
        sealer = await sealer_of(tx)
    await blobs.keep(key, parts, sealer)
    at = desk.now()
    try:
        async with desk.database.tenant(tenant) as tx:
            job = triage_job(tenant, document.application_id)
            if await receive_document(tx, document.document_id, key, at, job):
                await append_event(tx, desk.audit_key, _event("document.received", document, at))
    except FileHeldError as cause:
        raise HeldAlreadyError("The application holds this file already.") from cause


async def find(desk: Desk, document_id: UUID, principal: Principal) -> StoredDocument:
    """A broker's own document.

    Raises:
        NotFoundError: there is none of that id.
    """
    async with desk.database.tenant(principal.tenant) as tx:
        document = await load_document(tx, document_id, principal.broker_id)
    if document is None:
        raise NotFoundError("There is no document of yours with that id.")
    return document


async def record_of(desk: Desk, document: StoredDocument, tenant: str) -> DocumentRecord:
    """A document as its sender may see it."""
    async with desk.database.tenant(tenant) as tx:
        return _record(document, await sealer_of(tx))


async def records_of(desk: Desk, named: str, principal: Principal) -> tuple[DocumentRecord, ...]:
    """The documents of a broker's application, as their sender may see them, oldest first.

    Raises:
        NotFoundError: the broker has no such application.
    """
    async with desk.database.tenant(principal.tenant) as tx:
        application_id = await _application(tx, named, principal.broker_id)
        sealer = await sealer_of(tx)
        return tuple(_record(document, sealer) for document in await documents_of(tx, application_id))


async def _application(tx: Transaction, named: str, broker_id: str) -> UUID:
    try:
        found = await application_named(tx, UUID(named), broker_id)
    except ValueError:
        found = None  # no id of ours
    if found is None:
        raise NotFoundError("There is no application of yours with that id.")
    return found


async def _refuse_held(tx: Transaction, application_id: UUID, sha256: bytes) -> None:
    held = await document_holding(tx, application_id, sha256)
    if held is not None:
        raise HeldAlreadyError(f"The application holds this file already, as document {held}.")


def _counted(documents: Sequence[StoredDocument], now: datetime) -> int:
    """How many there are or may yet come: one whose time is over counts for nothing."""
    return sum(one.status != "awaiting_content" or one.expires_at > now for one in documents)


def _declared(
    desk: Desk, metadata: DocumentMetadata, broker_id: str, application_id: UUID, sealer: Sealer
) -> NewDocument:
    document_id, at = desk.new_id(), desk.now()
    return NewDocument(
        document_id=document_id,
        application_id=application_id,
        broker_id=broker_id,
        filed_under=UUID(metadata.application_id),
        declared_type=metadata.declared_type,
        media_type=metadata.media_type,
        size=metadata.size,
        sha256=bytes.fromhex(metadata.sha256),
        file_name=sealer.seal(metadata.file_name.encode(), document_part_place("file_name", document_id)),
        created_at=at,
        expires_at=at + UPLOAD_WITHIN,
    )


def _record(document: StoredDocument, sealer: Sealer) -> DocumentRecord:
    return DocumentRecord(
        document_id=str(document.document_id),
        application_id=str(document.filed_under),
        declared_type=document.declared_type,
        file_name=sealer.open(
            document.file_name, document_part_place("file_name", document.document_id)
        ).decode(),
        media_type=document.media_type,
        size=document.size,
        sha256=document.sha256.hex(),
        status=document.status,
        created_at=document.created_at,
        received_at=document.received_at,
        triage=TriageResult.model_validate_json(document.triage) if document.triage else None,
    )


def _event(kind: EventKind, document: NewDocument, at: datetime) -> Event:
    return Event(
        kind=kind,
        subject=str(document.document_id),
        actor=f"broker:{document.broker_id}",
        at=at,
        data={
            "application_id": str(document.application_id),
            "declared_type": document.declared_type,
            "sha256": document.sha256.hex(),
            "size": document.size,
        },
    )
