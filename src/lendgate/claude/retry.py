"""Retries: one deadline over every attempt of a call.

Law: the schedule is pure; clock, sleep and randomness are handed in. Waiting longer than the deadline
leaves is pointless, so the last error is raised at once and someone else (the rules reviewer) can take
over in the time that is left. Streams are tried again only while none of their text has been passed on.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from lendgate.claude.errors import ModelError, ModelTimeoutError, with_earlier
from lendgate.claude.port import Finished, ModelEvent, ModelPort, ModelReply, ModelRequest, TextDelta

Sleep = Callable[[float], Awaitable[None]]
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Schedule:
    """When to try again.

    The wait before attempt n+1 is ``base`` doubled n-1 times, at most ``cap``, of which up to half is
    taken off by jitter; a server's retry-after is a floor, spread by up to a tenth so that callers don't
    return as one. ``attempt_seconds`` bounds one attempt at a whole reply, so that a hanging one leaves
    time for another; a stream may last until the deadline.
    """

    attempts: int = 4
    base: float = 0.5
    cap: float = 8.0
    attempt_seconds: float = 45.0

    def wait(self, failures: int, jitter: float, retry_after: float | None) -> float:
        """Seconds to wait after ``failures`` attempts failed; ``jitter`` is in [0, 1)."""
        backoff = min(self.cap, self.base * 2.0 ** (failures - 1)) * (1 - jitter / 2)
        return max(backoff, (retry_after or 0.0) * (1 + jitter / 10))

    def next_wait(self, error: ModelError, failures: int, jitter: float, remaining: float) -> float | None:
        """The wait before the next attempt; None: give up now."""
        if not error.again or failures >= self.attempts:
            return None
        wait = self.wait(failures, jitter, error.retry_after)
        return wait if wait < remaining else None


@dataclass(slots=True)
class Deadline:
    """A moment on a monotonic clock."""

    seconds: float
    clock: Clock
    at: float = field(init=False)

    def __post_init__(self) -> None:
        self.at = self.clock() + self.seconds

    @property
    def remaining(self) -> float:
        """Seconds left; zero or less when it has passed."""
        return self.at - self.clock()


@dataclass(frozen=True, slots=True)
class RetryingModel:
    """A port that sends a failed attempt again while its deadline allows."""

    inner: ModelPort
    schedule: Schedule = Schedule()
    sleep: Sleep = asyncio.sleep
    clock: Clock = time.monotonic
    jitter: Callable[[], float] = random.random

    async def complete(self, request: ModelRequest) -> ModelReply:
        deadline = Deadline(request.deadline_seconds, self.clock)
        earlier: list[ModelError] = []
        while True:
            try:
                limit = min(deadline.remaining, self.schedule.attempt_seconds)
                return with_earlier(await self.inner.complete(_within(request, limit)), earlier)
            except ModelError as error:
                await self._pause(error, earlier, deadline)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        deadline = Deadline(request.deadline_seconds, self.clock)
        earlier: list[ModelError] = []
        passed_on = False
        while True:
            try:
                async with aclosing(self.inner.stream(_within(request, deadline.remaining))) as events:
                    async for event in events:
                        passed_on = passed_on or isinstance(event, TextDelta)
                        yield _counted(event, earlier)
            except ModelError as error:
                error.again = error.again and not passed_on
                await self._pause(error, earlier, deadline)
            else:
                return

    async def _pause(self, error: ModelError, earlier: list[ModelError], deadline: Deadline) -> None:
        """Wait before the next attempt, or raise ``error`` when there is to be none."""
        wait = self.schedule.next_wait(error, len(earlier) + 1, self.jitter(), deadline.remaining)
        if wait is None:
            error.carry(earlier)
            raise error
        earlier.append(error)
        await self.sleep(wait)


def _counted(event: ModelEvent, earlier: list[ModelError]) -> ModelEvent:
    return Finished(with_earlier(event.reply, earlier)) if isinstance(event, Finished) else event


def _within(request: ModelRequest, seconds: float) -> ModelRequest:
    if seconds <= 0:
        raise ModelTimeoutError("the deadline passed between two attempts")
    return replace(request, deadline_seconds=seconds)
