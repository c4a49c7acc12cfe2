"""``/lending-review/{id}/decision`` and ``/notice``: what was decided, as the broker may see it and pass on.

Law: a decision on another broker's or tenant's review is one that does not exist. What is sent is what was
stored: the decision byte for byte, the notice word for word.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Header, Request, Response

from lendgate.decision.html import html_of
from lendgate.decision.letter import Letter
from lendgate.decision.pdf import pdf_of
from lendgate.errors import NotFoundError
from lendgate.store.decisions import StoredDecision, load_standing
from lendgate.web.conditional import is_known, tag
from lendgate.web.preferences import prefers_pdf
from lendgate.web.reviews import own_review, service_of
from lendgate.web.signed import caller

router: Final = APIRouter()
# A notice is a page of its own: no script, nothing from elsewhere, and in nobody's frame.
_PAGE: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


@router.get("/lending-review/{review_id}/decision")
async def get_decision(
    review_id: str, request: Request, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """The decision that stands on the review; 404 as long as there is none."""
    stored = await _standing(review_id, request)
    headers = {"ETag": tag(str(stored.decision_id)), "Cache-Control": "private, no-cache"}
    if is_known(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(stored.body, media_type="application/json", headers=headers)


@router.get("/lending-review/{review_id}/notice")
async def get_notice(
    review_id: str, request: Request, accept: Annotated[str | None, Header()] = None
) -> Response:
    """The notice of that decision as HTML, or as PDF where that is preferred; 404 where there is none."""
    stored = await _standing(review_id, request)
    if stored.letter is None:
        raise NotFoundError("No notice is given of this decision.")
    letter = Letter.model_validate_json(stored.letter)
    headers = {**_PAGE, "Cache-Control": "no-store", "Vary": "Accept"}
    if prefers_pdf(accept):
        named = f'inline; filename="notice-{stored.decision_id}.pdf"'
        return Response(
            pdf_of(letter), media_type="application/pdf", headers=headers | {"Content-Disposition": named}
        )
    return Response(html_of(letter), media_type="text/html", headers=headers)


async def _standing(review_id: str, request: Request) -> StoredDecision:
    verified, service = caller(request, "review:read"), service_of(request)
    own = await own_review(service, verified, review_id)
    async with service.desk.database.tenant(verified.principal.tenant) as tx:
        stored = await load_standing(tx, own.review_id)
    if stored is None:
        raise NotFoundError("No decision has been made on this review yet.")
    return stored
