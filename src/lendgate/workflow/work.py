"""The jobs there are and what each of them does: the tasks that ``queue`` runs.

Law: a task does its work once however often it is run: it looks at how things stand first. What may pass
is tried again with growing waits; what does not is set aside for a person, and nothing is lost by it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from lendgate.errors import LendgateError
from lendgate.schema import Review
from lendgate.store.database import StoreUnavailableError
from lendgate.store.shelves import ShelfUnavailableError
from lendgate.workflow.desk import Desk
from lendgate.workflow.queue import AgainError, Run, SetAsideError, Task
from lendgate.workflow.review import load_accepted, see_through
from lendgate.workflow.station import Station
from lendgate.workflow.triage_job import TriageRoom, triage_application
from lendgate.workflow.triage_process import TriageBrokenError
from lendgate.workflow.webhooks import PostOffice, deliver

_ATTEMPTS = 12
_FIRST_WAIT = 0.5
_LONGEST_WAIT = 60.0
_ENDED = ("completed", "failed")


@dataclass(frozen=True, slots=True)
class Work:
    """What the tasks work with: ``office`` is None without a key for webhooks, ``tell`` hears of every review
    that ends, ``random`` is from 0 to 1.
    """

    desk: Desk
    station: Station
    office: PostOffice | None
    tell: Callable[[Review], None]
    triage: TriageRoom
    random: Callable[[], float]

    def tasks(self) -> Mapping[str, Task]:
        """Every task by its name in the queue."""
        return {"review": self._review, "deliver": self._deliver, "triage": self._triage}

    async def _review(self, run: Run) -> bool:
        """Carry a review out. Its job ends in the same transaction, unless it had ended before."""
        tenant, review_id = str(run.arguments["tenant"]), UUID(str(run.arguments["review_id"]))
        try:
            accepted = await load_accepted(self.desk, tenant, review_id, self.station.worker)
            if accepted is None or accepted.review.status in _ENDED:
                return False
            self.tell(await see_through(self.desk, accepted))
        except StoreUnavailableError as error:
            raise self._later(run, error) from None
        return True

    async def _triage(self, run: Run) -> bool:
        """Triage what an application has received. Its job ends in the same transaction."""
        tenant, application_id = str(run.arguments["tenant"]), UUID(str(run.arguments["application_id"]))
        try:
            return await triage_application(
                self.triage, tenant, application_id, self.station.worker, run.attempts
            )
        except (StoreUnavailableError, ShelfUnavailableError, TriageBrokenError) as error:
            raise self._later(run, error) from None

    async def _deliver(self, run: Run) -> bool:
        """Try a delivery; it decides itself whether and when it is tried again."""
        if self.office is None:
            raise SetAsideError("LENDGATE_WEBHOOK_KEY is not set here")
        try:
            wait = await deliver(
                self.office, str(run.arguments["tenant"]), UUID(str(run.arguments["delivery_id"]))
            )
        except StoreUnavailableError as error:
            raise self._later(run, error) from None
        if wait is not None:
            raise AgainError(wait)
        return False

    def _later(self, run: Run, error: LendgateError) -> Exception:
        """Again after a wait that grows; after too many, for a person to look at."""
        if run.attempts + 1 >= _ATTEMPTS:
            return SetAsideError(str(error))
        wait = min(_FIRST_WAIT * 2**run.attempts, _LONGEST_WAIT)
        return AgainError(wait * (1 + self.random()) / 2)
