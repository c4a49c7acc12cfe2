"""Documents and reviews: a new review beside the ended one, never two, and never over a person's head."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest

from lendgate.policy.model import Fact
from lendgate.schema import Review
from lendgate.schema.application import SubmittedDocument
from lendgate.store.reviews import load_assessment, load_review_for_work, newest_review_of
from lendgate.workflow.accept import Accepted
from lendgate.workflow.desk import Desk
from lendgate.workflow.evidence import Evidence, differs
from lendgate.workflow.follow_up import follow_up
from lendgate.workflow.kept_evidence import keep_evidence, load_evidence
from lendgate.workflow.review import carry_out, load_accepted
from tests.support.service import now
from tests.support.traces import Records
from tests.workflow.conftest import AcceptOne

pytestmark = pytest.mark.anyio
THIN = b'{"applicant_id":"THIN","income":31000,"employment_years":1,"debt_to_income":0.35}'


def income(yearly: str, apart: str, *types: str) -> Evidence:
    """What a stub proves that shows this income, so far from what is stated."""
    where = ("/documents/0",)
    facts = (
        Fact("documented_annual_income", Decimal(yearly), "usd", "Stub.", where, "document"),
        Fact("documented_income_difference", Decimal(apart), "ratio", "Stub.", where, "document"),
    )
    found = tuple(SubmittedDocument.model_validate({"type": one, "sha256": "0" * 64}) for one in types)
    return Evidence({fact.name: fact for fact in facts}, found, ("0" * 64,))


async def documents_come(desk: Desk, accepted: Accepted, evidence: Evidence) -> None:
    """What the end of a triage does."""
    application_id = accepted.application.application_id
    async with desk.database.tenant(accepted.tenant) as tx:
        if await keep_evidence(tx, application_id, evidence, desk.now()):
            await follow_up(tx, desk, application_id)


async def newest(desk: Desk, accepted: Accepted) -> Review:
    async with desk.database.tenant(accepted.tenant) as tx:
        stored = await newest_review_of(tx, accepted.application.application_id)
    assert stored is not None
    return stored.review


async def review_again(desk: Desk, review: Review) -> Review:
    accepted = await load_accepted(desk, "acme", UUID(review.review_id))
    assert accepted is not None
    return await carry_out(desk, accepted)


async def test_evidence_comes_back_as_it_was_kept(desk: Desk, accept_one: AcceptOne) -> None:
    """Facts to the last digit, and what they rest on."""
    accepted = await accept_one()
    application_id = accepted.application.application_id
    evidence = income("64900.16", "0.458999", "pay_stub")
    async with desk.database.tenant("acme") as tx:
        assert await keep_evidence(tx, application_id, evidence, now())
    async with desk.database.tenant("acme") as tx:
        kept = await load_evidence(tx, application_id)
        assert (kept.revision, kept.evidence) == (1, evidence)
        assert not await keep_evidence(tx, application_id, evidence, now())


def test_evidence_differs_when_policy_could_see_it() -> None:
    """Another number, another type; not another wording of the same."""
    one = income("64900", "0.1", "pay_stub")
    assert not differs(one, income("64900", "0.1", "pay_stub"))
    assert differs(one, income("64901", "0.1", "pay_stub"))
    assert differs(one, income("64900", "0.1", "pay_stub", "w2"))
    assert differs(one, Evidence())


async def test_documents_make_a_new_review_beside_the_ended_one(desk: Desk, accept_one: AcceptOne) -> None:
    """The ended one stays byte for byte; the new one follows it, has its documents, and its findings."""
    accepted = await accept_one()
    await carry_out(desk, accepted)
    review_id = UUID(accepted.review.review_id)
    async with desk.database.tenant("acme") as tx:
        before = await load_review_for_work(tx, review_id)
    await documents_come(desk, accepted, income("64900.00", "0.459167", "pay_stub"))
    queued = await newest(desk, accepted)
    assert (queued.status, queued.follows) == ("queued", accepted.review.review_id)
    done = await review_again(desk, queued)
    async with desk.database.tenant("acme") as tx:
        assert await load_review_for_work(tx, review_id) == before
        assessment = await load_assessment(tx, UUID(queued.review_id))
    assert assessment is not None
    assert assessment[0]["documented_annual_income"].verified == "document"
    assert [one.result for one in done.findings if one.check == "documented_income"] == ["fail"]
    assert done.recommendation is not None
    assert done.recommendation.outcome == "refer"


async def test_documents_that_are_found_are_not_missing_any_more(desk: Desk, accept_one: AcceptOne) -> None:
    """Completeness is asked again of what the files turned out to hold."""
    accepted = await accept_one()
    first = await carry_out(desk, accepted)
    await documents_come(desk, accepted, income("120000.00", "0", "identity_document"))
    again = await review_again(desk, await newest(desk, accepted))
    assert first.completeness is not None
    assert again.completeness is not None
    assert "identity_document" in {one.type for one in first.completeness.missing_documents}
    assert "identity_document" not in {one.type for one in again.completeness.missing_documents}


async def test_a_review_under_way_is_not_doubled_and_looks_at_its_end(
    desk: Desk, accept_one: AcceptOne
) -> None:
    """Documents that came meanwhile queue exactly one more review, in the transaction that ends the first."""
    accepted = await accept_one()
    await documents_come(desk, accepted, income("64900.00", "0.459167", "pay_stub"))
    assert (await newest(desk, accepted)).review_id == accepted.review.review_id
    await carry_out(desk, accepted)
    queued = await newest(desk, accepted)
    assert queued.follows == accepted.review.review_id
    await review_again(desk, queued)
    assert (await newest(desk, accepted)).review_id == queued.review_id


async def test_a_review_that_begins_after_the_documents_has_them_and_no_follow_up(
    desk: Desk, accept_one: AcceptOne
) -> None:
    """Taken from the queue, it reads what is there."""
    accepted = await accept_one()
    await documents_come(desk, accepted, income("64900.00", "0.459167", "pay_stub"))
    done = await review_again(desk, accepted.review)
    assert "documented_income" in {one.check for one in done.findings}
    assert (await newest(desk, accepted)).review_id == accepted.review.review_id


async def test_evidence_that_changes_nothing_makes_no_review(desk: Desk, accept_one: AcceptOne) -> None:
    """The same documents once more."""
    accepted = await accept_one()
    await carry_out(desk, accepted)
    evidence = income("120000.00", "0", "pay_stub")
    await documents_come(desk, accepted, evidence)
    queued = await newest(desk, accepted)
    await review_again(desk, queued)
    await documents_come(desk, accepted, evidence)
    assert (await newest(desk, accepted)).review_id == queued.review_id


async def test_a_person_who_has_the_matter_keeps_it(
    desk: Desk, accept_one: AcceptOne, records: Records
) -> None:
    """The new review informs: no second referral, no approval, one event for the person."""
    accepted = await accept_one(THIN)
    await carry_out(desk, accepted)
    await documents_come(desk, accepted, income("31000.00", "0", "pay_stub"))
    await review_again(desk, await newest(desk, accepted))
    application_id = str(accepted.application.application_id)
    counted = "SELECT count(*) FROM lendgate.audit_event WHERE subject = %s AND kind = %s"
    with records.connection.cursor() as cursor:
        for kind, times in (("referral.opened", 1), ("referral.reviewed_again", 1)):
            assert cursor.execute(counted, (application_id, kind)).fetchone() == (times,)
        referrals = cursor.execute(
            "SELECT count(*) FROM lendgate.referral JOIN lendgate.review USING (tenant, review_id) "
            "WHERE application_id = %s",
            (application_id,),
        ).fetchone()
    assert referrals == (1,)


async def test_a_follow_up_is_audited_and_has_its_job(
    desk: Desk, accept_one: AcceptOne, records: Records
) -> None:
    """Both in the transaction that calls for it."""
    accepted = await accept_one()
    await carry_out(desk, accepted)
    await documents_come(desk, accepted, income("64900.00", "0.459167", "pay_stub"))
    queued = await newest(desk, accepted)
    with records.connection.cursor() as cursor:
        event = cursor.execute(
            "SELECT event ->> 'data' FROM lendgate.audit_event WHERE subject = %s", (queued.review_id,)
        ).fetchone()
        job = cursor.execute(
            "SELECT queue_name FROM lendgate_queue.procrastinate_jobs WHERE lock = %s",
            (f"review:{queued.review_id}",),
        ).fetchone()
    assert event is not None
    assert '"because":"documents"' in event[0]
    assert job == ("bulk:acme",)
