"""The linter: banned reasons are found in every dress, honest ones are left alone."""

from __future__ import annotations

import pytest

from lendgate.decision.letter import Letter, Section
from lendgate.decision.lint import faults_of_letter, faults_of_reason, faults_of_sentence
from lendgate.decision.words import CREDIT, NEXT_STEPS, STATEMENTS
from lendgate.policy.reasons import catalogue
from lendgate.schema import PublicReason
from tests.decision.cases import BURDENED, letter
from tests.review.builders import verdict

BANNED = (
    "Internal standards",
    "Our credit policy",
    "Based on the bank's lending policies",
    "Underwriting guidelines",
    "Did not meet criteria",
    "You did\u00a0not\nmeet what we ask for",
    "Didn't meet our requirements",
    "Failed to achieve a qualifying score",
    "Failure to qualify",
    "Credit score too low",
    "Score is insufficient",
    "Low credit score",
    "The system declined the application",
    "Our algorithm has denied it",
    "AI declined",
    "The model rejected this application",
)


@pytest.mark.parametrize("text", BANNED)
def test_r06_standards_scores_and_machines_are_no_reasons(text: str) -> None:
    """12 CFR 1002.9(b)(2)."""
    assert [fault.requirement for fault in faults_of_reason(text)][:1] == ["R06"]


@pytest.mark.parametrize(
    "text", ["Other", "other, specify", "Other reasons:", " OTHER - ", "Other (specify)", ""]
)
def test_r07_other_needs_its_factor(text: str) -> None:
    """A category is no reason."""
    assert [fault.requirement for fault in faults_of_reason(text)] == ["R07"]


def test_other_with_its_factor_is_a_reason() -> None:
    """What is specific may be said."""
    assert faults_of_reason("Other: age of automobile") == ()


@pytest.mark.parametrize("code", [code for code in catalogue() if code != "AA24"])
def test_every_reason_of_the_catalogue_is_clean(code: str) -> None:
    """The form's own words pass."""
    assert faults_of_reason(catalogue()[code].text) == ()


def test_every_approved_sentence_is_clean() -> None:
    """What is always said is held to what a person may write."""
    steps = [step for several in NEXT_STEPS.values() for step in several]
    for sentence in (*STATEMENTS.values(), *steps, *CREDIT.values()):
        assert faults_of_sentence(sentence) == ()


@pytest.mark.parametrize(
    "text",
    [
        "Two most recent pay stubs",
        "Proof that account 4821 at the credit union was paid off",
        "A letter that explains the gap in employment in 2024",
        "Homeowners insurance policy for the property",
    ],
)
def test_honest_conditions_pass(text: str) -> None:
    """The linter does not stand in an underwriter's way."""
    assert faults_of_sentence(text) == ()


def test_a_letter_without_its_parts_is_refused() -> None:
    """No reason, a reason that is not told, no ECOA notice: each is named."""
    made = letter(BURDENED, verdict())
    reason = PublicReason(code="AA09", text="Excessive obligations in relation to income", hmda_code=1)
    other = PublicReason(code="AA08", text="Income insufficient for amount of credit requested", hmda_code=1)
    bare = Letter(**(made.model_dump() | {"sections": (Section(items=(reason.text,)),)}))
    assert faults_of_letter(made, [reason]) == ()
    assert [fault.words for fault in faults_of_letter(made, [])] == ["it gives no principal reason"]
    assert [fault.requirement for fault in faults_of_letter(made, [reason, other])] == ["R04"]
    assert [fault.requirement for fault in faults_of_letter(bare, [reason])] == ["R10"]
