"""``/lending-review``: accept, wait, answer; and tell how it stands.

Law: a route asks for a scope first, speaks to the workflow, and sends the stored body as it stands; a
review of another broker or tenant is one that does not exist.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response

from lendgate.bootstrap import Service
from lendgate.errors import NotFoundError
from lendgate.store.database import Transaction
from lendgate.store.reviews import StoredReview, load_review
from lendgate.web.events import review_events
from lendgate.web.metrics import Metrics
from lendgate.web.preferences import wait_of
from lendgate.web.signature import Verified
from lendgate.web.signed import caller
from lendgate.workflow.accept import accept_application

LONGEST_WAIT: Final = 20.0
"""Seconds; the gate gives an answer up after 25 (ORIGIN_DEADLINE_MS), and 202 has to come before that."""
router: Final = APIRouter()


def service_of(request: Request) -> Service:
    """The service this application was made with."""
    service: Service = request.app.state.service
    return service


def metrics_of(request: Request) -> Metrics:
    """The numbers of this application."""
    metrics: Metrics = request.app.state.metrics
    return metrics


@router.post("/lending-review")
async def create_review(request: Request, prefer: Annotated[str | None, Header()] = None) -> Response:
    """Accept an application; 200 with the review when it is done in time, else 202 and where it will be."""
    verified = caller(request, "review:write")
    service = service_of(request)
    body = await request.body()
    accepted = await accept_application(service.desk, body, verified.principal, verified.metadata)
    task = service.runner.begin(accepted)
    task.add_done_callback(metrics_of(request).count)
    wait = wait_of(prefer, service.settings.wait_seconds, LONGEST_WAIT)
    await asyncio.wait({task}, timeout=min(wait, LONGEST_WAIT))
    if task.done() and task.exception() is None:
        return _answer(200, task.result().model_dump_json(exclude_none=True), task.result().review_id)
    return _answer(202, accepted.review.model_dump_json(exclude_none=True), accepted.review.review_id)


@router.get("/lending-review/{review_id}")
async def get_review(review_id: str, request: Request) -> Response:
    """The review as it stands; 202 while it is not ended."""
    verified = caller(request, "review:read")
    stored = await _own_review(service_of(request), verified, review_id)
    ended = stored.status in ("completed", "failed")
    return _answer(200 if ended else 202, stored.body, review_id)


@router.get("/lending-review/{review_id}/events")
async def get_events(
    review_id: str, request: Request, last_event_id: Annotated[str | None, Header()] = None
) -> Response:
    """Progress as server-sent events; ends when the review does."""
    verified = caller(request, "review:read")
    service = service_of(request)
    stored = await _own_review(service, verified, review_id)
    return await review_events(service.desk.database, verified.principal, stored.review_id, last_event_id)


async def _own_review(service: Service, verified: Verified, review_id: str) -> StoredReview:
    async with service.desk.database.tenant(verified.principal.tenant) as tx:
        stored = await _find(tx, review_id, verified.principal.broker_id)
    if stored is None:
        raise NotFoundError("There is no review of yours with that id.")
    return stored


async def _find(tx: Transaction, review_id: str, broker_id: str) -> StoredReview | None:
    try:
        return await load_review(tx, UUID(review_id), broker_id)
    except ValueError:
        return None  # no id of ours


def _answer(status: int, body: str, review_id: str) -> Response:
    headers = {"Cache-Control": "no-store", "Location": f"/lending-review/{review_id}"}
    return Response(body, status_code=status, media_type="application/json", headers=headers)
