"""Waiting for what another task, thread or process brings about."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable


async def until(happened: Callable[[], bool | Awaitable[bool]], seconds: float = 10) -> None:
    """Look again and again until it has happened.

    Raises:
        TimeoutError: it has not, in time.
    """
    async with asyncio.timeout(seconds):
        while not await _true(happened()):  # noqa: ASYNC110 - nobody rings a bell for the test
            await asyncio.sleep(0.01)


async def _true(value: bool | Awaitable[bool]) -> bool:  # noqa: FBT001 - it is the value itself
    return await value if inspect.isawaitable(value) else bool(value)
