"""What the broker's support agent says: answers, how an application stands, and requests that were taken.

Law: public words only. An answer is made of approved wordings and of sentences that were checked one by one;
no field here has room for policy text, a limit, a memo, a note or another application.
"""

from __future__ import annotations

from typing import Annotated, Literal

from lendgate.schema.base import Answer, CalendarDate, Key, Timestamp, WholeRule
from lendgate.schema.decision import DecisionAction
from lendgate.schema.gate import MissingDocument
from lendgate.schema.requests import CorrectionKind
from lendgate.schema.review import Outcome, PublicReason, ReviewerName, ReviewStatus

RequestState = Literal["open", "answered"]
SupportSpeaker = ReviewerName


class SupportSentence(Answer):
    """One sentence of an answer, as it streams."""

    text: str
    by: SupportSpeaker
    """``rules``: an approved wording; ``claude``: a model's, checked before it was sent."""


class SupportOpened(Answer):
    """The beginning of a streamed answer."""

    conversation_id: Key
    review_id: Key
    notice: str


class SupportAnswer(Answer):
    """A whole answer to one question."""

    conversation_id: Key
    """Send it with the next question to go on with this conversation."""
    review_id: Key
    answer: str
    reasons: tuple[PublicReason, ...]
    """The recorded reasons, whatever was asked."""
    speaker: SupportSpeaker
    because: str | None = None
    """Why a model did not speak, or not to its end, where one is configured."""
    replaced: Annotated[int, WholeRule(0, 10_000)] = 0
    """Sentences of a model that failed a check and were not said."""
    simulated: bool = False
    notice: str
    """That a program answers, and how to ask for a person."""


class SupportRequest(Answer):
    """A request for a correction or for a person to look, and its clock."""

    request_id: Key
    review_id: Key
    kind: CorrectionKind
    state: RequestState
    opened_at: Timestamp
    due_on: CalendarDate
    """The day by which the lender answers."""


class SupportStatus(Answer):
    """How an application stands, without a model: the same words as an answer's."""

    review_id: Key
    status: ReviewStatus
    outcome: Outcome | None = None
    """What the rules recommend; not a decision."""
    action: DecisionAction | None = None
    """What was decided, once a decision stands; ``reasons`` are then its own."""
    summary: str
    next_step: str
    reasons: tuple[PublicReason, ...] = ()
    missing_documents: tuple[MissingDocument, ...] = ()
    missing_fields: tuple[str, ...] = ()
    requests: tuple[SupportRequest, ...] = ()
    received_at: Timestamp
    completed_at: Timestamp | None = None
    decided_at: Timestamp | None = None
