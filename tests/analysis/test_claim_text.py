"""Folding, readability and the cutting of sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.analysis.plain import folded, readable, sentences


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("\uff16\uff12\uff05", "62%"),
        ("six\n ty\u00a0two", "six ty two"),
        ("the lender\u2019s \u201cfile\u201d", 'the lender\'s "file"'),
        ("5\u20137 years \u2212 net", "5-7 years - net"),
        ("\u2460 of \u00bd", "1 of 1/2"),
    ],
)
def test_text_is_folded_to_plain_characters(text: str, plain: str) -> None:
    """Compatibility forms, spaces, quotes and dashes."""
    assert folded(text) == plain


@pytest.mark.parametrize(
    "text",
    [
        "six\u200bty percent",
        "62\u2060%",
        "r\u0430ce",
        "\u0666\u0662%",
        "r\u0336ace",
        "six\u00adty",
        "\u202e%26",
        "6\u20e32\u20e3",
        "ratio \u2264 43%",
        "<b>22%</b>",
        "see http://example.com",
        "see www.example",
        "write to example.com now",
        "mail me @ home",
        "income = 12",
    ],
)
def test_what_a_memo_may_not_be_written_in(text: str) -> None:
    """Invisible characters, other scripts and digits, marks over letters, mark-up, addresses."""
    assert not readable(folded(text))


@pytest.mark.parametrize(
    "text", ["Income of $120,000.50 (a year), or 22%; fine!", "e.g. a W-2 vs. a 1040", ""]
)
def test_plain_prose_is_readable(text: str) -> None:
    """What honest memos are written in."""
    assert readable(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("A ratio of 0.31 is stated. $5 follows.", ["A ratio of 0.31 is stated.", "$5 follows."]),
        ('He said "yes." Then no.', ['He said "yes."', "Then no."]),
        ("Income of approx. $5 a month. Next.", ["Income of approx. $5 a month.", "Next."]),
        ("", []),
    ],
)
def test_sentences(text: str, parts: list[str]) -> None:
    """Decimals, quotes and abbreviations do not cut a sentence."""
    assert sentences(text) == parts


@given(st.text())
def test_no_word_is_lost_between_sentences(text: str) -> None:
    """Cutting only cuts."""
    assert " ".join(sentences(folded(text))).split() == folded(text).split()


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    """What is checked is what is read: folding has a fixed point for readable text."""
    once = folded(text)
    if readable(once):
        assert folded(once) == once
