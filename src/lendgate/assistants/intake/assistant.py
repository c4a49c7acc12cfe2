"""The assistant: how a message is heard and how the answer is said, by rules or with a model's help.

Law: with and without a model the same state machine moves the same state; a model that fails, is late, is too
dear or says what it may not costs nothing but its help.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lendgate.analysis.reviewer import ChargedTo
from lendgate.assistants.intake.bank import Question, QuestionBank
from lendgate.assistants.intake.hearing import Heard, hear
from lendgate.assistants.intake.machine import Moved, Say
from lendgate.assistants.intake.model_turn import ModelEar, helped, wants_help
from lendgate.assistants.intake.state import State
from lendgate.assistants.intake.wording import worded


@dataclass(frozen=True, slots=True)
class Assistant:
    """Hears and speaks by the question bank; ``model`` is None without one."""

    bank: QuestionBank
    model: ModelEar | None = None

    async def hear(self, text: str, state: State, today: date, charged_to: ChargedTo) -> Heard:
        """What a received message says."""
        heard = hear(text, state, self.bank, today)
        if self.model is None or not wants_help(heard, text, state, self.bank):
            return heard
        pointed = await self.model.pointed(text, state, self.bank, charged_to)
        return helped(heard, pointed, text=text, state=state, bank=self.bank, today=today)

    async def say(self, moved: Moved, charged_to: ChargedTo) -> tuple[str, ...]:
        """What is said next, sentence by sentence."""
        question = _question(moved.says, self.bank)
        if self.model is None or question is None:
            return tuple(worded(moved.says, moved.state, self.bank))
        before = worded(moved.says[:-1], moved.state, self.bank)
        language = moved.state.language
        told = [say.topic.replace("_", " ") for say in moved.says[:-1]]
        ask = await self.model.worded(question, told, language, charged_to)
        notice = [question.notice.said(language)] if question.notice else []
        return (*before, *notice, ask)


def _question(says: Sequence[Say], bank: QuestionBank) -> Question | None:
    """The question of the bank that ends what is said, if one does."""
    last = says[-1] if says else None
    return bank[last.field] if last and last.topic == "question" and last.field else None
