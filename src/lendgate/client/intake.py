"""The intake conversation, through the gate: open, say, look, submit.

Law: a message has its id from the caller's side, so that sending it again says nothing twice; an answer whose
stream breaks off is taken up after the last event that came, a few times, and is otherwise an error.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Final

from lendgate.client.calls import JSON, read
from lendgate.client.events import EventReader, ServerEvent
from lendgate.client.line import AsyncLine, Line
from lendgate.errors import GateUnavailableError
from lendgate.schema import Review
from lendgate.schema.enums import Product
from lendgate.schema.intake import IntakeSession
from lendgate.schema.requests import Language

_SESSIONS: Final = "/intake/sessions"
_STREAM: Final = {**JSON, "accept": "text/event-stream"}
_ATTEMPTS: Final = 3
_BROKEN_OFF: Final = "the answer broke off before its end; send the message again with the same message_id"


class Intake:
    """Conversations of this caller's own."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def open(
        self,
        *,
        product: Product | None = None,
        language: Language = "en",
        applicant_id: str | None = None,
    ) -> IntakeSession:
        """Begin a conversation; its first message is the assistant's."""
        body = _opening(product, language, applicant_id)
        return read(self._line.send("POST", _SESSIONS, JSON, body), IntakeSession)

    def say(self, session_id: str, text: str, *, message_id: str | None = None) -> Iterator[str]:
        """Say something; the answer piece by piece.

        Raises:
            RefusedError: the gate or the service said no.
            GateUnavailableError: it cannot be reached, or the answer stayed broken off.
        """
        hearing = _Hearing(text, message_id)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with self._line.stream(_messages(session_id), hearing.asked(), hearing.body) as response:
                    if not response.is_success:
                        read(response, IntakeSession)
                    for line in response.iter_lines():
                        yield from hearing.take(line)
            except GateUnavailableError:
                if attempt == _ATTEMPTS:
                    raise
            if hearing.ended:
                return
        raise GateUnavailableError(_BROKEN_OFF)

    def state(self, session_id: str) -> IntakeSession:
        """What is known, from where, what is missing, and what was said."""
        return read(self._line.send("GET", f"{_SESSIONS}/{session_id}", {}, None), IntakeSession)

    def submit(self, session_id: str, *, wait: float = 20) -> Review:
        """Submit what was confirmed; returns when the review is done or after ``wait`` seconds."""
        headers = {**JSON, "prefer": f"wait={wait:g}"}
        return read(self._line.send("POST", f"{_SESSIONS}/{session_id}/submit", headers, b"{}"), Review)


class AsyncIntake:
    """Asynchronous twin of ``Intake``."""

    def __init__(self, line: AsyncLine) -> None:
        self._line = line

    async def open(
        self,
        *,
        product: Product | None = None,
        language: Language = "en",
        applicant_id: str | None = None,
    ) -> IntakeSession:
        """See ``Intake.open``."""
        body = _opening(product, language, applicant_id)
        return read(await self._line.send("POST", _SESSIONS, JSON, body), IntakeSession)

    async def say(self, session_id: str, text: str, *, message_id: str | None = None) -> AsyncIterator[str]:
        """See ``Intake.say``."""
        hearing = _Hearing(text, message_id)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                async with self._line.stream(
                    _messages(session_id), hearing.asked(), hearing.body
                ) as response:
                    if not response.is_success:
                        read(response, IntakeSession)
                    async for line in response.aiter_lines():
                        for piece in hearing.take(line):
                            yield piece
            except GateUnavailableError:
                if attempt == _ATTEMPTS:
                    raise
            if hearing.ended:
                return
        raise GateUnavailableError(_BROKEN_OFF)

    async def state(self, session_id: str) -> IntakeSession:
        """See ``Intake.state``."""
        return read(await self._line.send("GET", f"{_SESSIONS}/{session_id}", {}, None), IntakeSession)

    async def submit(self, session_id: str, *, wait: float = 20) -> Review:
        """See ``Intake.submit``."""
        headers = {**JSON, "prefer": f"wait={wait:g}"}
        path = f"{_SESSIONS}/{session_id}/submit"
        return read(await self._line.send("POST", path, headers, b"{}"), Review)


class _Hearing:
    """One answer as it comes, over as many streams as it takes."""

    def __init__(self, text: str, message_id: str | None) -> None:
        said = {"text": text, "message_id": message_id or f"m-{uuid.uuid4()}"}
        self.body = json.dumps(said).encode()
        self.ended = False
        self._last = ""
        self._reader = EventReader()

    def asked(self) -> dict[str, str]:
        """The headers of the next request: from where on the answer is wanted. What was half read goes."""
        self._reader = EventReader()
        return {**_STREAM, **({"last-event-id": self._last} if self._last else {})}

    def take(self, line: str) -> Iterator[str]:
        """The pieces of the answer that a line brings."""
        event: ServerEvent | None = self._reader.take(line)
        if event is None:
            return
        self._last = event.id
        self.ended = event.name == "completed"
        if event.name == "delta":
            yield str(json.loads(event.data)["text"])


def _opening(product: Product | None, language: Language, applicant_id: str | None) -> bytes:
    body = {"product": product, "language": language, "applicant_id": applicant_id}
    return json.dumps({name: value for name, value in body.items() if value is not None}).encode()


def _messages(session_id: str) -> str:
    return f"{_SESSIONS}/{session_id}/messages"
