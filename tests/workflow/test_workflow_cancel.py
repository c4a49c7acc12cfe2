"""Cancelling by hand: what the job was for ends, and whoever waits for it hears so."""

from __future__ import annotations

from uuid import UUID, uuid4

import psycopg
import pytest

from lendgate.errors import NotFoundError
from lendgate.store import job_list, jobs
from lendgate.store.outbox import Published, deliveries_to, publish
from lendgate.store.webhooks import insert_endpoint
from lendgate.workflow.cancel import JobBusyError, cancel_job
from lendgate.workflow.desk import Desk
from lendgate.workflow.review import carry_out, load_accepted
from tests.support.service import now
from tests.support.traces import Records
from tests.workflow.conftest import AcceptOne

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def emptied(superuser_url: str) -> None:
    """Each test begins with an empty queue."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute("DELETE FROM lendgate_queue.procrastinate_jobs")


async def only_job(desk: Desk) -> int:
    (job,) = await job_list.list_jobs(desk.database, None, 10)
    return job.id


async def test_a_cancelled_review_has_failed(desk: Desk, accept_one: AcceptOne, records: Records) -> None:
    """With its audit event, and told to whoever listens; the job is gone."""
    accepted = await accept_one()
    await cancel_job(desk, await only_job(desk))
    stored = await load_accepted(desk, "acme", UUID(accepted.review.review_id))
    assert stored is not None
    assert stored.review.status == "failed"
    assert await job_list.count_jobs(desk.database) == {}
    events = "SELECT count(*) FROM lendgate.audit_event WHERE kind = 'review.failed' AND subject = %s"
    assert records.number(events, accepted.review.review_id) == 1


async def test_a_review_that_has_ended_stays_as_it_is(desk: Desk, accept_one: AcceptOne) -> None:
    """Only a left-over job goes."""
    accepted = await accept_one()
    completed = await carry_out(desk, accepted)
    await cancel_job(desk, await only_job(desk))
    stored = await load_accepted(desk, "acme", UUID(accepted.review.review_id))
    assert stored is not None
    assert stored.review == completed
    assert await job_list.count_jobs(desk.database) == {}


async def test_a_cancelled_delivery_was_given_up(desk: Desk) -> None:
    """It can still be delivered again."""
    endpoint_id = uuid4()
    async with desk.database.tenant("acme") as tx:
        await insert_endpoint(tx, endpoint_id, "https://hooks.example.com/", None, now())
        await publish(tx, Published(uuid4(), "webhook.test", "broker-1", now()))
    await cancel_job(desk, await only_job(desk))
    async with desk.database.tenant("acme") as tx:
        (delivery,) = await deliveries_to(tx, endpoint_id, 10)
    assert (delivery.state, delivery.last_outcome) == ("failed", "cancelled")
    assert await job_list.count_jobs(desk.database) == {}


async def test_what_a_worker_is_at_is_not_cancelled(desk: Desk, accept_one: AcceptOne) -> None:
    """It ends by itself, or is handed back."""
    await accept_one()
    taken = await jobs.fetch(desk.database, await jobs.register_worker(desk.database))
    assert taken is not None
    with pytest.raises(JobBusyError):
        await cancel_job(desk, taken.id)


async def test_what_is_not_there_is_said(desk: Desk) -> None:
    """By its number."""
    with pytest.raises(NotFoundError, match="987654321"):
        await cancel_job(desk, 987654321)
