"""Comparing names of people and of employers, as leniently as records really spell them. Pure.

Law: only three answers. ``same`` is beyond doubt, ``different`` has no family name in common, everything
between is ``close`` and goes to a person: a nickname, an initial, a married name, a letter misread.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final, Literal

from pydantic import TypeAdapter

from lendgate.documents.approximate import approximate
from lendgate.documents.data import load

Likeness = Literal["same", "close", "different"]
_SUFFIXES: Final = frozenset({"jr", "sr", "ii", "iii", "iv", "v", "esq", "md", "phd", "dds"})
_TITLES: Final = frozenset({"mr", "mrs", "ms", "miss", "dr", "rev", "and", "or"})
_LEGAL_FORMS: Final = frozenset(
    {
        *(
            "inc",
            "incorporated",
            "llc",
            "corp",
            "corporation",
            "co",
            "company",
            "ltd",
            "limited",
            "llp",
            "lp",
        ),
        *("plc", "the", "of", "and", "group", "holdings", "usa", "us", "na"),
    }
)
_MISREAD: Final = 5
"""A name of so many letters may differ in one."""


def compare_people(one: str, other: str) -> Likeness:
    """Whether two full names may be one person's; the order of their parts does not matter."""
    left, right = _parts(one), _parts(other)
    if not left or not right:
        return "close"
    if set(left) == set(right):
        return "same"
    matched = [(mine, yours) for mine in left for yours in right if _alike(mine, yours)]
    if not any(len(mine) > 1 and len(yours) > 1 for mine, yours in matched):
        return "different"
    fewer = min(len(left), len(right))
    mine, yours = {pair[0] for pair in matched}, {pair[1] for pair in matched}
    if min(len(mine), len(yours)) < min(fewer, 2):
        # One part in common: a family, a changed name, or another person of that first name.
        return "close" if left[-1] in right or right[-1] in left else "different"
    middle_only = len(left) != len(right) and set(left if len(left) < len(right) else right) <= set(
        left
    ) & set(right)
    return "same" if middle_only else "close"


def compare_employers(one: str, other: str) -> Likeness:
    """Whether two names may be one employer's; legal forms are left aside."""
    left, right = _words(one, _LEGAL_FORMS), _words(other, _LEGAL_FORMS)
    if not left or not right:
        return "close"
    if left == right:
        return "same"
    common = set(left) & set(right)
    if common or "".join(left) == "".join(right):
        return "same" if common == set(left) or common == set(right) else "close"
    return "close" if _alike(" ".join(left), " ".join(right)) else "different"


def _alike(one: str, other: str) -> bool:
    if one == other or other in _short_forms(one):
        return True
    if len(one) == 1 or len(other) == 1:
        return one[0] == other[0]
    longer, shorter = (one, other) if len(one) >= len(other) else (other, one)
    if len(shorter) < _MISREAD or len(longer) - len(shorter) > 1:
        return False
    hit = approximate(shorter, longer, 1)
    return hit is not None and hit.errors + len(longer) - (hit.end - hit.start) <= 1


def _parts(name: str) -> tuple[str, ...]:
    """The name's words without titles and suffixes, unless it is made of nothing else."""
    return tuple(_words(name, _SUFFIXES | _TITLES) or _words(name, frozenset()))


def _words(text: str, without: frozenset[str]) -> list[str]:
    plain = unicodedata.normalize("NFKD", text)
    letters = "".join(character for character in plain if not unicodedata.combining(character))
    words = re.findall(r"[a-z0-9]+", letters.casefold().replace("'", "").replace("\u2019", ""))
    return [word for word in words if word not in without]


@cache
def _groups() -> tuple[frozenset[str], ...]:
    return tuple(frozenset(line) for line in load("nicknames.yaml", TypeAdapter(list[list[str]])))


@cache
def _short_forms(name: str) -> frozenset[str]:
    return frozenset().union(*(group for group in _groups() if name in group))
