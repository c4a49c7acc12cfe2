"""Documents through a live Worker: whole and as announced, or not at all."""

from __future__ import annotations

import base64
import hashlib
import socket
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.gated import Gated, gated
from tests.support.served import data_directory

pytestmark = pytest.mark.live
PATH = "/documents/6f9619ff-8b86-4d01-b42d-00cf4fc964ff/content"
BYTES = b"%PDF-1.7\n" + bytes(range(256)) * 400
LARGEST = 20 * 1024 * 1024


@pytest.fixture(scope="module")
def gate() -> Iterator[Gated]:
    """The Worker before an origin that remembers what it heard."""
    with data_directory() as directory, gated(directory) as running:
        yield running


@pytest.fixture
def fresh(gate: Gated) -> Gated:
    """The same with nothing heard yet."""
    gate.recorder.heard.clear()
    return gate


def announced(gate: Gated, content: bytes, **changes: str) -> dict[str, str]:
    """The headers a document is sent with."""
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    good = {
        "authorization": f"Bearer {gate.token('documents:write')}",
        "content-type": "application/pdf",
        "content-digest": f"sha-256=:{digest}:",
    }
    return good | {name.replace("_", "-"): value for name, value in changes.items()}


def sent_raw(gate: Gated, headers: Mapping[str, str], body: bytes) -> bytes:
    """What comes back when exactly these bytes go over a connection that is then closed for writing."""
    address = urlsplit(gate.url)
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=30) as connection:
        lines = [f"PUT {PATH} HTTP/1.1", "host: gate", *(f"{k}: {v}" for k, v in headers.items()), "", ""]
        connection.sendall("\r\n".join(lines).encode() + body)
        connection.shutdown(socket.SHUT_WR)
        parts: list[bytes] = []
        while part := connection.recv(65_536):
            parts.append(part)
    return b"".join(parts)


@pytest.mark.parametrize("size", [1, 4096, 65_537, LARGEST])
def test_a_document_arrives_byte_for_byte(size: int, fresh: Gated) -> None:
    """With its length and the digest that was announced, and the path that was signed."""
    content = (BYTES * (size // len(BYTES) + 1))[:size]
    answer = httpx.put(fresh.url + PATH, content=content, headers=announced(fresh, content), timeout=60)
    assert answer.status_code == 200
    (heard,) = fresh.recorder.heard
    assert (heard.method, heard.path, heard.body == content) == ("PUT", PATH, True)
    assert heard.headers["content-length"] == str(size)
    assert heard.headers["content-digest"] == announced(fresh, content)["content-digest"]


def test_another_digest_reaches_the_origin_as_a_broken_body(fresh: Gated) -> None:
    """The last part is kept back, so that nothing whole arrives."""
    answer = httpx.put(fresh.url + PATH, content=BYTES, headers=announced(fresh, b"another"))
    assert answer.status_code == 422
    assert answer.json()["reason"] == "The document does not have the digest that Content-Digest says."
    assert fresh.recorder.first().whole is False


def test_a_sender_that_hangs_up_leaves_nothing_whole(fresh: Gated) -> None:
    """A connection cut half-way is a broken body at the origin, too."""
    headers = announced(fresh, BYTES, content_length=str(len(BYTES)))
    sent_raw(fresh, headers, BYTES[: len(BYTES) // 2])
    assert fresh.recorder.first().whole is False


def test_bytes_beyond_the_length_are_not_the_documents(fresh: Gated) -> None:
    """HTTP ends the body at its length; what follows is another request, and a bad one."""
    headers = announced(fresh, BYTES, content_length=str(len(BYTES)))
    said = sent_raw(fresh, headers, BYTES + b"GARBAGE\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 200 ")
    assert [heard.body == BYTES for heard in fresh.recorder.heard] == [True]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"transfer_encoding": "chunked"}, 411),
        ({"content_length": str(LARGEST + 1)}, 413),
        ({"content_length": "0"}, 422),
        ({"content_length": "12", "content_type": "text/html"}, 415),
        ({"content_length": "12", "content_encoding": "gzip"}, 415),
        ({"content_length": "12", "content_digest": "sha-256=:AAAA:"}, 422),
    ],
)
def test_what_cannot_be_taken_is_refused_before_a_byte(
    changes: dict[str, str], status: int, fresh: Gated
) -> None:
    """The answer comes without the body having been sent, and the origin hears nothing."""
    said = sent_raw(fresh, announced(fresh, BYTES, **changes), b"")
    assert said.split(b" ")[1] == str(status).encode()
    assert fresh.recorder.heard == []
