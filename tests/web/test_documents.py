"""The routes of documents at the origin: declared, received, told; wrong ones refused in time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, cast
from uuid import uuid4

import httpx
import psycopg
import pytest

from lendgate.bootstrap import Service
from lendgate.schema.documents import DocumentRecord
from lendgate.store.blobs import blob_key
from lendgate.store.database import Database
from lendgate.store.shelves import BlobMissingError
from lendgate.web.app import create_app
from lendgate.web.signature_base import SignedRequest
from lendgate.workflow.documents import MOST_DOCUMENTS
from tests.support.edge_hand import EdgeHand, as_http, principal
from tests.support.service import BASE, EDGE, http_to, now, service_on

pytestmark = pytest.mark.anyio
HAND = EdgeHand(EDGE)
OTHER_BROKER = EdgeHand(EDGE, principal("local", "broker-2"))
OTHER_TENANT = EdgeHand(EDGE, principal("elsewhere", "demo-broker"))
NAME = "stub of Jane Q. Canary.pdf"


class Desk:
    """A broker at a service: sends what it is told to, and gives the answers."""

    def __init__(self, service: Service, http: httpx.AsyncClient, review_id: str) -> None:
        self.service = service
        self.http = http
        self.review_id = review_id

    async def send(self, request: SignedRequest) -> httpx.Response:
        return await self.http.send(as_http(request, BASE))

    async def declare(self, content: bytes, hand: EdgeHand = HAND, **changed: object) -> httpx.Response:
        metadata = {
            "application_id": self.review_id,
            "declared_type": "pay_stub",
            "file_name": NAME,
            "media_type": "application/pdf",
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        return await self.send(hand.post(json.dumps(metadata | changed).encode(), "/documents"))

    async def put(
        self, document_id: str, content: bytes, hand: EdgeHand = HAND, media_type: str = "application/pdf"
    ) -> httpx.Response:
        given = {"content-type": media_type, "content-length": str(len(content))}
        return await self.send(hand.request("PUT", f"/documents/{document_id}/content", content, given))

    async def received(self, content: bytes) -> str:
        document_id = (await self.declare(content)).json()["document_id"]
        assert (await self.put(document_id, content)).status_code == 202
        return cast(str, document_id)


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    """A service, and a broker who has sent an application."""
    async with service_on(database) as service, http_to(create_app(service)) as http:
        review = await http.send(as_http(HAND.post(), BASE))
        yield Desk(service, http, review.json()["review_id"])


async def test_a_document_is_declared_received_and_told(desk: Desk) -> None:
    """201 with where to send it and until when; 202 with the document; 200 with the same."""
    content = b"%PDF-1.7 told"
    declared = await desk.declare(content)
    body = declared.json()
    assert (declared.status_code, body["status"]) == (201, "awaiting_content")
    assert body["upload"] == f"/documents/{body['document_id']}/content"
    assert declared.headers["location"] == f"/documents/{body['document_id']}"
    received = await desk.put(body["document_id"], content)
    assert received.status_code == 202
    record = DocumentRecord.model_validate_json(received.content)
    assert (record.status, record.file_name, record.application_id) == ("received", NAME, desk.review_id)
    told = await desk.send(HAND.get(f"/documents/{body['document_id']}"))
    assert (told.status_code, told.json()) == (200, received.json())


async def test_what_is_kept_is_what_was_sent_and_sealed(desk: Desk, superuser_url: str) -> None:
    """The original opens under its tenant's key; neither it nor its name is anywhere in the open."""
    content = b"%PDF-1.7 " + b"sealed " * 300_000
    document_id = await desk.received(content)
    key = blob_key("local", "originals", hashlib.sha256(content).digest())
    assert b"sealed sealed" not in await desk.service.blobs.shelf.get(key)
    with psycopg.connect(superuser_url) as everything:
        row = everything.execute(
            "SELECT d::text FROM lendgate.document d WHERE document_id = %s", (document_id,)
        ).fetchone()
    assert row is not None
    assert key in row[0]
    assert NAME not in row[0]
    assert NAME.encode().hex() not in row[0]


async def test_bytes_that_come_again_get_the_same_answer(desk: Desk) -> None:
    """The first answer got lost: nothing is done twice, and nobody has to know."""
    content = b"%PDF-1.7 again"
    document_id = await desk.received(content)
    again = await desk.put(document_id, content)
    assert (again.status_code, again.json()["status"]) == (202, "received")


async def test_a_file_that_the_application_holds_is_refused_before_its_bytes(desk: Desk) -> None:
    """409, naming the document that it is; another application may hold the same file."""
    content = b"%PDF-1.7 twice"
    document_id = await desk.received(content)
    refused = await desk.declare(content)
    assert refused.status_code == 409
    assert document_id in refused.json()["reason"]
    assert "retry-after" not in refused.headers
    other = (await desk.send(HAND.post())).json()["review_id"]
    assert (await desk.declare(content, application_id=other)).status_code == 201


async def test_of_two_uploads_of_one_file_the_second_is_refused(desk: Desk) -> None:
    """Both were declared before either came."""
    content = b"%PDF-1.7 race"
    first, second = [(await desk.declare(content)).json()["document_id"] for _ in range(2)]
    assert (await desk.put(first, content)).status_code == 202
    assert (await desk.put(second, content)).status_code == 409
    assert (await desk.send(HAND.get(f"/documents/{second}"))).json()["status"] == "awaiting_content"


@pytest.mark.parametrize("hand", [OTHER_BROKER, OTHER_TENANT])
async def test_what_is_somebody_elses_does_not_exist(desk: Desk, hand: EdgeHand) -> None:
    """404 for the application, the document, its bytes and the list, whoever else asks."""
    content = b"%PDF-1.7 mine " + uuid4().bytes
    document_id = (await desk.declare(content)).json()["document_id"]
    answers = [
        await desk.declare(content, hand),
        await desk.put(document_id, content, hand),
        await desk.send(hand.get(f"/documents/{document_id}")),
        await desk.send(hand.get(f"/documents?application_id={desk.review_id}")),
    ]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert {answer.json()["type"] for answer in answers} == {"urn:lendgate:problem:not-found"}


@pytest.mark.parametrize("named", ["never-was", str(uuid4())])
async def test_an_id_that_names_nothing_is_404(desk: Desk, named: str) -> None:
    """Whether or not it looks like one of ours."""
    answers = [
        await desk.declare(b"x", application_id=named),
        await desk.put(named, b"x"),
        await desk.send(HAND.get(f"/documents/{named}")),
        await desk.send(HAND.get(f"/documents?application_id={named}")),
    ]
    assert [answer.status_code for answer in answers] == [404] * 4


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"other bytes", "application/pdf"),
        (b"%PDF-1.7 longer than it was said to be", "application/pdf"),
        (b"%PDF-1.7 x", "image/png"),
    ],
)
async def test_bytes_that_were_not_declared_are_refused(desk: Desk, content: bytes, media_type: str) -> None:
    """Another digest, size or type than the metadata gave; nothing of it is kept."""
    declared = b"%PDF-1.7 x"
    document_id = (await desk.declare(declared)).json()["document_id"]
    refused = await desk.put(document_id, content, media_type=media_type)
    assert refused.status_code == 422
    assert "declared" in refused.json()["reason"]
    for bytes_ in (content, declared):
        with pytest.raises(BlobMissingError):
            await desk.service.blobs.shelf.get(
                blob_key("local", "originals", hashlib.sha256(bytes_).digest())
            )


async def test_bytes_without_the_signed_digest_are_not_kept(desk: Desk) -> None:
    """The head is as declared and signed, the bytes are others of the same length."""
    content = b"%PDF-1.7 genuine"
    document_id = (await desk.declare(content)).json()["document_id"]
    headers = {"content-type": "application/pdf", "content-length": str(len(content))}
    signed = HAND.request("PUT", f"/documents/{document_id}/content", content, headers)
    swapped = SignedRequest(signed.method, signed.path, "", signed.headers, b"%PDF-1.7 forgery")
    refused = await desk.send(swapped)
    assert refused.status_code == 422
    assert "digest" in refused.json()["reason"]
    assert (await desk.send(HAND.get(f"/documents/{document_id}"))).json()["status"] == "awaiting_content"
    with pytest.raises(BlobMissingError):
        await desk.service.blobs.shelf.get(blob_key("local", "originals", hashlib.sha256(content).digest()))


async def test_bytes_that_come_too_late_are_refused(desk: Desk, superuser_url: str) -> None:
    """409, and what to do; declared anew the same file is taken."""
    content = b"%PDF-1.7 late"
    document_id = (await desk.declare(content)).json()["document_id"]
    with psycopg.connect(superuser_url) as owner:
        owner.execute(
            "UPDATE lendgate.document SET expires_at = %s WHERE document_id = %s",
            (now() - timedelta(seconds=1), document_id),
        )
    refused = await desk.put(document_id, content)
    assert refused.status_code == 409
    assert "send its metadata again" in refused.json()["reason"]
    await desk.received(content)


async def test_the_documents_of_an_application_are_listed_in_order(desk: Desk) -> None:
    """Under the id of the review, oldest first, each as it stands."""
    first = await desk.received(b"%PDF-1.7 one")
    second = (await desk.declare(b"%PDF-1.7 two")).json()["document_id"]
    listed = (await desk.send(HAND.get(f"/documents?application_id={desk.review_id}"))).json()["documents"]
    assert [(one["document_id"], one["status"]) for one in listed] == [
        (first, "received"),
        (second, "awaiting_content"),
    ]


async def test_an_application_has_only_so_many_documents(desk: Desk, superuser_url: str) -> None:
    """The one after the last is refused, until the time of one that never came is over."""
    last = (await desk.declare(b"%PDF-1.7 many")).json()["document_id"]
    with psycopg.connect(superuser_url) as owner:
        columns = "application_id, broker_id, filed_under, declared_type, media_type, size, sha256, file_name"
        owner.execute(
            f"INSERT INTO lendgate.document (tenant, document_id, {columns}, status, created_at, expires_at) "
            f"SELECT tenant, gen_random_uuid(), {columns}, status, created_at, expires_at "
            "FROM lendgate.document, generate_series(1, %s) WHERE document_id = %s",
            (MOST_DOCUMENTS - 2, last),
        )
    assert (await desk.declare(b"%PDF-1.7 last one")).status_code == 201
    assert (await desk.declare(b"%PDF-1.7 one too many")).status_code == 409
    with psycopg.connect(superuser_url) as owner:
        owner.execute("UPDATE lendgate.document SET expires_at = now() WHERE document_id = %s", (last,))
    assert (await desk.declare(b"%PDF-1.7 in its place")).status_code == 201


async def test_an_application_that_was_erased_takes_no_documents(desk: Desk, superuser_url: str) -> None:
    """What is erased reads like what never was."""
    with psycopg.connect(superuser_url) as owner:
        owner.execute("ALTER TABLE lendgate.review DISABLE TRIGGER USER")
        owner.execute(
            "UPDATE lendgate.review SET erased_at = now(), body_sealed = NULL WHERE review_id = %s",
            (desk.review_id,),
        )
        owner.execute("ALTER TABLE lendgate.review ENABLE TRIGGER USER")
    assert (await desk.declare(b"%PDF-1.7 too late")).status_code == 404


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"size": 20 * 1024 * 1024 + 1}, "/size"),
        ({"size": 0}, "/size"),
        ({"media_type": "text/html"}, "/media_type"),
        ({"declared_type": "spreadsheet"}, "/declared_type"),
        ({"sha256": "00"}, "/sha256"),
        ({"more": 1}, "/more"),
    ],
)
async def test_metadata_that_cannot_be_right_is_refused(
    desk: Desk, changed: dict[str, object], pointer: str
) -> None:
    """The origin's own reading, whatever the edge let through; the place is named."""
    refused = await desk.declare(b"x", HAND, **changed)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("POST", "/documents", "documents:read"),
        ("PUT", f"/documents/{uuid4()}/content", "documents:read"),
        ("GET", f"/documents/{uuid4()}", "documents:write"),
        ("GET", "/documents?application_id=x", "documents:write"),
    ],
)
async def test_a_route_asks_for_its_scope(desk: Desk, method: str, path: str, scope: str) -> None:
    """403 with any other."""
    hand = EdgeHand(EDGE, principal("local", "demo-broker", scope))
    headers = {"content-type": "application/pdf", "content-length": "0"} if method == "PUT" else {}
    answer = await desk.send(hand.request(method, path, b"", headers))
    assert answer.status_code == 403


async def test_no_log_names_the_file(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """People write their names into names of files."""
    caplog.set_level("DEBUG")
    content = b"%PDF-1.7 Jane Q. Canary"
    document_id = await desk.received(content)
    await desk.declare(content)
    await desk.put(document_id, b"other")
    logged: list[Any] = [record.__dict__ for record in caplog.records if record.name.startswith("lendgate")]
    assert logged
    assert "Canary" not in str(logged)
