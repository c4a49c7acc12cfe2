"""Scripted conversations, played against the assistant without a store or a network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from lendgate.analysis.reviewer import ChargedTo
from lendgate.assistants.intake.assistant import Assistant
from lendgate.assistants.intake.bank import FieldName, packaged_bank
from lendgate.assistants.intake.conversation import receive, respond, spoken_in
from lendgate.assistants.intake.machine import Moved, Say, opened
from lendgate.assistants.intake.state import Phase, State
from lendgate.assistants.intake.text import Language
from lendgate.assistants.intake.wording import worded

CHARGED = ChargedTo("acme", "session-1")
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
DIRECTORY = Path(__file__).parent / "conversations"
NAMES = tuple(sorted(path.stem for path in DIRECTORY.glob("*.yaml")))


@dataclass(frozen=True)
class Line:
    """One message, and what the answer to it must hold."""

    said: str
    holds: str = ""


@dataclass(frozen=True)
class Script:
    """One conversation file."""

    language: Language
    product: str | None
    lines: tuple[Line, ...]
    known: dict[FieldName, str]
    phase: Phase


def script(name: str) -> Script:
    """A conversation by its file's name."""
    read: dict[str, Any] = yaml.safe_load((DIRECTORY / f"{name}.yaml").read_text(encoding="utf-8"))
    lines = (Line(**line) if isinstance(line, dict) else Line(line) for line in read["lines"])
    return Script(read["language"], read.get("product"), tuple(lines), read["known"], read["phase"])


def tokens() -> Iterator[str]:
    """Tokens of a vault that counts."""
    return (f"tok_{number:08d}" for number in range(1, 1_000))


@dataclass
class Talk:
    """A conversation under way: ``said`` is everything the assistant said, ``kept`` all that is stored."""

    state: State
    says: tuple[Say, ...] = ()
    said: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    languages: list[Language] = field(default_factory=list)
    all_says: list[tuple[Say, ...]] = field(default_factory=list)
    ever_known: set[tuple[FieldName, str]] = field(default_factory=set)
    _tokens: Iterator[str] = field(default_factory=tokens)

    @classmethod
    def begun(cls, language: Language = "en", product: str | None = None) -> Talk:
        """A new one, greeted."""
        moved = opened(language, product, packaged_bank())
        talk = cls(moved.state)
        talk.take(moved)
        return talk

    def tell(self, *lines: str) -> str:
        """Send messages; gives the answer to the last."""
        for line in lines:
            received = receive(line, self.state, packaged_bank(), lambda: next(self._tokens))
            self.kept.append(received.text)
            self.take(respond(received, self.state, packaged_bank(), NOW))
        return self.said[-1]

    async def tell_to(self, assistant: Assistant, *lines: str) -> str:
        """Send messages to an assistant that a model may help."""
        for line in lines:
            received = receive(line, self.state, assistant.bank, lambda: next(self._tokens))
            self.kept.append(received.text)
            spoken = spoken_in(received.text, self.state, assistant.bank)
            heard = await assistant.hear(received.text, spoken, NOW.date(), CHARGED)
            moved = respond(received, self.state, assistant.bank, NOW, heard)
            self.state, self.says = moved.state, moved.says
            self.said.append(" ".join(await assistant.say(moved, CHARGED)))
        return self.said[-1]

    def take(self, moved: Moved) -> None:
        """Remember an answer."""
        self.state, self.says = moved.state, moved.says
        self.languages.append(moved.state.language)
        self.all_says.append(moved.says)
        said = ((say.field, say.data.get(slot, "")) for say in moved.says for slot in ("value", "old"))
        self.ever_known |= {*moved.state.values.items(), *((field, value) for field, value in said if field)}
        self.said.append(" ".join(worded(moved.says, moved.state, packaged_bank())))

    @property
    def questions(self) -> list[str]:
        """The answers that end in a question of the bank."""
        ended = (says[-1].topic == "question" for says in self.all_says)
        return [said for said, asks in zip(self.said, ended, strict=True) if asks]
