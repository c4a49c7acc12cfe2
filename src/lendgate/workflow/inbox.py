"""Documents that the gate has put into a bucket: taken out of it, held against their digest, and removed.

Law: only what the gate put there for this very sender, document and digest is taken, and its last part is
handed on when the whole has the digest that the edge signed. In the bucket nothing is sealed, so nothing
stays there.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator
from typing import Protocol
from uuid import UUID

from lendgate.errors import LendgateError
from lendgate.schema import Principal
from lendgate.store.documents import StoredDocument
from lendgate.store.shelves import BlobMissingError


class InboxError(LendgateError):
    """Under the key lies nothing of this sender's, or nothing as it was announced."""


class NoInboxError(LendgateError):
    """The gate has a bucket that this service is not told of."""


class Bucket(Protocol):
    """What is asked of the bucket that is bound at the gate as DOCUMENTS."""

    def parts(self, key: str) -> AsyncIterator[bytes]:
        """A blob as it comes; raises ``BlobMissingError`` when there is none."""

    async def remove(self, key: str) -> None:
        """Remove a blob, if it is there."""


async def taken(
    inbox: Bucket | None, key: str, document: StoredDocument, principal: Principal
) -> AsyncIterator[bytes]:
    """The bytes of a document; raises instead of giving the last part of other ones.

    Raises:
        NoInboxError, InboxError, ShelfUnavailableError: nothing may be kept.
    """
    if inbox is None:
        raise NoInboxError("The gate's bucket is not known here: set LENDGATE_DOCUMENTS_INBOX.")
    if key != inbox_key(principal, document.document_id, document.sha256):
        raise InboxError("The content lies under another key than this document's.")
    digest, held = hashlib.sha256(), b""
    try:
        async for part in inbox.parts(key):
            if held:
                yield held
            digest.update(part)
            held = part
    except BlobMissingError as cause:
        raise InboxError("The content did not arrive; send it again.") from cause
    if not hmac.compare_digest(digest.digest(), document.sha256):
        raise InboxError("The content does not have the digest that was announced.")
    yield held


def inbox_key(principal: Principal, document_id: UUID, sha256: bytes) -> str:
    """Where the gate puts a document (``edge/src/upload.ts``)."""
    return f"{principal.tenant}/{principal.broker_id}/{document_id}/{sha256.hex()}"
