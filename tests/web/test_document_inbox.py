"""Documents that the gate has put into a bucket: taken, held against their digest, and removed from it."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from lendgate.store.database import Database
from lendgate.store.shelves import BlobMissingError
from lendgate.web.app import create_app
from tests.support.edge_hand import EdgeHand, as_http
from tests.support.service import BASE, http_to, service_on
from tests.web.test_documents import HAND, OTHER_BROKER, Desk

pytestmark = pytest.mark.anyio
CONTENT = b"%PDF-1.7 a document that lies in a bucket"


class GatesBucket:
    """A bucket as the gate fills it."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    async def parts(self, key: str) -> AsyncIterator[bytes]:
        """In parts of seven bytes."""
        if key not in self.kept:
            raise BlobMissingError(key)
        for start in range(0, len(self.kept[key]), 7):
            yield self.kept[key][start : start + 7]

    async def remove(self, key: str) -> None:
        """Remove it, if it is there."""
        self.kept.pop(key, None)


@pytest.fixture
def bucket() -> GatesBucket:
    """Nothing in it yet."""
    return GatesBucket()


@pytest.fixture
async def desk(database: Database, bucket: GatesBucket) -> AsyncIterator[Desk]:
    """A broker whose gate has the bucket."""
    async with service_on(database) as service:
        told = replace(service, inbox=bucket)
        async with http_to(create_app(told)) as http:
            review = await http.send(as_http(HAND.post(), BASE))
            yield Desk(told, http, review.json()["review_id"])


async def left(desk: Desk, bucket: GatesBucket, lying: bytes = CONTENT) -> tuple[str, str]:
    """A declared document, and these bytes where the gate puts a document's; its id and its key."""
    document_id = (await desk.declare(CONTENT)).json()["document_id"]
    key = f"local/demo-broker/{document_id}/{hashlib.sha256(CONTENT).hexdigest()}"
    bucket.kept[key] = lying
    return document_id, key


async def tell(desk: Desk, document_id: str, key: str, hand: EdgeHand = HAND) -> httpx.Response:
    """The gate's request: no bytes, but their digest and where they lie, signed."""
    given = {"content-type": "application/pdf", "content-length": "0", "lendgate-content-key": key}
    signed = hand.request("PUT", f"/documents/{document_id}/content", CONTENT, given)
    return await desk.send(replace(signed, body=b""))


async def status_of(desk: Desk, document_id: str) -> object:
    """How the document stands."""
    return (await desk.send(HAND.get(f"/documents/{document_id}"))).json()["status"]


async def test_what_lies_in_the_bucket_is_received_and_removed(desk: Desk, bucket: GatesBucket) -> None:
    """As if it had come with the request; nothing unsealed stays."""
    document_id, key = await left(desk, bucket)
    answer = await tell(desk, document_id, key)
    assert (answer.status_code, answer.json()["document_id"]) == (202, document_id)
    assert await status_of(desk, document_id) == "received"
    assert bucket.kept == {}


async def test_told_again_it_is_the_same_answer(desk: Desk, bucket: GatesBucket) -> None:
    """The first answer got lost and the gate has put the bytes there again: they go away, too."""
    document_id, key = await left(desk, bucket)
    await tell(desk, document_id, key)
    bucket.kept[key] = CONTENT
    assert (await tell(desk, document_id, key)).status_code == 202
    assert bucket.kept == {}


@pytest.mark.parametrize("lying", [b"", CONTENT[:-1], CONTENT + b"x", CONTENT.replace(b"a", b"b")])
async def test_other_bytes_are_not_received(lying: bytes, desk: Desk, bucket: GatesBucket) -> None:
    """Their digest is not the one that was signed."""
    document_id, key = await left(desk, bucket, lying)
    answer = await tell(desk, document_id, key)
    assert (answer.status_code, "digest" in answer.json()["reason"]) == (422, True)
    assert await status_of(desk, document_id) == "awaiting_content"


async def test_bytes_that_are_not_there_are_not_received(desk: Desk, bucket: GatesBucket) -> None:
    """The sender is told to send them again."""
    document_id, key = await left(desk, bucket)
    bucket.kept.clear()
    answer = await tell(desk, document_id, key)
    assert (answer.status_code, answer.json()["reason"]) == (
        422,
        "The content did not arrive; send it again.",
    )


@pytest.mark.parametrize("other", ["local/demo-broker/d/e", "../x", "local/rival/{id}/{sha}", "x{key}"])
async def test_another_key_is_nobodys(other: str, desk: Desk, bucket: GatesBucket) -> None:
    """Only where the gate puts this very document is looked, whatever lies elsewhere."""
    document_id, key = await left(desk, bucket)
    named = other.format(id=document_id, sha=hashlib.sha256(CONTENT).hexdigest(), key=key)
    bucket.kept[named] = CONTENT
    assert (await tell(desk, document_id, named)).status_code == 422
    assert await status_of(desk, document_id) == "awaiting_content"


async def test_another_brokers_document_is_not_found(desk: Desk, bucket: GatesBucket) -> None:
    """And nothing of it is taken."""
    document_id, key = await left(desk, bucket)
    assert (await tell(desk, document_id, key, OTHER_BROKER)).status_code == 404
    assert bucket.kept[key] == CONTENT


async def test_a_service_without_the_bucket_accepts_nothing(database: Database) -> None:
    """The gate is told that nothing was accepted, and the operator what is missing."""
    async with service_on(database) as service, http_to(create_app(service)) as http:
        review = await http.send(as_http(HAND.post(), BASE))
        desk = Desk(service, http, review.json()["review_id"])
        answer = await tell(desk, *(await left(desk, GatesBucket())))
        assert (answer.status_code, "LENDGATE_DOCUMENTS_INBOX" in answer.json()["reason"]) == (503, True)
