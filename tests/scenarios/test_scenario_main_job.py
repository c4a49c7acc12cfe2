"""The main job: an application goes through the real gate, is judged, and comes back reviewed."""

from __future__ import annotations

import gzip
import json

import httpx
import pytest

from tests.scenarios.conftest import Mint, Untouched
from tests.support.served import ROOT
from tests.support.traces import Records

pytestmark = pytest.mark.live
GOOD = {"applicant_id": "TEST-001", "income": 120000, "employment_years": 6, "debt_to_income": 0.22}
JSON = {"content-type": "application/json"}


def test_a_good_application_comes_back_low_risk_with_what_passed_and_what_comes_next(
    gate: httpx.Client,
) -> None:
    """The first of the issue's Must show: risk, passed checks, manual review of documents."""
    answer = gate.post("/lending-review", json=GOOD)
    review = answer.json()
    assert answer.status_code == 200
    assert answer.headers["location"] == f"/lending-review/{review['review_id']}"
    assert review["status"] == "completed"
    assert review["recommendation"]["risk"] == "low"
    assert review["memo"]["reviewer"] == "rules"
    assert review["memo"]["risk_summary"].startswith("Low risk")
    assert {"Income", "Debt-to-income ratio", "Length of employment"} <= set(review["memo"]["checks_passed"])
    assert "Manual review of the documents" in review["memo"]["next_step"]


def test_too_much_debt_is_not_eligible_for_the_reason_of_form_c1(gate: httpx.Client) -> None:
    """The same with 0.62: ineligible, with the words of Regulation B, Appendix C, and a person to decide."""
    review = gate.post("/lending-review", json=GOOD | {"debt_to_income": 0.62}).json()
    reasons = review["recommendation"]["reasons"]
    assert review["recommendation"]["outcome"] == "ineligible"
    assert [reasons[0]["code"], reasons[0]["text"]] == ["AA09", "Excessive obligations in relation to income"]
    assert "an underwriter confirms the figures before any decline" in review["memo"]["next_step"]


def test_validate_answers_without_the_service(gate: httpx.Client, untouched: Untouched) -> None:
    """The gate's yes holds the normalised application, who asked, and what is still missing."""
    with untouched():
        answer = gate.post("/validate", json=GOOD | {"income": "120000.00", "note_rate": None})
    said = answer.json()
    assert answer.status_code == 200
    assert said["ok"] is True
    assert said["application"] == GOOD | {"income": "120000.00", "product": "personal_loan"}
    assert said["metadata"]["request_id"] == answer.headers["x-request-id"]
    assert said["metadata"]["tenant"] == "local"
    assert {document["type"] for document in said["completeness"]["missing_documents"]} >= {"bank_statement"}


REFUSED: dict[str, tuple[bytes, int, list[str], str]] = {
    "NaN as text": (
        b'{"applicant_id":"A1","income":"NaN"}',
        422,
        ["/income", "/debt_to_income"],
        "/income must be dollars such as 95000 or 95000.50",
    ),
    "NaN as it is": (b'{"applicant_id":"A1","income":NaN}', 422, [""], "is not JSON"),
    "a bare array": (b'[{"applicant_id":"A1"}]', 422, [""], "must be a JSON object"),
    "2 MB": (b'{"applicant_id":"' + b"A" * 2_000_000 + b'"}', 413, [], "at most 262144 bytes"),
    "nothing": (b"", 422, [""], "the body is empty"),
    "a percentage": (
        b'{"applicant_id":"A1","income":1,"debt_to_income":31}',
        422,
        ["/debt_to_income"],
        "looks like a percentage, send 0.31 for 31%",
    ),
    "a field nobody knows": (
        b'{"applicant_id":"A1","income":1,"debt_to_income":0.3,"incme":1}',
        422,
        ["/incme"],
        "/incme is not a known field",
    ),
}


@pytest.mark.parametrize("path", ["/validate", "/lending-review"])
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_application_ends_at_the_edge(
    name: str, path: str, gate: httpx.Client, untouched: Untouched
) -> None:
    """A clear problem document, every wrong place named, and the service never asked."""
    body, status, pointers, words = REFUSED[name]
    with untouched():
        answer = gate.post(path, content=body, headers=JSON)
    problem = answer.json()
    assert answer.status_code == problem["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["ok"] is False
    assert sorted(error["pointer"] for error in problem["errors"]) == sorted(pointers)
    assert words.lower() in problem["reason"].lower()
    assert problem["request_id"] == answer.headers["x-request-id"]


def test_a_body_without_declared_length_is_counted_while_it_arrives(
    gate: httpx.Client, untouched: Untouched
) -> None:
    """A chunked 2 MB body is cut off at the limit, not collected first."""
    with untouched():
        answer = gate.post("/validate", content=(b"A" * 65_536 for _ in range(32)), headers=JSON)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"content-type": "text/plain"}, "Content-Type must be application/json"),
        ({"content-type": "application/json; charset=utf-16"}, "Content-Type must be application/json"),
        ({**JSON, "content-encoding": "gzip"}, "without Content-Encoding"),
    ],
)
def test_a_body_that_is_not_plain_json_is_refused(
    headers: dict[str, str], words: str, gate: httpx.Client, untouched: Untouched
) -> None:
    """Nothing is unpacked or guessed."""
    body = json.dumps(GOOD).encode()
    with untouched():
        content = gzip.compress(body) if "content-encoding" in headers else body
        answer = gate.post("/validate", content=content, headers=headers)
    assert answer.status_code == 415
    assert words in answer.json()["reason"]


def test_what_the_service_stores_is_the_digest_of_the_callers_own_bytes(
    gate: httpx.Client, records: Records
) -> None:
    """Spaces and order survive the gate: the original bytes are forwarded, not a copy of their meaning."""
    body = b'{ "debt_to_income" : 0.31,\n "income": 95000.0, "applicant_id":"BYTES-1" }'
    answer = gate.post("/lending-review", content=body, headers=JSON)
    stored = "SELECT count(*) FROM lendgate.application WHERE applicant_id = 'BYTES-1'"
    assert answer.status_code == 200
    assert records.number(f"{stored} AND body_sha256 = sha256(%s)", body) == records.number(stored) == 1


def test_the_audit_trail_tells_of_acceptance_and_completion(gate: httpx.Client, records: Records) -> None:
    """Invariant e, seen from outside: each change of state has its event."""
    review = gate.post("/lending-review", json=GOOD | {"debt_to_income": 0.62}).json()
    query = "SELECT count(*) FROM lendgate.audit_event WHERE event::text LIKE %s AND kind = %s"
    mentions = f"%{review['review_id']}%"
    assert records.number(query, mentions, "application.accepted") == 1
    assert records.number(query, mentions, "review.completed") == 1
    assert records.number(query, mentions, "referral.opened") == 1


def test_a_broker_beyond_its_quota_waits_and_others_do_not(
    stranger: httpx.Client, mint: Mint, untouched: Untouched
) -> None:
    """The review quota refuses the 121st try of a minute, says for how long, and is the broker's own."""
    eager, calm = ({"authorization": f"Bearer {mint()}"} for _ in range(2))
    with untouched():
        tries = [stranger.post("/lending-review", content=b"{}", headers=JSON | eager) for _ in range(121)]
        other = stranger.post("/lending-review", content=b"{}", headers=JSON | calm)
    assert [answer.status_code for answer in tries] == [422] * 120 + [429]
    assert int(tries[-1].headers["retry-after"]) >= 1
    assert '"review-minute";r=0' in tries[-1].headers["ratelimit"]
    assert other.status_code == 422


def test_the_gate_hands_out_the_published_api(stranger: httpx.Client) -> None:
    """GET /openapi.json, for everybody, is the committed document."""
    answer = stranger.get("/openapi.json")
    assert answer.status_code == 200
    assert answer.json() == json.loads((ROOT / "contract/openapi.json").read_text())


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/livez", 200),
        ("GET", "/readyz", 200),
        ("GET", "/nothing/here", 404),
        ("GET", "/validate", 405),
        ("DELETE", "/lending-review", 405),
        ("GET", "/metrics", 404),
    ],
)
def test_the_gate_has_the_documented_routes_only(
    method: str, path: str, status: int, gate: httpx.Client
) -> None:
    """Health for everybody, and nothing of the service's own inside shows outside."""
    assert gate.request(method, path).status_code == status
