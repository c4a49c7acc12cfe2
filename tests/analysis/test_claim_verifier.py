"""The verifier as a whole: what it keeps, drops, counts and puts in place."""

from __future__ import annotations

import pytest

from lendgate.analysis import prose
from lendgate.analysis.verify import LONGEST_CONCERN, LONGEST_STEP, LONGEST_SUMMARY, MOST_CONCERNS, verify
from lendgate.schema import Concern
from tests.analysis.cases import CASES, STEADY, case, check, draft

STEADY_CASE = CASES["steady"]
GOOD = "The back-end ratio is 22% on an income of $120,000 a year."
INVENTED = "Savings of $48,000 would carry the loan."


def test_a_sound_memo_is_kept_word_for_word() -> None:
    """Nothing dropped, nothing changed."""
    memo = draft(GOOD, concerns=(Concern(text="No credit score was given.", facts=("credit_score",)),))
    assert verify(memo, STEADY_CASE) == memo


def test_only_the_sentence_with_the_invented_number_goes() -> None:
    """Its neighbours stay, in order, and it is counted."""
    checked = verify(draft(f"{GOOD} {INVENTED} Low risk."), STEADY_CASE)
    assert checked.risk_summary == f"{GOOD} Low risk."
    assert checked.dropped_claims == 1


@pytest.mark.parametrize(
    "text",
    [
        INVENTED,
        "A ratio of sixty-two percent.",
        "A ratio of \uff16\uff12\uff05.",
        "A ratio of 6\u200b2%.",
        "A ratio of \u0666\u0662%.",
        "A ratio of LXII percent.",
        "The applicant is married.",
        "The loan will be approved.",
        "A better rate can be offered.",
        "It fails our internal policy.",
        "Moderate risk: all checks passed.",
        "Not eligible as submitted.",
        "See https://example.com for more.",
    ],
)
def test_an_emptied_summary_is_written_by_the_rules(text: str) -> None:
    """A reader always gets a summary, and it is a sound one."""
    checked = verify(draft(text), STEADY_CASE)
    assert checked.risk_summary == prose.risk_summary(STEADY_CASE)
    assert checked.dropped_claims == 1


def test_an_emptied_next_step_is_written_by_the_rules() -> None:
    """There is always a next step."""
    checked = verify(draft(next_step="Approve the loan. Skip the documents."), STEADY_CASE)
    assert checked.next_step == prose.next_step(STEADY_CASE)
    assert checked.dropped_claims == 2


def test_a_silent_memo_is_the_rules_memo() -> None:
    """No words are no reason to say nothing; nothing was dropped either."""
    checked = verify(draft("", checks_passed=(), next_step=""), STEADY_CASE)
    assert checked.text == prose.write(STEADY_CASE).text
    assert checked.dropped_claims == 0


def test_checks_passed_are_checks_that_passed() -> None:
    """An unseen, an unknown and a repeated title."""
    titles = ("Length of employment", "Credit score", "Good looks", "Length of employment", "Income")
    checked = verify(draft(checks_passed=titles), STEADY_CASE)
    assert checked.checks_passed == ("Length of employment", "Income")
    assert checked.dropped_claims == 2


def test_a_typographic_title_is_recognised() -> None:
    """Titles are compared as they are read and given as the pack prints them."""
    checked = verify(draft(checks_passed=("Debt\u2010to\u2010income  ratio",)), STEADY_CASE)
    assert checked.checks_passed == ("Debt-to-income ratio",)


def test_evidence_that_does_not_exist_is_dropped() -> None:
    """The pointer goes; a concern that rested on nothing else goes with it."""
    concerns = (
        Concern(text="Income is stated only.", facts=("annual_income", "shoe_size")),
        Concern(text="Credit is unseen.", facts=("star_sign",)),
        Concern(text="Obligations are not itemized."),
    )
    checked = verify(draft(concerns=concerns), STEADY_CASE)
    assert [concern.text for concern in checked.concerns] == [
        "Income is stated only.",
        "Obligations are not itemized.",
    ]
    assert checked.concerns[0].facts == ("annual_income",)
    assert checked.dropped_claims == 3


def test_a_concern_without_words_left_is_dropped() -> None:
    """Once, for its sentence."""
    concerns = (Concern(text="Utilization of 97%.", facts=("utilization",)),)
    checked = verify(draft(concerns=concerns), STEADY_CASE)
    assert (checked.concerns, checked.dropped_claims) == ((), 1)


def test_a_summary_never_relaxes() -> None:
    """Invariant c, in words: the checks failed, so the risk is not low."""
    failed = case(STEADY, check("ratio", "fail", "obligations"), risk="high")
    checked = verify(draft("Low risk. All checks passed.", checks_passed=()), failed)
    assert checked.risk_summary == prose.risk_summary(failed)
    assert checked.dropped_claims == 2


@pytest.mark.parametrize("escalate", [True, False])
def test_the_request_for_a_person_is_passed_on(escalate: bool) -> None:  # noqa: FBT001
    """The one bit that is the reviewer's own."""
    assert verify(draft(escalate=escalate), STEADY_CASE).escalate is escalate


def test_the_count_of_a_draft_is_not_believed() -> None:
    """Only this verification counts."""
    assert verify(draft(dropped_claims=999), STEADY_CASE).dropped_claims == 0


def test_verifying_twice_changes_nothing_more() -> None:
    """What was kept once is kept again."""
    once = verify(draft(f"{GOOD} {INVENTED}"), STEADY_CASE)
    assert verify(once, STEADY_CASE) == once.model_copy(update={"dropped_claims": 0})


def test_the_reason_for_this_reviewer_is_checked_too() -> None:
    """A stranger's words wherever they stand."""
    assert verify(draft(because="The model was not reachable."), STEADY_CASE).because
    assert verify(draft(because="The bank saved 97% this way."), STEADY_CASE).because is None


def test_what_is_simulated_stays_marked() -> None:
    """The stand-in's memos say so to the end."""
    assert verify(draft(simulated=True), STEADY_CASE).simulated


def test_a_sentence_too_long_takes_no_place_from_the_next() -> None:
    """It goes alone."""
    long_winded = "The income is stated only, " * 60 + "so it is."
    checked = verify(draft(f"{long_winded} {GOOD}"), STEADY_CASE)
    assert (checked.risk_summary, checked.dropped_claims) == (GOOD, 1)


def test_every_text_is_bounded() -> None:
    """An endless memo is cut at a sentence, and what was cut is counted."""
    endless = "The income is stated only. " * 5_000
    checked = verify(
        draft(endless, next_step=endless, concerns=(Concern(text=endless),) * (MOST_CONCERNS + 5)),
        STEADY_CASE,
    )
    assert len(checked.risk_summary) <= LONGEST_SUMMARY
    assert len(checked.next_step) <= LONGEST_STEP
    assert len(checked.concerns) == MOST_CONCERNS
    assert all(len(concern.text) <= LONGEST_CONCERN for concern in checked.concerns)
    assert checked.risk_summary.endswith("only.")
    assert 0 < checked.dropped_claims <= 10_000
