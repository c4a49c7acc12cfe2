"""What underwriters do to referrals, short of deciding them; and how referrals begin.

Law: every change names the version that was read, and is one transaction with its audit event: of two
people who change the same version one hears that it is stale. A referral is opened in the transaction of
what asks for a person.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lendgate.analysis.documents import DOCUMENTS
from lendgate.audit import Event, EventKind
from lendgate.audit.canonical import Json
from lendgate.decision.lint import require_clean
from lendgate.errors import NotFoundError
from lendgate.review.case import add_conditions, ask_for
from lendgate.review.lease import assign, changed, claim, release
from lendgate.review.refusals import StaleError, VerdictRefusedError
from lendgate.schema import RequestedItem, Review
from lendgate.schema.referral import Referral, ReferralCause
from lendgate.schema.requests import ReferralDocumentRequests, RequestedDocument
from lendgate.store.audit_log import append_event
from lendgate.store.database import Transaction
from lendgate.store.referrals import load_referral, lock_referral_of, open_referral, save_referral
from lendgate.store.reviews import StoredReview
from lendgate.workflow.desk import Desk

NOT_HERE = "There is no referral with that id."
Change = Callable[[Referral, datetime], Referral]


def referral_for(desk: Desk, review: Review, broker_id: str, cause: ReferralCause) -> Referral:
    """A new referral of a review, not kept yet."""
    return Referral(
        referral_id=str(desk.new_id()),
        review_id=review.review_id,
        broker_id=broker_id,
        applicant_id=review.applicant_id,
        product=review.product,
        cause=cause,
        outcome=review.recommendation.outcome if review.recommendation else None,
        opened_at=desk.now(),
    )


async def refer(
    tx: Transaction, desk: Desk, review: Review, broker_id: str, cause: ReferralCause
) -> Referral | None:
    """Put a review before an underwriter; None: it has an open referral, and that one stays."""
    referral = referral_for(desk, review, broker_id, cause)
    return referral if await open_referral(tx, referral) else None


def opened(desk: Desk, referral: Referral, application_id: UUID, actor: str) -> Event:
    """The audit event of a referral that a review's outcome, or a memo of it, asks for."""
    data: dict[str, Json] = {
        "cause": referral.cause,
        "outcome": referral.outcome,
        "referral_id": referral.referral_id,
        "review_id": referral.review_id,
    }
    return Event("referral.opened", str(application_id), actor, desk.now(), data)


async def ask_for_person(tx: Transaction, desk: Desk, stored: StoredReview, actor: str) -> Referral:
    """Somebody asks that a person looks at a review: a new referral, or the next version of the one that is
    open, so that nobody decides it without having read what was asked.

    ``tx`` is the transaction that keeps the request, after this; the audit event is appended here.
    """
    new = await refer(tx, desk, stored.review, stored.broker_id, "person_request")
    referral = new or await lock_referral_of(tx, stored.review_id)
    if referral is None:
        raise NotFoundError(NOT_HERE)
    if new is None:
        await save_referral(tx, changed(referral))
    kind: EventKind = "referral.opened" if new else "referral.person_requested"
    data = {"cause": "person_request", "referral_id": referral.referral_id, "review_id": referral.review_id}
    event = Event(kind, str(stored.application_id), actor, desk.now(), data)
    await append_event(tx, desk.audit_key, event)
    return referral


@dataclass(frozen=True, slots=True)
class AsRead:
    """A referral as an underwriter read it, and who that is: what every change begins with."""

    tenant: str
    referral_id: UUID
    version: int
    actor: str

    @property
    def named_actor(self) -> str:
        """The underwriter as the audit trail names them."""
        return f"underwriter:{self.actor}"


async def claim_referral(desk: Desk, read: AsRead) -> Referral:
    """Take a referral in hand.

    Raises:
        NotFoundError, StaleError, HeldError, ClosedError: it is not there, or not as it was, or not free.
    """
    return await _changed(desk, read, "referral.claimed", lambda one, now: claim(one, read.actor, now))


async def release_referral(desk: Desk, read: AsRead) -> Referral:
    """Give a referral back; raises as ``claim_referral``."""
    return await _changed(desk, read, "referral.released", lambda one, now: release(one, read.actor, now))


async def assign_referral(desk: Desk, read: AsRead, assignee: str | None) -> Referral:
    """Make a referral somebody's, or everybody's; raises as ``claim_referral``."""
    return await _changed(
        desk, read, "referral.assigned", lambda one, now: assign(one, assignee, read.actor, now)
    )


async def note_conditions(desk: Desk, read: AsRead, items: Sequence[RequestedItem]) -> Referral:
    """Note what an approval will depend on; raises as ``claim_referral``, and DecisionRefusedError for words
    that may not go out.
    """
    require_clean((), [item.text for item in items])
    return await _changed(
        desk, read, "referral.conditions_added", lambda one, now: add_conditions(one, items, read.actor, now)
    )


async def request_documents(desk: Desk, read: AsRead, items: Sequence[RequestedItem]) -> Referral:
    """Ask the applicant for documents; raises as ``note_conditions``."""
    require_clean((), [item.text for item in items])
    return await _changed(
        desk, read, "referral.documents_requested", lambda one, now: ask_for(one, items, read.actor, now)
    )


def requested_documents(body: ReferralDocumentRequests) -> tuple[RequestedItem, ...]:
    """What is asked for, in words: the document's plain name, and what the underwriter adds.

    Raises:
        VerdictRefusedError: a document of no known type, and nobody says which.
    """
    return tuple(_requested(document) for document in body.documents)


def _requested(document: RequestedDocument) -> RequestedItem:
    if document.type == "other" and document.note is None:
        raise VerdictRefusedError("Say in note which document is meant.")
    name = DOCUMENTS[document.type][0]
    name = name[0].upper() + name[1:]
    text = f"{name}: {document.note}" if document.note else name
    return RequestedItem(text=text, document=document.type)


async def load_as_read(tx: Transaction, read: AsRead) -> Referral:
    """The referral, if it is still as it was read.

    Raises:
        NotFoundError, StaleError: it is not there, or has changed.
    """
    referral = await load_referral(tx, read.referral_id)
    if referral is None:
        raise NotFoundError(NOT_HERE)
    if referral.version != read.version:
        raise StaleError("The referral has changed since it was read; read it again.")
    return referral


async def _changed(desk: Desk, read: AsRead, kind: EventKind, change: Change) -> Referral:
    async with desk.database.tenant(read.tenant) as tx:
        after = change(await load_as_read(tx, read), desk.now())
        await save_referral(tx, after)
        data = {"assigned_to": after.assigned_to, "review_id": after.review_id, "version": after.version}
        event = Event(kind, after.referral_id, read.named_actor, desk.now(), data)
        await append_event(tx, desk.audit_key, event)
    return after
