"""What the gate answers about an intake conversation.

Law: identifiers are never in it, a token at most; every value carries the person's own words.
"""

from __future__ import annotations

from typing import Literal

from lendgate.schema.base import Answer, Key, Timestamp
from lendgate.schema.gate import MissingDocument
from lendgate.schema.requests import Language

IntakePhase = Literal["asking", "confirming", "confirmed", "submitted", "with_person"]


class IntakeValue(Answer):
    """One thing that is known: ``shown`` as a person reads it, the words it came from, and their message."""

    field: str
    label: str
    shown: str
    quote: str
    message: int
    """The number of the message that said it; 0 where the caller gave it at the opening."""
    conversion: str | None = None
    """How the figure was worked out, where it was."""


class IntakeQuestion(Answer):
    """One thing that is missing, and the question for it."""

    field: str
    label: str
    ask: str


class IntakeCompleteness(Answer):
    """How complete the application is, in the three meanings of the word."""

    trid_items_missing: tuple[str, ...] | None = None
    """Of the six items of 12 CFR 1026.2(a)(3)(ii); none where they do not apply."""
    trid_complete_at: Timestamp | None = None
    """When the last of the six came: the Loan Estimate's clock started then."""
    regulation_b_complete: bool
    """Everything that is regularly asked of an applicant is there (12 CFR 1002.2(f))."""
    file_complete: bool
    """The documents are there, too."""
    missing: tuple[IntakeQuestion, ...]
    missing_documents: tuple[MissingDocument, ...]
    notice: str | None = None
    """What is missing as a notice in the words of Form C-6, for whoever sends it; none when nothing is."""


class IntakeTurn(Answer):
    """One message of the transcript."""

    number: int
    message_id: str
    role: Literal["person", "assistant"]
    text: str
    at: Timestamp


class IntakeSession(Answer):
    """A conversation as it stands."""

    session_id: Key
    phase: IntakePhase
    language: Language
    asks: str | None = None
    """The field of the question that was asked last."""
    known: tuple[IntakeValue, ...]
    completeness: IntakeCompleteness
    messages: tuple[IntakeTurn, ...]
    review_id: Key | None = None
    created_at: Timestamp
    expires_at: Timestamp
