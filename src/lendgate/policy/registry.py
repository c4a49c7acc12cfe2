"""Every fact there is: its name, unit and meaning. The one list that packs are checked against.

Law: a name that is not here can be neither derived nor used in a pack, so what policy and the reviewer
may see is decided in this file alone. No name, identifier, birth date, free text, monitoring data,
citizenship, number of dependents or kind of income is in it (12 CFR 1002.2(z), 1002.5, 1002.6(b)).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, get_args

from lendgate.policy.model import Unit
from lendgate.schema.enums import (
    AmortizationType,
    ConstructionMethodType,
    LienPriorityType,
    LoanPurposeType,
    MortgageType,
    PropertyUsageType,
)


@dataclass(frozen=True, slots=True)
class FactKind:
    """What one fact is. ``words`` is the closed list of a fact of unit ``word``."""

    name: str
    unit: Unit
    meaning: str
    words: tuple[str, ...] = ()


_INCOME: Final = (
    FactKind("annual_income", "usd", "Gross annual income of all applicants, as stated"),
    FactKind("monthly_income", "usd_per_month", "Gross annual income divided by twelve"),
    FactKind("itemized_income", "usd", "Twelve times the sum of the itemized incomes, each in full"),
    FactKind("income_itemized", "flag", "Incomes are itemized"),
    FactKind("income_disagreement", "ratio", "Difference of itemized and stated income over stated income"),
)
_EMPLOYMENT: Final = (
    FactKind("employment_applies", "flag", "False only where incomes are itemized and none is from work"),
    FactKind("employment_years", "years", "Years the primary applicant has been in the present job"),
    FactKind("months_on_job", "months", "Completed months in the present job"),
    FactKind("months_in_line_of_work", "months", "Completed months in the present line of work"),
    FactKind("self_employed", "flag", "Any applicant is self-employed or owns a quarter of the employer"),
)
_OBLIGATIONS: Final = (
    FactKind("monthly_debts", "usd_per_month", "Payments on debts that stay open after closing"),
    FactKind("present_housing", "usd_per_month", "What the primary applicant pays for housing now"),
    FactKind("monthly_payment", "usd_per_month", "Principal and interest of the requested loan"),
    FactKind("pitia", "usd_per_month", "Principal, interest, taxes, insurance, association dues"),
    FactKind("stated_debt_to_income", "ratio", "Back-end ratio as the caller stated it"),
    FactKind("front_end_dti", "ratio", "Housing cost over monthly income"),
    FactKind("back_end_dti", "ratio", "All monthly obligations over monthly income"),
    FactKind("dti_itemized", "flag", "Enough parts are given to check the stated back-end ratio"),
    FactKind("dti_disagreement", "ratio", "Difference of the stated and the computed back-end ratio"),
)
_LOAN: Final = (
    FactKind("amount_requested", "usd", "Amount of credit requested"),
    FactKind("term_months", "months", "Term requested"),
    FactKind("note_rate", "ratio", "Annual interest rate asked for or quoted"),
    FactKind("apr", "ratio", "Annual percentage rate"),
    FactKind("loan_to_income", "ratio", "Amount requested over annual income"),
    FactKind("loan_purpose", "word", "Purpose of the loan", get_args(LoanPurposeType)),
    FactKind("cash_out", "flag", "A refinance that pays cash out"),
    FactKind("mortgage_type", "word", "Kind of mortgage", get_args(MortgageType)),
    FactKind("lien_priority", "word", "Lien the loan would hold", get_args(LienPriorityType)),
    FactKind("amortization_type", "word", "How the loan amortizes", get_args(AmortizationType)),
)
_COLLATERAL: Final = (
    FactKind("property_usage", "word", "How the property will be used", get_args(PropertyUsageType)),
    FactKind("construction_method", "word", "How the home was built", get_args(ConstructionMethodType)),
    FactKind("units", "count", "Dwelling units of the property"),
    FactKind("collateral_value", "usd", "Value that the loan-to-value ratio uses"),
    FactKind("ltv", "ratio", "Amount requested over collateral value"),
    FactKind("cltv", "ratio", "Amount requested and subordinate financing over collateral value"),
    FactKind("down_payment_share", "ratio", "Down payment over sales price"),
    FactKind("liquid_assets", "usd", "Deposits and listed securities"),
    FactKind("cash_shortfall", "usd", "Down payment that liquid assets do not cover"),
    FactKind("reserves_months", "months", "Whole months of PITIA that liquid assets cover after closing"),
)
_CREDIT: Final = (
    FactKind("credit_score", "score", "Representative credit score"),
    FactKind("oldest_trade_months", "months", "Age of the oldest credit line"),
    FactKind("tradelines", "count", "Credit lines on the report"),
    FactKind("recent_inquiries", "count", "Inquiries of the last six months"),
    FactKind("current_delinquencies", "count", "Accounts past due now"),
    FactKind("delinquencies_thirty_days", "count", "Payments thirty days late"),
    FactKind("delinquencies_sixty_days", "count", "Payments sixty days late"),
    FactKind("delinquencies_ninety_days", "count", "Payments ninety days late"),
    FactKind("collections", "count", "Collections on the report"),
    FactKind("public_records", "count", "Public records on the report"),
    FactKind("utilization", "ratio", "Share of revolving credit in use"),
    FactKind("bankruptcy_declared", "flag", "Any applicant declares a bankruptcy"),
    FactKind("bankruptcy_open", "flag", "A declared bankruptcy is neither discharged nor dismissed"),
    FactKind("months_since_bankruptcy", "months", "Completed months since the latest discharge or dismissal"),
    FactKind("foreclosure", "flag", "Any applicant declares a foreclosure"),
    FactKind("short_sale_or_deed_in_lieu", "flag", "Any applicant declares a short sale or deed in lieu"),
    FactKind("outstanding_judgments", "flag", "Any applicant declares an outstanding judgment"),
    FactKind("delinquent_federal_debt", "flag", "Any applicant declares a delinquent federal debt"),
    FactKind(
        "undisclosed_borrowed_funds", "flag", "Any applicant borrows money for this not shown elsewhere"
    ),
)

_DOCUMENTS: Final = (
    FactKind("income_documented", "flag", "Documents that were accepted show income"),
    FactKind("documented_annual_income", "usd", "Gross annual income as accepted documents show it"),
    FactKind("documented_monthly_income", "usd_per_month", "The same for a month"),
    FactKind(
        "documented_income_difference", "ratio", "Difference of documented and stated income over stated"
    ),
    FactKind("documented_assets", "usd", "Newest balances of the accounts that accepted documents show"),
    FactKind(
        "documented_debt_payments", "usd_per_month", "Payments that accepted statements of debts ask for"
    ),
)

FACTS: Final[Mapping[str, FactKind]] = MappingProxyType(
    {
        kind.name: kind
        for group in (_INCOME, _EMPLOYMENT, _OBLIGATIONS, _LOAN, _COLLATERAL, _CREDIT, _DOCUMENTS)
        for kind in group
    }
)
"""Every fact by name, in the order ``policy.facts.derive`` gives them."""
