"""The SDK's inspections: every page of the queue, and verdicts on the version that was read."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import httpx
import pytest

from lendgate.client import AsyncLendgateClient, LendgateClient
from lendgate.client.inspections import Given
from lendgate.errors import GateUnavailableError
from lendgate.schema.inspection import Inspection

REASON = "Read beside the original."
WAITING = {
    "document_id": "d1",
    "application_id": "a1",
    "broker_id": "b1",
    "declared_type": "pay_stub",
    "waiting_since": "2026-11-22T10:00:00.000Z",
    "version": 3,
}
FILE = {
    **WAITING,
    "file_name": "stub.pdf",
    "media_type": "application/pdf",
    "size": 9,
    "sha256": "0" * 64,
    "state": "open",
    "pages": 1,
    "refused": "",
    **dict.fromkeys(("reasons", "checks", "signals", "duplicates", "documents", "verdicts"), ()),
    "told": {"route": "human_review", "reasons": (), "documents": ()},
}


@dataclass
class Gate:
    """A gate with two pages of files that wait."""

    requests: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.url.path != "/inspections":
            return httpx.Response(200, json=FILE)
        last = "cursor" in request.url.params
        page = {"inspections": [WAITING | {"document_id": "d2" if last else "d1"}]}
        return httpx.Response(200, json=page if last else page | {"next": "abc"})

    @property
    def said(self) -> list[tuple[str, str, object]]:
        """The verdicts: where to, on which state, what."""
        posts = (one for one in self.requests if one.method == "POST")
        return [(one.url.path, one.headers["if-match"], json.loads(one.content)) for one in posts]

    def client(self) -> LendgateClient:
        return LendgateClient("http://gate.test", "token", transport=httpx.MockTransport(self))

    def async_client(self) -> AsyncLendgateClient:
        return AsyncLendgateClient("http://gate.test", "token", transport=httpx.MockTransport(self))


EXPECTED = [
    (
        "/inspections/d1/verdict",
        '"3"',
        {
            "action": "accept",
            "reason": REASON,
            "document": 1,
            "type": "pay_stub",
            "fields": [
                {"name": "net_current", "value": "2310.55"},
                {"name": "pay_date", "value": "2026-11-13"},
            ],
        },
    ),
    ("/inspections/d1/verdict", '"3"', {"action": "return", "reason": REASON, "codes": ["too_old"]}),
]
VALUES: Mapping[str, Given] = {"net_current": Decimal("2310.55"), "pay_date": date(2026, 11, 13)}


def test_the_queue_and_two_verdicts() -> None:
    """Both pages; each verdict on the version that was read, and nothing said that was left out."""
    gate = Gate()
    with gate.client() as client:
        assert [one.document_id for one in client.inspections.waiting()] == ["d1", "d2"]
        file = client.inspections.get("d1")
        client.inspections.accept(file, REASON, document=1, type="pay_stub", fields=VALUES)
        client.inspections.send_back(file, REASON, ["too_old"])
    assert gate.said == EXPECTED


def test_the_same_asynchronously() -> None:
    """The twin sends the same."""
    gate = Gate()

    async def use() -> Inspection:
        async with gate.async_client() as client:
            assert [one.document_id async for one in client.inspections.waiting()] == ["d1", "d2"]
            file = await client.inspections.get("d1")
            await client.inspections.accept(file, REASON, document=1, type="pay_stub", fields=VALUES)
            return await client.inspections.send_back(file, REASON, ["too_old"])

    assert asyncio.run(use()).version == 3
    assert gate.said == EXPECTED


BYTES = b"%PDF-1.7\r\n\x00\xff"


def saved(request: httpx.Request) -> httpx.Response:
    """A gate that hands out one file."""
    assert (request.method, request.url.path) == ("GET", "/inspections/d1/content")
    headers = {"content-type": "application/pdf", "content-disposition": 'attachment; filename="d1.pdf"'}
    return httpx.Response(200, content=BYTES, headers=headers)


def test_a_file_comes_byte_for_byte() -> None:
    """As it was sent, by either client."""

    async def use() -> bytes:
        transport = httpx.MockTransport(saved)
        async with AsyncLendgateClient("http://gate.test", "token", transport=transport) as client:
            return await client.inspections.content("d1")

    with LendgateClient("http://gate.test", "token", transport=httpx.MockTransport(saved)) as client:
        assert client.inspections.content("d1") == BYTES
    assert asyncio.run(use()) == BYTES


def test_what_no_gate_sent_is_not_taken_for_a_file() -> None:
    """A page of somebody's on the way is no document."""
    gate = httpx.MockTransport(lambda _: httpx.Response(200, html="<p>Please log in</p>"))
    with (
        LendgateClient("http://gate.test", "token", transport=gate) as client,
        pytest.raises(GateUnavailableError, match="shape"),
    ):
        client.inspections.content("d1")
