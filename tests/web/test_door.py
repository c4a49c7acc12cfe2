"""The ASGI door: bounds of headers, body and time, clear framing, and a body that arrives whole."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

import pytest
from starlette.types import Message, Receive, Scope, Send

from lendgate.web.door import Door, DoorLimits

SMALL = DoorLimits(body=8, headers=3, header_bytes=40, seconds=5)
Headers = list[tuple[bytes, bytes]]


@dataclass
class Application:
    """An application that reads the whole body and answers 204; remembers what it saw."""

    bodies: list[bytes] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    scopes: list[Scope] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        if scope["type"] != "http":
            return
        first = await receive()
        self.messages.append(first)
        self.bodies.append(first["body"])
        self.messages.append(await receive())
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@dataclass
class Answer:
    """What was sent."""

    messages: list[Message]

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.messages[0]["headers"]}

    @property
    def problem(self) -> dict[str, object]:
        document: dict[str, object] = json.loads(self.messages[1]["body"])
        return document


def chunks(*parts: bytes) -> list[Message]:
    """A body that arrives in these parts."""
    return [
        {"type": "http.request", "body": part, "more_body": number < len(parts)}
        for number, part in enumerate(parts, 1)
    ]


def ask(
    application: Callable[[Scope, Receive, Send], Awaitable[None]],
    headers: Headers,
    arriving: Iterable[Message],
    limits: DoorLimits = SMALL,
) -> Answer:
    """One request through the door; when nothing more arrives the caller has hung up."""
    coming = iter(arriving)
    sent: list[Message] = []

    async def receive() -> Message:
        return next(coming, {"type": "http.disconnect"})

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {"type": "http", "method": "POST", "headers": headers}
    asyncio.run(Door(application, limits, lambda: "new-id")(scope, receive, send))
    return Answer(sent)


def refused(headers: Headers, arriving: Iterable[Message], limits: DoorLimits = SMALL) -> Answer:
    """A request that must not reach the application."""
    application = Application()
    answer = ask(application, headers, arriving, limits)
    assert application.scopes == []
    return answer


def test_a_body_in_pieces_reaches_the_application_whole_and_once() -> None:
    """What follows the body is whatever else happens on the connection."""
    application = Application()
    answer = ask(application, [], chunks(b"ab", b"", b"cd"))
    assert answer.status == 204
    assert application.bodies == [b"abcd"]
    assert application.messages[1] == {"type": "http.disconnect"}


def test_a_request_without_body_is_let_through() -> None:
    """GET has nothing to read."""
    application = Application()
    assert ask(application, [], chunks(b"")).status == 204
    assert application.bodies == [b""]


@pytest.mark.parametrize("parts", [(b"12345678",), (b"1234", b"5678"), (b"1",) * 8])
def test_a_body_of_exactly_the_limit_is_let_through(parts: tuple[bytes, ...]) -> None:
    """The limit itself is allowed, however the body is cut."""
    application = Application()
    assert ask(application, [], chunks(*parts)).status == 204
    assert application.bodies == [b"".join(parts)]


@pytest.mark.parametrize("parts", [(b"123456789",), (b"12345678", b"9"), (b"1",) * 9])
def test_a_body_of_one_byte_more_is_refused(parts: tuple[bytes, ...]) -> None:
    """Counted while reading, whatever the headers promised."""
    answer = refused([], chunks(*parts))
    assert answer.status == 413
    assert answer.problem["reason"] == "The body is larger than 8 bytes."


def test_an_endless_body_is_not_read_to_its_end() -> None:
    """Reading stops at the first byte too many."""
    read = 0

    def endless() -> Iterable[Message]:
        nonlocal read
        while True:
            read += 1
            yield {"type": "http.request", "body": b"xxxx", "more_body": True}

    assert refused([], endless()).status == 413
    assert read == 3


def test_a_declared_length_beyond_the_limit_is_refused_unread() -> None:
    """No byte of the body has to arrive first."""
    arriving = iter(chunks(b"123456789"))
    assert refused([(b"content-length", b"9")], arriving).status == 413
    assert len(list(arriving)) == 1


@pytest.mark.parametrize(("count", "status"), [(3, 204), (4, 431)])
def test_the_number_of_headers_is_bounded(count: int, status: int) -> None:
    """At the limit yes, one more no."""
    assert ask(Application(), [(b"a", b"b")] * count, chunks(b"")).status == status


@pytest.mark.parametrize(("size", "status"), [(39, 204), (40, 431)])
def test_the_size_of_the_header_block_is_bounded(size: int, status: int) -> None:
    """Names and values together; one byte over the limit is refused."""
    answer = ask(Application(), [(b"a", b"b" * size)], chunks(b""))
    assert answer.status == status


@pytest.mark.parametrize(
    "headers",
    [
        [(b"content-length", b"2"), (b"content-length", b"2")],
        [(b"content-length", b"2"), (b"transfer-encoding", b"chunked")],
        [(b"transfer-encoding", b"gzip, chunked")],
        [(b"transfer-encoding", b"chunked"), (b"transfer-encoding", b"chunked")],
        [(b"transfer-encoding", b"identity")],
        [(b"content-length", b"+2")],
        [(b"content-length", b"2, 2")],
        [(b"content-length", b"0x2")],
        [(b"content-length", b"")],
        [(b"content-length", b"1")],
        [(b"content-length", b"3")],
    ],
)
def test_a_length_that_two_servers_could_read_differently_is_refused(headers: Headers) -> None:
    """Request smuggling starts with a length that is not clear (RFC 9112 section 6.3)."""
    answer = refused(headers, chunks(b"ab"), DoorLimits())
    assert answer.status == 422
    assert answer.problem["type"] == "urn:lendgate:problem:invalid-request"


@pytest.mark.parametrize("headers", [[(b"content-length", b"2")], [(b"transfer-encoding", b"Chunked")]])
def test_a_clear_length_is_let_through(headers: Headers) -> None:
    """The two ordinary ways to frame a body."""
    assert ask(Application(), headers, chunks(b"ab")).status == 204


def test_a_body_that_does_not_arrive_in_time_is_refused() -> None:
    """The deadline is for the whole body: a caller that sends a byte now and then gains nothing."""
    sent: list[Message] = []
    pieces = iter(chunks(b"a", b"b"))

    async def receive() -> Message:
        piece = next(pieces)
        if not piece["more_body"]:
            await asyncio.Event().wait()
        return piece

    async def send(message: Message) -> None:
        sent.append(message)

    door = Door(Application(), DoorLimits(seconds=0.01))
    asyncio.run(door({"type": "http", "method": "POST", "headers": []}, receive, send))
    answer = Answer(sent)
    assert answer.status == 408
    assert answer.problem["reason"] == "The body did not arrive within 0.01 seconds."


def test_the_applications_own_time_is_not_the_doors() -> None:
    """A review that takes longer than the read deadline is not cut off."""

    async def slow(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        past_the_deadline = asyncio.Event()
        asyncio.get_running_loop().call_later(0.015, past_the_deadline.set)
        await past_the_deadline.wait()
        await send({"type": "http.response.start", "status": 204, "headers": []})

    assert ask(slow, [], chunks(b"a"), DoorLimits(seconds=0.01)).status == 204


def test_a_caller_that_hangs_up_early_is_not_served() -> None:
    """Half a body is no request, and nobody is left to tell."""
    answer = refused([], chunks(b"a", b"b")[:1])
    assert answer.messages == []


def test_a_refusal_is_a_problem_document_and_closes_the_connection() -> None:
    """What was not read must not be taken for the next request."""
    answer = refused([(b"x-request-id", b"r-1")], chunks(b"123456789"))
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["connection"] == "close"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.problem["ok"] is False
    assert answer.problem["request_id"] == "r-1"


@pytest.mark.parametrize(
    ("sent", "used"),
    [
        ([b"6f9619ff-8b86-4d01-b42d-00cf4fc964ff"], "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"),
        ([], "new-id"),
        ([b"a b"], "new-id"),
        ([b"<script>"], "new-id"),
        ([b"x" * 65], "new-id"),
        ([b"a", b"b"], "new-id"),
    ],
)
def test_every_request_has_one_well_formed_id(sent: list[bytes], used: str) -> None:
    """A sent id is used when it is one; nothing else a caller writes reaches logs or answers."""
    application = Application()
    ask(application, [(b"x-request-id", value) for value in sent], chunks(b""), DoorLimits())
    assert application.scopes[0]["state"]["request_id"] == used


@pytest.mark.parametrize("own", [[], [(b"X-Request-ID", b"other")], [(b"x-request-id", b"new-id")]])
def test_every_answer_carries_the_id_once(own: Headers) -> None:
    """The edge takes an answer without its request's id for somebody else's."""

    async def answering(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"vary", b"accept"), *own]})

    answer = ask(answering, [], chunks(b""))
    assert answer.messages[0]["headers"] == [(b"vary", b"accept"), (b"x-request-id", b"new-id")]


def test_start_up_events_pass_and_websockets_do_not() -> None:
    """Only HTTP is served; a protocol the door does not bound is closed."""
    application = Application()
    door = Door(application)
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {}

    asyncio.run(door({"type": "lifespan"}, receive, send))
    asyncio.run(door({"type": "websocket"}, receive, send))
    assert [scope["type"] for scope in application.scopes] == ["lifespan"]
    assert sent == [{"type": "websocket.close", "code": 1008}]
