"""What is known in a conversation, and how things stand. Values, no behaviour.

Law: every value has the person's own words it came from, and the message they stood in. A state holds no
identifier (a token at most) and nothing that was volunteered against 12 CFR 1002.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from lendgate.assistants.intake.bank import FieldName
from lendgate.assistants.intake.text import Language

Phase = Literal["asking", "confirming", "confirmed", "submitted", "with_person"]
Problem = Literal[
    "period",
    "unit",
    "pay",
    "net",
    "several",
    "part",
    "vague",
    "small",
    "unreadable",
    "incomplete",
]
"""Why an answer is no value yet: which period or unit, paid by the hour, after taxes, several figures, a part
of a sum, a range or bound, less than such a sum can be, not of the kind that was asked for, half of it."""


@dataclass(frozen=True, slots=True)
class Known:
    """A value in its canonical text, the words it came from, their message, and how it was converted."""

    value: str
    quote: str
    turn: int
    conversion: str | None = None


@dataclass(frozen=True, slots=True)
class HeardFact:
    """A value read from a message; ``correction``: the person said that it replaces what was said before.

    ``by_model``: only a model saw which question these words answer.
    """

    field: FieldName
    value: str
    quote: str
    conversion: str | None = None
    correction: bool = False
    by_model: bool = False


@dataclass(frozen=True, slots=True)
class Doubt:
    """Words that answer a question and cannot be read to one value; ``amount`` is what could be read."""

    field: FieldName
    problem: Problem
    quote: str
    amount: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    """One conversation.

    ``pending`` is the question that was asked last; ``disputes`` are values that contradict what is known;
    ``proposal`` a reading of a model's that waits for a yes; ``tries`` how often ``pending`` went without
    an answer; ``skipped`` what the person chose not to answer; ``trid_at`` when the six items were there
    (RFC 3339); ``turn`` the number of the last message.
    """

    language: Language
    phase: Phase = "asking"
    known: Mapping[FieldName, Known] = field(default_factory=dict)
    pending: FieldName | None = None
    doubt: Doubt | None = None
    disputes: tuple[HeardFact, ...] = ()
    proposal: HeardFact | None = None
    tries: int = 0
    skipped: tuple[FieldName, ...] = ()
    trid_at: str | None = None
    turn: int = 0

    @property
    def values(self) -> dict[FieldName, str]:
        """The canonical values alone."""
        return {name: known.value for name, known in self.known.items()}
