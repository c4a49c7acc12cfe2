"""What a message is heard against: the questions that may be answered, and the one that was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from lendgate.assistants.intake.bank import FieldName, Question, QuestionBank
from lendgate.assistants.intake.state import State
from lendgate.assistants.intake.text import Clause

_LONGEST_QUOTE = 200


@dataclass(frozen=True, slots=True)
class Listening:
    """A message and how things stand. ``text`` is plain, tokenized, and without what was volunteered.

    ``questions`` are those whose answers may be taken now; ``pending`` was asked last; ``correction``: the
    message takes something back.
    """

    text: str
    state: State
    today: date
    questions: Mapping[FieldName, Question]
    pending: Question | None
    correction: bool


def listening(text: str, state: State, bank: QuestionBank, today: date, *, correction: bool) -> Listening:
    """A message against the state it comes into."""
    questions = bank.hearable(state.values.get("product"))
    pending = bank[state.pending] if state.pending else None
    return Listening(text, state, today, questions, pending, correction)


def quote_of(text: str) -> str:
    """Words as they are kept with a value."""
    return text.strip(" ,.;")[:_LONGEST_QUOTE]


def clause_at(cut: list[Clause], position: int) -> Clause:
    """The clause that a position lies in."""
    return next((one for one in cut if one.start <= position <= one.end), cut[-1])
