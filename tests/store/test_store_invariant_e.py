"""Invariant e, in the database: no state change without its audit event, in the same transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import psycopg
import pytest

from lendgate.audit import AuditKey, Event
from lendgate.schema import Review
from lendgate.schema.review import ReviewStatus
from lendgate.store import audit_log, reviews
from lendgate.store.applications import StoredApplication
from lendgate.store.database import CommitUnknownError, Database, Transaction, UnauditedChangeError

pytestmark = pytest.mark.anyio
NewCase = Callable[..., tuple[StoredApplication, Review]]


class StopHereError(Exception):
    """A failure between two steps."""


class Scene:
    """One tenant, one case, and the steps of a transaction on it."""

    def __init__(self, database: Database, case: tuple[StoredApplication, Review], key: AuditKey) -> None:
        self.database, self.key = database, key
        self.application, self.review = case
        self.tenant = f"tenant-{uuid4().hex}"

    async def run(self, *steps: Callable[[Transaction], Awaitable[None]]) -> None:
        """The steps, in one transaction."""
        async with self.database.tenant(self.tenant) as tx:
            for step in steps:
                await step(tx)

    async def accept(self, tx: Transaction) -> None:
        await reviews.accept(tx, self.application, self.review)

    async def start(self, tx: Transaction) -> None:
        running = self.review.model_copy(update={"status": "running"})
        await reviews.start_review(tx, running, self.review.created_at)

    async def record(self, tx: Transaction) -> None:
        event = Event(
            "application.accepted", self.review.review_id, "broker:broker-1", self.review.created_at
        )
        await audit_log.append_event(tx, self.key, event)

    async def fail(self, tx: Transaction) -> None:
        raise StopHereError

    async def left_behind(self) -> tuple[ReviewStatus | None, int]:
        """The review's status, if it is there, and how many rows the trail has."""
        async with self.database.tenant(self.tenant) as tx:
            found = await reviews.load_review(tx, UUID(self.review.review_id), "broker-1")
            return found.status if found else None, (await audit_log.current_head(tx)).sequence


@pytest.fixture
def scene(database: Database, new_case: NewCase, audit_key: AuditKey) -> Scene:
    """A new tenant with a case at hand."""
    return Scene(database, new_case(), audit_key)


async def test_state_and_event_are_kept_together(scene: Scene) -> None:
    """A transaction that ends well leaves both."""
    await scene.run(scene.accept, scene.record)
    assert await scene.left_behind() == ("queued", 1)


async def test_failure_after_the_change_leaves_neither(scene: Scene) -> None:
    """What fails between state and event leaves no state."""
    with pytest.raises(StopHereError):
        await scene.run(scene.accept, scene.fail)
    assert await scene.left_behind() == (None, 0)


async def test_failure_after_the_event_leaves_neither(scene: Scene) -> None:
    """What fails after the event leaves no event."""
    with pytest.raises(StopHereError):
        await scene.run(scene.accept, scene.record, scene.fail)
    assert await scene.left_behind() == (None, 0)


async def test_event_of_a_change_that_is_refused_goes_with_it(scene: Scene) -> None:
    """The order does not matter: a refused change takes the event before it along."""
    await scene.run(scene.accept, scene.record)
    with pytest.raises(psycopg.errors.UniqueViolation):
        await scene.run(scene.record, scene.accept)
    assert await scene.left_behind() == ("queued", 1)


async def test_change_without_an_event_is_not_committed(scene: Scene) -> None:
    """Forgetting the event is an error, and nothing is kept."""
    with pytest.raises(UnauditedChangeError, match=f"review {scene.review.review_id} is queued"):
        await scene.run(scene.accept)
    assert await scene.left_behind() == (None, 0)


async def test_second_change_needs_an_event_of_its_own(scene: Scene) -> None:
    """One event does not cover the change that follows it."""
    with pytest.raises(UnauditedChangeError, match="is running"):
        await scene.run(scene.accept, scene.record, scene.start)
    assert await scene.left_behind() == (None, 0)


async def test_two_changes_with_two_events_are_kept(scene: Scene) -> None:
    """Several changes may share a transaction, each with its event."""
    await scene.run(scene.accept, scene.record, scene.start, scene.record)
    assert await scene.left_behind() == ("running", 2)


async def test_connection_lost_before_the_commit_leaves_neither(scene: Scene, superuser_url: str) -> None:
    """A connection that breaks on the way leaves no state and no event, and says what is known."""

    async def cut(tx: Transaction) -> None:
        with psycopg.connect(superuser_url, autocommit=True) as attacker:
            attacker.execute("SELECT pg_terminate_backend(%s, 5000)", (tx.connection.info.backend_pid,))

    with pytest.raises(CommitUnknownError, match="not known whether the change was kept"):
        await scene.run(scene.accept, scene.record, cut)
    assert await scene.left_behind() == (None, 0)
