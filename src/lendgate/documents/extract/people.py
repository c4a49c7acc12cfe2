"""Names of people and organizations where no label tells them: the first line of an address block."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lendgate.documents.fields import Field
from lendgate.documents.layout import Item, Layout
from lendgate.documents.phrases import mentions
from lendgate.documents.words import words

_CITY: Final = re.compile(r"(?:\b[A-Z]{2}|USA|[A-Za-z]{3,}),?\s?(?P<zip>\d[\d .]{4,7})(?:-\d{4})?\s*$")
_STREET: Final = re.compile(
    r"^\s*(?:\d+[A-Za-z]?\s?[A-Za-z]|P\.?\s?O\.?\s+Box|One\s|.*\b(?:Street|St|Ave|Avenue|Road|Rd|Blvd|Lane|Drive)\b)",
    re.IGNORECASE,
)
_WORD_OF_A_NAME: Final = re.compile(r"[^\W\d_](?:[^\W\d_]|['\u2019.-])*,?")
_WORDS_OF_A_PERSON: Final = range(2, 6)
_TITLES: Final = re.compile(r"^(?:mr|mrs|ms|miss|dr)\.?\s+", re.IGNORECASE)
_DIGITS_OF_A_ZIP: Final = 5
_BLOCK_LINES: Final = 3
_LONGEST_NAME: Final = 8
"""Words, of the name of a company or of two people; longer texts are sentences."""
_SURE: Final = 0.9
"""What a name told by its place alone is worth beside one that has a label."""


@dataclass(frozen=True, slots=True)
class Block:
    """An address: its first line, which is a name, and the rest."""

    name: Item
    lines: tuple[Item, ...]


def address_blocks(layout: Layout) -> tuple[Block, ...]:
    """Every address on the page that begins with a line that is no address, from top to bottom."""
    items = layout.items
    blocks: dict[int, Block] = {}
    for item in items:
        if not _is_city(item.text):
            continue
        lines = [item]
        while len(lines) <= _BLOCK_LINES and (above := _line_above(lines[0], items, layout.line_height)):
            lines.insert(0, above)
            if not _is_address(above.text):
                break
        if len(lines) > 1 and not _is_address(lines[0].text):
            blocks.setdefault(id(lines[0]), Block(lines[0], tuple(lines[1:])))
    return tuple(blocks.values())


def is_organization(name: str) -> bool:
    """Whether the name has a word that only organizations have."""
    return mentions(name, words().organization)


def is_name(text: str) -> bool:
    """Whether words at a label for a name can be one: no number, no sentence, no words of the print."""
    few = 1 < len(text.split()) <= _LONGEST_NAME
    return few and not any(map(str.isdigit, text)) and not mentions(text, words().no_name)


def is_print(text: str) -> bool:
    """Whether the text is made of nothing but words of titles and labels."""
    return all(mentions(word, words().no_name) for word in text.split())


def person_field(name: str, layout: Layout, blocks: Sequence[Block]) -> Field | None:
    """The first address block of a person, as a field."""
    for block in blocks:
        text = _TITLES.sub("", block.name.text.strip())
        if _is_person(text) and not is_organization(text) and not mentions(text, words().no_name):
            return _field(name, layout, block.name, text)
    return None


def _is_person(text: str) -> bool:
    """Whether the words are those of a name: each begins with a capital letter, of whatever language."""
    parts = text.split()
    capitals = all(_WORD_OF_A_NAME.fullmatch(part) and not part[0].islower() for part in parts)
    return len(parts) in _WORDS_OF_A_PERSON and capitals


def organization_field(name: str, layout: Layout, blocks: Sequence[Block]) -> Field | None:
    """The first address block of an organization, else the first line that has an organization's word."""
    for block in blocks:
        if is_organization(block.name.text):
            return _field(name, layout, block.name, block.name.text.strip())
    return None


def _field(name: str, layout: Layout, item: Item, text: str) -> Field:
    confidence = round(item.span.confidence * _SURE, 4)
    return Field(name, text, layout.page.number, item.span.box, item.text, confidence)


def _is_address(text: str) -> bool:
    return _is_city(text) or bool(_STREET.match(text))


def _is_city(text: str) -> bool:
    """Whether the line ends in a ZIP code: five digits, however spaced; an amount has more or fewer."""
    found = _CITY.search(text)
    return found is not None and sum(map(str.isdigit, found["zip"])) == _DIGITS_OF_A_ZIP


def _line_above(item: Item, items: Sequence[Item], line_height: float) -> Item | None:
    """The item on the next line up that begins where this one does."""
    above = [
        one
        for one in items
        if 0 < item.at.y - one.at.y < 2.2 * line_height and abs(one.at.left - item.at.left) < 0.03  # noqa: PLR2004 - up to double spacing; a left edge
    ]
    return max(above, key=lambda one: one.at.y, default=None)
