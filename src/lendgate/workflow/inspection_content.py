"""The file itself, for an underwriter who judges it: the bytes that its sender sent, in the open.

Law: looking at somebody's papers is an act of its own. The file is opened to its end, the look is put into
the audit trail and committed, and only then is a byte handed out: no look is without its event, and what did
not open was not looked at. What a file is, its first bytes say; its sender's words name nothing here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from lendgate.audit import Event
from lendgate.documents.model import MediaType
from lendgate.documents.sniff import media_type_of
from lendgate.errors import LendgateError, NotFoundError
from lendgate.store.audit_log import append_event
from lendgate.store.blobs import Blobs
from lendgate.store.data_keys import sealer_of
from lendgate.store.database import Transaction
from lendgate.store.documents import StoredDocument, load_document
from lendgate.store.inspections import load_inspection
from lendgate.store.sealing import Sealer, SealingError
from lendgate.store.shelves import BlobMissingError
from lendgate.workflow.desk import Desk
from lendgate.workflow.inspections import NOT_HERE

_ENDINGS: Final[dict[MediaType, str]] = {
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/tiff": "tiff",
}


class OriginalLostError(LendgateError):
    """The file of a document is not on its shelf any more, or does not open: a person has to restore it."""


@dataclass(frozen=True, slots=True)
class Look:
    """Which file is asked for, and by whom."""

    tenant: str
    document_id: UUID
    actor: str


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file in the open."""

    document_id: UUID
    content: bytes

    @property
    def media_type(self) -> str:
        """One of the four that are taken; any other file is bytes and nothing more."""
        return media_type_of(self.content) or "application/octet-stream"

    @property
    def name(self) -> str:
        """What it is called outside: nothing that its sender wrote."""
        found = media_type_of(self.content)
        return f"{self.document_id}.{_ENDINGS[found] if found else 'bin'}"


async def open_file(desk: Desk, blobs: Blobs, look: Look) -> OpenedFile:
    """The file that waits, or waited, for a person; the look is on record when this returns.

    Raises:
        NotFoundError: no file of that id ever waited for a person, or it was erased.
        OriginalLostError: it is damaged or gone.
        ShelfUnavailableError, StoreUnavailableError: it cannot be opened now, or not be put on record.
    """
    async with desk.database.tenant(look.tenant) as tx:
        document, sealer = await _there(tx, look.document_id), await sealer_of(tx)
    content = await _content(blobs, document, sealer)
    await _record(desk, look, document)
    return OpenedFile(look.document_id, content)


async def _there(tx: Transaction, document_id: UUID) -> StoredDocument:
    inspection = await load_inspection(tx, document_id)
    document = inspection and await load_document(tx, document_id, inspection.broker_id)
    if not document:
        raise NotFoundError(NOT_HERE)
    return document


async def _content(blobs: Blobs, document: StoredDocument, sealer: Sealer) -> bytes:
    """The whole of it: a damaged end must show before the beginning is sent."""
    if document.blob is None:
        raise ValueError(f"document {document.document_id} waits for a person and was never received")
    try:
        return await blobs.open(document.blob, sealer)
    except (SealingError, BlobMissingError) as cause:
        raise OriginalLostError(
            f"The file of document {document.document_id} is damaged or gone, so it cannot be shown; "
            "it has to be restored from a backup of the documents."
        ) from cause


async def _record(desk: Desk, look: Look, document: StoredDocument) -> None:
    async with desk.database.tenant(look.tenant) as tx:
        data = {"application_id": str(document.application_id)}
        actor = f"underwriter:{look.actor}"
        event = Event("document.opened", str(look.document_id), actor, desk.now(), data)
        await append_event(tx, desk.audit_key, event)
        # Again, now that the head of the trail is locked: what was erased meanwhile is not shown, and an
        # erasure that is not seen here has its event behind this one.
        await _there(tx, look.document_id)
