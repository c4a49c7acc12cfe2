"""Replay: what was decided is decided again, byte for byte; and what another policy would say."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from lendgate.decision.reasons import principal_reasons
from lendgate.decision.replay import Grounds, replay
from lendgate.errors import NotFoundError
from lendgate.policy.pack import Pack, load_pack
from lendgate.schema.referral import Referral
from lendgate.store.reviews import load_assessment
from lendgate.workflow import replay as replaying
from lendgate.workflow.accept import Accepted
from lendgate.workflow.desk import Desk
from lendgate.workflow.replay import NotReplayableError, replay_stored, what_if
from lendgate.workflow.review import carry_out
from lendgate.workflow.verdicts import decide_referral
from tests.decision.cases import REPORT, random_application
from tests.review.builders import verdict
from tests.support.edge_hand import GOOD
from tests.support.service import LENDER
from tests.workflow.conftest import AcceptOne
from tests.workflow.decisions import BURDENED, read, referred
from tests.workflow.test_workflow_follow_up import documents_come, income, newest, review_again
from tests.workflow.test_workflow_review import ELIGIBLE

pytestmark = pytest.mark.anyio
WHOLE = ("facts", "findings", "review", "decision", "notice")


def milder(pack: Pack) -> Pack:
    """The same pack with a debt-to-income limit that hardly anybody reaches."""
    text = pack.content.decode()
    head, _, rest = text.partition("  max_debt_to_income:\n")
    return load_pack(
        "milder.yaml", f"{head}  max_debt_to_income:\n{rest.replace('0.50', '0.90', 1)}".encode()
    )


async def test_a_review_without_a_decision_is_made_again(desk: Desk, accept_one: AcceptOne) -> None:
    """Facts from the application, findings from the facts, the review from both."""
    one = await referred(desk, accept_one)
    made = await replay_stored(desk, "acme", UUID(one.review_id))
    assert (made.compared, made.differs) == (("facts", "findings", "review"), ())


async def test_decisions_of_every_kind_are_made_again(desk: Desk, accept_one: AcceptOne) -> None:
    """With their notices, whatever the application and whoever asks, by either id."""
    dice = random.Random(11)
    for action in ("decline", "incomplete", "withdrawn", "counteroffer") * 3:
        one = await referred(desk, accept_one, json.dumps(random_application(dice)).encode())
        await decided(desk, one, action)
        made = await replay_stored(desk, "acme", UUID(one.review_id))
        assert made.decision_id is not None
        assert (made.compared, made.differs) == (WHOLE, ())
        assert await replay_stored(desk, "acme", UUID(made.decision_id)) == made


async def decided(desk: Desk, one: Referral, action: str) -> None:
    """Decide a referral somehow: withdrawn where nothing supports a decline, by two where it takes two."""
    async with desk.database.tenant("acme") as tx:
        found = await load_assessment(tx, UUID(one.review_id))
    assert found is not None
    codes = [reason.code for reason in principal_reasons(found[1], "ineligible")]
    report = REPORT | {"score_date": "2026-11-01"}
    said = verdict("withdrawn")
    if action == "incomplete":
        said = verdict(action)
    elif codes and action == "decline":
        said = verdict(action, codes=codes, consumer_report=report)
    elif codes and action == "counteroffer":
        override = ["compensating_factors"]
        said = verdict(action, codes=codes, consumer_report=report, override_codes=override)
    first = await decide_referral(desk, read(one), said)
    if first.decision is None:
        await decide_referral(desk, read(first.referral, "bo"), said)


async def test_an_approval_by_policy_is_made_again(desk: Desk, accept_one: AcceptOne) -> None:
    """By the creditor's permission as it was, whatever it is now."""
    allows = {"acme": LENDER.model_copy(update={"auto_approve": True})}
    accepted: Accepted = await accept_one(json.dumps(ELIGIBLE).encode())
    review = await carry_out(replace(desk, creditors=allows), accepted)
    made = await replay_stored(desk, "acme", UUID(review.review_id))
    assert (made.compared, made.differs) == (WHOLE, ())


async def test_a_difference_is_named(
    desk: Desk, accept_one: AcceptOne, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the rules of today said otherwise, every part that rests on them would differ."""
    one = await referred(desk, accept_one)
    await decide_referral(desk, read(one), verdict())

    def other(grounds: Grounds, pack: Pack) -> object:
        findings, recommendation = replay(grounds, pack)
        return findings[1:], recommendation

    monkeypatch.setattr(replaying, "replay", other)
    made = await replay_stored(desk, "acme", UUID(one.review_id))
    assert made.differs == ("findings", "review")


async def test_another_policy_shows_what_would_change_and_why(desk: Desk, accept_one: AcceptOne) -> None:
    """Outcome, reasons, and the one rule with both of its limits."""
    one = await referred(desk, accept_one)
    would = await what_if(desk, "acme", UUID(one.review_id), milder(desk.rulebook.packs["personal_loan"]))
    assert (would.outcome_before, would.outcome_after) == ("ineligible", "refer")
    assert would.reasons_before == ("AA09",)
    (rule,) = would.rules
    assert (rule.rule, rule.before, rule.after) == ("debt_to_income", "fail", "pass")
    assert rule.limit_before is not None
    assert rule.limit_after is not None
    assert ("50 %" in rule.limit_before, "90 %" in rule.limit_after) == (True, True)


async def with_stub(desk: Desk, accept_one: AcceptOne, body: bytes) -> UUID:
    """A review that rests on a pay stub which shows less than is stated."""
    accepted = await accept_one(body)
    await carry_out(desk, accepted)
    await documents_come(desk, accepted, income("64900.16", "0.458999", "pay_stub"))
    return UUID((await review_again(desk, await newest(desk, accepted))).review_id)


async def test_a_review_that_rests_on_documents_is_made_again(desk: Desk, accept_one: AcceptOne) -> None:
    """With what they showed then, although the application does not say it."""
    made = await replay_stored(desk, "acme", await with_stub(desk, accept_one, GOOD))
    assert (made.compared, made.differs) == (("facts", "findings", "review"), ())


async def test_another_policy_sees_what_the_documents_showed(desk: Desk, accept_one: AcceptOne) -> None:
    """The rule about documented income says what it said; nothing but the limit makes a difference."""
    review_id = await with_stub(desk, accept_one, BURDENED)
    would = await what_if(desk, "acme", review_id, milder(desk.rulebook.packs["personal_loan"]))
    assert [change.rule for change in would.rules] == ["debt_to_income"]
    same = await what_if(desk, "acme", review_id, desk.rulebook.packs["personal_loan"])
    assert (same.rules, same.outcome_after) == ((), same.outcome_before)


async def test_what_cannot_be_made_again_says_why(
    desk: Desk, accept_one: AcceptOne, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No such id, another tenant's, a policy for another product, another engine."""
    one = await referred(desk, accept_one)
    for tenant, stranger in (("acme", uuid4()), ("other", UUID(one.review_id))):
        with pytest.raises(NotFoundError):
            await replay_stored(desk, tenant, stranger)
    with pytest.raises(NotReplayableError, match="the policy is for mortgage"):
        await what_if(desk, "acme", UUID(one.review_id), desk.rulebook.packs["mortgage"])
    monkeypatch.setattr(replaying, "ENGINE_VERSION", "9.9")
    with pytest.raises(NotReplayableError, match=r"engine 1.0 made it, and this is 9.9"):
        await replay_stored(desk, "acme", UUID(one.review_id))
