"""``lendgate intake``: a conversation in this process, replayed from a file or typed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from lendgate.intake.parse import validate
from tests.assistants.scripts import script
from tests.support.command import json_lines, lendgate, said


@pytest.fixture(autouse=True)
def _no_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORKER_BASE_URL", raising=False)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """The terse script as a file."""
    file = tmp_path / "talk.txt"
    lines = [line.said for line in script("terse").lines]
    file.write_text("# one message a line\n\n" + "\n".join(lines), encoding="utf-8")
    return file


def test_a_script_ends_in_an_application(written: Path) -> None:
    """On standard output, ready for `lendgate review -`; the conversation is on standard error."""
    done = lendgate("intake", "--script", str(written), "--json")
    assert done.exit_code == 0, done.stderr
    (body,) = json_lines(done)
    application = validate(body).application
    assert application.income == Decimal(60_000)
    assert application.amount_requested == Decimal(15_000)
    assert "AI assistant" in said(done)
    assert "> 5k a month" in said(done)


def test_the_application_can_be_reviewed(written: Path) -> None:
    """One command's output is the other's input."""
    talked = lendgate("intake", "--script", str(written))
    reviewed = lendgate("review", "-", "--json", given=talked.stdout)
    assert reviewed.exit_code == 0, reviewed.stderr


def test_a_conversation_can_be_typed() -> None:
    """Line by line, in Spanish."""
    typed = "\n".join(line.said for line in script("espanol").lines)
    done = lendgate("intake", "--language", "es", given=typed)
    assert done.exit_code == 0, done.stderr
    assert "inteligencia artificial" in said(done)


def test_a_conversation_without_an_end_is_a_no(tmp_path: Path) -> None:
    """Exit 1, and nothing on standard output."""
    (tmp_path / "short.txt").write_text("personal loan\nMaria Lopez\n", encoding="utf-8")
    done = lendgate("intake", "--script", str(tmp_path / "short.txt"))
    assert (done.exit_code, done.stdout) == (1, "")
    assert "without a confirmed application" in said(done)


@pytest.mark.parametrize(
    "arguments", [("--language", "fr"), ("--product", "boat"), ("--script", "/nowhere/talk.txt")]
)
def test_wrong_usage_is_said(arguments: tuple[str, str]) -> None:
    """Exit 2."""
    assert lendgate("intake", *arguments).exit_code == 2
