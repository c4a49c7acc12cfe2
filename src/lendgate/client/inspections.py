"""Files that wait for a person, through the gate: for the lender's own desk, with a token that may.

Law: a verdict names the version of the file it was given on; where the file has changed since, it is refused
(412) and nothing happened: read the file again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from lendgate.client.calls import JSON, encode, read, read_file
from lendgate.client.line import AsyncLine, Line
from lendgate.schema.enums import DocumentType
from lendgate.schema.inspection import Inspection, InspectionPage, ReturnCode, WaitingFile

Given = str | Decimal | date
"""A value as it stands on the page, or as Python has it."""
_QUEUE: Final = "/inspections"
_ANYTHING: Final = {"accept": "*/*"}


class Inspections:
    """The underwriters' queue of documents; a part of ``LendgateClient``."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def waiting(self) -> Iterator[WaitingFile]:
        """Everything that waits, oldest first; fetched page by page."""
        cursor = ""
        while True:
            page = read(self._line.send("GET", f"{_QUEUE}{cursor}", {}, None), InspectionPage)
            yield from page.inspections
            if page.next is None:
                return
            cursor = f"?cursor={page.next}"

    def get(self, document_id: str) -> Inspection:
        """One file with everything that a verdict is given on."""
        return read(self._line.send("GET", f"{_QUEUE}/{document_id}", {}, None), Inspection)

    def content(self, document_id: str) -> bytes:
        """The file itself, as its sender sent it; that you looked is put on record.

        A stranger sent it: save it, and open it in a viewer that you trust with hostile files.

        Raises:
            RefusedError: it is not there, or damaged.
        """
        return read_file(self._line.send("GET", f"{_QUEUE}/{document_id}/content", _ANYTHING, None))

    def accept(
        self,
        file: Inspection,
        reason: str,
        *,
        document: int | None = None,
        type: DocumentType | None = None,  # noqa: A002 - the name it has in the contract
        fields: Mapping[str, Given] | None = None,
    ) -> Inspection:
        """Accept a document of a file as it was read, or with other values and type; the file afterwards.

        ``reason`` stays inside. ``document`` is left out where none waits: then the file is accepted.

        Raises:
            RefusedError: not as it was read, nothing that waits, or no value of its field's type.
        """
        body = _verdict("accept", reason, document, type=type, fields=_listed(fields))
        return self._judge(file, body)

    def send_back(
        self, file: Inspection, reason: str, codes: Sequence[ReturnCode], *, document: int | None = None
    ) -> Inspection:
        """Send a document back, or the whole file; its sender is told the sentence of each code.

        Raises:
            RefusedError: as ``accept``.
        """
        return self._judge(file, _verdict("return", reason, document, codes=list(codes)))

    def _judge(self, file: Inspection, body: bytes) -> Inspection:
        path, headers = f"{_QUEUE}/{file.document_id}/verdict", _on(file)
        return read(self._line.send("POST", path, headers, body), Inspection)


class AsyncInspections:
    """Asynchronous twin of ``Inspections``."""

    def __init__(self, line: AsyncLine) -> None:
        self._line = line

    async def waiting(self) -> AsyncIterator[WaitingFile]:
        """See ``Inspections.waiting``."""
        cursor = ""
        while True:
            page = read(await self._line.send("GET", f"{_QUEUE}{cursor}", {}, None), InspectionPage)
            for one in page.inspections:
                yield one
            if page.next is None:
                return
            cursor = f"?cursor={page.next}"

    async def get(self, document_id: str) -> Inspection:
        """See ``Inspections.get``."""
        return read(await self._line.send("GET", f"{_QUEUE}/{document_id}", {}, None), Inspection)

    async def content(self, document_id: str) -> bytes:
        """See ``Inspections.content``."""
        path = f"{_QUEUE}/{document_id}/content"
        return read_file(await self._line.send("GET", path, _ANYTHING, None))

    async def accept(
        self,
        file: Inspection,
        reason: str,
        *,
        document: int | None = None,
        type: DocumentType | None = None,  # noqa: A002 - the name it has in the contract
        fields: Mapping[str, Given] | None = None,
    ) -> Inspection:
        """See ``Inspections.accept``."""
        body = _verdict("accept", reason, document, type=type, fields=_listed(fields))
        return await self._judge(file, body)

    async def send_back(
        self, file: Inspection, reason: str, codes: Sequence[ReturnCode], *, document: int | None = None
    ) -> Inspection:
        """See ``Inspections.send_back``."""
        return await self._judge(file, _verdict("return", reason, document, codes=list(codes)))

    async def _judge(self, file: Inspection, body: bytes) -> Inspection:
        path, headers = f"{_QUEUE}/{file.document_id}/verdict", _on(file)
        return read(await self._line.send("POST", path, headers, body), Inspection)


def _on(file: Inspection) -> dict[str, str]:
    return {**JSON, "if-match": f'"{file.version}"'}


def _listed(fields: Mapping[str, Given] | None) -> list[dict[str, str]] | None:
    return [{"name": name, "value": str(value)} for name, value in fields.items()] if fields else None


def _verdict(action: str, reason: str, document: int | None, **more: object) -> bytes:
    body = {"action": action, "reason": reason, "document": document, **more}
    return encode({name: value for name, value in body.items() if value is not None})
