"""Values: from a quantity a person said to the canonical value of a question, with the conversion shown.

Law: the arithmetic is done here and nowhere else, on the person's own figure; what was converted says how.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from lendgate.assistants.intake.bank import Question
from lendgate.assistants.intake.quantities import TIMES_A_YEAR, Period, Quantity
from lendgate.assistants.intake.state import Problem

_CENT: Final = Decimal("0.01")
_MOST_DOLLARS: Final = Decimal("999999999.99")
_SURELY_YEARLY: Final = Decimal(12_000)
"""A bare income below this could be a month's as well as a year's: it is asked about."""
_SMALL: Final = Decimal(1_000)
"""Bare figures below this are most often meant in thousands: "15"."""
_MOST_MONTHS: Final = {"term_months": 480, "employment_years": 960}
MONEY: Final = ("money", "money_per_year", "money_per_month")


@dataclass(frozen=True, slots=True)
class Reading:
    """A canonical value, or the problem with it and the figure that could be read."""

    value: str | None
    conversion: str | None = None
    problem: Problem | None = None
    amount: str | None = None


def dollars(value: Decimal) -> str:
    """A sum as it is shown: $1,234.50, without cents where there are none."""
    text = f"{value:,.2f}"
    return f"${text.removesuffix('.00')}"


def read(question: Question, quantity: Quantity, period: Period | None = None) -> Reading:
    """A quantity as the answer to a question; ``period`` is one named elsewhere in the clause."""
    if quantity.vague:
        return Reading(None, problem="vague")
    if question.kind in MONEY:
        return _money(question, quantity, quantity.period or period)
    return _duration(question, quantity)


def of_amount(question: Question, amount: str, *, years: bool) -> Reading:
    """A figure whose period or unit was asked for and is now known."""
    value = Decimal(amount)
    if question.kind == "duration":
        return _months(question, value * (12 if years else 1), None)
    return _per_year(value, "year" if years else "month")


def total(readings: list[Reading]) -> Reading:
    """Several sums of one question added up, the addition shown."""
    parts = [Decimal(reading.value or 0) for reading in readings]
    whole = sum(parts, Decimal(0))
    shown = " + ".join(dollars(part) for part in parts)
    return Reading(_canonical(whole), f"{shown} = {dollars(whole)}")


def _money(question: Question, quantity: Quantity, period: Period | None) -> Reading:
    problem = _trouble(question, quantity, period)
    if problem:
        return Reading(None, problem=problem, amount=str(quantity.value) if problem == "period" else None)
    if question.kind == "money_per_year":
        return _per_year(quantity.value, period or "year")
    if question.kind == "money_per_month":
        return _per_month(quantity.value, period or "month")
    return Reading(_canonical(quantity.value))


def _trouble(question: Question, quantity: Quantity, period: Period | None) -> Problem | None:
    """Why a sum is no answer yet."""
    bare_below = _SMALL if not quantity.marked else Decimal(0)
    match question.kind:
        case _ if quantity.value > _MOST_DOLLARS or quantity.kind != "sum":
            return "unreadable"
        case _ if period in ("hour", "day"):
            return "pay"
        case "money" if period:
            return "unreadable"
        case "money" | "money_per_year" if 0 < quantity.value < bare_below:
            return "small"
        case "money_per_year" if period is None and quantity.value < _SURELY_YEARLY:
            return "period"
        case _:
            return None


def _per_year(value: Decimal, period: Period) -> Reading:
    times = TIMES_A_YEAR[period]
    yearly = value * times
    shown = f"{dollars(value)} x {times} = {dollars(yearly)}" if times > 1 else None
    return Reading(_canonical(yearly), shown)


def _per_month(value: Decimal, period: Period) -> Reading:
    if period == "month":
        return Reading(_canonical(value))
    times = TIMES_A_YEAR[period]
    monthly = (value * times / 12).quantize(_CENT, ROUND_HALF_UP)
    factor = f" x {times}" if times > 1 else ""
    return Reading(_canonical(monthly), f"{dollars(value)}{factor} ÷ 12 = {dollars(monthly)}")


def _duration(question: Question, quantity: Quantity) -> Reading:
    if quantity.kind == "sum" and not quantity.marked:
        return Reading(None, problem="unit", amount=str(quantity.value))
    if quantity.kind != "duration":
        return Reading(None, problem="unreadable")
    return _months(question, quantity.value, quantity.since)


def _months(question: Question, months: Decimal, since: str | None) -> Reading:
    whole = int(months.to_integral_value(ROUND_HALF_UP))
    if not 0 < whole <= _MOST_MONTHS[question.field] and not (
        question.field == "employment_years" and whole == 0
    ):
        return Reading(None, problem="unreadable")
    return Reading(str(whole), f"{since} →" if since else None)


def _canonical(value: Decimal) -> str:
    return str(value.quantize(_CENT, ROUND_HALF_UP))
