"""The labels printed on a page, the pieces of text that are no label, and which label each piece is under.

A form is read as a person reads it: a value belongs to the nearest label to its left on the same line, or
to the nearest one above it in the same column; a label's column ends where the next label begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from lendgate.documents.approximate import approximate
from lendgate.documents.extract.find_labels import BOX_NUMBER, NOISE, Label, Wanted, find_labels, part_of
from lendgate.documents.layout import Item, Layout, share_row
from lendgate.documents.model import Box
from lendgate.documents.phrases import PageText, folded

_LEFT_OF_LABEL: Final = 0.015
"""Values may begin this much left of their label."""
_LINES_UNDER: Final = 9
_FAR_RIGHT: Final = 0.3
"""A value is no farther from its label than this share of the page's width."""
_FARTHEST_RIGHT: Final = 0.5
"""Nor than this where nothing stands between them."""
_FAR_BEYOND: Final = 0.15
"""Nor does it begin farther than this to the right of a label it stands under."""
_NUMBER_GAP: Final = 0.03
_TOUCHING: Final = 0.01
_LETTERS_PER_MISREAD: Final = 4
_SHORTEST_PRINT: Final = 8
_WIDTH_OF_A_BOX: Final = 0.15
_LEADERS: Final = re.compile(r"(?:\s?[._\u00b7…]){3,}")


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters of an item that are no label. ``at`` is their straightened box.

    ``dollar``: the form printed a dollar sign before them.
    """

    item: Item
    start: int
    end: int
    dollar: bool = False

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


class LabelledPage:
    """A page with its labels found and everything else assigned to them; ``noise`` is taken off the page."""

    def __init__(
        self, layout: Layout, wanted: Sequence[Wanted], noise: Sequence[str] = (), *, copies: bool = False
    ) -> None:
        self.layout = layout
        self.number = layout.page.number
        self._aspect = layout.page.height / layout.page.width
        self._print = tuple(folded(want.phrase) for want in wanted)
        text = PageText(layout)
        kept = find_labels(text, [*wanted, *(Wanted(NOISE, phrase) for phrase in noise)], copies=copies)
        self.labels = tuple(label for label in kept if label.name != NOISE)
        self.pieces = tuple(_behind_dollars(layout, _pieces(layout, kept)))
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

    def is_print(self, text: str) -> bool:
        """Whether the text is a label of the form, or a part of one, that was misread beyond finding."""
        said = folded(text)
        errors = len(said) // _LETTERS_PER_MISREAD
        return len(said) >= _SHORTEST_PRINT and any(
            approximate(said, phrase, errors) for phrase in self._print if len(phrase) >= len(said) - errors
        )

    def row_of(self, box: Box) -> list[Piece]:
        """Every piece on the line of ``box``, from left to right."""
        return sorted((p for p in self.pieces if share_row(p.at, box)), key=lambda p: p.at.left)

    def _numbers_a_label(self, piece: Piece) -> bool:
        """Whether the piece is the number of a box or line, printed before its label."""
        if not BOX_NUMBER.fullmatch(piece.text):
            return False
        at = piece.at
        gaps = (o.at.left - at.right for o in self.labels if share_row(o.at, at))
        return any(-_TOUCHING < gap < _NUMBER_GAP for gap in gaps)

    def _right_bound(self, label: Label) -> float:
        at = label.at
        beside = (o.at.left for o in self.labels if o.at.left >= at.right - _TOUCHING and share_row(o.at, at))
        return min(beside, default=1.0)

    def _is_next(self, label: Box, box: Box) -> bool:
        """Whether nothing is printed between the two on their line, as in a table of names and values."""
        others = (item.at for item in self.layout.items if share_row(item.at, label))
        return not any(at.left >= label.right - _TOUCHING and at.right <= box.left for at in others)

    def _owner(self, piece: Piece) -> Label | None:
        costs = ((self._cost(label, piece.at), label) for label in self.labels)
        found = [(cost, number, label) for number, (cost, label) in enumerate(costs) if cost is not None]
        return min(found)[2] if found else None

    def _cost(self, label: Label, box: Box) -> float | None:
        """How far ``box`` is from being the label's value, in widths of the page; None when it cannot be."""
        at = label.at
        if share_row(at, box) and box.left >= at.right - _TOUCHING:
            gap = box.left - at.right
            near = gap <= _FAR_RIGHT or (gap <= _FARTHEST_RIGHT and self._is_next(at, box))
            return gap if label.side != "under" and near else None
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


def _behind_dollars(layout: Layout, pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The pieces, those marked that stand behind a dollar sign which is alone in its place.

    Only of text layers: what OCR leaves behind a sign may be the rest of a larger number.
    """
    exact = layout.page.source == "text"
    signs = [item.at for item in layout.items if exact and item.text.strip() == "$"]
    for piece in pieces:
        at = piece.at
        dollar = any(share_row(sign, at) and 0 < at.left - sign.right < _WIDTH_OF_A_BOX for sign in signs)
        yield replace(piece, dollar=dollar)


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
