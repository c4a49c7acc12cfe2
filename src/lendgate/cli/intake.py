"""``lendgate intake``: the intake conversation in a terminal, or replayed from a file.

Law: through the gate it is the conversation that a borrower has there; without a gate it is held in this
process, by the same assistant, and nothing is stored.
"""

from __future__ import annotations

import asyncio
import json as json_text
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final, Protocol, cast

import typer

from lendgate.analysis.reviewer import IN_PROCESS
from lendgate.assistants.intake.application import application_body
from lendgate.assistants.intake.assistant import Assistant
from lendgate.assistants.intake.conversation import receive, respond, spoken_in
from lendgate.assistants.intake.machine import Moved, opened
from lendgate.bootstrap import intake_assistant, opened_model
from lendgate.claude.ledger import MemoryLedger
from lendgate.cli.gate import gate_or_none
from lendgate.cli.output import NO, USAGE, Json, err, fail, out, print_json, spoken_errors
from lendgate.client import LendgateClient
from lendgate.intake.parse import parse_application
from lendgate.schema.enums import Product
from lendgate.schema.requests import Language
from lendgate.settings import service_settings
from lendgate.workflow.intake import new_token

_OVER: Final = ("confirmed", "with_person", "submitted")


class _Talk(Protocol):
    """A conversation somewhere."""

    phase: str

    def begin(self) -> str: ...
    def say(self, text: str) -> str: ...
    def result(self) -> dict[str, Any]: ...


def intake(
    script: Annotated[
        Path | None, typer.Option(help="Replay a conversation: one message a line; # begins a comment.")
    ] = None,
    product: Annotated[
        str | None, typer.Option(help="personal_loan or mortgage; asked when left out.")
    ] = None,
    language: Annotated[str, typer.Option(help="en or es; the assistant follows the person.")] = "en",
    json: Json = False,
) -> None:
    """Talk to the intake assistant, through the gate or in this process when none is set.

    Ends with the review, or without a gate with the application, which `lendgate review -` takes. Exit 1 when
    the conversation ends without one.
    """
    if language not in ("en", "es") or product not in (None, "personal_loan", "mortgage"):
        raise fail("--language is en or es, --product is personal_loan or mortgage", USAGE)
    with spoken_errors(), gate_or_none() as gate:
        begun = (cast("Product | None", product), cast("Language", language))
        talk: _Talk = _AtTheGate(gate, *begun) if gate else _InProcess(*begun)
        if gate is None:
            err.print("[dim]WORKER_BASE_URL is not set: talking in this process; nothing is stored[/dim]")
        _hold(talk, _lines(script), echo=script is not None)
        if talk.phase != "confirmed":
            raise fail("the conversation ended without a confirmed application", NO)
        result = talk.result()
    if json or gate is None:
        print_json(result)
    else:
        out.print(f"sent to the lender: review {result['review_id']}, {result['status']}", highlight=False)


def _hold(talk: _Talk, lines: Iterator[str], *, echo: bool) -> None:
    """The conversation, to its end or the end of what the person says; words go to standard error."""
    err.print(talk.begin(), highlight=False, markup=False)
    for line in lines:
        if echo:
            err.print(f"> {line}", highlight=False, markup=False, style="dim")
        err.print(talk.say(line), highlight=False, markup=False)
        if talk.phase in _OVER:
            return


def _lines(script: Path | None) -> Iterator[str]:
    """What the person says: the lines of a file, or of the terminal."""
    if script is None:
        while True:
            err.print("> ", end="")
            line = sys.stdin.readline()
            if not line:
                return
            if line.strip():
                yield line.strip()
    try:
        text = script.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as cause:
        raise fail(f"{script} cannot be read: {cause}", USAGE) from cause
    yield from (line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


@dataclass
class _AtTheGate:
    """A conversation through the gate; submitted when it is confirmed."""

    gate: LendgateClient
    product: Product | None
    language: Language
    phase: str = "asking"
    _id: str = ""

    def begin(self) -> str:
        session = self.gate.intake.open(product=self.product, language=self.language)
        self._id = session.session_id
        return session.messages[0].text

    def say(self, text: str) -> str:
        said = "".join(self.gate.intake.say(self._id, text))
        self.phase = self.gate.intake.state(self._id).phase
        return said

    def result(self) -> dict[str, Any]:
        return self.gate.intake.submit(self._id).model_dump(mode="json", exclude_none=True)


@dataclass
class _InProcess:
    """A conversation in this process; its result is the application."""

    product: Product | None
    language: Language
    phase: str = "asking"
    _moved: Moved | None = field(default=None, init=False)

    def begin(self) -> str:
        return asyncio.run(self._turn(None))

    def say(self, text: str) -> str:
        return asyncio.run(self._turn(text))

    def result(self) -> dict[str, Any]:
        if self._moved is None:
            raise RuntimeError("the conversation has not begun")
        body = application_body(self._moved.state, "intake-1")
        parse_application(json_text.dumps(body).encode())
        return body

    async def _turn(self, text: str | None) -> str:
        settings = service_settings()
        async with opened_model(settings, MemoryLedger()) as model:
            assistant = intake_assistant(settings, model)
            self._moved = await self._move(assistant, text)
            said = await assistant.say(self._moved, IN_PROCESS)
        self.phase = self._moved.state.phase
        return "\n".join(said)

    async def _move(self, assistant: Assistant, text: str | None) -> Moved:
        if self._moved is None or text is None:
            return opened(self.language, self.product, assistant.bank)
        received = receive(text, self._moved.state, assistant.bank, new_token)
        state = spoken_in(received.text, self._moved.state, assistant.bank)
        now = datetime.now(UTC)
        heard = await assistant.hear(received.text, state, now.date(), IN_PROCESS)
        return respond(received, self._moved.state, assistant.bank, now, heard)
