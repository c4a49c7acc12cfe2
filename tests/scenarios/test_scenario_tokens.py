"""Forged access tokens at the live gate: none gets in, each refusal says what is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping

import httpx
import pytest
from joserfc.jwk import ECKey

from contract.operations import OPERATIONS, Operation
from tests.scenarios.conftest import Untouched
from tests.support.edge_hand import GOOD, JSON
from tests.support.forged_tokens import Forged, Forger, forgeries
from tests.support.served import Served

pytestmark = pytest.mark.live
LEAST_KINDS = 24
SOMEBODY = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
CLOSED = [operation for operation in OPERATIONS if operation.scope]
DOCUMENT = {
    "content-type": "application/pdf",
    "content-digest": "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
}
# The names alone: the tokens under test are made with the platform's own key.
NAMES = tuple(forgeries(Forger(ECKey.generate_key("P-256"))))


@pytest.fixture(scope="module")
def forger(platform: Served) -> Forger:
    """Somebody who has the issuer's key and misuses it."""
    return Forger(platform.keys.token_key)


@pytest.fixture(scope="module")
def forged(forger: Forger) -> Mapping[str, Forged]:
    """Every kind of forged token."""
    return forgeries(forger)


def bearer(token: str) -> dict[str, str]:
    return {**JSON, "authorization": f"Bearer {token}"}


def knocked(client: httpx.Client, operation: Operation, token: str) -> httpx.Response:
    """A request of an operation that nothing is wrong with but its token."""
    path = re.sub(r"\{[a-z_]+\}", SOMEBODY, operation.path)
    headers = bearer(token) | {"if-match": '"1"'} | (DOCUMENT if operation.method == "PUT" else {})
    body = None if operation.body is None else GOOD
    return client.request(operation.method, path, content=body, headers=headers)


def test_the_forgers_good_token_gets_in(forger: Forger, stranger: httpx.Client) -> None:
    """The control: what the forgeries differ from is accepted."""
    answer = stranger.post("/validate", content=GOOD, headers=bearer(forger.token()))
    assert answer.status_code == 200


def test_there_are_enough_kinds() -> None:
    """At least the 24 of the issue."""
    assert len(NAMES) >= LEAST_KINDS


@pytest.mark.parametrize("name", NAMES)
def test_a_forged_token_gets_nowhere(
    name: str, forged: Mapping[str, Forged], stranger: httpx.Client, untouched: Untouched
) -> None:
    """401 or 403 on every route that needs a caller, with the cause, and the service never asked."""
    sent = forged[name]
    with untouched():
        answers = [knocked(stranger, operation, sent.token) for operation in CLOSED]
    for answer in answers:
        problem = answer.json()
        assert answer.status_code == sent.status
        assert problem["ok"] is False
        assert sent.words in problem["reason"]
        assert answer.headers["www-authenticate"].startswith("Bearer ")
        assert not any(part in answer.text for part in sent.token.split(".") if len(part) > 8)


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({}, "needs an access token"),
        ({"authorization": "Basic YWRtaW46YWRtaW4="}, "Authorization must be: Bearer <token>"),
        ({"authorization": "Bearer"}, "Authorization must be: Bearer <token>"),
        ({"authorization": "Bearer a.b.c d.e.f"}, "Authorization must be: Bearer <token>"),
        ({"authorization": "Bearer not-a-token"}, "it is not a signed JWT"),
    ],
)
def test_a_request_without_a_bearer_token_gets_nowhere(
    headers: dict[str, str], words: str, stranger: httpx.Client, untouched: Untouched
) -> None:
    """The refusal says how a token is sent."""
    with untouched():
        answer = stranger.post("/lending-review", content=GOOD, headers=JSON | headers)
    assert answer.status_code == 401
    assert words in answer.json()["reason"]


def test_a_token_of_two_megabytes_is_refused(
    forger: Forger, stranger: httpx.Client, untouched: Untouched
) -> None:
    """The runtime's own bound on headers comes first; the connection is closed or told 4xx."""
    token = forger.token(claims=forger.claims(padding="x" * 2_000_000))
    with untouched():
        try:
            status = stranger.post("/validate", content=GOOD, headers=bearer(token)).status_code
        except httpx.TransportError:
            status = 431
    assert 400 <= status < 500


def test_the_gates_own_headers_cannot_be_brought_along(forger: Forger, stranger: httpx.Client) -> None:
    """What only the edge may say is replaced, so a caller cannot name another principal."""
    extra = {
        "lendgate-principal": "eyJ0ZW5hbnQiOiJvdGhlciJ9",
        "x-request-id": "mine",
        "signature": "edge=:AAAA:",
        "signature-input": 'edge=("@method")',
        "content-digest": "sha-256=:AAAA:",
    }
    token = forger.token(claims=forger.claims(broker_id="header-bringer"))
    answer = stranger.post("/lending-review", content=GOOD, headers=bearer(token) | extra)
    assert answer.status_code == 200
    assert answer.headers["x-request-id"] == answer.json()["request_id"] != "mine"
