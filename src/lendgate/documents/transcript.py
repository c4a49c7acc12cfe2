"""A document's text as a second reader is given it: numbered lines, identifiers masked. Pure.

Law: what is sent is what quotes are looked up in; a quote that is not in its line, letter for letter but
for white space, was not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from lendgate.documents.document import Document
from lendgate.documents.layout import Item
from lendgate.documents.masking import Mask, mask_of
from lendgate.documents.model import Box

_GAP: Final = "  "
"""Between the columns of a line."""
_MOST_CHARACTERS: Final = 60_000
"""Some thirty dense pages; a document goes on unread by the second reader."""
_MASKED: Final = "•"


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a quote stands, and how surely the text there was made out."""

    page: int
    box: Box
    confidence: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page: its number, its text as sent, and the items it is made of."""

    id: str
    page: int
    text: str
    items: tuple[tuple[int, int, Item], ...]
    """Each item with where its text begins and ends in the line."""


@dataclass(frozen=True)
class Transcript:
    """The lines of a document in reading order."""

    lines: tuple[Line, ...]

    @cached_property
    def _by_id(self) -> dict[str, Line]:
        return {line.id: line for line in self.lines}

    def find(self, line_id: str, quote: str) -> Placed | None:
        """The place of a quote in its line; None where it does not stand there, or is masked."""
        line, words = self._by_id.get(line_id), quote.split()
        if line is None or not words or _MASKED in quote:
            return None
        start, end = _span_of(line.text, words)
        items = [item for first, last, item in line.items if first < end and last > start]
        if not items:
            return None
        box = items[0].span.box
        for item in items[1:]:
            box = box.join(item.span.box)
        return Placed(line.page, box, min(item.span.confidence for item in items))


def transcript_of(document: Document) -> Transcript:
    """The document's text, names and numbers that its fields hold masked."""
    mask = mask_of(document.extract.fields.values())
    lines: list[Line] = []
    total = 0
    for line in _lines(document, mask):
        total += len(line.text)
        if total > _MOST_CHARACTERS:
            break
        lines.append(line)
    return Transcript(tuple(lines))


def _lines(document: Document, mask: Mask) -> Iterator[Line]:
    # Lines are counted in the document: what else is in its packet must not make it another question.
    for at, layout in enumerate(document.layouts, start=1):
        for number, row in enumerate(layout.rows, start=1):
            yield _line(f"{at}.{number}", layout.page.number, row, mask)


def _line(line_id: str, page: int, row: Sequence[Item], mask: Mask) -> Line:
    texts: list[str] = []
    items: list[tuple[int, int, Item]] = []
    start = 0
    for item in row:
        text = " ".join(mask(item.text).split())
        items.append((start, start + len(text), item))
        texts.append(text)
        start += len(text) + len(_GAP)
    return Line(line_id, page, _GAP.join(texts), tuple(items))


def _span_of(text: str, words: Sequence[str]) -> tuple[int, int]:
    """Where the words stand one after the other, with only white space between them, as whole words."""
    start = -1
    while (start := text.find(words[0], start + 1)) >= 0:
        end = start
        for word in words:
            end += len(text[end:]) - len(text[end:].lstrip())
            if not text.startswith(word, end):
                break
            end += len(word)
        else:
            if _whole(text, start, end):
                return start, end
    return 0, 0


def _whole(text: str, start: int, end: int) -> bool:
    """Whether no digit or letter goes on before or behind: 250.00 is no quote of 1,250.00."""
    before, behind = text[max(start - 2, 0) : start], text[end : end + 2]
    return not (
        before[-1:].isalnum()
        or behind[:1].isalnum()
        or (before[-1:] in {",", "."} and before[:1].isdigit())
        or (behind[:1] in {",", "."} and behind[1:].isdigit())
    )
