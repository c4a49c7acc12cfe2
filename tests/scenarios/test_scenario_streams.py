"""Streams through a live Worker: event by event, and over when their reader is gone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.support.gated import Gated, Handler, Heard, gated
from tests.support.served import data_directory, speaking_to

pytestmark = pytest.mark.live
SECONDS = 10
SESSION = "/intake/sessions/6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
SAYING = b'{"text":"I make 5k a month","message_id":"m-1"}'


@dataclass
class Speaker:
    """An origin that says one event, waits to be read, and goes on until nobody listens."""

    read: threading.Event = field(default_factory=threading.Event)
    deserted: threading.Event = field(default_factory=threading.Event)

    def __call__(self, handler: Handler, heard: Heard) -> None:
        """Server-sent events in chunks, as the service sends them."""
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.send_header("transfer-encoding", "chunked")
        handler.send_header("x-request-id", heard.headers["x-request-id"])
        handler.end_headers()
        handler.close_connection = True
        try:
            self._say(handler, "id: 1\ndata: first\n\n")
            if not self.read.wait(SECONDS):
                return
            self._say(handler, "id: 2\ndata: second\n\n")
            while True:
                self._say(handler, ": still here\n\n")
        except OSError:
            self.deserted.set()

    @staticmethod
    def _say(handler: Handler, text: str) -> None:
        handler.wfile.write(f"{len(text):x}\r\n{text}\r\n".encode())
        handler.wfile.flush()


@pytest.fixture
def speaker() -> Speaker:
    """The origin's voice."""
    return Speaker()


@pytest.fixture
def gate(speaker: Speaker) -> Iterator[Gated]:
    """The Worker before it."""
    with data_directory() as directory, gated(directory, speaker) as running:
        yield running


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", f"{SESSION}/messages", SAYING),
        ("GET", f"{SESSION}/events", b""),
        ("POST", "/support/questions", b'{"review_id":"r-1","question":"Why?"}'),
        ("GET", "/lending-review/6f9619ff-8b86-4d01-b42d-00cf4fc964ff/events", b""),
    ],
)
def test_an_event_is_read_before_the_next_is_said_and_leaving_ends_it(
    method: str, path: str, body: bytes, *, gate: Gated, speaker: Speaker
) -> None:
    """Nothing is held back on the way, and a reader that hangs up is missed at the origin."""
    headers = {"accept": "text/event-stream", "content-type": "application/json", "last-event-id": "7"}
    with (
        speaking_to(gate.url, gate.token()) as client,
        client.stream(method, path, content=body, headers=headers) as answer,
    ):
        assert answer.headers["content-type"] == "text/event-stream"
        texts = answer.iter_text()
        said = read_until(texts, "first")
        speaker.read.set()
        assert "second" not in said
        read_until(texts, "second")
    assert speaker.deserted.wait(SECONDS)
    (heard,) = gate.recorder.heard
    assert (heard.headers["last-event-id"], heard.headers["accept"]) == ("7", "text/event-stream")


def read_until(texts: Iterator[str], word: str) -> str:
    """What came up to and with the word; the client's timeout is the limit."""
    said = ""
    while word not in said:
        said += next(texts)
    return said
