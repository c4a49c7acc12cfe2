"""Referrals that wait for documents, when documents come: back to the open queue with them.

Law: a referral changes in the transaction that ends the triage it waits for, or that accepts a document as
what it waits for, with its audit event. A file that goes back to its sender is no arrival; one that a person
has to look at is.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from lendgate.audit import Event
from lendgate.audit.canonical import Json
from lendgate.review.case import came
from lendgate.schema.enums import DocumentType
from lendgate.schema.referral import Referral
from lendgate.store.audit_log import append_event
from lendgate.store.database import Transaction
from lendgate.store.documents import StoredDocument
from lendgate.store.referrals import save_referral
from lendgate.workflow.desk import Desk
from lendgate.workflow.evidence import Evidence
from lendgate.workflow.triage import TriagedFile

ACTOR: Final = "system:workflow"


async def take_up(
    tx: Transaction,
    desk: Desk,
    waiting: Sequence[Referral],
    new: AbstractSet[DocumentType],
    evidence: Evidence,
) -> None:
    """Put the ``waiting`` referrals, which the caller has locked, back in the queue where what they wait for
    has come with the types ``new``; ``evidence`` is what the application holds by now.
    """
    held = new | {one.type for one in evidence.found}
    for referral in waiting:
        after = came(referral, new, held)
        if after is not None:
            await save_referral(tx, after)
            await append_event(tx, desk.audit_key, _event(desk, after, new))


def arrived(files: Sequence[TriagedFile], documents: Sequence[StoredDocument]) -> frozenset[DocumentType]:
    """What came with these files: what they were found to be, and what they were said to be."""
    declared = {document.document_id: document.declared_type for document in documents}
    return frozenset(
        kind
        for file in files
        if file.route != "return_to_sender"
        for kind in (declared[file.document_id], *(document.type for document in file.result.documents))
    )


def _event(desk: Desk, referral: Referral, new: AbstractSet[DocumentType]) -> Event:
    data: dict[str, Json] = {
        "review_id": referral.review_id,
        "types": [*sorted(new)],
        "version": referral.version,
    }
    return Event("referral.documents_came", referral.referral_id, ACTOR, desk.now(), data)
