"""A review ends once, and in one statement with what begins for the person who decides it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from uuid import UUID, uuid4

import pytest

from lendgate.audit import AuditKey, Event
from lendgate.decision.clocks import clock
from lendgate.policy.model import Assessment
from lendgate.schema import Review
from lendgate.schema.referral import Referral
from lendgate.store import clocks, document_evidence, endings, referrals, reviews
from lendgate.store.applications import StoredApplication
from lendgate.store.audit_log import append_event
from lendgate.store.database import Database, Transaction
from lendgate.store.outbox import Published
from tests.store.conftest import AT
from tests.support.waiting import until

pytestmark = pytest.mark.anyio
Case = tuple[StoredApplication, Review]
TENANT = "tenant-endings"
WAITING = """
    SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
    AND (classid::bigint << 32 | objid::bigint) = hashtextextended(%s, 0)
"""


def handover_of(review: Review) -> endings.Handover:
    """To a person, with the month that the law gives them."""
    referral = Referral(
        referral_id=str(uuid4()),
        review_id=review.review_id,
        broker_id="broker-1",
        applicant_id=review.applicant_id,
        product=review.product,
        cause="refer",
        outcome="refer",
        opened_at=AT,
    )
    return endings.Handover(referral, uuid4(), clock("notify", date(2026, 11, 22)))


def ending_of(review: Review, handover: endings.Handover | None) -> endings.Ending:
    """With the job that accepting made."""
    event = Published(uuid4(), "review.completed", "broker-1", AT, {"review_id": review.review_id})
    return endings.Ending(f"review:{review.review_id}", None, event, handover)


async def audited(tx: Transaction, key: AuditKey, review: Review) -> None:
    await append_event(tx, key, Event("review.completed", review.review_id, "system:test", AT))


@pytest.fixture
async def case(database: Database, new_case: Callable[..., Case], audit_key: AuditKey) -> Case:
    """An accepted application and its review."""
    made = new_case()
    async with database.tenant(TENANT) as tx:
        await reviews.accept(tx, *made)
        await audited(tx, audit_key, made[1])
    return made


@pytest.fixture
def completed(case: Case, complete: Callable[[Review], Review]) -> Review:
    """The review as it ends."""
    return complete(case[1])


async def test_a_review_ends_with_its_referral_and_its_clock(
    database: Database, completed: Review, assessment: Assessment, audit_key: AuditKey
) -> None:
    """Both are there as they were handed over, and what was opened is said."""
    handover = handover_of(completed)
    async with database.tenant(TENANT) as tx:
        ended = await endings.complete_review(tx, completed, assessment, AT, ending_of(completed, handover))
        await audited(tx, audit_key, completed)
        review_id = UUID(completed.review_id)
        (running,) = await clocks.load_clocks(tx, review_id)
        assert await referrals.load_referral_of(tx, review_id) == handover.referral
    assert ended == endings.Ended(referred=True, evidence=0)
    assert (running.clock_id, running.clock) == (handover.clock_id, handover.clock)


async def test_a_failed_review_is_handed_over_too(
    database: Database, case: Case, audit_key: AuditKey
) -> None:
    """What could not be carried out is a person's as much."""
    failed = case[1].model_copy(update={"status": "failed", "completed_at": AT})
    async with database.tenant(TENANT) as tx:
        ended = await endings.fail_review(tx, failed, AT, ending_of(failed, handover_of(failed)))
        await audited(tx, audit_key, failed)
        assert await referrals.load_referral_of(tx, UUID(failed.review_id)) is not None
    assert ended == endings.Ended(referred=True, evidence=0)


async def test_a_referral_that_is_open_stays(
    database: Database, completed: Review, assessment: Assessment, audit_key: AuditKey
) -> None:
    """Somebody asked for a person before: that one is theirs, and nothing was opened now."""
    before = handover_of(completed).referral
    async with database.tenant(TENANT) as tx:
        await referrals.open_referral(tx, before)
        ending = ending_of(completed, handover_of(completed))
        ended = await endings.complete_review(tx, completed, assessment, AT, ending)
        await audited(tx, audit_key, completed)
        assert await referrals.load_referral_of(tx, UUID(completed.review_id)) == before
    assert ended == endings.Ended(referred=False, evidence=0)


async def test_a_review_that_had_ended_hands_nothing_over(
    database: Database, completed: Review, assessment: Assessment, audit_key: AuditKey
) -> None:
    """The second end changes nothing: no referral, no clock, and nobody is told."""
    for handover in (None, handover_of(completed)):
        async with database.tenant(TENANT) as tx:
            ended = await endings.complete_review(
                tx, completed, assessment, AT, ending_of(completed, handover)
            )
            await audited(tx, audit_key, completed)
    async with database.tenant(TENANT) as tx:
        assert await referrals.load_referral_of(tx, UUID(completed.review_id)) is None
        assert await clocks.load_clocks(tx, UUID(completed.review_id)) == []
    assert ended is None


async def test_documents_that_came_while_the_end_waited_are_seen(
    database: Database, case: Case, completed: Review, assessment: Assessment, audit_key: AuditKey
) -> None:
    """Whoever appends before the end commits before it, and the end looks only then."""

    async def waits() -> bool:
        async with database.connection() as connection:
            row = await (await connection.execute(WAITING, (TENANT,))).fetchone()
        return row == (1,)

    async def end() -> endings.Ended | None:
        async with database.tenant(TENANT) as tx:
            ended = await endings.complete_review(tx, completed, assessment, AT)
            await audited(tx, audit_key, completed)
            return ended

    async with database.tenant(TENANT) as tx:
        await audited(tx, audit_key, completed)  # holds the trail, as a triage that ends does
        ending = asyncio.create_task(end())
        await until(waits)
        await document_evidence.add_evidence(tx, case[0].application_id, 1, b"sealed", AT)
    assert await ending == endings.Ended(referred=False, evidence=1)
