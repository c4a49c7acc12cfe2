"""Facts of the property and the cash behind a mortgage."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lendgate.policy.facts import derive
from lendgate.policy.model import Value
from lendgate.schema import Application
from tests.policy.builders import DAY, home_loan


def value(app: Application, name: str) -> Value | None:
    """The value of one fact of an application received on the test day."""
    return derive(app, DAY)[name].value


def test_a_purchase_uses_the_lower_of_value_and_price() -> None:
    """Fannie Mae Selling Guide B2-1.2-01."""
    assert value(home_loan(), "collateral_value") == Decimal("400000.00")
    assert value(home_loan(), "ltv") == Decimal("0.750000")
    assert value(home_loan(property={"value": 375000}), "ltv") == Decimal("0.800000")


def test_a_refinance_uses_the_value_alone() -> None:
    """An old sales price does not count."""
    app = home_loan(loan_purpose="Refinance", property={"value": 500000, "sales_price": 100000})
    assert value(app, "ltv") == Decimal("0.600000")


def test_without_a_value_there_is_no_ratio() -> None:
    """Both ratios are unknown, never zero."""
    app = home_loan(property={"value": None, "sales_price": None})
    assert value(app, "ltv") is None
    assert value(app, "cltv") is None


def test_combined_ratio_needs_the_second_lien_said() -> None:
    """Subordinate financing that is not stated is unknown, zero is zero."""
    assert value(home_loan(), "cltv") == Decimal("0.750000")
    assert value(home_loan(property={"subordinate_financing": 40000}), "cltv") == Decimal("0.850000")
    assert value(home_loan(property={"subordinate_financing": None}), "cltv") is None


def test_down_payment() -> None:
    """Price less all financing, over price."""
    assert value(home_loan(), "down_payment_share") == Decimal("0.250000")
    assert value(home_loan(loan_purpose="Refinance"), "down_payment_share") is None


@pytest.mark.parametrize(
    ("kind", "counted"),
    [
        ("CheckingAccount", True),
        ("SavingsAccount", True),
        ("MoneyMarketFund", True),
        ("CertificateOfDepositTimeDeposit", True),
        ("Stock", True),
        ("Bond", True),
        ("MutualFund", True),
        ("RetirementFund", False),
        ("GiftOfCash", False),
        ("Other", False),
    ],
)
def test_what_counts_as_liquid(kind: str, counted: bool) -> None:  # noqa: FBT001
    """Deposits and listed securities count, funds of unknown vesting and gifts do not."""
    app = home_loan(assets=[{"type": kind, "value": 1000}])
    assert value(app, "liquid_assets") == (Decimal("1000.00") if counted else Decimal("0.00"))


def test_reserves_are_what_closing_leaves() -> None:
    """130,000 less 100,000 down, over PITIA of 2,398.65, is 12 whole months."""
    assert value(home_loan(), "reserves_months") == 12
    assert value(home_loan(loan_purpose="Refinance"), "reserves_months") == 54


def test_money_missing_at_closing() -> None:
    """A shortfall is counted in dollars, and reserves are then none."""
    app = home_loan(assets=[{"type": "SavingsAccount", "value": 90000}])
    assert value(app, "cash_shortfall") == Decimal("10000.00")
    assert value(app, "reserves_months") == 0


@pytest.mark.parametrize("missing", ["assets", "loan_purpose", "housing_expense", "property"])
def test_reserves_are_unknown_without_their_parts(missing: str) -> None:
    """No assets, purpose, housing expense or property: no reserves, and a sentence that says why."""
    body = home_loan().model_dump(mode="json", exclude_none=True, exclude={missing})
    fact = derive(Application.model_validate(body), DAY)["reserves_months"]
    assert fact.value is None
    assert fact.how.startswith("Unknown")


@pytest.mark.parametrize(
    ("purpose", "word", "expected"),
    [
        ("Purchase", None, False),
        ("Refinance", "CashOut", True),
        ("Refinance", "LimitedCashOut", False),
        ("Refinance", "NoCashOut", False),
        ("Refinance", "Unknown", None),
        ("Refinance", None, None),
        (None, "NoCashOut", None),
    ],
)
def test_cash_out(purpose: str | None, word: str | None, expected: bool | None) -> None:  # noqa: FBT001
    """Unknown stays unknown; a purchase has none."""
    assert value(home_loan(loan_purpose=purpose, refinance_cash_out=word), "cash_out") is expected


def test_loan_to_income() -> None:
    """Amount over annual income."""
    assert value(home_loan(), "loan_to_income") == Decimal("2.500000")
    assert value(home_loan(income=0), "loan_to_income") is None
