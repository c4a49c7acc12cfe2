"""A triage as it is kept: results, what is put before people, and what the documents prove, at once.

Law: one transaction, with the application locked, so it sees every verdict that was given meanwhile. Verdicts
stand: a triage of other files takes none back. What it says against a document that triage or a person has
accepted, in words that did not stand by then, is kept beside its findings, and puts it before a person again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from lendgate.audit import Event
from lendgate.audit.canonical import Json
from lendgate.store.applications import StoredApplication
from lendgate.store.audit_log import append_event
from lendgate.store.data_keys import sealer_of
from lendgate.store.database import Transaction
from lendgate.store.document_pages import keep_pages
from lendgate.store.documents import StoredDocument, Triaged, complete_triage, document_part_place
from lendgate.store.inspections import add_doubt, doubt_place, lock_application, open_inspection
from lendgate.store.jobs import end
from lendgate.store.outbox import Published, publish
from lendgate.store.referrals import lock_waiting_of
from lendgate.store.sealing import Sealer
from lendgate.workflow.arrivals import arrived, take_up
from lendgate.workflow.desk import Desk
from lendgate.workflow.documents import triage_job
from lendgate.workflow.follow_up import follow_up
from lendgate.workflow.inspected import InspectedFile, LaterReasons
from lendgate.workflow.kept_evidence import keep_evidence
from lendgate.workflow.packet import Packet, load_packet, missing_types, proved_by
from lendgate.workflow.pages import kept_pages, number_key
from lendgate.workflow.triage import Outcome, TriagedFile

ACTOR: Final = "system:triage"


async def keep_triage(
    desk: Desk, tenant: str, application: StoredApplication, outcome: Outcome, worker: int
) -> None:
    """Keep what a triage came to, and end its job.

    Raises:
        StoreUnavailableError: nothing was stored; try again later.
    """
    application_id, at = application.application_id, desk.now()
    async with desk.database.tenant(tenant) as tx:
        await end(tx, triage_job(tenant, application_id), worker)
        if not await lock_application(tx, application_id):
            return  # erased meanwhile, and its documents with it
        waiting = await lock_waiting_of(tx, application_id)
        packet = await load_packet(tx, application_id)
        for file in outcome.files:
            if file.document_id not in packet.files and file.document_id in packet.documents:
                packet = packet.with_file(InspectedFile(file.document_id, file.findings))
        packet = await _keep_doubts(tx, desk, packet, outcome, at)
        evidence = proved_by(packet, application, at)
        missing = missing_types(evidence, application, desk.rulebook.requirements)
        for file in outcome.files:
            told = file.result.model_copy(update={"missing_types": missing})
            await _keep_file(
                tx, desk, packet.documents[file.document_id], file, told.model_dump_json(exclude_none=True)
            )
        documents = tuple(packet.documents.values())
        await take_up(tx, desk, waiting, arrived(outcome.files, documents), evidence)
        if await keep_evidence(tx, application_id, evidence, at):
            await follow_up(tx, desk, application_id)


async def _keep_file(
    tx: Transaction, desk: Desk, document: StoredDocument, triaged: TriagedFile, told: str
) -> None:
    at = desk.now()
    if not await complete_triage(tx, triaged.document_id, _sealed(triaged, told, await sealer_of(tx)), at):
        return  # it had been triaged
    key = number_key(desk.audit_key, tx.tenant)
    await keep_pages(tx, kept_pages(key, triaged.document_id, triaged.marks))
    await append_event(tx, desk.audit_key, _event(triaged, document.application_id, at))
    await publish(tx, _published(desk, triaged, document, at))


async def _keep_doubts(tx: Transaction, desk: Desk, packet: Packet, outcome: Outcome, at: datetime) -> Packet:
    """Put what this triage says for the first time against files of before before a person."""
    for held in outcome.earlier:
        file = packet.files.get(held.document_id)
        more = file.unheard(held.packet, held.reasons) if file else None
        if file is None or more is None:
            continue
        packet = packet.with_file(file.with_later(more))
        revision = len(file.later) + 1
        sealed = (await sealer_of(tx)).seal(
            more.model_dump_json().encode(), doubt_place(file.document_id, revision)
        )
        await add_doubt(tx, file.document_id, revision, sealed, at)
        await open_inspection(tx, file.document_id, at)
        await append_event(tx, desk.audit_key, _doubted(packet, file.document_id, more, at))
    return packet


def _sealed(triaged: TriagedFile, told: str, sealer: Sealer) -> Triaged:
    findings = triaged.findings.model_dump_json().encode()
    return Triaged(
        route=triaged.route,
        triage=told,
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


def _published(desk: Desk, triaged: TriagedFile, document: StoredDocument, at: datetime) -> Published:
    data: Mapping[str, str | None] = {
        "document_id": str(document.document_id),
        "application_id": str(document.filed_under),
        "status": "triaged",
        "route": triaged.route,
    }
    return Published(desk.new_id(), "document.triaged", document.broker_id, at, dict(data))


def _doubted(packet: Packet, document_id: UUID, more: LaterReasons, at: datetime) -> Event:
    data: dict[str, Json] = {
        "application_id": str(packet.documents[document_id].application_id),
        "documents": sorted({one.document for one in more.reasons}),
        "reasons": sorted({one.reason.code for one in more.reasons}),
    }
    return Event("document.doubted", str(document_id), ACTOR, at, data)
