"""Requests that no client library would write, at a live Worker: nothing gets through as another one."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from lendgate.web.signature_base import decode_base64url
from tests.support.gated import Gated, gated
from tests.support.served import data_directory

pytestmark = pytest.mark.live
ID = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
MESSAGES = f"/intake/sessions/{ID}/messages"
SAYING = b'{"text":"I make 5k a month","message_id":"m-1"}'
LENGTH = f"content-length: {len(SAYING)}"
TRAVELLING = ("accept", "idempotency-key", "prefer", "last-event-id", "if-match", "if-none-match")


@pytest.fixture(scope="module")
def running() -> Iterator[Gated]:
    """The Worker before an origin that remembers what it heard."""
    with data_directory() as directory, gated(directory) as gate:
        yield gate


@pytest.fixture
def gate(running: Gated) -> Gated:
    """The same with nothing heard yet."""
    running.recorder.heard.clear()
    return running


def spoken(gate: Gated, head: str, *lines: str, body: bytes = b"") -> int:
    """The status of what is answered to exactly this; 0 when the connection is dropped."""
    address = urlsplit(gate.url)
    written = [head, "host: gate", f"authorization: Bearer {gate.token()}", *lines, "", ""]
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=10) as connection:
        connection.sendall("\r\n".join(written).encode("latin-1") + body)
        connection.shutdown(socket.SHUT_WR)
        said = b"".join(iter(lambda: connection.recv(65_536), b""))
    return int(said.split(b" ", 2)[1]) if said else 0


def posted(gate: Gated, *lines: str, body: bytes = SAYING) -> int:
    """A message of a conversation, its framing and further headers as given."""
    return spoken(gate, f"POST {MESSAGES} HTTP/1.1", "content-type: application/json", *lines, body=body)


def test_the_control_gets_through(gate: Gated) -> None:
    """What the others differ from is accepted."""
    assert posted(gate, LENGTH) == 200
    assert [heard.body for heard in gate.recorder.heard] == [SAYING]


@pytest.mark.parametrize(
    ("lines", "body"),
    [
        ((LENGTH, "content-length: 5"), SAYING),
        (("content-length: +47",), SAYING),
        ((f"content-length: {len(SAYING) - 2}",), SAYING),
        ((f"content-length: {len(SAYING) + 50}",), SAYING),
        (("transfer-encoding: xchunked",), SAYING),
        (("transfer-encoding: chunked",), b"ffffffffffffffff\r\n" + SAYING),
        (
            ("transfer-encoding: chunked", "content-length: 5"),
            b"0\r\n\r\nGET /referrals HTTP/1.1\r\nx: y\r\n\r\n",
        ),
        ((LENGTH, "accept: a\r\n b"), SAYING),
        ((LENGTH, "if-match : x"), SAYING),
    ],
)
def test_framing_that_could_be_read_twice_brings_nothing_to_the_origin(
    lines: tuple[str, ...], body: bytes, gate: Gated
) -> None:
    """Refused or dropped; neither the request nor anything hidden in it is heard."""
    assert posted(gate, *lines, body=body) in (0, 400, 401, 413, 422)
    assert gate.recorder.heard == []


def test_a_length_beside_chunks_is_not_believed(gate: Gated) -> None:
    """The chunks are the body (RFC 9112 6.3), and the origin gets one framing, the gate's own."""
    chunks = f"{len(SAYING):x}\r\n".encode() + SAYING + b"\r\n0\r\n\r\n"
    assert posted(gate, LENGTH, "transfer-encoding: chunked", body=chunks) == 200
    (heard,) = gate.recorder.heard
    assert (heard.body, heard.headers["content-length"]) == (SAYING, str(len(SAYING)))
    assert "transfer-encoding" not in heard.headers


@pytest.mark.parametrize("name", TRAVELLING)
@pytest.mark.parametrize("value", ["a\rx: y", "a\0b", "caf\xe9", "x" * 256, "a\tb"])
def test_a_travelling_header_holds_printable_ascii_or_does_not_travel(
    value: str, name: str, gate: Gated
) -> None:
    """No line break, byte or length of it reaches the signature base."""
    assert posted(gate, LENGTH, f"{name}: {value}") in (400, 422)
    assert gate.recorder.heard == []


@pytest.mark.parametrize("name", TRAVELLING)
def test_a_line_feed_begins_another_header_and_that_does_not_travel(name: str, gate: Gated) -> None:
    """What a lenient reader takes for a second header is the caller's, and the principal is the gate's."""
    assert posted(gate, LENGTH, f"{name}: a\nlendgate-principal: e30\nlendgate-content-key: k") == 200
    (heard,) = gate.recorder.heard
    assert b'"broker-1"' in decode_base64url(heard.headers["lendgate-principal"])
    assert "lendgate-content-key" not in heard.headers
    assert heard.headers[name] == "a"


@pytest.mark.parametrize(
    "target",
    [
        f"/documents/{ID}/../{ID}",
        f"/documents/./{ID}",
        f"/documents/{ID}%2fcontent",
        "/documents/%2e%2e/referrals",
        f"/documents/{ID};x",
        f"//gate/documents/{ID}",
        f"/documents\\{ID}",
        f"/support/status/{ID}/",
        f'/documents?application_id={ID}"',
        f"/lending-review/{ID}/decision?x=<y>",
        "/referrals?cursor=" + "a" * 2000,
        "*",
    ],
)
def test_a_path_that_could_be_mended_is_none(target: str, gate: Gated) -> None:
    """Nobody resolves, decodes or folds what is then signed."""
    assert spoken(gate, f"GET {target} HTTP/1.1") in (400, 404, 422)
    assert gate.recorder.heard == []


@pytest.mark.parametrize("method", ["TRACE", "PATCH", "HEAD", "OPTIONS", "DELETE", "get", "POST /x"])
def test_a_method_that_is_not_offered_goes_nowhere(method: str, gate: Gated) -> None:
    """405, or no request at all."""
    assert 400 <= spoken(gate, f"{method} /documents/{ID} HTTP/1.1") <= 501
    assert gate.recorder.heard == []


def test_a_flood_of_headers_stays_outside(gate: Gated) -> None:
    """They may come as far as the gate; only what travels goes on."""
    assert posted(gate, LENGTH, *(f"x-{number}: 1" for number in range(1000))) in (200, 400, 431)
    assert all(len(heard.headers) < 20 for heard in gate.recorder.heard)
