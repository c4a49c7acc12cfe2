"""``/intake/chat``: the page of the intake conversation, and the files it is made of.

Law: the page and its files are the same for everybody, and open; whatever concerns a conversation comes
signed from the gate, which made JSON of the browser's form and kept its token. What a person can mend is
told on the page they are on.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response

from lendgate.assistants.intake.transcript import events_of
from lendgate.errors import InvalidBodyError, NotFoundError
from lendgate.intake.body import parse_request
from lendgate.schema.requests import IntakeMessage, IntakeOpening, IntakePage, Language
from lendgate.web.chat.files import static
from lendgate.web.chat.page import conversation, entrance, words
from lendgate.web.intake import SCOPE
from lendgate.web.reviews import service_of
from lendgate.web.signed import caller
from lendgate.workflow.intake import (
    Conversation,
    ConversationFullError,
    answer,
    open_conversation,
    take_message,
    whole_conversation,
)
from lendgate.workflow.intake_submit import ChangedError, NotConfirmedError, submit_conversation
from lendgate.workflow.intake_view import session_view

router: Final = APIRouter(prefix="/intake")
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; require-trusted-types-for 'script'; frame-ancestors "
)


@router.get("/chat")
async def get_entrance(request: Request) -> Response:
    """The page without a conversation."""
    language: Language = (
        "es" if (request.headers.get("accept-language") or "").lower().startswith("es") else "en"
    )
    return _html(request, entrance(language))


@router.post("/chat")
async def say(request: Request) -> Response:
    """One step of the conversation by a form, and the page as it then is."""
    principal = caller(request, SCOPE).principal
    asked = parse_request(IntakePage, await request.body())
    room = service_of(request).intake
    if asked.session_id is None:
        opening = IntakeOpening(
            product=asked.product, language=asked.language, applicant_id=asked.applicant_id
        )
        return await _shown(request, await open_conversation(room, principal, opening))
    try:
        talk = Conversation(room, principal, UUID(asked.session_id))
    except ValueError:
        raise NotFoundError("There is no conversation of yours with that id.") from None
    try:
        await _step(request, talk, asked)
    except (ConversationFullError, NotConfirmedError, ChangedError, InvalidBodyError) as refused:
        return await _shown(request, talk, str(refused))
    return await _shown(request, talk)


async def _step(request: Request, talk: Conversation, asked: IntakePage) -> None:
    """What the form's button asked for."""
    if asked.does == "submit":
        service, metadata = service_of(request), caller(request, SCOPE).metadata
        await submit_conversation(talk, service.runner, metadata, waits=False)
        return
    text = words(asked.language)["person_please"] if asked.does == "person" else asked.text
    if text is None or asked.does == "open":
        return
    await take_message(talk, IntakeMessage(text=text, message_id=asked.message_id or str(uuid4())))
    await answer(talk)


async def _shown(request: Request, talk: Conversation, wrong: str | None = None) -> Response:
    whole = await whole_conversation(talk)
    session, events = session_view(talk.room, whole), events_of(whole.entries)
    page = conversation(session, last_event=str(events[-1].id), message_id=str(uuid4()), wrong=wrong)
    return _html(request, page)


def _html(request: Request, page: str) -> Response:
    frames = service_of(request).settings.intake_frames
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": _POLICY + (frames or "'self'")}
    return Response(page, media_type="text/html", headers=headers)


@router.get("/chat.js")
@router.get("/chat.css")
@router.get("/embed.js")
async def get_file(request: Request) -> Response:
    """A file of the page; asked for again by its ETag."""
    file = static(request.url.path.rsplit("/", 1)[1])
    headers = {"Cache-Control": "public, max-age=300", "ETag": file.etag}
    if request.headers.get("if-none-match") == file.etag:
        return Response(status_code=304, headers=headers)
    return Response(file.body, media_type=file.media_type, headers=headers)
