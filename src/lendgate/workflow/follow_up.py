"""A review made again because documents came: beside the one that ended, which stays as it is.

Law: a review that ended never changes, so what documents change is said by a new one, queued in the
transaction of what calls for it. A review under way looks at its own end whether it missed something, so
there is never a second one beside it. Where a person has the matter, or it is decided, a new review informs
and neither approves nor refers.
"""

from __future__ import annotations

from uuid import UUID

from lendgate.audit import Event
from lendgate.schema import Review
from lendgate.store.audit_log import append_event
from lendgate.store.database import Transaction
from lendgate.store.reviews import newest_review_of, queue_again
from lendgate.workflow.accept import Accepted, review_job
from lendgate.workflow.desk import ACTOR, Desk

_UNDER_WAY = ("queued", "running")


async def follow_up(tx: Transaction, desk: Desk, application_id: UUID) -> None:
    """Queue a review of what documents changed, unless one is under way."""
    newest = await newest_review_of(tx, application_id)
    if newest is not None and newest.status not in _UNDER_WAY:
        await _queue(tx, desk, application_id, newest.broker_id, newest.review)


async def follow_up_if_missed(tx: Transaction, desk: Desk, accepted: Accepted, evidence: int) -> None:
    """Queue another review when documents were triaged while this one, which just ended, was under way;
    ``evidence`` is their newest revision.
    """
    application = accepted.application
    if evidence > accepted.kept.revision:
        await _queue(tx, desk, application.application_id, application.broker_id, accepted.review)


async def _queue(tx: Transaction, desk: Desk, application_id: UUID, broker_id: str, earlier: Review) -> None:
    at = desk.now()
    review = Review(
        review_id=str(desk.new_id()),
        status="queued",
        applicant_id=earlier.applicant_id,
        product=earlier.product,
        follows=earlier.review_id,
        request_id=earlier.request_id,
        created_at=at,
    )
    await queue_again(tx, application_id, broker_id, review, review_job("bulk", tx.tenant, review.review_id))
    data = {"application_id": str(application_id), "because": "documents", "follows": earlier.review_id}
    await append_event(tx, desk.audit_key, Event("review.queued_again", review.review_id, ACTOR, at, data))
