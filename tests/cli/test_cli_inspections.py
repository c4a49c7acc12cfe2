"""``lendgate inspections``: from the queue to what a broker is told."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from itertools import count

import pytest
from typer.testing import CliRunner, Result

from lendgate.cli.inspections import inspections_app
from lendgate.schema.requests import DocumentMetadata
from lendgate.store.database import Database
from lendgate.workflow.accept import accept_application
from lendgate.workflow.documents import declare, find, receive
from lendgate.workflow.triage_job import TriageRoom, triage_application
from lendgate.workflow.triage_process import TriageProcess
from tests.documents.printed import pay_stub
from tests.documents.sheet import pdf_of
from tests.support.command import said
from tests.support.edge_hand import GOOD, metadata_of, principal
from tests.support.keys import MASTERS
from tests.support.service import blobs, desk_on, now

_seeds = count(7000)
REASON = ("--reason", "Read beside the original.", "--as", "ada")


@pytest.fixture(autouse=True)
def _settings(service_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENDGATE_DATABASE_URL", service_url)
    monkeypatch.setenv("LENDGATE_AUDIT_KEY", "k1:" + "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s")
    monkeypatch.setenv("LENDGATE_DATA_KEY", "m1:" + "bW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW0")


async def _parts(content: bytes) -> AsyncIterator[bytes]:
    yield content


@pytest.fixture
def document_id(service_url: str) -> str:
    """A stub of the tenant ``local`` that waits: its net pay does not follow."""
    content = pdf_of(pay_stub(next(_seeds), plant="net").sheet)

    async def make() -> str:
        async with (
            Database(service_url, size=2, masters=MASTERS) as database,
            TriageProcess() as process,
        ):
            desk, caller = desk_on(database), principal()
            accepted = await accept_application(desk, GOOD, caller, metadata_of(caller, now()))
            metadata = DocumentMetadata(
                application_id=str(accepted.application.application_id),
                declared_type="pay_stub",
                file_name="stub [b]of[/b] somebody.pdf",
                media_type="application/pdf",
                size=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
            )
            new = await declare(desk, metadata, caller)
            room = TriageRoom(desk, blobs(), process)
            document = await find(desk, new.document_id, caller)
            await receive(desk, room.blobs, document, "local", _parts(content))
            await triage_application(room, "local", document.application_id, 0, 0)
            return str(new.document_id)

    return asyncio.run(make())


def inspections(*arguments: str) -> Result:
    """Run ``lendgate inspections``."""
    return CliRunner().invoke(inspections_app, list(arguments), env={"COLUMNS": "200"})


def test_a_file_is_listed_shown_and_accepted(document_id: str) -> None:
    """With its reasons and fields; then with a value that a person read, and nothing waits any more."""
    assert document_id in {one["document_id"] for one in json.loads(inspections("list", "--json").stdout)}
    assert document_id in inspections("list").stdout.replace("\n", "")
    shown = inspections("show", document_id).stdout
    assert "check_failed: stub_net:" in shown
    assert "[b]of[/b]" in shown
    assert "net_current" in shown
    done = inspections(
        "accept", document_id, *REASON, "--document", "1", "--field", "net_current=2,310.55", "--version", "1"
    )
    assert done.exit_code == 0, said(done)
    assert "nothing in it waits any more" in said(done)
    after = json.loads(inspections("show", document_id, "--json").stdout)
    assert [one["underwriter"] for one in after["verdicts"]] == ["ada"]


def test_a_file_goes_back(document_id: str) -> None:
    """The broker is told the sentence of the code."""
    done = inspections("return", document_id, *REASON, "--code", "stub_amounts", "--json")
    assert done.exit_code == 0, said(done)
    assert json.loads(done.stdout)["told"]["reasons"] == [
        "The amounts on the pay stub could not be reconciled."
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("accept", "{id}", *REASON, "--document", "1", "--version", "9"), 1, "read it again"),
        (("accept", "{id}", *REASON, "--document", "2"), 1, "No document 2"),
        (("accept", "{id}", *REASON, "--document", "1", "--field", "net_current=lots"), 1, "/fields/0/value"),
        (("accept", "{id}", *REASON, "--document", "1", "--field", "net_current"), 2, "name=value"),
        (("return", "{id}", *REASON, "--code", "signal"), 1, "/codes/0"),
        (("show", "00000000-0000-4000-8000-000000000000"), 1, "no file with that id"),
        (("show", "{id}", "--tenant", "elsewhere"), 1, "no file with that id"),
    ],
)
def test_what_cannot_be_done_is_said(
    arguments: tuple[str, ...], code: int, words: str, document_id: str
) -> None:
    """In one sentence, by the exit code that every command has for it."""
    answer = inspections(*(one.replace("{id}", document_id) for one in arguments))
    assert answer.exit_code == code, said(answer)
    assert words in said(answer)
