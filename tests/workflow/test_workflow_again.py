"""A later memo: a revision with its own event; the review it belongs to stays as it ended."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from lendgate.analysis.claude_reviewer import ClaudeReviewer
from lendgate.analysis.reviewer import Case, Reviewed
from lendgate.analysis.rules import RulesReviewer
from lendgate.claude.standin.options import Options
from lendgate.decision.creditor import Creditors
from lendgate.errors import NotFoundError
from lendgate.schema import CreditMemo, Review, Usage
from lendgate.schema.review import ReviewerName
from lendgate.store.memos import newest_memo
from lendgate.store.reviews import load_review_for_work
from lendgate.workflow.accept import Accepted
from lendgate.workflow.again import NoNewMemoError, write_again
from lendgate.workflow.desk import Desk
from lendgate.workflow.paid import SavedModel
from lendgate.workflow.retention import Erasing, erase_one
from lendgate.workflow.review import carry_out
from tests.analysis.standins import DEADLINE, MODEL, ByStandIn, standing_in
from tests.support.service import LENDER, now
from tests.support.traces import Records
from tests.support.waiting import until
from tests.workflow.decisions import BURDENED
from tests.workflow.test_workflow_review import ELIGIBLE

pytestmark = pytest.mark.anyio
AcceptOne = Callable[..., Awaitable[Accepted]]
OPERATOR = "operator:test"


@dataclass(frozen=True)
class Saying:
    """A reviewer with one memo."""

    memo: CreditMemo

    @property
    def name(self) -> ReviewerName:
        return self.memo.reviewer

    async def review(self, case: Case) -> Reviewed:
        del case
        return Reviewed(self.memo, Usage(model="m"))


def said(text: str, *, escalate: bool = False) -> Saying:
    memo = CreditMemo(
        reviewer="claude", risk_summary=text, checks_passed=(), next_step="-", escalate=escalate
    )
    return Saying(memo)


class Slow:
    """A reviewer that answers when every other one has been asked."""

    asked = 0

    def __init__(self, text: str) -> None:
        self.said = said(text)

    @property
    def name(self) -> ReviewerName:
        return "claude"

    async def review(self, case: Case) -> Reviewed:
        Slow.asked += 1
        await until(lambda: Slow.asked == 2)
        return await self.said.review(case)


@pytest.fixture
async def ended(desk: Desk, accept_one: AcceptOne) -> Review:
    """A review that the rules have written."""
    return await carry_out(desk, await accept_one())


async def stored(desk: Desk, review: Review) -> str:
    async with desk.database.tenant("acme") as tx:
        found = await load_review_for_work(tx, UUID(review.review_id))
    assert found is not None
    return found.body


async def revisions(desk: Desk) -> list[dict[str, Any]]:
    """The events of memos that were written again, in order."""
    async with desk.database.tenant("acme") as tx:
        query = "SELECT event FROM lendgate.audit_event WHERE kind = 'memo.revised' ORDER BY seq"
        return [row[0] for row in await (await tx.connection.execute(query)).fetchall()]


async def test_claude_writes_what_the_rules_stood_in_for(desk: Desk, ended: Review) -> None:
    """The new memo is kept with its cost and an event; outcome, reasons and numbers stay byte for byte."""
    before = await stored(desk, ended)
    claude = replace(desk, reviewer=ByStandIn())
    revision = await write_again(claude, "acme", UUID(ended.review_id), OPERATOR)
    assert (revision.revision, revision.memo.reviewer) == (2, "claude")
    assert revision.memo.simulated
    assert revision.usage.cost_usd > 0
    assert await stored(desk, ended) == before
    async with desk.database.tenant("acme") as tx:
        assert await newest_memo(tx, UUID(ended.review_id)) == revision
    event = (await revisions(desk))[-1]
    assert event["actor"] == OPERATOR
    assert event["subject"] == ended.review_id
    assert event["data"]["revision"] == 2


async def test_revisions_count_on(desk: Desk, ended: Review) -> None:
    """The newest is the one with the highest number."""
    for number, text in enumerate(("Low risk.", "Low risk indeed."), 2):
        revision = await write_again(
            replace(desk, reviewer=said(text)), "acme", UUID(ended.review_id), OPERATOR
        )
        assert revision.revision == number
    async with desk.database.tenant("acme") as tx:
        found = await newest_memo(tx, UUID(ended.review_id))
    assert found is not None
    assert found.memo.risk_summary == "Low risk indeed."


async def test_a_memo_may_escalate_and_never_relax(desk: Desk, ended: Review) -> None:
    """Who asked for a person once has asked for one, whatever a later memo says."""
    review_id = UUID(ended.review_id)
    first = await write_again(replace(desk, reviewer=said("A.", escalate=True)), "acme", review_id, OPERATOR)
    assert (await revisions(desk))[-1]["data"]["escalated"] is True
    later = await write_again(replace(desk, reviewer=said("B.")), "acme", review_id, OPERATOR)
    assert (await revisions(desk))[-1]["data"]["escalated"] is False
    assert first.memo.escalate
    assert later.memo.escalate


async def escalated(desk: Desk, accept_one: AcceptOne, body: bytes, creditors: Creditors) -> Review:
    """A review that ended under these creditors and was escalated by two later memos."""
    review = await carry_out(replace(desk, creditors=creditors), await accept_one(body))
    for text in ("A.", "B."):
        anxious = replace(desk, reviewer=said(text, escalate=True))
        await write_again(anxious, "acme", UUID(review.review_id), OPERATOR)
    return review


async def referrals_of(desk: Desk, review: Review) -> list[tuple[str, str, str]]:
    """Cause, state and who opened it, of each referral of a review by the events that tell of them."""
    async with desk.database.tenant("acme") as tx:
        found = await tx.connection.execute(
            "SELECT cause, state, event #>> '{actor}' FROM lendgate.referral r JOIN lendgate.audit_event e "
            "ON e.kind = 'referral.opened' AND event #>> '{data,referral_id}' = r.referral_id::text "
            "WHERE review_id = %s",
            (review.review_id,),
        )
        return await found.fetchall()


async def test_invariant_c_who_was_approved_by_policy_is_referred_when_a_later_memo_asks(
    desk: Desk, accept_one: AcceptOne
) -> None:
    """Once, however many memos ask, in the transaction of the first of them, with its event."""
    allows = {"acme": LENDER.model_copy(update={"auto_approve": True})}
    review = await escalated(desk, accept_one, json.dumps(ELIGIBLE).encode(), allows)
    assert await referrals_of(desk, review) == [("refer", "open", OPERATOR)]


@pytest.mark.parametrize(("body", "cause"), [(ELIGIBLE, "eligible"), (BURDENED, "ineligible")])
async def test_who_is_before_a_person_already_is_not_referred_again(
    desk: Desk, accept_one: AcceptOne, body: dict[str, object] | bytes, cause: str
) -> None:
    """The referral that the review's own end opened stays the only one."""
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    review = await escalated(desk, accept_one, sent, desk.creditors)
    assert await referrals_of(desk, review) == [(cause, "open", "system:workflow")]


@pytest.mark.parametrize("fault", ["refusal*", "invalid_json*", "spend_limit*"])
async def test_when_claude_does_not_answer_nothing_changes(desk: Desk, ended: Review, fault: str) -> None:
    """The rules' words in its place would be no new memo."""
    claude = replace(desk, reviewer=ByStandIn(Options(script=fault)))
    with pytest.raises(NoNewMemoError, match="nothing was changed: the "):
        await write_again(claude, "acme", UUID(ended.review_id), OPERATOR)
    async with desk.database.tenant("acme") as tx:
        assert await newest_memo(tx, UUID(ended.review_id)) is None


async def test_the_same_question_is_paid_for_once(desk: Desk, ended: Review) -> None:
    """Asked again, the kept reply gives the same memo, and that is no revision."""
    async with standing_in(Options()) as (model, door):
        reviewer = ClaudeReviewer(SavedModel(model, desk.database, now), MODEL, DEADLINE)
        claude = replace(desk, reviewer=reviewer)
        await write_again(claude, "acme", UUID(ended.review_id), OPERATOR)
        with pytest.raises(NoNewMemoError, match="the same memo came of it"):
            await write_again(claude, "acme", UUID(ended.review_id), OPERATOR)
        assert len(door.transport.sent) == 1


async def test_only_a_completed_review_of_the_tenant_has_a_memo(desk: Desk, accept_one: AcceptOne) -> None:
    """One under way, one of another tenant, one that never was."""
    queued = UUID((await accept_one()).review.review_id)
    with pytest.raises(NoNewMemoError, match="is queued: only a completed one has a memo"):
        await write_again(desk, "acme", queued, OPERATOR)
    for tenant, review_id in (("other", queued), ("acme", uuid4())):
        with pytest.raises(NotFoundError):
            await write_again(desk, tenant, review_id, OPERATOR)


async def test_a_revision_never_changes(desk: Desk, ended: Review) -> None:
    """The service may add one, and neither change nor remove it."""
    await write_again(replace(desk, reviewer=said("A.")), "acme", UUID(ended.review_id), OPERATOR)
    for statement in ("UPDATE lendgate.memo_revision SET revision = 9", "DELETE FROM lendgate.memo_revision"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with desk.database.tenant("acme") as tx:
                await tx.connection.execute(statement.encode())


async def test_of_two_at_the_same_moment_one_is_kept(desk: Desk, ended: Review) -> None:
    """Both were written after the first; the number is given once, and so is the event."""
    review_id = UUID(ended.review_id)
    both = (write_again(replace(desk, reviewer=Slow(text)), "acme", review_id, OPERATOR) for text in "AB")
    done = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(each).__name__ for each in done) == ["MemoRevision", "NoNewMemoError"]
    assert [each["subject"] for each in await revisions(desk)].count(ended.review_id) == 1


async def test_an_erasure_takes_the_memos_along(desk: Desk, accept_one: AcceptOne, records: Records) -> None:
    """They are about the same person, and not part of the review's own row."""
    accepted = await accept_one(tenant="erased")
    await carry_out(desk, accepted)
    review_id = UUID(accepted.review.review_id)
    await write_again(replace(desk, reviewer=said("A.")), "erased", review_id, OPERATOR)
    records.connection.execute("UPDATE lendgate.referral SET state = 'decided' WHERE tenant = 'erased'")
    mistake = Erasing("erased", accepted.application.application_id, "never_an_application", OPERATOR)
    assert records.number("SELECT count(*) FROM lendgate.memo_revision WHERE tenant = 'erased'") == 1
    await erase_one(desk, mistake)
    assert records.number("SELECT count(*) FROM lendgate.memo_revision WHERE tenant = 'erased'") == 0


async def test_another_tenant_sees_no_memo(desk: Desk, ended: Review) -> None:
    """Knowing the id is no help."""
    await write_again(replace(desk, reviewer=said("A.")), "acme", UUID(ended.review_id), OPERATOR)
    async with desk.database.tenant("other") as tx:
        assert await newest_memo(tx, UUID(ended.review_id)) is None


async def test_rules_say_the_same_again(desk: Desk, ended: Review) -> None:
    """They are deterministic, so there is nothing new to keep."""
    with pytest.raises(NoNewMemoError, match="the same memo came of it"):
        await write_again(replace(desk, reviewer=RulesReviewer()), "acme", UUID(ended.review_id), OPERATOR)
