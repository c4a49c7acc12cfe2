"""A triage as its sender may see it. Pure; the only way out of this room to brokers and borrowers.

Law: signals, private reasons, quotes of the page and what is under a mask do not pass here.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from lendgate.documents.document import Document
from lendgate.documents.fields import Field
from lendgate.documents.kinds import kind_of
from lendgate.documents.masking import masked
from lendgate.documents.model import Box
from lendgate.documents.triage import Triage
from lendgate.schema.base import MAX_MONEY
from lendgate.schema.documents import (
    DocumentCondition,
    DocumentRoute,
    FoundDocument,
    PageBox,
    ReadField,
    TriageResult,
)
from lendgate.schema.enums import DocumentType

_PLACES: Final = Decimal("0.0001")


def triage_result(triage: Triage, missing_types: tuple[DocumentType, ...] = ()) -> TriageResult:
    """What is published of a triage."""
    return TriageResult(
        route=triage.routed.destination,
        reasons=triage.routed.told,
        documents=tuple(
            found_document(
                one.document,
                number,
                one.routed.destination,
                one.routed.told,
                offered=one.offered,
                pages_before=triage.pages_before,
            )
            for number, one in enumerate(triage.documents, start=1)
        ),
        missing_types=missing_types,
    )


def found_document(
    document: Document,
    number: int,
    route: DocumentRoute,
    reasons: tuple[str, ...],
    *,
    offered: tuple[Field, ...] = (),
    pages_before: int = 0,
) -> FoundDocument:
    """A document as its sender counts: documents and pages of this one file."""
    fields = (*document.extract.fields.values(), *offered)
    return FoundDocument(
        number=number,
        type=document.type,
        title=title_of(document),
        first_page=document.part.first - pages_before,
        last_page=document.part.last - pages_before,
        confidence=Decimal(str(document.part.confidence)),
        condition=condition_of(document),
        route=route,
        reasons=reasons,
        fields=tuple(read_field(field, pages_before) for field in fields),
    )


def title_of(document: Document) -> str:
    """What a document is called."""
    kind = kind_of(document.kind)
    return kind.title if kind else "Unknown document"


def condition_of(document: Document) -> DocumentCondition:
    """Whether there is anything on it to read."""
    if not document.part.readable:
        return "unreadable"
    return "blank_form" if document.blank else "filled"


def read_field(field: Field, pages_before: int = 0) -> ReadField:
    """A field, what names somebody masked; its page as the file counts."""
    value = field.value
    money = value if isinstance(value, Decimal) and 0 <= value <= Decimal(str(MAX_MONEY)) else None
    return ReadField(
        name=field.name,
        text=masked(field)[:400],
        amount=money,
        date=value if isinstance(value, date) else None,
        place=page_box(field.page - pages_before, field.box),
        confidence=Decimal(str(field.confidence)),
        reader=field.reader,
    )


def page_box(page: int, box: Box) -> PageBox:
    """A place on a page."""
    left, top, right, bottom = (
        min(max(Decimal(str(side)).quantize(_PLACES), Decimal(0)), Decimal(1))
        for side in (box.left, box.top, box.right, box.bottom)
    )
    return PageBox(page=page, left=left, top=top, right=right, bottom=bottom)
