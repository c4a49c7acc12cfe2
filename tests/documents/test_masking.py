"""What is under a mask, in answers, reports and in what a second reader is sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.documents.fields import Field
from lendgate.documents.masking import mask_of, masked
from lendgate.documents.model import WHOLE_PAGE

NOTHING = mask_of(())


def field(value: str, name: str = "holder_name", quote: str = "") -> Field:
    """A field of text."""
    return Field(name, value, 1, WHOLE_PAGE, quote or value, 1.0)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("SSN 123-45-6789", "SSN •••• 6789"),
        ("Account 009070568735", "Account •••• 8735"),
        ("XXX-XX-6789", "XXX-XX-6789"),  # masked by its sender
        ("12/31/2025", "12/31/2025"),
        ("2025-12-31", "2025-12-31"),
        ("1,234,567.89", "1,234,567.89"),
        ("$1234567.89", "$1234567.89"),
        ("ZIP 62704", "ZIP 62704"),
        ("Form 1040, line 11", "Form 1040, line 11"),
    ],
)
def test_numbers_of_people_and_accounts_are_masked(text: str, shown: str) -> None:
    """Seven digits and more that are no amount and no date."""
    assert NOTHING(text) == shown


def test_a_name_is_masked_wherever_it_stands() -> None:
    """Whole inside other words, in any case; its parts only where they stand alone."""
    mask = mask_of([field("Dana May")])
    assert mask("Pay to DANA MAY, Esq") == "Pay to D••• M•••, Esq"
    assert mask("May") == "M•••"
    assert mask("1 May 2026") == "1 May 2026"


def test_every_line_of_an_address_is_masked() -> None:
    """A block is read over several lines, each an item of its own on the page."""
    mask = mask_of([field("Cedar Hospital\n12 Harbor Road", "employer", "Cedar Hospital 12 Harbor Road")])
    assert mask("Cedar Hospital") == "C••• H•••"
    assert "Harbor" not in mask("12 Harbor Road")


def test_a_state_is_shown() -> None:
    """It names nobody."""
    assert masked(field("IL", "state")) == "IL"
    assert masked(field("0123-4567", "state")) == "•••• 4567"


@given(st.from_regex(r"\A[1-9]\d{6,14}\Z"))
def test_no_more_than_four_digits_of_a_number_stay(number: str) -> None:
    """However long it is."""
    assert sum(map(str.isdigit, NOTHING(f"No {number} here"))) == 4
