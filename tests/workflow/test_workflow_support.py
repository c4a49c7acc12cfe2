"""The support agent beside underwriters: requests reach them, and what they decide is what is told."""

from __future__ import annotations

from uuid import UUID

import pytest

from lendgate.schema import RequestedItem
from lendgate.schema.requests import SupportCorrection, SupportQuestion
from lendgate.store.referrals import load_referral_of
from lendgate.store.support import request_texts
from lendgate.workflow.desk import Desk
from lendgate.workflow.referrals import request_documents
from lendgate.workflow.review import carry_out
from lendgate.workflow.support.answers import take_question
from lendgate.workflow.support.requests import open_request, status_of
from lendgate.workflow.verdicts import decide_referral
from tests.review.builders import verdict
from tests.support.edge_hand import GOOD, principal
from tests.support.traces import Records
from tests.workflow.conftest import AcceptOne
from tests.workflow.decisions import read, referred

pytestmark = pytest.mark.anyio
BROKER = principal("acme", "broker-1")


async def test_before_a_decision_the_recommendations_reasons_are_told(
    desk: Desk, accept_one: AcceptOne
) -> None:
    """And it is said not to be a decision."""
    one = await referred(desk, accept_one)
    status = await status_of(desk, BROKER, one.review_id)
    assert (status.outcome, status.action, status.decided_at) == ("ineligible", None, None)
    assert "not a decision" in status.summary


async def test_once_a_decision_stands_its_reasons_are_told_and_nothing_of_who_made_it(
    desk: Desk, accept_one: AcceptOne
) -> None:
    """Action, reasons and days of the decision; no word of the underwriter's."""
    one = await referred(desk, accept_one)
    await decide_referral(desk, read(one, "ada"), verdict())
    status = await status_of(desk, BROKER, one.review_id)
    assert status.action == "decline"
    assert [reason.code for reason in status.reasons] == ["AA09"]
    wanted = SupportQuestion(review_id=one.review_id, question="When was it decided?")
    question = await take_question(desk, BROKER, wanted)
    assert question.asked.context.stage == "declined"
    assert question.asked.context.decided_on is not None
    said = str(question.asked.context)
    assert "ada" not in said.split()
    assert verdict().reason not in said


async def test_what_an_underwriter_asked_for_is_told_until_a_decision_stands(
    desk: Desk, accept_one: AcceptOne
) -> None:
    """Among what is missing and as what comes next, in approved words; not in the underwriter's."""
    one = await referred(desk, accept_one)
    before = await status_of(desk, BROKER, one.review_id)
    items = [RequestedItem(text="Tax transcript: for the year of the move", document="tax_transcript")]
    one = await request_documents(desk, read(one), items)
    status = await status_of(desk, BROKER, one.review_id)
    (added,) = [found for found in status.missing_documents if found not in before.missing_documents]
    assert (added.type, added.why) == ("tax_transcript", "An underwriter has asked for it.")
    assert "has asked for a tax transcript and goes on" in status.next_step
    assert "move" not in status.model_dump_json()
    await decide_referral(desk, read(one), verdict())
    assert "has asked for" not in (await status_of(desk, BROKER, one.review_id)).next_step


@pytest.mark.parametrize("kind", ["correction", "human_review"])
async def test_a_request_reaches_an_underwriter(desk: Desk, accept_one: AcceptOne, kind: str) -> None:
    """A review that needed nobody has a referral now; what was asked for is there to be read."""
    review = await carry_out(desk, await accept_one(GOOD))
    wanted = SupportCorrection.model_validate(
        {"review_id": review.review_id, "kind": kind, "text": "It is 69,000."}
    )
    opened = await open_request(desk, BROKER, wanted)
    async with desk.database.tenant("acme") as tx:
        referral = await load_referral_of(tx, UUID(review.review_id))
        texts = await request_texts(tx, UUID(review.review_id))
    assert referral is not None
    assert referral.state == "open"
    assert texts == {UUID(opened.request_id): "It is 69,000."}


async def test_a_decision_answers_the_requests_that_were_open(
    desk: Desk, accept_one: AcceptOne, records: Records
) -> None:
    """Those of this review alone; the decision's event counts them."""
    one, other = await referred(desk, accept_one), await referred(desk, accept_one)
    for referral in (one, other):
        wanted = SupportCorrection(review_id=referral.review_id, kind="correction", text="Wrong.")
        await open_request(desk, BROKER, wanted)
    async with desk.database.tenant("acme") as tx:
        asked = await load_referral_of(tx, UUID(one.review_id))
    assert asked is not None
    await decide_referral(desk, read(asked), verdict())
    states = [
        (await status_of(desk, BROKER, referral.review_id)).requests[0].state for referral in (one, other)
    ]
    assert states == ["answered", "open"]
    row = records.connection.execute(
        "SELECT event -> 'data' ->> 'requests_answered' FROM lendgate.audit_event "
        "WHERE kind = 'decision.made' ORDER BY seq DESC LIMIT 1"
    ).fetchone()
    assert row == ("1",)
