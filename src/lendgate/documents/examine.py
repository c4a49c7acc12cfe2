"""All checks that apply to documents, by their type. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from lendgate.documents.case import Case
from lendgate.documents.checks.identifiers import check_identifiers
from lendgate.documents.checks.model import Check
from lendgate.documents.checks.money import check_money
from lendgate.documents.checks.pay import check_pay_stub
from lendgate.documents.checks.people import check_people
from lendgate.documents.checks.recency import check_coverage, check_recency
from lendgate.documents.checks.signature import check_signature
from lendgate.documents.checks.statement import check_statement
from lendgate.documents.checks.tax_forms import (
    check_issuer,
    check_returns,
    check_schedule_c,
    check_tax_return,
    check_w2,
)
from lendgate.documents.document import Document
from lendgate.schema.enums import DocumentType

_BY_TYPE: Final[Mapping[DocumentType, Callable[[Document], Iterator[Check]]]] = {
    "pay_stub": check_pay_stub,
    "bank_statement": check_statement,
    "w2": check_w2,
    "1040": check_tax_return,
    "1040_schedule_c": check_schedule_c,
    "1099_nec": check_issuer,
    "1099_misc": check_issuer,
    "1099_int": check_issuer,
    "1099_div": check_issuer,
    "1099_g": check_issuer,
    "1099_r": check_issuer,
}


def examine(document: Document, case: Case) -> tuple[Check, ...]:
    """Every check of one document; a blank or unreadable one has nothing to check."""
    if document.blank or not document.part.readable:
        return ()
    own = _BY_TYPE.get(document.type)
    return (
        *(own(document) if own else ()),
        *check_identifiers(document),
        *check_recency(document, case),
        *check_signature(document),
    )


def examine_together(documents: Sequence[Document], case: Case) -> tuple[Check, ...]:
    """Every check of documents against each other and against the application."""
    good = [document for document in documents if not document.blank and document.part.readable]
    return (
        *check_people(good, case),
        *check_money(good, case),
        *check_coverage(good, case),
        *check_returns(good),
    )
