"""This process in the queue: its number, its beat, and what it has in hand.

Law: a process that lives beats, and what it holds is its own; a process that is silent for ``silence`` is
taken for dead by every other, which hand back what it held. What the queue says is in this process's hands
and is not (an answer of the database got lost on the way) is handed back as well, so no job waits for a
worker that does not know of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import Final, Self

from lendgate.store import jobs
from lendgate.store.database import Connection, Database, StoreUnavailableError

_LOG: Final = logging.getLogger("lendgate.workflow")
SILENCE: Final = timedelta(seconds=5)
BEAT_SECONDS: Final = 1.0
TOO_MANY: Final = 20
"""Workers that may die with a job in hand before it is set aside."""


class Station:
    """One process's place in the queue; an async context manager that takes and leaves it."""

    def __init__(
        self, database: Database, *, silence: timedelta = SILENCE, beat_seconds: float = BEAT_SECONDS
    ) -> None:
        self._database = database
        self._silence = silence
        self._pause = beat_seconds
        self._hands: set[int | str] = set()
        self._suspects: frozenset[int] = frozenset()
        self._worker: int | None = None
        self._beating: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Take a place.

        Raises:
            StoreUnavailableError: the database is away.
        """
        self._worker = await jobs.register_worker(self._database)
        self._beating = asyncio.create_task(self._beat_on())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hand back what is left, and leave."""
        if self._beating is not None:
            self._beating.cancel()
            with suppress(asyncio.CancelledError):
                await self._beating
        with suppress(StoreUnavailableError):  # then it is taken from us when we are silent
            await jobs.hand_back(self._database, self.worker)
            await jobs.unregister_worker(self._database, self.worker)

    @property
    def worker(self) -> int:
        """This process's number in the queue."""
        if self._worker is None:
            raise RuntimeError("the station is not open")
        return self._worker

    def hold(self, job: int | str) -> None:
        """From now on this job, by its id or its lock, is in our hands."""
        self._hands.add(job)

    def let_go(self, job: int | str) -> None:
        """It is not any more: it has ended, or was handed back."""
        self._hands.discard(job)

    async def tend(self, connection: Connection) -> None:
        """Beat once, take from the dead, and hand back what we do not know of.

        Raises:
            StoreUnavailableError: the database is away.
        """
        found = await jobs.tend(connection, self.worker, self._silence, TOO_MANY)
        if not found.known:
            self._worker = await jobs.register_worker(self._database)
        if found.taken:
            _LOG.warning("handed back what silent workers held", extra={"jobs": found.taken})
        await self._return_strays(found.held)

    async def _return_strays(self, held: Mapping[int, str | None]) -> None:
        strays = frozenset(number for number, lock in held.items() if not self._hands & {number, lock})
        # Seen twice: what was taken or ended a moment ago may not be noted down yet.
        lost, self._suspects = strays & self._suspects, strays - self._suspects
        for number in lost:
            await jobs.retry(self._database, self.worker, number, None)
        if lost:
            _LOG.warning("handed back what was not in hand", extra={"jobs": len(lost)})

    async def _beat_on(self) -> None:
        """On a connection of its own: a pool that is used up must not make a living process silent."""
        away = False
        while True:
            try:
                async with self._database.apart() as connection:
                    while True:
                        await self.tend(connection)
                        away = False
                        await asyncio.sleep(self._pause)
            except StoreUnavailableError as error:
                if not away:
                    _LOG.warning("no beat: %s", error)
                away = True
                await asyncio.sleep(self._pause)
