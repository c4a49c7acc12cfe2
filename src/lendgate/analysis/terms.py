"""What each fact is called in a memo: the one word list of the writer and of the verifier.

Law: every fact of ``policy.registry`` has its term here (a test compares them). A fact without a phrase is
never said: rates (R23), and flags that only tell which rules apply. No term says what a value ought to be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Term:
    """One fact's words: ``label`` names it, ``phrase`` says it with ``{}`` for the value, ``also`` are
    other names that mean this fact and no other.

    ``otherwise`` is the phrase of one (counts) or of a false flag; flags have no ``{}``.
    """

    label: str
    phrase: str | None
    otherwise: str | None = None
    also: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Everything this fact is called, one of many included."""
        one = (self.otherwise.removeprefix("{} "),) if self.otherwise and "{}" in self.otherwise else ()
        return (self.label, *self.also, *one)


_INCOME: Final = {
    "annual_income": Term("income", "income of {}", also=("annual income", "gross income", "yearly income")),
    "monthly_income": Term("monthly income", "monthly income of {}"),
    "itemized_income": Term("itemized income", "itemized income of {}"),
    "income_itemized": Term(
        "itemized income sources", "itemized income sources", "no itemized income sources"
    ),
    "income_disagreement": Term(
        "difference between itemized and stated income",
        "a difference of {} between itemized and stated income",
        also=("income disagreement",),
    ),
}
_EMPLOYMENT: Final = {
    "employment_applies": Term("income from work", None),
    "employment_years": Term("stated time in the present job", "{} in the present job"),
    "months_on_job": Term(
        "time in the present job",
        "{} in the present job",
        also=("tenure", "time on the job"),
    ),
    "months_in_line_of_work": Term("time in the present line of work", "{} in the present line of work"),
    "self_employed": Term("self-employment", "self-employment", "no self-employment"),
}
_OBLIGATIONS: Final = {
    "monthly_debts": Term(
        "monthly debt payments", "debt payments of {}", also=("monthly debts", "debt payments")
    ),
    "present_housing": Term("present housing cost", "a present housing cost of {}", also=("present rent",)),
    "monthly_payment": Term("payment on the requested loan", "a payment of {} on the requested loan"),
    "pitia": Term("housing cost", "a housing cost of {}", also=("PITIA", "proposed housing cost")),
    "stated_debt_to_income": Term(
        "stated debt-to-income ratio", "a stated debt-to-income ratio of {}", also=("stated ratio",)
    ),
    "front_end_dti": Term(
        "front-end debt-to-income ratio",
        "a front-end debt-to-income ratio of {}",
        also=("front-end ratio", "front-end DTI", "housing ratio"),
    ),
    "back_end_dti": Term(
        "back-end debt-to-income ratio",
        "a back-end debt-to-income ratio of {}",
        also=("back-end ratio", "back-end DTI"),
    ),
    "dti_itemized": Term("itemized obligations", None),
    "dti_disagreement": Term(
        "difference between the stated and the computed debt-to-income ratio",
        "a difference of {} between the stated and the computed debt-to-income ratio",
        also=("ratio disagreement",),
    ),
}
_LOAN: Final = {
    "amount_requested": Term("amount requested", "{} requested", also=("loan amount", "requested amount")),
    "term_months": Term("term requested", "a term of {}", also=("loan term", "requested term")),
    "note_rate": Term("note rate", None),
    "apr": Term("annual percentage rate", None, also=("APR",)),
    "loan_to_income": Term("loan-to-income ratio", "a loan-to-income ratio of {}"),
    "loan_purpose": Term("loan purpose", 'the loan purpose "{}"'),
    "cash_out": Term("cash-out refinance", "a cash-out refinance", "no cash-out"),
    "mortgage_type": Term("kind of mortgage", 'the kind of mortgage "{}"', also=("mortgage type",)),
    "lien_priority": Term("lien", 'the lien "{}"', also=("lien priority",)),
    "amortization_type": Term("amortization", 'the amortization "{}"', also=("amortization type",)),
}
_COLLATERAL: Final = {
    "property_usage": Term(
        "use of the property", 'the property use "{}"', also=("property usage", "occupancy")
    ),
    "construction_method": Term("construction of the home", 'the construction "{}"'),
    "units": Term("dwelling units", "{} dwelling units", "{} dwelling unit"),
    "collateral_value": Term("value of the property", "a property value of {}", also=("property value",)),
    "ltv": Term("loan-to-value ratio", "a loan-to-value ratio of {}", also=("LTV",)),
    "cltv": Term(
        "combined loan-to-value ratio", "a combined loan-to-value ratio of {}", also=("combined LTV", "CLTV")
    ),
    "down_payment_share": Term("down payment", "a down payment of {} of the price"),
    "liquid_assets": Term("liquid assets", "liquid assets of {}"),
    "cash_shortfall": Term("cash shortfall", "a cash shortfall of {}", also=("shortfall",)),
    "reserves_months": Term("reserves", "reserves for {} of housing cost"),
}
_CREDIT: Final = {
    "credit_score": Term("credit score", "a credit score of {}"),
    "oldest_trade_months": Term(
        "age of the oldest credit line",
        "an oldest credit line of {}",
        also=("oldest credit line", "oldest tradeline", "credit history length"),
    ),
    "tradelines": Term("credit lines", "{} credit lines", "{} credit line", also=("tradelines",)),
    "recent_inquiries": Term(
        "recent inquiries",
        "{} recent inquiries",
        "{} recent inquiry",
        also=("inquiries", "inquiries in the last six months"),
    ),
    "current_delinquencies": Term(
        "accounts past due now",
        "{} accounts past due now",
        "{} account past due now",
        also=("current delinquencies",),
    ),
    "delinquencies_thirty_days": Term(
        "payments thirty days late",
        "{} payments thirty days late",
        "{} payment thirty days late",
        also=("30-day late payments", "30-day delinquencies"),
    ),
    "delinquencies_sixty_days": Term(
        "payments sixty days late",
        "{} payments sixty days late",
        "{} payment sixty days late",
        also=("60-day late payments", "60-day delinquencies"),
    ),
    "delinquencies_ninety_days": Term(
        "payments ninety days late",
        "{} payments ninety days late",
        "{} payment ninety days late",
        also=("90-day late payments", "90-day delinquencies"),
    ),
    "collections": Term("collections", "{} collections", "{} collection"),
    "public_records": Term("public records", "{} public records", "{} public record"),
    "utilization": Term(
        "revolving credit in use", "{} of revolving credit in use", also=("utilization", "credit utilization")
    ),
}
_DECLARED: Final = {
    "bankruptcy_declared": Term("bankruptcy", "a declared bankruptcy", "no declared bankruptcy"),
    "bankruptcy_open": Term("open bankruptcy", "an open bankruptcy", "no open bankruptcy"),
    "months_since_bankruptcy": Term("time since bankruptcy", "{} since bankruptcy"),
    "foreclosure": Term("foreclosure", "a declared foreclosure", "no declared foreclosure"),
    "short_sale_or_deed_in_lieu": Term(
        "short sale or deed in lieu",
        "a declared short sale or deed in lieu",
        "no declared short sale or deed in lieu",
    ),
    "outstanding_judgments": Term(
        "outstanding judgment", "an outstanding judgment", "no outstanding judgment"
    ),
    "delinquent_federal_debt": Term(
        "delinquent federal debt", "a delinquent federal debt", "no delinquent federal debt"
    ),
    "undisclosed_borrowed_funds": Term(
        "borrowed funds not shown elsewhere",
        "borrowed funds not shown elsewhere",
        "no borrowed funds beyond those shown",
    ),
}
_DOCUMENTED: Final = {
    "income_documented": Term(
        "income shown by documents", "income shown by documents", "no income shown by documents"
    ),
    "documented_annual_income": Term("documented income", "documented income of {}"),
    "documented_monthly_income": Term("documented monthly income", "documented monthly income of {}"),
    "documented_income_difference": Term(
        "difference between documented and stated income",
        "a difference of {} between documented and stated income",
    ),
    "documented_assets": Term("documented assets", "documented assets of {}"),
    "documented_debt_payments": Term("documented debt payments", "documented debt payments of {}"),
}
TERMS: Final[Mapping[str, Term]] = MappingProxyType(
    _INCOME | _EMPLOYMENT | _OBLIGATIONS | _LOAN | _COLLATERAL | _CREDIT | _DECLARED | _DOCUMENTED
)


def term_of(fact: str) -> Term:
    """The fact's term; a fact nobody has named yet is called by its own name."""
    return TERMS.get(fact) or Term(fact.replace("_", " "), fact.replace("_", " ") + " {}")
