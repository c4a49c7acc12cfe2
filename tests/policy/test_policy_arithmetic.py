"""The arithmetic under the facts: payments, months, shares, rounding."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_UP, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.policy.arithmetic import level_payment, months_between, rounded, share
from lendgate.policy.facts import derive
from tests.policy.builders import DAY, home_loan


def test_payment_of_the_published_loan_estimate() -> None:
    """The CFPB's sample Loan Estimate: 162,000 at 3.875 % over 30 years is 761.78 a month."""
    payment = level_payment(Decimal(162000), Decimal("0.03875"), 360)
    assert rounded(payment, "usd") == Decimal("761.78")


def test_payment_without_interest_is_spread_evenly() -> None:
    """A rate of zero divides the amount by the months."""
    assert level_payment(Decimal(1200), Decimal(0), 12) == Decimal(100)


def test_a_rate_below_a_millionth_is_no_rate() -> None:
    """A rate too small for six decimals counts as zero instead of dividing by nearly nothing."""
    assert level_payment(Decimal(1200), Decimal("1e-30"), 12) == Decimal(100)


@given(st.integers(1, 10**8), st.integers(1, 10**6), st.integers(1, 480))
def test_payments_repay_the_loan(cents: int, rate: int, months: int) -> None:
    """Paying the level payment every month leaves a balance of zero."""
    amount, annual = Decimal(cents) / 100, Decimal(rate) / 10**6
    payment = level_payment(amount, annual, months)
    with localcontext(prec=60):
        growth = (1 + annual / 12) ** months
        balance = amount * growth - payment * (growth - 1) / (annual / 12)
    assert abs(balance) < growth * Decimal("0.01")


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2025, 11, 22), DAY, 12),
        (date(2025, 11, 23), DAY, 11),
        (DAY, DAY, 0),
        (date(2024, 2, 29), date(2025, 2, 28), 11),
        (date(2024, 2, 29), date(2025, 3, 1), 12),
        (date(2026, 11, 23), DAY, None),
    ],
)
def test_months_are_completed_months(start: date, end: date, months: int | None) -> None:
    """A month counts on its day and not the day before; the future counts as unknown."""
    assert months_between(start, end) == months


@pytest.mark.parametrize(
    ("part", "whole"), [(None, Decimal(1)), (Decimal(1), None), (Decimal(1), Decimal(0))]
)
def test_share_of_nothing_is_unknown(part: Decimal | None, whole: Decimal | None) -> None:
    """A missing part, a missing whole and a whole of zero give no ratio."""
    assert share(part, whole) is None


def test_ratio_is_rounded_half_to_even() -> None:
    """Six decimals; a tie goes to the even digit."""
    assert rounded(Decimal("0.1234565"), "ratio") == Decimal("0.123456")
    assert rounded(Decimal("0.1234575"), "ratio") == Decimal("0.123458")


def test_the_callers_decimal_context_changes_nothing() -> None:
    """Facts do not depend on the precision or rounding somebody else set."""
    application = home_loan()
    plain = derive(application, DAY)
    with localcontext(prec=6, rounding=ROUND_UP):
        narrow = derive(application, DAY)
    assert dict(plain) == dict(narrow)
