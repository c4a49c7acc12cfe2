"""The SDK: what it sends, what it reads, what it raises."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import httpx
import pytest

from lendgate.client import AsyncLendgateClient, LendgateClient, RefusedError, encode
from lendgate.errors import GateUnavailableError
from lendgate.schema import Application

REVIEW = {
    "review_id": "r1",
    "status": "queued",
    "applicant_id": "A1",
    "product": "personal_loan",
    "request_id": "q1",
    "created_at": "2026-11-22T10:00:00.000Z",
    "a_member_of_tomorrow": True,
}
PROBLEM = {
    "type": "urn:lendgate:problem:invalid-application",
    "title": "The application is not valid",
    "status": 422,
    "detail": "1 place is wrong.",
    "ok": False,
    "reason": "1 place is wrong.",
    "errors": [{"pointer": "/income", "detail": "is required"}],
    "request_id": "q1",
}


def client(answer: Callable[[httpx.Request], httpx.Response]) -> LendgateClient:
    """A client whose gate is a function."""
    return LendgateClient("http://gate.test/", "secret-token", transport=httpx.MockTransport(answer))


def test_a_review_is_sent_with_token_wait_and_a_fresh_idempotency_key() -> None:
    """Two calls carry two keys, so that a repeat by the SDK's user is a new request unless they say so."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(202, json=REVIEW)

    with client(answer) as gate:
        first = gate.review({"applicant_id": "A1"}, wait=2.5)
        gate.review({"applicant_id": "A1"})
    assert first.review_id == "r1"
    assert seen[0].headers["authorization"] == "Bearer secret-token"
    assert seen[0].headers["prefer"] == "wait=2.5"
    assert seen[0].headers["idempotency-key"] != seen[1].headers["idempotency-key"]


def test_a_refusal_carries_the_problem_document() -> None:
    """The caller can read every place that is wrong."""
    with (
        client(
            lambda _: httpx.Response(422, json=PROBLEM, headers={"content-type": "application/problem+json"})
        ) as gate,
        pytest.raises(RefusedError) as refusal,
    ):
        gate.validate({})
    assert refusal.value.problem.errors[0].pointer == "/income"


def test_a_failure_without_a_problem_document_is_not_taken_for_an_answer() -> None:
    """A proxy's HTML page is not a refusal by the gate."""
    with (
        client(lambda _: httpx.Response(502, text="<h1>Bad gateway</h1>")) as gate,
        pytest.raises(GateUnavailableError, match="without a problem document"),
    ):
        gate.get_review("r1")


def test_a_success_in_an_unknown_shape_is_an_error() -> None:
    """Reading half an answer would be guessing."""
    with (
        client(lambda _: httpx.Response(200, json={"hello": "world"})) as gate,
        pytest.raises(GateUnavailableError, match="does not know"),
    ):
        gate.get_review("r1")


def test_an_unreachable_gate_says_what_to_do() -> None:
    """The message names the address and the command that starts a gate."""

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with client(refuse) as gate, pytest.raises(GateUnavailableError, match="lendgate serve"):
        gate.validate({})


def test_the_async_client_speaks_the_same() -> None:
    """Same request, same typed answer."""

    async def run() -> str:
        transport = httpx.MockTransport(lambda _: httpx.Response(200, json=REVIEW))
        async with AsyncLendgateClient("http://gate.test", "t", transport=transport) as gate:
            return (await gate.get_review("r1")).review_id

    assert asyncio.run(run()) == "r1"


def test_bodies_are_sent_as_the_caller_means_them() -> None:
    """Bytes untouched, models without empty members, decimals as numbers, dates as dates."""
    model = Application.model_validate({"applicant_id": "A1", "income": "95000.50", "debt_to_income": 0.31})
    assert encode(b"{not json") == b"{not json"
    assert json.loads(encode(model)) == {
        "applicant_id": "A1",
        "income": 95000.5,
        "debt_to_income": 0.31,
        "product": "personal_loan",
    }
    assert json.loads(encode({"income": Decimal("1.10"), "on": date(2026, 11, 22)})) == {
        "income": 1.1,
        "on": "2026-11-22",
    }


def test_what_json_cannot_carry_is_the_callers_error() -> None:
    """A set is not quietly turned into something."""
    with pytest.raises(TypeError, match="set cannot be sent as JSON"):
        encode({"documents": {"pay_stub"}})


def test_nan_reaches_the_gate_as_it_is() -> None:
    """The gate refuses it with a pointer; the SDK does not hide it."""
    assert encode({"income": float("nan")}) == b'{"income": NaN}'


@pytest.mark.parametrize(("size", "sent"), [(262_144, 1), (262_145, 0)])
def test_a_body_the_gate_would_not_take_is_refused_in_its_words(size: int, sent: int) -> None:
    """The gate hangs up on such a body, which would look like a gate that is away."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(422, json=PROBLEM, headers={"content-type": "application/problem+json"})

    with client(answer) as gate, pytest.raises(RefusedError) as refusal:
        gate.validate(b" " * size)
    assert len(seen) == sent
    assert refusal.value.problem.status == (422 if sent else 413)
