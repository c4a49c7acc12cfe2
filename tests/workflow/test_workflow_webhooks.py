"""Webhooks: signed, to whoever should hear it, again until it is heard, for a day."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from lendgate.store.database import Database
from lendgate.store.outbox import Delivery, Published, deliver_again, deliveries_to, publish
from lendgate.store.webhooks import disable_endpoint, insert_endpoint, load_endpoint, rotate_secrets
from lendgate.workflow.outbound import Outbound
from lendgate.workflow.webhook_signature import webhook_secrets
from lendgate.workflow.webhooks import JITTER, RETRY_SECONDS, PostOffice, body_of, deliver
from tests.support.receiver import Received, Receiver, receiving

pytestmark = pytest.mark.anyio
KEY = b"w" * 32
TENANT = "acme"
BEGIN = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)


class Scene:
    """An endpoint at a receiver, one event on its way to it, and a clock that only the test moves."""

    def __init__(self, database: Database, receiver: Receiver) -> None:
        self.database, self.receiver, self.at = database, receiver, BEGIN
        self.endpoint_id = uuid4()
        self.event = Published(uuid4(), "review.completed", "broker-1", BEGIN, {"review_id": "r-1"})
        self.office = PostOffice(
            database=database,
            outbound=Outbound(allow_private=True, deadline=1),
            key=KEY,
            now=lambda: self.at,
            random=lambda: 0.5,
        )

    async def prepare(self) -> None:
        async with self.database.tenant(TENANT) as tx:
            await insert_endpoint(tx, self.endpoint_id, self.receiver.url, None, BEGIN)
        async with self.database.tenant(TENANT) as tx:
            await publish(tx, self.event)

    async def delivery(self) -> Delivery:
        async with self.database.tenant(TENANT) as tx:
            (found,) = await deliveries_to(tx, self.endpoint_id, 10)
        return found

    async def deliver(self) -> float | None:
        return await deliver(self.office, TENANT, (await self.delivery()).delivery_id)

    def verified(self, received: Received, generation: int = 1) -> bool:
        """Whether a receiver that holds this generation's shared secret believes it."""
        secrets = webhook_secrets(KEY, self.endpoint_id, generation)
        signed = f"{received.headers['webhook-id']}.{received.headers['webhook-timestamp']}."
        expected = secrets.signatures(signed.encode() + received.body)
        return set(expected) <= set(received.headers["webhook-signature"].split(" "))


@pytest.fixture
async def scene(database: Database) -> AsyncIterator[Scene]:
    """One event on its way."""
    async with receiving() as receiver:
        prepared = Scene(database, receiver)
        await prepared.prepare()
        yield prepared
        await prepared.office.outbound.aclose()


async def test_a_delivery_is_signed_thin_and_done_once(scene: Scene) -> None:
    """Type, time and ids; believed by the receiver; never sent again once it is heard."""
    assert await scene.deliver() is None
    assert await scene.deliver() is None
    (received,) = scene.receiver.received
    assert scene.verified(received)
    assert json.loads(received.body) == {
        "type": "review.completed",
        "timestamp": "2026-11-22T14:00:00Z",
        "data": {"review_id": "r-1"},
    }
    assert received.headers["webhook-id"] == f"evt_{scene.event.event_id.hex}"
    found = await scene.delivery()
    assert (found.state, found.attempts, found.last_outcome) == ("delivered", 1, "204")


async def test_a_receiver_that_is_down_for_a_day_hears_it_afterwards(scene: Scene) -> None:
    """Every attempt fails until the last one, more than 24 hours later, with the same id and body."""
    scene.receiver.statuses = [500] * len(RETRY_SECONDS) + [204]
    waits: list[float] = []
    while (wait := await scene.deliver()) is not None:
        waits.append(wait)
        scene.at += timedelta(seconds=wait)
    assert scene.at - BEGIN >= timedelta(hours=24)
    assert waits == [seconds * (1 + JITTER / 2) for seconds in RETRY_SECONDS]
    assert len({received.headers["webhook-id"] for received in scene.receiver.received}) == 1
    assert len({received.body for received in scene.receiver.received}) == 1
    assert all(map(scene.verified, scene.receiver.received))
    found = await scene.delivery()
    assert (found.state, found.attempts) == ("delivered", len(RETRY_SECONDS) + 1)


async def test_what_is_never_heard_is_given_up_and_can_be_sent_again(scene: Scene) -> None:
    """After the schedule the delivery has failed; sent off anew, the schedule begins anew."""
    scene.receiver.statuses = [500]
    while (wait := await scene.deliver()) is not None:
        scene.at += timedelta(seconds=wait)
    given_up = await scene.delivery()
    assert (given_up.state, given_up.last_outcome) == ("failed", "500")
    async with scene.database.tenant(TENANT) as tx:
        assert await deliver_again(tx, given_up.delivery_id)
    assert await scene.deliver() == RETRY_SECONDS[0] * (1 + JITTER / 2)


@pytest.mark.parametrize(("status", "outcome"), [(302, "302"), (0, "connection")])
async def test_whatever_is_not_a_yes_is_tried_again(status: int, outcome: str, scene: Scene) -> None:
    """A redirect and a broken connection, too; one word is kept of each."""
    scene.receiver.statuses, scene.receiver.location = [status], "http://127.0.0.1:9/"
    assert await scene.deliver() is not None
    assert (await scene.delivery()).last_outcome == outcome


async def test_an_endpoint_that_is_gone_is_disabled(scene: Scene) -> None:
    """410 is an answer for ever: this delivery has failed and no other is sent."""
    scene.receiver.statuses = [410]
    assert await scene.deliver() is None
    assert (await scene.delivery()).state == "failed"
    async with scene.database.tenant(TENANT) as tx:
        endpoint = await load_endpoint(tx, scene.endpoint_id)
    assert endpoint is not None
    assert endpoint.disabled_because == "it answered 410 Gone"


async def test_what_is_on_its_way_to_a_disabled_endpoint_is_not_sent(scene: Scene) -> None:
    """Disabled means from now on."""
    async with scene.database.tenant(TENANT) as tx:
        await disable_endpoint(tx, scene.endpoint_id, BEGIN, "by hand")
    assert await scene.deliver() is None
    assert scene.receiver.received == []
    assert (await scene.delivery()).state == "failed"


async def test_a_url_that_turned_private_is_not_sent_to(scene: Scene) -> None:
    """Checked at every attempt, not only when the endpoint was added."""
    guarded = PostOffice(scene.database, Outbound(), KEY, scene.office.now, scene.office.random)
    assert await deliver(guarded, TENANT, (await scene.delivery()).delivery_id) is not None
    await guarded.outbound.aclose()
    assert scene.receiver.received == []
    assert (await scene.delivery()).last_outcome == "address"


async def test_secrets_are_rotated_without_a_delivery_that_nobody_believes(scene: Scene) -> None:
    """During the overlap holders of the old and of the new secret believe it; afterwards only the new."""
    scene.receiver.statuses = [500]
    overlap = timedelta(seconds=60)
    async with scene.database.tenant(TENANT) as tx:
        await rotate_secrets(tx, scene.endpoint_id, scene.at, scene.at + overlap)
    await scene.deliver()
    scene.at += overlap
    await scene.deliver()
    during, after = scene.receiver.received
    assert (scene.verified(during, 1), scene.verified(during, 2)) == (True, True)
    assert (scene.verified(after, 1), scene.verified(after, 2)) == (False, True)


async def test_what_is_not_there_is_no_work(scene: Scene) -> None:
    """An unknown delivery, or another tenant's."""
    delivery_id = (await scene.delivery()).delivery_id
    assert await deliver(scene.office, TENANT, UUID(int=0)) is None
    assert await deliver(scene.office, "stranger", delivery_id) is None
    assert scene.receiver.received == []


def test_the_body_is_the_same_bytes_for_the_same_event() -> None:
    """Whatever happened to the delivery meanwhile."""
    delivery = Delivery(
        UUID(int=1), UUID(int=2), UUID(int=3), "waiting", 0, None, None, "webhook.test", '{"a": null}', BEGIN
    )  # fmt: skip
    assert (
        body_of(delivery) == b'{"type":"webhook.test","timestamp":"2026-11-22T14:00:00Z","data":{"a":null}}'
    )
