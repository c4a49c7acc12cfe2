"""Applications, facts and packs for the policy tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from lendgate.policy.facts.record import fact
from lendgate.policy.library import load_packs
from lendgate.policy.model import Facts, Finding, Value
from lendgate.policy.registry import FACTS
from lendgate.schema import Application
from lendgate.schema.enums import Product

DAY = date(2026, 11, 22)
"""The day every test application was received."""
PACKS = load_packs()
SMALLEST: dict[str, object] = {"applicant_id": "A123", "income": 95000, "debt_to_income": 0.31}
HOME_LOAN: dict[str, object] = {
    "applicant_id": "A123",
    "product": "mortgage",
    "income": 120000,
    "debt_to_income": 0.33,
    "amount_requested": 300000,
    "term_months": 360,
    "note_rate": 0.06,
    "loan_purpose": "Purchase",
    "mortgage_type": "Conventional",
    "property_usage": "PrimaryResidence",
    "lien_priority": "FirstLien",
    "amortization_type": "Fixed",
    "applicants": [
        {
            "employments": [
                {"employer": "Acme", "status": "Current", "start_date": "2019-03-01"},
            ],
            "incomes": [{"type": "Base", "monthly_amount": 10000}],
            "declarations": {
                "foreclosure": False,
                "deed_in_lieu": False,
                "short_sale": False,
                "outstanding_judgments": False,
                "delinquent_federal_debt": False,
                "undisclosed_borrowed_funds": False,
            },
        }
    ],
    "liabilities": [{"type": "Installment", "monthly_payment": 900}],
    "assets": [{"type": "SavingsAccount", "value": 130000}],
    "property": {
        "value": 410000,
        "sales_price": 400000,
        "construction_method": "SiteBuilt",
        "subordinate_financing": 0,
    },
    "housing_expense": {
        "principal_and_interest": 1798.65,
        "hazard_insurance": 150,
        "property_taxes": 450,
    },
    "credit": {"score": 740, "delinquencies_current": 0},
}
"""A complete mortgage application that every rule of the sample pack passes."""

GOOD_PERSONAL: dict[str, Value] = {
    "annual_income": Decimal(120000),
    "back_end_dti": Decimal("0.22"),
    "dti_itemized": True,
    "dti_disagreement": Decimal("0.01"),
    "income_itemized": True,
    "income_disagreement": Decimal("0.01"),
    "income_documented": True,
    "documented_income_difference": Decimal("0.01"),
    "employment_applies": True,
    "months_on_job": 72,
    "credit_score": 700,
    "oldest_trade_months": 120,
    "recent_inquiries": 1,
    "current_delinquencies": 0,
    "bankruptcy_open": False,
    "bankruptcy_declared": False,
    "outstanding_judgments": False,
    "apr": Decimal("0.12"),
}
"""Facts that every rule of the personal loan pack passes."""
GOOD_MORTGAGE: dict[str, Value] = {
    "mortgage_type": "Conventional",
    "lien_priority": "FirstLien",
    "loan_purpose": "Purchase",
    "property_usage": "PrimaryResidence",
    "construction_method": "SiteBuilt",
    "amortization_type": "Fixed",
    "cash_out": False,
    "units": 1,
    "amount_requested": Decimal(300000),
    "ltv": Decimal("0.75"),
    "cltv": Decimal("0.75"),
    "back_end_dti": Decimal("0.33"),
    "dti_itemized": True,
    "dti_disagreement": Decimal(0),
    "income_itemized": True,
    "income_disagreement": Decimal(0),
    "income_documented": True,
    "documented_income_difference": Decimal(0),
    "employment_applies": True,
    "months_in_line_of_work": 60,
    "credit_score": 740,
    "reserves_months": 12,
    "cash_shortfall": Decimal(0),
    "undisclosed_borrowed_funds": False,
    "bankruptcy_open": False,
    "bankruptcy_declared": False,
    "foreclosure": False,
    "short_sale_or_deed_in_lieu": False,
    "outstanding_judgments": False,
    "delinquent_federal_debt": False,
    "current_delinquencies": 0,
}
"""Facts that every rule of the mortgage pack passes."""
GOOD: dict[Product, dict[str, Value]] = {"personal_loan": GOOD_PERSONAL, "mortgage": GOOD_MORTGAGE}


def application(**fields: object) -> Application:
    """The smallest application with these fields over it."""
    return Application.model_validate({**SMALLEST, **fields})


def home_loan(**fields: object) -> Application:
    """The complete mortgage application with these fields over it; a dict is merged into its place."""
    body = dict(HOME_LOAN)
    for name, value in fields.items():
        old = body.get(name)
        body[name] = {**old, **value} if isinstance(old, dict) and isinstance(value, dict) else value
    return Application.model_validate(body)


def one_applicant(**fields: object) -> Application:
    """The smallest application with one primary applicant of these fields."""
    return application(applicants=[fields])


def facts_of(values: Mapping[str, Value | None]) -> Facts:
    """Facts with these values; every other fact is unknown."""
    return {name: fact(name, values.get(name), "given by the test") for name in FACTS}


def by_rule(findings: tuple[Finding, ...]) -> dict[str, Finding]:
    """Findings by the rule they come from."""
    return {finding.rule: finding for finding in findings}


_money = st.integers(0, 2_000_000).map(lambda cents: cents / 100)
_ratios = st.integers(0, 1_000_000).map(lambda millionths: millionths / 1_000_000)
_dates = st.dates(date(1990, 1, 1), date(2027, 12, 31)).map(date.isoformat)
_maybe_flag = st.none() | st.booleans()


def _some(
    required: Mapping[str, st.SearchStrategy[object]], **optional: st.SearchStrategy[object]
) -> st.SearchStrategy[dict[str, object]]:
    return st.fixed_dictionaries(dict(required), optional=dict(optional))


_jobs = _some(
    {"employer": st.just("Acme"), "status": st.sampled_from(["Current", "Previous"])},
    start_date=_dates,
    end_date=_dates,
    self_employed=st.booleans(),
    ownership_share=_ratios,
    years_in_line_of_work=st.integers(0, 50),
)
_declarations = _some(
    {},
    bankruptcy=_some({"chapter": st.just("ChapterSeven")}, filed_on=_dates, discharged_on=_dates),
    foreclosure=_maybe_flag,
    short_sale=_maybe_flag,
    deed_in_lieu=_maybe_flag,
    outstanding_judgments=_maybe_flag,
)
_people = _some(
    {"role": st.sampled_from(["primary", "co_borrower", "guarantor"])},
    residences=st.lists(
        _some({"basis": st.sampled_from(["Own", "Rent", "LivingRentFree", "Unknown"])}, monthly_rent=_money),
        max_size=2,
    ),
    employments=st.lists(_jobs, max_size=2),
    incomes=st.lists(
        _some({"type": st.sampled_from(["Base", "SocialSecurity", "Alimony"]), "monthly_amount": _money}),
        max_size=2,
    ),
    declarations=_declarations,
)
bodies = _some(
    {"applicant_id": st.just("A1"), "income": _money, "debt_to_income": _ratios},
    product=st.sampled_from(["personal_loan", "mortgage"]),
    employment_years=st.floats(0, 80),
    amount_requested=_money,
    term_months=st.integers(1, 480),
    note_rate=st.floats(0, 1),
    loan_purpose=st.sampled_from(["Purchase", "Refinance", "Other"]),
    refinance_cash_out=st.sampled_from(["CashOut", "NoCashOut", "Unknown"]),
    property_usage=st.sampled_from(["PrimaryResidence", "SecondHome", "Investment", "Other"]),
    applicants=st.lists(_people, min_size=1, max_size=2),
    liabilities=st.lists(
        _some(
            {"type": st.sampled_from(["Revolving", "MortgageLoan"]), "monthly_payment": _money},
            to_be_paid_off=st.booleans(),
        ),
        max_size=3,
    ),
    assets=st.lists(_some({"type": st.sampled_from(["Stock", "Other"]), "value": _money}), max_size=2),
    property=_some(
        {}, value=_money, sales_price=_money, subordinate_financing=_money, units=st.integers(1, 4)
    ),
    housing_expense=_some({"principal_and_interest": _money}, hazard_insurance=_money, property_taxes=_money),
    credit=_some({}, score=st.integers(250, 900), inquiries_six_months=st.integers(0, 20)),
)
"""JSON bodies of valid applications, sparse and full."""
applications = bodies.map(Application.model_validate)
