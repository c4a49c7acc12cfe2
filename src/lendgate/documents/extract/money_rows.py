"""Rows of words and amounts: the common ground of pay stubs and statements.

A printed row may hold several tables side by side; it is cut where words follow an amount, so that each
part is one label with the amounts behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from lendgate.documents.extract.find_labels import part_of
from lendgate.documents.fields import Evidence, Field
from lendgate.documents.layout import Item, Layout
from lendgate.documents.model import Box
from lendgate.documents.values import amounts

_ONLY_AMOUNT: Final = re.compile(r"[\s$*=+()|S-]*")
_MEASURE: Final = re.compile(r"\W*\d[\d,]*\.(?:\d|\d{3,})\W*")
"""Hours, units and rates: numbers with another count of decimals than money has."""
_UNFINISHED: Final = re.compile(r"\d,\d{0,2}$")
"""The beginning of a number that a bad text layer broke: what follows is its end, not a sum."""
_DOUBTFUL: Final = 0.5
_PLUS: Final = re.compile(r"^\W*[+]")


@dataclass(frozen=True, slots=True)
class Amount:
    """One amount on the page: its value as printed (signed where a sign is printed) and its places."""

    value: Decimal
    item: Item
    start: int
    end: int
    spelling: float

    @property
    def at(self) -> Box:
        return part_of(self.item, self.start, self.end)

    @property
    def quote(self) -> str:
        return self.item.text[self.start : self.end].strip()

    @property
    def signed(self) -> bool:
        """Whether a sign is printed, plus included."""
        return self.value < 0 or bool(_PLUS.match(self.quote))

    def field(self, name: str, page: int) -> Field:
        """The amount as a field of that name."""
        confidence = round(self.item.span.confidence * self.spelling * 0.98, 4)
        return Field(
            name, self.value, page, self.item.span.part(self.start, self.end), self.quote, confidence
        )


@dataclass(frozen=True, slots=True)
class MoneyRow:
    """A label and the amounts behind it; without a label the amounts stand at the row's beginning."""

    page: int
    label: str
    items: tuple[Item, ...]
    amounts: tuple[Amount, ...]

    @property
    def at(self) -> Box:
        """The straightened box of the label, or of the amounts where there is none."""
        boxes = [item.at for item in self.items] or [amount.at for amount in self.amounts]
        first, *others = boxes
        for other in others:
            first = first.join(other)
        return first

    @property
    def evidence(self) -> Evidence:
        """The whole row on the page."""
        spans = [item.span for item in self.items] + [amount.item.span for amount in self.amounts]
        box = spans[0].box
        for span in spans[1:]:
            box = box.join(span.box)
        quote = " ".join([self.label, *(amount.quote for amount in self.amounts)]).strip()
        return Evidence(self.page, box, quote)


def money_rows(layout: Layout) -> tuple[MoneyRow, ...]:
    """Every row of the page cut into labels with their amounts, in reading order."""
    return tuple(part for row in layout.rows for part in _parts(layout.page.number, row))


def amounts_of(row: Sequence[Item]) -> list[Amount]:
    """Every amount of a printed row, from left to right."""
    return [amount for item in row for amount in _split(item)[1]]


def _parts(page: int, row: tuple[Item, ...]) -> Iterator[MoneyRow]:
    words: list[Item] = []
    found: list[Amount] = []
    texts: list[str] = []
    for item in row:
        if (words or found) and _MEASURE.fullmatch(item.text):
            continue
        text, figures = _split(item)
        if texts and figures and _UNFINISHED.search(texts[-1]):
            figures[0] = replace(figures[0], spelling=_DOUBTFUL)
        if text and found:
            yield MoneyRow(page, " ".join(texts), tuple(words), tuple(found))
            words, found, texts = [], [], []
        if text:
            words.append(item)
            texts.append(text)
        found.extend(figures)
    if words or found:
        yield MoneyRow(page, " ".join(texts), tuple(words), tuple(found))


def _split(item: Item) -> tuple[str, list[Amount]]:
    """An item's words, and the amounts at its end."""
    text = item.text
    found = [Amount(one.value, item, one.start, one.end, one.spelling) for one in amounts(text, cents=True)]
    tail: list[Amount] = []
    end = len(text)
    for amount in reversed(found):
        if not _ONLY_AMOUNT.fullmatch(text[amount.end : end]):
            break
        tail.insert(0, amount)
        end = amount.start
    words = text[:end].strip()
    return ("" if _ONLY_AMOUNT.fullmatch(words) else words), tail
