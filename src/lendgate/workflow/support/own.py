"""Whose application it is: the review, the application and the conversation of the asker's own.

Law: a review or a conversation of another broker or tenant is one that does not exist, with the same words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from lendgate.assistants.support.context import SupportContext, context_of
from lendgate.errors import NotFoundError
from lendgate.schema import Application, Decision, Principal, RequestedItem, Review
from lendgate.schema.requests import SupportQuestion
from lendgate.store.applications import load_application
from lendgate.store.database import Transaction
from lendgate.store.decisions import load_standing
from lendgate.store.referrals import load_referral_of
from lendgate.store.reviews import StoredReview, load_review
from lendgate.store.support import Turn, is_own_conversation, latest_turns

NO_REVIEW: Final = "There is no review of yours with that id."
NO_CONVERSATION: Final = "There is no conversation of yours about this review with that id."


@dataclass(frozen=True, slots=True)
class OwnCase:
    """One review of the asker's own, with its application, the decision that stands, if any, and what an
    underwriter waits for.
    """

    stored: StoredReview
    review: Review
    application: Application
    decision: Decision | None
    awaited: tuple[RequestedItem, ...]

    @property
    def review_id(self) -> UUID:
        """The review's id."""
        return self.stored.review_id

    @property
    def context(self) -> SupportContext:
        """What of all this a support speaker is given."""
        return context_of(self.review, self.application, self.decision, self.awaited)


async def own_case(tx: Transaction, principal: Principal, review_id: str) -> OwnCase:
    """The asker's review of that id.

    Raises:
        NotFoundError: there is none.
    """
    stored = await load_review(tx, _uuid(review_id, NO_REVIEW), principal.broker_id)
    application = await load_application(tx, stored.application_id) if stored else None
    if stored is None or application is None:
        raise NotFoundError(NO_REVIEW)
    standing = await load_standing(tx, stored.review_id)
    decision = standing.decision if standing else None
    referral = await load_referral_of(tx, stored.review_id)
    awaited = referral.requested if referral and referral.state == "waiting" else ()
    return OwnCase(stored, stored.review, application.document, decision, awaited)


async def earlier_turns(
    tx: Transaction, principal: Principal, case: OwnCase, question: SupportQuestion, most: int
) -> Sequence[Turn]:
    """What was said before in the conversation that a question goes on with.

    Raises:
        NotFoundError: there is no such conversation of the asker's about this review.
    """
    if question.conversation_id is None:
        return ()
    conversation_id = _uuid(question.conversation_id, NO_CONVERSATION)
    if not await is_own_conversation(tx, conversation_id, case.review_id, principal.broker_id):
        raise NotFoundError(NO_CONVERSATION)
    return await latest_turns(tx, conversation_id, most)


def _uuid(text: str, otherwise: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFoundError(otherwise) from None
