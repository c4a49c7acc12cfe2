"""The runner: nothing accepted is lost, whatever a reviewer or the database does."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from uuid import UUID

import pytest

from lendgate.analysis.reviewer import Case, Reviewed
from lendgate.analysis.rules import RulesReviewer
from lendgate.errors import LendgateError
from lendgate.schema import Review
from lendgate.store.database import Database, StoreUnavailableError
from lendgate.workflow.accept import Accepted
from lendgate.workflow.desk import Desk
from lendgate.workflow.review import load_accepted
from lendgate.workflow.runner import Runner
from tests.support.service import FailingReviewer
from tests.workflow.conftest import AcceptOne

pytestmark = pytest.mark.anyio
PRIVATE = "income of Jane Roe"


class Held(RulesReviewer):
    """A reviewer that waits until it is let go."""

    def __init__(self) -> None:
        self.go = asyncio.Event()

    async def review(self, case: Case) -> Reviewed:
        await self.go.wait()
        return await super().review(case)


async def stored(desk: Desk, accepted: Accepted) -> Review:
    found = await load_accepted(desk, accepted.tenant, UUID(accepted.review.review_id))
    assert found is not None
    return found.review


async def test_what_is_begun_ends_stored(desk: Desk, accept_one: AcceptOne) -> None:
    """The task's result is the stored review."""
    accepted = await accept_one()
    runner = Runner(desk)
    assert runner.under_way == 0
    task = runner.begin(accepted)
    assert runner.under_way == 1
    assert (await task).status == "completed"
    assert await stored(desk, accepted) == task.result()
    await runner.close()
    assert runner.under_way == 0


@pytest.mark.parametrize(
    "error",
    [
        LendgateError(PRIVATE),
        ValueError(PRIVATE),
        ZeroDivisionError(PRIVATE),
        KeyError(PRIVATE),
        RuntimeError(PRIVATE),
        AttributeError(PRIVATE),
        OSError(PRIVATE),
        TimeoutError(PRIVATE),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_failing_reviewer_fails_the_review_and_loses_nothing(
    error: Exception, desk: Desk, accept_one: AcceptOne, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever it raises, foreseen or not: the review ends as failed, for a person to look at."""
    accepted = await accept_one()
    runner = Runner(replace(desk, reviewer=FailingReviewer(error)))
    with caplog.at_level(logging.INFO):
        review = await runner.begin(accepted)
    assert (review.status, review.recommendation, review.memo) == ("failed", None, None)
    assert (await stored(desk, accepted)).status == "failed"
    assert [record.getMessage() for record in caplog.records] == ["a review could not be carried out"]


async def test_one_failing_review_leaves_the_others_alone(desk: Desk, accept_one: AcceptOne) -> None:
    """The runner goes on."""
    failing, good = await accept_one(), await accept_one()
    bad_runner, runner = Runner(replace(desk, reviewer=FailingReviewer(ValueError()))), Runner(desk)
    reviews = await asyncio.gather(bad_runner.begin(failing), runner.begin(good))
    assert [review.status for review in reviews] == ["failed", "completed"]


async def test_with_the_database_away_a_review_stays_unfinished(
    desk: Desk, service_url: str, accept_one: AcceptOne
) -> None:
    """A lost database is no fault of the review: it is neither failed nor lost."""
    accepted = await accept_one(tenant="away")
    never_opened = Runner(replace(desk, database=Database(service_url, size=1)))
    with pytest.raises(StoreUnavailableError):
        await never_opened.begin(accepted)
    assert (await stored(desk, accepted)).status == "queued"


async def test_closing_waits_for_what_is_under_way(desk: Desk, accept_one: AcceptOne) -> None:
    """A stop loses no review that was nearly done."""
    accepted, reviewer = await accept_one(), Held()
    runner = Runner(replace(desk, reviewer=reviewer))
    runner.begin(accepted)
    closing = asyncio.create_task(runner.close())
    await asyncio.sleep(0)
    assert not closing.done()
    reviewer.go.set()
    await closing
    assert (await stored(desk, accepted)).status == "completed"
