"""Requests of brokers and how their applications stand: without a model, in published words.

Law: a request starts its clock and reaches an underwriter in the transaction that keeps it, with its audit
events. A decision on the review answers it (``workflow.verdicts``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from lendgate.assistants.support.approved import next_said, status_said
from lendgate.assistants.support.wordings import wordings
from lendgate.audit import Event
from lendgate.schema import MissingDocument, Principal
from lendgate.schema.requests import CorrectionKind, SupportCorrection
from lendgate.schema.support import SupportRequest, SupportStatus
from lendgate.store.audit_log import append_event
from lendgate.store.support import NewRequest, StoredRequest, add_request, published, requests_of
from lendgate.workflow.desk import Desk
from lendgate.workflow.referrals import ask_for_person
from lendgate.workflow.support.own import OwnCase, own_case

REQUEST_DAYS: Final[dict[CorrectionKind, int]] = {"correction": 30, "human_review": 30}
"""Days a lender gives itself to answer; a consumer report's dispute has 30 (15 USC 1681i(a)(1)(A))."""


async def status_of(desk: Desk, principal: Principal, review_id: str) -> SupportStatus:
    """How an application stands, in published words; no model is asked.

    Raises:
        NotFoundError: the review is not the asker's.
    """
    async with desk.database.tenant(principal.tenant) as tx:
        case = await own_case(tx, principal, review_id)
        requests = await requests_of(tx, case.review_id, principal.broker_id)
    return _status(case, requests)


async def open_request(desk: Desk, principal: Principal, wanted: SupportCorrection) -> SupportRequest:
    """Open a request for a correction or a person, start its clock, and put the review before an underwriter.

    Raises:
        NotFoundError: the review is not the asker's.
        StoreUnavailableError: nothing was stored.
    """
    now = desk.now()
    async with desk.database.tenant(principal.tenant) as tx:
        case = await own_case(tx, principal, wanted.review_id)
        request = NewRequest(
            request_id=desk.new_id(),
            review_id=case.review_id,
            broker_id=principal.broker_id,
            kind=wanted.kind,
            text=wanted.text,
            opened_at=now,
            due_on=desk.day_of(principal.tenant, now) + timedelta(days=REQUEST_DAYS[wanted.kind]),
        )
        event = _requested(principal, request)
        await ask_for_person(tx, desk, case.stored, event.actor)
        await add_request(tx, request)
        await append_event(tx, desk.audit_key, event)
    stored = StoredRequest(request.request_id, request.review_id, request.kind, "open", now, request.due_on)
    return published(stored)


def _status(case: OwnCase, requests: Sequence[StoredRequest]) -> SupportStatus:
    review, context, decision = case.review, case.context, case.decision
    return SupportStatus(
        review_id=review.review_id,
        status=review.status,
        outcome=review.recommendation.outcome if review.recommendation else None,
        action=decision.action if decision else None,
        summary=status_said(context),
        next_step=next_said(context),
        reasons=context.public_reasons,
        missing_documents=() if decision else tuple(_missing(case)),
        missing_fields=tuple(context.fields),
        requests=tuple(map(published, requests)),
        received_at=review.created_at,
        completed_at=review.completed_at,
        decided_at=decision.decided_at if decision else None,
    )


def _missing(case: OwnCase) -> Iterator[MissingDocument]:
    """What the product asks for, and what an underwriter does."""
    completeness = case.review.completeness
    whys = {one.type: one.why for one in completeness.missing_documents} if completeness else {}
    for one in case.context.completeness.missing_documents:
        yield one.model_copy(update={"why": whys.get(one.type, wordings().missing.asked)})


def _requested(principal: Principal, request: NewRequest) -> Event:
    return Event(
        kind="support.requested",
        subject=str(request.review_id),
        actor=f"broker:{principal.broker_id}",
        at=request.opened_at,
        data={
            "due_on": request.due_on.isoformat(),
            "kind": request.kind,
            "request_id": str(request.request_id),
        },
    )
