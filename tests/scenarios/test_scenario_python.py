"""Python users' journeys through the gate: ``lending_agent`` and the SDK."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from lendgate import (
    AsyncLendgateClient,
    AsyncLendingAgent,
    LendgateClient,
    LendingAgent,
    lending_agent,
    process_application,
)
from lendgate.agent import CaseReview, EdgeRejection
from lendgate.client import RefusedError
from lendgate.errors import GateUnavailableError
from lendgate.schema import Application
from tests.scenarios.conftest import Mint, Untouched
from tests.support.served import Served

pytestmark = pytest.mark.live
GOOD = {"applicant_id": "TEST-001", "income": 120000, "employment_years": 6, "debt_to_income": 0.22}


@pytest.fixture(autouse=True)
def _environment(platform: Served, mint: Mint, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `lendgate serve` tells people to export."""
    monkeypatch.setenv("WORKER_BASE_URL", platform.worker)
    monkeypatch.setenv("LENDGATE_TOKEN", mint())


def test_lending_agent_gives_three_short_paragraphs() -> None:
    """Risk summary, primary checks passed, recommended next step."""
    summary, passed, step = lending_agent(GOOD).split("\n\n")
    assert summary.startswith("Low risk")
    assert passed.startswith("Primary checks passed: ")
    assert "Debt-to-income ratio" in passed
    assert step.startswith("Recommended next step: Manual review of the documents")


@pytest.mark.parametrize(
    ("application", "words"),
    [
        ({"applicant_id": "A1", "income": "NaN", "debt_to_income": 0.3}, "/income must be dollars such as"),
        ({"applicant_id": "A1", "income": float("nan"), "debt_to_income": 0.3}, "The body is not JSON"),
        (b"[]", "The body must be a JSON object."),
    ],
)
def test_lending_agent_says_what_the_gate_refused(
    application: dict[str, object] | bytes, words: str, untouched: Untouched
) -> None:
    """`Rejected at edge: <reason>`, in the gate's own words, once; nothing was reviewed."""
    with untouched():
        said = lending_agent(application)
    assert said.startswith("Rejected at edge: ")
    assert said.count(words) == 1


def test_a_rejection_with_several_causes_names_each() -> None:
    """The places are there for people, and typed for programs."""
    result = process_application({"applicant_id": "A1", "income": -1, "debt_to_income": 31, "incme": 1})
    assert isinstance(result, EdgeRejection)
    assert {error.pointer for error in result.problem.errors} == {"/income", "/debt_to_income", "/incme"}
    assert all(pointer in result.text for pointer in ("/income", "/debt_to_income", "/incme"))


def test_process_application_gives_typed_results_and_the_gates_metadata() -> None:
    """The enriched payload of the gate is what is reviewed."""
    result = process_application(Application.model_validate(GOOD))
    assert isinstance(result, CaseReview)
    assert result.metadata is not None
    assert result.recommendation.risk == "low"
    assert result.memo.reviewer == "rules"
    assert result.usage.cost_usd == 0
    assert "income" in {finding.rule for finding in result.findings}
    assert result.application.income == Decimal(120000)


def test_the_sync_agent_works_inside_and_outside_of_a_loop() -> None:
    """One agent, many calls; the async twin says the same."""
    agent = LendingAgent()

    async def run() -> str:
        return await AsyncLendingAgent()(GOOD)

    assert agent(GOOD) == agent(GOOD) == asyncio.run(run())


def test_a_forged_token_is_a_rejection_too(platform: Served, mint: Mint) -> None:
    """The agent says what the gate said, and does not review."""
    text = LendingAgent(platform.worker, mint()[:-4] + "AAAA")(GOOD)
    assert text.startswith("Rejected at edge: The access token is not valid")


def test_a_gate_that_is_away_is_no_review(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is reviewed that no gate let through; the sentence says what to do."""
    monkeypatch.setenv("WORKER_BASE_URL", "http://127.0.0.1:9")
    with pytest.raises(GateUnavailableError, match="is it running"):
        lending_agent(GOOD)


def test_the_sdk_reviews_reads_and_refuses(platform: Served, mint: Mint) -> None:
    """The synchronous client, end to end."""
    with LendgateClient(platform.worker, mint()) as client:
        validated = client.validate(GOOD)
        review = client.review(GOOD)
        again = client.get_review(review.review_id)
        with pytest.raises(RefusedError) as refused:
            client.validate({})
    assert validated.completeness.complete is False
    assert review.status == again.status == "completed"
    assert review.recommendation == again.recommendation
    assert refused.value.problem.status == 422


def test_the_async_sdk_reviews_many_at_once(platform: Served, mint: Mint) -> None:
    """Twenty at a time, each its own review."""

    async def run() -> list[str]:
        async with AsyncLendgateClient(platform.worker, mint()) as client:
            sent = [client.review({**GOOD, "applicant_id": f"MANY-{n}"}) for n in range(20)]
            return [review.applicant_id for review in await asyncio.gather(*sent)]

    assert asyncio.run(run()) == [f"MANY-{n}" for n in range(20)]


def test_wait_zero_is_an_accepted_review(platform: Served, mint: Mint) -> None:
    """202 is a review, too, to be asked for by its id; one that has ended by then is the answer itself."""
    with LendgateClient(platform.worker, mint()) as client:
        accepted = client.review(GOOD, wait=0)
        assert accepted.status in {"queued", "completed"}
        assert client.get_review(accepted.review_id).applicant_id == "TEST-001"
