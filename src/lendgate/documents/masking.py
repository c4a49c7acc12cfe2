"""What names a person, a place or an account, put under a mask. Pure.

Law: of a number the last four digits stay, of a name its initials. What the fields of a document say it
is, is masked wherever it stands again; a number that looks like one of a person or an account is masked
even where no field was read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Final

from lendgate.documents.fields import Field

_SHOWN_TEXT: Final = frozenset(
    {"state", "position", "probability_of_continued_employment", "distribution_code"}
)
_SHOWN_DIGITS: Final = 4
_HIDDEN: Final = "•••"
_FEWEST_DIGITS: Final = 7
"""Shorter numbers are amounts, years, ZIP codes and numbers of boxes."""
_SHORTEST_QUOTE: Final = 4
_NUMBER: Final = re.compile(r"(?<![\w.,/$-])[A-Za-z]{0,3}\d[\dXx]*(?:[ -]?[\dXx]+){0,6}(?![\w/%]|[.,]\d)")
_ISO_DATE: Final = re.compile(r"(?:19|20)\d\d-\d\d-\d\d")

Mask = Callable[[str], str]


def masked(field: Field) -> str:
    """The field's value in words, without what names a person, a place or an account."""
    value = field.value
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    if isinstance(value, date | int):
        return str(value)
    return value if field.name in _SHOWN_TEXT and not _has_digit(value) else _hidden(value)


def mask_of(fields: Iterable[Field]) -> Mask:
    """A mask for any text of the document that has these fields.

    A name is masked wherever it stands whole, and its parts where they stand alone, as in boxes of a form.
    """
    hidden: dict[str, str] = {}
    alone: dict[str, str] = {}
    for field in fields:
        if isinstance(field.value, str) and field.name not in _SHOWN_TEXT:
            lines = (field.quote, *field.value.splitlines())
            hidden |= {line.casefold(): _hidden(line) for line in lines if len(line) >= _SHORTEST_QUOTE}
            alone |= {word.casefold(): _hidden(word) for word in field.quote.split()}
    longest_first = sorted(hidden, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)", re.IGNORECASE)

    def mask(text: str) -> str:
        if text.strip().casefold() in alone:
            return alone[text.strip().casefold()]
        known = pattern.sub(lambda found: hidden.get(found[0].casefold(), _HIDDEN), text)
        return _NUMBER.sub(_number, known)

    return mask


def _hidden(text: str) -> str:
    if _has_digit(text):
        return _last_four(text)
    return " ".join(f"{word[0]}{_HIDDEN}" for word in text.split()) or _HIDDEN


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


def _number(found: re.Match[str]) -> str:
    digits = sum(map(str.isdigit, found[0]))
    hides = digits >= _FEWEST_DIGITS and not _ISO_DATE.fullmatch(found[0])
    return _last_four(found[0]) if hides else found[0]


def _last_four(text: str) -> str:
    digits = [character for character in text if character.isdigit()]
    return "•••• " + "".join(digits[-_SHOWN_DIGITS:]) if len(digits) > _SHOWN_DIGITS else "••••"
