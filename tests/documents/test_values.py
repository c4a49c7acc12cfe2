"""Printed values: amounts, dates and identifiers, as people and machines print and misread them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.documents.values import amount, amounts, dates, identifier, month_day, year


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$ 452.43", "452.43"),
        ("- 40.60", "-40.60"),
        ("-28.85*", "-28.85"),
        ("(1,234.56)", "-1234.56"),
        ("1,234.56-", "-1234.56"),
        ("12.00 DR", "-12.00"),
        ("12.00 CR", "12.00"),
        ("3, 366.44", "3366.44"),
        ("= $701.39", "701.39"),
        ("1.850.25", "1850.25"),
        ("2,117,50", "2117.50"),
        ("$ 5600 /month", "5600.00"),
        ("S100.00", "100.00"),
        ("1O0.50", "100.50"),
        ("0.00", "0.00"),
    ],
)
def test_amounts_as_they_are_printed(text: str, value: str) -> None:
    """Signs before and behind, brackets, lost separators and a dollar sign taken for an S."""
    found = amount(text)
    assert found is not None
    assert found.value == Decimal(value)


@pytest.mark.parametrize(
    "text", ["7/25/2008", "123-45-6789", "0000086242", "10.00%", "1z", "1,3297.9090", "SLOT"]
)
def test_what_is_no_amount(text: str) -> None:
    """Dates, numbers of somebody, shares and words are no sums of money."""
    assert amount(text) is None


def test_cents_can_be_asked_for() -> None:
    """Where a table prints cents, a whole number is something else."""
    assert [str(found.value) for found in amounts("page 2 of 5 12.50", cents=True)] == ["12.50"]


def test_a_letter_taken_for_a_digit_costs_confidence() -> None:
    """A value that needed a guess is less sure than one that did not."""
    clean, guessed = amount("100.50"), amount("1O0.50")
    assert clean is not None
    assert guessed is not None
    assert guessed.spelling < clean.spelling == 1


@given(st.integers(1, 10**11))
def test_printed_amounts_are_read_back(cents: int) -> None:
    """Any amount printed the US way is read to the cent."""
    found = amount(f"${cents / 100:,.2f}" if cents < 10**13 else "")
    assert found is not None
    assert found.value == Decimal(cents) / 100


@given(st.text(max_size=60))
def test_no_text_breaks_the_readers(text: str) -> None:
    """Whatever stands on a page is read or not read, and never an error."""
    list(amounts(text, cents=False))
    dates(text)
    identifier(text)
    month_day(text)
    year(text)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("7/18/2008", [date(2008, 7, 18)]),
        ("03-02-22", [date(2022, 3, 2)]),
        ("2022-03-02", [date(2022, 3, 2)]),
        ("May 1st, 2021", [date(2021, 5, 1)]),
        ("1 MAY 2021 to 31 MAY 2021", [date(2021, 5, 1), date(2021, 5, 31)]),
        ("09 / 21 / 1970", [date(1970, 9, 21)]),
        ("13/45/2020", []),
        ("January 1st", []),
    ],
)
def test_dates(text: str, days: list[date]) -> None:
    """US order, ISO, months in words; what is no day of the calendar is none."""
    assert [found.value for found in dates(text)] == days


@given(st.dates(date(1970, 1, 1), date(2069, 12, 31)))
def test_printed_dates_are_read_back(day: date) -> None:
    """Every day, in three spellings."""
    for text in (f"{day:%m/%d/%Y}", f"{day:%B %d, %Y}", day.isoformat()):
        assert [found.value for found in dates(text)] == [day]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("123-45-6789", "123456789"),
        ("XXX-XX-6789", "XXXXX6789"),
        ("***-**-6789", "XXXXX6789"),
        ("75395184613", "75395184613"),
        ("Account Number:12345678901011", "12345678901011"),
        ("1 2 3 4 5 6 7 8 9", "123456789"),
    ],
)
def test_identifiers(text: str, value: str) -> None:
    """Digits and mask characters without what stands between them; wrong lengths are kept as they are."""
    found = identifier(text)
    assert found is not None
    assert found.value == value


def test_days_without_a_year() -> None:
    """Rows of statements begin with month and day."""
    assert month_day("05/26 CHECK") == (5, 26)
    assert month_day("Feb 29 Deposit") == (2, 29)
    assert month_day("02 May Card payment") == (5, 2)
    assert month_day("31 Feb no") is None
    assert month_day("13/05 no") is None
