"""The ledger of seen requests: once while it lives, bounded, and closed when it cannot tell."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from lendgate.web.replay import MemoryNonces, NonceLedger, NonceLedgerFullError

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(seconds=60)


class Clock:
    """A clock the test moves."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def claim(ledger: NonceLedger, nonce: str, expires: datetime = START + MINUTE) -> bool:
    return asyncio.run(ledger.claim(nonce, expires))


def test_a_nonce_is_claimed_once() -> None:
    """The second request with the same nonce is a replay; another nonce is not."""
    ledger = MemoryNonces(Clock())
    assert [claim(ledger, "a"), claim(ledger, "a"), claim(ledger, "b")] == [True, False, True]


def test_a_nonce_stays_claimed_until_its_signature_expires() -> None:
    """A second before the end it is still a replay; at the end the signature itself is refused."""
    clock = Clock()
    ledger = MemoryNonces(clock)
    assert claim(ledger, "a")
    clock.now = START + timedelta(seconds=59)
    assert not claim(ledger, "a")
    clock.now = START + MINUTE
    assert not claim(ledger, "a")
    assert not claim(ledger, "never seen", clock.now)


def test_expired_claims_are_forgotten() -> None:
    """Memory does not grow with the number of requests ever seen."""
    clock = Clock()
    ledger = MemoryNonces(clock)
    for number in range(100):
        claim(ledger, f"old-{number}")
    clock.now = START + MINUTE
    claim(ledger, "new", clock.now + MINUTE)
    assert len(ledger) == 1


def test_a_full_ledger_refuses_and_recovers() -> None:
    """It never forgets a living nonce to make room: that would let its replay in."""
    clock = Clock()
    ledger = MemoryNonces(clock, capacity=2)
    assert claim(ledger, "a")
    assert claim(ledger, "b")
    with pytest.raises(NonceLedgerFullError, match="try again"):
        claim(ledger, "c")
    assert not claim(ledger, "a")
    clock.now = START + MINUTE
    assert claim(ledger, "c", clock.now + MINUTE)


def test_of_many_requests_at_once_with_one_nonce_one_gets_in() -> None:
    """Concurrent replays race for one claim."""

    async def race() -> list[bool]:
        ledger = MemoryNonces(Clock())
        return await asyncio.gather(*(ledger.claim("a", START + MINUTE) for _ in range(50)))

    assert sum(asyncio.run(race())) == 1
