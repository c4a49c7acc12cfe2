"""Connections: the ways an answer can go over the wire, or not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from lendgate.claude.standin.answer import Answer, Json
from lendgate.claude.standin.events import events, wire
from lendgate.claude.standin.options import Step

SLOW_SECONDS: Final = 0.05
"""The pause of a slow answer that names none."""


class Silence(Response):
    """No answer, for as long as the caller waits."""

    async def __call__(self, _scope: Scope, receive: Receive, _send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass


class Cut(Response):
    """Half a body; then the connection ends."""

    def __init__(self, message: Json) -> None:
        super().__init__(json.dumps(message).encode(), media_type="application/json")

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        half = bytes(self.body[: len(self.body) // 2])
        await send({"type": "http.response.body", "body": half, "more_body": True})


class EventStream(Response):
    """A message as server-sent events, with whatever goes wrong on the way."""

    media_type = "text/event-stream"

    def __init__(self, said: Answer, step: Step) -> None:
        super().__init__()
        del self.headers["content-length"]
        self._said = said
        self._step = step

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        async for event in self._events():
            await send({"type": "http.response.body", "body": wire(event), "more_body": True})
        if self._step.name == "stalled_stream":
            await Silence()(scope, receive, send)
        elif self._step.name != "cut_stream":
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _events(self) -> AsyncIterator[Json]:
        whole = list(events(self._said))
        broken = self._step.name in {"cut_stream", "stream_error", "stalled_stream"}
        for event in whole[: len(whole) // 2] if broken else whole:
            if self._step.name == "slow":
                await asyncio.sleep(self._step.value or SLOW_SECONDS)
            yield event
        if self._step.name == "stream_error":
            yield {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
