"""Files that wait for a person: the queue, one file, and an underwriter's verdict on what is in it.

Law: a verdict names the version that was read; verdict, what the sender is told, webhook, what the documents
prove by now, a review made again, referrals that waited for it, and the audit event are one transaction, with
the application locked: so verdicts on two of its files, and a triage of a third, each see the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from lendgate.audit import Event
from lendgate.audit.canonical import Json
from lendgate.errors import NotFoundError
from lendgate.review.document_verdict import require_sound
from lendgate.review.refusals import ClosedError, StaleError
from lendgate.schema.documents import TriageResult
from lendgate.schema.enums import DocumentType
from lendgate.schema.inspection import DocumentVerdict, Inspection, InspectionState, WaitingFile
from lendgate.store.applications import StoredApplication, load_application
from lendgate.store.audit_log import append_event
from lendgate.store.data_keys import sealer_of
from lendgate.store.database import Transaction
from lendgate.store.documents import StoredDocument, document_part_place
from lendgate.store.inspections import (
    StoredInspection,
    StoredVerdict,
    insert_verdict,
    load_inspection,
    load_waiting,
    lock_application,
    save_inspection,
    verdict_place,
)
from lendgate.store.outbox import Published, publish
from lendgate.store.referrals import lock_waiting_of
from lendgate.workflow.arrivals import take_up
from lendgate.workflow.desk import Desk
from lendgate.workflow.evidence import Evidence
from lendgate.workflow.follow_up import follow_up
from lendgate.workflow.inspected import GivenVerdict, InspectedFile
from lendgate.workflow.inspection_told import told_by
from lendgate.workflow.inspection_view import Seen, inspection_of
from lendgate.workflow.kept_evidence import keep_evidence
from lendgate.workflow.packet import Packet, load_packet, missing_types, proved_by

NOT_HERE: Final = "There is no file with that id that waits, or waited, for a person."


@dataclass(frozen=True, slots=True)
class FileAsRead:
    """A file as an underwriter read it, and who that is."""

    tenant: str
    document_id: UUID
    version: int
    actor: str


@dataclass(frozen=True, slots=True)
class _Case:
    """What a verdict is given on, as it was stored, locked."""

    application: StoredApplication
    inspection: StoredInspection
    packet: Packet

    @property
    def file(self) -> InspectedFile:
        return self.packet.files[self.inspection.document_id]

    @property
    def document(self) -> StoredDocument:
        return self.packet.documents[self.inspection.document_id]


async def waiting_files(
    desk: Desk, tenant: str, after: tuple[datetime, UUID], limit: int
) -> list[WaitingFile]:
    """What waits, oldest first, behind a place in the queue."""
    async with desk.database.tenant(tenant) as tx:
        found = await load_waiting(tx, after, limit)
    return [_waiting(one) for one in found]


async def inspect(desk: Desk, tenant: str, document_id: UUID) -> Inspection:
    """One file with everything that a verdict is given on.

    Raises:
        NotFoundError: no file of that id ever waited for a person.
    """
    async with desk.database.tenant(tenant) as tx:
        inspection = await _there(tx, document_id)
        packet = await load_packet(tx, inspection.application_id)
        return await _shown(tx, inspection, packet)


async def judge_document(desk: Desk, read: FileAsRead, verdict: DocumentVerdict) -> Inspection:
    """Take an underwriter's verdict on a document of a file, or on the file; the file as it is afterwards.

    Raises:
        NotFoundError, StaleError, ClosedError: the file is not there, not as it was, or waits for nobody.
        VerdictRefusedError, InvalidRequestError: the verdict cannot stand; nothing changed.
    """
    async with desk.database.tenant(read.tenant) as tx:
        case = await _load_as_read(tx, read)
        waiting = await lock_waiting_of(tx, case.application.application_id)
        sound, at = require_sound(verdict, case.file.asked), desk.now()
        given = GivenVerdict(verdict=sound, actor=read.actor, at=at, seen=len(case.file.later))
        after = replace(case, packet=case.packet.with_file(case.file.with_verdict(given)))
        evidence = proved_by(after.packet, case.application, at)
        told = _told(desk, after, evidence)
        await _keep(tx, desk, after, given, told)
        await take_up(tx, desk, waiting, _arrived(after, given), evidence)
        if await keep_evidence(tx, case.application.application_id, evidence, at):
            await follow_up(tx, desk, case.application.application_id)
        inspection = await _there(tx, read.document_id)
        return await _shown(tx, inspection, after.packet, told)


async def _load_as_read(tx: Transaction, read: FileAsRead) -> _Case:
    found = await _there(tx, read.document_id)
    if not await lock_application(tx, found.application_id):
        raise NotFoundError(NOT_HERE)
    application = await load_application(tx, found.application_id)
    inspection = await _there(tx, read.document_id)
    if application is None:
        raise NotFoundError(NOT_HERE)
    if inspection.version != read.version:
        raise StaleError("The file has changed since it was read; read it again.")
    if inspection.state == "settled":
        raise ClosedError("Nothing in this file waits for a person.")
    return _Case(application, inspection, await load_packet(tx, found.application_id))


async def _there(tx: Transaction, document_id: UUID) -> StoredInspection:
    found = await load_inspection(tx, document_id)
    if found is None:
        raise NotFoundError(NOT_HERE)
    return found


def _told(desk: Desk, after: _Case, evidence: Evidence) -> TriageResult:
    missing = missing_types(evidence, after.application, desk.rulebook.requirements)
    return told_by(after.file, _last_told(after.document), missing)


def _last_told(document: StoredDocument) -> TriageResult:
    if document.triage is None:
        raise ValueError(f"document {document.document_id} waits for a person and was not triaged")
    return TriageResult.model_validate_json(document.triage)


async def _keep(tx: Transaction, desk: Desk, after: _Case, given: GivenVerdict, told: TriageResult) -> None:
    """The file's next version, the verdict, what others hear, and the event."""
    document_id, verdict_id = after.inspection.document_id, desk.new_id()
    state: InspectionState = "open" if after.file.is_open else "settled"
    text = told.model_dump_json(exclude_none=True)
    await save_inspection(tx, document_id, after.inspection.version, state, text)
    body = (await sealer_of(tx)).seal(given.model_dump_json().encode(), verdict_place(verdict_id))
    number, action = len(after.file.verdicts), given.verdict.action
    await insert_verdict(tx, StoredVerdict(verdict_id, document_id, number, action, body, given.at))
    await append_event(tx, desk.audit_key, _event(after, given, verdict_id, told))
    heard = {
        "document_id": str(document_id),
        "application_id": str(after.document.filed_under),
        "status": "triaged",
        "route": told.route,
    }
    event = Published(desk.new_id(), "document.triaged", after.document.broker_id, given.at, dict(heard))
    await publish(tx, event)


def _event(after: _Case, given: GivenVerdict, verdict_id: UUID, told: TriageResult) -> Event:
    """Ids, types, codes and names of fields: no value, and no word that a person wrote."""
    verdict = given.verdict
    data: dict[str, Json] = {
        "action": verdict.action,
        "application_id": str(after.application.application_id),
        "codes": list(verdict.codes or ()),
        "document": verdict.document,
        "fields": [one.name for one in verdict.fields or ()],
        "route": told.route,
        "type": verdict.type,
        "verdict_id": str(verdict_id),
        "version": after.inspection.version + 1,
    }
    actor = f"underwriter:{given.actor}"
    return Event("document.judged", str(after.inspection.document_id), actor, given.at, data)


def _arrived(after: _Case, given: GivenVerdict) -> frozenset[DocumentType]:
    """What came with a verdict: the document that it accepts, as what it accepts it as."""
    number, type_ = given.verdict.document, given.verdict.type
    if number is not None:
        type_ = after.file.document(number, number).type
    return frozenset({type_}) if type_ and given.verdict.action == "accept" else frozenset()


async def _shown(
    tx: Transaction, inspection: StoredInspection, packet: Packet, told: TriageResult | None = None
) -> Inspection:
    document = packet.documents[inspection.document_id]
    place = document_part_place("file_name", document.document_id)
    name = (await sealer_of(tx)).open(document.file_name, place).decode()
    files: Sequence[InspectedFile] = tuple(packet.files.values())
    seen = Seen(inspection, document, name, packet.files[inspection.document_id], files)
    return inspection_of(seen, told or _last_told(document))


def _waiting(one: StoredInspection) -> WaitingFile:
    return WaitingFile(
        document_id=str(one.document_id),
        application_id=str(one.application_id),
        broker_id=one.broker_id,
        declared_type=one.declared_type,
        waiting_since=one.waiting_since,
        version=one.version,
    )
