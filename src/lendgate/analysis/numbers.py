"""Numbers read from prose: every quantity a sentence states, with its unit and printed precision.

Law: nothing that states a quantity is passed over. What cannot be read with certainty (a malformed
group, a digit inside a word, a vague fraction, an unknown unit, a number that is only a bound) comes back
as a figure of dimension ``unreadable``, which no fact supports.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from lendgate.analysis.numerals import (
    Numeral,
    Token,
    hides_one,
    mark_at,
    numeral_at,
    tokenized,
    word_at,
)
from lendgate.analysis.units import (
    ADVERBS,
    BOUNDS,
    EACH,
    HEDGES,
    LINKS,
    OR_SO,
    PERIODS,
    UNITS,
    Dimension,
    Period,
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One quantity: ``value`` in its dimension, give or take ``margin`` (half of the last printed place).

    ``period`` is what the words right behind a sum of money tie it to; ``about`` is the fact it is said of
    ("<credit_score> of 720", "720 <credit_score>"), empty where none stands next to it.
    """

    value: Decimal
    margin: Decimal
    dimension: Dimension
    places: int = 0
    period: Period | None = None
    scaled: bool = False
    about: str = ""


UNREADABLE: Final = Figure(Decimal(0), Decimal(0), "unreadable")
_MONTHS_A_YEAR: Final = 12


def figures(text: str) -> list[Figure]:
    """Every quantity in a sentence of plain text, in order."""
    tokens = tokenized(text)
    found: list[Figure] = []
    at = last_end = 0
    while at < len(tokens):
        numeral = numeral_at(tokens, at)
        if numeral is None:
            if hides_one(tokens, at):
                found.append(UNREADABLE)
            at += 1
            continue
        figure, end = _compound(tokens, *_measured(tokens, at, numeral))
        if last_end:
            found[-1:] = _joined(found[-1], tokens[last_end:at], figure)
        else:
            found.append(figure)
        at = last_end = end
    return found


def _measured(tokens: Sequence[Token], at: int, numeral: Numeral) -> tuple[Figure, int]:
    """The figure a numeral makes with the unit and period around it, and where the text goes on."""
    priced = mark_at(tokens, at - 1) == "$"
    unit, end = _unit(tokens, numeral.end)
    dimension: Dimension = "money" if priced and unit is None else unit or "plain"
    mismatched = unit == "unreadable" or (priced and dimension != "money")
    if numeral.value is None or mismatched or _is_bound(tokens, at - priced, end):
        return UNREADABLE, end
    period = None
    if dimension == "money":
        period, end = _period(tokens, end)
    sign = -1 if _is_negative(tokens, at - 1 - priced) else 1
    about = _named_before(tokens, at - 1 - priced) or _named_after(tokens, end)
    value = numeral.value * sign
    return Figure(value, numeral.margin, dimension, numeral.places, period, numeral.scaled, about), end


def _unit(tokens: Sequence[Token], at: int) -> tuple[Dimension | None, int]:
    """The unit at ``at``, also behind a hyphen ("6-year"), and where the text goes on."""
    if word_at(tokens, at) == "per" and word_at(tokens, at + 1) == "cent":
        return "percent", at + 2
    if mark_at(tokens, at) == "-" and word_at(tokens, at + 1) in UNITS and tokens[at + 1].glued:
        at += 1
    unit = UNITS.get(mark_at(tokens, at).lower())
    return unit, at + (unit is not None)


def _period(tokens: Sequence[Token], at: int) -> tuple[Period | None, int]:
    """The period a sum is tied to ("a month", "/yr", "annually"), and where the text goes on."""
    if word_at(tokens, at) in ADVERBS:
        return PERIODS[word_at(tokens, at)], at + 1
    if mark_at(tokens, at).lower() in EACH and word_at(tokens, at + 1) in PERIODS:
        return PERIODS[word_at(tokens, at + 1)], at + 2
    return None, at


def _is_bound(tokens: Sequence[Token], start: int, end: int) -> bool:
    before = start - 1
    while word_at(tokens, before) in HEDGES:
        before -= 1
    word = word_at(tokens, before)
    up_to = word == "to" and word_at(tokens, before - 1) == "up"
    or_more = word_at(tokens, end) in {"or", "and"} and word_at(tokens, end + 1) in OR_SO
    return word in BOUNDS or up_to or or_more or mark_at(tokens, end) == "+"


def _is_negative(tokens: Sequence[Token], before: int) -> bool:
    if word_at(tokens, before) in {"minus", "negative"}:
        return True
    opens = before >= 0 and (not tokens[before].glued or mark_at(tokens, before - 1) == "(")
    return mark_at(tokens, before) == "-" and tokens[before + 1].glued and opens


def _named_before(tokens: Sequence[Token], at: int) -> str:
    while mark_at(tokens, at).lower() in LINKS:
        at -= 1
    return _fact_at(tokens, at)


def _named_after(tokens: Sequence[Token], at: int) -> str:
    return _fact_at(tokens, at + (word_at(tokens, at) in {"of", "in"}))


def _fact_at(tokens: Sequence[Token], at: int) -> str:
    text = mark_at(tokens, at)
    return text[1:-1] if text.startswith("<") else ""


def _compound(tokens: Sequence[Token], years: Figure, end: int) -> tuple[Figure, int]:
    """Years followed by months ("2 years and 6 months") as one duration in months."""
    if years.dimension != "years" or years.places:
        return years, end
    at = end
    while mark_at(tokens, at).lower() in {",", "and"}:
        at += 1
    numeral = numeral_at(tokens, at) if at < len(tokens) else None
    if numeral is None or numeral.value is None:
        return years, end
    months, after = _measured(tokens, at, numeral)
    if months.dimension != "months":
        return years, end
    return replace(months, value=years.value * _MONTHS_A_YEAR + months.value), after


def _joined(before: Figure, between: Sequence[Token], figure: Figure) -> list[Figure]:
    """Two figures in a row: a range shares its unit; numbers with nothing between are malformed."""
    marks = [token.text.lower() for token in between if token.text != "$"]
    if before.dimension != "plain" or figure.dimension == "unreadable":
        return [before, figure]
    if not marks:
        return [UNREADABLE, UNREADABLE]
    if marks in (["-"], ["to"]):
        return [replace(before, dimension=figure.dimension, period=figure.period), figure]
    return [before, figure]
