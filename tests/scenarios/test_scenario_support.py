"""The broker's support agent through the gate: asked, streamed, looked up, and nobody else's."""

from __future__ import annotations

import json

import httpx
import pytest

from lendgate.client import LendgateClient, RefusedError
from lendgate.schema.support import SupportAnswer, SupportSentence
from tests.scenarios.conftest import Mint
from tests.support.edge_hand import JSON
from tests.support.leaks import private_phrases
from tests.support.served import Served

pytestmark = pytest.mark.live
STRAINED = {"applicant_id": "S-9", "income": 60000, "debt_to_income": 0.6227, "employment_years": 3.7}


@pytest.fixture
def broker(platform: Served, mint: Mint) -> LendgateClient:
    """A broker with the SDK."""
    return LendgateClient(platform.worker, mint(broker_id="support-broker"))


def test_a_broker_asks_streams_looks_and_asks_for_a_person(broker: LendgateClient) -> None:
    """The whole journey, with the SDK, through workerd."""
    with broker as gate:
        review = gate.review(STRAINED)
        told = gate.support.ask(review.review_id, "Why is it not eligible?")
        *said, whole = gate.support.stream(
            review.review_id, "And what would help?", conversation_id=told.conversation_id
        )
        opened = gate.support.correct(review.review_id, "The income is 90,000.", kind="correction")
        status = gate.support.status(review.review_id)
    assert "Excessive obligations in relation to income" in told.answer
    assert isinstance(whole, SupportAnswer)
    assert whole.answer == " ".join(one.text for one in said if isinstance(one, SupportSentence))
    assert whole.conversation_id == told.conversation_id
    assert status.requests == (opened,)
    squeezed = " ".join(f"{told.answer} {whole.answer}".lower().split())
    assert [text for text in private_phrases() if text in squeezed] == []


def test_a_review_of_somebody_else_has_no_support(platform: Served, mint: Mint) -> None:
    """404 for another broker and for another tenant, on every route and in every form."""
    with LendgateClient(platform.worker, mint(broker_id="owner")) as owner:
        review_id = owner.review(STRAINED).review_id
        conversation = owner.support.ask(review_id, "Why?").conversation_id
    for tenant, broker_id in (("local", "rival"), ("elsewhere", "owner")):
        with LendgateClient(platform.worker, mint(tenant=tenant, broker_id=broker_id)) as other:
            own_id = other.review(STRAINED).review_id
            calls = (
                lambda gate=other: gate.support.ask(review_id, "Why?"),
                lambda gate=other: list(gate.support.stream(review_id, "Why?")),
                lambda gate=other: gate.support.status(review_id),
                lambda gate=other: gate.support.correct(review_id, "x"),
                lambda gate=other, own=own_id: gate.support.ask(own, "Why?", conversation_id=conversation),
            )
            for call in calls:
                with pytest.raises(RefusedError) as refusal:
                    call()
                assert refusal.value.problem.status == 404


def test_status_is_not_sent_twice(gate: httpx.Client) -> None:
    """304 while it is known and unchanged."""
    review_id = gate.post("/lending-review", content=json.dumps(STRAINED), headers=JSON).json()["review_id"]
    first = gate.get(f"/support/status/{review_id}")
    again = gate.get(f"/support/status/{review_id}", headers={"if-none-match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
