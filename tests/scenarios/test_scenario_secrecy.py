"""Invariants f and g through the whole platform: what must not be said is not said, anywhere."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import pytest

from lendgate.store.database import Database
from lendgate.store.embedded import EmbeddedPostgres
from lendgate.store.keyring import MasterKeys
from lendgate.store.reviews import load_assessment, load_review_for_work
from lendgate.web.signature_base import decode_base64url
from tests.scenarios.conftest import Mint
from tests.support.command import lendgate
from tests.support.edge_hand import JSON
from tests.support.leaks import limit_numbers, numbers_in, private_phrases, prose
from tests.support.served import Served, speaking_to
from tests.support.traces import Records

pytestmark = pytest.mark.live
# Every figure is one that no limit of a pack has, so that a limit in an answer stands out.
SMALL: dict[str, Any] = {
    "applicant_id": "S-1",
    "income": 118350,
    "debt_to_income": 0.2213,
    "employment_years": 7.75,
}
LOAN: dict[str, Any] = {
    **SMALL,
    "amount_requested": 15250,
    "term_months": 49,
    "apr": 0.1187,
    "credit": {
        "score": 751,
        "oldest_trade_months": 133,
        "inquiries_six_months": 8,
        "delinquencies_current": 0,
    },
    "applicants": [{"declarations": {"foreclosure": False, "outstanding_judgments": False}}],
}
HOME: dict[str, Any] = {
    **SMALL,
    "product": "mortgage",
    "amount_requested": 371400,
    "term_months": 351,
    "note_rate": 0.0671,
    "loan_purpose": "Purchase",
    "property_usage": "PrimaryResidence",
    "property": {"value": 439300},
    "credit": {"score": 733},
}
APPLICATIONS: Sequence[dict[str, Any]] = (
    SMALL,
    LOAN,
    {**SMALL, "debt_to_income": 0.6227},
    {**SMALL, "debt_to_income": 0.4441},
    {**SMALL, "income": 9150},
    {**SMALL, "employment_years": 0.7},
    {**LOAN, "credit": {**LOAN["credit"], "score": 553, "delinquencies_current": 5}},
    {**LOAN, "applicants": [{"declarations": {"bankruptcy": {"chapter": "ChapterSeven"}}}]},
    {**SMALL, "product": "mortgage"},
    HOME,
    {**HOME, "debt_to_income": 0.5713},
    {**HOME, "property": {"value": 380100}},
    {**HOME, "credit": {"score": 583}},
)
CANARIES = {
    "ethnicity": "CanaryEthnicityXq",
    "race": "CanaryRaceXq",
    "sex": "CanarySexXq",
    "first": "CanaryFirstXq",
    "last": "CanaryLastXq",
    "employer": "CanaryEmployerXq",
    "street": "CanaryStreetXq",
    "vault": "CanaryTokenXq1234",
}
PERSON: dict[str, Any] = {
    **LOAN,
    "applicant_id": "CANARY-1",
    "applicants": [
        {
            "name": {"first": CANARIES["first"], "last": CANARIES["last"]},
            "birth_date": "1961-07-23",
            "taxpayer_identifier_token": CANARIES["vault"],
            "employments": [{"employer": CANARIES["employer"], "status": "Current"}],
        }
    ],
    "property": {
        "address": {"line": CANARIES["street"], "city": "Austin", "state": "TX", "postal_code": "78701"}
    },
    "monitoring": {
        "applicants": [
            {
                "ethnicity": [CANARIES["ethnicity"]],
                "race": [CANARIES["race"]],
                "sex": [CANARIES["sex"]],
                "age": 65,
                "marital_status": "Separated",
                "collected": "self",
            }
        ]
    },
}
MONITORED = ("ethnicity", "race", "sex")


@pytest.fixture(scope="module")
def reviewed(platform: Served, mint: Mint) -> Sequence[httpx.Response]:
    """Every answer of every route that a broker can get about these applications."""
    with speaking_to(platform.worker, mint()) as gate:
        return [answer for body in APPLICATIONS for answer in _about(gate, body)]


def _about(gate: httpx.Client, body: dict[str, Any]) -> Iterator[httpx.Response]:
    yield gate.post("/validate", json=body)
    review = gate.post("/lending-review", json=body)
    yield review
    yield gate.get(review.headers["location"])
    yield gate.get(f"{review.headers['location']}/events")
    yield gate.post("/lending-review", json=body, headers={"prefer": "wait=0"})
    yield gate.post("/lending-review", json={**body, "debt_to_income": 31})
    yield gate.post("/lending-review", content=json.dumps(body).encode()[:-1], headers=JSON)
    yield gate.get("/lending-review/nothing-here")
    yield gate.get("/readyz")


def test_the_applications_cover_every_outcome(reviewed: Sequence[httpx.Response]) -> None:
    """A leak test that never saw a failed check would prove little."""
    found = [answer.json() for answer in reviewed if "recommendation" in answer.text]
    outcomes = {review["recommendation"]["outcome"] for review in found if review.get("recommendation")}
    results = {finding["result"] for review in found for finding in review["findings"]}
    assert outcomes == {"eligible", "refer", "ineligible", "incomplete"}
    assert results == {"pass", "fail", "not_evaluable"}


def test_invariant_g_no_answer_holds_a_rule_a_note_a_citation_or_a_source(
    reviewed: Sequence[httpx.Response],
) -> None:
    """Whatever the packs say in private stands in no body and no header of any route."""
    phrases = private_phrases()
    assert len(phrases) > 50
    for answer in reviewed:
        said = " ".join(f"{answer.text} {answer.headers}".lower().split())
        assert [phrase for phrase in phrases if phrase in said] == []


def test_invariant_g_no_answer_holds_a_limit(reviewed: Sequence[httpx.Response]) -> None:
    """No number in the prose of a review is a limit of a pack, in any of the ways it could be written."""
    limits = limit_numbers()
    reviews = [answer.json() for answer in reviewed if answer.headers["content-type"] == "application/json"]
    said = [text for review in reviews for text in prose(_without_application(review))]
    assert len(said) > 100
    assert {text: found for text in said if (found := numbers_in(text) & limits)} == {}


def _without_application(answer: dict[str, Any]) -> dict[str, Any]:
    """What we say, without what the caller said: ``/validate`` hands the application back."""
    return {name: item for name, item in answer.items() if name not in ("application", "metadata")}


def test_a_limit_in_an_answer_would_be_found() -> None:
    """The referee can see: each way of writing a limit is recognised."""
    limits = limit_numbers()
    for text in ("at most 50%", "below 0.50", "a score of 660", "$12,000 a year", "12 months", "40 %"):
        assert numbers_in(text) & limits, text
    assert not numbers_in("8 of 12 checks could not be made") & limits


@pytest.fixture(scope="module")
def sent_canaries(platform: Served, mint: Mint) -> Sequence[httpx.Response]:
    """One application full of canaries, through every route, accepted and refused."""
    with speaking_to(platform.worker, mint()) as gate:
        return list(_about(gate, PERSON))


def test_invariant_f_monitoring_data_is_in_no_answer(sent_canaries: Sequence[httpx.Response]) -> None:
    """Not even the caller that sent it gets it back."""
    assert sent_canaries[0].status_code == sent_canaries[1].status_code == 200
    for answer in sent_canaries:
        assert [name for name in MONITORED if CANARIES[name] in answer.text] == []
        assert "monitoring" not in answer.text


def test_invariant_f_monitoring_data_is_in_its_own_table_and_nowhere_else(
    sent_canaries: Sequence[httpx.Response], records: Records
) -> None:
    """One row there for each accepted application, sealed; no other table, fact or memo knows of it."""
    rows = "SELECT count(*) FROM lendgate_monitoring.monitoring WHERE document_sealed IS NOT NULL"
    everything = records.everything()
    accepted = "SELECT count(*) FROM lendgate.application WHERE applicant_id = 'CANARY-1'"
    assert records.number(rows) == records.number(accepted) == 2
    assert "CANARY-1" in everything
    assert [name for name in MONITORED if CANARIES[name] in everything] == []
    assert "Separated" not in everything


def test_a_copy_of_the_database_knows_no_person(
    sent_canaries: Sequence[httpx.Response], records: Records
) -> None:
    """Sealed at rest: of all that was sent, no table holds a word in the open but the caller's own id."""
    assert sent_canaries[1].status_code == 200
    everything = records.everything() + records.monitoring()
    assert [name for name, canary in CANARIES.items() if canary in everything] == []


def test_a_memo_and_its_findings_know_no_person(
    sent_canaries: Sequence[httpx.Response], records: Records, platform: Served
) -> None:
    """Names, employers, streets and vault tokens stay in the application; reviews hold none of them."""
    opened = asyncio.run(_opened_reviews(platform, records))
    assert len(opened) >= 2
    text = "\n".join(opened)
    assert "CANARY-1" in text, "the referee can see"
    assert [name for name, canary in CANARIES.items() if canary in text] == []


async def _opened_reviews(platform: Served, records: Records) -> list[str]:
    """Every review's body, facts and findings, opened with the platform's keys."""
    found = records.connection.execute("SELECT tenant, review_id FROM lendgate.review").fetchall()
    masters = MasterKeys({platform.keys.data.key_id: decode_base64url(platform.keys.data.secret)})
    opened: list[str] = []
    with EmbeddedPostgres(platform.data_dir / "postgres") as server:
        url = server.service_url
    async with Database(url, size=1, masters=masters) as database:
        for tenant, review_id in found:
            async with database.tenant(tenant) as tx:
                review = await load_review_for_work(tx, review_id)
                opened += [review.body if review else "", repr(await load_assessment(tx, review_id))]
    return opened


def test_no_log_knows_a_person_or_a_token(
    sent_canaries: Sequence[httpx.Response], reviewed: Sequence[httpx.Response], platform: Served
) -> None:
    """Standard error, the gate's log and PostgreSQL's log: request ids, no data of anybody, no secret."""
    logs = platform.written()
    secrets = {key.secret for key in (platform.keys.origin, platform.keys.audit, platform.keys.checkpoint)}
    sent = [str(answer.request.headers["authorization"]) for answer in (*reviewed, *sent_canaries)]
    tokens = {header.removeprefix("Bearer ") for header in sent}
    assert sent_canaries[1].headers["x-request-id"] in logs
    assert [name for name, canary in CANARIES.items() if canary in logs] == []
    assert "CANARY-1" not in logs
    assert "1961-07-23" not in logs
    assert not any(secret in logs for secret in secrets | tokens | {platform.token})


def test_every_line_of_the_services_log_is_json(platform: Served) -> None:
    """One object a line, each with time, level and message."""
    lines = [json.loads(line) for line in platform.stderr.read_text().splitlines()]
    assert lines
    assert all({"time", "level", "message"} <= line.keys() for line in lines)


def test_an_audit_export_knows_no_person(sent_canaries: Sequence[httpx.Response], platform: Served) -> None:
    """Ids, codes and digests only."""
    exported = lendgate("audit", "export", "--data-dir", str(platform.data_dir))
    assert sent_canaries[1].json()["review_id"] in exported.stdout
    assert [name for name, canary in CANARIES.items() if canary in exported.stdout] == []
    assert "CANARY-1" not in exported.stdout
