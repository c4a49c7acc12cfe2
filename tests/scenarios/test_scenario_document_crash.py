"""Killed in the middle of an upload and in the middle of a triage: nothing received is lost or done twice.

The tests of this file are one story, told in order, on a platform of their own.
"""

from __future__ import annotations

import base64
import hashlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString
from urllib.parse import urlsplit

import psycopg
import pytest

from lendgate.client import LendgateClient
from lendgate.store.embedded import EmbeddedPostgres
from tests.documents.printed import pay_stub
from tests.documents.sheet import pdf_of
from tests.scenarios.test_scenario_documents import declare
from tests.support.edge_hand import GOOD
from tests.support.served import Served, data_directory, speaking_to, start
from tests.support.traces import Records

pytestmark = pytest.mark.live
LOCK = 4_202
HOLD = f"""
    CREATE FUNCTION public.hold_triage() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
        $$ BEGIN PERFORM pg_advisory_xact_lock({LOCK}); RETURN NEW; END $$;
    GRANT EXECUTE ON FUNCTION public.hold_triage() TO PUBLIC;
    CREATE TRIGGER hold_triage BEFORE UPDATE ON lendgate.document
        FOR EACH ROW WHEN (NEW.status = 'triaged') EXECUTE FUNCTION public.hold_triage();
"""
WAITING = """
    SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = %s
"""
STUB = pdf_of(pay_stub(31).sheet)
CANARY = b"Zyxvane Canary"
LARGE = b"%PDF-1.7\n" + CANARY * 400_000


@dataclass
class Story:
    """What the tests of this file hand on."""

    data_dir: Path
    platform: Served
    review_id: str = ""
    document_id: str = ""

    def restart(self) -> None:
        """Kill the service outright, and start it again on what it left."""
        self.platform.kill()
        if self.platform.process.stdout:
            self.platform.process.stdout.close()
        self.platform = start(self.data_dir)

    @contextmanager
    def broker(self) -> Iterator[LendgateClient]:
        """The same broker at whatever gate now runs."""
        with LendgateClient(self.platform.worker, self.platform.token) as client:
            yield client

    @contextmanager
    def records(self) -> Iterator[Records]:
        """Its database, while it runs."""
        with (
            EmbeddedPostgres(self.data_dir / "postgres") as server,
            psycopg.connect(server.url("postgres"), autocommit=True) as connection,
        ):
            yield Records(connection)

    def files(self) -> list[bytes]:
        """Everything that lies below the documents' directory."""
        return [path.read_bytes() for path in (self.data_dir / "documents").rglob("*") if path.is_file()]


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    with data_directory() as directory:
        told = Story(directory, start(directory))
        yield told
        if told.platform.process.poll() is None:
            told.platform.terminate()
        if told.platform.process.stdout:
            told.platform.process.stdout.close()


def begun_upload(story: Story, document_id: str, content: bytes) -> socket.socket:
    """A connection on which the first half of a document was sent."""
    address = urlsplit(story.platform.worker)
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    head = (
        f"PUT /documents/{document_id}/content HTTP/1.1\r\nhost: gate\r\n"
        f"authorization: Bearer {story.platform.token}\r\ncontent-type: application/pdf\r\n"
        f"content-digest: sha-256=:{digest}:\r\ncontent-length: {len(content)}\r\n\r\n"
    )
    connection = socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=30)
    connection.sendall(head.encode() + content[: len(content) // 2])
    return connection


def until(happened: LiteralString, records: Records, *values: object) -> None:
    """Look until a query counts something."""
    for _ in range(600):
        if records.number(happened, *values):
            return
        records.connection.execute("SELECT pg_sleep(0.1)")
    pytest.fail("it did not happen")


def test_a_service_killed_in_the_middle_of_an_upload_has_received_nothing(story: Story) -> None:
    """The document is still awaited, what the disk holds of it is sealed, and it can be sent again."""
    with speaking_to(story.platform.worker, story.platform.token) as gate:
        answer = gate.post("/lending-review", content=GOOD, headers={"content-type": "application/json"})
        story.review_id = answer.json()["review_id"]
        document_id = declare(gate, story.review_id, LARGE).json()["document_id"]
    with begun_upload(story, document_id, LARGE):
        for _ in range(600):
            if any(story.files()):
                break
            with story.records() as records:
                records.connection.execute("SELECT pg_sleep(0.05)")
        story.restart()
    assert any(story.files()), "some of it had reached the disk"
    assert not any(CANARY in held for held in story.files())
    path = story.data_dir / "large.pdf"
    path.write_bytes(LARGE)
    with story.broker() as broker:
        assert broker.documents.get(document_id).status == "awaiting_content"
        sent = broker.documents.submit(path, application_id=story.review_id)
        assert broker.documents.wait(sent.document_id, seconds=60).triage is not None
    assert not any(CANARY in held for held in story.files())


def test_a_service_killed_in_the_middle_of_a_triage_leaves_the_document_received(story: Story) -> None:
    """Held just before its result is stored; then the process is killed."""
    path = story.data_dir / "stub.pdf"
    path.write_bytes(STUB)
    with story.records() as records, story.broker() as broker:
        with records.connection.cursor() as cursor:
            cursor.execute(HOLD)
        records.connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        story.document_id = broker.documents.submit(path, application_id=story.review_id).document_id
        until(WAITING, records, LOCK)
        story.platform.kill()
        records.connection.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))
        records.connection.execute("DROP FUNCTION public.hold_triage() CASCADE")
        received = "SELECT count(*) FROM lendgate.document WHERE status = 'received' AND document_id = %s"
        assert records.number(received, story.document_id) == 1


def test_a_restart_takes_the_triage_over_and_stores_it_once(story: Story) -> None:
    """The reading was kept; one result, one event."""
    if story.platform.process.stdout:
        story.platform.process.stdout.close()
    story.platform = start(story.data_dir)
    with story.broker() as broker:
        triaged = broker.documents.wait(story.document_id, seconds=60)
    assert triaged.triage is not None
    assert [found.type for found in triaged.triage.documents] == ["pay_stub"]
    events = "SELECT count(*) FROM lendgate.audit_event WHERE kind = 'document.triaged' AND subject = %s"
    with story.records() as records:
        assert records.number(events, story.document_id) == 1
