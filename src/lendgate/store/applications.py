"""Applications as they were accepted.

Law: an application is stored once, sealed, with the digest of the caller's own bytes, and never changed. It
is stored together with its queued review (``reviews.accept``), so neither exists without the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from lendgate.schema import Application
from lendgate.store.data_keys import sealer_of
from lendgate.store.database import Transaction
from lendgate.store.sealing import place

_LOAD: Final = """
    SELECT broker_id, document::text, document_sealed, body_sha256, request_id, received_at
    FROM lendgate.application WHERE application_id = %s
"""


@dataclass(frozen=True, slots=True)
class StoredApplication:
    """An application and how it came: ``body_sha256`` is of the original bytes, ``received_at`` is UTC."""

    application_id: UUID
    broker_id: str
    document: Application
    body_sha256: bytes
    request_id: str
    received_at: datetime


def document_place(application_id: UUID) -> bytes:
    """Where an application's document is sealed."""
    return place("application", "document", application_id)


async def load_application(tx: Transaction, application_id: UUID) -> StoredApplication | None:
    """The tenant's application of that id, for the service's own use: it asks for no broker."""
    row = await (await tx.connection.execute(_LOAD, (application_id,))).fetchone()
    if row is None:
        return None
    broker_id, document, sealed, body_sha256, request_id, received_at = row
    if document is None and sealed is None:
        return None  # erased
    if sealed is not None:
        document = (await sealer_of(tx)).open_text(sealed, document_place(application_id))
    application = Application.model_validate_json(document)
    return StoredApplication(application_id, broker_id, application, body_sha256, request_id, received_at)
