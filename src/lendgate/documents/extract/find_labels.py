"""The labels printed on a page: where each stands, misread or broken over two lines as it may be. Pure.

Law: on a sheet with copies of one form every copy of a label is found, not only the best one. A label that
is missed leaves its value to its neighbour, and that is how a form is read wrongly.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from lendgate.documents.approximate import Hit
from lendgate.documents.layout import Item
from lendgate.documents.model import Box
from lendgate.documents.phrases import FoldedRow, PageText, Place, folded

Side = Literal["under", "right", "both"]
"""Where a label's value stands."""
NOISE: Final = "(noise)"
"""The name of print that is no label: it is taken off the page."""
BOX_NUMBER: Final = re.compile(r"\(?[0-9]{1,2}[a-z]?\)?\.?|[a-zA-Z]\.?")
_ERROR_COST: Final = 0.03
_SHORT: Final = 12
_SHORTEST_LINE: Final = 14
"""Characters of the first line of a broken label: fewer may be the whole of another one."""
_NEXT_LINES: Final = 2.5
"""How far down a label goes on, in heights of its first line."""
_LEFT_EDGE: Final = 0.03
_NUMBER: Final = re.compile(r"(?<=[a-z.,] )\d+")
"""A number behind words; the number of a box stands before them, and is misread without harm."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label found on the page, for the field ``name`` (several may be for one, some for none)."""

    name: str
    side: Side
    places: tuple[Place, ...]
    quality: float

    @property
    def at(self) -> Box:
        first, *others = (part_of(place.item, place.start, place.end) for place in self.places)
        for other in others:
            first = first.join(other)
        return first


@dataclass(frozen=True, slots=True)
class Wanted:
    """A label to look for."""

    name: str
    phrase: str
    side: Side = "under"


def find_labels(text: PageText, wanted: Sequence[Wanted], *, copies: bool) -> tuple[Label, ...]:
    """Every label on the page; where several were found in one place, the weightiest."""
    found: list[Label] = []
    for want in wanted:
        whole = list(_whole(text, want, copies=copies))
        found += whole or _broken(text, want)
    return _without_overlaps(found)


def part_of(item: Item, start: int, end: int) -> Box:
    """The straightened box of some of an item's characters."""
    step = item.at.width / max(len(item.text), 1)
    return Box(item.at.left + start * step, item.at.top, item.at.left + end * step, item.at.bottom)


def _whole(text: PageText, want: Wanted, *, copies: bool) -> Iterator[Label]:
    found = text.find_everywhere(want.phrase) if copies else text.find_all(want.phrase)
    for row, hit in found:
        places = row.places(hit)
        if hit.errors and not _same_numbers(want.phrase, places):
            continue
        if hit.end - hit.start < _SHORT and not _begins(places[0]):
            continue
        yield Label(want.name, want.side, places, 1 - _ERROR_COST * hit.errors)


def _same_numbers(phrase: str, places: Sequence[Place]) -> bool:
    """Whether the numbers inside the phrase are printed: "line 18" misread is not "line 12"."""
    shown = " ".join(place.item.text[place.start : place.end] for place in places)
    return all(number in _NUMBER.findall(shown) for number in _NUMBER.findall(phrase))


def _broken(text: PageText, want: Wanted) -> list[Label]:
    """The label by the first of its lines, and what follows on the next one as print."""
    words = want.phrase.split()
    for count in range(len(words) - 1, 1, -1):
        first, rest = " ".join(words[:count]), " ".join(words[count:])
        if len(folded(first)) < _SHORTEST_LINE:
            break
        lines = [row.places(hit) for row, hit in _exact(text, first) if _is_a_line(row.places(hit))]
        found = [Label(want.name, want.side, places, 1 - _ERROR_COST) for places in lines]
        if found:
            return [*found, *_second_lines(text, rest, found)]
    return []


def _exact(text: PageText, phrase: str) -> Iterator[tuple[FoldedRow, Hit]]:
    needle = folded(phrase)
    return ((row, hit) for row in text.rows for hit in row.exact(needle))


def _second_lines(text: PageText, rest: str, labels: Sequence[Label]) -> Iterator[Label]:
    for row, hit in _exact(text, rest):
        line = Label(NOISE, "under", row.places(hit), 1.0)
        if any(_follows(line.at, label.at) for label in labels):
            yield line


def _follows(line: Box, label: Box) -> bool:
    down = line.y - label.y
    return 0 < down < _NEXT_LINES * label.height and abs(line.left - label.left) < _LEFT_EDGE


def _is_a_line(places: Sequence[Place]) -> bool:
    """Whether nothing but the number of its box stands on the line beside it."""
    last = places[-1]
    return _begins(places[0]) and not last.item.text[last.end :].strip(" .,:;/-")


def _begins(place: Place) -> bool:
    """Whether nothing stands before the label but the number of its box: "City" in "Any City" is a value."""
    before = place.item.text[: place.start].split()
    return not before or bool(BOX_NUMBER.fullmatch(before[-1]))


def _without_overlaps(labels: Iterable[Label]) -> tuple[Label, ...]:
    kept: list[Label] = []
    taken: set[tuple[int, int]] = set()
    for label in sorted(labels, key=_weight, reverse=True):
        characters = {(id(p.item), place) for p in label.places for place in range(p.start, p.end)}
        if not characters & taken:
            taken |= characters
            kept.append(label)
    return tuple(kept)


def _weight(label: Label) -> float:
    """Longer labels win over shorter ones, and exact ones over those that are only near."""
    return sum(place.end - place.start for place in label.places) * label.quality**4
