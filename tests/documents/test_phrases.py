"""Finding printed phrases in text that a machine read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.documents.approximate import approximate
from lendgate.documents.phrases import first_mention, folded, mentions


def distance(one: str, other: str) -> int:
    """Levenshtein's distance, the slow and certain way."""
    row = list(range(len(other) + 1))
    for number, mine in enumerate(one, start=1):
        before, row[0] = row[0], number
        for place, yours in enumerate(other, start=1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (mine != yours))
    return row[-1]


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("Soclal securlty tax withheld", "Social security tax withheld"),
        ("FormW-2Wage and Tax Statement", "Wage and Tax Statement"),
        ("Wage and Tax Staternent", "Wage and Tax Statement"),
        ("1099-NEC", "1099-nec"),
        ("Paydate: 7/25", "Pay date"),
        ("DEPOSITS", "Deposit"),
        ("GrossPay452.43", "Gross pay"),
    ],
)
def test_misread_phrases_are_found(text: str, phrase: str) -> None:
    """Letters taken for their look-alikes, lost spaces, one wrong letter in a long phrase."""
    assert mentions(text, (phrase,))


@pytest.mark.parametrize(
    ("text", "phrase"),
    [("corporate", "rate"), ("cabinet payment", "net pay"), ("treatment", "ATM"), ("United States", "Unit")],
)
def test_short_phrases_are_whole_words(text: str, phrase: str) -> None:
    """A short phrase inside another word is not meant."""
    assert not mentions(text, (phrase,))


def test_the_first_mention_is_told_apart() -> None:
    """Of two vocabularies, the word that comes first says what a line is."""
    into = first_mention("Deposits, credits and interest", ("Deposits",))
    out = first_mention("Other withdrawals and deposits", ("Deposits",))
    assert into == 0
    assert out is not None
    assert out > 0


WORDS = st.text(alphabet="abcd", min_size=1, max_size=9)


@given(WORDS, st.text(alphabet="abcd", max_size=24), st.integers(0, 3))
def test_approximate_matching_is_right(needle: str, text: str, errors: int) -> None:
    """The hit's distance is real and no other place is nearer."""
    hit = approximate(needle, text, errors)
    spans = ((start, end) for end in range(len(text) + 1) for start in range(end + 1))
    best = min(distance(needle, text[start:end]) for start, end in spans)
    if hit is None:
        assert best > errors or not text
    else:
        assert hit.errors == best == distance(needle, text[hit.start : hit.end])


@given(st.text(max_size=40))
def test_folding_is_stable(text: str) -> None:
    """What is folded stays as it is when it is folded again."""
    assert folded(folded(text)) == folded(text)
