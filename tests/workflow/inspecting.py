"""What tests of inspections share: a file before a person, and verdicts on it."""

from __future__ import annotations

from itertools import count
from uuid import UUID

from lendgate.schema.inspection import DocumentVerdict, Inspection
from lendgate.store.documents import StoredDocument
from lendgate.workflow.inspections import FileAsRead, inspect, judge_document
from lendgate.workflow.triage_job import TriageRoom
from tests.documents.printed import Printed, pay_stub
from tests.workflow.triaging import Send, pdf, triage

REASON = "Zanzibar: read beside the original."
_seeds = count(1000)


def accept(document: int | None = 1, **more: object) -> DocumentVerdict:
    """An accept; ``more`` as they are sent."""
    body = {"action": "accept", "reason": REASON, "document": document, **more}
    return DocumentVerdict.model_validate(body)


def back(document: int | None, *codes: str) -> DocumentVerdict:
    """A return."""
    body = {"action": "return", "reason": REASON, "document": document, "codes": list(codes)}
    return DocumentVerdict.model_validate(body)


def field(name: str, value: object) -> dict[str, str]:
    """A corrected field as it is sent."""
    return {"name": name, "value": str(value)}


def stub() -> Printed:
    """A stub that nobody sent before, and whose net pay does not follow."""
    return pay_stub(next(_seeds), plant="net")


async def doubtful(room: TriageRoom, send: Send, printed: Printed | None = None) -> StoredDocument:
    """A stub that waits for a person."""
    document = await send(pdf(printed or stub()))
    await triage(room, document)
    return document


async def seen(room: TriageRoom, document: StoredDocument, tenant: str = "acme") -> Inspection:
    """The file as an underwriter sees it."""
    return await inspect(room.desk, tenant, document.document_id)


def as_read(inspection: Inspection, actor: str = "ada", tenant: str = "acme") -> FileAsRead:
    """The file as an underwriter read it."""
    return FileAsRead(tenant, UUID(inspection.document_id), inspection.version, actor)


async def say(room: TriageRoom, document: StoredDocument, verdict: DocumentVerdict) -> Inspection:
    """Give a verdict on a file as it stands."""
    return await judge_document(room.desk, as_read(await seen(room, document)), verdict)
