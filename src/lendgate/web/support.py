"""``/support``: questions of brokers, how their applications stand, and requests for a person.

Law: a route asks for a scope first and speaks to the workflow; an application of another broker or tenant is
one that does not exist. A streamed answer says sentence by sentence what the JSON one says whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Final

from fastapi import APIRouter, Header, Request
from starlette.responses import Response, StreamingResponse

from lendgate.intake.body import parse_request
from lendgate.schema.requests import SupportCorrection, SupportQuestion
from lendgate.schema.support import SupportAnswer, SupportOpened, SupportSentence
from lendgate.web.conditional import is_known, tag
from lendgate.web.reviews import service_of
from lendgate.web.signed import caller
from lendgate.workflow.support.answers import Question, SupportLine, Told, take_question
from lendgate.workflow.support.requests import open_request, status_of

SCOPE: Final = "support"
_STREAM: Final = "text/event-stream"
_EVENTS: Final = {SupportOpened: "opened", SupportSentence: "sentence", SupportAnswer: "answer"}
_NOT_KEPT: Final = {"Cache-Control": "no-store"}
# Short, and for this broker alone: the gate may answer from it without asking again.
_KEPT: Final = {"Cache-Control": "private, max-age=15", "Vary": "Authorization"}
router: Final = APIRouter()


@router.post("/support/questions")
async def ask(request: Request, accept: Annotated[str, Header()] = "") -> Response:
    """The answer, whole as JSON or event by event where ``text/event-stream`` is accepted."""
    verified = caller(request, SCOPE)
    service = service_of(request)
    wanted = parse_request(SupportQuestion, await request.body())
    question = await take_question(service.desk, verified.principal, wanted)
    if _STREAM in accept:
        headers = {**_NOT_KEPT, "X-Accel-Buffering": "no"}
        return StreamingResponse(_events(service.support, question), media_type=_STREAM, headers=headers)
    return _json(await _whole(service.support, question))


@router.get("/support/status/{review_id}")
async def get_status(
    review_id: str, request: Request, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """How an application stands; 304 when the caller knows it already."""
    verified = caller(request, SCOPE)
    status = await status_of(service_of(request).desk, verified.principal, review_id)
    body = status.model_dump_json(exclude_none=True)
    headers = {**_KEPT, "ETag": tag(hashlib.sha256(body.encode()).hexdigest()[:32])}
    if is_known(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


@router.post("/support/corrections")
async def correct(request: Request) -> Response:
    """Open a request for a correction or a person; 201 with the day by which it is answered."""
    verified = caller(request, SCOPE)
    wanted = parse_request(SupportCorrection, await request.body())
    opened = await open_request(service_of(request).desk, verified.principal, wanted)
    headers = {**_NOT_KEPT, "Location": f"/support/status/{opened.review_id}"}
    body = opened.model_dump_json(exclude_none=True)
    return Response(body, status_code=201, media_type="application/json", headers=headers)


async def _events(line: SupportLine, question: Question) -> AsyncIterator[str]:
    async with aclosing(line.answer(question)) as told:
        number = 0
        async for item in told:
            number += 1
            yield _event(number, item)


def _event(number: int, item: Told) -> str:
    data = item.model_dump_json(exclude_none=True)
    return f"id: {number}\nevent: {_EVENTS[type(item)]}\ndata: {data}\n\n"


async def _whole(line: SupportLine, question: Question) -> SupportAnswer:
    async with aclosing(line.answer(question)) as told:
        async for item in told:
            if isinstance(item, SupportAnswer):
                return item
    raise RuntimeError("an answer ends with its whole")


def _json(answer: SupportAnswer) -> Response:
    body = answer.model_dump_json(exclude_none=True)
    return Response(body, media_type="application/json", headers=_NOT_KEPT)
