"""Figures in a person's words: read as said, with their period, or in doubt."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.assistants.intake.quantities import Quantity, quantities
from lendgate.assistants.intake.text import Language, plain

TODAY = date(2026, 11, 26)


def only(text: str, language: Language = "en") -> Quantity:
    """The one quantity of a text."""
    (found,) = quantities(plain(text), language, TODAY)
    return found


@pytest.mark.parametrize(
    ("text", "value", "period"),
    [
        ("85k", 85_000, None),
        ("$1.2M", 1_200_000, None),
        ("1,200,000", 1_200_000, None),
        ("5k a month", 5_000, "month"),
        ("$60,000/yr", 60_000, "year"),
        ("eighty-five thousand a year", 85_000, "year"),
        ("fifteen hundred a month", 1_500, "month"),
        ("$25 an hour", 25, "hour"),
        ("2,000 every two weeks", 2_000, "two_weeks"),
        ("2,000 twice a month", 2_000, "half_month"),
        ("900 weekly", 900, "week"),
        ("$2,500.50 per month", Decimal("2500.50"), "month"),
        ("about 20 grand", 20_000, None),
    ],
)
def test_english_sum_is_read(text: str, value: Decimal, period: str | None) -> None:
    """With its scale and its period."""
    found = only(text)
    assert (found.kind, found.value, found.period, found.vague) == ("sum", value, period, False)


@pytest.mark.parametrize(
    ("text", "value", "period"),
    [
        ("85 mil al año", 85_000, "year"),
        ("85.000 dólares al año", 85_000, "year"),
        ("tres mil quinientos al mes", 3_500, "month"),
        ("$1.234.567", 1_234_567, None),
        ("un millón doscientos mil", 1_200_000, None),
        ("2.000,50 mensuales", Decimal("2000.50"), "month"),
        ("treinta y cinco mil", 35_000, None),
        ("900 a la semana", 900, "week"),
        ("1.500 quincenales", 1_500, "half_month"),
    ],
)
def test_spanish_sum_is_read(text: str, value: Decimal, period: str | None) -> None:
    """With points for thousands, and in words."""
    found = only(text, "es")
    assert (found.kind, found.value, found.period, found.vague) == ("sum", value, period, False)


@pytest.mark.parametrize(
    ("text", "language", "months"),
    [
        ("3 and a half years", "en", 42),
        ("3.5 years", "en", 42),
        ("2 years and 4 months", "en", 28),
        ("a year and a half", "en", 18),
        ("half a year", "en", 6),
        ("thirty years", "en", 360),
        ("36 months", "en", 36),
        ("over 5 years", "en", 60),
        ("since March 2019", "en", 92),
        ("since 03/2019", "en", 92),
        ("since 2019-03-15", "en", 92),
        ("3 años y medio", "es", 42),
        ("año y medio", "es", 18),
        ("desde marzo de 2019", "es", 92),
        ("dos años", "es", 24),
    ],
)
def test_duration_is_read(text: str, language: Language, months: int) -> None:
    """In months; from a month on, counted to today."""
    found = only(text, language)
    assert (found.kind, found.value, found.vague) == ("duration", Decimal(months), False)


@pytest.mark.parametrize(
    "text",
    [
        "between 80 and 90k",
        "80-90k",
        "80k to 90k",
        "more than 5,000",
        "at least 5k",
        "12.345",
        "-5000",
        "1,2,3",
    ],
)
def test_what_is_no_one_figure_is_vague(text: str) -> None:
    """Ranges, bounds and malformed numbers are never values."""
    found = quantities(text, "en", TODAY)
    assert found
    assert all(one.vague for one in found)


def test_day_in_the_future_is_vague() -> None:
    """Nobody has been somewhere since next year."""
    assert only("since May 2027").vague


@given(st.integers(1_000, 99_999_999), st.sampled_from(["{:,}", "{}", "${:,}", "${:,}.00"]))
def test_a_written_sum_is_read_to_the_dollar(value: int, form: str) -> None:
    """However it is written."""
    found = only(f"about {form.format(value)} dollars")
    assert (found.value, found.vague) == (Decimal(value), False)


@given(st.text(max_size=200))
def test_any_text_is_read_without_fault(text: str) -> None:
    """Spans lie in the text, in order, and do not overlap."""
    languages: tuple[Language, ...] = ("en", "es")
    for language in languages:
        end = 0
        for one in quantities(plain(text), language, TODAY):
            assert end <= one.start < one.end <= len(plain(text))
            end = one.end
