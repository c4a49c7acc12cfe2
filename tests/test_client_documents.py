"""The SDK's documents: what is declared and sent is the file, and waiting ends when its triage has."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from lendgate.client import AsyncLendgateClient, LendgateClient, RefusedError
from lendgate.client.agent_documents import AgentDocuments, AsyncAgentDocuments
from lendgate.errors import GateUnavailableError

CONTENT = b"%PDF-1.7 " + b"x" * 300_000


@dataclass
class Gate:
    """A gate with one document: takes it, and has it triaged when it is looked at often enough."""

    looks: int = 2
    requests: list[httpx.Request] = field(default_factory=list)
    sent: bytes = b""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.method == "POST":
            where = "/documents/d1/content"
            body = {"document_id": "d1", "upload": where, "expires_at": "2026-11-22T11:00:00.000Z"}
            return httpx.Response(201, json=body)
        if request.method == "PUT":
            self.sent = request.content
            return httpx.Response(202, json=self.record("received"))
        if request.url.path == "/documents":
            return httpx.Response(200, json={"documents": [self.record("received")]})
        self.looks -= 1
        return httpx.Response(200, json=self.record("received" if self.looks else "triaged"))

    @staticmethod
    def record(status: str) -> dict[str, object]:
        return {
            "document_id": "d1",
            "application_id": "r1",
            "declared_type": "pay_stub",
            "file_name": "stub.pdf",
            "media_type": "application/pdf",
            "size": len(CONTENT),
            "sha256": hashlib.sha256(CONTENT).hexdigest(),
            "status": status,
            "created_at": "2026-11-22T10:00:00.000Z",
        }

    def client(self) -> LendgateClient:
        return LendgateClient("http://gate.test", "token", transport=httpx.MockTransport(self))

    def async_client(self) -> AsyncLendgateClient:
        return AsyncLendgateClient("http://gate.test", "token", transport=httpx.MockTransport(self))


@pytest.fixture
def stub(tmp_path: Path) -> Path:
    """A file larger than any other body may be."""
    path = tmp_path / "stub.pdf"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def gate() -> Gate:
    return Gate()


def check_sent(gate: Gate) -> None:
    """The metadata and the bytes are those of the file."""
    post, put = gate.requests
    digest = hashlib.sha256(CONTENT)
    assert json.loads(post.content) == {
        "application_id": "r1",
        "declared_type": "pay_stub",
        "file_name": "stub.pdf",
        "media_type": "application/pdf",
        "size": len(CONTENT),
        "sha256": digest.hexdigest(),
    }
    assert gate.sent == CONTENT
    assert put.url.path == "/documents/d1/content"
    assert put.headers["content-type"] == "application/pdf"
    assert put.headers["content-length"] == str(len(CONTENT))
    assert put.headers["content-digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"


def test_a_file_is_declared_and_sent(gate: Gate, stub: Path) -> None:
    """Metadata first, then the very bytes whose digest it gave."""
    with gate.client() as client:
        record = client.documents.submit(stub, application_id="r1", declared_type="pay_stub")
    assert (record.document_id, record.status) == ("d1", "received")
    check_sent(gate)


def test_the_asynchronous_twin_sends_the_same(gate: Gate, stub: Path) -> None:
    """Request for request."""

    async def submit() -> None:
        async with gate.async_client() as client:
            await client.documents.submit(str(stub), application_id="r1", declared_type="pay_stub")

    asyncio.run(submit())
    check_sent(gate)


def test_waiting_looks_until_the_document_is_triaged(gate: Gate) -> None:
    """With pauses that grow."""
    gate.looks = 4
    pauses: list[float] = []
    with gate.client() as client:
        client.documents._sleep = pauses.append
        assert client.documents.wait("d1").status == "triaged"
    assert len(pauses) == 3
    assert pauses == sorted(pauses)


def test_waiting_ends_in_time(gate: Gate) -> None:
    """A document that is not triaged by then is not lost; the error says so."""
    gate.looks = 10_000
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    async def wait() -> None:
        async with gate.async_client() as client:
            client.documents._sleep = sleep
            await client.documents.wait("d1", seconds=10)

    with pytest.raises(GateUnavailableError, match="not triaged yet"):
        asyncio.run(wait())
    assert 7 < sum(pauses) <= 10


def test_a_refusal_is_the_gates_own(gate: Gate, tmp_path: Path) -> None:
    """The SDK judges neither type nor size; the problem document comes back as it is."""
    path = tmp_path / "page.html"
    path.write_text("<html>")
    problem = {
        "type": "urn:lendgate:problem:invalid-request",
        "title": "The request is not valid",
        "status": 422,
        "detail": "/media_type must be one of: application/pdf.",
        "ok": False,
        "reason": "/media_type must be one of: application/pdf.",
        "errors": [],
        "request_id": "q1",
    }
    seen: list[httpx.Request] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        headers = {"content-type": "application/problem+json"}
        return httpx.Response(422, json=problem, headers=headers)

    client = LendgateClient("http://gate.test", "token", transport=httpx.MockTransport(refuse))
    with client, pytest.raises(RefusedError, match="media_type"):
        client.documents.submit(path, application_id="r1")
    assert json.loads(seen[0].content)["media_type"] == "text/html"
    assert len(seen) == 1


def test_the_agents_documents_do_the_same(gate: Gate, stub: Path) -> None:
    """``agent.documents``: submit, get, of, wait, a connection for each."""
    documents = AgentDocuments(AsyncAgentDocuments(gate.async_client))
    submitted = documents.submit(stub, application_id="r1", declared_type="pay_stub")
    check_sent(gate)
    assert documents.get(submitted.document_id).status == "received"
    assert [one.document_id for one in documents.of("r1")] == ["d1"]
    assert documents.wait("d1").status == "triaged"
