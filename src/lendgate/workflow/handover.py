"""Who has a review once it has ended: the lender's standing permission, a person, or a person already.

Law: what policy alone may not approve is for an underwriter, and its clock runs: a machine declines nobody.
Who it is, is known before the transaction changes anything, so that the end and what follows from it are
written together.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from lendgate.audit import Event
from lendgate.policy.model import Assessment
from lendgate.schema import Review
from lendgate.store.audit_log import append_event
from lendgate.store.database import Transaction
from lendgate.store.endings import Ended, Handover
from lendgate.store.reviews import person_has
from lendgate.workflow.accept import Accepted
from lendgate.workflow.deadlines import clock_for
from lendgate.workflow.desk import ACTOR, Desk
from lendgate.workflow.referrals import opened, referral_for
from lendgate.workflow.verdicts import Approval, keep_approval, policy_approval


@dataclass(frozen=True, slots=True)
class Next:
    """One of the two, or neither: a person has the matter already."""

    review: Review
    approval: Approval | None = None
    handover: Handover | None = None


async def next_of(
    tx: Transaction, desk: Desk, accepted: Accepted, review: Review, assessment: Assessment | None
) -> Next:
    """Who has a review next; ``assessment`` is None where it could not be carried out."""
    application = accepted.application
    if await _person_has(tx, accepted, review):
        return Next(review)
    if assessment is not None:
        approval = policy_approval(desk, accepted.tenant, application, review, assessment)
        if approval is not None:
            return Next(review, approval=approval)
    outcome = review.recommendation.outcome if review.recommendation else None
    referral = referral_for(desk, review, application.broker_id, outcome or "failed")
    begun = clock_for(desk, accepted.tenant, application, outcome)
    return Next(review, handover=Handover(referral, desk.new_id(), begun))


async def hand_over(tx: Transaction, desk: Desk, accepted: Accepted, following: Next, ended: Ended) -> None:
    """What is left to write of it once the review has ended: the approval, or the audit event."""
    application_id = accepted.application.application_id
    if following.approval is not None:
        await keep_approval(tx, desk, following.approval)
    elif following.handover is None:
        await append_event(tx, desk.audit_key, _reviewed_again(desk, application_id, following.review))
    elif ended.referred:  # else somebody asked for a person before: that referral and its event stay
        referral = following.handover.referral
        await append_event(tx, desk.audit_key, opened(desk, referral, application_id, ACTOR))


async def _person_has(tx: Transaction, accepted: Accepted, review: Review) -> bool:
    """Only a review made again can come to a matter that a person has."""
    if review.follows is None:
        return False
    return await person_has(tx, accepted.application.application_id, UUID(review.review_id))


def _reviewed_again(desk: Desk, application_id: UUID, review: Review) -> Event:
    outcome = review.recommendation.outcome if review.recommendation else None
    data = {"outcome": outcome, "review_id": review.review_id}
    return Event("referral.reviewed_again", str(application_id), ACTOR, desk.now(), data)
