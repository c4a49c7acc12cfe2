"""The assistant: how a message is heard and how the answer is said, by rules or with a model's help.

Law: with and without a model the same state machine moves the same state; a model that fails, is late, is too
dear or says what it may not costs nothing but its help.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lendgate.analysis.reviewer import ChargedTo
from lendgate.assistants.intake.bank import QuestionBank
from lendgate.assistants.intake.hearing import Heard, hear
from lendgate.assistants.intake.machine import Moved
from lendgate.assistants.intake.state import State
from lendgate.assistants.intake.wording import worded


@dataclass(frozen=True, slots=True)
class Said:
    """What the assistant says, sentence by sentence."""

    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assistant:
    """Hears and speaks by the question bank."""

    bank: QuestionBank

    async def hear(self, text: str, state: State, today: date, _charged_to: ChargedTo) -> Heard:
        """What a received message says."""
        return hear(text, state, self.bank, today)

    async def say(self, moved: Moved, _charged_to: ChargedTo) -> Said:
        """What is said next, in words."""
        return Said(tuple(worded(moved.says, moved.state, self.bank)))
