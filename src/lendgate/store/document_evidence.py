"""What the documents of an application prove by now: one revision each time they come to say something else.

Law: a revision is written once, by the transaction that ends the triage it comes from, and is sealed. Of a
review the revision that it used tells whether it has to be made again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg.rows import class_row

from lendgate.store.database import Transaction
from lendgate.store.sealing import place

_ADD: Final = """
    INSERT INTO lendgate.document_evidence (application_id, revision, evidence, at) VALUES (%s, %s, %s, %s)
"""
_LATEST: Final = """
    SELECT revision, evidence FROM lendgate.document_evidence
    WHERE application_id = %s ORDER BY revision DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class StoredEvidence:
    """One revision, counted from 1; ``evidence`` is sealed."""

    revision: int
    evidence: bytes


async def add_evidence(
    tx: Transaction, application_id: UUID, revision: int, evidence: bytes, at: datetime
) -> None:
    """Store the next revision.

    Raises:
        psycopg.errors.UniqueViolation: it is there already.
    """
    await tx.connection.execute(_ADD, (application_id, revision, evidence, at))


async def latest_evidence(tx: Transaction, application_id: UUID) -> StoredEvidence | None:
    """The latest revision; None as long as no document was triaged."""
    cursor = tx.connection.cursor(row_factory=class_row(StoredEvidence))
    return await (await cursor.execute(_LATEST, (application_id,))).fetchone()


def evidence_place(application_id: UUID, revision: int | str) -> bytes:
    """Where a revision is sealed."""
    return place("document_evidence", "evidence", f"{application_id}#{revision}")
