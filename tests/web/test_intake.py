"""The routes of the intake conversation at the origin."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from lendgate.bootstrap import Service
from lendgate.store.database import Database
from lendgate.web.app import create_app
from tests.assistants.scripts import script
from tests.support.edge_hand import EdgeHand, as_http, principal
from tests.support.service import BASE, EDGE, http_to, service_on

pytestmark = pytest.mark.anyio
HAND = EdgeHand(EDGE)


@pytest.fixture
async def service(database: Database) -> AsyncIterator[Service]:
    """A service on the module's database."""
    async with service_on(database) as made:
        yield made


@pytest.fixture
async def http(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    """A client of it."""
    async with http_to(create_app(service)) as client:
        yield client


class Borrower:
    """Somebody who talks through the gate."""

    def __init__(self, http: httpx.AsyncClient, hand: EdgeHand = HAND) -> None:
        self.http = http
        self.hand = hand
        self.path = "/intake/sessions"

    async def post(self, path: str, body: object, **headers: str) -> httpx.Response:
        """A signed POST."""
        return await self.http.send(as_http(self.hand.post(json.dumps(body).encode(), path, **headers), BASE))

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """A signed GET."""
        return await self.http.send(as_http(self.hand.get(path, **headers), BASE))

    async def open(self, **opening: str) -> dict[str, Any]:
        """Begin a conversation."""
        answer = await self.post("/intake/sessions", opening)
        assert answer.status_code == 201, answer.text
        self.path = answer.headers["location"]
        return dict(answer.json())

    async def say(self, text: str, message_id: str | None = None, **headers: str) -> httpx.Response:
        """One message."""
        body = {"text": text, "message_id": message_id or f"m-{uuid4()}"}
        return await self.post(f"{self.path}/messages", body, **headers)

    async def state(self) -> dict[str, Any]:
        """The conversation as it stands."""
        return dict((await self.get(self.path)).json())

    async def play(self, name: str) -> None:
        """A whole script."""
        played = script(name)
        await self.open(language=played.language)
        for line in played.lines:
            answer = await self.say(line.said)
            assert answer.status_code == 200, answer.text
            assert line.holds in spoken(answer.text)


def events(stream: str) -> list[tuple[str, str, dict[str, Any]]]:
    """The events of a native stream: id, kind, data."""
    found = []
    for frame in stream.strip().split("\n\n"):
        parts = dict(line.split(": ", 1) for line in frame.splitlines())
        found.append((parts["id"], parts["event"], json.loads(parts["data"])))
    return found


def spoken(stream: str) -> str:
    """What the assistant said in a stream."""
    return "".join(data["text"] for _, kind, data in events(stream) if kind == "delta")


async def test_a_session_opens_with_who_speaks_and_how_to_reach_a_person(http: httpx.AsyncClient) -> None:
    """R19: an AI, a person at any time, what is done with the data; then the first question."""
    opened = await Borrower(http).open()
    (first,) = opened["messages"]
    assert "AI assistant" in first["text"]
    assert "speak to a person" in first["text"]
    assert "sealed" in first["text"]
    assert first["text"].endswith("Would you like a personal loan or a mortgage?")
    assert (opened["phase"], opened["asks"]) == ("asking", "product")


@pytest.mark.parametrize("name", ["terse", "espanol", "mortgage", "corrections", "hostile"])
async def test_a_conversation_ends_in_a_review(http: httpx.AsyncClient, name: str) -> None:
    """The scripts again, through routes and store; submitted, parsed and reviewed as any application."""
    borrower = Borrower(http)
    await borrower.play(name)
    state = await borrower.state()
    assert state["phase"] == "confirmed"
    answer = await borrower.post(f"{borrower.path}/submit", {})
    assert answer.status_code == 200, answer.text
    review = answer.json()
    assert review["status"] == "completed"
    assert review["product"] == script(name).known["product"]
    assert (await borrower.state())["review_id"] == review["review_id"]


async def test_every_value_has_the_persons_words_and_their_message(http: httpx.AsyncClient) -> None:
    """What is known, from where, with the conversion shown."""
    borrower = Borrower(http)
    await borrower.play("terse")
    state = await borrower.state()
    messages = {message["number"]: message for message in state["messages"]}
    for value in state["known"]:
        assert value["quote"] in messages[value["message"]]["text"]
        assert messages[value["message"]]["role"] == "person"
    income = next(value for value in state["known"] if value["field"] == "income")
    assert (income["shown"], income["conversion"]) == ("$60,000", "$5,000 x 12 = $60,000")


async def test_completeness_has_three_meanings(http: httpx.AsyncClient) -> None:
    """The six items with the time the last came, all that is asked, and the documents; with a C-6 notice."""
    borrower = Borrower(http)
    before = await borrower.open(product="mortgage")
    assert len(before["completeness"]["trid_items_missing"]) == 6
    await borrower.play("mortgage")
    found = (await borrower.state())["completeness"]
    assert (found["trid_items_missing"], found["regulation_b_complete"]) == ([], True)
    assert found["trid_complete_at"].endswith("Z")
    assert not found["file_complete"]
    assert "purchase contract" in found["notice"]


async def test_the_same_message_again_is_the_same_message(http: httpx.AsyncClient) -> None:
    """A retry hears the same events and changes nothing."""
    borrower = Borrower(http)
    await borrower.open(product="personal_loan")
    first = await borrower.say("Maria Lopez", "m-1")
    again = await borrower.say("Maria Lopez", "m-1")
    assert again.text == first.text
    assert len((await borrower.state())["messages"]) == 3


async def test_a_stream_is_taken_up_after_the_last_event(http: httpx.AsyncClient) -> None:
    """Cut after any event, the rest is what was not seen, once and in order; at the end it is 204."""
    borrower = Borrower(http)
    await borrower.open(product="personal_loan")
    whole = events((await borrower.say("Maria Lopez", "m-1")).text)
    for seen, (last, _, _) in enumerate(whole, 1):
        rest = await borrower.get(f"{borrower.path}/events", last_event_id=last)
        assert rest.status_code == (204 if seen == len(whole) else 200)
        assert (events(rest.text) if rest.text else []) == whole[seen:]
        retried = await borrower.say("Maria Lopez", "m-1", last_event_id=last)
        assert (events(retried.text) if retried.text else []) == whole[seen:]


async def test_events_from_the_beginning_are_the_whole_transcript(http: httpx.AsyncClient) -> None:
    """Every message once, in order."""
    borrower = Borrower(http)
    await borrower.play("terse")
    ids = [
        tuple(map(int, id_.split(".")))
        for id_, _, _ in events((await borrower.get(f"{borrower.path}/events")).text)
    ]
    assert ids == sorted(set(ids))
    assert {number for number, _ in ids} == set(range(1, 2 * len(script("terse").lines) + 2))


@pytest.mark.parametrize("who", ["tenant", "broker", "subject"])
async def test_somebody_elses_conversation_does_not_exist(http: httpx.AsyncClient, who: str) -> None:
    """Owned by tenant, broker and person: anybody else hears 404, whatever they do."""
    borrower = Borrower(http)
    await borrower.open()
    others = {
        "tenant": principal("elsewhere"),
        "broker": principal("local", "other-broker"),
        "subject": principal().model_copy(update={"subject": "somebody-else"}),
    }
    stranger = Borrower(http, replace(HAND, caller=others[who]))
    stranger.path = borrower.path
    answers = [
        await stranger.get(borrower.path),
        await stranger.get(f"{borrower.path}/events"),
        await stranger.say("hello"),
        await stranger.post(f"{borrower.path}/submit", {}),
    ]
    assert [answer.status_code for answer in answers] == [404] * 4


@pytest.mark.parametrize("path", ["/intake/sessions/not-an-id", f"/intake/sessions/{uuid4()}"])
async def test_what_is_no_conversation_is_404(http: httpx.AsyncClient, path: str) -> None:
    """A malformed id is like any other."""
    assert (await Borrower(http).get(path)).status_code == 404


async def test_without_the_scope_nothing_is_said(http: httpx.AsyncClient) -> None:
    """A token for reviews is not one for conversations."""
    stranger = Borrower(http, replace(HAND, caller=principal("local", "demo-broker", "review:write")))
    assert (await stranger.post("/intake/sessions", {})).status_code == 403


async def test_nothing_unconfirmed_is_submitted(http: httpx.AsyncClient) -> None:
    """409, saying what is missing."""
    borrower = Borrower(http)
    await borrower.open(product="personal_loan")
    answer = await borrower.post(f"{borrower.path}/submit", {})
    assert answer.status_code == 409
    assert "gross yearly income" in answer.json()["reason"]


async def test_a_conversation_becomes_one_application(http: httpx.AsyncClient) -> None:
    """Submitted again, it is the same review; and after that nothing changes it."""
    borrower = Borrower(http)
    await borrower.play("terse")
    first, again = [await borrower.post(f"{borrower.path}/submit", {}) for _ in range(2)]
    assert (again.status_code, again.json()) == (200, first.json())
    assert "has been sent" in spoken((await borrower.say("actually I make 90k")).text)
    income = [value["shown"] for value in (await borrower.state())["known"] if value["field"] == "income"]
    assert income == ["$60,000"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": "", "message_id": "m-1"},
        {"text": "x" * 8001, "message_id": "m-1"},
        {"text": "x", "message_id": ""},
    ],
)
async def test_a_malformed_message_changes_nothing(http: httpx.AsyncClient, body: dict[str, str]) -> None:
    """422, with the place."""
    borrower = Borrower(http)
    await borrower.open()
    answer = await borrower.post(f"{borrower.path}/messages", body)
    assert answer.status_code == 422
    assert len((await borrower.state())["messages"]) == 1


async def test_a_hundred_kilobytes_leave_the_machine_unharmed(http: httpx.AsyncClient) -> None:
    """Refused by its shape; the conversation goes on."""
    borrower = Borrower(http)
    await borrower.open(product="personal_loan")
    assert (await borrower.say("a" * 100_000)).status_code == 422
    assert "How much" in spoken((await borrower.say("Maria Lopez")).text)


async def test_identifiers_are_stored_nowhere_in_the_open(
    http: httpx.AsyncClient, superuser_url: str
) -> None:
    """Not in an answer, a message, a state, an event or the vault; the application has a token."""
    borrower = Borrower(http)
    await borrower.play("mortgage")
    await borrower.post(f"{borrower.path}/submit", {})
    shown = json.dumps(await borrower.state()) + (await borrower.get(f"{borrower.path}/events")).text
    assert re.search(r"123-?45-?6789|\b6789\b", shown) is None  # ids may hold the digits among others
    with psycopg.connect(superuser_url) as connection:
        tables = (
            "intake_session",
            "intake_message",
            "intake_identifier",
            "audit_event",
            "application",
            "review",
        )
        for table in tables:
            rows = connection.execute(f"SELECT t::text FROM lendgate.{table} t").fetchall()
            for (row,) in rows:
                assert "123-45-6789" not in row
                assert "123456789" not in row
        kept = connection.execute(
            "SELECT count(*) FROM lendgate.intake_identifier WHERE application_id IS NOT NULL"
        )
        assert kept.fetchone() != (0,)


async def test_what_was_volunteered_is_not_stored(http: httpx.AsyncClient) -> None:
    """The transcript says that something was left out, and not what."""
    borrower = Borrower(http)
    await borrower.play("volunteered")
    text = json.dumps(await borrower.state(), ensure_ascii=False).lower()
    for word in ("hispanic", "woman", "husband", "disabled", "church", "kids", "pregnant", "year old"):
        assert word not in text
    assert "[…]" in text


async def test_a_person_is_asked_for_once(http: httpx.AsyncClient, superuser_url: str) -> None:
    """An audit event of its own, the lender's webhooks are told, and the assistant asks nothing more."""
    borrower = Borrower(http)
    await borrower.play("person")
    state = await borrower.state()
    assert (state["phase"], state["asks"]) == ("with_person", "term_months")
    with psycopg.connect(superuser_url) as connection:
        asked = connection.execute(
            "SELECT count(*) FROM lendgate.audit_event WHERE kind = 'intake.person_asked' AND subject = %s",
            (state["session_id"],),
        )
        assert asked.fetchone() == (1,)
        told = connection.execute(
            "SELECT broker_id, data ->> 'session_id' FROM lendgate.outbox_event"
            " WHERE kind = 'intake.person_asked'"
        )
        assert ("", state["session_id"]) in told.fetchall()
