"""The ASGI door: how much a request may bring and how long it may take, before anything looks inside.

Law: pure ASGI, no routing, no parsing. What passes has a bounded header block and one whole, bounded
body, or the bounded stream of a document (``web.streamed``); framing that two servers could read
differently (RFC 9112 section 6.3) is refused. Every request gets its id here, in
``scope["state"]["request_id"]``, and every answer carries it: the edge takes an answer without it for
somebody else's.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lendgate.schema.requests import MAX_DOCUMENT_BYTES
from lendgate.web.problems import problem
from lendgate.web.streamed import is_streamed, measured

_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_POLICY_VIOLATION: Final = 1008  # RFC 6455 section 7.4.1
# The rest of a refused request is never read, so the connection cannot be used again.
_CLOSE: Final = {"Connection": "close"}


@dataclass(frozen=True, slots=True)
class DoorLimits:
    """Bounds of one request: bytes of body and of header block, number of headers, seconds to arrive; and
    the bytes and seconds of a document.
    """

    body: int = 262_144
    headers: int = 64
    header_bytes: int = 32_768
    seconds: float = 10.0
    document: int = MAX_DOCUMENT_BYTES
    document_seconds: float = 300.0


class _RefusedError(Exception):
    def __init__(self, kind: str, reason: str) -> None:
        self.kind = kind
        self.reason = reason
        super().__init__(reason)


class _GoneError(Exception):
    """The caller hung up before the whole body was there: nobody is left to answer."""


def _new_request_id() -> str:
    return str(uuid.uuid4())


class Door:
    """Middleware: bounds a request, reads its body once and hands the application the whole of it."""

    def __init__(
        self,
        app: ASGIApp,
        limits: DoorLimits = DoorLimits(),
        new_request_id: Callable[[], str] = _new_request_id,
    ) -> None:
        self._app = app
        self._limits = limits
        self._new_request_id = new_request_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._admit(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = self._identify(scope)
        answering = _stamped(send, request_id)
        try:
            passed_on = await self._bounded(scope, receive)
        except _RefusedError as refused:
            answer = problem(refused.kind, refused.reason, request_id, headers=_CLOSE)
            await answer(scope, receive, answering)
        except _GoneError:
            return
        else:
            await self._app(scope, passed_on, answering)

    async def _bounded(self, scope: Scope, receive: Receive) -> Receive:
        """The body as the application may have it: whole, or watched while it comes."""
        if not is_streamed(scope):
            length = _judge_headers(scope["headers"], self._limits, self._limits.body)
            return _replay(await self._read(receive, length), receive)
        length = _judge_headers(scope["headers"], self._limits, self._limits.document)
        if length is None:
            raise _RefusedError("invalid-request", "A document needs a content-length header.")
        return measured(receive, length, self._limits.document_seconds)

    def _identify(self, scope: Scope) -> str:
        """The request id that was sent, where it is well formed, or a new one. Whose it is shows later."""
        given = [value for name, value in scope["headers"] if name == b"x-request-id"]
        fits = len(given) == 1 and _REQUEST_ID.fullmatch(given[0])
        request_id = given[0].decode() if fits else self._new_request_id()
        scope.setdefault("state", {})["request_id"] = request_id
        return request_id

    async def _read(self, receive: Receive, length: int | None) -> bytes:
        try:
            async with asyncio.timeout(self._limits.seconds):
                body = await _read_whole(receive, self._limits.body)
        except TimeoutError:
            sentence = f"The body did not arrive within {self._limits.seconds:g} seconds."
            raise _RefusedError("request-timeout", sentence) from None
        if length is not None and length != len(body):
            raise _RefusedError("invalid-request", "The body is not as long as content-length says.")
        return body


async def _read_whole(receive: Receive, limit: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _GoneError
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > limit:
            raise _too_large(limit)
        more = message.get("more_body", False)
    return b"".join(chunks)


def _judge_headers(headers: list[tuple[bytes, bytes]], limits: DoorLimits, most: int) -> int | None:
    """The declared length of the body, ``most`` bytes; None when it comes in chunks or not at all."""
    if len(headers) > limits.headers:
        raise _RefusedError("headers-too-large", f"The request has more than {limits.headers} headers.")
    if sum(len(name) + len(value) for name, value in headers) > limits.header_bytes:
        sentence = f"The request's headers are larger than {limits.header_bytes} bytes."
        raise _RefusedError("headers-too-large", sentence)
    lengths = [value for name, value in headers if name == b"content-length"]
    codings = [value.strip().lower() for name, value in headers if name == b"transfer-encoding"]
    if len(lengths) > 1 or (lengths and codings) or codings not in ([], [b"chunked"]):
        sentence = (
            "The length of the body is not clear: send content-length once, or transfer-encoding: chunked."
        )
        raise _RefusedError("invalid-request", sentence)
    if not lengths:
        return None
    if not re.fullmatch(rb"[0-9]{1,18}", lengths[0]):
        raise _RefusedError("invalid-request", "The content-length header is not a number.")
    if int(lengths[0]) > most:
        raise _too_large(most)
    return int(lengths[0])


def _too_large(limit: int) -> _RefusedError:
    return _RefusedError("too-large", f"The body is larger than {limit} bytes.")


def _stamped(send: Send, request_id: str) -> Send:
    """A ``send`` that puts the request's id on the answer, once."""

    async def stamp(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [header for header in message.get("headers", ()) if header[0].lower() != b"x-request-id"]
            message = {**message, "headers": [*kept, (b"x-request-id", request_id.encode())]}
        await send(message)

    return stamp


def _replay(body: bytes, receive: Receive) -> Receive:
    """A ``receive`` that gives the body once, then whatever else happens on the connection."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
