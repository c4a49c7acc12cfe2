"""The application: what a broker sends, and all that policy may see of it.

Law: ``{"applicant_id", "income", "debt_to_income"}`` is a whole application; every other field is
optional and typed. Demographic monitoring data is not a field of this type.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from lendgate.schema.base import Key, Money, NumberRule, Ratio, Sent, Sha256, Timestamp, WholeRule
from lendgate.schema.enums import (
    AmortizationType,
    DocumentType,
    LienPriorityType,
    LoanPurposeType,
    MortgageType,
    Product,
    PropertyUsageType,
    RefinanceCashOutDeterminationType,
)
from lendgate.schema.finances import Asset, Credit, HousingExpense, Liability, Property
from lendgate.schema.parties import Applicant


class SubmittedDocument(Sent):
    """A document that is on file with the application, as the sender declares it."""

    type: DocumentType
    document_id: Key | None = None
    sha256: Sha256 | None = None
    received_at: Timestamp | None = None


class Application(Sent):
    """A request for credit, product ``personal_loan`` unless it says otherwise."""

    applicant_id: Key
    """The caller's own identifier of the (primary) applicant."""
    income: Money
    """Gross annual income of all applicants, US dollars."""
    debt_to_income: Ratio
    """Back-end debt-to-income ratio as stated by the caller, 0 to 1."""
    employment_years: Annotated[Decimal, NumberRule(0, 80)] | None = None
    """Years the primary applicant has been in the present job."""
    product: Product = "personal_loan"
    external_ref: Key | None = None
    """The caller's own identifier of this application."""
    amount_requested: Money | None = None
    term_months: Annotated[int, WholeRule(1, 480)] | None = None
    note_rate: Ratio | None = None
    """Annual interest rate asked for or quoted, 0.0675 for 6.75 %."""
    apr: Ratio | None = None
    loan_purpose: LoanPurposeType | None = None
    refinance_cash_out: RefinanceCashOutDeterminationType | None = None
    mortgage_type: MortgageType | None = None
    property_usage: PropertyUsageType | None = None
    lien_priority: LienPriorityType | None = None
    amortization_type: AmortizationType | None = None
    applicants: Annotated[list[Applicant], Field(min_length=1, max_length=4)] | None = None
    liabilities: Annotated[list[Liability], Field(max_length=100)] | None = None
    assets: Annotated[list[Asset], Field(max_length=100)] | None = None
    property: Property | None = None
    housing_expense: HousingExpense | None = None
    credit: Credit | None = None
    documents: Annotated[list[SubmittedDocument], Field(max_length=100)] | None = None
