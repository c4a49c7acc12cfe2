"""The broker's support agent, through the gate: ask, stream, look, and ask for a person.

Law: a stream gives each sentence as it comes and the whole answer last; one that breaks off before its end
raises.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Final

import httpx
from pydantic import ValidationError

from lendgate.client.calls import JSON, read
from lendgate.client.events import EventReader, ServerEvent
from lendgate.client.line import AsyncLine, Line
from lendgate.errors import GateUnavailableError
from lendgate.schema.requests import CorrectionKind
from lendgate.schema.support import SupportAnswer, SupportRequest, SupportSentence, SupportStatus

Spoken = SupportSentence | SupportAnswer
_QUESTIONS: Final = "/support/questions"
_CORRECTIONS: Final = "/support/corrections"
_STREAM: Final = {**JSON, "accept": "text/event-stream"}
_BROKEN_OFF: Final = "the answer broke off before its end; ask again"


class Support:
    """Questions about reviews of this broker's own."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def ask(self, review_id: str, question: str, *, conversation_id: str | None = None) -> SupportAnswer:
        """The whole answer to a question; with ``conversation_id`` it goes on with an earlier one."""
        body = _question(review_id, question, conversation_id)
        return read(self._line.send("POST", _QUESTIONS, JSON, body), SupportAnswer)

    def stream(
        self, review_id: str, question: str, *, conversation_id: str | None = None
    ) -> Iterator[Spoken]:
        """The answer sentence by sentence; the last item is the whole.

        Raises:
            RefusedError: the gate or the service said no.
            GateUnavailableError: it cannot be reached, or the answer broke off.
        """
        body = _question(review_id, question, conversation_id)
        reader = EventReader()
        with self._line.stream(_QUESTIONS, _STREAM, body) as response:
            if not _is_stream(response):
                yield read(response, SupportAnswer)
                return
            for line in response.iter_lines():
                spoken = _spoken(reader.take(line))
                if spoken is not None:
                    yield spoken
                if isinstance(spoken, SupportAnswer):
                    return
        raise GateUnavailableError(_BROKEN_OFF)

    def status(self, review_id: str) -> SupportStatus:
        """How an application stands, in published words; no model is asked."""
        return read(self._line.send("GET", f"/support/status/{review_id}", {}, None), SupportStatus)

    def correct(self, review_id: str, text: str, *, kind: CorrectionKind = "correction") -> SupportRequest:
        """Ask for a correction, or for a person to look; the answer says by which day."""
        body = _correction(review_id, text, kind)
        return read(self._line.send("POST", _CORRECTIONS, JSON, body), SupportRequest)


class AsyncSupport:
    """Asynchronous twin of ``Support``."""

    def __init__(self, line: AsyncLine) -> None:
        self._line = line

    async def ask(
        self, review_id: str, question: str, *, conversation_id: str | None = None
    ) -> SupportAnswer:
        """See ``Support.ask``."""
        body = _question(review_id, question, conversation_id)
        return read(await self._line.send("POST", _QUESTIONS, JSON, body), SupportAnswer)

    async def stream(
        self, review_id: str, question: str, *, conversation_id: str | None = None
    ) -> AsyncIterator[Spoken]:
        """See ``Support.stream``."""
        body = _question(review_id, question, conversation_id)
        reader = EventReader()
        async with self._line.stream(_QUESTIONS, _STREAM, body) as response:
            if not _is_stream(response):
                await response.aread()
                yield read(response, SupportAnswer)
                return
            async for line in response.aiter_lines():
                spoken = _spoken(reader.take(line))
                if spoken is not None:
                    yield spoken
                if isinstance(spoken, SupportAnswer):
                    return
        raise GateUnavailableError(_BROKEN_OFF)

    async def status(self, review_id: str) -> SupportStatus:
        """See ``Support.status``."""
        return read(await self._line.send("GET", f"/support/status/{review_id}", {}, None), SupportStatus)

    async def correct(
        self, review_id: str, text: str, *, kind: CorrectionKind = "correction"
    ) -> SupportRequest:
        """See ``Support.correct``."""
        body = _correction(review_id, text, kind)
        return read(await self._line.send("POST", _CORRECTIONS, JSON, body), SupportRequest)


def _question(review_id: str, question: str, conversation_id: str | None) -> bytes:
    body = {"review_id": review_id, "question": question, "conversation_id": conversation_id}
    return json.dumps({name: value for name, value in body.items() if value is not None}).encode()


def _correction(review_id: str, text: str, kind: CorrectionKind) -> bytes:
    return json.dumps({"review_id": review_id, "kind": kind, "text": text}).encode()


def _is_stream(response: httpx.Response) -> bool:
    kind: str = response.headers.get("content-type", "")
    return response.is_success and kind.startswith("text/event-stream")


def _spoken(event: ServerEvent | None) -> Spoken | None:
    """What an event says; events of a later version say nothing to this one."""
    shapes: dict[str, type[SupportSentence | SupportAnswer]] = {
        "sentence": SupportSentence,
        "answer": SupportAnswer,
    }
    shape = shapes.get(event.name) if event else None
    if event is None or shape is None:
        return None
    try:
        return shape.model_validate_json(event.data)
    except ValidationError as cause:
        raise GateUnavailableError(
            "the answer is in a shape this SDK does not know: update lendgate"
        ) from cause
