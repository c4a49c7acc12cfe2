"""Verdicts: whole, in the right hands, and above policy only by two people."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from lendgate.review.case import add_conditions, ask_for
from lendgate.review.lease import claim
from lendgate.review.refusals import ClosedError, HeldError, VerdictRefusedError
from lendgate.review.verdict import judge
from lendgate.schema import RequestedItem
from tests.decision.builders import finding
from tests.review.builders import AT, REASON, SOON, referral, verdict

FAILED = [finding("fail", "decline", code="AA09")]
OPEN = [finding("not_evaluable", code="AA10")]


@pytest.mark.parametrize("length", [9, 10])
def test_nothing_is_decided_without_a_written_reason(length: int) -> None:
    """Ten characters at the least."""
    if length < 10:
        with pytest.raises(ValidationError, match="at least 10"):
            verdict(reason="x" * length)
    else:
        assert verdict(reason="x" * length).reason


@pytest.mark.parametrize(
    ("action", "lacks", "demand"),
    [
        ("decline", "codes", "To decline, name the principal reasons"),
        ("counteroffer", "codes", "To make a counteroffer, name the principal reasons"),
        ("counteroffer", "counteroffer", "give the terms"),
        ("incomplete", "missing", "To call it incomplete, name each missing item"),
        ("approve_with_conditions", "conditions", "To approve with conditions, name the conditions"),
    ],
)
def test_each_action_needs_its_parts(action: str, lacks: str, demand: str) -> None:
    """A verdict that lacks one is refused with what to give."""
    with pytest.raises(VerdictRefusedError, match=demand):
        judge(referral(), verdict(action, **{lacks: None}), OPEN, "ada", AT)


def test_parts_of_another_action_are_refused() -> None:
    """An approval with reasons for a decline says two things."""
    with pytest.raises(VerdictRefusedError, match="codes does not go with the action approve"):
        judge(referral(), verdict("approve", codes=["AA09"]), OPEN, "ada", AT)


@pytest.mark.parametrize(
    ("action", "state"),
    [
        ("approve", "decided"),
        ("approve_with_conditions", "decided"),
        ("decline", "decided"),
        ("withdrawn", "decided"),
        ("incomplete", "waiting"),
        ("counteroffer", "waiting"),
    ],
)
def test_a_verdict_within_policy_is_one_persons(action: str, state: str) -> None:
    """Final actions close the referral, the others wait for the applicant."""
    judged = judge(referral(), verdict(action), OPEN, "ada", AT)
    assert (judged.referral.state, judged.verdict) == (state, verdict(action))


@pytest.mark.parametrize("action", ["approve", "approve_with_conditions", "counteroffer"])
def test_lending_above_policy_takes_two_people(action: str) -> None:
    """The first verdict is a proposal, the maker cannot confirm it, another can."""
    said = verdict(action, override_codes=["compensating_factors"])
    proposed = judge(referral(), said, FAILED, "ada", AT)
    assert (proposed.verdict, proposed.referral.state) == (None, "second_look")
    with pytest.raises(VerdictRefusedError, match="another underwriter"):
        judge(proposed.referral, said, FAILED, "ada", SOON)
    confirmed = judge(proposed.referral, said, FAILED, "bo", SOON)
    assert (confirmed.verdict, confirmed.maker) == (said, "ada")


def test_a_checker_with_other_terms_makes_a_new_proposal() -> None:
    """Nobody confirms what nobody proposed."""
    codes = ["policy_exception"]
    proposed = judge(referral(), verdict("approve", override_codes=codes), FAILED, "ada", AT)
    other = verdict("approve_with_conditions", override_codes=codes)
    countered = judge(proposed.referral, other, FAILED, "bo", SOON)
    assert countered.verdict is None
    assert countered.referral.proposal is not None
    assert countered.referral.proposal.maker == "bo"


def test_a_checker_may_decline_alone() -> None:
    """A second pair of eyes guards lending, not declining."""
    proposed = judge(
        referral(), verdict("approve", override_codes=["explained_event"]), FAILED, "ada", AT
    ).referral
    assert judge(proposed, verdict("decline"), FAILED, "bo", SOON).referral.state == "decided"


def test_an_override_needs_its_code() -> None:
    """R17: overrides are reported by code."""
    with pytest.raises(VerdictRefusedError, match="override code"):
        judge(referral(), verdict("approve"), FAILED, "ada", AT)


def test_a_decline_is_no_override() -> None:
    """Nor anything else that lends nothing."""
    with pytest.raises(VerdictRefusedError, match="Only an approval or a counteroffer"):
        judge(referral(), verdict(override_codes=["policy_exception"]), FAILED, "ada", AT)


def test_nothing_judged_is_above_policy() -> None:
    """Fail closed: without findings nobody lends alone."""
    said = verdict("approve", override_codes=["document_evidence"])
    assert judge(referral(), said, [], "ada", AT).verdict is None


def test_a_verdict_on_what_another_holds_is_refused() -> None:
    """And on what is decided."""
    with pytest.raises(HeldError):
        judge(claim(referral(), "bo", AT), verdict(), FAILED, "ada", SOON)
    with pytest.raises(ClosedError):
        judge(referral(state="decided"), verdict(), FAILED, "ada", SOON)


def test_noted_conditions_belong_to_the_approval() -> None:
    """What was noted before counts once, beside what the verdict names."""
    noted = add_conditions(referral(), [RequestedItem(text="A recent bank statement")], "ada", AT)
    judged = judge(noted, verdict("approve_with_conditions"), OPEN, "ada", SOON)
    assert judged.verdict is not None
    assert judged.verdict.conditions == ["A recent bank statement"]
    alone = verdict("approve_with_conditions", conditions=None)
    assert judge(noted, alone, OPEN, "ada", SOON).verdict is not None


def test_asking_for_documents_waits_and_asks_once() -> None:
    """The same item twice is one item."""
    item = RequestedItem(text="Two recent pay stubs", document="pay_stub")
    asked = ask_for(ask_for(referral(), [item], "ada", AT), [item], "ada", SOON)
    assert (asked.state, asked.requested, asked.version) == ("waiting", (item,), 3)


def test_an_underwriters_typing_error_is_refused() -> None:
    """Unknown members are not ignored in what people send."""
    body = f'{{"action": "decline", "reason": "{REASON}", "code": ["AA09"]}}'
    with pytest.raises(ValidationError, match="code"):
        type(verdict()).model_validate_json(body)
