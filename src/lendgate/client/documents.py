"""Documents through the gate: send a file, look at it, wait for what its triage came to.

Law: the digest is of the very bytes that are sent. Sending again after a broken answer is harmless: bytes
that have arrived get the same answer.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import mimetypes
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lendgate.client.calls import JSON, encode, read
from lendgate.client.line import AsyncLine, Line
from lendgate.errors import GateUnavailableError
from lendgate.schema.documents import DocumentList, DocumentRecord, DocumentUpload
from lendgate.schema.enums import DocumentType

_PATIENCE_SECONDS: Final = 300.0
_FIRST_PAUSE: Final = 0.25
_LONGEST_PAUSE: Final = 3.0


@dataclass(frozen=True, slots=True)
class _File:
    """A file to be sent. Nothing is judged here: what the gate refuses, it refuses in its own words."""

    name: str
    content: bytes

    @classmethod
    def at(cls, path: Path | str) -> _File:
        return cls(Path(path).name, Path(path).read_bytes())

    @property
    def media_type(self) -> str:
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    def declared(self, application_id: str, declared_type: DocumentType) -> bytes:
        return encode(
            {
                "application_id": application_id,
                "declared_type": declared_type,
                "file_name": self.name,
                "media_type": self.media_type,
                "size": len(self.content),
                "sha256": hashlib.sha256(self.content).hexdigest(),
            }
        )

    @property
    def headers(self) -> dict[str, str]:
        digest = base64.b64encode(hashlib.sha256(self.content).digest()).decode()
        return {"content-type": self.media_type, "content-digest": f"sha-256=:{digest}:"}


def _pauses() -> list[float]:
    """How long to wait between looks, shorter at first."""
    pauses = [_FIRST_PAUSE]
    while pauses[-1] < _LONGEST_PAUSE:
        pauses.append(min(pauses[-1] * 1.5, _LONGEST_PAUSE))
    return pauses


def _late(document_id: str) -> GateUnavailableError:
    return GateUnavailableError(
        f"document {document_id} was received and is not triaged yet; ask again later"
    )


class Documents:
    """Documents of a broker's applications; a part of ``LendgateClient``."""

    def __init__(self, line: Line, sleep: Callable[[float], None] = time.sleep) -> None:
        self._line = line
        self._sleep = sleep

    def submit(
        self, path: Path | str, *, application_id: str, declared_type: DocumentType = "other"
    ) -> DocumentRecord:
        """Send a file (PDF, PNG, JPEG, TIFF, at most 20 MiB) for an application, named by its review's id.

        Raises:
            RefusedError: not the broker's application, held already, of a wrong type or size.
            GateUnavailableError: it is not known whether it arrived; send it again.
        """
        file = _File.at(path)
        declared = file.declared(application_id, declared_type)
        upload = read(self._line.send("POST", "/documents", JSON, declared), DocumentUpload)
        return read(self._line.put(upload.upload, file.headers, file.content), DocumentRecord)

    def get(self, document_id: str) -> DocumentRecord:
        """A document as it stands."""
        return read(self._line.send("GET", f"/documents/{document_id}", {}, None), DocumentRecord)

    def of(self, application_id: str) -> tuple[DocumentRecord, ...]:
        """An application's documents, oldest first."""
        path = f"/documents?application_id={application_id}"
        return read(self._line.send("GET", path, {}, None), DocumentList).documents

    def wait(self, document_id: str, *, seconds: float = _PATIENCE_SECONDS) -> DocumentRecord:
        """The document once it is triaged.

        Raises:
            GateUnavailableError: it takes longer than ``seconds``.
        """
        pauses = _pauses()
        while (record := self.get(document_id)).status != "triaged":
            pause = pauses.pop(0) if len(pauses) > 1 else pauses[0]
            if (seconds := seconds - pause) < 0:
                raise _late(document_id)
            self._sleep(pause)
        return record


class AsyncDocuments:
    """Asynchronous twin of ``Documents``."""

    def __init__(self, line: AsyncLine, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._line = line
        self._sleep = sleep

    async def submit(
        self, path: Path | str, *, application_id: str, declared_type: DocumentType = "other"
    ) -> DocumentRecord:
        """See ``Documents.submit``."""
        file = await asyncio.to_thread(_File.at, path)
        declared = file.declared(application_id, declared_type)
        upload = read(await self._line.send("POST", "/documents", JSON, declared), DocumentUpload)
        return read(await self._line.put(upload.upload, file.headers, file.content), DocumentRecord)

    async def get(self, document_id: str) -> DocumentRecord:
        """See ``Documents.get``."""
        return read(await self._line.send("GET", f"/documents/{document_id}", {}, None), DocumentRecord)

    async def of(self, application_id: str) -> tuple[DocumentRecord, ...]:
        """See ``Documents.of``."""
        path = f"/documents?application_id={application_id}"
        return read(await self._line.send("GET", path, {}, None), DocumentList).documents

    async def wait(self, document_id: str, *, seconds: float = _PATIENCE_SECONDS) -> DocumentRecord:
        """See ``Documents.wait``."""
        pauses = _pauses()
        while (record := await self.get(document_id)).status != "triaged":
            pause = pauses.pop(0) if len(pauses) > 1 else pauses[0]
            if (seconds := seconds - pause) < 0:
                raise _late(document_id)
            await self._sleep(pause)
        return record
