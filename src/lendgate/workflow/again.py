"""A later memo for a review that has ended: an enrichment, most often by Claude after the rules stood in.

Law: the review stays as it ended: outcome, reasons and numbers are the recommendation's, whatever the memo
says. The memo is a revision with its own audit event, in one transaction. It may escalate and never relax: a
person who was asked for once stays asked for, and where a memo is the first to ask, an eligible review is
referred in the same transaction. When the model does not answer, nothing changes.
"""

from __future__ import annotations

from uuid import UUID

from lendgate.analysis.reviewer import Case, ChargedTo, Reviewed, case_of
from lendgate.audit import Event
from lendgate.errors import LendgateError, NotFoundError
from lendgate.policy.model import Assessment
from lendgate.schema import CreditMemo, Review
from lendgate.store.audit_log import append_event
from lendgate.store.database import Transaction
from lendgate.store.memos import FIRST, MemoRevision, add_memo, newest_memo
from lendgate.store.reviews import StoredReview, load_assessment, load_review_for_work
from lendgate.workflow.desk import Desk
from lendgate.workflow.referrals import opened, refer


class NoNewMemoError(LendgateError):
    """There is no newer memo than before; says why. Nothing was changed."""


async def write_again(desk: Desk, tenant: str, review_id: UUID, actor: str) -> MemoRevision:
    """Have the desk's reviewer write another memo for a completed review, and keep it.

    Raises:
        NotFoundError: the tenant has no such review.
        NoNewMemoError: it has not been completed, the model did not answer, it said the same again, or
            another memo was written meanwhile.
    """
    async with desk.database.tenant(tenant) as tx:
        stored, case, newest = await _loaded(tx, tenant, review_id)
    reviewed = await desk.reviewer.review(case)
    before = newest.memo if newest else _memo_of(stored.review)
    memo = _held(reviewed, before)
    revision = MemoRevision(
        memo_id=desk.new_id(),
        review_id=review_id,
        revision=(newest.revision if newest else FIRST) + 1,
        memo=memo,
        usage=reviewed.usage,
        at=desk.now(),
    )
    async with desk.database.tenant(tenant) as tx:
        if not await add_memo(tx, revision):
            raise NoNewMemoError("nothing was changed: another memo was written at the same moment")
        await append_event(tx, desk.audit_key, _revised(revision, before, actor))
        if memo.escalate and not before.escalate:
            await _refer_eligible(tx, desk, stored, actor)
    return revision


async def _refer_eligible(tx: Transaction, desk: Desk, stored: StoredReview, actor: str) -> None:
    """What is not eligible asked for a person when it ended; so did what has an open referral."""
    review = stored.review
    if review.recommendation is None or review.recommendation.outcome != "eligible":
        return
    referral = await refer(tx, desk, review, stored.broker_id, "refer")
    if referral is not None:
        await append_event(tx, desk.audit_key, opened(desk, referral, stored.application_id, actor))


async def _loaded(
    tx: Transaction, tenant: str, review_id: UUID
) -> tuple[StoredReview, Case, MemoRevision | None]:
    """The review, the case exactly as its reviewer had it, and its newest revision."""
    stored = await load_review_for_work(tx, review_id)
    if stored is None:
        raise NotFoundError(f"tenant {tenant} has no review {review_id}")
    found = await load_assessment(tx, review_id)
    review = stored.review
    if found is None or review.recommendation is None or review.completeness is None:
        raise NoNewMemoError(f"review {review_id} is {review.status}: only a completed one has a memo")
    assessment = Assessment(found[0], found[1], (), review.recommendation.policy)
    charged_to = ChargedTo(tenant, review.review_id)
    risk = review.recommendation.risk
    case = case_of(review.product, assessment, review.completeness, risk, charged_to)
    return stored, case, await newest_memo(tx, review_id)


def _memo_of(review: Review) -> CreditMemo:
    if review.memo is None:
        raise NoNewMemoError(f"review {review.review_id} has no memo")
    return review.memo


def _held(reviewed: Reviewed, before: CreditMemo) -> CreditMemo:
    """The new memo, which asks for a person wherever the one before it did."""
    memo = reviewed.memo.model_copy(update={"escalate": reviewed.memo.escalate or before.escalate})
    if memo.because is not None:
        raise NoNewMemoError(f"nothing was changed: {memo.because}")
    if memo == before:
        raise NoNewMemoError("nothing was changed: the same memo came of it")
    return memo


def _revised(revision: MemoRevision, before: CreditMemo, actor: str) -> Event:
    return Event(
        kind="memo.revised",
        subject=str(revision.review_id),
        actor=actor,
        at=revision.at,
        data={
            "escalated": revision.memo.escalate and not before.escalate,
            "memo_id": str(revision.memo_id),
            "model": revision.usage.model,
            "prompt_sha256": revision.usage.prompt_sha256,
            "reviewer": revision.memo.reviewer,
            "revision": revision.revision,
        },
    )
