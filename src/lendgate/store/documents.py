"""Documents: declared, received, and triaged once.

Law: awaiting_content -> received -> triaged, and a triaged document never changes again. Each change is one
statement that also locks the head of the audit trail, and its transaction commits only after
``audit_log.append_event``. ``triage`` is the sender's view (``schema.TriageResult``); ``findings`` is sealed
and is for people of the lender. What they say of it lies beside it (``inspections``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg import AsyncCursor
from psycopg.errors import UniqueViolation
from psycopg.rows import class_row

from lendgate.schema.documents import DocumentRoute, DocumentStatus
from lendgate.schema.enums import DocumentType
from lendgate.schema.requests import DocumentMediaType
from lendgate.store.audit_log import head_of
from lendgate.store.database import Transaction
from lendgate.store.jobs import NewJob, put
from lendgate.store.sealing import place

_DECLARE: Final = """
    WITH changed AS (
        INSERT INTO lendgate.document (
            document_id, application_id, broker_id, filed_under, declared_type, media_type, size, sha256,
            file_name, status, created_at, expires_at
        ) VALUES (
            %(document_id)s, %(application_id)s, %(broker_id)s, %(filed_under)s, %(declared_type)s,
            %(media_type)s, %(size)s, %(sha256)s, %(file_name)s, 'awaiting_content', %(at)s, %(expires_at)s
        ) RETURNING document_id
    )
    SELECT changed, seq, mac FROM lendgate.lock_audit_head((SELECT count(*) FROM changed))
"""
_CHANGE: Final = """
    WITH changed AS (
        UPDATE lendgate.document SET {columns} WHERE document_id = %(document_id)s AND status = {before}
        RETURNING document_id
    )
    SELECT changed, seq, mac FROM lendgate.lock_audit_head((SELECT count(*) FROM changed))
"""
_RECEIVE: Final = _CHANGE.format(
    columns="status = 'received', blob = %(blob)s, received_at = %(at)s", before="'awaiting_content'"
)
_TRIAGE: Final = _CHANGE.format(
    columns="status = 'triaged', route = %(route)s, triage = %(triage)s::json, findings = %(findings)s, "
    "triaged_at = %(at)s",
    before="'received'",
)
_SELECT: Final = """
    SELECT document_id, application_id, broker_id, filed_under, declared_type, media_type, size, sha256,
           file_name, status, blob, created_at, expires_at, received_at,
           coalesce((
               SELECT told FROM lendgate.inspection i
               WHERE i.tenant = document.tenant AND i.document_id = document.document_id
           ), triage)::text AS triage
    FROM lendgate.document
"""
_LOAD: Final = _SELECT + "WHERE document_id = %s AND broker_id = %s"
_OF_APPLICATION: Final = _SELECT + "WHERE application_id = %s ORDER BY created_at, document_id"
_HOLDING: Final = """
    SELECT document_id FROM lendgate.document
    WHERE application_id = %s AND sha256 = %s AND status <> 'awaiting_content'
"""
_APPLICATION: Final = """
    SELECT application_id FROM lendgate.application
    WHERE application_id = %(id)s AND broker_id = %(broker)s AND erased_at IS NULL
    UNION ALL
    SELECT application_id FROM lendgate.review
    WHERE review_id = %(id)s AND broker_id = %(broker)s AND erased_at IS NULL
    LIMIT 1
"""
_FINDINGS: Final = """
    SELECT document_id, findings FROM lendgate.document WHERE application_id = %s AND findings IS NOT NULL
"""
_BLOBS_AFTER: Final = """
    SELECT document_id, blob FROM lendgate.document WHERE blob IS NOT NULL AND document_id > %s
    ORDER BY document_id LIMIT %s
"""
_BLOBS: Final = "SELECT DISTINCT blob FROM lendgate.document WHERE blob IS NOT NULL"


class FileHeldError(Exception):
    """The application holds this very file already, as another document."""


@dataclass(frozen=True, slots=True)
class NewDocument:
    """What is declared of a document; ``filed_under`` is the id its sender gave for the application.

    ``sha256`` is of the original, ``file_name`` is sealed; UTC.
    """

    document_id: UUID
    application_id: UUID
    broker_id: str
    filed_under: UUID
    declared_type: DocumentType
    media_type: DocumentMediaType
    size: int
    sha256: bytes
    file_name: bytes
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class StoredDocument(NewDocument):
    """A document as it stands; ``triage`` is the JSON text of the ``schema.TriageResult`` that its sender may
    see by now.
    """

    status: DocumentStatus
    blob: str | None
    triage: str | None
    received_at: datetime | None


@dataclass(frozen=True, slots=True)
class Triaged:
    """What a triage came to: the public result as JSON, and everything, sealed."""

    route: DocumentRoute
    triage: str
    findings: bytes


def document_part_place(column: str, document_id: UUID) -> bytes:
    """Where a document's ``file_name`` or ``findings`` is sealed."""
    return place("document", column, document_id)


async def declare_document(tx: Transaction, new: NewDocument) -> None:
    """Store what is declared of a document; its bytes may come until ``expires_at``."""
    values = {
        "application_id": new.application_id,
        "broker_id": new.broker_id,
        "filed_under": new.filed_under,
        "declared_type": new.declared_type,
        "media_type": new.media_type,
        "size": new.size,
        "sha256": new.sha256,
        "file_name": new.file_name,
        "at": new.created_at,
        "expires_at": new.expires_at,
    }
    await _change(tx, _DECLARE, new.document_id, values)


async def receive_document(tx: Transaction, document_id: UUID, blob: str, at: datetime, job: NewJob) -> bool:
    """Awaiting_content -> received, with the job that reads it. False: it had been received.

    Raises:
        FileHeldError: the application holds the same file; the transaction can only be given up.
    """
    try:
        received = await _change(tx, _RECEIVE, document_id, {"blob": blob, "at": at})
    except UniqueViolation as cause:
        raise FileHeldError from cause
    if received:
        await put(tx, job)
    return received


async def complete_triage(tx: Transaction, document_id: UUID, triaged: Triaged, at: datetime) -> bool:
    """Received -> triaged; what is left to a person waits in the queue from then on (``inspections``).

    False: it had been triaged, and nothing changed.
    """
    values = {
        "route": triaged.route,
        "triage": triaged.triage,
        "findings": triaged.findings,
        "at": at,
    }
    return await _change(tx, _TRIAGE, document_id, values)


async def load_document(tx: Transaction, document_id: UUID, broker_id: str) -> StoredDocument | None:
    """The broker's own document of that id; another broker's is None, like one that does not exist."""
    return await (await _documents(tx).execute(_LOAD, (document_id, broker_id))).fetchone()


async def documents_of(tx: Transaction, application_id: UUID) -> list[StoredDocument]:
    """An application's documents, oldest first."""
    return await (await _documents(tx).execute(_OF_APPLICATION, (application_id,))).fetchall()


async def findings_of(tx: Transaction, application_id: UUID) -> dict[UUID, bytes]:
    """What was found in each of an application's documents that were triaged, sealed."""
    return dict(await (await tx.connection.execute(_FINDINGS, (application_id,))).fetchall())


async def document_holding(tx: Transaction, application_id: UUID, sha256: bytes) -> UUID | None:
    """The document as which the application holds this very file."""
    row = await (await tx.connection.execute(_HOLDING, (application_id, sha256))).fetchone()
    return row[0] if row else None


async def application_named(tx: Transaction, id_: UUID, broker_id: str) -> UUID | None:
    """The broker's application that an id names, its own or a review's; one that was erased is none."""
    row = await (await tx.connection.execute(_APPLICATION, {"id": id_, "broker": broker_id})).fetchone()
    return row[0] if row else None


async def blobs_named(tx: Transaction) -> set[str]:
    """Every blob that a document of the tenant names."""
    rows = await (await tx.connection.execute(_BLOBS)).fetchall()
    return {blob for (blob,) in rows}


async def blobs_after(tx: Transaction, last_id: UUID, limit: int) -> list[tuple[UUID, str]]:
    """The next documents in the order of their ids, and the blob that each names."""
    return [
        (document_id, blob)
        for document_id, blob in await (
            await tx.connection.execute(_BLOBS_AFTER, (last_id, limit))
        ).fetchall()
    ]


def _documents(tx: Transaction) -> AsyncCursor[StoredDocument]:
    return tx.connection.cursor(row_factory=class_row(StoredDocument))


async def _change(tx: Transaction, statement: str, document_id: UUID, values: Mapping[str, object]) -> bool:
    cursor = await tx.connection.execute(statement, {"document_id": document_id, **values})
    row = await cursor.fetchone()
    tx.head = tx.head or head_of(tx, row)
    if row is None or row[0] == 0:
        return False
    tx.unaudited = f"document {document_id} changed"
    return True
