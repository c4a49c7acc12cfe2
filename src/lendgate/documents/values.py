"""Values as they are printed: amounts, dates, identifiers. Text in, typed value out; nothing is guessed.

Each reader gives the value, where in the text it stands, and how sure the spelling is: 1 for text that is
exactly a value, less where a letter had to be taken for a digit. Dates are US (month first) unless the
month is a word or the year comes first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Generic, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Found(Generic[Value]):
    """A value and the characters it was read from."""

    value: Value
    start: int
    end: int
    spelling: float = 1.0


_DIGIT: Final = "0-9OoIlS"
_FIRST: Final = "0-9OoIl"
"""An S in front is a dollar sign that was misread."""
_AMOUNT: Final = re.compile(
    rf"""(?<![\w.,/-])
    (?P<sign>[-+=\u2013\u2014(]?\s?)(?P<dollar>[$S]?\s?)(?P<inner>[-\u2013]?\s?)
    (?P<whole>[{_FIRST}][{_DIGIT}]{{0,2}}(?:[,.]\s?[{_DIGIT}]{{3}})+(?![{_DIGIT}])|[{_FIRST}][{_DIGIT}]{{0,8}})
    (?:[.,\u00b7]\s?(?P<cents>[{_DIGIT}]{{2}})(?![{_DIGIT}]))?
    (?P<close>\s?(?:\)|-(?!\w)|CR\b|DR\b)?)
    (?![\w/%]|[.,][{_DIGIT}]|-\d)""",
    re.VERBOSE,
)
_LIKE_DIGITS: Final = str.maketrans("OoIlS", "00115")
_LETTER: Final = re.compile(r"[OoIlS]")
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july",
         "aug august", "sep sept september", "oct october", "nov november", "dec december"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_NUMERIC_DATE: Final = re.compile(r"(?<!\d)(\d{1,2})\s?([/.-])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?!\d)")
_ISO_DATE: Final = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_WORD_DATE: Final = re.compile(r"\b([A-Za-z]{3,9})\.?\s?(\d{1,2})(?:st|nd|rd|th)?\s?,?\s?(\d{4})\b")
_DAY_FIRST: Final = re.compile(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?[\s-]?([A-Za-z]{3,9})\.?,?[\s-]?(\d{4})\b")
_MONTH_DAY: Final = re.compile(r"^\W*(\d{1,2})[/-](\d{1,2})(?![\d/-])")
_WORD_MONTH_DAY: Final = re.compile(r"^\W*([A-Za-z]{3,9})\.?\s(\d{1,2})(?!\d)")
_DAY_WORD_MONTH: Final = re.compile(r"^\W*(\d{1,2})[\s-]([A-Za-z]{3,9})\b")
_CENTURY_TURN: Final = 70
_IDENTIFIER: Final = re.compile(r"(?<![\w-])[\dXx*\u2022#][\dXx*\u2022#\s\u2013-]{2,22}[\dXx](?![\w-])")
_YEAR: Final = re.compile(r"(?<!\d)(20[0-4]\d|19[89]\d)(?!\d)")


def amounts(text: str, *, cents: bool) -> Iterator[Found[Decimal]]:
    """Every amount of money in ``text``; with ``cents`` only those that print them.

    A minus before or behind it, brackets, or DR make it negative.
    """
    for found in _AMOUNT.finditer(text):
        whole, fraction = found["whole"], found["cents"]
        if (cents and fraction is None) or not any(character.isdigit() for character in whole):
            continue
        if len(whole.replace(" ", "")) > 1 and whole[0] == "0" and fraction is None:
            continue  # a number with leading zeros is a name for something, not a sum
        digits = re.sub(r"\D", "", whole.translate(_LIKE_DIGITS))
        value = Decimal(f"{digits}.{(fraction or '00').translate(_LIKE_DIGITS)}")
        letters = len(_LETTER.findall(whole + (fraction or "")))
        if letters * 2 >= len(whole):
            continue
        start = found.start() + len(found[0]) - len(found[0].lstrip())
        yield Found(-value if _negative(found) else value, start, found.end(), 1 - 0.2 * bool(letters))


def amount(text: str, *, cents: bool = False) -> Found[Decimal] | None:
    """The last amount in ``text``: what stands before it is a code, a unit or a rate."""
    found = None
    for found in amounts(text, cents=cents):  # noqa: B007 - the last one is wanted
        pass
    return found


def dates(text: str) -> list[Found[date]]:
    """Every full date in ``text``, in the order they stand."""
    found = [*_numeric_dates(text), *_word_dates(text)]
    return sorted(found, key=lambda one: one.start)


def month_day(text: str) -> tuple[int, int] | None:
    """The month and day that ``text`` begins with, as in the rows of a statement; no year."""
    numeric = _MONTH_DAY.match(text)
    if numeric:
        month, day = int(numeric[1]), int(numeric[2])
    else:
        word, turned = _WORD_MONTH_DAY.match(text), _DAY_WORD_MONTH.match(text)
        month, day = (_MONTHS.get(word[1].casefold(), 0), int(word[2])) if word else (0, 0)
        if turned:
            month, day = _MONTHS.get(turned[2].casefold(), 0), int(turned[1])
    return (month, day) if _day(2000, month, day) else None


def identifier(text: str) -> Found[str] | None:
    """A number that names somebody or something, digits and mask characters (X) only; the longest one."""
    best: Found[str] | None = None
    for found in _IDENTIFIER.finditer(text):
        value = re.sub(r"[xX*\u2022#]", "X", re.sub(r"[\s\u2013-]", "", found[0]))
        if any(character.isdigit() for character in value) and (best is None or len(value) > len(best.value)):
            best = Found(value, found.start(), found.end())
    return best


def year(text: str) -> Found[int] | None:
    """A year from 1980 to 2049, also one printed in two parts (20 23)."""
    found = _YEAR.search(text) or _YEAR.search(text.replace(" ", ""))
    return Found(int(found[1]), 0, len(text)) if found else None


def _negative(found: re.Match[str]) -> bool:
    sign, inner, close = found["sign"].strip(), found["inner"].strip(), found["close"].strip()
    return sign in {"-", "\u2013", "\u2014", "("} or bool(inner) or close in {"-", "DR"}


def _numeric_dates(text: str) -> Iterator[Found[date]]:
    for found in _NUMERIC_DATE.finditer(text):
        year = int(found[4])
        if len(found[4]) == 2:  # noqa: PLR2004 - two digits of a year
            year += 1900 if year >= _CENTURY_TURN else 2000
        if day := _day(year, int(found[1]), int(found[3])):
            yield Found(day, found.start(), found.end())
    for found in _ISO_DATE.finditer(text):
        if day := _day(int(found[1]), int(found[2]), int(found[3])):
            yield Found(day, found.start(), found.end())


def _word_dates(text: str) -> Iterator[Found[date]]:
    for found in _WORD_DATE.finditer(text):
        if day := _day(int(found[3]), _MONTHS.get(found[1].casefold(), 0), int(found[2])):
            yield Found(day, found.start(), found.end())
    for found in _DAY_FIRST.finditer(text):
        if day := _day(int(found[3]), _MONTHS.get(found[2].casefold(), 0), int(found[1])):
            yield Found(day, found.start(), found.end())


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
