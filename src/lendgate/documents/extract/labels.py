"""The labels printed on a page, the pieces of text that are no label, and which label each piece is under.

A form is read as a person reads it: a value belongs to the nearest label to its left on the same line, or
to the nearest one above it in the same column; a label's column ends where the next label begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from lendgate.documents.layout import Item, Layout, share_row
from lendgate.documents.model import Box
from lendgate.documents.phrases import PageText, Place

Side = Literal["under", "right", "both"]
"""Where a label's value stands."""
_LEFT_OF_LABEL: Final = 0.015
"""Values may begin this much left of their label."""
_LINES_UNDER: Final = 9
_FAR_RIGHT: Final = 0.3
"""A value is not farther from its label than this share of the page's width."""
_FAR_BEYOND: Final = 0.15
"""Nor does it begin farther than this to the right of a label it stands under."""
_NOISE: Final = "(noise)"
_ERROR_COST: Final = 0.03
_NUMBER_GAP: Final = 0.03
_TOUCHING: Final = 0.01
_BOX_NUMBER: Final = re.compile(r"\(?[0-9]{1,2}[a-z]?\)?\.?|[a-zA-Z]\.?")
_SHORT: Final = 12
_LEADERS: Final = re.compile(r"(?:\s?[._\u00b7…]){3,}")


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters of an item that are no label. ``at`` is their straightened box."""

    item: Item
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.item.text[self.start : self.end].strip()

    @property
    def at(self) -> Box:
        return part_of(self.item, self.start, self.end)

    @property
    def box(self) -> Box:
        return self.item.span.part(self.start, self.end)

    @property
    def confidence(self) -> float:
        return self.item.span.confidence


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


class LabelledPage:
    """A page with its labels found and everything else assigned to them; ``noise`` is taken off the page."""

    def __init__(self, layout: Layout, wanted: Sequence[Wanted], noise: Sequence[str] = ()) -> None:
        self.layout = layout
        self.number = layout.page.number
        self._aspect = layout.page.height / layout.page.width
        text = PageText(layout)
        found = [label for want in wanted for label in _found(text, want)]
        words = [label for phrase in noise for label in _found(text, Wanted(_NOISE, phrase))]
        kept = _without_overlaps([*found, *words])
        self.labels = tuple(label for label in kept if label.name != _NOISE)
        self.pieces = tuple(_pieces(layout, kept))
        self._bounds = {id(label): self._right_bound(label) for label in self.labels}
        self._owned: dict[int, list[Piece]] = {id(label): [] for label in self.labels}
        for piece in self.pieces:
            owner = None if self._numbers_a_label(piece) else self._owner(piece)
            if owner is not None:
                self._owned[id(owner)].append(piece)

    def named(self, name: str) -> list[Label]:
        """The labels of one field, from top to bottom."""
        return sorted((label for label in self.labels if label.name == name), key=lambda label: label.at.top)

    def cell(self, label: Label) -> list[list[Piece]]:
        """What stands at the label, in rows: first what is beside it, then what is under it."""
        return rows_of_pieces(self._owned[id(label)])

    def row_of(self, box: Box) -> list[Piece]:
        """Every piece on the line of ``box``, from left to right."""
        return sorted((p for p in self.pieces if share_row(p.at, box)), key=lambda p: p.at.left)

    def _numbers_a_label(self, piece: Piece) -> bool:
        """Whether the piece is the number of a box or line, printed before its label."""
        if not _BOX_NUMBER.fullmatch(piece.text):
            return False
        at = piece.at
        gaps = (o.at.left - at.right for o in self.labels if share_row(o.at, at))
        return any(-_TOUCHING < gap < _NUMBER_GAP for gap in gaps)

    def _right_bound(self, label: Label) -> float:
        at = label.at
        beside = (o.at.left for o in self.labels if o.at.left >= at.right - _TOUCHING and share_row(o.at, at))
        return min(beside, default=1.0)

    def _owner(self, piece: Piece) -> Label | None:
        costs = ((self._cost(label, piece.at), label) for label in self.labels)
        found = [(cost, number, label) for number, (cost, label) in enumerate(costs) if cost is not None]
        return min(found)[2] if found else None

    def _cost(self, label: Label, box: Box) -> float | None:
        """How far ``box`` is from being the label's value, in widths of the page; None when it cannot be."""
        at = label.at
        if share_row(at, box) and box.left >= at.right - _TOUCHING:
            gap = box.left - at.right
            return None if label.side == "under" or gap > _FAR_RIGHT else gap
        down = box.y - at.y
        if label.side == "right" or not 0 < down <= _LINES_UNDER * self.layout.line_height:
            return None
        begins = box.left >= at.left - _LEFT_OF_LABEL or box.x >= at.left
        if share_row(at, box) or not begins or box.x >= self._bounds[id(label)]:
            return None
        beyond = max(box.left - at.right, 0.0)
        # A label with its value beside it has none under it either, unless straight below.
        if beyond > (_FAR_BEYOND if label.side == "under" else _LEFT_OF_LABEL):
            return None
        return down * self._aspect + beyond


def part_of(item: Item, start: int, end: int) -> Box:
    """The straightened box of some of an item's characters."""
    step = item.at.width / max(len(item.text), 1)
    return Box(item.at.left + start * step, item.at.top, item.at.left + end * step, item.at.bottom)


def rows_of_pieces(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Pieces grouped into lines, each from left to right."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda one: one.at.y):
        if rows and share_row(rows[-1][-1].at, piece.at) and not _overlaps(rows[-1], piece):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [sorted(row, key=lambda one: one.at.left) for row in rows]


def _overlaps(row: Sequence[Piece], piece: Piece) -> bool:
    """Whether the piece stands above or under one of the row: then it is on the next line."""
    at = piece.at
    return any(
        min(one.at.right, at.right) - max(one.at.left, at.left) > min(one.at.width, at.width) / 2
        for one in row
    )


def _found(text: PageText, want: Wanted) -> Iterable[Label]:
    for row, hit in text.find_all(want.phrase):
        places = row.places(hit)
        if hit.end - hit.start < _SHORT and not _begins(places[0]):
            continue
        yield Label(want.name, want.side, places, 1 - _ERROR_COST * hit.errors)


def _begins(place: Place) -> bool:
    """Whether nothing stands before the label but the number of its box: "City" in "Any City" is a value."""
    before = place.item.text[: place.start].split()
    return not before or bool(_BOX_NUMBER.fullmatch(before[-1]))


def _without_overlaps(labels: Iterable[Label]) -> tuple[Label, ...]:
    """The weightiest labels, where several were found in one place."""
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


def _pieces(layout: Layout, labels: Iterable[Label]) -> Iterable[Piece]:
    ranges: dict[int, list[tuple[int, int]]] = {}
    for label in labels:
        for place in label.places:
            ranges.setdefault(id(place.item), []).append((place.start, place.end))
    for item in layout.items:
        leaders = [found.span() for found in _LEADERS.finditer(item.text)]
        start = 0
        for first, last in sorted([*ranges.get(id(item), []), *leaders]):
            yield from _piece(item, start, first)
            start = max(start, last)
        yield from _piece(item, start, len(item.text))


def _piece(item: Item, start: int, end: int) -> Iterable[Piece]:
    text = item.text[start:end]
    if any(character.isalnum() for character in text):
        trimmed = text.strip(" :.;")
        offset = text.find(trimmed)
        yield Piece(item, start + offset, start + offset + len(trimmed))
