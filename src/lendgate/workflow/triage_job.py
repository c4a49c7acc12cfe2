"""Triage as a durable job: what an application has received, from sealed bytes to stored results.

Law: a reading is kept before it is used, so a job that is taken over reads nothing twice and pays for nothing
twice; results, pages, evidence, events and the end of the job are one transaction (``triage_kept``). A
document whose triage breaks down more than once goes to a person; it is never lost, and never accepted. When
the second reader does not answer, the rules' reading stands, and the findings and the audit trail say so.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

from lendgate.documents.case import Seen
from lendgate.documents.claude_reader import Answer, ClaudeReader
from lendgate.store.applications import StoredApplication, load_application
from lendgate.store.blobs import Blobs, blob_key, whole
from lendgate.store.data_keys import sealer_of
from lendgate.store.document_pages import pages_like, same_file
from lendgate.store.documents import StoredDocument
from lendgate.store.sealing import Sealer
from lendgate.store.shelves import BlobMissingError
from lendgate.workflow.desk import Desk
from lendgate.workflow.packet import Packet, load_packet
from lendgate.workflow.pages import keyed, number_key, seen_again
from lendgate.workflow.second_reader import AskReader
from lendgate.workflow.triage import (
    ContentOf,
    KeepReading,
    Order,
    OrderedFile,
    Question,
    SeenBefore,
    refused_outcome,
)
from lendgate.workflow.triage_kept import keep_triage
from lendgate.workflow.triage_process import TriageBrokenError, TriageProcess

_LOG: Final = logging.getLogger("lendgate.workflow")
_TRIES: Final = 2
"""How often a triage may break down before its documents go to a person."""


@dataclass(frozen=True, slots=True)
class TriageRoom:
    """What triage works with; ``reader``, where there is a model, reads every new document a second time.

    Its model must keep what it was paid for (``SavedModel``).
    """

    desk: Desk
    blobs: Blobs
    process: TriageProcess
    reader: ClaudeReader | None = None


@dataclass(frozen=True, slots=True)
class _File:
    """An application's file on the desk: what is stored of it, what was found before, and what opens it."""

    application: StoredApplication
    packet: Packet
    sealer: Sealer

    @property
    def documents(self) -> Sequence[StoredDocument]:
        """Those that were received, oldest first."""
        return tuple(self.packet.documents.values())


async def triage_application(
    room: TriageRoom, tenant: str, application_id: UUID, worker: int, attempts: int
) -> bool:
    """Triage what the application has received; True when the job ended with it, False: there was nothing.

    Raises:
        TriageBrokenError: it broke down and may be tried again.
        BlobMissingError, SealingError: an original is lost or damaged: a person has to look.
        ShelfUnavailableError, StoreUnavailableError: nothing was stored; try again later.
    """
    file = await _opened(room.desk, tenant, application_id)
    if file is None or not any(document.status == "received" for document in file.documents):
        return False
    order = await _order(room, tenant, file)
    try:
        outcome = await room.process.triage(order, partial(_answer, room, tenant, file))
    except TriageBrokenError as error:
        _LOG.warning("%s", error)
        if attempts + 1 < _TRIES:
            raise
        outcome = refused_outcome(order)
    await keep_triage(room.desk, tenant, file.application, outcome, worker)
    return True


async def _opened(desk: Desk, tenant: str, application_id: UUID) -> _File | None:
    async with desk.database.tenant(tenant) as tx:
        application = await load_application(tx, application_id)
        if application is None:
            return None
        return _File(application, await load_packet(tx, application_id), await sealer_of(tx))


async def _order(room: TriageRoom, tenant: str, file: _File) -> Order:
    received = [document.received_at for document in file.documents if document.received_at]
    return Order(
        application=file.application.document,
        applied_on=file.application.received_at.date(),
        as_of=max(received).date(),  # in UTC, which is ahead of the United States: nothing is "from tomorrow"
        files=tuple([await _ordered(room, tenant, file, document) for document in file.documents]),
        read_twice=room.reader is not None,
    )


async def _ordered(room: TriageRoom, tenant: str, file: _File, document: StoredDocument) -> OrderedFile:
    try:
        reading = await room.blobs.open(blob_key(tenant, "readings", document.sha256), file.sealer)
    except BlobMissingError:
        reading = None
    known = file.packet.files.get(document.document_id)
    return OrderedFile(
        document_id=document.document_id,
        sha256=document.sha256.hex(),
        declared=document.declared_type,
        reading=reading,
        new=document.status == "received",
        judged=known.by_first_page() if known else {},
    )


async def _answer(room: TriageRoom, tenant: str, file: _File, question: Question) -> object:
    """What triage asks for on its way."""
    if isinstance(question, AskReader):
        return await _answers(room, tenant, file, question)
    document = file.documents[question.file]
    match question:
        case ContentOf():
            return await room.blobs.open(blob_key(tenant, "originals", document.sha256), file.sealer)
        case KeepReading():
            key = blob_key(tenant, "readings", document.sha256)
            await room.blobs.keep(key, whole(question.reading), file.sealer)
            return None
        case SeenBefore():
            return await _seen(room.desk, tenant, document, question.marks)


async def _answers(room: TriageRoom, tenant: str, file: _File, question: AskReader) -> tuple[Answer, ...]:
    """What the second reader says to every question, each charged to the id its document was filed under.

    Raises:
        TriageBrokenError: there is nobody to ask.
        StoreUnavailableError: paid answers could not be looked for, or not be kept.
    """
    if room.reader is None:
        raise TriageBrokenError("triage asked for a second reader that it was not told of")
    calls = (
        room.reader.answer(one.asked, tenant=tenant, subject=str(file.documents[one.file].filed_under))
        for one in question.questions
    )
    # All of them come to an end first: a job that is tried again must find what the others were paid for.
    ended = await asyncio.gather(*calls, return_exceptions=True)
    for one in ended:
        if isinstance(one, BaseException):
            raise one
    return tuple(one for one in ended if isinstance(one, Answer))


async def _seen(desk: Desk, tenant: str, document: StoredDocument, marks: Seen) -> tuple[Seen, ...]:
    """What other applications of the tenant have sent that may be the same."""
    known = (desk.audit_key, *desk.former_audit_keys)
    numbers = keyed([number_key(key, tenant) for key in known], marks)
    async with desk.database.tenant(tenant) as tx:
        same = await same_file(tx, document.sha256, document.application_id)
        alike = await pages_like(tx, list(numbers), document.application_id)
    files = (Seen(str(same), marks.sha256),) if same else ()
    return (*files, *seen_again(alike, numbers))
