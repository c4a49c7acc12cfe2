"""Facts named and public words quoted."""

from __future__ import annotations

import pytest

from lendgate.analysis.quoting import marked, quotable
from tests.analysis.cases import REASONS, STEADY, case, check, lacking


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Income of $5", "<annual_income> of $5"),
        ("the Back-End DTI", "the <back_end_dti>"),
        ("back end ratio", "<back_end_dti>"),
        ("a combined loan-to-value ratio", "a <cltv>"),
        ("90-day late payments", "<delinquencies_ninety_days>"),
        ("debt-to-income of 22%", "<> of 22%"),
        ("a W-2, Form 1040 and 401(k)", "a <>, <> and <>)"),
        ("incomes and outcomes", "incomes and outcomes"),
        ("income from a score", "<annual_income> from a score"),
        ("credit, and a score", "credit, and a score"),
    ],
)
def test_a_name_is_marked(text: str, expected: str) -> None:
    """The longest name wins; whole words only; spaces and hyphens are alike."""
    assert marked(text, ()) == expected


def test_public_words_of_the_case_may_be_quoted() -> None:
    """Titles, reasons, words of closed lists and why a document is asked for."""
    seen = case(
        {**STEADY, "property_usage": "SecondHome"},
        check("guideline", "fail", "obligations"),
        completeness=lacking({"w2": 1}),
    )
    quotes = quotable(seen)
    assert REASONS["obligations"].text in quotes
    assert "Debt-to-income ratio within guideline" in quotes
    assert "second home" in quotes
    assert "Asked for by the product" in quotes


def test_a_quotation_is_whole() -> None:
    """Half a title is not a quotation."""
    quotes = ("Debt-to-income ratio within guideline",)
    assert marked("The debt-to-income ratio within guideline passed.", quotes) == "The <> passed."
    assert "within guideline" in marked("It is within guideline.", quotes)


def test_an_empty_quotation_marks_nothing() -> None:
    """A title of marks only has no words to quote."""
    assert marked("Plain words.", ("", "...")) == "Plain words."
