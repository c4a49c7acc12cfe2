"""The outbox and its endpoints: told exactly of what happened, to exactly those who listen."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from lendgate.store import job_list, jobs, webhooks
from lendgate.store.database import Database
from lendgate.store.jobs import Job
from lendgate.store.outbox import (
    Delivery,
    Published,
    deliver_again,
    deliveries_to,
    delivery_job,
    load_delivery,
    publish,
    purge_events,
    record_attempt,
)

pytestmark = pytest.mark.anyio
URL = "https://hooks.example.com/lendgate"


class StopHereError(Exception):
    """A failure before the commit."""


@pytest.fixture
def tenant() -> str:
    """A tenant of the test's own."""
    return f"tenant-{uuid4().hex[:12]}"


@pytest.fixture(autouse=True)
def emptied(superuser_url: str) -> None:
    """Each test begins with an empty queue."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute("DELETE FROM lendgate_queue.procrastinate_jobs")


async def endpoint(database: Database, tenant: str, at: datetime, broker_id: str | None = None) -> UUID:
    endpoint_id = uuid4()
    async with database.tenant(tenant) as tx:
        await webhooks.insert_endpoint(tx, endpoint_id, URL, broker_id, at)
    return endpoint_id


async def tell(database: Database, tenant: str, at: datetime, broker_id: str = "broker-1") -> Published:
    event = Published(uuid4(), "review.completed", broker_id, at, {"review_id": "r1", "outcome": "refer"})
    async with database.tenant(tenant) as tx:
        await publish(tx, event)
    return event


async def deliveries(database: Database, tenant: str, endpoint_id: UUID) -> list[Delivery]:
    async with database.tenant(tenant) as tx:
        return await deliveries_to(tx, endpoint_id, 10)


async def waiting(database: Database) -> list[Job]:
    return await job_list.list_jobs(database, "todo", 100)


async def test_an_event_reaches_every_endpoint_that_hears_it(
    database: Database, tenant: str, at: datetime
) -> None:
    """The tenant's own and the broker's own; not another broker's. Each delivery is one job."""
    everything = await endpoint(database, tenant, at)
    own = await endpoint(database, tenant, at, "broker-1")
    other = await endpoint(database, tenant, at, "broker-2")
    event = await tell(database, tenant, at)
    for endpoint_id in (everything, own):
        (delivery,) = await deliveries(database, tenant, endpoint_id)
        assert (delivery.event_id, delivery.kind, delivery.state) == (event.event_id, event.kind, "waiting")
        assert delivery.data == '{"review_id": "r1", "outcome": "refer"}'
    assert await deliveries(database, tenant, other) == []
    assert len(await waiting(database)) == 2


async def test_the_database_makes_the_job_that_python_would_make(
    database: Database, tenant: str, at: datetime
) -> None:
    """What the SQL function enqueues is what ``delivery_job`` describes."""
    endpoint_id = await endpoint(database, tenant, at)
    await tell(database, tenant, at)
    (delivery,) = await deliveries(database, tenant, endpoint_id)
    (job,) = await waiting(database)
    expected = delivery_job(tenant, delivery.delivery_id)
    assert (job.lock, job.task, job.queue) == (expected.lock, expected.task, f"webhooks:{tenant}")
    assert job.arguments == {"tenant": tenant, "delivery_id": str(delivery.delivery_id)}
    assert job.priority == jobs.PRIORITIES["webhooks"]


async def test_an_event_of_what_did_not_happen_is_not_told(
    database: Database, tenant: str, at: datetime
) -> None:
    """It goes with the transaction that fails."""

    async def fail() -> None:
        async with database.tenant(tenant) as tx:
            await publish(tx, Published(uuid4(), "review.failed", "broker-1", at))
            raise StopHereError

    endpoint_id = await endpoint(database, tenant, at)
    with pytest.raises(StopHereError):
        await fail()
    assert await deliveries(database, tenant, endpoint_id) == []
    assert await waiting(database) == []


async def test_another_tenants_endpoint_hears_nothing(database: Database, tenant: str, at: datetime) -> None:
    """Endpoints are found by row-level security, not by a condition somebody could forget."""
    strangers = await endpoint(database, "stranger", at)
    await tell(database, tenant, at)
    assert await deliveries(database, "stranger", strangers) == []
    assert await waiting(database) == []


async def test_a_disabled_endpoint_hears_nothing_until_it_is_enabled(
    database: Database, tenant: str, at: datetime
) -> None:
    """Disabled once, with the reason kept; enabled, it hears what comes from then on."""
    endpoint_id = await endpoint(database, tenant, at)
    async with database.tenant(tenant) as tx:
        assert await webhooks.disable_endpoint(tx, endpoint_id, at, "it answered 410 Gone")
        assert not await webhooks.disable_endpoint(tx, endpoint_id, at, "again")
        found = await webhooks.load_endpoint(tx, endpoint_id)
    assert found is not None
    assert found.disabled_because == "it answered 410 Gone"
    await tell(database, tenant, at)
    async with database.tenant(tenant) as tx:
        assert await webhooks.enable_endpoint(tx, endpoint_id)
        assert not await webhooks.enable_endpoint(tx, endpoint_id)
    event = await tell(database, tenant, at)
    assert [each.event_id for each in await deliveries(database, tenant, endpoint_id)] == [event.event_id]


async def test_attempts_are_counted_with_their_outcome(database: Database, tenant: str, at: datetime) -> None:
    """The last one is kept, and how many there were."""
    endpoint_id = await endpoint(database, tenant, at)
    await tell(database, tenant, at)
    (delivery,) = await deliveries(database, tenant, endpoint_id)
    async with database.tenant(tenant) as tx:
        await record_attempt(tx, delivery.delivery_id, "waiting", at, "500")
        await record_attempt(tx, delivery.delivery_id, "delivered", at, "204")
        found = await load_delivery(tx, delivery.delivery_id)
    assert found is not None
    assert (found.state, found.attempts, found.last_outcome) == ("delivered", 2, "204")


async def test_what_was_delivered_or_given_up_can_be_delivered_again(
    database: Database, tenant: str, at: datetime, superuser_url: str
) -> None:
    """A new job for the same delivery; not for one that is on its way."""
    endpoint_id = await endpoint(database, tenant, at)
    await tell(database, tenant, at)
    (delivery,) = await deliveries(database, tenant, endpoint_id)
    async with database.tenant(tenant) as tx:
        assert not await deliver_again(tx, delivery.delivery_id)
        await record_attempt(tx, delivery.delivery_id, "failed", at, "timeout")
    with psycopg.connect(superuser_url) as connection:
        connection.execute("DELETE FROM lendgate_queue.procrastinate_jobs")
    async with database.tenant(tenant) as tx:
        assert await deliver_again(tx, delivery.delivery_id)
        assert not await deliver_again(tx, uuid4())
    (job,) = await waiting(database)
    assert job.lock == f"deliver:{delivery.delivery_id}"


async def test_secrets_are_rotated_one_generation_at_a_time(
    database: Database, tenant: str, at: datetime
) -> None:
    """A second rotation before the first has ended would cut off a receiver; then it is refused."""
    endpoint_id = await endpoint(database, tenant, at)
    day = timedelta(days=1)
    async with database.tenant(tenant) as tx:
        assert await webhooks.rotate_secrets(tx, endpoint_id, at, at + day)
        assert not await webhooks.rotate_secrets(tx, endpoint_id, at, at + day)
        assert await webhooks.rotate_secrets(tx, endpoint_id, at + day * 2, at + day * 3)
        found = await webhooks.load_endpoint(tx, endpoint_id)
    assert found is not None
    assert (found.generation, found.previous_until) == (3, at + day * 3)


async def test_a_deleted_endpoint_takes_its_deliveries_along(
    database: Database, tenant: str, at: datetime
) -> None:
    """Nothing is left that names it."""
    endpoint_id = await endpoint(database, tenant, at)
    await tell(database, tenant, at)
    async with database.tenant(tenant) as tx:
        assert await webhooks.delete_endpoint(tx, endpoint_id)
        assert not await webhooks.delete_endpoint(tx, endpoint_id)
        assert await webhooks.load_endpoints(tx) == []
    assert await deliveries(database, tenant, endpoint_id) == []


async def test_old_events_are_forgotten_with_their_deliveries(
    database: Database, tenant: str, at: datetime
) -> None:
    """Those from before the given time, and no others."""
    endpoint_id = await endpoint(database, tenant, at)
    await tell(database, tenant, at)
    young = await tell(database, tenant, at + timedelta(days=2))
    async with database.tenant(tenant) as tx:
        assert await purge_events(tx, at + timedelta(days=1)) == 1
    assert [each.event_id for each in await deliveries(database, tenant, endpoint_id)] == [young.event_id]
