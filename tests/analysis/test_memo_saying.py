"""Facts said for people."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lendgate.analysis.saying import amount, counted, dollars, duration, humanized, listed, said
from lendgate.policy.model import Fact, Value
from lendgate.policy.registry import FACTS


def fact(name: str, value: Value | None) -> Fact:
    """A registered fact with a value."""
    return Fact(name=name, value=value, unit=FACTS[name].unit, how="As given in a test.")


@pytest.mark.parametrize(
    ("name", "value", "phrase"),
    [
        ("annual_income", Decimal("120000.00"), "income of $120,000 a year"),
        ("monthly_debts", Decimal("1250.40"), "debt payments of $1,250.40 a month"),
        ("amount_requested", Decimal("25000.00"), "$25,000 requested"),
        ("back_end_dti", Decimal("0.220000"), "a back-end debt-to-income ratio of 22%"),
        ("ltv", Decimal("0.985000"), "a loan-to-value ratio of 98.5%"),
        ("months_on_job", 72, "6 years in the present job"),
        ("employment_years", Decimal("1.00"), "1 year in the present job"),
        ("employment_years", Decimal("6.50"), "6.5 years in the present job"),
        ("credit_score", 720, "a credit score of 720"),
        ("collections", 2, "2 collections"),
        ("collections", 1, "1 collection"),
        ("collections", 0, "0 collections"),
        ("bankruptcy_open", True, "an open bankruptcy"),
        ("bankruptcy_open", False, "no open bankruptcy"),
        ("property_usage", "PrimaryResidence", 'the property use "primary residence"'),
        ("apr", Decimal("0.080000"), None),
        ("credit_score", None, None),
    ],
)
def test_a_fact_as_a_phrase(name: str, value: Value | None, phrase: str | None) -> None:
    """Each unit in the words of its term; unknown facts and rates are not said."""
    assert said(fact(name, value)) == phrase


@pytest.mark.parametrize(
    ("months", "text"),
    [
        (0, "0 months"),
        (1, "1 month"),
        (11, "11 months"),
        (12, "1 year"),
        (13, "13 months"),
        (24, "2 years"),
        (25, "2 years and 1 month"),
        (30, "2 years and 6 months"),
    ],
)
def test_a_duration(months: int, text: str) -> None:
    """Months up to two years, then years and months."""
    assert duration(months) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "$0"),
        ("9166.67", "$9,166.67"),
        ("9166.60", "$9,166.60"),
        ("-500", "-$500"),
        ("1000000", "$1,000,000"),
    ],
)
def test_dollars(value: str, text: str) -> None:
    """Thousands apart, cents only where there are some."""
    assert dollars(Decimal(value)) == text


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("USDARuralDevelopment", "USDA rural development"),
        ("FHA", "FHA"),
        ("PrimaryResidence", "primary residence"),
        (None, "not known"),
        (True, "yes"),
        (False, "no"),
    ],
)
def test_a_word_of_a_closed_list(word: Value | None, text: str) -> None:
    """Capitals inside a name become spaces, abbreviations stay."""
    assert humanized(word) == text


def test_an_unknown_amount_says_so() -> None:
    """R22: "not known" and no guess."""
    assert amount(fact("credit_score", None)) == "not known"


@pytest.mark.parametrize(
    ("items", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_a_list(items: list[str], text: str) -> None:
    """Commas, then one "and"."""
    assert listed(items) == text


@pytest.mark.parametrize(("number", "text"), [(1, "one"), (9, "nine"), (10, "10"), (1200, "1,200")])
def test_a_count(number: int, text: str) -> None:
    """Small counts in words."""
    assert counted(number) == text
