"""``lendgate support``: words on a terminal, JSON for programs, and exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from typer.testing import CliRunner

from lendgate.cli import app, support
from lendgate.cli.output import MISCONFIGURED, NO
from lendgate.client import RefusedError
from lendgate.schema import Problem, PublicReason
from lendgate.schema.requests import CorrectionKind
from lendgate.schema.support import SupportAnswer, SupportRequest, SupportSentence, SupportStatus
from tests.support.service import now

RUNNER = CliRunner()
ANSWER = SupportAnswer(
    conversation_id="c1",
    review_id="r1",
    answer="One. Two.",
    reasons=(),
    speaker="rules",
    notice="A program answers here.",
)
REASON = PublicReason(code="AA09", text="Excessive obligations in relation to income", hmda_code=1)


class Agent:
    """A support agent that knows one review, ``r1``."""

    def ask(self, review_id: str, _question: str, *, conversation_id: str | None = None) -> SupportAnswer:
        self._know(review_id)
        return ANSWER.model_copy(update={"conversation_id": conversation_id or "c1"})

    def stream(
        self, review_id: str, question: str, *, conversation_id: str | None = None
    ) -> Iterator[SupportSentence | SupportAnswer]:
        whole = self.ask(review_id, question, conversation_id=conversation_id)
        yield from (SupportSentence(text=text, by="rules") for text in ("One.", "Two."))
        yield whole

    def status(self, review_id: str) -> SupportStatus:
        self._know(review_id)
        return SupportStatus(
            review_id=review_id,
            status="completed",
            outcome="refer",
            summary="It was referred.",
            next_step="An underwriter looks at it.",
            reasons=(REASON,),
            requests=(self.correct(review_id, "x"),),
            received_at=now(),
        )

    def correct(self, review_id: str, _text: str, *, kind: CorrectionKind = "correction") -> SupportRequest:
        self._know(review_id)
        return SupportRequest(
            request_id="q1",
            review_id=review_id,
            kind=kind,
            state="open",
            opened_at=now(),
            due_on=date(2026, 12, 22),
        )

    def _know(self, review_id: str) -> None:
        if review_id != "r1":
            reason = "There is no review of yours with that id."
            raise RefusedError(
                Problem(type="t", title="t", status=404, detail=reason, reason=reason, request_id="q")
            )


class Gate:
    support = Agent()


@pytest.fixture(autouse=True)
def _gate(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def gate() -> Iterator[Gate]:
        yield Gate()

    monkeypatch.setattr(support, "the_gate", gate)


def test_an_answer_is_printed_sentence_by_sentence() -> None:
    """Words to standard output; notice and conversation beside them."""
    done = RUNNER.invoke(app, ["support", "ask", "r1", "Why?"])
    assert done.exit_code == 0
    assert done.stdout.splitlines() == ["One.", "Two."]
    assert "A program answers here." in done.stderr
    assert "--conversation c1" in done.stderr


def test_json_is_the_whole_answer() -> None:
    """One document, and the conversation that was named."""
    done = RUNNER.invoke(app, ["support", "ask", "r1", "Why?", "--conversation", "c9", "--json"])
    assert json.loads(done.stdout)["conversation_id"] == "c9"


def test_status_says_reasons_and_requests() -> None:
    """In the order in which they matter."""
    done = RUNNER.invoke(app, ["support", "status", "r1"])
    assert done.stdout.splitlines() == [
        "It was referred.",
        "- Excessive obligations in relation to income",
        "An underwriter looks at it.",
        "correction q1: open, to be answered by 2026-12-22",
    ]


def test_status_as_json() -> None:
    """The published shape."""
    done = RUNNER.invoke(app, ["support", "status", "r1", "--json"])
    assert SupportStatus.model_validate_json(done.stdout).outcome == "refer"


@pytest.mark.parametrize("kind", ["correction", "human_review"])
def test_a_request_tells_its_day(kind: str) -> None:
    """On a terminal and as JSON."""
    command = ["support", "correct", "r1", "It is 69,000.", "--kind", kind]
    assert RUNNER.invoke(app, command).stdout == f"{kind} q1: to be answered by 2026-12-22\n"
    assert json.loads(RUNNER.invoke(app, [*command, "--json"]).stdout)["due_on"] == "2026-12-22"


@pytest.mark.parametrize("command", [["ask", "r2", "Why?"], ["status", "r2"], ["correct", "r2", "x"]])
def test_a_review_that_is_not_ones_own_is_a_no(command: list[str]) -> None:
    """Exit 1 and the gate's sentence."""
    done = RUNNER.invoke(app, ["support", *command])
    assert (done.exit_code, done.stdout) == (NO, "")
    assert "no review of yours" in done.stderr


def test_without_a_gate_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 4, before anything is asked."""
    monkeypatch.undo()
    monkeypatch.delenv("WORKER_BASE_URL", raising=False)
    done = RUNNER.invoke(app, ["support", "status", "r1"])
    assert done.exit_code == MISCONFIGURED
    assert "WORKER_BASE_URL" in done.stderr
