"""What documents prove, as facts for policy: numbers, flags and words, beside what the application states.

Law: a fact is a number, a flag or a word of a closed list, never a name, an identifier or text of a
document. Only documents that are accepted, or that a person has accepted, make facts; the confidence of
the weakest field goes with each. ``name`` and ``unit`` follow ``policy.registry``, which decides whether a
pack may use it. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final, Literal

from lendgate.documents.case import Case
from lendgate.documents.document import Document
from lendgate.documents.fields import Field
from lendgate.documents.income import DocumentedIncome, documented_incomes
from lendgate.schema.application import Application, SubmittedDocument
from lendgate.schema.base import Sha256

Unit = Literal["usd", "usd_per_month", "ratio", "count", "flag"]
_MONTHS: Final = 12
_CENTS: Final = Decimal("0.01")
_SHARE: Final = Decimal("0.000001")
_ASSETS: Final = {"bank_statement": "ending_balance", "investment_statement": "ending_value"}


@dataclass(frozen=True, slots=True)
class DocumentFact:
    """One fact proved by documents. ``documents`` are their numbers in the file; ``how`` is one sentence."""

    name: str
    value: Decimal | int | bool
    unit: Unit
    how: str
    documents: tuple[int, ...]
    confidence: float


def document_facts(documents: Sequence[Document], case: Case) -> Mapping[str, DocumentFact]:
    """Every fact that these documents prove; what they do not show has no fact."""
    incomes = documented_incomes(documents)
    found = (*_income_facts(incomes, case), *_asset_facts(documents), *_debt_facts(documents))
    return {fact.name: fact for fact in found}


def submitted(documents: Sequence[Document], sha256: Sha256) -> tuple[SubmittedDocument, ...]:
    """The documents as an application lists them, for ``intake.completeness`` to be asked again."""
    good = (document for document in documents if document.part.readable and not document.blank)
    return tuple(SubmittedDocument(type=document.type, sha256=sha256) for document in good)


def with_found(
    application: Application, found: Sequence[SubmittedDocument], files: Collection[Sha256]
) -> Application:
    """The application with what its files turned out to hold in the place of what they were said to be.

    ``files`` are those that were triaged; documents of files that did not come yet stay as declared.
    """
    waiting = [one for one in application.documents or () if one.sha256 not in files]
    return application.model_copy(update={"documents": [*waiting, *found]})


def _income_facts(incomes: Sequence[DocumentedIncome], case: Case) -> Iterator[DocumentFact]:
    if not incomes:
        return
    numbers = tuple(sorted({number for one in incomes for number in one.documents}))
    sure = min(one.confidence for one in incomes)
    monthly = sum((one.monthly for one in incomes), Decimal(0))
    how = " ".join(one.how for one in incomes)
    yield DocumentFact("documented_monthly_income", monthly, "usd_per_month", how, numbers, sure)
    yearly = (monthly * _MONTHS).quantize(_CENTS, ROUND_HALF_EVEN)
    yield DocumentFact("documented_annual_income", yearly, "usd", "Twelve times a month.", numbers, sure)
    if case.monthly_income:
        apart = (abs(monthly - case.monthly_income) / case.monthly_income).quantize(_SHARE, ROUND_HALF_EVEN)
        how = "Documented against stated income, as a share of the stated."
        yield DocumentFact("documented_income_difference", apart, "ratio", how, numbers, sure)


def _asset_facts(documents: Sequence[Document]) -> Iterator[DocumentFact]:
    """The newest ending balance of every account."""
    newest: dict[str, tuple[Document, Field]] = {}
    for document in sorted(documents, key=lambda one: str(one.extract.day("period_end") or "")):
        field = document.extract.fields.get(_ASSETS.get(document.type, ""))
        if field is not None and isinstance(field.value, Decimal):
            account = document.extract.text("account_number") or f"document {document.number}"
            newest[account] = (document, field)
    if newest:
        total = sum((f.value for _, f in newest.values() if isinstance(f.value, Decimal)), Decimal(0))
        numbers = tuple(sorted(document.number for document, _ in newest.values()))
        sure = min(field.confidence for _, field in newest.values())
        how = "The newest ending balance of each account."
        yield DocumentFact("documented_assets", total, "usd", how, numbers, sure)


def _debt_facts(documents: Sequence[Document]) -> Iterator[DocumentFact]:
    """What statements of debts ask for each month."""
    names = (("mortgage_statement", "regular_payment"), ("credit_card_statement", "minimum_payment"))
    found = [
        (document, field)
        for type_, name in names
        for document in documents
        if document.type == type_ and (field := document.extract.fields.get(name))
    ]
    if found:
        total = sum((f.value for _, f in found if isinstance(f.value, Decimal)), Decimal(0))
        numbers = tuple(document.number for document, _ in found)
        sure = min(field.confidence for _, field in found)
        how = "The payments that statements of debts ask for."
        yield DocumentFact("documented_debt_payments", total, "usd_per_month", how, numbers, sure)
