"""Facts of monthly obligations and the ratios made from them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given

from lendgate.policy.facts import derive
from lendgate.policy.model import Fact
from lendgate.schema import Application
from tests.policy.builders import DAY, application, applications, home_loan

RENTER = [{"residences": [{"basis": "Rent", "monthly_rent": 1000}]}]


def fact(app: Application, name: str) -> Fact:
    """One fact of an application received on the test day."""
    return derive(app, DAY)[name]


def debts(*payments: float) -> list[dict[str, object]]:
    """Liabilities with these monthly payments."""
    return [{"type": "Installment", "monthly_payment": payment} for payment in payments]


def test_ratio_is_stated_when_nothing_is_itemized() -> None:
    """The three-field application keeps its stated ratio and says so."""
    ratio = fact(application(), "back_end_dti")
    assert ratio.value == Decimal("0.310000")
    assert ratio.how.startswith("As stated")
    assert ratio.inputs == ("/debt_to_income",)
    assert fact(application(), "dti_itemized").value is False


def test_ratio_is_computed_when_every_part_is_given() -> None:
    """Rent and debts over income replace the stated ratio, which is checked against them."""
    app = application(income=60000, debt_to_income=0.30, applicants=RENTER, liabilities=debts(400, 100))
    ratio = fact(app, "back_end_dti")
    assert ratio.value == Decimal("0.300000")
    assert ratio.how.startswith("Computed")
    assert "/liabilities/1/monthly_payment" in ratio.inputs
    assert fact(app, "dti_disagreement").value == Decimal(0)
    assert fact(app, "front_end_dti").value == Decimal("0.200000")


def test_debts_to_be_paid_off_do_not_count() -> None:
    """A debt that closing repays is out of the ratio."""
    paid = [{"type": "Revolving", "monthly_payment": 400, "to_be_paid_off": True}]
    app = application(liabilities=[*paid, *debts(100)])
    assert fact(app, "monthly_debts").value == Decimal("100.00")


def test_some_parts_alone_never_lower_the_stated_ratio() -> None:
    """One small debt and no housing cost leave the stated ratio standing."""
    app = application(debt_to_income=0.62, liabilities=debts(1))
    assert fact(app, "back_end_dti").value == Decimal("0.620000")
    assert fact(app, "dti_disagreement").value is None


def test_some_parts_that_exceed_the_stated_ratio_replace_it() -> None:
    """Debts alone above the stated ratio are a lower bound, and a disagreement."""
    app = application(income=60000, debt_to_income=0.10, liabilities=debts(2000))
    assert fact(app, "back_end_dti").value == Decimal("0.400000")
    assert fact(app, "back_end_dti").how.startswith("At least")
    assert fact(app, "dti_disagreement").value == Decimal("0.300000")
    assert fact(app, "dti_itemized").value is True


def test_the_requested_personal_loan_counts() -> None:
    """Its payment is part of the ratio, but stating the ratio without it is no disagreement."""
    loan = {"amount_requested": 12000, "term_months": 12, "note_rate": 0}
    app = application(income=60000, debt_to_income=0.30, applicants=RENTER, liabilities=debts(500), **loan)
    assert fact(app, "monthly_payment").value == Decimal("1000.00")
    assert fact(app, "back_end_dti").value == Decimal("0.500000")
    assert fact(app, "dti_disagreement").value == Decimal(0)


def test_a_requested_loan_of_unknown_payment_leaves_the_ratio_open() -> None:
    """Without a rate the computed ratio is a lower bound only."""
    app = application(applicants=RENTER, liabilities=debts(500), amount_requested=12000)
    assert fact(app, "back_end_dti").how.startswith("As stated")
    assert fact(app, "monthly_payment").inputs == ("/note_rate", "/term_months")


@pytest.mark.parametrize(
    ("residence", "liabilities", "cost"),
    [
        ({"basis": "Rent", "monthly_rent": 950}, None, Decimal("950.00")),
        ({"basis": "Rent"}, None, None),
        ({"basis": "LivingRentFree"}, None, Decimal("0.00")),
        ({"basis": "Own"}, [{"type": "MortgageLoan", "monthly_payment": 1500}], Decimal("0.00")),
        ({"basis": "Own"}, [], None),
        ({"basis": "Unknown"}, None, None),
        ({"basis": "Rent", "monthly_rent": 950, "to_date": "2026-11-01"}, None, None),
    ],
)
def test_present_housing(
    residence: dict[str, object], liabilities: list[object] | None, cost: Decimal | None
) -> None:
    """Rent, nothing, a mortgage among the debts, or unknown."""
    app = application(applicants=[{"residences": [residence]}], liabilities=liabilities)
    assert fact(app, "present_housing").value == cost


def test_mortgage_payment_pitia_and_ratios() -> None:
    """The annuity, taxes and insurance make PITIA; with the debts they make the back-end ratio."""
    app = home_loan()
    assert fact(app, "monthly_payment").value == Decimal("1798.65")
    assert fact(app, "pitia").value == Decimal("2398.65")
    assert fact(app, "front_end_dti").value == Decimal("0.239865")
    assert fact(app, "back_end_dti").value == Decimal("0.329865")


def test_pitia_without_taxes_is_unknown() -> None:
    """A missing part would make the payment look lower than it is."""
    app = home_loan(housing_expense={"property_taxes": None})
    assert fact(app, "pitia").value is None
    assert fact(app, "back_end_dti").how.startswith("As stated")
    assert "/housing_expense/property_taxes" in fact(app, "pitia").inputs


def test_stated_payment_serves_where_the_rate_is_unknown() -> None:
    """Principal and interest as stated, when they cannot be computed."""
    payment = fact(home_loan(note_rate=None), "monthly_payment")
    assert payment.value == Decimal("1798.65")
    assert payment.inputs == ("/housing_expense/principal_and_interest",)


def test_a_second_home_adds_the_present_home() -> None:
    """Who buys a second home keeps paying for the first; until that is known the ratio is open."""
    assert fact(home_loan(property_usage="SecondHome"), "back_end_dti").how.startswith("As stated")
    applicant = {"residences": [{"basis": "Rent", "monthly_rent": 1000}]}
    app = home_loan(property_usage="SecondHome", applicants=[applicant])
    assert fact(app, "back_end_dti").value == Decimal("0.429865")


def test_income_of_zero_gives_no_computed_ratio() -> None:
    """Nothing is divided by zero."""
    app = application(income=0, applicants=RENTER, liabilities=debts(100))
    assert fact(app, "back_end_dti").value is None
    assert fact(app, "front_end_dti").value is None


@given(applications)
def test_one_more_debt_never_lowers_the_ratio(app: Application) -> None:
    """Listing a further debt among listed ones leaves the back-end ratio or raises it."""
    extra = application(liabilities=debts(500)).liabilities or []
    before = fact(app.model_copy(update={"liabilities": app.liabilities or []}), "back_end_dti").value
    after = fact(
        app.model_copy(update={"liabilities": [*(app.liabilities or []), *extra]}), "back_end_dti"
    ).value
    if isinstance(before, Decimal) and isinstance(after, Decimal):
        assert after >= before
