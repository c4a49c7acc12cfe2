"""The tasks: a review's outcome, its event and the end of its job are one change; what fails may pass."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import psycopg
import pytest

from lendgate.schema import Review
from lendgate.store import job_list, jobs
from lendgate.store.database import Database
from lendgate.store.outbox import Published, deliveries_to, publish
from lendgate.store.webhooks import insert_endpoint
from lendgate.workflow.accept import accept_application
from lendgate.workflow.desk import Desk
from lendgate.workflow.outbound import Outbound
from lendgate.workflow.queue import AgainError, Run, SetAsideError
from lendgate.workflow.review import load_accepted
from lendgate.workflow.station import Station
from lendgate.workflow.triage_job import TriageRoom
from lendgate.workflow.triage_process import TriageProcess
from lendgate.workflow.webhooks import RETRY_SECONDS, PostOffice
from lendgate.workflow.work import Work
from tests.support.edge_hand import GOOD, metadata_of, principal
from tests.support.receiver import receiving
from tests.support.service import CountingReviewer, FailingReviewer, blobs, now, service_at_work
from tests.support.traces import Records
from tests.support.waiting import until
from tests.workflow.conftest import AcceptOne

pytestmark = pytest.mark.anyio
CALLER = principal("acme", "broker-1")


@pytest.fixture(autouse=True)
def emptied(superuser_url: str) -> None:
    """Each test begins with an empty queue."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute("DELETE FROM lendgate_queue.procrastinate_jobs")


def work_of(desk: Desk, station: Station, office: PostOffice | None = None) -> Work:
    return Work(
        desk,
        station,
        office,
        lambda _review: None,
        TriageRoom(desk, blobs(), TriageProcess()),
        lambda: 0.5,
    )


def run_of(review_id: str, attempts: int = 0) -> Run:
    return Run({"tenant": "acme", "review_id": review_id}, f"review:{review_id}", attempts)


async def test_a_review_that_ends_takes_its_job_along_and_is_told(
    desk: Desk, accept_one: AcceptOne, records: Records
) -> None:
    """One transaction: completed, audited, in the outbox, and no job any more."""
    accepted = await accept_one()
    async with Station(desk.database) as station:
        assert await jobs.fetch(desk.database, station.worker) is not None
        assert await work_of(desk, station).tasks()["review"](run_of(accepted.review.review_id))
    assert await job_list.count_jobs(desk.database) == {}
    (event,) = records.connection.execute(
        "SELECT kind, broker_id, data FROM lendgate.outbox_event WHERE data->>'review_id' = %s",
        (accepted.review.review_id,),
    ).fetchall()
    assert event == (
        "review.completed",
        "broker-1",
        {"review_id": accepted.review.review_id, "status": "completed", "outcome": "refer"},
    )


async def test_a_change_that_fails_leaves_the_job(
    desk: Desk, accept_one: AcceptOne, superuser_url: str
) -> None:
    """Outcome, event and job are kept or lost together."""
    accepted = await accept_one()
    with psycopg.connect(superuser_url, autocommit=True) as owner:
        owner.execute("REVOKE INSERT ON lendgate.outbox_event FROM lendgate_service")
        try:
            async with Station(desk.database) as station:
                await jobs.fetch(desk.database, station.worker)
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    await work_of(desk, station).tasks()["review"](run_of(accepted.review.review_id))
        finally:
            owner.execute("GRANT INSERT ON lendgate.outbox_event TO lendgate_service")
    stored = await load_accepted(desk, "acme", UUID(accepted.review.review_id))
    assert stored is not None
    assert stored.review.status == "queued"
    assert await job_list.count_jobs(desk.database) == {("interactive", "todo"): 1}


async def test_a_review_that_failed_is_told_too(desk: Desk, accept_one: AcceptOne, records: Records) -> None:
    """Whoever waits for it hears that there is nothing to wait for."""
    accepted = await accept_one()
    failing = replace(desk, reviewer=FailingReviewer(ValueError()))
    async with Station(desk.database) as station:
        await jobs.fetch(desk.database, station.worker)
        await work_of(failing, station).tasks()["review"](run_of(accepted.review.review_id))
    kinds = (
        "SELECT count(*) FROM lendgate.outbox_event WHERE kind = 'review.failed' AND data->>'review_id' = %s"
    )
    assert records.number(kinds, accepted.review.review_id) == 1
    assert await job_list.count_jobs(desk.database) == {}


@pytest.mark.parametrize("review_id", [None, str(uuid4())])
async def test_what_has_ended_or_is_not_there_is_no_work(
    review_id: str | None, desk: Desk, accept_one: AcceptOne
) -> None:
    """The reviewer is not asked; the job may go."""
    reviewer = CountingReviewer()
    async with Station(desk.database) as station:
        work = work_of(replace(desk, reviewer=reviewer), station).tasks()["review"]
        if review_id is None:
            review_id = (await accept_one()).review.review_id
            assert await work(run_of(review_id))
        before = reviewer.asked
        assert not await work(run_of(review_id))
    assert reviewer.asked == before


@pytest.mark.parametrize(
    ("task", "arguments"),
    [("review", {"review_id": str(uuid4())}), ("deliver", {"delivery_id": str(uuid4())})],
)
async def test_with_the_database_away_it_is_tried_again_with_growing_waits(
    task: str, arguments: dict[str, object], desk: Desk, service_url: str
) -> None:
    """From a quarter of a second to a minute, and after a dozen tries a person has to look."""
    away = Database(service_url, size=1)
    outbound = Outbound()
    office = PostOffice(away, outbound, b"w" * 32, now, lambda: 0.5)
    async with Station(desk.database) as station:
        work = work_of(replace(desk, database=away), station, office).tasks()[task]
        waits: list[float] = []
        for attempts in range(11):
            with pytest.raises(AgainError) as again:
                await work(Run({"tenant": "acme", **arguments}, None, attempts))
            waits.append(again.value.seconds)
        with pytest.raises(SetAsideError):
            await work(Run({"tenant": "acme", **arguments}, None, 11))
    await outbound.aclose()
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (0.375, 45.0)


async def test_without_a_key_a_delivery_is_set_aside_until_there_is_one(desk: Desk) -> None:
    """It is not lost: the operator sets the key and lets it go again."""
    async with Station(desk.database) as station:
        with pytest.raises(SetAsideError, match="LENDGATE_WEBHOOK_KEY"):
            await work_of(desk, station).tasks()["deliver"](Run({"delivery_id": str(uuid4())}, None, 0))


async def test_a_delivery_that_failed_is_tried_again_when_it_says(desk: Desk) -> None:
    """The schedule is the delivery's own."""
    endpoint_id = uuid4()
    async with receiving() as receiver, Station(desk.database) as station:
        receiver.statuses = [500, 204]
        async with desk.database.tenant("hooked") as tx:
            await insert_endpoint(tx, endpoint_id, receiver.url, None, now())
        async with desk.database.tenant("hooked") as tx:
            await publish(tx, Published(uuid4(), "webhook.test", "broker-1", now()))
        async with desk.database.tenant("hooked") as tx:
            (delivery,) = await deliveries_to(tx, endpoint_id, 10)
        outbound = Outbound(allow_private=True)
        office = PostOffice(desk.database, outbound, b"w" * 32, now, lambda: 0.0)
        work = work_of(desk, station, office).tasks()["deliver"]
        run = Run({"tenant": "hooked", "delivery_id": str(delivery.delivery_id)}, None, 0)
        with pytest.raises(AgainError) as again:
            await work(run)
        assert not await work(run)
        await outbound.aclose()
    assert again.value.seconds == RETRY_SECONDS[0]


async def test_a_review_nobody_waits_for_is_done_by_whoever_comes(database: Database) -> None:
    """Accepted into the queue, carried out there, and told to whoever listens in this process."""
    told: list[Review] = []
    async with service_at_work(database) as service:
        service.runner.heard.append(told.append)
        metadata = metadata_of(CALLER, now())
        accepted = await service.runner.accept(GOOD, CALLER, metadata, waits=False)
        assert service.runner.under_way == 0
        await until(lambda: bool(told))
    assert told[0].review_id == accepted.review.review_id
    assert await job_list.count_jobs(database) == {}


async def test_a_caller_waits_for_a_review_that_is_done_elsewhere(database: Database, desk: Desk) -> None:
    """There was no room here, or another process took it over: the wait is the same."""
    accepted = await accept_application(desk, GOOD, CALLER, metadata_of(CALLER, now()))
    async with service_at_work(database) as service:
        review = await service.runner.result(accepted, 10)
        nothing = await service.runner.result(
            replace(accepted, review=accepted.review.model_copy(update={"review_id": str(uuid4())})), 0.05
        )
    assert review is not None
    assert review.status == "completed"
    assert nothing is None
