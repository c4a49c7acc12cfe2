"""Numerals read from tokens: digits, number words and Roman numerals, before any unit.

Law: a numeral is read exactly as printed or not at all (``value`` None); digits never hide inside a word
and number words never hide in pieces.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from lendgate.analysis.spoken import NUMBER_WORDS, hides_a_number, roman_value, value_of


class Token(NamedTuple):
    """A word, a number or one mark; ``glued`` to what stands before it without a space.

    ``word`` is a word in lower case, and empty for numbers and marks.
    """

    text: str
    glued: bool
    word: str


class Numeral(NamedTuple):
    """A number without its unit: the value, give or take ``margin`` (half of the last printed place).

    ``value`` is None when the number is malformed; ``end`` is where the next token stands; ``scaled`` numbers
    ("120k", "1.2 million") have a wide last place.
    """

    value: Decimal | None
    margin: Decimal
    places: int
    end: int
    scaled: bool = False


# <annual_income> stands where a fact was named, <> where something was quoted (see analysis.quoting).
_TOKEN: Final = re.compile(r"<\w*>|\d+(?:,\d+)*(?:\.\d+)?|\.\d+|[A-Za-z]+|[^\sA-Za-z\d]")
_APOSTROPHE: Final = re.compile(r"(?<=[A-Za-z])'(?=[A-Za-z])")
_WELL_FORMED: Final = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d*(?:\.\d+)?")
_SUFFIXES: Final = {"k": 10**3, "m": 10**6, "mm": 10**6, "mn": 10**6, "b": 10**9, "bn": 10**9}
_SCALES: Final = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9}
# What may be written right behind a digit ("22%" is a mark): 6yrs, 1.5x.
_GLUED_UNITS: Final = frozenset({"x", "yr", "yrs", "mo", "mos", "years", "months", "percent", "pct", "usd"})
_UNITS_OF_ROMANS: Final = frozenset({"%", "percent", "pct", "years", "year", "months", "month", "dollars"})
# Capitals that are Roman numerals by accident: mortgage insurance, certificate of deposit, two states.
_NOT_ROMAN: Final = frozenset({"MI", "CD", "DC", "MD"})
# "A year in the job" states a number; "$2,200 a month" has been read with its sum by then.
_COUNTABLE: Final = frozenset({"year", "month", "week", "day"})
_BEFORE_PRONOUN_ONE: Final = frozenset({"no", "any", "every", "each", "this", "that", "which"})
_AFTER_PRONOUN_ONE: Final = frozenset({"of", "another"})
_HALF: Final = Decimal("0.5")
_BEGINNINGS: Final = frozenset(word[:end] for word in NUMBER_WORDS for end in range(1, len(word)))


def tokenized(text: str) -> list[Token]:
    """Words, numbers and marks of plain text; an apostrophe inside a word is no mark."""
    text = _APOSTROPHE.sub("", text)
    tokens: list[Token] = []
    end = -1
    for match in _TOKEN.finditer(text):
        found = match.group()
        tokens.append(Token(found, match.start() == end, found.lower() if found.isalpha() else ""))
        end = match.end()
    return tokens


def numeral_at(tokens: Sequence[Token], at: int) -> Numeral | None:
    """The numeral that begins at ``at``, or None."""
    text = tokens[at].text
    if text[-1].isdigit():
        return _digits(tokens, at)
    word = tokens[at].word
    if word in NUMBER_WORDS:
        return None if word == "one" and _is_pronoun(tokens, at) else _spoken(tokens, at)
    return _roman(tokens, at) if word else None


def hides_one(tokens: Sequence[Token], at: int) -> bool:
    """Whether the token at ``at``, which begins no numeral, states a quantity all the same."""
    token = tokens[at]
    if token.text in {"%", "$"} or token.word in {"percent", "pct"}:
        # A "$" stands before its number; the other units were consumed with theirs.
        return not (token.text == "$" and at + 1 < len(tokens) and numeral_at(tokens, at + 1))
    following = word_at(tokens, at + 1 + (mark_at(tokens, at + 1) == "-"))
    if (token.word, following[:5]) in {("third", "party"), ("third", "parti"), ("double", "check")}:
        return False
    if token.word in {"a", "an"} and following in _COUNTABLE:
        return True
    return hides_a_number(token.word) or _in_pieces(tokens, at)


def word_at(tokens: Sequence[Token], at: int) -> str:
    """The lower-case word at ``at``; empty outside the text and for anything but a word."""
    return tokens[at].word if 0 <= at < len(tokens) else ""


def mark_at(tokens: Sequence[Token], at: int) -> str:
    """The token's own text at ``at``; empty outside the text."""
    return tokens[at].text if 0 <= at < len(tokens) else ""


def _digits(tokens: Sequence[Token], at: int) -> Numeral:
    text, end, scale = tokens[at].text, at + 1, 1
    places = len(text.partition(".")[2])
    sound = bool(_WELL_FORMED.fullmatch(text)) and not _continues_something(tokens, at)
    if end < len(tokens) and tokens[end].glued and tokens[end].word:
        suffix = tokens[end].word
        if suffix in _SUFFIXES:
            scale, end = _SUFFIXES[suffix], end + 1
        elif suffix not in _GLUED_UNITS:
            sound = False
    if word_at(tokens, end) in _SCALES:
        scale, end = scale * _SCALES[word_at(tokens, end)], end + 1
    step = Decimal(scale).scaleb(-places)
    value = Decimal(text.replace(",", "")) * scale if sound else None
    return Numeral(value, step * _HALF, places, end, scaled=scale > 1)


def _continues_something(tokens: Sequence[Token], at: int) -> bool:
    """Digits glued to a word or to a mark that joins numbers: B3, 1.2.3, 31/43, 3:1."""
    before = tokens[at - 1] if at and tokens[at].glued else None
    return before is not None and (bool(before.word) or before.text in set(".,:/'+&"))


def _spoken(tokens: Sequence[Token], at: int) -> Numeral:
    words: list[str] = []
    end = at
    while word_at(tokens, end) in NUMBER_WORDS:
        words.append(tokens[end].word)
        end += 1
        joined = mark_at(tokens, end) == "-" and tokens[end].glued
        joined |= word_at(tokens, end) == "and" and words[-1] in _SCALES
        if joined and word_at(tokens, end + 1) in NUMBER_WORDS:
            end += 1
    value = None if _in_pieces(tokens, end - 1) else value_of(words)
    return Numeral(None if value is None else Decimal(value), _HALF, 0, end)


def _roman(tokens: Sequence[Token], at: int) -> Numeral | None:
    text = tokens[at].text
    value = roman_value(text)
    if value is None:
        return None
    has_unit = mark_at(tokens, at + 1).lower() in _UNITS_OF_ROMANS
    stands_alone = text.isupper() and len(text) > 1 and text not in _NOT_ROMAN
    return Numeral(Decimal(value), _HALF, 0, at + 1) if has_unit or stands_alone else None


def _is_pronoun(tokens: Sequence[Token], at: int) -> bool:
    following = word_at(tokens, at + 1)
    or_more = following == "or" and word_at(tokens, at + 2) == "more"
    return word_at(tokens, at - 1) in _BEFORE_PRONOUN_ONE or following in _AFTER_PRONOUN_ONE or or_more


def _in_pieces(tokens: Sequence[Token], at: int) -> bool:
    """Words that spell one number word together: "thir ty", "six-ty"."""
    spelled = tokens[at].word
    for token in tokens[at + 1 :]:
        if spelled not in _BEGINNINGS:
            return False
        if token.text != "-":
            spelled += token.word or token.text
            if spelled in NUMBER_WORDS:
                return True
    return False
