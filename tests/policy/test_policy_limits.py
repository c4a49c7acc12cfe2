"""Limits as people read them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lendgate.policy.limits import limit_text
from lendgate.policy.model import Unit


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (Decimal("0.40"), "ratio", "40 %"),
        (Decimal("0.3599"), "ratio", "35.99 %"),
        (Decimal(1), "ratio", "100 %"),
        (Decimal(0), "ratio", "0 %"),
        (Decimal(12000), "usd", "12,000.00 USD"),
        (Decimal("99.5"), "usd_per_month", "99.50 USD a month"),
        (24, "months", "24 months"),
        (660, "score", "660"),
        (0, "count", "0"),
    ],
)
def test_limit_text(value: Decimal | int, unit: Unit, text: str) -> None:
    """Ratios in per cent, money with its currency, months named."""
    assert limit_text(value, unit) == text
