"""Virtual time: waits cost nothing and last exactly as long as they say."""

from __future__ import annotations

import asyncio
import time

import pytest

from lendgate.claude.standin.virtual_time import run


def test_hour_passes_at_once_and_is_an_hour() -> None:
    """In the loop's time, not in ours."""

    async def scene() -> float:
        await asyncio.sleep(3600)
        return asyncio.get_running_loop().time()

    began = time.monotonic()
    assert run(scene()) == 3600
    assert time.monotonic() - began < 60


def test_timeouts_fire_in_order() -> None:
    """The earlier one first, at its moment."""

    async def scene() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5):
                await asyncio.sleep(10)
        return asyncio.get_running_loop().time()

    assert run(scene()) == 5


def test_time_stands_still_while_a_thread_works() -> None:
    """A timer does not overtake work that is really being done."""

    async def scene() -> tuple[int, float]:
        async with asyncio.timeout(1):
            done = await asyncio.to_thread(sum, range(1_000_000))
        return done, asyncio.get_running_loop().time()

    assert run(scene()) == (499_999_500_000, 0)


def test_waiting_for_nothing_is_an_error() -> None:
    """Better than a test that hangs."""

    async def scene() -> None:
        await asyncio.Event().wait()

    with pytest.raises(RuntimeError, match="never happen"):
        run(scene())
