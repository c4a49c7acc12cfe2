"""What is published of documents: the record, and the triage its sender is told (metadata: ``requests``).

Law: this is the sender's view. No signal of tampering, no threshold, and no reason that is not the sender's
business has a field here; names, social security and account numbers leave masked.
"""

from __future__ import annotations

from typing import Annotated, Literal

from lendgate.schema.base import (
    Answer,
    CalendarDate,
    Key,
    Money,
    Name,
    Ratio,
    Sha256,
    TextRule,
    Timestamp,
    WholeRule,
)
from lendgate.schema.enums import DocumentType
from lendgate.schema.requests import MAX_DOCUMENT_BYTES, DocumentMediaType

DocumentStatus = Literal["awaiting_content", "received", "triaged"]
DocumentRoute = Literal["accept", "human_review", "return_to_sender"]
DocumentCondition = Literal["filled", "blank_form", "unreadable"]
FieldReader = Literal["rules", "claude", "person"]
FieldKind = Literal[
    "amount", "date", "identifier", "name", "text", "block", "year", "percent", "code", "period"
]
"""What values a field holds; a period is told as its first and its last day."""
PageNumber = Annotated[int, WholeRule(1, 10_000)]
Text = Annotated[str, TextRule(1, 400)]


class PageBox(Answer):
    """A place on an upright page, as shares of its width and height from the top left corner."""

    page: PageNumber
    left: Ratio
    top: Ratio
    right: Ratio
    bottom: Ratio


class ReadField(Answer):
    """One value read from a document. ``text`` is masked where it names a person, a number or a place."""

    name: Key
    text: Text
    amount: Money | None = None
    date: CalendarDate | None = None
    place: PageBox
    confidence: Ratio
    reader: FieldReader


class FoundDocument(Answer):
    """One document found in the file."""

    number: PageNumber
    type: DocumentType
    title: Text
    first_page: PageNumber
    last_page: PageNumber
    confidence: Ratio
    """How sure the type is, for the least certain page."""
    condition: DocumentCondition
    route: DocumentRoute
    reasons: tuple[Text, ...]
    """What its sender may do something about."""
    fields: tuple[ReadField, ...]


class TriageResult(Answer):
    """What the triage of one file came to."""

    route: DocumentRoute
    reasons: tuple[Text, ...]
    documents: tuple[FoundDocument, ...]
    missing_types: tuple[DocumentType, ...] = ()
    """Types that are asked for and were not found."""


class DocumentRecord(Answer):
    """A document as its sender sees it."""

    document_id: Key
    application_id: Key
    declared_type: DocumentType
    file_name: Name
    media_type: DocumentMediaType
    size: Annotated[int, WholeRule(1, MAX_DOCUMENT_BYTES)]
    sha256: Sha256
    status: DocumentStatus
    created_at: Timestamp
    received_at: Timestamp | None = None
    triage: TriageResult | None = None


class DocumentUpload(Answer):
    """Where a document's bytes are awaited: 201 of ``POST /documents``."""

    document_id: Key
    upload: str
    """The path to PUT them to."""
    expires_at: Timestamp
    status: Literal["awaiting_content"] = "awaiting_content"


class DocumentList(Answer):
    """The documents of an application, oldest first."""

    documents: tuple[DocumentRecord, ...]
