"""The budget of calls: Cloudflare's limit is kept whatever the calls look like."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from lendgate.cloudflare.api.pace import BURST, PER_SECOND, Bucket, system_clock
from tests.cloudflare_api.lab import FastClock

WINDOW = 300.0


def _times(gaps: list[float], burst: int = BURST, per_second: float = PER_SECOND) -> list[float]:
    """When calls go out that want to go out with these gaps between them."""
    time = FastClock()

    async def run() -> list[float]:
        bucket = Bucket(time.clock(), burst=burst, per_second=per_second)
        sent = []
        for gap in gaps:
            time.seconds += gap
            await bucket.take()
            sent.append(time.seconds)
        return sent

    return asyncio.run(run())


@given(st.lists(st.sampled_from([0.0, 0.0, 0.0, 0.1, 5.0, 60.0]), min_size=65, max_size=120))
def test_never_more_than_the_limit_in_any_window(gaps: list[float]) -> None:
    """No five minutes hold more calls than burst and rate make together (here 60)."""
    sent = _times(gaps, burst=6, per_second=0.18)
    for first, last in zip(sent, sent[60:], strict=False):
        assert last - first >= WINDOW - 1e-6


def test_the_limit_is_cloudflares() -> None:
    """Burst and rate together are 1,200 calls in five minutes."""
    assert BURST + PER_SECOND * WINDOW == 1200


def test_a_short_command_never_waits() -> None:
    """The calls of one command go out at once."""
    assert _times([0.0] * BURST)[-1] == FastClock().seconds


def test_the_next_call_waits() -> None:
    """One more than the burst waits its turn."""
    assert _times([0.0] * (BURST + 1))[-1] > FastClock().seconds


def test_the_systems_clock_runs_forward() -> None:
    """The real clock gives Unix seconds and a jitter below one."""
    clock = system_clock()
    assert clock.now() > 1_700_000_000
    assert clock.elapsed() <= clock.elapsed()
    assert 0 <= clock.jitter() < 1
