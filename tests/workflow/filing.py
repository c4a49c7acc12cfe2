"""A tenant that sends documents, and whose data keys change under it."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from lendgate.audit import Event
from lendgate.schema.requests import DocumentMetadata
from lendgate.store.audit_log import append_event
from lendgate.store.blobs import Blobs, blob_key, reading_of
from lendgate.store.data_keys import StoredKey, make_next_key, sealer_of, stored_keys
from lendgate.store.sealing import Sealer
from lendgate.workflow.blob_renewal import seal_blobs_anew
from lendgate.workflow.desk import Desk
from lendgate.workflow.documents import declare, find, receive
from tests.support.edge_hand import principal

NOW = timedelta(0)


async def parts(content: bytes) -> AsyncIterator[bytes]:
    """A file as it comes."""
    yield content


@dataclass
class Files:
    """A tenant with documents; ``desk`` is of a process that has just been started."""

    desk: Desk
    tenant: str
    send: Callable[[bytes], Awaitable[str]]
    blobs: Blobs

    async def sealer(self) -> Sealer:
        """What the tenant's data is sealed with now."""
        async with self.desk.database.tenant(self.tenant) as tx:
            return await sealer_of(tx)

    async def send_read(self, content: bytes) -> str:
        """A document that was read, too."""
        key = await self.send(content)
        await self.blobs.keep(reading_of(key), parts(b"read: " + content), await self.sealer())
        return key

    async def new_key(self) -> UUID:
        """A key in force, in a process that knows it."""
        async with self.desk.database.tenant(self.tenant) as tx:
            new = await make_next_key(tx, "records")
            event = Event("data_key.made", str(new), "operator:keys", self.desk.now())
            await append_event(tx, self.desk.audit_key, event)
        self.desk.database._keyring.clock = lambda: float("inf")
        return new

    async def keys(self) -> list[StoredKey]:
        """The tenant's data keys, oldest first."""
        async with self.desk.database.tenant(self.tenant) as tx:
            return await stored_keys(tx)

    async def seal(self) -> int:
        """Seal every file anew that is not under the key in force."""
        return await seal_blobs_anew(self.desk, self.blobs, NOW)


def tenant_of(desk: Desk, apply: Callable[[], Awaitable[UUID]], tenant: str, kept: Blobs) -> Files:
    """A tenant that sends documents, each for an application of its own, which ``apply`` makes."""
    caller = principal(tenant, "broker-1")

    async def send(content: bytes) -> str:
        metadata = DocumentMetadata.model_validate(
            {
                "application_id": str(await apply()),
                "declared_type": "pay_stub",
                "file_name": "stub.pdf",
                "media_type": "application/pdf",
                "size": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
        )
        document = await find(desk, (await declare(desk, metadata, caller)).document_id, caller)
        await receive(desk, found.blobs, document, tenant, parts(content))
        return blob_key(tenant, "originals", document.sha256)

    found = Files(desk, tenant, send, kept)
    return found
