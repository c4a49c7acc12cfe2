"""Reviews under way in this process because somebody waits for them here.

Law: a review is accepted into this process's hands when its caller waits and there is room, otherwise into
the queue for whoever comes; either way it is carried out by exactly one, or taken over. Without a station
(tests, one process alone) every review is begun here at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final
from uuid import UUID

from lendgate.schema import Metadata, Principal, Review
from lendgate.store.idempotency import RequestKey
from lendgate.store.jobs import Lane
from lendgate.store.reviews import load_review_for_work
from lendgate.workflow.accept import Accepted, Alongside, accept_application
from lendgate.workflow.desk import Desk
from lendgate.workflow.load import Load
from lendgate.workflow.review import see_through
from lendgate.workflow.station import Station

_LOG: Final = logging.getLogger("lendgate.workflow")
_LOOK_SECONDS: Final = 0.1
Heard = Callable[[Review], None]


class Runner:
    """The reviews of one process that somebody waits for; close it before the station and the database."""

    def __init__(self, desk: Desk, station: Station | None = None, load: Load | None = None) -> None:
        self._desk = desk
        self._station = station
        self._load = load
        self._tasks: dict[str, asyncio.Task[Review]] = {}
        self.heard: list[Heard] = []
        """Called with every review that ends in this process."""

    @property
    def under_way(self) -> int:
        """How many reviews this process is at for somebody who waits."""
        return len(self._tasks)

    async def accept(
        self,
        body: bytes,
        principal: Principal,
        metadata: Metadata,
        *,
        waits: bool,
        key: RequestKey | None = None,
        alongside: Alongside | None = None,
    ) -> Accepted:
        """Accept an application, and begin its review here when its caller waits and there is room.

        Raises:
            InvalidBodyError, KeyTakenError, StoreUnavailableError: nothing was accepted.
        """
        here = waits and self._has_room_for(principal.tenant)
        worker = self._station.worker if self._station and here else None
        lane: Lane = "interactive" if waits else "bulk"
        accepted = await accept_application(
            self._desk, body, principal, metadata, lane=lane, worker=worker, key=key, alongside=alongside
        )
        if worker is not None or self._station is None:
            self.begin(accepted)
        return accepted

    def begin(self, accepted: Accepted) -> asyncio.Task[Review]:
        """Start a review that is in our hands; the task ends with the stored result."""
        if self._station is not None and self._load is not None:
            self._station.hold(accepted.job.lock)
            self._load.begin(accepted.job.queue)
        task = asyncio.create_task(see_through(self._desk, accepted))
        self._tasks[accepted.review.review_id] = task
        task.add_done_callback(lambda ended: self._end(accepted, ended))
        return task

    async def result(self, accepted: Accepted, seconds: float) -> Review | None:
        """The review once it has ended, here or elsewhere; None when that takes longer."""
        task = self._tasks.get(accepted.review.review_id)
        if task is None:
            return await self._ended_elsewhere(accepted, seconds)
        await asyncio.wait({task}, timeout=seconds)
        return task.result() if task.done() and task.exception() is None else None

    async def close(self) -> None:
        """Finish what is under way."""
        while self._tasks:
            await asyncio.wait(self._tasks.values())

    async def stop(self, seconds: float) -> None:
        """Finish what can be finished in time; the rest is handed back by the station."""
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=seconds)
        for task in list(self._tasks.values()):
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def tell(self, review: Review) -> None:
        """Tell whoever listens that a review has ended in this process."""
        for heard in self.heard:
            heard(review)

    def _has_room_for(self, tenant: str) -> bool:
        return self._load is None or self._load.has_room_for(tenant)

    async def _ended_elsewhere(self, accepted: Accepted, seconds: float) -> Review | None:
        deadline = asyncio.get_running_loop().time() + seconds
        while (left := deadline - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(min(_LOOK_SECONDS, left))
            async with self._desk.database.tenant(accepted.tenant) as tx:
                stored = await load_review_for_work(tx, UUID(accepted.review.review_id))
            if stored is not None and stored.status in ("completed", "failed"):
                return stored.review
        return None

    def _end(self, accepted: Accepted, task: asyncio.Task[Review]) -> None:
        self._tasks.pop(accepted.review.review_id, None)
        if self._station is not None and self._load is not None:
            self._station.let_go(accepted.job.lock)
            self._load.end(accepted.job.queue)
        if task.cancelled():
            return
        if task.exception() is None:
            self.tell(task.result())
        else:  # not in hand any more, and not ended: the station hands it back
            _LOG.error("a review stays unfinished", exc_info=task.exception())
