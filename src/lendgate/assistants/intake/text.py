"""A message as plain text: one form for every reader, cut into clauses.

Law: what is checked is what is read. Invisible characters go, compatibility forms (fullwidth digits,
mathematical letters) become plain ones; only so much is read of a message as a person would say.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

Language = Literal["en", "es"]
LONGEST: Final = 4_000
"""Characters of a message that are read."""
_TYPOGRAPHY: Final = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201b\u02bc", "'")
    | dict.fromkeys("\u201c\u201d\u201f\u00ab\u00bb", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
    | {"\u2044": "/"}
)
_KEPT_OUT: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# A clause ends at a mark that is not inside a number, or at a word that begins another thought.
_BREAK: Final = re.compile(
    r"[;!?\n]+|[.](?=\s|$)|,(?!\d)|\s(?:and|but|plus|also|y|e|pero|más|además)\s", re.IGNORECASE
)
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a message that says one thing: where it stands, and its text."""

    start: int
    end: int
    text: str


def plain(text: str) -> str:
    """A message in its one form: NFKC, no invisible characters, single spaces, bounded."""
    folded = unicodedata.normalize("NFKC", text[: LONGEST * 2]).translate(_TYPOGRAPHY)
    visible = "".join(
        " " if character in "\n\r\t" else character
        for character in folded
        if character in "\n\r\t" or unicodedata.category(character) not in _KEPT_OUT
    )
    return " ".join(visible.split())[:LONGEST]


def clauses(text: str, unbroken: Iterable[Span] = ()) -> list[Clause]:
    """The clauses of plain text; nothing is cut inside an ``unbroken`` span."""
    kept = tuple(unbroken)
    found: list[Clause] = []
    start = 0
    for end in _BREAK.finditer(text):
        if not any(first < end.end() and end.start() < last for first, last in kept):
            found.append(Clause(start, end.start(), text[start : end.start()]))
            start = end.end()
    found.append(Clause(start, len(text), text[start:]))
    return [clause for clause in found if clause.text.strip()]


@lru_cache(maxsize=2_048)
def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(phrases, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)


def mention(text: str, phrases: Iterable[str]) -> re.Match[str] | None:
    """The first of these words or phrases in the text, as whole words."""
    wanted = tuple(phrases)
    return _pattern(wanted).search(text) if wanted else None
