"""All triaged files of an application with what people said of them, opened; and what they prove together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from lendgate.documents.case import case_of
from lendgate.intake.completeness import ProductRequirements, completeness
from lendgate.schema.enums import DocumentType, Product
from lendgate.store.applications import StoredApplication
from lendgate.store.data_keys import sealer_of
from lendgate.store.database import Transaction
from lendgate.store.documents import StoredDocument, document_part_place, documents_of, findings_of
from lendgate.store.inspections import (
    StoredVerdict,
    doubt_place,
    doubts_of,
    verdict_place,
    verdicts_of,
)
from lendgate.store.sealing import Sealer
from lendgate.workflow.evidence import Evidence, evidence_of
from lendgate.workflow.inspected import GivenVerdict, InspectedFile, LaterReasons
from lendgate.workflow.triage import Findings

_NONE: Final[Sequence[tuple[int, bytes]]] = ()


@dataclass(frozen=True, slots=True)
class Packet:
    """The files of an application that were triaged, oldest first, and their documents as they are stored."""

    documents: Mapping[UUID, StoredDocument]
    files: Mapping[UUID, InspectedFile]

    def with_file(self, file: InspectedFile) -> Packet:
        """The packet with a file as it is now; one that is new to it has its place among the others."""
        files = {**self.files, file.document_id: file}
        return Packet(self.documents, {one: files[one] for one in self.documents if one in files})


async def load_packet(tx: Transaction, application_id: UUID) -> Packet:
    """The packet of an application: of documents that were received, those that were triaged have files."""
    sealer, findings = await sealer_of(tx), await findings_of(tx, application_id)
    doubts, verdicts = await doubts_of(tx, application_id), await verdicts_of(tx, application_id)
    documents = {one.document_id: one for one in await documents_of(tx, application_id) if one.blob}
    files = {
        one: InspectedFile(
            one,
            opened_findings(sealer, one, findings[one]),
            tuple(_doubt(sealer, one, *each) for each in doubts.get(one, _NONE)),
            tuple(_verdict(sealer, each) for each in verdicts.get(one, ())),
        )
        for one in documents
        if one in findings
    }
    return Packet(documents, files)


def proved_by(packet: Packet, application: StoredApplication, at: datetime) -> Evidence:
    """What the files prove together."""
    case = case_of(application.document, at.date())
    return evidence_of(tuple(packet.files.values()), application.document, case)


def missing_types(
    evidence: Evidence,
    application: StoredApplication,
    requirements: Mapping[Product, ProductRequirements],
) -> tuple[DocumentType, ...]:
    """The types that the policy asks for and that no file turned out to hold."""
    found = completeness(evidence.applied_to(application.document), requirements)
    return tuple(one.type for one in found.missing_documents)


def opened_findings(sealer: Sealer, document_id: UUID, sealed: bytes) -> Findings:
    """What was found in a document."""
    return Findings.model_validate_json(sealer.open(sealed, document_part_place("findings", document_id)))


def _doubt(sealer: Sealer, document_id: UUID, revision: int, sealed: bytes) -> LaterReasons:
    return LaterReasons.model_validate_json(sealer.open(sealed, doubt_place(document_id, revision)))


def _verdict(sealer: Sealer, stored: StoredVerdict) -> GivenVerdict:
    return GivenVerdict.model_validate_json(sealer.open(stored.body, verdict_place(stored.verdict_id)))
