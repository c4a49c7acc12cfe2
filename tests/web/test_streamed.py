"""A document's body on its way in: counted, timed and held against its signed digest, never held whole."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send

from lendgate.errors import UnsignedRequestError
from lendgate.web.door import Door, DoorLimits
from lendgate.web.replay import MemoryNonces
from lendgate.web.signature_base import SignedRequest
from lendgate.web.signed import SignedDoor
from lendgate.web.streamed import ContentError, is_streamed
from tests.support.edge_hand import EdgeHand
from tests.support.service import EDGE

AT = datetime(2026, 11, 22, 14, 5, 9, tzinfo=UTC)
HAND = EdgeHand(EDGE, at=AT)
PATH = "/documents/6f6a2b0c-8a4e-4f0e-9a53-0c8d6f1f2a11/content"
PDF = b"%PDF-1.7 not much of one"
LIMITS = DoorLimits(body=8, document=32, document_seconds=5)


@dataclass
class Reader:
    """A route that reads the stream to its end, part by part."""

    parts: list[bytes] = field(default_factory=list)
    whole: bool = False

    async def __call__(self, _scope: Scope, receive: Receive, _send: Send) -> None:
        while not self.whole:
            message = await receive()
            self.parts.append(message["body"])
            self.whole = not message["more_body"]


def put(body: bytes = PDF, length: int | None = None, path: str = PATH) -> SignedRequest:
    """A document's content as the edge sends it on."""
    headers = {
        "content-type": "application/pdf",
        "content-length": str(len(body) if length is None else length),
    }
    return HAND.request("PUT", path, body, headers)


def scope_of(request: SignedRequest) -> Scope:
    return {
        "type": "http",
        "method": request.method,
        "path": request.path,
        "raw_path": request.path.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in request.headers],
        "state": {},
    }


def send_through(
    request: SignedRequest, *parts: bytes, reader: Reader, broken_off: bool = False
) -> list[Message]:
    """The request through both doors, its body arriving in these parts."""
    arriving: list[Message] = [
        {"type": "http.request", "body": part, "more_body": broken_off or number < len(parts)}
        for number, part in enumerate(parts, 1)
    ]
    answers: list[Message] = []

    async def receive() -> Message:
        return arriving.pop(0) if arriving else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        answers.append(message)

    signed = SignedDoor(reader, {"edge-1": EDGE.key}, MemoryNonces(lambda: AT), lambda: AT)  # type: ignore[dict-item]  # an HMAC key verifies, too
    asyncio.run(Door(signed, LIMITS)(scope_of(request), receive, send))
    return answers


@given(cuts=st.lists(st.integers(0, len(PDF)), max_size=5))
def test_content_that_is_as_signed_reaches_the_route_in_its_parts(cuts: list[int]) -> None:
    """However it is cut on the way; nobody puts it together first."""
    places = [0, *sorted(cuts), len(PDF)]
    parts = [PDF[start:end] for start, end in pairwise(places)]
    reader = Reader()
    send_through(put(), *parts, reader=reader)
    assert reader.parts == parts


def test_content_of_another_digest_is_never_seen_whole() -> None:
    """The same length under the same signature: the last part is kept back."""
    reader = Reader()
    with pytest.raises(ContentError, match="does not have the digest"):
        send_through(put(), PDF[:10], b"x" * (len(PDF) - 10), reader=reader)
    assert reader.parts == [PDF[:10]]


@pytest.mark.parametrize("parts", [(PDF, b"more"), (PDF[:-1],), ()])
def test_content_of_another_length_is_never_seen_whole(parts: tuple[bytes, ...]) -> None:
    """Longer, shorter and none at all."""
    reader = Reader()
    with pytest.raises(ContentError):
        send_through(put(), *parts, reader=reader)
    assert not reader.whole


def test_content_that_breaks_off_is_never_seen_whole() -> None:
    """A caller that hangs up in the middle."""
    reader = Reader()
    with pytest.raises(ContentError, match="broke off"):
        send_through(put(), PDF[:10], reader=reader, broken_off=True)
    assert not reader.whole


def test_content_that_comes_too_slowly_is_given_up() -> None:
    """The time is for the whole of it, so a byte now and then gains nothing."""

    async def never() -> Message:
        await asyncio.Event().wait()
        return {}

    limits = DoorLimits(document_seconds=0.01)
    with pytest.raises(ContentError, match="did not arrive in time") as raised:
        asyncio.run(Door(Reader(), limits)(scope_of(put()), never, never))  # type: ignore[arg-type]  # nothing is sent
    assert raised.value.kind == "request-timeout"


@pytest.mark.parametrize(("length", "status"), [(32, None), (33, 413)])
def test_the_size_of_a_document_is_bounded_by_its_header(length: int, status: int | None) -> None:
    """The limit itself passes; one byte more is refused before any of it is read."""
    reader = Reader()
    answers = send_through(put(b"x" * length), b"x" * length, reader=reader)
    assert [message["status"] for message in answers if "status" in message] == ([status] if status else [])
    assert reader.whole is (status is None)


def test_a_document_without_a_length_is_refused() -> None:
    """What has no end announced could only be bounded by reading it."""
    request = put()
    chunked = [(name, value) for name, value in request.headers if name != "content-length"]
    bare = SignedRequest(request.method, PATH, "", (*chunked, ("transfer-encoding", "chunked")), PDF)
    start, body = send_through(bare, PDF, reader=Reader())
    assert start["status"] == 422
    assert "content-length" in json.loads(body["body"])["reason"]


def test_content_under_a_bad_signature_is_not_read() -> None:
    """The head is judged first: not one part is asked for."""
    request = put().with_headers({"content-digest": "sha-256=:AAAA:"})
    reader = Reader()
    with pytest.raises(UnsignedRequestError, match="does not match"):
        send_through(request, PDF, reader=reader)
    assert reader.parts == []


@pytest.mark.parametrize(
    ("method", "path", "streamed"),
    [
        ("PUT", PATH, True),
        ("PUT", "/documents/a/b/content", False),
        ("PUT", "/documents/a/content/", False),
        ("PUT", "/documents", False),
        ("POST", PATH, False),
        ("GET", PATH, False),
    ],
)
def test_only_a_documents_content_is_streamed(method: str, path: str, streamed: bool) -> None:  # noqa: FBT001 - a column
    """Every other body is held whole and small."""
    assert is_streamed({"method": method, "path": path}) is streamed
