"""Scripted conversations, played against the assistant without a store or a network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from lendgate.assistants.intake.bank import FieldName, packaged_bank
from lendgate.assistants.intake.conversation import receive, respond
from lendgate.assistants.intake.machine import Moved, Say, opened
from lendgate.assistants.intake.state import Phase, State
from lendgate.assistants.intake.text import Language
from lendgate.assistants.intake.wording import worded

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

    def take(self, moved: Moved) -> None:
        """Remember an answer."""
        self.state, self.says = moved.state, moved.says
        self.said.append(" ".join(worded(moved.says, moved.state, packaged_bank())))
