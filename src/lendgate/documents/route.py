"""Where a document goes: accept, a person of the lender, or back to its sender. Pure.

Law: only a document that is certain in everything is accepted; only one that its sender alone can mend is
sent back; everything else goes to a person, with the reasons and the places to look at. Signals always
send to a person, whatever else is known, and never appear in what the sender is told. Nothing here
declines anybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from lendgate.documents.checks.model import Check, places
from lendgate.documents.document import Document
from lendgate.documents.duplicates import Duplicate
from lendgate.documents.extract.specs import required_fields
from lendgate.documents.fields import Evidence
from lendgate.documents.figures import figures
from lendgate.documents.kinds import UNKNOWN, kind_of
from lendgate.documents.model import Mark
from lendgate.documents.signals import Signal
from lendgate.schema.enums import DocumentType

Destination = Literal["accept", "human_review", "return_to_sender"]
ReasonCode = Literal[
    "unreadable",
    "blank_form",
    "not_asked_for",  # a page that is no document of a loan
    "other_type",  # not the type its sender declared
    "unsure_type",
    "field_missing",
    "field_unsure",
    "check_failed",
    "check_open",
    "readers_disagree",
    "active_content",  # the file carries scripts or other files
    "signal",  # private: never told
    "duplicate",  # private: never told
    "refused",  # the file could not be read
]
_REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    "pay_stub": ("employee_name", "employer", "gross_current", "net_current"),
    "bank_statement": ("holder_name", "account_number", "beginning_balance", "ending_balance"),
    "identity_document": ("holder_name", "number", "expires"),
}
_OPEN_IS_FINE: Final = frozenset(
    {
        "form_issuer",
        "stub_earnings",
        "payroll_deposited",
        "w2_wage_base",
        "statement_running_balance",
        "income_steady",
    }
)
"""Left open by honest documents: substitute forms, earnings not paid out, pay put elsewhere, a raise."""
IN_REVIEW: Final = "A person is looking at the document."


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for where a document goes. ``public`` is what its sender may be told, empty for nothing."""

    code: ReasonCode
    detail: str
    evidence: tuple[Evidence, ...] = ()
    public: str = ""


@dataclass(frozen=True, slots=True)
class Routed:
    """Where one document, or a whole file, goes and why."""

    destination: Destination
    reasons: tuple[Reason, ...]

    @property
    def told(self) -> tuple[str, ...]:
        """What the sender is told: the same first sentence for every document that a person looks at."""
        said = dict.fromkeys(reason.public for reason in self.reasons if reason.public)
        return (IN_REVIEW, *said) if self.destination == "human_review" else tuple(said)


def route_document(
    document: Document,
    checks: Sequence[Check],
    signals: Sequence[Signal],
    duplicates: Sequence[Duplicate],
    *,
    declared: DocumentType | None,
    marks: Sequence[Mark] = (),
) -> Routed:
    """Where one document goes. ``marks`` are those of its file."""
    private = (*_signalled(document, signals), *_seen_before(document, duplicates))
    back = tuple(_for_the_sender(document, declared))
    if back and not private:
        return Routed("return_to_sender", back)
    doubts = (*back, *_doubts(document, declared), *left_open(checks), *_active(marks), *private)
    return Routed("human_review" if doubts else "accept", doubts)


def route_file(routed: Sequence[Routed], open_checks: Sequence[Check]) -> Routed:
    """Where the file goes as a whole: back when all of it does, accepted when all of it is."""
    across = tuple(left_open(open_checks))
    reasons = (*(reason for one in routed for reason in one.reasons), *across)
    destinations = {one.destination for one in routed}
    if destinations == {"return_to_sender"}:
        return Routed("return_to_sender", reasons)
    return Routed("accept" if destinations == {"accept"} and not across else "human_review", reasons)


def _for_the_sender(document: Document, declared: DocumentType | None) -> Iterator[Reason]:
    """What only the sender can mend."""
    place = (document.first_page,)
    if not document.part.readable:
        public = "The document could not be read; please scan it again in good light and send that."
        yield Reason("unreadable", "Too little could be made out.", place, public)
    elif document.blank:
        public = "The form is not filled in; please send it completed."
        yield Reason("blank_form", "A form that nobody filled in.", place, public)
    elif declared is not None and declared != "other" and document.type == "other" and _sure(document):
        kind = kind_of(document.kind)
        title = kind.title if kind else "another document"
        public = f"This looks like: {title}. Please send the document that was asked for."
        yield Reason("not_asked_for", f"Declared {declared}, found {document.kind}.", place, public)


def _doubts(document: Document, declared: DocumentType | None) -> Iterator[Reason]:
    place = (document.first_page,)
    if not document.part.readable or document.blank:
        return
    if not _sure(document) or document.kind == UNKNOWN:
        detail = f"Taken for {document.kind} with confidence {document.part.confidence:.2f}."
        yield Reason("unsure_type", detail, place)
    elif document.type == "other":
        detail = f"Found {document.kind}, which is no document of a loan here."
        yield Reason("not_asked_for", detail, place)
    elif declared is not None and declared != document.type:
        public = "The document is of another type than was declared."
        yield Reason("other_type", f"Declared {declared}, found {document.type}.", place, public)
    yield from _fields(document)


def _fields(document: Document) -> Iterator[Reason]:
    least = float(figures().accept.field_confidence.value)
    for name in _REQUIRED.get(document.kind, required_fields(document.kind)):
        field = document.extract.fields.get(name)
        words = name.replace("_", " ")
        if field is None:
            yield Reason("field_missing", f"Not found: {words}.", (document.first_page,))
        elif field.confidence < least:
            detail = f"Not surely read ({field.confidence:.2f}): {words}."
            yield Reason("field_unsure", detail, places(field))


def left_open(checks: Sequence[Check]) -> Iterator[Reason]:
    """The reasons that checks give: those that fail, and those that should not be left open."""
    for check in checks:
        if check.result == "fail":
            yield Reason("check_failed", f"{check.id}: {check.detail}", check.evidence, check.public)
        elif check.result == "cannot_tell" and check.id not in _OPEN_IS_FINE:
            yield Reason("check_open", f"{check.id}: {check.detail}", check.evidence, check.public)


def _active(marks: Sequence[Mark]) -> Iterator[Reason]:
    """Scripts and files inside the file: never run or opened, so nobody knows what they are for."""
    for mark in marks:
        if mark.kind in {"script", "attachment"}:
            public = "The file carries scripts or other files, which were not opened; a plain PDF is better."
            yield Reason("active_content", mark.detail, public=public)


def _signalled(document: Document, signals: Sequence[Signal]) -> Iterator[Reason]:
    pages = range(document.part.first, document.part.last + 1)
    for signal in signals:
        place = signal.evidence
        if place is None or place.page in pages:
            yield Reason("signal", f"{signal.kind}: {signal.detail}", (place,) if place else ())


def _seen_before(document: Document, duplicates: Sequence[Duplicate]) -> Iterator[Reason]:
    pages = range(document.part.first, document.part.last + 1)
    for one in duplicates:
        if one.page == 0 or one.page in pages:
            detail = f"The same {'file' if one.how == 'same_file' else 'page'} came as {one.seen}."
            yield Reason("duplicate", detail, (document.first_page,))


def _sure(document: Document) -> bool:
    return document.part.confidence >= float(figures().accept.type_confidence.value)
