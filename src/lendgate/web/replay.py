"""Which signed requests were seen already: the port for it, and a ledger in this process's memory.

Law: a nonce is claimed once while its signature lives; whatever cannot be told apart from a replay is
refused. A claim is made after the signature holds, so nobody but the edge can fill a ledger.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol

from lendgate.errors import LendgateError

CAPACITY: Final = 200_000
"""Nonces kept at most: 3,333 requests a second for the 60 seconds a signature lives."""


class NonceLedgerFullError(LendgateError):
    """Too many requests at once to tell a replay from a first sight; nothing was accepted."""


class NonceLedger(Protocol):
    """Where claims are kept; one for all processes of an origin (``store.nonces``) or one a process."""

    async def claim(self, nonce: str, expires: datetime) -> bool:
        """Whether this nonce is new, and from now on it is not. False once it is past ``expires``."""


class MemoryNonces:
    """A ledger for one process: claims until they expire, ``capacity`` of them at most."""

    def __init__(self, now: Callable[[], datetime], capacity: int = CAPACITY) -> None:
        self._now = now
        self._capacity = capacity
        self._seen: dict[str, datetime] = {}

    async def claim(self, nonce: str, expires: datetime) -> bool:
        """See ``NonceLedger``; raises ``NonceLedgerFullError`` when every kept nonce still lives."""
        now = self._now()
        if expires <= now or nonce in self._seen:
            return False
        self._forget(now)
        if len(self._seen) >= self._capacity:
            raise NonceLedgerFullError("The replay ledger is full; try again in a minute.")
        self._seen[nonce] = expires
        return True

    def _forget(self, now: datetime) -> None:
        # Claims stand in the order they came and live about equally long, so the oldest go first; one
        # that outlives its neighbours only keeps them a little longer (65 seconds at the most).
        while self._seen and next(iter(self._seen.values())) <= now:
            self._seen.pop(next(iter(self._seen)))

    def __len__(self) -> int:
        return len(self._seen)
