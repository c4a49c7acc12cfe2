"""The second door: nothing passes that the edge did not sign, just now and for the first time.

Law: every path is closed but those in ``OPEN``, which may be read and say nothing about anybody. What
passes carries its ``Verified`` in ``scope["state"]["caller"]``; routes read it with ``caller`` and ask for
a scope.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lendgate.errors import UnsignedRequestError
from lendgate.web.logs import request_id_of_log, traceparent_of_log
from lendgate.web.replay import NonceLedger
from lendgate.web.signature import WINDOW, Verified, verify, verify_head
from lendgate.web.signature_base import SignedRequest
from lendgate.web.signature_keys import VerifyKey
from lendgate.web.streamed import digested, is_streamed

_READING: Final = ("GET", "HEAD")
_PAGE: Final = frozenset({"/intake/chat", "/intake/chat.js", "/intake/chat.css", "/intake/embed.js"})
OPEN: Final = _PAGE | {"/livez", "/readyz", "/metrics"}


def is_open(method: str, path: str) -> bool:
    """Whether a request needs no signature."""
    return path in OPEN and method in _READING


class SignedDoor:
    """Middleware behind ``Door``: verifies the signature, claims the nonce, lets in or raises."""

    def __init__(
        self,
        app: ASGIApp,
        keys: Mapping[str, VerifyKey],
        ledger: NonceLedger,
        now: Callable[[], datetime],
        max_age: timedelta = WINDOW,
    ) -> None:
        self._app = app
        self._keys = keys
        self._ledger = ledger
        self._now = now
        self._max_age = max_age

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_open(scope["method"], scope["path"]):
            await self._app(scope, receive, send)
            return
        verified, passed_on = await self._verified(scope, receive)
        if not await self._ledger.claim(verified.nonce, verified.expires):
            raise UnsignedRequestError("The signed request was used already; each one is good once.")
        scope["state"]["caller"] = verified
        request_id_of_log.set(verified.request_id)
        traceparent_of_log.set(_header(scope, b"traceparent"))
        await self._app(scope, passed_on, send)

    async def _verified(self, scope: Scope, receive: Receive) -> tuple[Verified, Receive]:
        """Who asks, and the signed body: whole, or held against its digest while it comes."""
        if is_streamed(scope):
            request = SignedRequest.from_scope(scope, b"")
            verified = verify_head(request, self._keys, self._now(), self._max_age)
            if _header(scope, b"lendgate-content-key"):
                return verified, receive  # the bytes lie elsewhere: workflow.inbox holds them against it
            return verified, digested(receive, request.field("content-digest"))
        message = await receive()  # the whole body: Door hands it on in one piece
        request = SignedRequest.from_scope(scope, message.get("body", b""))
        return verify(request, self._keys, self._now(), self._max_age), _again(message, receive)


def caller(request: Request, needed: str) -> Verified:
    """Who asks, if the edge gave them the scope a route needs.

    Raises:
        HTTPException: 403 without the scope.
    """
    verified: Verified = request.state.caller
    if needed not in verified.principal.scopes:
        raise HTTPException(403, f"The token lacks the scope {needed}.")
    return verified


def _header(scope: Scope, name: bytes) -> str | None:
    return next((value.decode("latin-1") for own, value in scope["headers"] if own == name), None)


def _again(message: Message, receive: Receive) -> Receive:
    """A ``receive`` that gives one message back first."""
    pending: list[Message] = [message]

    async def again() -> Message:
        return pending.pop() if pending else await receive()

    return again
