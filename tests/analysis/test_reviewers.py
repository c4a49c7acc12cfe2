"""Invariant j: the one suite that every reviewer passes. A new reviewer joins ``REVIEWERS``."""

from __future__ import annotations

import pytest

from lendgate.analysis.reviewer import Reviewer
from lendgate.analysis.rules import RulesReviewer
from lendgate.analysis.verify import verify
from lendgate.claude.standin import CHARACTERS, Options, virtual_time
from lendgate.schema import CreditMemo
from tests.analysis.cases import CASES
from tests.analysis.standins import ByStandIn

REVIEWERS: dict[str, Reviewer] = {
    "rules": RulesReviewer(),
    **{f"claude-{character}": ByStandIn(Options(character=character)) for character in CHARACTERS},
    "claude-elsewhere": ByStandIn(Options(dialect="plain")),
    "claude-away": ByStandIn(Options(script="server_error*")),
}


@pytest.fixture(params=REVIEWERS.values(), ids=list(REVIEWERS))
def reviewer(request: pytest.FixtureRequest) -> Reviewer:
    """Each reviewer in turn."""
    given: Reviewer = request.param
    return given


def memo_of(reviewer: Reviewer, name: str) -> CreditMemo:
    """The memo a reviewer writes about a named case."""
    return virtual_time.run(reviewer.review(CASES[name])).memo


@pytest.mark.parametrize("name", CASES)
def test_invariant_j_a_memo_comes_verified(reviewer: Reviewer, name: str) -> None:
    """Verifying it again finds nothing."""
    memo = memo_of(reviewer, name)
    assert verify(memo, CASES[name]).model_copy(update={"dropped_claims": memo.dropped_claims}) == memo


@pytest.mark.parametrize("name", CASES)
def test_invariant_j_every_paragraph_says_something(reviewer: Reviewer, name: str) -> None:
    """A summary and a next step for every case."""
    memo = memo_of(reviewer, name)
    assert memo.risk_summary
    assert memo.next_step


@pytest.mark.parametrize("name", CASES)
def test_invariant_j_checks_passed_are_those_that_passed(reviewer: Reviewer, name: str) -> None:
    """None that failed, none that could not be evaluated."""
    passed = {check.title for check in CASES[name].checks if check.result == "pass"}
    assert set(memo_of(reviewer, name).checks_passed) <= passed


@pytest.mark.parametrize("name", CASES)
def test_invariant_j_a_memo_says_who_wrote_it(reviewer: Reviewer, name: str) -> None:
    """Its own name, or another's with the reason why."""
    memo = memo_of(reviewer, name)
    assert memo.reviewer == reviewer.name or memo.because


@pytest.mark.parametrize("name", CASES)
def test_invariant_c_no_stand_in_relaxes_a_case(reviewer: Reviewer, name: str) -> None:
    """What a memo may add is a wish for a person; the concerns name facts that there are."""
    memo = memo_of(reviewer, name)
    assert {fact for concern in memo.concerns for fact in concern.facts} <= CASES[name].facts.keys()
    assert not memo.escalate


@pytest.mark.parametrize("name", CASES)
def test_invariant_j_a_summary_says_the_risk_that_was_found(reviewer: Reviewer, name: str) -> None:
    """In these words, whatever else it says."""
    risk = CASES[name].risk
    words = "risk cannot be determined yet" if risk == "undetermined" else f"{risk} risk"
    assert words in memo_of(reviewer, name).risk_summary.lower()
