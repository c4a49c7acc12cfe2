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
    if any(character.isdigit() for character in value):
        return _last_four(value)
    if field.name in _SHOWN_TEXT:
        return value
    return " ".join(f"{word[0]}•••" for word in value.split()) or "•••"


def mask_of(fields: Iterable[Field]) -> Mask:
    """A mask for any text of the document that has these fields."""
    hidden = {
        field.quote: masked(field)
        for field in fields
        if isinstance(field.value, str)
        and field.name not in _SHOWN_TEXT
        and len(field.quote) >= _SHORTEST_QUOTE
    }
    longest_first = sorted(hidden, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)", re.IGNORECASE)
    folded = {quote.casefold(): mask for quote, mask in hidden.items()}

    def mask(text: str) -> str:
        known = pattern.sub(lambda found: folded.get(found[0].casefold(), "•••"), text)
        return _NUMBER.sub(_number, known)

    return mask


def _number(found: re.Match[str]) -> str:
    digits = sum(map(str.isdigit, found[0]))
    hides = digits >= _FEWEST_DIGITS and not _ISO_DATE.fullmatch(found[0])
    return _last_four(found[0]) if hides else found[0]


def _last_four(text: str) -> str:
    digits = [character for character in text if character.isdigit()]
    return "•••• " + "".join(digits[-_SHOWN_DIGITS:]) if len(digits) > _SHOWN_DIGITS else "••••"
