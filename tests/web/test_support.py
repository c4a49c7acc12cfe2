"""The routes of the support agent at the origin: answers, how things stand, requests; and nobody else's."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import httpx
import pytest

from lendgate.bootstrap import Service
from lendgate.claude.port import ModelPort, ModelReply, Usage
from lendgate.claude.scripted import ScriptedModel
from lendgate.schema import Review
from lendgate.schema.requests import SupportQuestion
from lendgate.schema.support import SupportAnswer, SupportRequest, SupportStatus
from lendgate.store.database import Database, StoreUnavailableError
from lendgate.web.app import create_app
from lendgate.workflow.support import answers
from lendgate.workflow.support.answers import take_question
from tests.support.edge_hand import EdgeHand, as_http, principal
from tests.support.service import BASE, EDGE, http_to, service_on, support_line

pytestmark = pytest.mark.anyio
HAND = EdgeHand(EDGE)
STRAINED = b'{"applicant_id":"TEST-001","income":60000,"employment_years":3,"debt_to_income":0.62}'
SOUND = "Please send the two bank statements together with the identity document."
QUESTION = "Why is this not eligible?"
NEVER = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
STREAM = {"accept": "text/event-stream", "content-type": "application/json"}


def reply(text: str) -> ModelReply:
    return ModelReply(
        text, None, "end_turn", Usage(100, 20), "standin-x", "req_1", "0" * 64, "1" * 64, cost=Decimal("0.01")
    )


class Asking:
    """A client of a service, with a review of one broker's."""

    def __init__(self, http: httpx.AsyncClient, service: Service, review_id: str) -> None:
        self.http = http
        self.service = service
        self.review_id = review_id

    async def post(self, path: str, body: Mapping[str, str], hand: EdgeHand = HAND) -> httpx.Response:
        signed = hand.post(json.dumps(body).encode(), path)
        return await self.http.send(as_http(signed, BASE))

    async def ask(self, question: str = QUESTION, hand: EdgeHand = HAND, **more: str) -> httpx.Response:
        body = {"review_id": self.review_id, "question": question} | more
        return await self.post("/support/questions", body, hand)

    async def stream(self, question: str = QUESTION) -> httpx.Response:
        body = json.dumps({"review_id": self.review_id, "question": question}).encode()
        signed = HAND.request("POST", "/support/questions", body, STREAM)
        return await self.http.send(as_http(signed, BASE))

    async def status(self, hand: EdgeHand = HAND, **more: str) -> httpx.Response:
        return await self.http.send(as_http(hand.get(f"/support/status/{self.review_id}", **more), BASE))


@asynccontextmanager
async def opened(database: Database, model: ModelPort | None = None) -> AsyncIterator[Asking]:
    async with service_on(database) as made:
        service = replace(made, support=support_line(made.desk, model))
        async with http_to(create_app(service)) as http:
            answer = await http.send(as_http(HAND.post(STRAINED), BASE))
            review = Review.model_validate_json(answer.content)
            yield Asking(http, service, review.review_id)
        await service.support.aclose()


@pytest.fixture
async def asking(database: Database) -> AsyncIterator[Asking]:
    async with opened(database) as one:
        yield one


def events(text: str) -> list[tuple[str, dict[str, object]]]:
    blocks = [dict(line.split(": ", 1) for line in block.split("\n")) for block in text.strip().split("\n\n")]
    assert [block["id"] for block in blocks] == [str(number + 1) for number in range(len(blocks))]
    return [(block["event"], json.loads(block["data"])) for block in blocks]


async def test_a_question_is_answered_with_the_recorded_reasons(asking: Asking) -> None:
    """Whole, as JSON, without a model; with the notice that a program answers."""
    answer = await asking.ask()
    told = SupportAnswer.model_validate_json(answer.content)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "Excessive obligations in relation to income" in told.answer
    assert [reason.code for reason in told.reasons] == ["AA09"]
    assert (told.speaker, told.because, told.replaced) == ("rules", None, 0)
    assert "not a person" in told.notice


async def test_a_stream_says_the_same_sentence_by_sentence(asking: Asking) -> None:
    """Opened, sentences, and the whole as the last event."""
    whole = SupportAnswer.model_validate_json((await asking.ask()).content)
    answer = await asking.stream()
    assert answer.headers["content-type"].startswith("text/event-stream")
    told = events(answer.text)
    assert told[0][0] == "opened"
    assert [name for name, _ in told[1:-1]] == ["sentence"] * (len(told) - 2)
    assert " ".join(str(data["text"]) for name, data in told if name == "sentence") == whole.answer
    assert (told[-1][0], told[-1][1]["answer"]) == ("answer", whole.answer)
    assert told[0][1]["conversation_id"] == told[-1][1]["conversation_id"]


async def test_a_model_adds_what_is_allowed_and_no_more(database: Database) -> None:
    """Its sound sentence stands in the answer and its other one does not."""
    async with opened(database, ScriptedModel([reply(f"The limit is 50%. {SOUND}")])) as one:
        told = SupportAnswer.model_validate_json((await one.ask()).content)
    assert SOUND in told.answer
    assert "50%" not in told.answer
    assert (told.speaker, told.replaced, told.simulated) == ("claude", 1, True)


async def test_a_conversation_goes_on(database: Database) -> None:
    """The next question is told what was said; a question that opens another is not."""
    model = ScriptedModel([reply(SOUND)])
    async with opened(database, model) as one:
        first = SupportAnswer.model_validate_json((await one.ask("Where are we with this?")).content)
        second = await one.ask("And what is missing?", conversation_id=first.conversation_id)
        assert SupportAnswer.model_validate_json(second.content).conversation_id == first.conversation_id
        await one.ask("And what is missing?")
    told = ["\n".join(request.texts) for request in model.asked]
    assert ["Where are we with this?" in text for text in told] == [True, True, False]
    assert model.asked[0].subject == model.asked[1].subject != model.asked[2].subject


async def test_an_answer_is_on_record_with_its_audit_event(asking: Asking) -> None:
    """Who was told, what about, by whom, and a digest; no word of it in the open."""
    told = SupportAnswer.model_validate_json((await asking.ask()).content)
    async with asking.service.desk.database.tenant("local") as tx:
        rows = await (
            await tx.connection.execute(
                "SELECT event::text, kind FROM lendgate.audit_event WHERE subject = %s ORDER BY seq",
                (asking.review_id,),
            )
        ).fetchall()
        sealed = await (await tx.connection.execute("SELECT sealed FROM lendgate.support_turn")).fetchall()
    event = json.loads(rows[-1][0])
    assert rows[-1][1] == "support.answered"
    assert event["data"]["conversation_id"] == told.conversation_id
    assert "why" in event["data"]["topics"]
    assert "eligible" not in rows[-1][0]
    assert all(b"eligible" not in bytes(one[0]) for one in sealed)


async def test_an_answer_is_finished_and_kept_though_the_caller_hung_up(database: Database) -> None:
    """After its first word nobody listens; the line waits for what was begun before it closes."""
    async with opened(database, ScriptedModel([reply(SOUND)], seconds=0.01)) as one:
        desk, line = one.service.desk, one.service.support
        wanted = SupportQuestion(review_id=one.review_id, question=QUESTION)
        async with aclosing(line.answer(await take_question(desk, HAND.caller, wanted))) as told:
            await anext(told)
        await line.aclose()
        async with desk.database.tenant("local") as tx:
            found = await (
                await tx.connection.execute(
                    "SELECT count(*) FROM lendgate.support_turn NATURAL JOIN lendgate.support_conversation "
                    "WHERE review_id = %s",
                    (one.review_id,),
                )
            ).fetchone()
    assert found == (1,)


async def test_an_answer_that_cannot_be_kept_is_not_told_whole(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503, as for anything that could not be recorded; a stream breaks off before its whole."""

    async def away(*_: object) -> None:
        raise StoreUnavailableError("away")

    monkeypatch.setattr(answers, "add_turn", away)
    answer = await asking.ask()
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:lendgate:problem:origin-unavailable")
    with pytest.raises(ConnectionAbortedError):
        await asking.stream()


async def test_status_is_told_without_a_model_and_kept_for_a_moment(asking: Asking) -> None:
    """The published words; 304 while nothing changed, 200 once something did."""
    answer = await asking.status()
    status = SupportStatus.model_validate_json(answer.content)
    assert (status.status, status.outcome) == ("completed", "ineligible")
    assert [reason.code for reason in status.reasons] == ["AA09"]
    assert answer.headers["cache-control"] == "private, max-age=15"
    again = await asking.status(if_none_match=answer.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == answer.headers["etag"]
    wanted = {"review_id": asking.review_id, "kind": "correction", "text": "Income"}
    await asking.post("/support/corrections", wanted)
    assert (await asking.status(if_none_match=answer.headers["etag"])).status_code == 200


@pytest.mark.parametrize("kind", ["correction", "human_review"])
async def test_a_request_has_a_clock_of_its_own(asking: Asking, kind: str) -> None:
    """201, thirty days, and it shows in the status."""
    body = {"review_id": asking.review_id, "kind": kind, "text": "The income is 69,000."}
    answer = await asking.post("/support/corrections", body)
    opened_request = SupportRequest.model_validate_json(answer.content)
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/support/status/{asking.review_id}"
    lenders_day = asking.service.desk.day_of("local", opened_request.opened_at)
    assert (opened_request.due_on - lenders_day).days == 30
    status = SupportStatus.model_validate_json((await asking.status()).content)
    assert status.requests == (opened_request,)
    assert "69,000" not in answer.text


OTHERS = [
    ("local", "rival", "another broker"),
    ("elsewhere", "demo-broker", "another tenant"),
    ("elsewhere", "rival", "another broker of another tenant"),
]


@pytest.mark.parametrize(("tenant", "broker_id", "who"), OTHERS)
async def test_an_application_of_somebody_else_is_one_that_does_not_exist(
    asking: Asking, tenant: str, broker_id: str, who: str
) -> None:
    """404 on every route, word for word as for an id that never was; streamed or not."""
    theirs = EdgeHand(EDGE, principal(tenant, broker_id))
    asked, status = await asking.ask(hand=theirs), await asking.status(theirs)
    wanted = {"review_id": asking.review_id, "kind": "correction", "text": "x"}
    corrected = await asking.post("/support/corrections", wanted, theirs)
    body = json.dumps({"review_id": asking.review_id, "question": QUESTION}).encode()
    streamed = await asking.http.send(
        as_http(theirs.request("POST", "/support/questions", body, STREAM), BASE)
    )
    never = await Asking(asking.http, asking.service, NEVER).status(theirs)
    for answer in (asked, status, corrected, streamed):
        assert (answer.status_code, answer.json()["reason"]) == (404, never.json()["reason"]), who
    assert never.status_code == 404


@pytest.mark.parametrize(("tenant", "broker_id", "who"), OTHERS)
async def test_a_conversation_of_somebody_else_is_one_that_does_not_exist(
    asking: Asking, tenant: str, broker_id: str, who: str
) -> None:
    """Knowing its id is no help, with a review of one's own either."""
    theirs = EdgeHand(EDGE, principal(tenant, broker_id))
    first = SupportAnswer.model_validate_json((await asking.ask()).content)
    made = await asking.http.send(as_http(theirs.post(STRAINED), BASE))
    own = Asking(asking.http, asking.service, made.json()["review_id"])
    answer = await own.ask(hand=theirs, conversation_id=first.conversation_id)
    never = await own.ask(hand=theirs, conversation_id=str(uuid4()))
    assert answer.status_code == never.status_code == 404
    assert answer.json()["reason"] == never.json()["reason"], who


async def test_a_conversation_about_one_review_is_none_about_another(asking: Asking) -> None:
    """Of the same broker, too."""
    first = SupportAnswer.model_validate_json((await asking.ask()).content)
    made = await asking.http.send(as_http(HAND.post(STRAINED), BASE))
    other = Asking(asking.http, asking.service, made.json()["review_id"])
    assert (await other.ask(conversation_id=first.conversation_id)).status_code == 404


@pytest.mark.parametrize("review_id", ["1", "not-a-uuid", "a" * 64])
async def test_an_id_that_is_none_is_not_found(asking: Asking, review_id: str) -> None:
    """Whatever is written there."""
    other = Asking(asking.http, asking.service, review_id)
    assert (await other.ask()).status_code == 404
    assert (await other.status()).status_code == 404
    assert (await asking.ask(conversation_id=review_id)).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"review_id": NEVER},
        {"review_id": NEVER, "question": ""},
        {"review_id": NEVER, "question": "q" * 8001},
    ],
    ids=str,
)
async def test_a_body_that_is_no_question_is_refused(asking: Asking, body: dict[str, str]) -> None:
    """422 with the place that is wrong."""
    answer = await asking.post("/support/questions", body)
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:lendgate:problem:invalid-request"


async def test_every_route_asks_for_the_scope(asking: Asking) -> None:
    """403 without it, whoever's the review is."""
    poor = EdgeHand(EDGE, principal("local", "demo-broker", "review:read"))
    wanted = {"review_id": asking.review_id, "kind": "correction", "text": "x"}
    answers = (
        await asking.ask(hand=poor),
        await asking.status(poor),
        await asking.post("/support/corrections", wanted, poor),
    )
    assert [answer.status_code for answer in answers] == [403, 403, 403]
