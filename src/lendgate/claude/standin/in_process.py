"""The stand-in without a socket: the real SDK talks to it through memory, streams and cuts included.

For tests and demonstrations. The transport keeps what was sent, so that a test can look at exactly the
bytes that would have left the house.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final

import httpx2
from pydantic import SecretStr
from starlette.types import ASGIApp, Message

from lendgate.claude.anthropic_client import AnthropicModel
from lendgate.claude.deployment import Deployment, Server
from lendgate.claude.standin.app import app
from lendgate.claude.standin.options import Options

_KEPT: Final = 10_000


class Transport(httpx2.AsyncBaseTransport):
    """Runs an ASGI application; ``sent`` and ``headers`` hold the last 10,000 requests, in order.

    ``under_way`` counts exchanges that have not ended: a connection that was not given back shows here.
    """

    def __init__(self, application: ASGIApp) -> None:
        self.application = application
        self.under_way = 0
        self.sent: deque[bytes] = deque(maxlen=_KEPT)
        self.headers: deque[dict[str, str]] = deque(maxlen=_KEPT)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        body = await request.aread()
        self.sent.append(body)
        self.headers.append(dict(request.headers))
        exchange = _Exchange(body)
        self.under_way += 1
        exchange.task = asyncio.ensure_future(exchange.run(self.application, _scope(request)))
        exchange.task.add_done_callback(self._ended)
        try:
            status, headers = await exchange.head()
        except BaseException:
            await exchange.aclose()
            raise
        return httpx2.Response(status, headers=headers, stream=exchange)

    def _ended(self, _task: asyncio.Future[None]) -> None:
        self.under_way -= 1


def _scope(request: httpx2.Request) -> dict[str, object]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.url.scheme,
        "path": request.url.path,
        "raw_path": request.url.raw_path.split(b"?")[0],
        "query_string": request.url.query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "server": (request.url.host, request.url.port),
        "client": ("127.0.0.1", 0),
    }


@dataclass
class _Exchange(httpx2.AsyncByteStream):
    """One request under way; also the body of its response."""

    body: bytes
    out: asyncio.Queue[Message | None] = field(default_factory=asyncio.Queue)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Future[None] | None = None
    given: bool = False

    async def run(self, application: ASGIApp, scope: dict[str, object]) -> None:
        try:
            await application(scope, self._receive, self._send)
        finally:
            await self.out.put(None)

    async def _receive(self) -> Message:
        if not self.given:
            self.given = True
            return {"type": "http.request", "body": self.body, "more_body": False}
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        await self.out.put(message)

    async def head(self) -> tuple[int, list[tuple[bytes, bytes]]]:
        """Status and headers.

        Raises:
            httpx2.RemoteProtocolError: the application ended without answering.
        """
        message = await self.out.get()
        if message is None:
            raise httpx2.RemoteProtocolError("the server ended the connection without an answer")
        return message["status"], message["headers"]

    async def __aiter__(self) -> AsyncIterator[bytes]:
        more = True
        while more:
            message = await self.out.get()
            if message is None:
                raise httpx2.ReadError("the server ended the connection in the middle of the body")
            yield message["body"]
            more = message.get("more_body", False)

    async def aclose(self) -> None:
        self.left.set()
        if self.task:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)


@dataclass(frozen=True)
class InProcess:
    """A connection to a stand-in of its own."""

    model: AnthropicModel
    transport: Transport


def in_process(options: Options | None = None, *, capability_changes: str = "") -> InProcess:
    """A fresh stand-in and a bare model port to it; make it safe with ``opening.open_model``."""
    options = options or Options()
    server: Server = "anthropic" if options.dialect == "anthropic" else "other"
    deployment = Deployment(
        server=server,
        base_url="http://127.0.0.1",
        api_key=SecretStr("simulated"),
        capability_changes=capability_changes,
    )
    transport = Transport(app(options))
    return InProcess(
        AnthropicModel(deployment, http_client=httpx2.AsyncClient(transport=transport)), transport
    )
