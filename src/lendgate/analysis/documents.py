"""What documents and fields are called when a memo asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from lendgate.analysis.saying import counted
from lendgate.schema.enums import DocumentType
from lendgate.schema.gate import MissingDocument

DOCUMENTS: Final[Mapping[DocumentType, tuple[str, str]]] = MappingProxyType(
    {
        "pay_stub": ("a recent pay stub", "recent pay stubs"),
        "w2": ("a W-2", "W-2s"),
        "1099_nec": ("a Form 1099-NEC", "Forms 1099-NEC"),
        "1099_misc": ("a Form 1099-MISC", "Forms 1099-MISC"),
        "1099_int": ("a Form 1099-INT", "Forms 1099-INT"),
        "1099_div": ("a Form 1099-DIV", "Forms 1099-DIV"),
        "1099_g": ("a Form 1099-G", "Forms 1099-G"),
        "1099_r": ("a Form 1099-R", "Forms 1099-R"),
        "1099_ssa": ("a Form SSA-1099", "Forms SSA-1099"),
        "1040": ("a Form 1040", "Forms 1040"),
        "1040_schedule_1": ("a Schedule 1 of Form 1040", "Schedules 1 of Form 1040"),
        "1040_schedule_c": ("a Schedule C of Form 1040", "Schedules C of Form 1040"),
        "1040_schedule_d": ("a Schedule D of Form 1040", "Schedules D of Form 1040"),
        "1040_schedule_e": ("a Schedule E of Form 1040", "Schedules E of Form 1040"),
        "bank_statement": ("a bank statement", "bank statements"),
        "investment_statement": ("an investment statement", "investment statements"),
        "credit_card_statement": ("a credit card statement", "credit card statements"),
        "mortgage_statement": ("a mortgage statement", "mortgage statements"),
        "identity_document": ("an identity document", "identity documents"),
        "urla_1003": ("a signed Form 1003", "signed Forms 1003"),
        "voe_1005": ("a Form 1005 from the employer", "Forms 1005 from the employer"),
        "transmittal_1008": ("a Form 1008", "Forms 1008"),
        "closing_disclosure": ("a closing disclosure", "closing disclosures"),
        "tax_transcript": ("a tax transcript", "tax transcripts"),
        "purchase_contract": ("the purchase contract", "purchase contracts"),
        "credit_authorization": ("a signed credit authorization", "signed credit authorizations"),
        "other": ("another document", "other documents"),
    }
)
DOCUMENT_NAMES: Final = frozenset(
    name.removeprefix("a ").removeprefix("an ").removeprefix("the ")
    for names in DOCUMENTS.values()
    for name in names
)
FORM_NAMES: Final = frozenset(
    {
        "W-2",
        "W-2s",
        "W2",
        "W2s",
        "Form W-2",
        "Forms W-2",
        "K-1",
        "K-1s",
        "401(k)",
        "401(k)s",
        "4506-C",
        "Form 4506-C",
    }
    | {f"{form} {number}" for form in ("Form", "Forms") for number in (1003, 1005, 1008, 1040, 1099)}
    | {f"{number} {form}" for form in ("form", "forms") for number in (1003, 1005, 1008, 1040, 1099)}
    | {f"1099-{kind}" for kind in ("NEC", "MISC", "INT", "DIV", "G", "R", "SSA")}
    | {"SSA-1099", "1040 Schedule C", "1040 Schedule D", "1040 Schedule E", "Schedule 1"}
)
"""Other ways in which people write the names of forms; the digits in them are no claims."""
_FIELDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "/amount_requested": "the amount requested",
        "/term_months": "the term",
        "/loan_purpose": "the purpose of the loan",
        "/property": "the property",
        "/property_usage": "how the property will be used",
        "/property/address": "the property's address",
        "/property/value": "the property's value",
        "/property/sales_price": "the sales price",
        "/mortgage_type": "the kind of mortgage",
        "/housing_expense": "the proposed housing cost",
        "/employment_years": "the years in the present job",
        "/applicants": "the applicants",
        "/credit": "the credit report's figures",
        "/credit/score": "the credit score",
        "/assets": "the assets",
        "/liabilities": "the debts",
    }
)


def asked(missing: MissingDocument) -> str:
    """A missing document as a request: "a W-2", "two recent pay stubs"."""
    one, many = DOCUMENTS[missing.type]
    lacking = missing.needed - missing.present
    return one if lacking == 1 else f"{counted(lacking)} {many}"


def field_called(pointer: str) -> str:
    """A field of the application (RFC 6901 pointer) as people call it."""
    return _FIELDS.get(pointer) or "the " + " ".join(
        token.replace("_", " ") for token in pointer.split("/") if token and not token.isdigit()
    )
