"""The bytes of a file, for an underwriter: as they were sent, never shown, and every look on record first."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from uuid import uuid4

import httpx
import psycopg
import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lendgate.cli.token import BROKER_SCOPES
from lendgate.store.blobs import Blobs, blob_key
from lendgate.store.database import StoreUnavailableError
from lendgate.store.shelves import BlobMissingError, Shelf, ShelfUnavailableError, Shelved
from lendgate.web.app import create_app
from lendgate.workflow import inspection_content
from tests.support.edge_hand import EdgeHand, as_http
from tests.support.service import BASE, http_to
from tests.web.bench import ADA, Bench, hand, suspicious

pytestmark = pytest.mark.anyio
NAME = 'Jane Q. Canary";.html'
ERASE = (
    "SELECT set_config('lendgate.sealing_anew', 'on', true)",
    "DELETE FROM lendgate.document_number WHERE document_id = %(id)s",
    "DELETE FROM lendgate.document_page WHERE document_id = %(id)s",
    "DELETE FROM lendgate.document WHERE document_id = %(id)s",
)


class TroubledShelf:
    """A shelf on which reading is something else first."""

    def __init__(self, shelf: Shelf, first: Callable[[], None]) -> None:
        self._shelf, self._first = shelf, first

    async def put(self, key: str, parts: AsyncIterator[bytes]) -> None:
        await self._shelf.put(key, parts)

    async def get(self, key: str) -> bytes:
        self._first()
        return await self._shelf.get(key)

    async def start(self, key: str, size: int) -> bytes:
        return await self._shelf.start(key, size)

    def under(self, prefix: str) -> AsyncIterator[Shelved]:
        return self._shelf.under(prefix)

    async def remove(self, key: str) -> None:
        await self._shelf.remove(key)

    async def tidy(self, before: object) -> int:
        raise NotImplementedError


def looks(superuser_url: str, document_id: str) -> list[dict[str, object]]:
    """The looks at a file that are on record, committed."""
    with psycopg.connect(superuser_url) as connection:
        rows = connection.execute(
            "SELECT event::text FROM lendgate.audit_event "
            "WHERE kind = 'document.opened' AND event ->> 'subject' = %s ORDER BY seq",
            (document_id,),
        ).fetchall()
    return [json.loads(text) for (text,) in rows]


def erase(superuser_url: str, document_id: str) -> None:
    """What an erasure does to a document."""
    with psycopg.connect(superuser_url) as connection:
        for statement in ERASE:
            connection.execute(statement, {"id": document_id})


async def opened(bench: Bench, document_id: str, by: EdgeHand = ADA) -> httpx.Response:
    """Ask for a file's bytes."""
    return await bench.get(by, f"/inspections/{document_id}/content")


async def opened_from(bench: Bench, document_id: str, first: Callable[[], None]) -> httpx.Response:
    """Ask for a file's bytes where something happens as they are read."""
    troubled = Blobs(TroubledShelf(bench.service.blobs.shelf, first))
    async with http_to(create_app(replace(bench.service, blobs=troubled))) as http:
        return await opened(replace(bench, http=http), document_id)


async def sealed(parts: bytes) -> AsyncIterator[bytes]:
    yield parts


def away() -> None:
    raise ShelfUnavailableError("a document cannot be read: Input/output error")


async def test_a_file_comes_as_it_was_sent_and_only_to_be_saved(bench: Bench) -> None:
    """The same bytes; headers that keep a browser from making anything of them, and none of the sender's."""
    content = suspicious()
    one = await bench.left_to_a_person(content, NAME)
    answer = await opened(bench, one)
    assert (answer.status_code, answer.content) == (200, content)
    kept = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    assert kept == {
        "cache-control": "no-store",
        "content-disposition": f'attachment; filename="{one}.pdf"',
        "content-length": str(len(content)),
        "content-security-policy": "sandbox; default-src 'none'",
        "content-type": "application/pdf",
        "x-content-type-options": "nosniff",
    }


async def test_each_look_is_on_record_by_ids_alone(bench: Bench, superuser_url: str) -> None:
    """One event a look, with the underwriter as its actor."""
    one = await bench.waiting()
    for _ in range(2):
        await opened(bench, one)
    found = looks(superuser_url, one)
    assert [(event["actor"], set(event)) for event in found] == [
        ("underwriter:ada", {"actor", "at", "data", "kind", "subject"})
    ] * 2
    application_id = (await bench.get(ADA, f"/inspections/{one}")).json()["application_id"]
    assert [event["data"] for event in found] == [{"application_id": application_id}] * 2


async def test_the_look_is_on_record_before_a_byte_is_out(bench: Bench, superuser_url: str) -> None:
    """Committed, for others to see, when the answer begins."""
    one, at_the_start = await bench.waiting(), list[int]()
    app = create_app(bench.service)

    def watched(inner: ASGIApp) -> ASGIApp:
        async def run(scope: Scope, receive: Receive, send: Send) -> None:
            async def watch(message: Message) -> None:
                if message["type"] == "http.response.start":
                    at_the_start.append(len(looks(superuser_url, one)))
                await send(message)

            await inner(scope, receive, watch)

        return run

    async with http_to(watched(app)) as http:
        answer = await http.send(as_http(ADA.get(f"/inspections/{one}/content"), BASE))
    assert (answer.status_code, at_the_start) == (200, [1])


async def test_a_look_that_cannot_be_put_on_record_is_none(
    bench: Bench, superuser_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503, and not a byte of it."""

    async def unavailable(*_: object) -> None:
        raise StoreUnavailableError("PostgreSQL's disk is full")

    one = await bench.waiting()
    monkeypatch.setattr(inspection_content, "append_event", unavailable)
    answer = await opened(bench, one)
    assert (answer.status_code, b"%PDF" in answer.content) == (503, False)
    assert looks(superuser_url, one) == []


async def test_it_takes_the_scope_to_review_documents(bench: Bench, superuser_url: str) -> None:
    """403 for the sender with every scope of a broker's, and for whoever may only judge."""
    one = await bench.waiting()
    for by in (hand("b", "local", *BROKER_SCOPES), hand("ju", "local", "documents:decide")):
        assert (await opened(bench, one, by)).status_code == 403
    assert (await opened(bench, one, hand("lo", "local", "documents:review"))).status_code == 200
    assert len(looks(superuser_url, one)) == 1


async def test_what_is_not_there_is_not_found(bench: Bench) -> None:
    """404 for nobody's id and for what is no id."""
    for each in (str(uuid4()), "no-id"):
        assert (await opened(bench, each)).status_code == 404


async def test_another_tenants_file_does_not_exist(bench: Bench, superuser_url: str) -> None:
    """404, and no event in anybody's trail."""
    one = await bench.waiting()
    assert (await opened(bench, one, hand("eve", "elsewhere"))).status_code == 404
    assert looks(superuser_url, one) == []


async def test_a_file_that_never_waited_for_a_person_is_not_shown(bench: Bench) -> None:
    """404: what triage sent back by itself is nobody's to look at."""
    one = await bench.left_to_a_person(b"this is no PDF at all")
    assert (await opened(bench, one)).status_code == 404


async def test_a_file_that_was_judged_can_still_be_looked_at(bench: Bench) -> None:
    """Whoever asks later why it was accepted sees what the underwriter saw."""
    one = await bench.waiting()
    verdict = {"action": "return", "reason": "Looked at.", "codes": ["too_old"]}
    await bench.post(ADA, f"/inspections/{one}/verdict", verdict, if_match='"1"')
    assert (await opened(bench, one)).status_code == 200


async def test_an_erased_file_is_not_found(bench: Bench, superuser_url: str) -> None:
    """404, also where its bytes still lie on the shelf."""
    one = await bench.waiting()
    erase(superuser_url, one)
    assert (await opened(bench, one)).status_code == 404


async def test_a_file_that_is_erased_while_it_is_opened_is_not_handed_out(
    bench: Bench, superuser_url: str
) -> None:
    """404, and no look is said to have been."""
    one = await bench.waiting()
    answer = await opened_from(bench, one, lambda: erase(superuser_url, one))
    assert (answer.status_code, looks(superuser_url, one)) == (404, [])


async def test_a_shelf_that_is_away_is_said_to_be(bench: Bench, superuser_url: str) -> None:
    """503 with when to ask again; nobody looked."""
    one = await bench.waiting()
    answer = await opened_from(bench, one, away)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert looks(superuser_url, one) == []


@pytest.mark.parametrize("harm", ["end", "cut", "gone"])
async def test_a_damaged_file_is_our_fault_and_not_handed_out(
    harm: str, bench: Bench, superuser_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """500 with what to do; nothing of the file, its place, its keys or its name, and nobody looked."""
    content = suspicious()
    one = await bench.left_to_a_person(content, NAME)
    key, shelf = blob_key("local", "originals", hashlib.sha256(content).digest()), bench.service.blobs.shelf
    whole = await shelf.get(key)
    if harm == "gone":
        await shelf.remove(key)
        with pytest.raises(BlobMissingError):
            await shelf.get(key)
    else:
        await shelf.put(key, sealed(whole[:-9] if harm == "cut" else whole[:-1] + bytes([whole[-1] ^ 1])))
    answer = await opened(bench, one)
    said = answer.json()
    assert (answer.status_code, said["type"]) == (500, "urn:lendgate:problem:internal")
    assert said["reason"] == (
        f"The file of document {one} is damaged or gone, so it cannot be shown; "
        "it has to be restored from a backup of the documents."
    )
    assert not any(word in answer.text + caplog.text for word in (key, "Canary", "key", "%PDF"))
    assert one in caplog.text
    assert looks(superuser_url, one) == []
