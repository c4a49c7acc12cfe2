"""Numbers that name a person or an account: found first, and replaced before anything else sees the text.

Law: a Social Security number becomes a token of the vault and is kept sealed under it; an account, card or
telephone number is not needed for an application, so it is removed and kept nowhere. What is in doubt is
removed: asking again costs a line, a leak cannot be taken back. None of them is ever said again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

REMOVED: Final = "[number removed]"
TOKEN: Final = re.compile(r"\[(tok_[A-Za-z0-9]{8,40})\]")
_DIGIT: Final = (
    "zero|oh|one|two|three|four|five|six|seven|eight|nine|"
    "cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|[0-9]"
)
_SPELLED: Final = re.compile(rf"\b(?:{_DIGIT})(?:[\s,.-]+(?:{_DIGIT})){{6,}}\b", re.IGNORECASE)
_SSN: Final = re.compile(r"(?<![\d$])\d{3}[ .\-/_]{0,3}\d{2}[ .\-/_]{0,3}\d{4}(?!\d)")
# Digits in groups, as account, card and telephone numbers are written. Commas are thousands, not groups.
_RUN: Final = re.compile(r"(?<![\d$.,])\+?\(?\d(?:[ .\-()_]{0,3}\d){6,}(?![\d,]|\.\d)")
_NEAR: Final = re.compile(
    r"\b(?:account|acct|routing|card|iban|cuenta|tarjeta|phone|tel|telephone|cell|teléfono|celular|ssn|itin|"
    r"social security|seguro social|license|passport|licencia|pasaporte)\b[^\d\[]{0,24}(\d[\d \-]{2,}\d)",
    re.IGNORECASE,
)
_POSTAL: Final = re.compile(r"\d{5}-\d{4}")
_DATE: Final = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[-.]\d{1,2}[-.]\d{4}")
_RANGE: Final = re.compile(r"\d{3,6} ?- ?\d{3,6}")
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:\.\d{3}){1,3}|\d{1,8}\.\d{1,2}")
_MOST_BARE: Final = 8
"""A number without groups may be an amount of up to so many digits: 12000000."""


@dataclass(frozen=True, slots=True)
class Sealable:
    """An identifier to be sealed in the vault under its token; ``digits`` go nowhere else."""

    token: str
    digits: str


@dataclass(frozen=True, slots=True)
class Tokenized:
    """A text without identifiers, what is to be sealed, and whether anything was taken out."""

    text: str
    sealable: tuple[Sealable, ...]
    removed: bool


def tokenize(text: str, new_token: Callable[[], str]) -> Tokenized:
    """Replace every identifier of plain text.

    Args:
        text: plain text (``text.plain``).
        new_token: makes ``tok_`` and letters, unlike any other.
    """
    sealed: list[Sealable] = []
    removed = False

    def ssn(match: re.Match[str]) -> str:
        nonlocal removed
        digits = re.sub(r"\D", "", match[0])
        if _POSTAL.fullmatch(match[0]):
            return match[0]
        removed = True
        sealed.append(Sealable(new_token(), digits))
        return f"[{sealed[-1].token}]"

    def run(match: re.Match[str]) -> str:
        nonlocal removed
        if _is_no_identifier(match[0]):
            return match[0]
        removed = True
        return REMOVED

    def near(match: re.Match[str]) -> str:
        nonlocal removed
        removed = True
        return match[0][: match.start(1) - match.start()] + REMOVED

    text = _SSN.sub(ssn, text)
    for pattern, replacement in ((_RUN, run), (_NEAR, near), (_SPELLED, run)):
        text = pattern.sub(replacement, text)
    return Tokenized(text, tuple(sealed), removed)


def _is_no_identifier(found: str) -> bool:
    """Digits that are an amount, a postal code, a date or a range of amounts."""
    bare = found.strip()
    if bare.isdigit():
        return len(bare) <= _MOST_BARE
    return any(shape.fullmatch(bare) for shape in (_POSTAL, _DATE, _RANGE, _THOUSANDS))


def token_of(text: str) -> re.Match[str] | None:
    """The token of a Social Security number in a text that was tokenized."""
    return TOKEN.search(text)
