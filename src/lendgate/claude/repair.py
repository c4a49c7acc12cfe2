"""Repair: one more turn when a reply is not in the shape that was asked for.

Law: once. The model is shown its own words and the places that are wrong, in the time and money that the
call has left; then the error stands. A reply that was cut off or refused is not asked for again, and a
stream is not repaired: its text has already been passed on.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from typing import Final

from lendgate.claude.errors import MalformedReplyError, ModelError, TruncatedReplyError, with_earlier
from lendgate.claude.port import ModelEvent, ModelPort, ModelReply, ModelRequest, Turn
from lendgate.claude.prompts import packaged_prompt
from lendgate.claude.retry import Clock, Deadline

_SHOWN: Final = 20_000
"""Characters of the broken reply that are shown back."""


@dataclass(frozen=True, slots=True)
class RepairingModel:
    """A port that gives a malformed reply one repair turn."""

    inner: ModelPort
    clock: Clock = time.monotonic

    async def complete(self, request: ModelRequest) -> ModelReply:
        deadline = Deadline(request.deadline_seconds, self.clock)
        try:
            return await self.inner.complete(request)
        except TruncatedReplyError:
            raise
        except MalformedReplyError as error:
            broken = error
        if deadline.remaining <= 0:
            raise broken
        try:
            return with_earlier(
                await self.inner.complete(repair_request(request, broken, deadline.remaining)), [broken]
            )
        except ModelError as error:
            error.carry([broken])
            raise

    def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        return self.inner.stream(request)


def repair_request(request: ModelRequest, broken: MalformedReplyError, seconds: float) -> ModelRequest:
    """The question with the broken reply and its problems; after an empty reply, just the question."""
    messages = request.messages
    if broken.text.strip():
        problems = packaged_prompt("repair").render(problems=broken.problems)
        messages = (*messages, Turn("assistant", broken.text[:_SHOWN].rstrip()), Turn("user", problems))
    return replace(request, messages=messages, deadline_seconds=seconds)
