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
from lendgate.documents.triage import Examined, Triage
from lendgate.schema.base import MAX_MONEY
from lendgate.schema.documents import (
    DocumentCondition,
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
            _found(one, number, triage.pages_before) for number, one in enumerate(triage.documents, start=1)
        ),
        missing_types=missing_types,
    )


def _found(one: Examined, number: int, pages_before: int) -> FoundDocument:
    """A document as its sender counts: documents and pages of this one file."""
    document = one.document
    kind = kind_of(document.kind)
    return FoundDocument(
        number=number,
        type=document.type,
        title=kind.title if kind else "Unknown document",
        first_page=document.part.first - pages_before,
        last_page=document.part.last - pages_before,
        confidence=Decimal(str(document.part.confidence)),
        condition=_condition(document),
        route=one.routed.destination,
        reasons=one.routed.told,
        fields=tuple(
            _field(field, pages_before) for field in (*document.extract.fields.values(), *one.offered)
        ),
    )


def _condition(document: Document) -> DocumentCondition:
    if not document.part.readable:
        return "unreadable"
    return "blank_form" if document.blank else "filled"


def _field(field: Field, pages_before: int) -> ReadField:
    value = field.value
    money = value if isinstance(value, Decimal) and 0 <= value <= Decimal(str(MAX_MONEY)) else None
    return ReadField(
        name=field.name,
        text=masked(field)[:400],
        amount=money,
        date=value if isinstance(value, date) else None,
        place=_place(field.page - pages_before, field.box),
        confidence=Decimal(str(field.confidence)),
        reader=field.reader,
    )


def _place(page: int, box: Box) -> PageBox:
    left, top, right, bottom = (
        min(max(Decimal(str(side)).quantize(_PLACES), Decimal(0)), Decimal(1))
        for side in (box.left, box.top, box.right, box.bottom)
    )
    return PageBox(page=page, left=left, top=top, right=right, bottom=bottom)
