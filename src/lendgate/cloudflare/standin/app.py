"""The stand-in as an ASGI application: authenticates, routes, records, and fails as scripted.

Under ``/client/v4`` it is the API; under ``/edge/<worker>`` it is that Worker's own address; a WebSocket
is a live log.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from urllib.parse import parse_qsl

from pydantic import JsonValue

from lendgate.cloudflare.standin.forms import FormPart, read_parts
from lendgate.cloudflare.standin.gate import GateAnswers, answer
from lendgate.cloudflare.standin.routes import Request, find_route
from lendgate.cloudflare.standin.state import RefusalError, State, Token

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

BASE: Final = "/client/v4"
_ACCOUNT: Final = re.compile(r"^/accounts/([^/]+)/")


@dataclass(slots=True)
class Fault:
    """One scripted failure.

    ``refuse`` answers without acting; ``refuse after`` acts and answers an error all the same; ``cut``
    ends the connection without acting; ``cut after`` acts first; ``hang after`` acts and never answers.
    """

    kind: Literal["refuse", "refuse after", "cut", "cut after", "hang after"]
    method: str = ""
    """Only calls whose method begins like this, any by default."""
    path: str = ""
    """Only calls whose path matches this expression, any by default."""
    call: int | None = None
    """Only the call with this number (counted from 0), any by default."""
    since: int = 0
    """Only calls from this number on."""
    status: int = 500
    code: int = 10013
    message: str = "Unknown error"
    headers: dict[str, str] = field(default_factory=dict)
    times: int = 1


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request to the API as it came; without its Authorization header."""

    method: str
    path: str
    query: dict[str, str]
    content_type: str
    body: bytes = field(repr=False)

    @property
    def json(self) -> JsonValue:
        """The JSON body, ``None`` without one."""
        return json.loads(self.body) if self.content_type.startswith("application/json") else None

    @property
    def parts(self) -> list[FormPart]:
        """The parts of a multipart body."""
        if not self.content_type.startswith("multipart/"):
            return []
        return read_parts(self.content_type, self.body)


@dataclass(slots=True)
class StandIn:
    """The application. ``log_events`` are what a live log sends before it ends."""

    state: State
    gate: GateAnswers = field(default_factory=GateAnswers)
    faults: list[Fault] = field(default_factory=list)
    recorded: list[Recorded] = field(default_factory=list)
    log_events: list[JsonValue] = field(default_factory=list)
    before: Callable[[Recorded], None] = lambda _recorded: None
    """Called before each API call: where a concurrent deployer comes in."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "websocket":
            await self._live_log(receive, send)
        elif scope["type"] == "http" and scope["path"].startswith("/edge/"):
            await self._edge(scope, send)
        elif scope["type"] == "http":
            await self._api(scope, receive, send)

    async def _edge(self, scope: Scope, send: Send) -> None:
        worker, _, path = scope["path"].removeprefix("/edge/").partition("/")
        status, body = answer(self.state, self.gate, worker, f"/{path}", _headers(scope))
        await _answer(send, status, body, {})

    async def _api(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Recorded(
            method=scope["method"],
            path=scope["path"].removeprefix(BASE),
            query=dict(parse_qsl(scope["query_string"].decode())),
            content_type=_headers(scope).get("content-type", ""),
            body=await _body(receive),
        )
        self.before(request)
        self.recorded.append(request)
        fault = self._fault(request)
        if fault and fault.kind == "cut":
            await _cut(send)
            return
        if fault and fault.kind == "refuse":
            await _refuse(send, fault)
            return
        status, body = self._act(request, _headers(scope))
        if fault:
            await _after(fault, receive, send)
            return
        await _answer(send, status, body, {"date": "Sun, 22 Nov 2026 12:00:00 GMT"})

    def _act(self, request: Recorded, headers: dict[str, str]) -> tuple[int, JsonValue]:
        try:
            token = self._token(headers)
            route, path = find_route(request.method, request.path)
            self._admit(token, request.path, route.needs)
            asked = Request(self.state, token, path, request.query, request.json, request)
            return 200, _envelope(route.handle(asked))
        except RefusalError as refusal:
            return refusal.status, _refused(refusal.code, refusal.message)

    def _token(self, headers: dict[str, str]) -> Token:
        token = self.state.tokens.get(headers.get("authorization", "").removeprefix("Bearer "))
        if token is None:
            raise RefusalError(401, 10000, "Authentication error")
        return token

    def _admit(self, token: Token, path: str, needs: str) -> None:
        account = _ACCOUNT.match(path)
        if account and not re.fullmatch(r"[0-9a-f]{32}", account[1]):
            raise RefusalError(404, 7003, "Could not route to the account, is the identifier invalid?")
        if account and account[1] != token.account_id:
            raise RefusalError(403, 10000, "Authentication error")
        if needs and needs not in token.may:
            raise RefusalError(403, 10000, "Authentication error")

    def _fault(self, request: Recorded) -> Fault | None:
        number = len(self.recorded) - 1
        for fault in self.faults:
            if (
                fault.times > 0
                and request.method.startswith(fault.method)
                and re.search(fault.path, request.path)
                and fault.call in {None, number}
                and number >= fault.since
            ):
                fault.times -= 1
                return fault
        return None

    async def _live_log(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept", "subprotocol": "trace-v1"})
        await receive()
        for event in self.log_events:
            await send({"type": "websocket.send", "text": json.dumps(event)})
        await send({"type": "websocket.close", "code": 1000})


async def _after(fault: Fault, receive: Receive, send: Send) -> None:
    """The call was acted on; the caller is not told so."""
    if fault.kind == "refuse after":
        await _refuse(send, fault)
    elif fault.kind == "cut after":
        await _cut(send)
    else:
        await _until_gone(receive)


async def _until_gone(receive: Receive) -> None:
    message = await receive()
    while message["type"] != "http.disconnect":
        message = await receive()


async def _refuse(send: Send, fault: Fault) -> None:
    await _answer(send, fault.status, _refused(fault.code, fault.message), fault.headers)


async def _cut(send: Send) -> None:
    """A head that promises a body which never comes: the server ends the connection."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"99")]})


async def _answer(send: Send, status: int, body: JsonValue, headers: dict[str, str]) -> None:
    content = json.dumps(body).encode()
    head = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    head += [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": content})


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode().lower(): value.decode() for name, value in scope["headers"]}


def _envelope(result: JsonValue) -> JsonValue:
    return {"success": True, "errors": [], "messages": [], "result": result}


def _refused(code: int, message: str) -> JsonValue:
    return {"success": False, "errors": [{"code": code, "message": message}], "messages": [], "result": None}
