"""What callers send besides applications: documents' metadata, conversation, support, referral actions.

Law: the Worker's validators are compiled from these shapes and the origin parses with them
(``intake.body.parse_request``), so both refuse the same bodies at the same places. What a field means
for a record (is it yours, is it stale, do two fields fit together) is the origin's to judge.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from lendgate.schema.base import Key, Name, Sent, Sha256, TextRule, WholeRule
from lendgate.schema.decision import Line
from lendgate.schema.enums import DocumentType, Product

MAX_DOCUMENT_BYTES: Final = 20 * 1024 * 1024
DocumentMediaType = Literal["application/pdf", "image/png", "image/jpeg", "image/tiff"]
Language = Literal["en", "es"]
CorrectionKind = Literal["correction", "human_review"]
Words = Annotated[str, TextRule(1, 8000)]
"""What a person wrote; a message of a conversation, a question, a reason."""
Subject = Annotated[str, TextRule(1, 255, r"^[!-~]{1,255}$", "underwriter-7")]
"""A person as access tokens name them (``sub``): visible ASCII."""


class Nothing(Sent):
    """A request that says all it has to say by its path: ``{}``."""


class DocumentMetadata(Sent):
    """A document before its bytes: what it is said to be, and what its bytes must turn out to be."""

    application_id: Key
    """The review_id of the application it belongs to."""
    declared_type: DocumentType
    file_name: Name
    media_type: DocumentMediaType
    size: Annotated[int, WholeRule(1, MAX_DOCUMENT_BYTES)]
    """Bytes."""
    sha256: Sha256


class IntakeOpening(Sent):
    """A conversation that is to begin."""

    product: Product | None = None
    language: Language = "en"
    applicant_id: Key | None = None
    """The caller's own identifier of the applicant."""


class IntakeMessage(Sent):
    """One turn of the person's."""

    text: Words
    message_id: Key
    """The caller's own, new for each message: the same one again is the same message, said once."""


class IntakePage(Sent):
    """One step of a conversation by the page's form: a conversation begins where none is named."""

    does: Literal["open", "say", "person", "submit"]
    """The button that was pressed."""
    session_id: Key | None = None
    text: Words | None = None
    message_id: Key | None = None
    language: Language = "en"
    product: Product | None = None
    applicant_id: Key | None = None


class SupportQuestion(Sent):
    """A broker's question about a review of theirs."""

    review_id: Key
    question: Words
    conversation_id: Key | None = None
    """Where the question follows earlier ones: what their answer gave."""


class SupportCorrection(Sent):
    """Says that something is wrong, or asks for a person to look: each starts a clock of its own."""

    review_id: Key
    kind: CorrectionKind
    text: Words


class ReferralAssignment(Sent):
    """Whose the referral shall be; without one it is for whoever comes."""

    underwriter: Subject | None = None


class ReferralConditions(Sent):
    """What an approval will depend on, one sentence each."""

    conditions: Annotated[list[Line], Field(min_length=1, max_length=50)]


class RequestedDocument(Sent):
    """A document the underwriter wants, and what of it where the type does not say."""

    type: DocumentType
    note: Annotated[str, TextRule(1, 300)] | None = None


class ReferralDocumentRequests(Sent):
    """Documents the referral waits for."""

    documents: Annotated[list[RequestedDocument], Field(min_length=1, max_length=50)]
