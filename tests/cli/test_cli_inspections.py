"""``lendgate inspections``: from the queue to what a broker is told."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lendgate.bootstrap import blobs_from
from lendgate.cli.inspections import inspections_app
from lendgate.schema.requests import DocumentMetadata
from lendgate.settings import service_settings
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
from tests.support.service import desk_on, now

_seeds = count(7000)
REASON = ("--reason", "Read beside the original.", "--as", "ada")


@pytest.fixture(autouse=True)
def _settings(service_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENDGATE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("LENDGATE_DATABASE_URL", service_url)
    monkeypatch.setenv("LENDGATE_AUDIT_KEY", "k1:" + "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s")
    monkeypatch.setenv("LENDGATE_DATA_KEY", "m1:" + "bW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW0")


async def _parts(content: bytes) -> AsyncIterator[bytes]:
    yield content


@pytest.fixture
def content() -> bytes:
    """A stub that nobody sent before, and whose net pay does not follow."""
    return pdf_of(pay_stub(next(_seeds), plant="net").sheet)


@pytest.fixture
def document_id(service_url: str, content: bytes) -> str:
    """That stub of the tenant ``local``, which waits."""

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
            room = TriageRoom(desk, blobs_from(service_settings()), process)
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
        (("open", "{id}", "--tenant", "elsewhere"), 1, "no file with that id"),
        (("open", "{id}", "--json"), 2, "name a file"),
    ],
)
def test_what_cannot_be_done_is_said(
    arguments: tuple[str, ...], code: int, words: str, document_id: str
) -> None:
    """In one sentence, by the exit code that every command has for it."""
    answer = inspections(*(one.replace("{id}", document_id) for one in arguments))
    assert answer.exit_code == code, said(answer)
    assert words in said(answer)


def test_a_file_is_saved_for_its_user_alone(document_id: str, content: bytes, tmp_path: Path) -> None:
    """Byte for byte, readable by nobody else, and with what to open it in."""
    to = tmp_path / "stub.pdf"
    done = inspections("open", document_id, "--out", str(to), "--as", "ada")
    assert done.exit_code == 0, said(done)
    assert (to.read_bytes(), to.stat().st_mode & 0o777) == (content, 0o600)
    assert "a viewer that you trust with hostile files" in said(done)
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == ["stub.pdf"]


def test_a_file_that_is_there_is_not_written_over(document_id: str, tmp_path: Path) -> None:
    """Nor is what a link of that name leads to."""
    there, link = tmp_path / "mine.txt", tmp_path / "link.pdf"
    there.write_text("mine")
    link.symlink_to(there)
    for to in (there, link):
        refused = inspections("open", document_id, "--out", str(to))
        assert (refused.exit_code, "--force" in said(refused)) == (1, True)
    assert there.read_text() == "mine"


def test_force_puts_a_new_file_in_the_place(document_id: str, content: bytes, tmp_path: Path) -> None:
    """With a mode of its own, and what a link led to as it was."""
    there, link = tmp_path / "mine.txt", tmp_path / "link.pdf"
    there.write_text("mine")
    there.chmod(0o644)
    link.symlink_to(there)
    for to in (link, there):
        assert there.read_text() == "mine"
        done = inspections("open", document_id, "--out", str(to), "--force", "--json")
        assert json.loads(done.stdout) == {
            "file": str(to),
            "media_type": "application/pdf",
            "size": len(content),
        }
        assert (to.is_symlink(), to.stat().st_mode & 0o777, to.read_bytes()) == (False, 0o600, content)


def test_what_is_not_found_leaves_no_file(document_id: str, tmp_path: Path) -> None:
    """Nothing is left of a look that was refused, and with --force what was there stays."""
    fresh, there = tmp_path / "fresh.pdf", tmp_path / "there.pdf"
    there.write_text("mine")
    for to in (fresh, there):
        refused = inspections("open", document_id, "--tenant", "elsewhere", "--out", str(to), "--force")
        assert refused.exit_code == 1
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == ["there.pdf"]
    assert there.read_text() == "mine"


def test_bytes_go_into_a_pipe_and_onto_no_terminal(
    document_id: str, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal would do what the bytes say."""
    piped = inspections("open", document_id)
    assert (piped.exit_code, piped.stdout_bytes) == (0, content)
    terminal = type("Terminal", (), {"isatty": lambda _: True})()
    monkeypatch.setattr("lendgate.cli.inspections.sys", type("Sys", (), {"stdout": terminal}))
    refused = inspections("open", document_id)
    assert (refused.exit_code, refused.stdout_bytes) == (2, b"")


def test_the_help_warns_of_what_is_in_such_a_file() -> None:
    """Before anybody has one."""
    text = " ".join(inspections("open", "--help").stdout.split())
    assert "a viewer that you trust with hostile files" in text
