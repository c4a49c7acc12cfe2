"""The arithmetic behind facts: decimal, rounded once, the same on every machine.

Law: money has two decimals, ratios six, both rounded half to even (the convention of Python's decimal
and of IEEE 754); months are completed months. A ratio without a divisor is unknown, never zero.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from lendgate.policy.model import Unit

CONTEXT: Final = Context(prec=34, rounding=ROUND_HALF_EVEN)
"""What every derivation runs under, so that a caller's own decimal context changes nothing."""
_PLACES: Final[dict[Unit, Decimal]] = {
    "usd": Decimal("0.01"),
    "usd_per_month": Decimal("0.01"),
    "years": Decimal("0.01"),
    "ratio": Decimal("0.000001"),
}
_MONTHS_A_YEAR: Final = 12


def places_of(unit: Unit) -> Decimal | None:
    """The smallest step of a decimal unit; None for whole numbers, flags and words."""
    return _PLACES.get(unit)


def rounded(value: Decimal, unit: Unit) -> Decimal:
    """``value`` with the decimals of ``unit``."""
    places = _PLACES[unit]
    return value.quantize(places, context=CONTEXT)


def share(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    """``part`` over ``whole``; unknown when either is, or when there is nothing to divide by."""
    if part is None or whole is None or whole == 0:
        return None
    return part / whole


def months_between(start: date, end: date) -> int | None:
    """Completed calendar months from ``start`` to ``end``; unknown when ``start`` lies after ``end``."""
    if start > end:
        return None
    months = (end.year - start.year) * _MONTHS_A_YEAR + end.month - start.month
    return months - (end.day < start.day)


def level_payment(amount: Decimal, annual_rate: Decimal, months: int) -> Decimal:
    """The level monthly payment that repays ``amount`` in ``months`` (12 CFR 1026, Appendix J, (b)).

    ``annual_rate`` is rounded to a ratio's six decimals first; without interest the amount is spread evenly.
    """
    monthly_rate = rounded(annual_rate, "ratio") / _MONTHS_A_YEAR
    if monthly_rate == 0:
        return amount / months
    growth = (1 + monthly_rate) ** months
    return amount * monthly_rate * growth / (growth - 1)
