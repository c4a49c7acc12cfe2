"""Retention: kept as long as the law says and under every hold, then gone; the trail stays whole."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from lendgate.audit import Verifier
from lendgate.decision.clocks import kept_until
from lendgate.errors import NotFoundError
from lendgate.store.applications import load_application
from lendgate.store.audit_log import export_trail
from lendgate.store.database import UnauditedChangeError
from lendgate.store.retention import Hold, erase_application, place_hold
from lendgate.store.reviews import load_assessment, load_review
from lendgate.workflow import retention
from lendgate.workflow.accept import Accepted
from lendgate.workflow.desk import Desk
from lendgate.workflow.key_care import seal_all_anew
from lendgate.workflow.retention import (
    Erasing,
    MustBeKeptError,
    due_for_erasure,
    erase_due,
    erase_one,
    hold_application,
    holds_in_force,
    release_hold,
)
from lendgate.workflow.review import carry_out
from tests.support.service import AUDIT_KEY
from tests.support.traces import Records
from tests.workflow.conftest import AcceptOne
from tests.workflow.test_workflow_accept import MONITORED
from tests.workflow.test_workflow_checkpoints import AUTHORITIES, SIGNER

pytestmark = pytest.mark.anyio
BY = "operator:counsel"
MONTHS = 25


@pytest.fixture
def tenant() -> str:
    """A tenant nobody has heard of."""
    return f"tenant-{uuid4().hex[:8]}"


@pytest.fixture
async def done(desk: Desk, accept_one: AcceptOne, tenant: str, records: Records) -> Accepted:
    """A reviewed application with monitoring data, for which no underwriter is waited any more."""
    accepted = await accept_one(MONITORED, tenant)
    await carry_out(desk, accepted)
    decide_referrals(records, tenant)
    return accepted


def decide_referrals(records: Records, tenant: str) -> None:
    records.connection.execute("UPDATE lendgate.referral SET state = 'decided' WHERE tenant = %s", (tenant,))


def on(desk: Desk, days: int) -> Desk:
    """The same desk so many days after the last one on which today's records have to be kept."""
    last = kept_until(desk.now().date(), MONTHS)
    at = datetime(last.year, last.month, last.day, 12, tzinfo=UTC) + timedelta(days=days)
    return replace(desk, now=lambda: at)


def application_of(accepted: Accepted) -> UUID:
    return accepted.application.application_id


async def is_there(desk: Desk, accepted: Accepted) -> bool:
    """Whether anything of it can be read."""
    review_id = UUID(accepted.review.review_id)
    async with desk.database.tenant(accepted.tenant) as tx:
        found = (
            await load_application(tx, application_of(accepted)),
            await load_review(tx, review_id, accepted.application.broker_id),
            await load_assessment(tx, review_id),
        )
    assert len({each is None for each in found}) == 1, "all of it, or nothing"
    return found[0] is not None


@pytest.mark.parametrize(("days", "kept"), [(-300, True), (0, True), (31, True), (32, False)])
async def test_records_are_kept_for_25_months_to_the_day(
    days: int,
    kept: bool,  # noqa: FBT001 - a row of the table
    desk: Desk,
    done: Accepted,
) -> None:
    """12 CFR 1002.12(b)(1), and a month's grace, in which the applicant may have been told."""
    await erase_due(on(desk, days), MONTHS)
    assert await is_there(desk, done) == kept


async def test_a_longer_duty_keeps_longer(desk: Desk, done: Accepted) -> None:
    """The lender's setting, where another law wants more."""
    later = on(desk, 40)
    assert await due_for_erasure(later, done.tenant, MONTHS + 1) == []
    assert [each.application_id for each in await due_for_erasure(later, done.tenant, MONTHS)] == [
        application_of(done)
    ]


async def test_of_an_erased_application_only_counts_are_left(
    desk: Desk, done: Accepted, records: Records
) -> None:
    """What it came to and when, for statistics; nothing of whom, no monitoring data, no sealed byte."""
    await erase_due(on(desk, 40), MONTHS)
    row = records.connection.execute(
        "SELECT applicant_id, num_nonnulls(document, document_sealed, body, body_sealed, facts, findings, "
        "assessment_sealed), status, outcome IS NOT NULL FROM lendgate.application "
        "JOIN lendgate.review USING (tenant, application_id) WHERE application_id = %s",
        (application_of(done),),
    ).fetchone()
    assert row == ("", 0, "completed", True)
    monitored = "SELECT count(*) FROM lendgate_monitoring.monitoring WHERE application_id = %s"
    assert records.number(monitored, application_of(done)) == 0


async def test_the_trail_of_an_erased_application_verifies(desk: Desk, done: Accepted) -> None:
    """It says that it was accepted, reviewed and erased, and why; it never held what is gone."""
    await erase_due(on(desk, 40), MONTHS)
    verifier = Verifier(done.tenant, keys=[AUDIT_KEY], authorities=AUTHORITIES)
    async with desk.database.tenant(done.tenant) as tx:
        lines = [line async for line in export_trail(tx, SIGNER, desk.now())]
    for line in lines:
        verifier.feed(line)
    verdict = verifier.finish()
    assert verdict.ok, verdict.defect
    assert b"application.erased" in lines[-1]
    assert b"retention_ended" in lines[-1]


async def test_a_hold_keeps_records_until_it_is_lifted(desk: Desk, done: Accepted) -> None:
    """However long that takes (12 CFR 1002.12(b)(4)); its reason is read by people only."""
    hold_id = await hold_application(desk, done.tenant, application_of(done), "CFPB examination", BY)
    (hold,) = await holds_in_force(desk, done.tenant)
    assert (hold.hold_id, hold.reason, hold.placed_by) == (hold_id, "CFPB examination", BY)
    years_later = on(desk, 2_000)
    await erase_due(years_later, MONTHS)
    assert await is_there(desk, done)
    await release_hold(desk, done.tenant, hold_id, BY)
    await erase_due(years_later, MONTHS)
    assert not await is_there(desk, done)


async def test_of_two_holds_the_second_still_holds(desk: Desk, done: Accepted) -> None:
    """Each is lifted by itself."""
    first = await hold_application(desk, done.tenant, application_of(done), "suit A", BY)
    await hold_application(desk, done.tenant, application_of(done), "suit B", BY)
    await release_hold(desk, done.tenant, first, BY)
    await erase_due(on(desk, 40), MONTHS)
    assert await is_there(desk, done)


async def test_a_hold_that_comes_at_the_same_moment_holds(desk: Desk, done: Accepted) -> None:
    """An erasure waits for a hold that is being placed, and then leaves the records alone."""
    hold = Hold(uuid4(), application_of(done), "suit", BY, desk.now())
    async with desk.database.tenant(done.tenant) as tx:
        assert await place_hold(tx, hold)
        erasing = asyncio.create_task(erase_due(on(desk, 40), MONTHS))
        await asyncio.wait({erasing}, timeout=0.3)
        assert not erasing.done()
        tx.unaudited = None  # of no interest here
    assert await erasing == 0
    assert await is_there(desk, done)


async def test_what_is_under_review_is_not_erased(desk: Desk, accept_one: AcceptOne, tenant: str) -> None:
    """However old: somebody still waits for the answer."""
    waiting = await accept_one(MONITORED, tenant)
    await erase_due(on(desk, 2_000), MONTHS)
    async with desk.database.tenant(tenant) as tx:
        assert await load_application(tx, application_of(waiting)) == waiting.application


async def test_what_waits_for_an_underwriter_is_not_erased(
    desk: Desk, accept_one: AcceptOne, tenant: str
) -> None:
    """Its referral is open; nobody has told the applicant anything yet."""
    waiting = await accept_one(MONITORED, tenant)
    await carry_out(desk, waiting)
    await erase_due(on(desk, 2_000), MONTHS)
    assert await is_there(desk, waiting)


async def test_everything_that_is_due_goes_batch_by_batch(
    desk: Desk, accept_one: AcceptOne, tenant: str, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a second run finds nothing."""
    monkeypatch.setattr(retention, "_BATCH", 1)
    for _ in range(3):
        await carry_out(desk, await accept_one(MONITORED, tenant))
    decide_referrals(records, tenant)
    later = on(desk, 40)
    await erase_due(later, MONTHS)
    assert await due_for_erasure(later, tenant, MONTHS) == []


async def test_nobody_erases_before_its_time(desk: Desk, done: Accepted) -> None:
    """Not even when asked to; the message says until when, and why."""
    asked = Erasing(done.tenant, application_of(done), "asked_for", BY)
    with pytest.raises(MustBeKeptError, match=r"has to be kept until \d{4}-\d\d-\d\d \(12 CFR"):
        await erase_one(desk, asked, MONTHS)
    assert await is_there(desk, done)
    await erase_one(on(desk, 40), asked, MONTHS)
    assert not await is_there(desk, done)


async def test_what_never_was_an_application_goes_at_once(desk: Desk, done: Accepted) -> None:
    """A test or a mistake; once, and on record."""
    mistake = Erasing(done.tenant, application_of(done), "never_an_application", BY)
    await erase_one(desk, mistake, MONTHS)
    assert not await is_there(desk, done)
    with pytest.raises(NotFoundError, match="or it is erased"):
        await erase_one(desk, mistake, MONTHS)


async def test_a_hold_goes_before_everything(desk: Desk, done: Accepted) -> None:
    """What a court wants to see is not called a mistake."""
    await hold_application(desk, done.tenant, application_of(done), "suit", BY)
    with pytest.raises(MustBeKeptError, match="under a legal hold"):
        await erase_one(desk, Erasing(done.tenant, application_of(done), "never_an_application", BY), MONTHS)
    assert await is_there(desk, done)


async def test_another_tenant_holds_and_erases_nothing(desk: Desk, done: Accepted) -> None:
    """Knowing the id is no help."""
    for attempt in (
        hold_application(desk, "rival", application_of(done), "suit", BY),
        erase_one(desk, Erasing("rival", application_of(done), "never_an_application", BY), MONTHS),
        release_hold(desk, "rival", uuid4(), BY),
    ):
        with pytest.raises(NotFoundError):
            await attempt
    assert await is_there(desk, done)


async def test_invariant_e_an_erasure_without_its_event_is_none(desk: Desk, done: Accepted) -> None:
    """The transaction does not commit."""

    async def quietly() -> None:
        async with desk.database.tenant(done.tenant) as tx:
            assert await erase_application(tx, application_of(done), desk.now())

    with pytest.raises(UnauditedChangeError, match="is erased"):
        await quietly()
    assert await is_there(desk, done)


async def test_the_service_deletes_in_no_other_way(desk: Desk, done: Accepted) -> None:
    """No privilege to delete a record."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
        async with desk.database.tenant(done.tenant) as tx:
            await tx.connection.execute("UPDATE lendgate.review SET erased_at = now()")


async def test_sealing_anew_passes_over_what_was_erased(desk: Desk, done: Accepted) -> None:
    """There is nothing to seal."""
    await erase_due(on(desk, 40), MONTHS)
    await seal_all_anew(desk, timedelta(0))
    assert not await is_there(desk, done)
