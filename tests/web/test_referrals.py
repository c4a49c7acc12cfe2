"""The routes of referrals, decisions and notices: conditional changes, scopes, and nobody else's records."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from lendgate.bootstrap import Service
from lendgate.schema import Decision, Principal
from lendgate.schema.casefile import Casefile, ReferralPage
from lendgate.schema.referral import Referral
from lendgate.store.database import Database
from lendgate.web import referrals
from lendgate.web.app import create_app
from tests.review.builders import verdict
from tests.support.edge_hand import EdgeHand, as_http, principal
from tests.support.service import BASE, EDGE, http_to, service_on
from tests.workflow.decisions import BURDENED

pytestmark = pytest.mark.anyio
BROKER = EdgeHand(EDGE)


def underwriter(name: str, tenant: str = "local", *scopes: str) -> EdgeHand:
    """An underwriter of the lender's own desk."""
    return EdgeHand(
        EDGE,
        Principal(
            tenant=tenant,
            broker_id="own-desk",
            subject=name,
            scopes=scopes or ("referrals:read", "referrals:decide"),
        ),
    )


@dataclass(frozen=True)
class Bench:
    """A service, a client of it, and who uses it."""

    service: Service
    http: httpx.AsyncClient
    ada: EdgeHand
    bo: EdgeHand

    async def get(self, hand: EdgeHand, path: str, **headers: str) -> httpx.Response:
        """A signed GET."""
        return await self.http.send(as_http(hand.get(path, **headers), BASE))

    async def post(self, hand: EdgeHand, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """A signed POST of JSON."""
        content = json.dumps(body or {}).encode()
        return await self.http.send(as_http(hand.post(content, path, **headers), BASE))

    async def referred(self) -> Referral:
        """A new application's referral, as the queue lists it."""
        answer = await self.http.send(as_http(BROKER.post(BURDENED), BASE))
        found = await self.get(self.ada, "/referrals")
        page = ReferralPage.model_validate_json(found.content)
        return next(one for one in page.referrals if one.review_id == answer.json()["review_id"])


@pytest.fixture
async def bench(database: Database) -> AsyncIterator[Bench]:
    """A service on the module's database."""
    async with service_on(database) as service, http_to(create_app(service)) as http:
        yield Bench(service, http, underwriter("ada"), underwriter("bo"))


def said(action: str = "decline", **more: object) -> dict[str, object]:
    """A verdict as JSON."""
    body: dict[str, object] = json.loads(verdict(action, **more).model_dump_json(exclude_none=True))
    return body


async def test_a_case_from_the_queue_to_the_notice(bench: Bench) -> None:
    """Listed, read, claimed, decided; the broker reads the decision and the notice in both forms."""
    one = await bench.referred()
    path = f"/referrals/{one.referral_id}"
    read = await bench.get(bench.ada, path)
    casefile = Casefile.model_validate_json(read.content)
    assert (casefile.referral, read.headers["etag"]) == (one, '"1"')
    assert [choice.reason.code for choice in casefile.reasons if choice.must] == ["AA09"]
    assert [deadline.kind for deadline in casefile.deadlines] == ["notify"]
    claimed = await bench.post(bench.ada, f"{path}/claim", if_match='"1"')
    assert (claimed.status_code, claimed.headers["etag"], claimed.json()["held_by"]) == (200, '"2"', "ada")
    decided = await bench.post(bench.ada, f"{path}/decide", said(), if_match='"2"')
    assert (decided.status_code, decided.json()["state"]) == (200, "decided")
    told = await bench.get(BROKER, f"/lending-review/{one.review_id}/decision")
    decision = Decision.model_validate_json(told.content)
    assert [reason.code for reason in decision.reasons] == ["AA09"]
    page = await bench.get(BROKER, f"/lending-review/{one.review_id}/notice", accept="text/html")
    file = await bench.get(BROKER, f"/lending-review/{one.review_id}/notice", accept="application/pdf")
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "Excessive obligations in relation to income" in page.text
    assert (file.headers["content-type"], file.content[:4]) == ("application/pdf", b"%PDF")


async def test_the_broker_hears_nothing_that_is_private(bench: Bench) -> None:
    """No written reason, no underwriter, no limit, no rule's note: not in the decision, not in the notice."""
    one = await bench.referred()
    path = f"/referrals/{one.referral_id}"
    casefile = Casefile.model_validate_json((await bench.get(bench.ada, path)).content)
    await bench.post(bench.ada, f"{path}/decide", said(reason="Zanzibar was mentioned."), if_match='"1"')
    heard = "".join(
        [
            (await bench.get(BROKER, f"/lending-review/{one.review_id}/{what}")).text
            for what in ("decision", "notice")
        ]
    )
    private = [text for rule in casefile.findings for text in (rule.limit, rule.note) if text]
    assert [word for word in ("Zanzibar", "ada", "own-desk", *private) if word in heard] == []


@pytest.mark.parametrize(
    ("if_match", "status", "kind"),
    [
        (None, 428, "precondition-required"),
        ('"2"', 412, "precondition-failed"),
        ('W/"1"', 412, "precondition-failed"),
        ("*", 412, "precondition-failed"),
        ('"1", "2"', 412, "precondition-failed"),
    ],
)
@pytest.mark.parametrize("action", ["claim", "release", "assign", "decide"])
async def test_a_change_names_the_state_it_was_decided_on(
    action: str, if_match: str | None, status: int, kind: str, bench: Bench
) -> None:
    """428 without If-Match, 412 with any other than the present one; nothing changes."""
    one = await bench.referred()
    body = said() if action == "decide" else {}
    headers = {"if_match": if_match} if if_match else {}
    answer = await bench.post(bench.ada, f"/referrals/{one.referral_id}/{action}", body, **headers)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:lendgate:problem:{kind}")
    again = await bench.get(bench.ada, f"/referrals/{one.referral_id}")
    assert again.headers["etag"] == '"1"'


async def test_what_a_broker_asks_for_is_read_by_underwriters_alone(bench: Bench) -> None:
    """In the broker's words, as a new version of the referral; the broker's own routes do not repeat them."""
    one = await bench.referred()
    path = f"/referrals/{one.referral_id}"
    asked = {"review_id": one.review_id, "kind": "correction", "text": "The income is 69,000."}
    assert (await bench.post(BROKER, "/support/corrections", asked)).status_code == 201
    read = await bench.get(bench.ada, path, if_none_match='"1"')
    (found,) = Casefile.model_validate_json(read.content).requests
    assert (found.text, found.request.kind, found.request.state) == (asked["text"], "correction", "open")
    assert read.headers["etag"] == '"2"'
    without = underwriter("ada", "local", "support", "review:read")
    assert (await bench.get(without, path)).status_code == 403
    for told in (f"/support/status/{one.review_id}", f"/lending-review/{one.review_id}"):
        assert "69,000" not in (await bench.get(BROKER, told)).text


async def test_what_another_holds_is_a_conflict(bench: Bench) -> None:
    """409 with who has it."""
    one = await bench.referred()
    path = f"/referrals/{one.referral_id}"
    await bench.post(bench.ada, f"{path}/claim", if_match='"1"')
    answer = await bench.post(bench.bo, f"{path}/claim", if_match='"2"')
    assert (answer.status_code, answer.json()["reason"]) == (409, "ada holds this referral.")
    assert "retry-after" not in answer.headers  # the lease ends in half an hour, and perhaps not then


async def test_a_verdict_that_cannot_be_is_refused_with_what_to_mend(bench: Bench) -> None:
    """422, in one sentence, from the shape, the verdict, and the findings."""
    path = f"/referrals/{(await bench.referred()).referral_id}/decide"
    short = await bench.post(bench.ada, path, {"action": "decline", "reason": "No."}, if_match='"1"')
    bare = await bench.post(bench.ada, path, said(codes=None), if_match='"1"')
    unsupported = await bench.post(bench.ada, path, said(codes=["AA21"]), if_match='"1"')
    assert [one.status_code for one in (short, bare, unsupported)] == [422, 422, 422]
    assert short.json()["errors"] == [{"pointer": "/reason", "detail": "must have at least 10 characters"}]
    assert bare.json()["reason"] == "To decline, name the principal reasons in codes."
    assert unsupported.json()["reason"].startswith("The findings do not support AA21")


async def test_conditions_documents_and_assignment_by_api(bench: Bench) -> None:
    """Each answers with the referral as it is then."""
    path = f"/referrals/{(await bench.referred()).referral_id}"
    noted = await bench.post(
        bench.ada, f"{path}/conditions", {"conditions": ["Proof of insurance"]}, if_match='"1"'
    )
    asked = await bench.post(
        bench.ada,
        f"{path}/document-requests",
        {"documents": [{"type": "w2"}]},
        if_match=noted.headers["etag"],
    )
    given = await bench.post(
        bench.ada, f"{path}/assign", {"underwriter": "bo"}, if_match=asked.headers["etag"]
    )
    referral = Referral.model_validate_json(given.content)
    assert [item.text for item in referral.conditions] == ["Proof of insurance"]
    assert [item.text for item in referral.requested] == ["A W-2"]
    assert (referral.assigned_to, referral.version) == ("bo", 4)


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/referrals", "referrals:read"),
        ("GET", "/referrals/x", "referrals:read"),
        ("POST", "/referrals/x/claim", "referrals:decide"),
        ("POST", "/referrals/x/release", "referrals:decide"),
        ("POST", "/referrals/x/assign", "referrals:decide"),
        ("POST", "/referrals/x/conditions", "referrals:decide"),
        ("POST", "/referrals/x/document-requests", "referrals:decide"),
        ("POST", "/referrals/x/decide", "referrals:decide"),
        ("GET", "/lending-review/x/decision", "review:read"),
        ("GET", "/lending-review/x/notice", "review:read"),
    ],
)
async def test_each_route_needs_its_scope(method: str, path: str, scope: str, bench: Bench) -> None:
    """403 before anything is read or looked up."""
    hand = EdgeHand(EDGE, principal("local", "demo-broker", "validate"))
    answer = await bench.http.send(as_http(hand.request(method, path, b"{}", {}), BASE))
    assert (answer.status_code, answer.json()["reason"]) == (403, f"The token lacks the scope {scope}.")


async def test_anothers_records_are_not_there(bench: Bench) -> None:
    """404 for another tenant's underwriter and another broker; no id of ours is the same."""
    one = await bench.referred()
    path = f"/referrals/{one.referral_id}"
    await bench.post(bench.ada, f"{path}/decide", said(), if_match='"1"')
    stranger = underwriter("eve", "elsewhere")
    rival = EdgeHand(EDGE, principal("local", "rival"))
    answers = [
        await bench.get(stranger, path),
        await bench.post(stranger, f"{path}/claim", if_match='"2"'),
        await bench.get(bench.ada, "/referrals/no-id"),
        await bench.get(rival, f"/lending-review/{one.review_id}/decision"),
        await bench.get(rival, f"/lending-review/{one.review_id}/notice"),
    ]
    assert {answer.status_code for answer in answers} == {404}
    listed = await bench.get(stranger, "/referrals")
    assert ReferralPage.model_validate_json(listed.content).referrals == ()


async def test_no_decision_and_no_notice_are_said_to_be_none(bench: Bench) -> None:
    """404 with which of the two it is."""
    one = await bench.referred()
    undecided = await bench.get(BROKER, f"/lending-review/{one.review_id}/decision")
    await bench.post(bench.ada, f"/referrals/{one.referral_id}/decide", said("withdrawn"), if_match='"1"')
    untold = await bench.get(BROKER, f"/lending-review/{one.review_id}/notice")
    assert [undecided.status_code, untold.status_code] == [404, 404]
    assert undecided.json()["reason"] == "No decision has been made on this review yet."
    assert untold.json()["reason"] == "No notice is given of this decision."


async def test_what_is_known_already_is_not_sent_again(bench: Bench) -> None:
    """304 for a referral and a decision that have not changed."""
    one = await bench.referred()
    path = f"/referrals/{one.referral_id}"
    known = await bench.get(bench.ada, path, if_none_match='"1"')
    await bench.post(bench.ada, f"{path}/decide", said(), if_match='"1"')
    decision = f"/lending-review/{one.review_id}/decision"
    first = await bench.get(BROKER, decision)
    again = await bench.get(BROKER, decision, if_none_match=f"W/{first.headers['etag']}")
    assert [known.status_code, first.status_code, again.status_code] == [304, 200, 304]
    assert again.content == b""


async def test_the_queue_is_read_page_by_page(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every open referral once, oldest first; nothing that is decided, no cursor of nobody's."""
    made = [(await bench.referred()).referral_id for _ in range(4)]
    await bench.post(bench.ada, f"/referrals/{made[1]}/decide", said(), if_match='"1"')
    monkeypatch.setattr(referrals, "PAGE", 2)
    seen: list[str] = []
    cursor = ""
    while True:
        answer = await bench.get(bench.ada, f"/referrals{cursor}")
        page = ReferralPage.model_validate_json(answer.content)
        seen += [one.referral_id for one in page.referrals]
        if page.next is None:
            break
        cursor = f"?cursor={page.next}"
    assert [one for one in seen if one in made] == [made[0], made[2], made[3]]
    assert len(seen) == len(set(seen))
    for wrong in ("x", "e30", "MjAyNiBub3RoaW5n"):
        assert (await bench.get(bench.ada, f"/referrals?cursor={wrong}")).status_code == 422
