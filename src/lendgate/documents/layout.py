"""A page laid straight: its spans in rows and in reading order, and what stands beside or under what.

Law: geometry only. Boxes of ``Item.at`` are straightened for comparing; ``Item.span.box`` is where the
text is on the page and is what evidence shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from lendgate.documents.model import WHOLE_PAGE, Box, Page, Span

_SAME_ROW: Final = 0.5
"""Two boxes share a row when they overlap by this share of the lower one's height."""


@dataclass(frozen=True, slots=True)
class Item:
    """One span and where it would be on a straight page."""

    span: Span
    at: Box

    @property
    def text(self) -> str:
        return self.span.text

    @classmethod
    def of(cls, text: str) -> Item:
        """A text by itself, standing nowhere in particular."""
        return cls(Span(text, WHOLE_PAGE), WHOLE_PAGE)


Row = tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """A page's items in reading order, and the same in rows from top to bottom, left to right."""

    page: Page
    rows: tuple[Row, ...]
    line_height: float
    """The usual height of a line, as a share of the page."""

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for row in self.rows for item in row)


def lay_out(page: Page) -> Layout:
    """The page laid straight."""
    aspect = page.height / page.width
    items = [
        Item(span, span.box.turned(-page.skew, aspect) if page.skew else span.box) for span in page.spans
    ]
    return Layout(page, rows_of(items), median(item.at.height for item in items) if items else 0.01)


def rows_of(items: Iterable[Item]) -> tuple[Row, ...]:
    """The items grouped into rows; a row's reach is that of its first, tallest-first member."""
    rows: list[list[Item]] = []
    for item in sorted(items, key=lambda one: one.at.y):
        home = next((row for row in reversed(rows[-6:]) if _shares_row(row, item.at)), None)
        if home is None:
            rows.append([item])
        else:
            home.append(item)
    rows.sort(key=lambda row: min(item.at.y for item in row))
    return tuple(tuple(sorted(row, key=lambda item: item.at.left)) for row in rows)


def reading_order(spans: Sequence[Span], skew: float, aspect: float) -> tuple[Span, ...]:
    """The spans by rows of the straightened page."""
    items = (Item(span, span.box.turned(-skew, aspect) if skew else span.box) for span in spans)
    return tuple(item.span for row in rows_of(items) for item in row)


def share_row(one: Box, other: Box) -> bool:
    """Whether two straight boxes stand on one line."""
    overlap = min(one.bottom, other.bottom) - max(one.top, other.top)
    return overlap >= _SAME_ROW * min(one.height, other.height)


def _shares_row(row: Sequence[Item], box: Box) -> bool:
    # Compared with the neighbour only, so that a tall logo does not pull two lines into one.
    nearest = min(row, key=lambda item: abs(item.at.x - box.x))
    return share_row(nearest.at, box) and not _stacked(row, box)


def _stacked(row: Sequence[Item], box: Box) -> bool:
    """Whether the box stands above or under a member of the row: then it is on another line."""
    return any(
        min(item.at.right, box.right) - max(item.at.left, box.left) > 0.3 * min(item.at.width, box.width)
        for item in row
    )
