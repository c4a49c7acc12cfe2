"""``agent.documents``: documents through the gate, a connection for each call.

Law: as ``client.documents``, which does the work.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from lendgate.client.gate import AsyncLendgateClient
from lendgate.schema.documents import DocumentRecord
from lendgate.schema.enums import DocumentType

Connect = Callable[[], AsyncLendgateClient]


class AsyncAgentDocuments:
    """A part of ``AsyncLendingAgent``; every call may raise what ``client.documents`` raises."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    async def submit(
        self, path: Path | str, *, application_id: str, declared_type: DocumentType = "other"
    ) -> DocumentRecord:
        """Send a file for an application, named by its review's id."""
        async with self._connect() as gate:
            return await gate.documents.submit(
                path, application_id=application_id, declared_type=declared_type
            )

    async def get(self, document_id: str) -> DocumentRecord:
        """A document as it stands."""
        async with self._connect() as gate:
            return await gate.documents.get(document_id)

    async def of(self, application_id: str) -> tuple[DocumentRecord, ...]:
        """An application's documents, oldest first."""
        async with self._connect() as gate:
            return await gate.documents.of(application_id)

    async def wait(self, document_id: str, *, seconds: float = 300) -> DocumentRecord:
        """The document once it is triaged."""
        async with self._connect() as gate:
            return await gate.documents.wait(document_id, seconds=seconds)


class AgentDocuments:
    """Synchronous face of ``AsyncAgentDocuments``; call it from code that runs no event loop."""

    def __init__(self, documents: AsyncAgentDocuments) -> None:
        self._documents = documents

    def submit(
        self, path: Path | str, *, application_id: str, declared_type: DocumentType = "other"
    ) -> DocumentRecord:
        """See ``AsyncAgentDocuments.submit``."""
        return asyncio.run(
            self._documents.submit(path, application_id=application_id, declared_type=declared_type)
        )

    def get(self, document_id: str) -> DocumentRecord:
        """See ``AsyncAgentDocuments.get``."""
        return asyncio.run(self._documents.get(document_id))

    def of(self, application_id: str) -> tuple[DocumentRecord, ...]:
        """See ``AsyncAgentDocuments.of``."""
        return asyncio.run(self._documents.of(application_id))

    def wait(self, document_id: str, *, seconds: float = 300) -> DocumentRecord:
        """See ``AsyncAgentDocuments.wait``."""
        return asyncio.run(self._documents.wait(document_id, seconds=seconds))
