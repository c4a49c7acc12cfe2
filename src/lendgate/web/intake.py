"""``/intake/sessions``: talk, look, resume, submit.

Law: a route asks for the scope first; a conversation of another broker, tenant or person is one that does
not exist. An event is stored before it is sent: a stream that breaks off anywhere is taken up after the last
id its reader has, and a message sent again is the same message.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response
from starlette.responses import StreamingResponse

from lendgate.assistants.intake.transcript import Entry, EventId, TranscriptEvent, event_id, events_of
from lendgate.errors import NotFoundError
from lendgate.intake.body import parse_request
from lendgate.schema.requests import IntakeMessage, IntakeOpening, Nothing
from lendgate.web.intake_streams import FORMS, Form, protocol_of
from lendgate.web.preferences import wait_of
from lendgate.web.reviews import LONGEST_WAIT, review_answer, service_of
from lendgate.web.signed import caller
from lendgate.workflow.intake import (
    Conversation,
    answer,
    open_conversation,
    take_message,
    whole_conversation,
)
from lendgate.workflow.intake_submit import submit_conversation
from lendgate.workflow.intake_view import session_view

SCOPE: Final = "intake"
router: Final = APIRouter(prefix="/intake/sessions")
_NEVER_KEPT: Final = {"Cache-Control": "no-store"}


@router.post("")
async def open_session(request: Request) -> Response:
    """A new conversation, with its first turn."""
    principal = caller(request, SCOPE).principal
    opening = parse_request(IntakeOpening, await request.body())
    return await _state(await open_conversation(service_of(request).intake, principal, opening), 201)


@router.get("/{session_id}")
async def get_session(session_id: str, request: Request) -> Response:
    """What is known, from where, what is missing, and what was said."""
    return await _state(_asked_for(request, session_id), 200)


@router.post("/{session_id}/messages")
async def say(
    session_id: str,
    request: Request,
    accept: Annotated[str | None, Header()] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """The person's turn, and the answer as it comes; the same message again is answered as before."""
    talk, form = _asked_for(request, session_id), FORMS[protocol_of(accept)]
    message = parse_request(IntakeMessage, await request.body())
    number = await take_message(talk, message)
    return _streaming(_turn(talk, number, event_id(last_event_id)), talk, form)


@router.get("/{session_id}/events")
async def get_events(
    session_id: str,
    request: Request,
    accept: Annotated[str | None, Header()] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """Everything after an event, to the present end; 204 when there is nothing after it."""
    talk = _asked_for(request, session_id)
    await answer(talk)
    events = events_of((await whole_conversation(talk)).entries, event_id(last_event_id))
    if not events:
        return Response(status_code=204, headers=_NEVER_KEPT)
    return _streaming(_each(events), talk, FORMS[protocol_of(accept)])


@router.post("/{session_id}/submit")
async def submit(
    session_id: str, request: Request, prefer: Annotated[str | None, Header()] = None
) -> Response:
    """The application that was confirmed, for review; 200 when the review is done in time, else 202."""
    talk, service = _asked_for(request, session_id), service_of(request)
    parse_request(Nothing, await request.body())
    wait = min(wait_of(prefer, service.settings.wait_seconds, LONGEST_WAIT), LONGEST_WAIT)
    metadata = caller(request, SCOPE).metadata
    done = await submit_conversation(talk, service.runner, metadata, waits=wait > 0)
    review = await service.runner.result(done.accepted, wait) if done.accepted else done.review
    ended = review is not None and review.status in ("completed", "failed")
    return review_answer(review or done.review, 200 if ended else 202)


async def _turn(talk: Conversation, number: int, after: EventId) -> AsyncIterator[TranscriptEvent]:
    """A message's events, then its answer's: the first is sent before the answer is thought of."""
    sent = max(after, EventId(number, 0))
    for event in events_of(await _of_turn(talk, number), sent):
        sent = event.id
        yield event
    await answer(talk)
    for event in events_of(await _of_turn(talk, number), sent):
        yield event


async def _of_turn(talk: Conversation, number: int) -> list[Entry]:
    whole = await whole_conversation(talk)
    return [entry for entry in whole.entries if number in (entry.seq, entry.reply_to)]


async def _each(events: list[TranscriptEvent]) -> AsyncIterator[TranscriptEvent]:
    for event in events:
        yield event


def _streaming(events: AsyncIterator[TranscriptEvent], talk: Conversation, form: Form) -> Response:
    async def frames() -> AsyncIterator[str]:
        async for event in events:
            yield form.frames(event, str(talk.id))
        if form.end:
            yield form.end

    headers = {**_NEVER_KEPT, "X-Accel-Buffering": "no", **form.headers}
    return StreamingResponse(frames(), media_type="text/event-stream", headers=headers)


async def _state(talk: Conversation, status: int) -> Response:
    body = session_view(talk.room, await whole_conversation(talk)).model_dump_json(exclude_none=True)
    headers = {**_NEVER_KEPT, "Location": f"/intake/sessions/{talk.id}"}
    return Response(body, status_code=status, media_type="application/json", headers=headers)


def _asked_for(request: Request, session_id: str) -> Conversation:
    principal = caller(request, SCOPE).principal
    try:
        return Conversation(service_of(request).intake, principal, UUID(session_id))
    except ValueError:
        raise NotFoundError("There is no conversation of yours with that id.") from None
