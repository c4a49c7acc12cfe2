"""Files and pages that came before: the same bytes, or another scan of the same page. Pure.

Two pages are one when they look alike and the same numbers stand on them: forms of one kind look alike
whoever filled them in. A sketch is the smallest digests of a page's numbers; it can be kept beside the
document without keeping the numbers.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from lendgate.documents.case import Seen
from lendgate.documents.fingerprint import distance
from lendgate.documents.model import Page, Reading

_NUMBER: Final = re.compile(r"\d[\d,.]*\d")
_SKETCH: Final = 32
_FEWEST_NUMBERS: Final = 6
_LOOKS_ALIKE: Final = 40
"""Of 256 bits: scans of one page differ by up to some thirty, different forms by far more."""
_SAME_NUMBERS: Final = 0.8


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A file or page that was seen before, under which id, and whether to the last bit."""

    page: int
    seen: str
    how: Literal["same_file", "same_page"]


def sketch(page: Page) -> frozenset[str]:
    """The page's numbers as at most 32 short digests; the same numbers give the same sketch."""
    numbers = {found[0].replace(",", "") for found in _NUMBER.finditer(page.text)}
    digests = sorted(hashlib.sha256(number.encode()).hexdigest()[:12] for number in numbers)
    return frozenset(digests[:_SKETCH])


def seen_of(reading: Reading, id_: str) -> Seen:
    """What to remember of a file so that it is known again."""
    pages = tuple((page.fingerprint, sketch(page)) for page in reading.pages)
    return Seen(id_, reading.sha256, pages)


def duplicates(reading: Reading, seen: Sequence[Seen]) -> Iterator[Duplicate]:
    """What of this file came before: the whole file, else single pages."""
    same = next((one for one in seen if one.sha256 == reading.sha256), None)
    if same is not None:
        yield Duplicate(0, same.id, "same_file")
        return
    for page in reading.pages:
        numbers = sketch(page)
        for one in seen:
            if any(_same(page.fingerprint, numbers, other) for other in one.pages):
                yield Duplicate(page.number, one.id, "same_page")
                break


def _same(fingerprint: str, numbers: frozenset[str], other: tuple[str, frozenset[str]]) -> bool:
    if len(numbers) < _FEWEST_NUMBERS or len(other[1]) < _FEWEST_NUMBERS:
        return False
    shared = len(numbers & other[1]) / len(numbers | other[1])
    return shared >= _SAME_NUMBERS and distance(fingerprint, other[0]) <= _LOOKS_ALIKE
