"""Carrying a review out: once, whoever does it how often, and a machine declines nobody."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from lendgate.analysis.reviewer import Case, Reviewed
from lendgate.analysis.rules import RulesReviewer
from lendgate.schema.review import ReviewerName
from lendgate.store.clocks import load_clocks
from lendgate.store.decisions import load_standing
from lendgate.store.policy_packs import load_pack_text
from lendgate.store.referrals import load_referral_of
from lendgate.workflow.accept import Accepted
from lendgate.workflow.desk import Desk
from lendgate.workflow.review import carry_out, give_up, load_accepted
from tests.support.edge_hand import GOOD
from tests.support.service import LENDER
from tests.support.traces import Records
from tests.workflow.conftest import AcceptOne

pytestmark = pytest.mark.anyio
ELIGIBLE = {
    "applicant_id": "FULL-002",
    "income": 96000,
    "debt_to_income": 0.24,
    "employment_years": 8,
    "apr": 0.1199,
    "credit": {
        "score": 752,
        "oldest_trade_months": 132,
        "inquiries_six_months": 1,
        "delinquencies_current": 0,
    },
    "applicants": [{"declarations": {"foreclosure": False, "outstanding_judgments": False}}],
}


class Model(RulesReviewer):
    """As a model: it says so, and asks how the review stands while it is at it."""

    def __init__(self, looks: Callable[[], Awaitable[str]]) -> None:
        self._looks = looks
        self.seen: list[str] = []

    @property
    def name(self) -> ReviewerName:
        return "claude"

    async def review(self, case: Case) -> Reviewed:
        self.seen.append(await self._looks())
        return await super().review(case)


async def status_of(desk: Desk, accepted: Accepted) -> str:
    """As whoever asks for the review hears."""
    stored = await load_accepted(desk, accepted.tenant, UUID(accepted.review.review_id))
    return stored.review.status if stored else "not there"


def kinds(records: Records, accepted: Accepted) -> list[str]:
    """The kinds of the events about this application and its review, in order."""
    found = records.connection.execute(
        "SELECT kind FROM lendgate.audit_event WHERE subject IN (%s, %s) ORDER BY seq",
        (str(accepted.application.application_id), accepted.review.review_id),
    ).fetchall()
    return [kind for (kind,) in found]


async def test_a_review_is_completed_with_everything_a_broker_may_see(
    desk: Desk, accept_one: AcceptOne
) -> None:
    """Recommendation, memo, public findings, completeness and usage; and it is what is stored."""
    accepted = await accept_one()
    review = await carry_out(desk, accepted)
    assert review.status == "completed"
    assert review.recommendation is not None
    assert review.recommendation.risk == "low"
    assert review.memo is not None
    assert review.findings
    assert review.completeness is not None
    assert review.completed_at is not None
    stored = await load_accepted(desk, "acme", UUID(review.review_id))
    assert stored is not None
    assert stored.review == review


@pytest.mark.parametrize(
    ("application", "outcome", "clock"),
    [
        (ELIGIBLE, "eligible", "notify"),
        (json.loads(GOOD), "refer", "notify"),
        ({**ELIGIBLE, "debt_to_income": 0.62}, "ineligible", "notify"),
        ({**json.loads(GOOD), "product": "mortgage"}, "incomplete", "incomplete"),
    ],
)
async def test_whatever_is_not_approved_goes_to_an_underwriter_and_its_clock_runs(
    application: dict[str, object],
    outcome: str,
    clock: str,
    *,
    desk: Desk,
    accept_one: AcceptOne,
    records: Records,
) -> None:
    """In the transaction that completes the review: the machine declines nobody and forgets nobody."""
    accepted = await accept_one(json.dumps(application).encode())
    review = await carry_out(desk, accepted)
    assert review.recommendation is not None
    assert review.recommendation.outcome == outcome
    assert kinds(records, accepted) == ["application.accepted", "review.completed", "referral.opened"]
    async with desk.database.tenant("acme") as tx:
        referral = await load_referral_of(tx, UUID(review.review_id))
        clocks = await load_clocks(tx, UUID(review.review_id))
    assert referral is not None
    assert (referral.cause, referral.state, referral.version) == (outcome, "open", 1)
    assert [one.kind for one in clocks] == [clock]


async def test_what_is_eligible_is_approved_at_once_where_the_creditor_allows_it(
    desk: Desk, accept_one: AcceptOne, records: Records
) -> None:
    """By policy: no referral, no clock; and nothing else is decided so."""
    allows = {"acme": LENDER.model_copy(update={"auto_approve": True})}
    generous = replace(desk, creditors=allows)
    accepted = await accept_one(json.dumps(ELIGIBLE).encode())
    review = await carry_out(generous, accepted)
    other = await carry_out(generous, await accept_one())
    async with desk.database.tenant("acme") as tx:
        stored = await load_standing(tx, UUID(review.review_id))
        clocks = await load_clocks(tx, UUID(review.review_id))
        assert await load_standing(tx, UUID(other.review_id)) is None
    assert stored is not None
    assert (stored.decision.action, stored.decision.decided_by) == ("approve", "policy")
    assert (stored.letter, clocks) == (None, [])
    assert kinds(records, accepted) == ["application.accepted", "review.completed"]


async def test_the_policy_that_was_applied_is_kept(desk: Desk, accept_one: AcceptOne) -> None:
    """Byte for byte, by the hash that the recommendation names, once."""
    review = await carry_out(desk, await accept_one())
    assert review.recommendation is not None
    async with desk.database.tenant("acme") as tx:
        kept = await load_pack_text(tx, review.recommendation.policy.sha256)
    assert kept == desk.rulebook.packs[review.product].content
    assert not desk.shelf.lacks("acme", review.recommendation.policy.sha256)


async def test_a_review_that_a_model_writes_is_running_meanwhile(
    desk: Desk, accept_one: AcceptOne, records: Records
) -> None:
    """Whoever looks hears so, and a review that has ended is not paid for again."""
    accepted = await accept_one()
    model = Model(lambda: status_of(desk, accepted))
    asking = replace(desk, reviewer=model)
    first = await carry_out(asking, accepted)
    assert await carry_out(asking, accepted) == first
    assert model.seen == ["running"]
    assert kinds(records, accepted) == [
        *("application.accepted", "review.started", "review.completed", "referral.opened")
    ]


async def test_invariant_i_carried_out_twice_it_is_stored_once(
    desk: Desk, accept_one: AcceptOne, records: Records
) -> None:
    """The second time gives the first one's result and leaves no event."""
    accepted = await accept_one()
    first = await carry_out(desk, accepted)
    second = await carry_out(desk, accepted)
    assert second == first
    assert kinds(records, accepted).count("review.completed") == 1


async def test_invariant_i_carried_out_by_many_at_once_it_is_stored_once(
    desk: Desk, accept_one: AcceptOne, records: Records
) -> None:
    """Whoever comes first stores it, all get the same."""
    accepted = await accept_one()
    reviews = await asyncio.gather(*(carry_out(desk, accepted) for _ in range(6)))
    assert len({review.model_dump_json() for review in reviews}) == 1
    assert kinds(records, accepted).count("review.completed") == 1


async def test_a_review_that_is_given_up_ends_as_failed_and_stays_so(
    desk: Desk, accept_one: AcceptOne, records: Records
) -> None:
    """Failed is an end: no recommendation then or later."""
    accepted = await accept_one()
    failed = await give_up(desk, accepted)
    later = await carry_out(desk, accepted)
    assert (failed.status, failed.recommendation) == ("failed", None)
    assert later == failed
    assert kinds(records, accepted) == ["application.accepted", "review.failed", "referral.opened"]


async def test_a_completed_review_cannot_be_given_up(
    desk: Desk, accept_one: AcceptOne, records: Records
) -> None:
    """A worker that lost its patience too late changes nothing."""
    accepted = await accept_one()
    completed = await carry_out(desk, accepted)
    assert await give_up(desk, accepted) == completed
    assert "review.failed" not in kinds(records, accepted)


async def test_policy_is_that_of_the_day_of_receipt(desk: Desk, accept_one: AcceptOne) -> None:
    """Received before the packs' limits were in force, nothing that needs one can be judged: refer."""
    accepted = await accept_one(received_at=datetime(2025, 6, 1, tzinfo=UTC))
    review = await carry_out(desk, accepted)
    assert review.recommendation is not None
    assert review.recommendation.outcome == "refer"
    assert {finding.check: finding.result for finding in review.findings}["income"] == "not_evaluable"


async def test_what_is_not_there_is_not_taken_up(desk: Desk, accept_one: AcceptOne) -> None:
    """Neither an unknown id nor another tenant's."""
    accepted = await accept_one()
    assert await load_accepted(desk, "acme", uuid4()) is None
    assert await load_accepted(desk, "other", UUID(accepted.review.review_id)) is None
