"""Finding printed phrases in text that a machine read: letters mistaken for each other, spaces lost.

Phrases and text are folded to one alphabet in which the usual mistakes vanish (O and 0, l and 1, S and 5),
and a phrase may still differ from the text in a few characters. Searching is exact first, then Myers's
bit-parallel approximate matching (J. ACM 46(3), 1999), after a filter on shared trigrams. A short phrase
must begin and end where words do, so that "rate" is not found in "corporate".
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from lendgate.documents.approximate import Hit, approximate
from lendgate.documents.layout import Item, Layout, Row
from lendgate.documents.model import Box

_ALIKE: Final = str.maketrans("oqilszb|", "00115281")
_LETTERS_PER_ERROR: Final = 7
_SHORTEST_INEXACT: Final = 9
"""Shorter phrases must be found as they are: an error in them makes another word."""
_LONG: Final = 12
"""Phrases of so many characters are found inside words, too: spaces get lost, and they are no accident."""
_GRAM: Final = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Characters ``start`` to ``end`` of one item's text."""

    item: Item
    start: int
    end: int

    @property
    def box(self) -> Box:
        """Where they are on the page."""
        return self.item.span.part(self.start, self.end)


@dataclass(frozen=True, slots=True)
class FoldedRow:
    """One row's folded text, and for each of its characters the item and the character it came from."""

    row: Row
    text: str
    sources: tuple[tuple[int, int], ...]
    starts: frozenset[int]
    grams: frozenset[str]

    def places(self, hit: Hit) -> tuple[Place, ...]:
        """The parts of items that the hit covers, from left to right."""
        reach: dict[int, tuple[int, int]] = {}
        for number, character in self.sources[hit.start : hit.end]:
            first, _ = reach.get(number, (character, character))
            reach[number] = (first, character + 1)
        return tuple(Place(self.row[number], *reach[number]) for number in sorted(reach))

    def box(self, hit: Hit) -> Box:
        """Where on the page the hit is."""
        first, *others = (place.box for place in self.places(hit))
        for other in others:
            first = first.join(other)
        return first

    def exact(self, needle: str) -> Iterator[Hit]:
        """Every place of a folded phrase that begins and ends as it must."""
        start = self.text.find(needle)
        while start >= 0:
            end = start + len(needle)
            if len(needle) >= _LONG or self._bounded(start, end):
                yield Hit(start, end, 0)
            start = self.text.find(needle, start + 1)

    def near(self, needle: str, errors: int) -> Hit | None:
        """The best place of a folded phrase with at most ``errors`` wrong characters."""
        missing = sum(gram not in self.grams for gram in _grams(needle))
        if missing > errors * _GRAM:
            return None
        hit = approximate(needle, self.text, errors)
        return hit if hit is None or len(needle) >= _LONG or self._bounded(hit.start, hit.end) else None

    def nears(self, needle: str, errors: int) -> Iterator[Hit]:
        """Every place of a folded phrase with at most ``errors`` wrong characters, the best one first.

        A sheet may print one form two or four times, and each copy is misread in its own way.
        """
        rest = (
            [(0, len(self.text))]
            if sum(g not in self.grams for g in _grams(needle)) <= errors * _GRAM
            else []
        )
        while rest:
            first, last = rest.pop()
            found = approximate(needle, self.text[first:last], errors)
            if found is None:
                continue
            hit = Hit(first + found.start, first + found.end, found.errors)
            if len(needle) >= _LONG or self._bounded(hit.start, hit.end):
                yield hit
            rest += [(first, hit.start), (hit.end, last)]

    def _bounded(self, start: int, end: int) -> bool:
        return start in self.starts and (end == len(self.text) or end in self.starts or self._ends(end))

    def _ends(self, end: int) -> bool:
        """A plural's s, or a number that lost the space before it, ends a word as well as a space does."""
        after_plural = self.text[end] == "5" and (end + 1 == len(self.text) or end + 1 in self.starts)
        return after_plural or (self._character(end).isdigit() and not self._character(end - 1).isdigit())

    def _character(self, place: int) -> str:
        number, character = self.sources[place]
        return self.row[number].text[character]


class PageText:
    """A page's rows, folded, ready to be searched for many phrases."""

    def __init__(self, layout: Layout) -> None:
        self.rows = tuple(_fold_row(row) for row in layout.rows)
        self.words = frozenset(
            word.strip(".,:;()") for item in layout.items for word in item.text.casefold().split()
        )

    def find(self, phrase: str, *, near: bool = True) -> tuple[FoldedRow, Hit] | None:
        """The first place of the phrase, or (with ``near``) the nearest one when it is nowhere exactly."""
        return next(iter(self.find_all(phrase, near=near)), None)

    def find_all(self, phrase: str, *, near: bool = True) -> list[tuple[FoldedRow, Hit]]:
        """Every exact place of the phrase; when there is none, the places that are nearest to it."""
        needle = folded(phrase)
        exact = [(row, hit) for row in self.rows for hit in row.exact(needle)]
        errors = errors_allowed(needle) if near else 0
        if exact or not errors:
            return exact
        found = [(row, hit) for row in self.rows if (hit := row.near(needle, errors))]
        fewest = min((hit.errors for _, hit in found), default=0)
        return [(row, hit) for row, hit in found if hit.errors == fewest]

    def find_everywhere(self, phrase: str) -> list[tuple[FoldedRow, Hit]]:
        """Every place of the phrase, exact or near: a label stands wherever it can be made out."""
        needle = folded(phrase)
        errors = errors_allowed(needle)
        found = []
        for row in self.rows:
            exact = list(row.exact(needle))
            near = list(row.nears(needle, errors)) if errors else []
            apart = (hit for hit in near if not any(_overlap(hit, one) for one in exact))
            found += [(row, hit) for hit in (*exact, *apart)]
        return found


def _overlap(one: Hit, other: Hit) -> bool:
    return one.start < other.end and other.start < one.end


def errors_allowed(needle: str) -> int:
    """How many characters of a folded phrase may differ."""
    return len(needle) // _LETTERS_PER_ERROR if len(needle) >= _SHORTEST_INEXACT else 0


@lru_cache(maxsize=8192)
def folded(text: str) -> str:
    """``text`` in the alphabet in which phrases are compared: lower-case letters and digits only."""
    return "".join(character for _, character in _fold(text))


def mentions(text: str, phrases: Iterable[str]) -> bool:
    """Whether one of ``phrases`` stands in a short ``text`` as whole words."""
    return first_mention(text, phrases) is not None


def first_mention(text: str, phrases: Iterable[str]) -> int | None:
    """How far into the folded ``text`` the first of ``phrases`` stands; None when none does."""
    row = _folded_text(text)
    hits = [hit.start for phrase in phrases if (hit := _hit(row, folded(phrase)))]
    return min(hits, default=None)


def _hit(row: FoldedRow, needle: str) -> Hit | None:
    errors = errors_allowed(needle)
    return next(row.exact(needle), None) or (row.near(needle, errors) if errors else None)


@lru_cache(maxsize=4096)
def _folded_text(text: str) -> FoldedRow:
    return _fold_row((Item.of(text),))


def _fold(text: str) -> Iterator[tuple[int, str]]:
    """Each folded character with the number of the character it came from."""
    for number, character in enumerate(text):
        for plain in unicodedata.normalize("NFKD", character).casefold():
            if plain.isalnum():
                yield number, plain.translate(_ALIKE)


def _fold_row(row: Row) -> FoldedRow:
    characters: list[str] = []
    sources: list[tuple[int, int]] = []
    starts: set[int] = set()
    for number, item in enumerate(row):
        last = -1
        for place, character in _fold(item.text):
            # A word begins at the item's beginning, after anything that is no letter or digit, and where
            # letters follow digits: box numbers often lose the space behind them.
            if last < 0 or place > last + 1 or _changes(item.text, last, place):
                starts.add(len(characters))
            last = place
            characters.append(character)
            sources.append((number, place))
    text = "".join(characters)
    return FoldedRow(row, text, tuple(sources), frozenset(starts), frozenset(_grams(text)))


def _changes(text: str, last: int, place: int) -> bool:
    return text[last].isdigit() and text[place].isalpha()


@lru_cache(maxsize=8192)
def _grams(text: str) -> tuple[str, ...]:
    return tuple(text[start : start + _GRAM] for start in range(len(text) - _GRAM + 1))
