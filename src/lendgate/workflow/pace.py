"""How many calls a process makes of a model at a time, and how fast.

Law: who has to wait waits here, in turn, before any money is set aside; the wait is part of the request's
deadline. The limits are a process's own: with several workers, give each its share.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace

from lendgate.claude.errors import ModelTimeoutError
from lendgate.claude.port import ModelEvent, ModelPort, ModelReply, ModelRequest


@dataclass(frozen=True, slots=True)
class Pace:
    """Limits of each model: calls at a time, and calls begun a minute (None: as fast as they go)."""

    at_a_time: int
    a_minute: int | None = None


@dataclass(slots=True)
class _Lane:
    """One model's turnstile: ``free_at`` is when the next call may begin, by the clock."""

    slots: asyncio.Semaphore
    free_at: float = 0.0


@dataclass(frozen=True, slots=True)
class PacedModel:
    """A port that keeps a pace; ``clock`` is monotonic, in seconds."""

    inner: ModelPort
    pace: Pace
    clock: Callable[[], float]
    _lanes: dict[str, _Lane] = field(default_factory=dict)

    async def complete(self, request: ModelRequest) -> ModelReply:
        async with self._turn(request) as timely:
            return await self.inner.complete(timely)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        async with self._turn(request) as timely, aclosing(self.inner.stream(timely)) as events:
            async for event in events:
                yield event

    @asynccontextmanager
    async def _turn(self, request: ModelRequest) -> AsyncIterator[ModelRequest]:
        """Wait for a turn; gives the request with the time that is left for it."""
        begun = self.clock()
        lane = self._lanes.setdefault(request.model, _Lane(asyncio.Semaphore(self.pace.at_a_time)))
        try:
            async with asyncio.timeout(request.deadline_seconds):
                await lane.slots.acquire()
        except TimeoutError as cause:
            raise _late() from cause
        try:
            await self._wait_for_start(lane, begun + request.deadline_seconds)
            left = request.deadline_seconds - (self.clock() - begun)
            if left <= 0:
                raise _late()
            yield replace(request, deadline_seconds=left)
        finally:
            lane.slots.release()

    async def _wait_for_start(self, lane: _Lane, deadline: float) -> None:
        if self.pace.a_minute is None:
            return
        start = max(self.clock(), lane.free_at)
        if start >= deadline:
            raise _late()
        lane.free_at = start + 60 / self.pace.a_minute
        await asyncio.sleep(start - self.clock())


def _late() -> ModelTimeoutError:
    return ModelTimeoutError("the deadline passed while the call waited for its turn: nothing was sent")
