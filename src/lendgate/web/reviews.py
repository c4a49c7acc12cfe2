"""``/lending-review``: accept, wait, answer; and tell how it stands.

Law: a route asks for a scope first, speaks to the workflow, and sends the stored body as it stands; a
review of another broker or tenant is one that does not exist.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response

from lendgate.bootstrap import Service
from lendgate.errors import NotFoundError
from lendgate.schema import Review
from lendgate.store.database import Transaction
from lendgate.store.idempotency import RequestKey
from lendgate.store.memos import newest_memo
from lendgate.store.reviews import StoredReview, load_review
from lendgate.web.events import review_events
from lendgate.web.idempotency import key_of
from lendgate.web.preferences import wait_of
from lendgate.web.signature import Verified
from lendgate.web.signed import caller
from lendgate.workflow.accept import Accepted, KeyTakenError
from lendgate.workflow.repeat import answer_unfinished, earlier_answer

LONGEST_WAIT: Final = 20.0
"""Seconds; the gate gives an answer up after 25 (ORIGIN_DEADLINE_MS), and 202 has to come before that."""
ROUTE: Final = "POST /lending-review"
"""What an Idempotency-Key belongs to, beside its tenant and broker."""
router: Final = APIRouter()


def service_of(request: Request) -> Service:
    """The service this application was made with."""
    service: Service = request.app.state.service
    return service


@router.post("/lending-review")
async def create_review(
    request: Request,
    prefer: Annotated[str | None, Header()] = None,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> Response:
    """Accept an application; 200 with the review when it is done in time, else 202 and where it will be.

    With an Idempotency-Key, a request that comes again gets the first one's answer.
    """
    verified = caller(request, "review:write")
    service, body = service_of(request), await request.body()
    wait = min(wait_of(prefer, service.settings.wait_seconds, LONGEST_WAIT), LONGEST_WAIT)
    if idempotency_key is None:
        accepted = await _accept(service, verified, body, wait, None)
        review = await service.runner.result(accepted, wait)
        return review_answer(review or accepted.review, 202 if review is None else 200)
    key = RequestKey(verified.principal.broker_id, ROUTE, key_of(idempotency_key))
    return await _once(service, verified, body, wait, key)


async def _once(service: Service, verified: Verified, body: bytes, wait: float, key: RequestKey) -> Response:
    """Carry a request out unless its key has been used; then the answer it had."""
    tenant, digest = verified.principal.tenant, hashlib.sha256(body).digest()
    earlier = await earlier_answer(service.desk, tenant, key, digest)
    if earlier is None:
        try:
            accepted = await _accept(service, verified, body, wait, key)
        except KeyTakenError:  # by one that came in the same moment
            earlier = await earlier_answer(service.desk, tenant, key, digest)
            if earlier is None:
                raise
    if earlier is not None:
        return _answer(earlier.status, earlier.body, str(earlier.review_id), replayed=True)
    review = await service.runner.result(accepted, wait)
    if review is not None:
        return review_answer(review, 200)
    said = await answer_unfinished(service.desk, tenant, key, UUID(accepted.review.review_id))
    return _answer(said.status, said.body, str(said.review_id))


async def _accept(
    service: Service, verified: Verified, body: bytes, wait: float, key: RequestKey | None
) -> Accepted:
    return await service.runner.accept(body, verified.principal, verified.metadata, waits=wait > 0, key=key)


@router.get("/lending-review/{review_id}")
async def get_review(review_id: str, request: Request) -> Response:
    """The review as it stands; 202 while it is not ended."""
    verified = caller(request, "review:read")
    service = service_of(request)
    stored = await own_review(service, verified, review_id)
    if stored.status not in ("completed", "failed"):
        return _answer(202, stored.body, review_id)
    return _answer(200, await _with_newest_memo(service, verified.principal.tenant, stored), review_id)


@router.get("/lending-review/{review_id}/events")
async def get_events(
    review_id: str, request: Request, last_event_id: Annotated[str | None, Header()] = None
) -> Response:
    """Progress as server-sent events; ends when the review does."""
    verified = caller(request, "review:read")
    service = service_of(request)
    stored = await own_review(service, verified, review_id)
    return await review_events(service.desk.database, verified.principal, stored.review_id, last_event_id)


async def _with_newest_memo(service: Service, tenant: str, stored: StoredReview) -> str:
    """The review as it ended, byte for byte, unless another memo was written since."""
    async with service.desk.database.tenant(tenant) as tx:
        newest = await newest_memo(tx, stored.review_id)
    if newest is None:
        return stored.body
    changes = {"memo": newest.memo, "memo_revision": newest.revision}
    return stored.review.model_copy(update=changes).model_dump_json(exclude_none=True)


async def own_review(service: Service, verified: Verified, review_id: str) -> StoredReview:
    """The caller's own review of that id.

    Raises:
        NotFoundError: there is none, or it is somebody else's.
    """
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


def review_answer(review: Review, status: int) -> Response:
    """A review as it stands, and where it is found."""
    return _answer(status, review.model_dump_json(exclude_none=True), review.review_id)


def _answer(status: int, body: str, review_id: str, *, replayed: bool = False) -> Response:
    headers = {"Cache-Control": "no-store", "Location": f"/lending-review/{review_id}"}
    if replayed:
        headers["Idempotency-Replayed"] = "true"
    return Response(body, status_code=status, media_type="application/json", headers=headers)
