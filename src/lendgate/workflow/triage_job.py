"""Triage as a durable job: what an application has received, from sealed bytes to stored results.

Law: a reading is kept before it is used, so a job that is taken over reads nothing twice and pays for nothing
twice; results, pages, evidence, events and the end of the job are one transaction. A document whose triage
breaks down more than once goes to a person; it is never lost, and never accepted. When the second reader
does not answer, the rules' reading stands, and the findings and the audit trail say so.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from lendgate.audit import Event
from lendgate.documents.case import Seen
from lendgate.documents.claude_reader import Answer, ClaudeReader
from lendgate.store.applications import StoredApplication, load_application
from lendgate.store.audit_log import append_event
from lendgate.store.blobs import Blobs, blob_key
from lendgate.store.data_keys import sealer_of
from lendgate.store.document_pages import keep_pages, pages_like, same_file
from lendgate.store.documents import (
    StoredDocument,
    Triaged,
    complete_triage,
    document_part_place,
    documents_of,
    findings_of,
)
from lendgate.store.jobs import end
from lendgate.store.outbox import Published, publish
from lendgate.store.referrals import lock_waiting_of
from lendgate.store.sealing import Sealer
from lendgate.store.shelves import BlobMissingError
from lendgate.workflow.arrivals import take_up
from lendgate.workflow.desk import Desk
from lendgate.workflow.documents import triage_job
from lendgate.workflow.follow_up import follow_up
from lendgate.workflow.kept_evidence import keep_evidence
from lendgate.workflow.pages import kept_pages, keyed, number_key, seen_again
from lendgate.workflow.second_reader import AskReader
from lendgate.workflow.triage import (
    ContentOf,
    Findings,
    KeepReading,
    Order,
    OrderedFile,
    Outcome,
    Question,
    SeenBefore,
    TriagedFile,
    refused_outcome,
)
from lendgate.workflow.triage_process import TriageBrokenError, TriageProcess

_LOG: Final = logging.getLogger("lendgate.workflow")
ACTOR: Final = "system:triage"
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
    """An application's file on the desk: what is stored of it, what was found before, and what opens both."""

    application: StoredApplication
    documents: Sequence[StoredDocument]
    findings: Mapping[UUID, bytes]
    sealer: Sealer


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
    await _store(room.desk, tenant, file, outcome, worker)
    return True


async def _opened(desk: Desk, tenant: str, application_id: UUID) -> _File | None:
    async with desk.database.tenant(tenant) as tx:
        application = await load_application(tx, application_id)
        documents = [one for one in await documents_of(tx, application_id) if one.blob is not None]
        if application is None:
            return None
        return _File(application, documents, await findings_of(tx, application_id), await sealer_of(tx))


async def _order(room: TriageRoom, tenant: str, file: _File) -> Order:
    received = [document.received_at for document in file.documents if document.received_at]
    return Order(
        application=file.application.document,
        requirements=room.desk.rulebook.requirements,
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
    return OrderedFile(
        document_id=document.document_id,
        sha256=document.sha256.hex(),
        declared=document.declared_type,
        reading=reading,
        new=document.status == "received",
        doubted=_doubted(file, document.document_id),
    )


def _doubted(file: _File, document_id: UUID) -> frozenset[int]:
    """The first pages of the documents in a file that its two readers differed in."""
    sealed = file.findings.get(document_id)
    if sealed is None:
        return frozenset()
    found = Findings.model_validate_json(
        file.sealer.open(sealed, document_part_place("findings", document_id))
    )
    return frozenset(
        one.first_page
        for one in found.file.documents
        if any(reason.code == "readers_disagree" for reason in one.reasons)
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
            await room.blobs.keep(key, _whole(question.reading), file.sealer)
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


async def _store(desk: Desk, tenant: str, file: _File, outcome: Outcome, worker: int) -> None:
    at = desk.now()
    application_id = file.application.application_id
    key = number_key(desk.audit_key, tenant)
    async with desk.database.tenant(tenant) as tx:
        sealer = await sealer_of(tx)
        await end(tx, triage_job(tenant, application_id), worker)
        waiting = await lock_waiting_of(tx, application_id)
        for triaged in outcome.files:
            if await complete_triage(tx, triaged.document_id, _sealed(triaged, sealer), at):
                await keep_pages(tx, kept_pages(key, triaged.document_id, triaged.marks))
                await append_event(tx, desk.audit_key, _event(triaged, application_id, at))
                await publish(tx, _published(desk, triaged, file, at))
        await take_up(tx, desk, waiting, file.documents, outcome)
        if await keep_evidence(tx, application_id, outcome.evidence, at):
            await follow_up(tx, desk, application_id)


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _sealed(triaged: TriagedFile, sealer: Sealer) -> Triaged:
    findings = triaged.findings.model_dump_json().encode()
    return Triaged(
        route=triaged.route,
        triage=triaged.result.model_dump_json(exclude_none=True),
        findings=sealer.seal(findings, document_part_place("findings", triaged.document_id)),
    )


def _event(triaged: TriagedFile, application_id: UUID, at: datetime) -> Event:
    """Ids, types, codes and counts; signals by their kind, as the trail is for the lender alone."""
    file = triaged.findings.file
    return Event(
        kind="document.triaged",
        subject=str(triaged.document_id),
        actor=ACTOR,
        at=at,
        data={
            "application_id": str(application_id),
            "route": triaged.route,
            "pages": file.pages,
            "types": [document.type for document in file.documents],
            "reasons": sorted(_codes(triaged)),
            "signals": sorted({signal.kind for signal in file.signals}),
            "second_reading": [one.model_dump() for one in triaged.findings.second],
        },
    )


def _codes(triaged: TriagedFile) -> set[str]:
    file = triaged.findings.file
    reasons = (*file.reasons, *(reason for document in file.documents for reason in document.reasons))
    return {reason.code for reason in reasons}


def _published(desk: Desk, triaged: TriagedFile, file: _File, at: datetime) -> Published:
    document = next(one for one in file.documents if one.document_id == triaged.document_id)
    data: Mapping[str, str | None] = {
        "document_id": str(document.document_id),
        "application_id": str(document.filed_under),
        "status": "triaged",
        "route": triaged.route,
    }
    return Published(desk.new_id(), "document.triaged", document.broker_id, at, dict(data))
