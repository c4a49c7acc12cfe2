"""The SDK's intake conversation: pieces as they come, taken up after a cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from lendgate.client import LendgateClient, RefusedError
from lendgate.errors import GateUnavailableError

FRAMES = [
    'id: 2.1\nevent: received\ndata: {"message_id":"m-1"}\n\n',
    'id: 3.1\nevent: started\ndata: {"message_id":"a-1"}\n\n',
    'id: 3.2\nevent: delta\ndata: {"message_id":"a-1","text":"Noted.\\n"}\n\n',
    'id: 3.3\nevent: delta\ndata: {"message_id":"a-1","text":"How much?"}\n\n',
    'id: 3.4\nevent: completed\ndata: {"message_id":"a-1","asks":"amount_requested","phase":"asking"}\n\n',
]
Answer = Callable[[httpx.Request], httpx.Response]


class Cut(httpx.SyncByteStream):
    """A body that ends in the middle: after so many frames, or also inside the next one."""

    def __init__(self, frames: list[str], *, inside: bool) -> None:
        self.frames, self.inside = frames, inside

    def __iter__(self) -> Iterator[bytes]:
        yield "".join(self.frames).encode()
        if self.inside:
            yield b'id: 9.9\nevent: delta\ndata: {"text":"never'
        raise httpx.ReadError("cut")


def client(answer: Answer) -> LendgateClient:
    """A client of a gate that answers like this."""
    return LendgateClient("http://gate.test", "token", transport=httpx.MockTransport(answer))


def rest_after(request: httpx.Request) -> list[str]:
    """The frames after the last that the caller has."""
    last = request.headers.get("last-event-id")
    ids = [frame.splitlines()[0].removeprefix("id: ") for frame in FRAMES]
    return FRAMES[ids.index(last) + 1 :] if last else FRAMES


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("seen", range(len(FRAMES)))
def test_an_answer_that_is_cut_is_heard_once(seen: int, inside: bool) -> None:  # noqa: FBT001 - a parameter
    """Cut after any event or within one: every piece once, and the message is the same one."""
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        if len(requests) == 1:
            return httpx.Response(200, stream=Cut(FRAMES[:seen], inside=inside))
        return httpx.Response(200, text="".join(rest_after(request)))

    with client(answer) as gate:
        assert list(gate.intake.say("s-1", "Maria Lopez")) == ["Noted.\n", "How much?"]
    assert len({request.content for request in requests}) == 1
    assert len(requests) == 2


def test_an_answer_that_stays_cut_is_an_error() -> None:
    """After three attempts, saying what to do."""
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, stream=Cut([], inside=True))

    with client(answer) as gate, pytest.raises(GateUnavailableError):
        list(gate.intake.say("s-1", "hello"))
    assert len(requests) == 3


def test_a_refusal_is_one() -> None:
    """It is not tried again."""
    problem = {
        "type": "urn:lendgate:problem:conflict",
        "title": "t",
        "status": 409,
        "detail": "full",
        "reason": "full",
        "request_id": "r-1",
    }

    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(409, json=problem, headers={"content-type": "application/problem+json"})

    with client(answer) as gate, pytest.raises(RefusedError, match="full"):
        list(gate.intake.say("s-1", "hello"))
