"""Files that wait for a person, what later triages add to their findings, and verdicts on what is in them.

Law: an inspection changes one version at a time, and of two changes of one version the database takes one.
Doubts and verdicts are sealed and only ever added. Whoever changes what the documents of an application come
to locks the application first (``lock_application``), before referrals and the head of the audit trail: so
each sees all that the others said. Each change commits only with its audit event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg.rows import class_row

from lendgate.review.refusals import StaleError
from lendgate.schema.enums import DocumentType
from lendgate.schema.inspection import InspectionState
from lendgate.store.database import Transaction
from lendgate.store.sealing import place

_LOCK: Final = """
    SELECT FROM lendgate.application WHERE application_id = %s AND erased_at IS NULL FOR NO KEY UPDATE
"""
_OPEN: Final = """
    INSERT INTO lendgate.inspection (document_id, application_id, state, version, waiting_since)
    SELECT document_id, application_id, 'open', 1, %(at)s FROM lendgate.document WHERE document_id = %(id)s
    ON CONFLICT (tenant, document_id) DO UPDATE
        SET version = inspection.version + 1, state = 'open',
            waiting_since = CASE inspection.state
                WHEN 'open' THEN inspection.waiting_since ELSE excluded.waiting_since END
"""
_SAVE: Final = """
    UPDATE lendgate.inspection SET state = %(state)s, version = version + 1, told = %(told)s::json
    WHERE document_id = %(id)s AND version = %(version)s
"""
_SELECT: Final = """
    SELECT i.document_id, i.application_id, d.broker_id, d.declared_type, i.state, i.version, i.waiting_since
    FROM lendgate.inspection i JOIN lendgate.document d USING (tenant, document_id)
"""
_ONE: Final = _SELECT + "WHERE i.document_id = %s"
_QUEUE: Final = (
    _SELECT
    + """
    WHERE i.state = 'open' AND (i.waiting_since, i.document_id) > (%s, %s)
    ORDER BY i.waiting_since, i.document_id LIMIT %s
"""
)
_DOUBT: Final = """
    INSERT INTO lendgate.document_doubt (document_id, revision, reasons, at) VALUES (%s, %s, %s, %s)
"""
_DOUBTS: Final = """
    SELECT document_id, revision, reasons
    FROM lendgate.document_doubt JOIN lendgate.document USING (tenant, document_id)
    WHERE application_id = %s ORDER BY document_id, revision
"""
_VERDICT: Final = """
    INSERT INTO lendgate.document_verdict (verdict_id, document_id, number, action, body, at)
    VALUES (%(verdict_id)s, %(document_id)s, %(number)s, %(action)s, %(body)s, %(at)s)
"""
_VERDICTS: Final = """
    SELECT verdict_id, document_id, number, action, body, at
    FROM lendgate.document_verdict JOIN lendgate.document USING (tenant, document_id)
    WHERE application_id = %s ORDER BY document_id, number
"""


@dataclass(frozen=True, slots=True)
class StoredInspection:
    """A file that waits, or waited, for a person, and how far that has come (UTC)."""

    document_id: UUID
    application_id: UUID
    broker_id: str
    declared_type: DocumentType
    state: InspectionState
    version: int
    waiting_since: datetime


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """One verdict; ``body`` is sealed."""

    verdict_id: UUID
    document_id: UUID
    number: int
    action: str
    body: bytes
    at: datetime


def doubt_place(document_id: UUID, revision: int | str) -> bytes:
    """Where reasons that a later triage added are sealed."""
    return place("document_doubt", "reasons", f"{document_id}#{revision}")


def verdict_place(verdict_id: UUID) -> bytes:
    """Where a verdict is sealed."""
    return place("document_verdict", "body", verdict_id)


async def lock_application(tx: Transaction, application_id: UUID) -> bool:
    """Let nobody else change what its documents come to until this transaction ends. False: it is erased."""
    return (await tx.connection.execute(_LOCK, (application_id,))).rowcount == 1


async def open_inspection(tx: Transaction, document_id: UUID, at: datetime) -> None:
    """Put a file before a person that triage did not, or not any more; what waits has another version."""
    await tx.connection.execute(_OPEN, {"id": document_id, "at": at})
    tx.unaudited = f"document {document_id} waits for a person"


async def save_inspection(
    tx: Transaction, document_id: UUID, version: int, state: InspectionState, told: str
) -> None:
    """Keep the version after ``version``; ``told`` is the JSON of what its sender may see now.

    Raises:
        StaleError: another change was kept first.
    """
    values = {"id": document_id, "version": version, "state": state, "told": told}
    if (await tx.connection.execute(_SAVE, values)).rowcount == 0:
        raise StaleError("The file has changed since it was read; read it again.")
    tx.unaudited = f"inspection {document_id} is at version {version + 1}"


async def load_inspection(tx: Transaction, document_id: UUID) -> StoredInspection | None:
    """The tenant's file of that id, whosever broker's it is, if it ever was before a person."""
    cursor = tx.connection.cursor(row_factory=class_row(StoredInspection))
    return await (await cursor.execute(_ONE, (document_id,))).fetchone()


async def load_waiting(tx: Transaction, after: tuple[datetime, UUID], limit: int) -> list[StoredInspection]:
    """What waits for a person, oldest first, behind the place that ``after`` names."""
    cursor = tx.connection.cursor(row_factory=class_row(StoredInspection))
    return await (await cursor.execute(_QUEUE, (*after, limit))).fetchall()


async def add_doubt(tx: Transaction, document_id: UUID, revision: int, reasons: bytes, at: datetime) -> None:
    """Keep the reasons, sealed, that one later triage adds."""
    await tx.connection.execute(_DOUBT, (document_id, revision, reasons, at))
    tx.unaudited = f"document {document_id} is doubted"


async def doubts_of(tx: Transaction, application_id: UUID) -> Mapping[UUID, Sequence[tuple[int, bytes]]]:
    """What later triages added to each of an application's documents: revision and reasons, in order."""
    found: dict[UUID, list[tuple[int, bytes]]] = {}
    for document_id, revision, reasons in await (
        await tx.connection.execute(_DOUBTS, (application_id,))
    ).fetchall():
        found.setdefault(document_id, []).append((revision, reasons))
    return found


async def insert_verdict(tx: Transaction, verdict: StoredVerdict) -> None:
    """Keep a verdict.

    Raises:
        psycopg.errors.UniqueViolation: another one was kept at the same moment.
    """
    values = {name: getattr(verdict, name) for name in StoredVerdict.__slots__}
    await tx.connection.execute(_VERDICT, values)
    tx.unaudited = f"verdict {verdict.verdict_id} is given"


async def verdicts_of(tx: Transaction, application_id: UUID) -> Mapping[UUID, Sequence[StoredVerdict]]:
    """The verdicts on each of an application's documents, in their order."""
    cursor = tx.connection.cursor(row_factory=class_row(StoredVerdict))
    found: dict[UUID, list[StoredVerdict]] = {}
    for verdict in await (await cursor.execute(_VERDICTS, (application_id,))).fetchall():
        found.setdefault(verdict.document_id, []).append(verdict)
    return found
