"""A scripted port: plays a list of replies and errors, and remembers what it was asked. For tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from lendgate.claude.errors import ModelError
from lendgate.claude.port import Finished, ModelEvent, ModelReply, ModelRequest, Started, TextDelta

Line = ModelReply | ModelError


@dataclass(slots=True)
class ScriptedModel:
    """A port that answers with the next line of its script, the last one for ever.

    ``seconds`` pass before every answer. A stream gives its text before its end; where the line is an
    error, ``text_before_error`` comes first.
    """

    script: list[Line]
    seconds: float = 0.0
    text_before_error: str = ""
    asked: list[ModelRequest] = field(default_factory=list)

    async def complete(self, request: ModelRequest) -> ModelReply:
        line = await self._line(request)
        if isinstance(line, ModelError):
            raise line
        return line

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        line = await self._line(request)
        if isinstance(line, ModelError):
            if self.text_before_error:
                yield TextDelta(self.text_before_error)
            raise line
        yield Started(line.model, line.request_id, line.usage)
        yield TextDelta(line.text)
        yield Finished(line)

    async def _line(self, request: ModelRequest) -> Line:
        self.asked.append(request)
        await asyncio.sleep(self.seconds)
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]
