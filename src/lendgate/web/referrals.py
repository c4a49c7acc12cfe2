"""``/referrals``: the underwriters' queue. Read, claim, give back, assign, note, ask, decide.

Law: these routes see every broker's referrals of the tenant and nobody else's. Every change names the ETag
it was decided on: 428 without one, 412 when the referral has changed since. The actor is the token's sub.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Final, TypeVar
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response

from lendgate.errors import NotFoundError
from lendgate.intake.body import parse_request
from lendgate.schema import RequestedItem
from lendgate.schema.base import Sent
from lendgate.schema.casefile import ReferralPage
from lendgate.schema.referral import Referral, Verdict
from lendgate.schema.requests import (
    Nothing,
    ReferralAssignment,
    ReferralConditions,
    ReferralDocumentRequests,
)
from lendgate.store.referrals import load_queue, load_referral
from lendgate.web.conditional import is_known, tag, version_of
from lendgate.web.paging import PAGE, cursor_of, place_of
from lendgate.web.reviews import service_of
from lendgate.web.signed import caller
from lendgate.workflow.casefile import load_casefile
from lendgate.workflow.desk import Desk
from lendgate.workflow.referrals import (
    NOT_HERE,
    AsRead,
    assign_referral,
    claim_referral,
    note_conditions,
    release_referral,
    request_documents,
    requested_documents,
)
from lendgate.workflow.verdicts import decide_referral

router: Final = APIRouter()
Body = TypeVar("Body", bound=Sent)
IfMatch = Annotated[str | None, Header()]


@router.get("/referrals")
async def list_referrals(request: Request, cursor: str | None = None) -> Response:
    """What is not decided, oldest first; ``next`` is the cursor of the next page, where there is one."""
    verified = caller(request, "referrals:read")
    after = place_of(cursor, "GET /referrals")
    async with service_of(request).desk.database.tenant(verified.principal.tenant) as tx:
        found = await load_queue(tx, after, PAGE + 1)
    page = found[:PAGE]
    following = cursor_of(page[-1].opened_at, page[-1].referral_id) if found[PAGE:] else None
    return _json(ReferralPage(referrals=tuple(page), next=following).model_dump_json(exclude_none=True))


@router.get("/referrals/{referral_id}")
async def get_referral(
    referral_id: str, request: Request, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """One referral with all that it is decided on."""
    verified = caller(request, "referrals:read")
    async with service_of(request).desk.database.tenant(verified.principal.tenant) as tx:
        referral = await load_referral(tx, _id(referral_id))
        if referral is None:
            raise NotFoundError(NOT_HERE)
        if is_known(if_none_match, tag(referral.version)):
            return Response(status_code=304, headers={"ETag": tag(referral.version)})
        casefile = await load_casefile(tx, referral)
    return _json(casefile.model_dump_json(exclude_none=True), referral.version)


@router.post("/referrals/{referral_id}/claim")
async def claim(referral_id: str, request: Request, if_match: IfMatch = None) -> Response:
    """Take it, for as long as a lease lasts; again to go on holding it."""
    return await _act(
        referral_id, request, if_match, Nothing, lambda desk, read, _: claim_referral(desk, read)
    )


@router.post("/referrals/{referral_id}/release")
async def release(referral_id: str, request: Request, if_match: IfMatch = None) -> Response:
    """Give it back to the queue."""
    return await _act(
        referral_id, request, if_match, Nothing, lambda desk, read, _: release_referral(desk, read)
    )


@router.post("/referrals/{referral_id}/assign")
async def assign(referral_id: str, request: Request, if_match: IfMatch = None) -> Response:
    """Give it to a named underwriter, or to everybody."""
    return await _act(
        referral_id,
        request,
        if_match,
        ReferralAssignment,
        lambda desk, read, body: assign_referral(desk, read, body.underwriter),
    )


@router.post("/referrals/{referral_id}/conditions")
async def conditions(referral_id: str, request: Request, if_match: IfMatch = None) -> Response:
    """Note what an approval will depend on."""
    return await _act(
        referral_id,
        request,
        if_match,
        ReferralConditions,
        lambda desk, read, body: note_conditions(
            desk, read, [RequestedItem(text=line) for line in body.conditions]
        ),
    )


@router.post("/referrals/{referral_id}/document-requests")
async def document_requests(referral_id: str, request: Request, if_match: IfMatch = None) -> Response:
    """Ask for documents; the referral waits for them."""
    return await _act(
        referral_id,
        request,
        if_match,
        ReferralDocumentRequests,
        lambda desk, read, body: request_documents(desk, read, requested_documents(body)),
    )


@router.post("/referrals/{referral_id}/decide")
async def decide(referral_id: str, request: Request, if_match: IfMatch = None) -> Response:
    """Decide, or propose what takes a second person."""

    async def take(desk: Desk, read: AsRead, body: Verdict) -> Referral:
        return (await decide_referral(desk, read, body)).referral

    return await _act(referral_id, request, if_match, Verdict, take)


async def _act(
    referral_id: str,
    request: Request,
    if_match: str | None,
    shape: type[Body],
    action: Callable[[Desk, AsRead, Body], Awaitable[Referral]],
) -> Response:
    verified = caller(request, "referrals:decide")
    version, body = version_of(if_match), parse_request(shape, await request.body())
    principal = verified.principal
    read = AsRead(principal.tenant, _id(referral_id), version, principal.subject)
    referral = await action(service_of(request).desk, read, body)
    return _json(referral.model_dump_json(exclude_none=True), referral.version)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFoundError(NOT_HERE) from None


def _json(body: str, version: int | None = None) -> Response:
    headers = {"Cache-Control": "no-store"} | ({"ETag": tag(version)} if version else {})
    return Response(body, media_type="application/json", headers=headers)
