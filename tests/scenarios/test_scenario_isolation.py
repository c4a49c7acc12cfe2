"""Whose review is whose, and who may do what: other tenants, other brokers, other scopes."""

from __future__ import annotations

import re
from dataclasses import replace

import httpx
import pytest

from contract.operations import OPERATIONS, Operation
from tests.scenarios.conftest import Mint, Untouched
from tests.support.edge_hand import GOOD, JSON, SCOPES, EdgeHand, as_http, principal

pytestmark = pytest.mark.live
SOMEBODY = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"


DOCUMENT = {
    "content-type": "application/pdf",
    "content-digest": "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
}


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@pytest.mark.parametrize("suffix", ["", "/events"])
@pytest.mark.parametrize(
    ("tenant", "broker_id"), [("local", "rival"), ("elsewhere", "owner"), ("elsewhere", "rival")]
)
def test_a_review_of_somebody_else_is_one_that_does_not_exist(
    tenant: str, broker_id: str, suffix: str, stranger: httpx.Client, mint: Mint
) -> None:
    """404 for another broker and for another tenant, word for word as for an id that never was."""
    own, others = (bearer(mint(tenant=t, broker_id=b)) for t, b in (("local", "owner"), (tenant, broker_id)))
    made = stranger.post("/lending-review", content=GOOD, headers=JSON | own).json()
    path = f"/lending-review/{made['review_id']}{suffix}"
    theirs = stranger.get(path, headers=others)
    never = stranger.get(f"/lending-review/{SOMEBODY}{suffix}", headers=others)
    assert stranger.get(path, headers=own).status_code == 200
    assert (theirs.status_code, theirs.json()["reason"]) == (404, never.json()["reason"])


@pytest.mark.parametrize("review_id", ["1", "not-a-uuid", "..", "%2e%2e", "a" * 64, "6f9619ff_8b86", "'--"])
def test_an_id_that_is_none_is_not_found(review_id: str, gate: httpx.Client) -> None:
    """Nothing a caller writes into the path becomes anything but a 404 (or no route at all)."""
    answer = gate.get(f"/lending-review/{review_id}")
    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:lendgate:problem:not-found"


@pytest.mark.parametrize(
    "operation", [operation for operation in OPERATIONS if operation.scope], ids=lambda one: one.id
)
def test_the_gate_asks_for_each_routes_scope(
    operation: Operation, stranger: httpx.Client, mint: Mint, untouched: Untouched
) -> None:
    """A token with every scope but the needed one gets 403 and is told which it lacks."""
    token = mint(*(set(SCOPES) - {str(operation.scope)}))
    path = re.sub(r"\{[a-z_]+\}", SOMEBODY, operation.path)
    headers = JSON | {"if-match": '"1"'} | (DOCUMENT if operation.method == "PUT" else {}) | bearer(token)
    with untouched():
        answer = stranger.request(operation.method, path, content=GOOD, headers=headers)
    assert answer.status_code == 403
    assert answer.json()["reason"] == f"The access token lacks the scope {operation.scope}."


@pytest.mark.parametrize(
    ("path", "needed"),
    [
        ("/lending-review", "review:write"),
        ("/lending-review/6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "review:read"),
        ("/lending-review/6f9619ff-8b86-4d01-b42d-00cf4fc964ff/events", "review:read"),
    ],
)
def test_the_service_asks_for_the_scope_again(
    path: str, needed: str, origin: httpx.Client, edge_hand: EdgeHand
) -> None:
    """The gate's check is not the only one: a principal without the scope is refused behind it, too."""
    hand = replace(edge_hand, caller=principal("local", "demo-broker", "validate"))
    request = hand.post(path=path) if needed == "review:write" else hand.get(path)
    answer = origin.send(as_http(request, str(origin.base_url)))
    assert (answer.status_code, needed in answer.json()["reason"]) == (403, True)
