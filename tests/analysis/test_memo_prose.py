"""The rules memo, word for word, and what holds for every case."""

from __future__ import annotations

import asyncio

import pytest

from lendgate.analysis.prose import write
from lendgate.analysis.reviewer import Reviewer, case_of
from lendgate.analysis.rules import RulesReviewer
from lendgate.analysis.verify import verify
from lendgate.policy.model import Assessment, Finding
from lendgate.schema import PolicyReference, Usage
from tests.analysis.cases import CASES, COMPLETE, REASONS, STEADY, case, check, facts, lacking
from tests.analysis.snapshot import DIRECTORY, rendered

PRIVATE = ("at most 43.17 percent", "compensating factors in the vault", "Private Guide 7")


@pytest.mark.parametrize("name", CASES)
def test_the_memo_reads_as_its_snapshot(name: str) -> None:
    """Every word of every named case; ``tests.analysis.snapshot`` renews them."""
    assert rendered(write(CASES[name])) == (DIRECTORY / f"{name}.txt").read_text()


def test_no_snapshot_is_left_over() -> None:
    """Each file belongs to a case, and there are at least eight."""
    names = {path.stem for path in DIRECTORY.glob("*.txt")}
    assert names == set(CASES)
    assert len(names) >= 8


@pytest.mark.parametrize("name", CASES)
def test_the_verifier_finds_nothing_to_drop(name: str) -> None:
    """The rules memo holds itself to what it holds a model to."""
    memo = write(CASES[name])
    assert verify(memo, CASES[name]) == memo


@pytest.mark.parametrize("name", CASES)
def test_every_concern_rests_on_facts_of_the_case(name: str) -> None:
    """Evidence that a reader can look up."""
    for concern in write(CASES[name]).concerns:
        assert concern.facts
        assert set(concern.facts) <= CASES[name].facts.keys()


def test_private_policy_cannot_reach_the_memo() -> None:
    """What a finding keeps private is not in the case, so it is not in the memo (invariant g)."""
    secret = Finding(
        rule="ratio",
        title="Debt-to-income ratio",
        result="fail",
        effect="decline",
        rank=1,
        knockout=True,
        reason=REASONS["obligations"],
        facts=("back_end_dti",),
        limit=PRIVATE[0],
        note=PRIVATE[1],
        citation=PRIVATE[2],
    )
    policy = PolicyReference(id="sample", version="1", sha256="a" * 64)
    assessment = Assessment(facts(STEADY), (secret,), (), policy)
    seen = case_of("personal_loan", assessment, COMPLETE, "high")
    everything = repr(seen) + write(seen).model_dump_json()
    assert not [private for private in PRIVATE if private in everything]


def test_a_failed_check_names_what_the_check_rests_on() -> None:
    """``case_of`` carries the names of the facts, so that a concern can cite them."""
    memo = write(case(STEADY, check("ratio", "fail", "obligations"), risk="high"))
    assert memo.concerns[0].facts == ("back_end_dti",)


def test_a_rate_is_never_said() -> None:
    """R23: not even the rate of the application itself."""
    seen = case({**STEADY, "apr": STEADY["back_end_dti"], "note_rate": STEADY["back_end_dti"]})
    assert "rate" not in write(seen).text.split()


def test_what_is_missing_is_asked_for_by_name() -> None:
    """Documents and fields as people call them, counted."""
    seen = case(completeness=lacking({"pay_stub": 2, "w2": 1}, "/property/value"), risk="undetermined")
    step = write(seen).next_step
    assert "the property's value" in step
    assert "two recent pay stubs and a W-2" in step


def test_an_unknown_field_is_still_readable() -> None:
    """A pointer nobody has named yet is spelled in words."""
    seen = case(completeness=lacking(None, "/housing_expense/property_taxes"), risk="undetermined")
    assert "the housing expense property taxes" in write(seen).next_step


def test_the_rules_reviewer_is_a_reviewer_that_costs_nothing() -> None:
    """It keeps the protocol that the Claude reviewer will stand on."""
    reviewer: Reviewer = RulesReviewer()
    reviewed = asyncio.run(reviewer.review(CASES["steady"]))
    assert (reviewer.name, reviewed.memo.reviewer, reviewed.usage) == ("rules", "rules", Usage())


@pytest.mark.parametrize("name", CASES)
def test_the_memo_is_deterministic_and_never_escalates(name: str) -> None:
    """Rules refer by themselves; the memo adds nothing of its own."""
    assert write(CASES[name]) == write(CASES[name])
    assert not write(CASES[name]).escalate
