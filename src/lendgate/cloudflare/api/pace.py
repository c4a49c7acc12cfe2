"""Time for the client of Cloudflare's API: a clock to read, a way to wait, and a budget of calls.

Law: nothing here reads a real clock by itself; tests pass their own, so nothing in them ever sleeps.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

BURST: Final = 120
PER_SECOND: Final = 3.6
"""120 at once + 3.6 a second = 1,200 in any five minutes: Cloudflare's limit for one token."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds as Cloudflare and people count them, waiting, and a number in [0, 1) to spread retries."""

    now: Callable[[], float]
    """Unix seconds."""
    elapsed: Callable[[], float]
    """Seconds that only go forward."""
    sleep: Callable[[float], Awaitable[None]]
    jitter: Callable[[], float]


def system_clock() -> Clock:
    """The machine's clock."""
    # Spreading retries needs no unguessable numbers.
    return Clock(time.time, time.monotonic, asyncio.sleep, random.random)


class Bucket:
    """A token bucket over the calls of this process; calls wait their turn instead of being refused.

    Cloudflare's own ``RateLimit`` headers do not follow use, so the budget is counted here. Other
    programs may share the token; what they use up comes back as 429, which the client waits out.
    """

    def __init__(self, clock: Clock, *, burst: int = BURST, per_second: float = PER_SECOND) -> None:
        self._clock = clock
        self._burst = float(burst)
        self._per_second = per_second
        self._level = self._burst
        self._read_at = clock.elapsed()

    async def take(self) -> None:
        """Take one call's worth; waits until there is one."""
        wait = self._reserve()
        if wait > 0:
            await self._clock.sleep(wait)

    def _reserve(self) -> float:
        now = self._clock.elapsed()
        self._level = min(self._burst, self._level + (now - self._read_at) * self._per_second)
        self._read_at = now
        self._level -= 1
        return max(0.0, -self._level / self._per_second)
