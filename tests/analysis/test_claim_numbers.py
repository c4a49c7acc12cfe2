"""Numbers read from prose: values, units, precision, and what must come back unreadable."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.analysis.numbers import UNREADABLE, Figure, figures
from lendgate.analysis.plain import folded
from lendgate.analysis.spoken import hides_a_number, roman_value, value_of
from tests.analysis.spelling import in_words


def only(text: str) -> Figure:
    """The one figure of a text."""
    (figure,) = figures(folded(text))
    return figure


@pytest.mark.parametrize(
    ("text", "value", "dimension"),
    [
        ("22%", "22", "percent"),
        ("22 percent", "22", "percent"),
        ("22 per cent", "22", "percent"),
        ("22.5 pct", "22.5", "percent"),
        ("sixty-two percent", "62", "percent"),
        ("sixty two percent", "62", "percent"),
        ("$120,000", "120000", "money"),
        ("$120k", "120000", "money"),
        ("$0.12 million", "120000", "money"),
        ("120,000 dollars", "120000", "money"),
        ("one hundred and twenty thousand dollars", "120000", "money"),
        ("6 years", "6", "years"),
        ("6-year", "6", "years"),
        ("6yrs", "6", "years"),
        ("six months", "6", "months"),
        ("2 years and 6 months", "30", "months"),
        ("two years, six months", "30", "months"),
        ("1.5 times", "1.5", "times"),
        ("1.5x", "1.5", "times"),
        (".31", "0.31", "plain"),
        ("720", "720", "plain"),
        ("XII percent", "12", "percent"),
        ("lxii%", "62", "percent"),
        ("-5%", "-5", "percent"),
        ("minus five percent", "-5", "percent"),
        ("-$500", "-500", "money"),
        ("zero collections", "0", "plain"),
    ],
)
def test_a_number_is_read_with_its_unit(text: str, value: str, dimension: str) -> None:
    """Digits, words, Roman numerals; before and behind their units."""
    found = figures(folded(text))[0]
    assert (found.value, found.dimension) == (Decimal(value), dimension)


@pytest.mark.parametrize(
    ("text", "margin"),
    [("22%", "0.5"), ("22.4%", "0.05"), ("$120,000", "0.5"), ("$120k", "500"), ("$1.2 million", "50000")],
)
def test_the_margin_is_half_of_the_last_printed_place(text: str, margin: str) -> None:
    """Printed precision is all the tolerance there is."""
    assert only(text).margin == Decimal(margin)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("$120,000 a year", "year"),
        ("$120,000 per annum", "year"),
        ("$10,000/month", "month"),
        ("$10,000 monthly", "month"),
        ("$2,500 a week", "other"),
        ("$120,000", None),
    ],
)
def test_a_sum_is_tied_to_the_period_behind_it(text: str, period: str | None) -> None:
    """A year's sum said of a month is another claim."""
    assert only(text).period == period


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("<credit_score> of 720", "credit_score"),
        ("the <credit_score> now stands at 720", "credit_score"),
        ("a 22% <ltv>", "ltv"),
        ("22% of <utilization>", "utilization"),
        ("<credit_score> and then 720", ""),
    ],
)
def test_a_figure_is_said_of_the_fact_beside_it(text: str, about: str) -> None:
    """Before or behind, with nothing but link words between."""
    assert only(text).about == about


@pytest.mark.parametrize(
    "text",
    [
        "1,20,000",
        "120 000",
        "1.2.3",
        "31/43",
        "3:1",
        "6O%",
        "B3",
        "1990s",
        "2nd",
        "0x3E",
        "1e5",
        "thir ty",
        "six-\nty two",
        "nine teen",
        "thir-ty",
        "t h i r t y",
        "sixtytwo",
        "tenpercent",
        "aroundsixty",
        "hundreds",
        "half of it",
        "two-thirds",
        "twice",
        "doubled",
        "a dozen",
        "a quarter",
        "a decade",
        "a year in the job",
        "six two percent",
        "one twenty thousand",
        "sixty sixty",
        "22 basis points",
        "22 percentage points",
        "30 days",
        "exceeds 36%",
        "below the 43%",
        "at least 2 years",
        "up to $5,000",
        "more than about 6 years",
        "720 or higher",
        "720+",
        "$5 percent",
        "a $ sign",
        "what percent",
    ],
)
def test_what_cannot_be_read_for_certain_is_unreadable(text: str) -> None:
    """Malformed, hidden, vague, of a foreign unit, or only a bound."""
    assert UNREADABLE in figures(folded(text))


@pytest.mark.parametrize(
    "text",
    [
        "no one knows",
        "one of the checks",
        "one or more items",
        "this one",
        "a third party",
        "third-party reports",
        "double-check the stubs",
        "the height of the freight",
        "often, someone listened in the kitchen",
        "first lien, second home",
        "I did mix it",
        "mortgage insurance (MI) and a CD",
        "the applicant's file",
        "a percentage of it",
        "weighty stones atone",
    ],
)
def test_ordinary_words_state_no_number(text: str) -> None:
    """Words that merely contain or resemble numbers."""
    assert figures(text) == []


@pytest.mark.parametrize(
    ("text", "dimensions"),
    [
        ("20 to 22%", ["percent", "percent"]),
        ("5-7 years", ["years", "years"]),
        ("720 and 22%", ["plain", "percent"]),
    ],
)
def test_a_range_shares_its_unit(text: str, dimensions: list[str]) -> None:
    """Both ends of a range are claims."""
    assert [figure.dimension for figure in figures(text)] == dimensions


@given(st.integers(0, 10**9 - 1), st.booleans(), st.booleans())
def test_every_number_in_words_reads_back(number: int, hyphen: bool, joined: bool) -> None:  # noqa: FBT001
    """Whatever number, however spelled."""
    assert only(in_words(number, hyphen=hyphen, joined=joined) + " percent").value == number


@given(st.integers(1, 3999))
def test_every_roman_numeral_reads_back(number: int) -> None:
    """Upper and lower case."""
    roman, rest = "", number
    for value, letters in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"),
        strict=True,
    ):
        roman, rest = roman + letters * (rest // value), rest % value
    assert roman_value(roman) == roman_value(roman.lower()) == number


@pytest.mark.parametrize(
    "words", ["six two", "sixty twelve", "thousand million", "hundred hundred", "ten hundred ten ten"]
)
def test_words_that_are_not_one_number(words: str) -> None:
    """They have no value rather than a wrong one."""
    assert value_of(words.split()) is None


@pytest.mark.parametrize("word", ["sixtieth", "teens", "fiveyears", "zillion", "twelfth"])
def test_a_word_that_hides_a_number(word: str) -> None:
    """Derived and run-together forms."""
    assert hides_a_number(word)


@given(st.text(alphabet="0123456789.,%$-/ abkmx", max_size=30))
def test_no_digit_goes_unread(text: str) -> None:
    """A text with a digit has at least one figure."""
    assert bool(figures(folded(text))) or not any(letter.isdigit() for letter in text)
