"""The SDK's support agent: what it sends, how it streams, what it raises. Sync and async alike."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, Final

import httpx
import pytest

from lendgate.client import AsyncLendgateClient, LendgateClient, RefusedError
from lendgate.client.events import EventReader, ServerEvent
from lendgate.errors import GateUnavailableError
from lendgate.schema.support import SupportAnswer, SupportSentence

ANSWER: Final = {
    "conversation_id": "c1",
    "review_id": "r1",
    "answer": "The review is complete. It was referred.",
    "reasons": [],
    "speaker": "rules",
    "notice": "A program answers here.",
    "a_member_of_tomorrow": 1,
}
REQUEST: Final = {
    "request_id": "q1",
    "review_id": "r1",
    "kind": "human_review",
    "state": "open",
    "opened_at": "2026-11-22T10:00:00.000Z",
    "due_on": "2026-12-22",
}
PROBLEM: Final = {
    "type": "urn:lendgate:problem:not-found",
    "title": "There is nothing here",
    "status": 404,
    "detail": "There is no review of yours with that id.",
    "reason": "There is no review of yours with that id.",
    "request_id": "q1",
}
SENTENCES: Final = ("The review is complete.", "It was referred.")
Answering = Callable[[httpx.Request], httpx.Response]


def stream(*, whole: bool = True) -> str:
    """An answer as the gate streams it, with an event of a later version in between."""
    told: list[tuple[str, dict[str, Any]]] = [("opened", {"conversation_id": "c1"})]
    told += [("sentence", {"text": text, "by": "rules"}) for text in SENTENCES]
    told += [("tomorrow", {"x": 1}), *([("answer", ANSWER)] if whole else [])]
    return "".join(f"id: 1\nevent: {name}\ndata: {json.dumps(data)}\n\n" for name, data in told)


def gate(answer: Answering) -> LendgateClient:
    return LendgateClient("http://gate.test", "secret-token", transport=httpx.MockTransport(answer))


def streaming(text: str) -> Answering:
    return lambda _: httpx.Response(200, text=text, headers={"content-type": "text/event-stream"})


def test_a_question_is_sent_and_its_answer_read() -> None:
    """The conversation is left out unless there is one."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=ANSWER)

    with gate(answer) as client:
        told = client.support.ask("r1", "Why?")
        client.support.ask("r1", "And?", conversation_id="c1")
    assert told.answer == ANSWER["answer"]
    assert seen[0].url.path == "/support/questions"
    assert json.loads(seen[0].content) == {"review_id": "r1", "question": "Why?"}
    assert json.loads(seen[1].content)["conversation_id"] == "c1"


def test_an_answer_streams_sentence_by_sentence() -> None:
    """Then the whole; what this version does not know is passed over."""
    with gate(streaming(stream())) as client:
        *said, whole = client.support.stream("r1", "Why?")
    assert [one.text for one in said if isinstance(one, SupportSentence)] == [*SENTENCES]
    assert isinstance(whole, SupportAnswer)


def test_a_stream_asks_for_events() -> None:
    """By its Accept header."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return streaming(stream())(request)

    with gate(answer) as client:
        list(client.support.stream("r1", "Why?"))
    assert seen[0].headers["accept"] == "text/event-stream"


def test_an_answer_that_came_whole_is_a_stream_of_one() -> None:
    """A gate may answer in JSON all the same."""
    with gate(lambda _: httpx.Response(200, json=ANSWER)) as client:
        told = list(client.support.stream("r1", "Why?"))
    assert [type(one) for one in told] == [SupportAnswer]


@pytest.mark.parametrize("text", [stream(whole=False), stream()[:-2], ""])
def test_a_stream_that_breaks_off_raises(text: str) -> None:
    """Half an answer never passes for one."""
    with gate(streaming(text)) as client, pytest.raises(GateUnavailableError, match="broke off"):
        list(client.support.stream("r1", "Why?"))


def test_an_event_in_another_shape_raises() -> None:
    """And says what to do."""
    text = 'event: sentence\ndata: {"words": 1}\n\n'
    with gate(streaming(text)) as client, pytest.raises(GateUnavailableError, match="update lendgate"):
        list(client.support.stream("r1", "Why?"))


def test_a_refused_stream_raises_the_problem() -> None:
    """Before the first sentence."""
    headers = {"content-type": "application/problem+json"}
    refusing = gate(lambda _: httpx.Response(404, json=PROBLEM, headers=headers))
    with refusing as client, pytest.raises(RefusedError, match="no review of yours"):
        list(client.support.stream("r1", "Why?"))


def test_a_gate_that_is_away_is_named() -> None:
    """On every call."""

    def away(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with gate(away) as client:
        for call in (
            lambda: client.support.ask("r1", "Why?"),
            lambda: list(client.support.stream("r1", "Why?")),
            lambda: client.support.status("r1"),
        ):
            with pytest.raises(GateUnavailableError, match=r"http://gate\.test cannot be reached"):
                call()


def test_a_request_for_a_person_is_sent() -> None:
    """Kind and text; the answer has the day."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(201, json=REQUEST)

    with gate(answer) as client:
        opened = client.support.correct("r1", "Please look.", kind="human_review")
    assert json.loads(seen[0].content) == {"review_id": "r1", "kind": "human_review", "text": "Please look."}
    assert opened.due_on.isoformat() == "2026-12-22"


def test_the_async_twin_does_the_same() -> None:
    """Ask, stream, refusal and break."""

    async def work() -> None:
        def client(answer: Answering) -> AsyncLendgateClient:
            return AsyncLendgateClient("http://gate.test", "t", transport=httpx.MockTransport(answer))

        async with client(lambda _: httpx.Response(200, json=ANSWER)) as one:
            assert (await one.support.ask("r1", "Why?")).conversation_id == "c1"
            assert len([item async for item in one.support.stream("r1", "Why?")]) == 1
        async with client(streaming(stream())) as one:
            assert len([item async for item in one.support.stream("r1", "Why?")]) == 3
        async with client(lambda _: httpx.Response(201, json=REQUEST)) as one:
            assert (await one.support.correct("r1", "x")).state == "open"
        async with client(streaming("")) as one:
            with pytest.raises(GateUnavailableError, match="broke off"):
                _ = [item async for item in one.support.stream("r1", "Why?")]
        headers = {"content-type": "application/problem+json"}
        async with client(lambda _: httpx.Response(404, json=PROBLEM, headers=headers)) as one:
            with pytest.raises(RefusedError):
                await one.support.status("r1")
            with pytest.raises(RefusedError):
                _ = [item async for item in one.support.stream("r1", "Why?")]

    asyncio.run(work())


def test_events_are_put_together_from_lines() -> None:
    """Names, several lines of data, comments, and no event without data."""
    reader = EventReader()
    lines = [": a comment", "event: one", "data: a", "data:b", "", "", "data: c", "", "event: none", ""]
    found = [event for line in lines if (event := reader.take(line))]
    assert found == [ServerEvent("one", "a\nb"), ServerEvent("message", "c")]
