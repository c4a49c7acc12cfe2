"""``lending_agent`` and its kin without a gate: what they give, what they raise, what they read once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import lendgate
from lendgate import AsyncLendingAgent, LendingAgent, analyze_lending_case, lending_agent
from lendgate.agent import EdgeRejection
from lendgate.errors import InvalidBodyError, PolicyError, SettingsError
from lendgate.schema import Application, Problem
from lendgate.schema.problem import ProblemError

GOOD = {"applicant_id": "TEST-001", "income": 120000, "employment_years": 6, "debt_to_income": 0.22}


@pytest.fixture(autouse=True)
def _no_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WORKER_BASE_URL", "LENDGATE_TOKEN", "LENDGATE_POLICY_DIR"):
        monkeypatch.delenv(name, raising=False)


def test_a_profile_is_reviewed_without_a_gate() -> None:
    """Typed results, and the text people read."""
    case = analyze_lending_case(GOOD)
    summary, passed, step = case.text.split("\n\n")
    assert case.recommendation.risk == "low"
    assert case.metadata is None
    assert summary.startswith("Low risk")
    assert passed.startswith("Primary checks passed: ")
    assert step.startswith("Recommended next step: ")


def test_a_model_and_a_mapping_are_the_same_application() -> None:
    """Whoever validated already need not do it again."""
    assert analyze_lending_case(Application.model_validate(GOOD)) == analyze_lending_case(GOOD)


def test_too_much_debt_is_not_eligible() -> None:
    """With the words of Regulation B."""
    recommendation = analyze_lending_case(GOOD | {"debt_to_income": 0.62}).recommendation
    assert recommendation.outcome == "ineligible"
    assert recommendation.reasons[0].text == "Excessive obligations in relation to income"


def test_invariant_d_the_same_profile_gives_the_same_review() -> None:
    """Twice, and by two agents: equal to the last byte of the recommendation."""
    first, second = LendingAgent().analyze(GOOD), LendingAgent().analyze(GOOD)
    assert first.recommendation.model_dump_json() == second.recommendation.model_dump_json()
    assert first == second


def test_the_async_agent_says_the_same() -> None:
    """One kind of review, two ways to call for it."""
    assert asyncio.run(AsyncLendingAgent().analyze(GOOD)) == LendingAgent().analyze(GOOD)


def test_a_profile_that_is_no_application_names_its_places() -> None:
    """Without a gate the contract is the same."""
    with pytest.raises(InvalidBodyError) as refused:
        analyze_lending_case({"applicant_id": "A1", "income": -1, "debt_to_income": 31})
    assert [error.pointer for error in refused.value.errors] == ["/income", "/debt_to_income"]


def test_monitoring_data_in_a_profile_reaches_nothing() -> None:
    """Invariant f: what the review gives back does not know it."""
    case = analyze_lending_case(GOOD | {"monitoring": {"applicants": [{"race": ["CanaryRaceXq"]}]}})
    assert "CanaryRaceXq" not in repr(case)


@pytest.mark.parametrize(
    ("set_before", "words"),
    [({}, "WORKER_BASE_URL is not set"), ({"WORKER_BASE_URL": "http://gate.test"}, "LENDGATE_TOKEN is not")],
)
def test_without_gate_or_token_lending_agent_says_what_to_set(
    set_before: dict[str, str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not fall back to reviewing what no gate has seen."""
    for name, value in set_before.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=words):
        lending_agent(GOOD)


def test_a_bad_policy_directory_is_said_when_the_agent_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not at the thousandth application."""
    monkeypatch.setenv("LENDGATE_POLICY_DIR", str(tmp_path))
    with pytest.raises(PolicyError, match="no pack for"):
        LendingAgent()


def problem(*errors: ProblemError) -> Problem:
    return Problem(
        type="urn:lendgate:problem:invalid-application",
        title="The application is not valid",
        status=422,
        detail="/income must be a number (and more).",
        reason="/income must be a number (and more).",
        errors=list(errors),
        request_id="r1",
    )


def test_a_rejection_says_its_reason_and_further_places() -> None:
    """One cause is not said twice; several are all named."""
    income = ProblemError(pointer="/income", detail="must be a number")
    whole = ProblemError(pointer="", detail="is too deep")
    assert EdgeRejection(problem()).text == "Rejected at edge: /income must be a number (and more)."
    assert EdgeRejection(problem(income)).text == "Rejected at edge: /income must be a number (and more)."
    assert EdgeRejection(problem(income, whole)).text.endswith("(/income must be a number; body is too deep)")


def test_the_package_offers_exactly_its_names() -> None:
    """Each resolves, dir() tells them, and a misspelt one is an AttributeError."""
    assert dir(lendgate) == sorted(lendgate.__all__)
    assert all(getattr(lendgate, name).__name__ == name for name in lendgate.__all__)
    with pytest.raises(AttributeError, match="lending_agnet"):
        lendgate.lending_agnet  # noqa: B018 - the misspelling is the point
