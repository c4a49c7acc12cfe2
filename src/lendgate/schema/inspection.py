"""Files that triage left to a person of the lender, and the verdicts people give on what is in them.

Law: but for the verdict's codes, whose sentences a sender is told, these shapes never leave the lender:
signals of tampering, private reasons and written reasons are in them. Names and numbers are masked in what
is shown, as in every answer about documents.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lendgate.schema.base import (
    Answer,
    CalendarDate,
    Key,
    Money,
    Name,
    Ratio,
    Sent,
    Sha256,
    TextRule,
    Timestamp,
    WholeRule,
)
from lendgate.schema.documents import (
    DocumentCondition,
    DocumentRoute,
    FieldKind,
    FieldReader,
    PageBox,
    PageNumber,
    TriageResult,
)
from lendgate.schema.enums import DocumentType
from lendgate.schema.referral import WrittenReason
from lendgate.schema.requests import DocumentMediaType

InspectionState = Literal["open", "settled"]
"""open: something in the file waits for a person. settled: nothing does."""
Standing = Literal["accepted", "waits", "returned"]
"""How one document of a file stands by now: by its triage, and by what a person said since."""
ReturnCode = Literal[
    "unreadable",
    "blank_form",
    "not_asked_for",
    "other_type",
    "active_content",
    "pages_missing",
    "not_signed",
    "too_old",
    "other_year",
    "expired",
    "dated_ahead",
    "name_unmatched",
    "employer_unmatched",
    "income_unmatched",
    "ssn_unmatched",
    "statement_amounts",
    "stub_amounts",
    "w2_amounts",
    "return_lines",
    "no_year_to_date",
    "longer_time",
    "deposit_source",
    "debt_unexplained",
]
"""Why a document goes back to its sender, who is told the sentence that triage has for it."""
Version = Annotated[int, WholeRule(1, 1_000_000)]


class CorrectedField(Sent):
    """A field as a person read it off the page."""

    name: Key
    value: Annotated[str, TextRule(1, 400)]
    """As it stands there: 4,125.00, 11/13/2026, a name."""


class DocumentVerdict(Sent):
    """What an underwriter says of a document: the body of ``POST /inspections/{document_id}/verdict``."""

    action: Literal["accept", "return"]
    reason: WrittenReason
    """Why, in the underwriter's own words; kept, and never told outside."""
    document: PageNumber | None = None
    """Which of the file's documents, as they are numbered in it; without it the whole file goes back, or a
    file is accepted in which no document waits."""
    codes: Annotated[list[ReturnCode], Field(min_length=1, max_length=8)] | None = None
    """What is wrong, of a return: the sender is told the sentence of each."""
    type: DocumentType | None = None
    """What an accepted document is, where triage took it for something else."""
    fields: Annotated[list[CorrectedField], Field(min_length=1, max_length=50)] | None = None
    """What an accepted document says, where it was read wrong or not at all."""


class InspectedPlace(Answer):
    """A place to look at, and what stands there; ``document_id`` is the file it is in."""

    document_id: Key
    place: PageBox
    quote: str


class InspectedReason(Answer):
    """Why a person has to look. ``told`` is what the sender was told of it; ``later``: a triage of other
    files of the application found it.
    """

    code: str
    detail: str
    told: str
    places: tuple[InspectedPlace, ...]
    later: bool = False


class InspectedCheck(Answer):
    """One check answered, with the places it rests on."""

    id: str
    result: Literal["pass", "fail", "cannot_tell"]
    detail: str
    places: tuple[InspectedPlace, ...]


class InspectedSignal(Answer):
    """Something about the file that a person should weigh; for people of the lender alone."""

    kind: str
    detail: str
    place: InspectedPlace | None = None


class OtherReading(Answer):
    """What the second reader read in a field, where it differs from the first."""

    text: str
    place: PageBox
    quote: str
    confidence: Ratio


class InspectedField(Answer):
    """One value, by whom it was read and where it stands.

    ``offered``: only the second reader has it, so it counts only when a verdict names it.
    """

    name: Key
    kind: FieldKind
    text: str
    amount: Money | None = None
    date: CalendarDate | None = None
    place: PageBox
    quote: str
    confidence: Ratio
    reader: FieldReader
    offered: bool = False
    other: OtherReading | None = None


class KnownField(Answer):
    """A field that a verdict may name for a document of this type."""

    name: Key
    kind: FieldKind


class InspectedDocument(Answer):
    """One document of the file, with what people said of it applied."""

    number: PageNumber
    standing: Standing
    type: DocumentType
    title: str
    first_page: PageNumber
    last_page: PageNumber
    confidence: Ratio
    condition: DocumentCondition
    route: DocumentRoute
    """What triage found; ``standing`` is what holds by now."""
    reasons: tuple[InspectedReason, ...]
    checks: tuple[InspectedCheck, ...]
    fields: tuple[InspectedField, ...]
    known_fields: tuple[KnownField, ...]


class InspectedVerdict(Answer):
    """A verdict that was given; the values it corrected are in the document."""

    action: Literal["accept", "return"]
    underwriter: str
    at: Timestamp
    reason: str
    document: PageNumber | None = None
    codes: tuple[ReturnCode, ...] = ()
    type: DocumentType | None = None
    fields: tuple[Key, ...] = ()


class WaitingFile(Answer):
    """A file that waits for a person, as the queue lists it."""

    document_id: Key
    application_id: Key
    broker_id: Key
    declared_type: DocumentType
    waiting_since: Timestamp
    version: Version


class InspectionPage(Answer):
    """A page of the queue, oldest first; ``next`` is the cursor of the page that follows, where one does."""

    inspections: tuple[WaitingFile, ...]
    next: str | None = None


class Inspection(Answer):
    """One file and everything that a person needs to judge what is in it."""

    document_id: Key
    application_id: Key
    broker_id: Key
    declared_type: DocumentType
    file_name: Name
    media_type: DocumentMediaType
    size: int
    sha256: Sha256
    state: InspectionState
    waiting_since: Timestamp
    version: Version
    """Grows with every verdict, and with every reason that a later triage adds; the ETag."""
    pages: int
    refused: str
    """Why the file could not be read; empty when it was."""
    reasons: tuple[InspectedReason, ...]
    """Those of no one document in it."""
    checks: tuple[InspectedCheck, ...]
    """Those of all files of the application together."""
    signals: tuple[InspectedSignal, ...]
    duplicates: tuple[str, ...]
    documents: tuple[InspectedDocument, ...]
    verdicts: tuple[InspectedVerdict, ...]
    told: TriageResult
    """What the sender is told by now."""
