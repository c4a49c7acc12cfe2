"""Reviews under way in this process: begun at once, waited for by whoever asked, resumed after a restart.

Law: an accepted review is either under way here or stored as unfinished, and ``resume`` takes up what a
killed process left. An error in one review ends that review, never the runner.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from lendgate.schema import Review
from lendgate.store.audit_log import tenants
from lendgate.store.database import StoreUnavailableError
from lendgate.store.reviews import unfinished_reviews
from lendgate.workflow.accept import Accepted
from lendgate.workflow.desk import Desk
from lendgate.workflow.review import carry_out, give_up, load_accepted

_LOG: Final = logging.getLogger("lendgate.workflow")
_RESUME_LIMIT: Final = 1_000


class Runner:
    """The tasks of one process; close it before the database is closed."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._tasks: set[asyncio.Task[Review]] = set()

    @property
    def under_way(self) -> int:
        """How many reviews this process is at."""
        return len(self._tasks)

    def begin(self, accepted: Accepted) -> asyncio.Task[Review]:
        """Start a review; the task ends with the stored result."""
        task = asyncio.create_task(self._carry_out(accepted))
        self._tasks.add(task)
        task.add_done_callback(self._end)
        return task

    async def resume(self) -> int:
        """Take up every unfinished review; says how many."""
        taken = 0
        for tenant in await tenants(self._desk.database):
            async with self._desk.database.tenant(tenant) as tx:
                unfinished = await unfinished_reviews(tx, _RESUME_LIMIT)
            for stored in unfinished:
                accepted = await load_accepted(self._desk, tenant, stored.review_id)
                if accepted is not None:
                    self.begin(accepted)
                    taken += 1
        return taken

    async def close(self) -> None:
        """Finish what is under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _carry_out(self, accepted: Accepted) -> Review:
        try:
            return await carry_out(self._desk, accepted)
        except StoreUnavailableError:
            raise  # it stays unfinished in the store, and is taken up again
        except Exception:  # noqa: BLE001 - what nobody foresaw ends its review, too: as failed, never as a yes
            _LOG.exception(
                "a review could not be carried out", extra={"review_id": accepted.review.review_id}
            )
            return await give_up(self._desk, accepted)

    def _end(self, task: asyncio.Task[Review]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _LOG.error("a review stays unfinished", exc_info=task.exception())
