"""A review is accepted with its application, ends once, and is seen by its own broker only."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from lendgate.audit import AuditKey, Event, EventKind
from lendgate.policy.model import Assessment
from lendgate.schema import Review
from lendgate.store import applications, audit_log, endings, progress, reviews
from lendgate.store.applications import StoredApplication
from lendgate.store.database import Database, Transaction

pytestmark = pytest.mark.anyio
Case = tuple[StoredApplication, Review]
NewCase = Callable[..., Case]
KINDS: dict[str, EventKind] = {
    "queued": "application.accepted",
    "running": "review.started",
    "completed": "review.completed",
    "failed": "review.failed",
}


class Desk:
    """One tenant's reviews, each change with its audit event."""

    def __init__(self, database: Database, key: AuditKey, at: datetime) -> None:
        self.database, self.key, self.at = database, key, at
        self.tenant = f"tenant-{uuid4().hex}"

    async def record(self, tx: Transaction, review: Review) -> None:
        await audit_log.append_event(
            tx, self.key, Event(KINDS[review.status], review.review_id, "test", self.at)
        )

    async def accept(self, case: Case) -> Review:
        async with self.database.tenant(self.tenant) as tx:
            await reviews.accept(tx, *case)
            await self.record(tx, case[1])
        return case[1]

    async def start(self, review: Review) -> bool:
        running = review.model_copy(update={"status": "running"})
        async with self.database.tenant(self.tenant) as tx:
            if done := await reviews.start_review(tx, running, self.at):
                await self.record(tx, running)
        return done

    async def complete(self, review: Review, assessment: Assessment) -> bool:
        async with self.database.tenant(self.tenant) as tx:
            ended = await endings.complete_review(tx, review, assessment, self.at)
            if ended is not None:
                await self.record(tx, review)
        return ended is not None

    async def fail(self, review: Review) -> bool:
        failed = review.model_copy(update={"status": "failed"})
        async with self.database.tenant(self.tenant) as tx:
            ended = await endings.fail_review(tx, failed, self.at)
            if ended is not None:
                await self.record(tx, failed)
        return ended is not None

    async def load(self, review: Review, broker_id: str = "broker-1") -> reviews.StoredReview | None:
        async with self.database.tenant(self.tenant) as tx:
            return await reviews.load_review(tx, UUID(review.review_id), broker_id)

    async def steps(self, review: Review, after: int = 0) -> list[tuple[int, str]]:
        async with self.database.tenant(self.tenant) as tx:
            found = await progress.load_progress(tx, UUID(review.review_id), after)
        return [(step.seq, step.event) for step in found]


@pytest.fixture
def desk(database: Database, audit_key: AuditKey, at: datetime) -> Desk:
    """A new tenant's desk."""
    return Desk(database, audit_key, at)


async def test_accepted_review_is_found_by_its_broker(desk: Desk, new_case: NewCase) -> None:
    """What was accepted is read back whole, the body byte for byte."""
    application, review = new_case()
    await desk.accept((application, review))
    found = await desk.load(review)
    assert found == reviews.StoredReview(
        review_id=UUID(review.review_id),
        application_id=application.application_id,
        broker_id="broker-1",
        status="queued",
        body=review.model_dump_json(exclude_none=True),
        created_at=review.created_at,
        started_at=None,
        completed_at=None,
    )
    assert found.review == review


async def test_accepted_application_reads_back_as_it_was(desk: Desk, new_case: NewCase) -> None:
    """The application, its digest, its request and its time are kept."""
    case = new_case()
    await desk.accept(case)
    async with desk.database.tenant(desk.tenant) as tx:
        assert await applications.load_application(tx, case[0].application_id) == case[0]
        assert await applications.load_application(tx, uuid4()) is None


async def test_text_with_a_null_character_is_kept(desk: Desk, new_case: NewCase) -> None:
    """JSON may hold U+0000, and what the gate accepted the store must keep."""
    applicant = {"name": {"first": "A\x00B", "last": "C"}}
    case = new_case(
        document={"applicant_id": "A1", "income": 1, "debt_to_income": 0, "applicants": [applicant]}
    )
    await desk.accept(case)
    async with desk.database.tenant(desk.tenant) as tx:
        assert await applications.load_application(tx, case[0].application_id) == case[0]


async def test_another_broker_of_the_tenant_finds_nothing(desk: Desk, new_case: NewCase) -> None:
    """Another broker's review is like one that does not exist."""
    review = await desk.accept(new_case())
    assert await desk.load(review, "broker-2") is None
    assert await desk.load(review.model_copy(update={"review_id": str(uuid4())})) is None


async def test_service_finds_a_review_without_its_broker(desk: Desk, new_case: NewCase) -> None:
    """A worker knows a review's id only."""
    review = await desk.accept(new_case())
    async with desk.database.tenant(desk.tenant) as tx:
        found = await reviews.load_review_for_work(tx, UUID(review.review_id))
    assert found is not None
    assert found.broker_id == "broker-1"


async def test_same_review_cannot_be_accepted_twice(desk: Desk, new_case: NewCase) -> None:
    """A repeated id is refused, and leaves the first untouched."""
    case = new_case()
    await desk.accept(case)
    with pytest.raises(psycopg.errors.UniqueViolation):
        await desk.accept(case)
    assert await desk.steps(case[1]) == [(1, "queued")]


async def test_review_walks_to_its_end(
    desk: Desk, new_case: NewCase, complete: Callable[[Review], Review], assessment: Assessment
) -> None:
    """Queued, running, completed: each change is kept with its time and told as progress."""
    review = await desk.accept(new_case())
    ended = complete(review)
    assert await desk.start(review)
    assert await desk.complete(ended, assessment)
    found = await desk.load(review)
    assert found is not None
    assert (found.status, found.started_at, found.completed_at) == ("completed", desk.at, desk.at)
    assert found.review == ended
    assert await desk.steps(review) == [(1, "queued"), (2, "running"), (3, "completed")]


async def test_completed_review_keeps_what_it_rests_on(
    desk: Desk,
    new_case: NewCase,
    complete: Callable[[Review], Review],
    assessment: Assessment,
) -> None:
    """Facts and findings read back exactly, for the replay; before the end there are none."""
    review = await desk.accept(new_case())
    async with desk.database.tenant(desk.tenant) as tx:
        assert await reviews.load_assessment(tx, UUID(review.review_id)) is None
    await desk.complete(complete(review), assessment)
    async with desk.database.tenant(desk.tenant) as tx:
        kept = await reviews.load_assessment(tx, UUID(review.review_id))
    assert kept == (assessment.facts, assessment.findings)


async def test_columns_say_the_same_as_the_body(
    desk: Desk,
    new_case: NewCase,
    complete: Callable[[Review], Review],
    assessment: Assessment,
) -> None:
    """Outcome, reviewer, policy and versions can be asked for without reading JSON."""
    review = complete(await desk.accept(new_case()))
    await desk.complete(review, assessment)
    async with desk.database.tenant(desk.tenant) as tx:
        row = await (
            await tx.connection.execute(
                "SELECT outcome, reviewer, policy_id, policy_version, policy_sha256, engine_version, cost_usd"
                " FROM lendgate.review WHERE review_id = %s",
                (review.review_id,),
            )
        ).fetchone()
    assert row == ("eligible", "rules", "personal_loan", "2026-11", "0" * 64, "1", 0)


async def test_ended_review_never_changes(
    desk: Desk, new_case: NewCase, complete: Callable[[Review], Review], assessment: Assessment
) -> None:
    """Invariant i: whoever tries to start, complete or fail it again changes nothing."""
    review = await desk.accept(new_case())
    ended = complete(review)
    await desk.complete(ended, assessment)
    before = await desk.load(review)
    assert not await desk.start(review)
    assert not await desk.complete(ended.model_copy(update={"request_id": "another"}), assessment)
    assert not await desk.fail(review)
    assert await desk.load(review) == before


async def test_database_itself_keeps_an_ended_review(desk: Desk, new_case: NewCase) -> None:
    """Invariant i: a statement that forgets to ask is refused, too."""
    review = await desk.accept(new_case())
    await desk.fail(review)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="a review that ended never changes"):
        async with desk.database.tenant(desk.tenant) as tx:
            await tx.connection.execute("UPDATE lendgate.review SET status = 'queued', completed_at = NULL")


async def test_running_review_can_be_started_again(desk: Desk, new_case: NewCase) -> None:
    """A worker that takes over after a crash starts it again; the first start is kept."""
    review = await desk.accept(new_case())
    await desk.start(review)
    desk.at += timedelta(minutes=1)
    assert await desk.start(review)
    found = await desk.load(review)
    assert found is not None
    assert found.started_at == desk.at - timedelta(minutes=1)


async def test_failed_review_says_so(desk: Desk, new_case: NewCase) -> None:
    """Failed is an end, too."""
    review = await desk.accept(new_case())
    assert await desk.fail(review)
    found = await desk.load(review)
    assert found is not None
    assert (found.status, json.loads(found.body)["status"]) == ("failed", "failed")


async def test_body_that_says_another_status_is_refused(desk: Desk, new_case: NewCase) -> None:
    """Column and body cannot come apart."""
    application, review = new_case()
    with pytest.raises(ValueError, match="its body says running, not queued"):
        await desk.accept((application, review.model_copy(update={"status": "running"})))


async def test_completion_without_a_recommendation_is_refused(
    desk: Desk, new_case: NewCase, complete: Callable[[Review], Review], assessment: Assessment
) -> None:
    """A completed review has something to say."""
    review = await desk.accept(new_case())
    with pytest.raises(ValueError, match="has a recommendation and a memo"):
        await desk.complete(complete(review).model_copy(update={"memo": None}), assessment)


async def test_progress_is_numbered_and_resumes(desk: Desk, new_case: NewCase) -> None:
    """Whoever has seen step n asks for what came after it."""
    review = await desk.accept(new_case())
    async with desk.database.tenant(desk.tenant) as tx:
        assert await progress.append_progress(tx, UUID(review.review_id), "facts", desk.at) == 2
        assert await progress.append_progress(tx, UUID(review.review_id), "findings", desk.at) == 3
    assert await desk.steps(review, after=1) == [(2, "facts"), (3, "findings")]
    assert await desk.steps(review, after=3) == []
