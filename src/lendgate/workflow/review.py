"""Carrying a review out: underwrite, then outcome, audit events, outbox and the job's end in one transaction.

Law: an ended review never changes; carrying one out twice stores it once and gives the stored result. A
review that cannot be carried out ends as ``failed`` and asks for a person; it never ends as a yes.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Final
from uuid import UUID

from lendgate.analysis.reviewer import ChargedTo
from lendgate.audit import Event
from lendgate.errors import NotFoundError
from lendgate.schema import Review
from lendgate.store.applications import StoredApplication, load_application
from lendgate.store.audit_log import append_event
from lendgate.store.database import StoreUnavailableError, Transaction
from lendgate.store.endings import Ending, Handover, complete_review, fail_review
from lendgate.store.outbox import Published
from lendgate.store.policy_packs import keep_pack
from lendgate.store.reviews import load_review_for_work, start_review
from lendgate.workflow.accept import Accepted
from lendgate.workflow.desk import ACTOR, Desk
from lendgate.workflow.follow_up import follow_up_if_missed
from lendgate.workflow.handover import hand_over, next_of
from lendgate.workflow.kept_evidence import load_evidence
from lendgate.workflow.underwrite import Underwritten, underwrite

_LOG: Final = logging.getLogger("lendgate.workflow")


async def load_accepted(
    desk: Desk, tenant: str, review_id: UUID, worker: int | None = None
) -> Accepted | None:
    """An accepted review as it was stored, for the worker that holds its job."""
    async with desk.database.tenant(tenant) as tx:
        stored = await load_review_for_work(tx, review_id)
        application = await load_application(tx, stored.application_id) if stored else None
        if stored is None or application is None:
            return None
        kept = await load_evidence(tx, stored.application_id)
    return Accepted(tenant, application, stored.review, worker, kept)


async def carry_out(desk: Desk, accepted: Accepted) -> Review:
    """Review an accepted application and store the result; gives the result that is stored.

    1. it is said to be running  2. it is judged (``underwrite``)  3. it ends, with all that goes with that
    """
    begun = await _begun(desk, accepted)
    if begun is None:
        return await _as_stored(desk, accepted)
    return await _ended(desk, begun, await _judged(desk, begun))


async def _begun(desk: Desk, accepted: Accepted) -> Accepted | None:
    """The review as whoever looks sees it now. None: it has ended, and no model is asked about it again."""
    if desk.reviewer.name == "rules":
        return accepted  # is over before anybody looks
    running = accepted.review.model_copy(update={"status": "running"})
    async with desk.database.tenant(accepted.tenant) as tx:
        if not await start_review(tx, running, desk.now()):
            return None
        event = Event(
            "review.started", running.review_id, ACTOR, desk.now(), {"reviewer": desk.reviewer.name}
        )
        await append_event(tx, desk.audit_key, event)
    return replace(accepted, review=running)


async def _judged(desk: Desk, accepted: Accepted) -> Underwritten:
    application, evidence = accepted.application, accepted.kept.evidence
    charged_to = ChargedTo(accepted.tenant, accepted.review.review_id)
    return await underwrite(
        evidence.applied_to(application.document),
        application.received_at.date(),
        desk.rulebook,
        desk.reviewer,
        charged_to,
        shown=evidence.facts,
    )


async def _ended(desk: Desk, accepted: Accepted, result: Underwritten) -> Review:
    """One transaction: the outcome, its events, who has it next, what others are told, the job's end."""
    review = _completed(desk, accepted.review, result)
    pack = desk.rulebook.packs[review.product]
    unkept = desk.shelf.lacks(accepted.tenant, pack.reference.sha256)
    async with desk.database.tenant(accepted.tenant) as tx:
        following = await next_of(tx, desk, accepted, review, result.assessment)
        ending = _ending(desk, accepted, review, following.handover)
        ended = await complete_review(tx, review, result.assessment, desk.now(), ending)
        if ended is None:
            return await _stored(tx, review.review_id)
        await append_event(tx, desk.audit_key, _completed_event(accepted.application, review))
        if unkept:
            await keep_pack(tx, pack.reference.sha256, pack.content, desk.now())
        await hand_over(tx, desk, accepted, following, ended)
        await follow_up_if_missed(tx, desk, accepted, ended.evidence)
    desk.shelf.note(accepted.tenant, pack.reference.sha256)
    return review


async def see_through(desk: Desk, accepted: Accepted) -> Review:
    """Carry a review out, or end it as failed; gives the result that is stored.

    Raises:
        StoreUnavailableError: it stays unfinished in the store, to be taken up again.
    """
    try:
        return await carry_out(desk, accepted)
    except StoreUnavailableError:
        raise
    except Exception:  # noqa: BLE001 - what nobody foresaw ends its review, too: as failed, never as a yes
        _LOG.exception("a review could not be carried out", extra={"review_id": accepted.review.review_id})
        return await give_up(desk, accepted)


async def give_up(desk: Desk, accepted: Accepted) -> Review:
    """End a review that cannot be carried out; a person has to look."""
    failed = accepted.review.model_copy(update={"status": "failed", "completed_at": desk.now()})
    async with desk.database.tenant(accepted.tenant) as tx:
        following = await next_of(tx, desk, accepted, failed, None)
        ending = _ending(desk, accepted, failed, following.handover)
        ended = await fail_review(tx, failed, desk.now(), ending)
        if ended is None:
            return await _stored(tx, failed.review_id)
        event = Event("review.failed", failed.review_id, ACTOR, desk.now())
        await append_event(tx, desk.audit_key, event)
        await hand_over(tx, desk, accepted, following, ended)
    return failed


def _completed(desk: Desk, review: Review, result: Underwritten) -> Review:
    return review.model_copy(
        update={
            "status": "completed",
            "recommendation": result.recommendation,
            "memo": result.reviewed.memo,
            "findings": result.checks,
            "completeness": result.completeness,
            "usage": result.reviewed.usage,
            "completed_at": desk.now(),
        }
    )


def _completed_event(application: StoredApplication, review: Review) -> Event:
    recommendation, memo, at = review.recommendation, review.memo, review.completed_at
    if recommendation is None or memo is None or at is None:
        raise ValueError("a completed review has a recommendation and a memo")
    data = {
        "application_id": str(application.application_id),
        "outcome": recommendation.outcome,
        "policy_sha256": recommendation.policy.sha256,
        "reasons": [reason.code for reason in recommendation.reasons],
        "reviewer": memo.reviewer,
    }
    return Event("review.completed", review.review_id, ACTOR, at, data)


def _ending(desk: Desk, accepted: Accepted, review: Review, handover: Handover | None) -> Ending:
    """The job that ends with a review, what others hear (ids and codes, to be looked up with a token), and
    who has it next.
    """
    outcome = review.recommendation.outcome if review.recommendation else None
    event = Published(
        event_id=desk.new_id(),
        kind="review.completed" if review.status == "completed" else "review.failed",
        broker_id=accepted.application.broker_id,
        at=desk.now(),
        data={"review_id": review.review_id, "status": review.status, "outcome": outcome},
    )
    return Ending(accepted.job.lock, accepted.worker, event, handover)


async def _as_stored(desk: Desk, accepted: Accepted) -> Review:
    async with desk.database.tenant(accepted.tenant) as tx:
        return await _stored(tx, accepted.review.review_id)


async def _stored(tx: Transaction, review_id: str) -> Review:
    stored = await load_review_for_work(tx, UUID(review_id))
    if stored is None:
        raise NotFoundError("The review is not there.")
    return stored.review
