"""What tests of triage share: printed files, and what became of a document."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, time
from typing import Final

from lendgate.schema.documents import DocumentRecord, TriageResult
from lendgate.store.data_keys import sealer_of
from lendgate.store.documents import StoredDocument
from lendgate.store.sealing import place
from lendgate.workflow.documents import find, record_of
from lendgate.workflow.evidence import Evidence
from lendgate.workflow.kept_evidence import load_evidence
from lendgate.workflow.triage import Findings
from lendgate.workflow.triage_job import TriageRoom, triage_application
from tests.documents.printed import AS_OF, Printed
from tests.documents.sheet import pdf_of
from tests.support.edge_hand import principal

CALLER: Final = principal("acme", "broker-1")
NOON: Final = datetime.combine(AS_OF, time(12), UTC)
Send = Callable[..., Awaitable[StoredDocument]]


def pdf(*printed: Printed, mark: str = "") -> bytes:
    """Printed documents as a file; ``mark`` makes it another file that looks and says the same."""
    return pdf_of(*(one.sheet for one in printed), info=f"/Keywords ({mark})" if mark else "")


def sha256_of(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


async def parts_of(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def told(room: TriageRoom, document: StoredDocument) -> DocumentRecord:
    return await record_of(room.desk, await find(room.desk, document.document_id, CALLER), "acme")


async def result_of(room: TriageRoom, document: StoredDocument) -> TriageResult:
    result = (await told(room, document)).triage
    assert result is not None
    return result


async def triage(room: TriageRoom, document: StoredDocument, worker: int = 0, attempts: int = 0) -> bool:
    return await triage_application(room, "acme", document.application_id, worker, attempts)


async def findings_of(room: TriageRoom, document: StoredDocument) -> Findings:
    async with room.desk.database.tenant("acme") as tx:
        sealer = await sealer_of(tx)
        row = await (
            await tx.connection.execute(
                "SELECT findings FROM lendgate.document WHERE document_id = %s", (document.document_id,)
            )
        ).fetchone()
    assert row is not None
    where = place("document", "findings", document.document_id)
    return Findings.model_validate_json(sealer.open(row[0], where))


async def evidence_for(room: TriageRoom, document: StoredDocument) -> Evidence:
    async with room.desk.database.tenant("acme") as tx:
        return (await load_evidence(tx, document.application_id)).evidence
