"""Decisions: what a person says as it is published, and what a machine may approve."""

from __future__ import annotations

from datetime import date

import pytest

from lendgate.decision.decide import Matter, approve_eligible, decide
from lendgate.decision.recommend import recommend
from lendgate.decision.refusals import DecisionRefusedError
from lendgate.schema import Decision, DecisionAction
from lendgate.schema.decision import ADVERSE
from tests.decision.builders import COMPLETE, finding, memo
from tests.decision.cases import BURDENED, LENDER, NIGHT, assessed, decided
from tests.review.builders import REASON, verdict

PASSED = {
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
MATTER = Matter("dec-1", "rev-1", "personal_loan", [finding("fail", "decline")], LENDER, NIGHT)


@pytest.mark.parametrize(
    ("action", "notice"),
    [
        ("approve", None),
        ("approve_with_conditions", None),
        ("counteroffer", "C-4"),
        ("decline", "C-1"),
        ("incomplete", "C-6"),
        ("withdrawn", None),
    ],
)
def test_each_action_has_its_words_and_its_notice(action: DecisionAction, notice: str | None) -> None:
    """And its reasons, days and lists exactly where they belong."""
    made, told = decided(BURDENED, verdict(action))
    assert (made.action, made.notice, told.form if told else None) == (action, notice, notice)
    assert bool(made.reasons) == (action in {*ADVERSE, "incomplete"})
    assert bool(made.conditions) == (action == "approve_with_conditions")
    assert bool(made.missing) == (action == "incomplete")
    assert (made.respond_by is not None) == (action in {"incomplete", "counteroffer"})
    assert (made.reasons_until is not None) == (action in ADVERSE)


def test_days_are_the_lenders() -> None:
    """A decision late in the evening is dated that day, and 60 and 30 days count from it."""
    made = decide(MATTER, verdict("counteroffer"))
    assert made.decided_on == date(2026, 11, 25)
    assert made.reasons_until == date(2027, 1, 24)
    assert made.respond_by == date(2026, 12, 25)


@pytest.mark.parametrize(
    ("by", "fits"), [("2026-11-25", 0), ("2026-11-26", 1), ("2027-02-23", 1), ("2027-02-24", 0)]
)
def test_a_response_has_a_day_that_can_be(by: str, fits: int) -> None:
    """After today and within 90 days, each boundary from both sides."""
    said = verdict("counteroffer", respond_by=by)
    if fits:
        assert decide(MATTER, said).respond_by == date.fromisoformat(by)
    else:
        with pytest.raises(DecisionRefusedError, match="respond_by has to be after"):
            decide(MATTER, said)


def test_a_day_to_respond_by_goes_with_an_answer_that_is_awaited() -> None:
    """A decline waits for nothing."""
    with pytest.raises(DecisionRefusedError, match="does not go with"):
        decide(MATTER, verdict(respond_by="2026-12-01"))


def test_the_written_reason_stays_inside() -> None:
    """Nothing of the verdict's private parts is published."""
    made, told = decided(BURDENED, verdict())
    assert told is not None
    assert REASON not in made.model_dump_json() + told.text


@pytest.mark.parametrize(
    "text",
    [
        "Income that meets our internal policy",
        "Bring the ratio below the maximum",
        "Prove that the pay stub is not forged",
        "You should apply elsewhere",
        "A letter about your religion",
    ],
)
def test_what_a_person_writes_goes_through_the_linter(text: str) -> None:
    """Conditions go out, so policy words, signals, discouragement and prohibited bases stay in."""
    with pytest.raises(DecisionRefusedError, match="may not be told outside"):
        decide(MATTER, verdict("approve_with_conditions", conditions=[text]))


def test_key_factors_go_through_the_linter_too() -> None:
    """A bureau's own phrases pass; a machine's or a policy's "reason" does not."""
    phrase = "Proportion of balances to credit limits on revolving accounts is too high"
    assert decide(MATTER, verdict(consumer_report={"key_factors": [phrase]})).reasons
    with pytest.raises(DecisionRefusedError, match="R06"):
        decide(MATTER, verdict(consumer_report={"key_factors": ["Our algorithm has denied it"]}))


@pytest.mark.parametrize(("allowed", "approves"), [(True, True), (False, False)])
def test_a_machine_approves_only_where_the_creditor_allows_it(*, allowed: bool, approves: bool) -> None:
    """By policy, and without anything that only a person says."""
    made = approved(PASSED, allowed=allowed)
    assert (made is not None) == approves
    if made is not None:
        assert (made.action, made.decided_by, made.notice) == ("approve", "policy", None)


def test_a_machine_approves_nothing_else_and_declines_nobody() -> None:
    """Whatever the creditor allows."""
    assert approved(BURDENED, allowed=True) is None
    assert approved({"applicant_id": "A", "income": 1, "debt_to_income": 0.1}, allowed=True) is None


def approved(sent: dict[str, object], *, allowed: bool) -> Decision | None:
    """What the machine decides about an application."""
    application, assessment = assessed(sent)
    recommendation = recommend(assessment, COMPLETE, memo())
    lender = LENDER.model_copy(update={"auto_approve": allowed})
    matter = Matter("dec-1", "rev-1", application.product, assessment.findings, lender, NIGHT)
    return approve_eligible(matter, recommendation)
