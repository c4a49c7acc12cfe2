"""Invariant k at the running service: what the edge did not sign, just now and once, gets nowhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from lendgate.web.signature import Signer, content_digest, seal
from lendgate.web.signature_base import SignedRequest, read_input
from lendgate.web.signature_keys import HmacKey
from tests.support.edge_hand import GOOD, EdgeHand, as_http, principal
from tests.support.served import Served
from tests.support.traces import Records

pytestmark = pytest.mark.live
Make = Callable[[EdgeHand], SignedRequest]
SOMEWHERE = "/lending-review/6f9619ff-8b86-4d01-b42d-00cf4fc964ff"


def now() -> datetime:
    return datetime.now(UTC)


def unsigned(hand: EdgeHand) -> SignedRequest:
    request = hand.post()
    return replace(request, headers=tuple(h for h in request.headers if not h[0].startswith("signature")))


def another_body_with_its_digest(hand: EdgeHand) -> SignedRequest:
    body = GOOD.replace(b"0.22", b"0.02")
    return replace(hand.post(), body=body).with_headers({"content-digest": content_digest(body)})


def another_principal(hand: EdgeHand) -> SignedRequest:
    other = replace(hand, caller=principal("other-tenant")).post()
    return hand.post().with_headers({"lendgate-principal": other.field("lendgate-principal")})


def disagreeing(hand: EdgeHand) -> SignedRequest:
    """Rightly signed, but its principal and its metadata are of two brokers."""
    other = replace(hand, caller=principal("local", "other-broker")).post()
    mixed = hand.post().with_headers({"lendgate-principal": other.field("lendgate-principal")})
    return seal(mixed, hand.signer.key, read_input(mixed.field("signature-input")).parameters)


def long_lived(hand: EdgeHand) -> SignedRequest:
    request = hand.post()
    parameters = read_input(request.field("signature-input")).parameters
    return seal(request, hand.signer.key, replace(parameters, expires=parameters.created + 3600))


def another_algorithm(hand: EdgeHand) -> SignedRequest:
    request = hand.post()
    parameters = read_input(request.field("signature-input")).parameters
    return seal(request, hand.signer.key, replace(parameters, algorithm="ed25519"))


def two_signatures(hand: EdgeHand) -> SignedRequest:
    request = hand.post()
    return replace(request, headers=(*request.headers, ("signature", request.field("signature"))))


def signed_with(hand: EdgeHand, key_id: str, secret: bytes) -> SignedRequest:
    return replace(hand, signer=Signer(key_id, HmacKey(secret))).post()


ALTERED = "The signature does not match the request: it was altered on the way."
ATTACKS: dict[str, tuple[Make, str]] = {
    "unsigned": (unsigned, "The request carries no signature header"),
    "altered method": (lambda hand: replace(hand.post(), method="PUT"), ALTERED),
    "altered path": (lambda hand: replace(hand.get(SOMEWHERE), path=SOMEWHERE[:-1] + "5"), ALTERED),
    "altered query": (lambda hand: replace(hand.post(), query="as=admin"), ALTERED),
    "query taken away": (lambda hand: replace(hand.get(f"{SOMEWHERE}?a=1"), query=""), ALTERED),
    "altered body": (
        lambda hand: replace(hand.post(), body=GOOD.replace(b"0.22", b"0.02")),
        "The body does not have the digest that was signed.",
    ),
    "altered body and digest": (another_body_with_its_digest, ALTERED),
    "altered header": (lambda hand: hand.post(prefer="wait=1").with_headers({"prefer": "wait=0"}), ALTERED),
    "another request id": (lambda hand: hand.post().with_headers({"x-request-id": "other"}), ALTERED),
    "another principal": (another_principal, ALTERED),
    "header slipped in": (
        lambda hand: hand.post().with_headers({"idempotency-key": "k"}),
        "The signature does not cover idempotency-key.",
    ),
    "header taken away": (
        lambda hand: replace(
            (request := hand.post(prefer="wait=1")),
            headers=tuple(h for h in request.headers if h[0] != "prefer"),
        ),
        "The signature covers prefer",
    ),
    "stale": (lambda hand: replace(hand, at=now() - timedelta(seconds=61)).post(), "has expired"),
    "future": (
        lambda hand: replace(hand, at=now() + timedelta(seconds=30)).post(),
        "created in the future: check both clocks",
    ),
    "long lived": (long_lived, "must expire within 60 seconds"),
    "unknown key": (lambda hand: signed_with(hand, "edge-9", b"x" * 32), "a key that this service does not"),
    "another secret": (lambda hand: signed_with(hand, hand.signer.key_id, b"x" * 32), ALTERED),
    "another algorithm": (another_algorithm, "another algorithm than its key is for"),
    "two signatures": (two_signatures, "carries the signature header 2 times"),
    "two callers": (disagreeing, "the principal name different callers"),
}


def test_invariant_k_a_rightly_signed_request_gets_in(origin: httpx.Client, edge_hand: EdgeHand) -> None:
    """The control: what the attacks differ from is accepted."""
    answer = origin.send(as_http(edge_hand.post(), str(origin.base_url)))
    assert answer.status_code == 200
    assert answer.json()["recommendation"]["risk"] == "low"


@pytest.mark.parametrize("name", ATTACKS)
def test_invariant_k_nothing_gets_in_unless_the_edge_signed_it(
    name: str, origin: httpx.Client, edge_hand: EdgeHand, records: Records
) -> None:
    """401 with its own cause, and nothing stored."""
    make, words = ATTACKS[name]
    before = records.stored()
    answer = origin.send(as_http(make(edge_hand), str(origin.base_url)))
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (401, "urn:lendgate:problem:unsigned-request")
    assert words in problem["reason"]
    assert records.stored() == before


def test_invariant_k_a_replay_is_refused_and_stores_nothing_more(
    origin: httpx.Client, edge_hand: EdgeHand, records: Records
) -> None:
    """The same bytes a second time are no second request."""
    request = edge_hand.post()
    before = records.stored()
    first = origin.send(as_http(request, str(origin.base_url)))
    second = origin.send(as_http(request, str(origin.base_url)))
    assert [first.status_code, second.status_code] == [200, 401]
    assert second.json()["reason"] == "The signed request was used already; each one is good once."
    assert records.stored() == (before[0] + 1, before[1] + 1)


def test_a_refused_request_does_not_use_up_its_nonce(origin: httpx.Client, edge_hand: EdgeHand) -> None:
    """Nobody but the edge can spend a nonce: an altered copy does not lock the genuine request out."""
    request = edge_hand.post()
    spoiled = replace(request, body=b"{}")
    answers = [origin.send(as_http(sent, str(origin.base_url))) for sent in (spoiled, request)]
    assert [answer.status_code for answer in answers] == [401, 200]


def test_the_reasons_differ(origin: httpx.Client, edge_hand: EdgeHand) -> None:
    """An operator can tell a wrong clock from a wrong key from a replay."""
    names = ("unsigned", "stale", "future", "unknown key", "altered body", "altered path", "two callers")
    requests = [ATTACKS[name][0](edge_hand) for name in names]
    reasons = {origin.send(as_http(sent, str(origin.base_url))).json()["reason"] for sent in requests}
    assert len(reasons) == len(names)


def test_refusals_are_counted_as_what_they_are(
    platform: Served, origin: httpx.Client, edge_hand: EdgeHand
) -> None:
    """A refusal is a 401 in the metrics, not a failure of ours."""
    before = origin.get("/metrics").text
    origin.send(as_http(unsigned(edge_hand), platform.origin))
    after = origin.get("/metrics").text
    line = 'lendgate_requests_total{route="unrouted",status="401"}'
    assert after.partition(line)[2].split()[0] != before.partition(line)[2].partition("\n")[0]
    assert 'status="500"' not in after


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
def test_only_health_and_metrics_answer_the_unsigned(path: str, origin: httpx.Client) -> None:
    """An orchestrator may ask whether the service is well; the answer names nobody."""
    answer = origin.get(path)
    assert answer.status_code == 200
    assert "demo-broker" not in answer.text
