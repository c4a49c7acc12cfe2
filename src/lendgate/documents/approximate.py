"""Where a text is most like a phrase: Myers's bit-parallel matching (J. ACM 46(3), 1999). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a phrase was found in folded text, and in how many characters it differed."""

    start: int
    end: int
    errors: int


def approximate(needle: str, text: str, errors: int) -> Hit | None:
    """The nearest place of ``needle`` in ``text`` with at most ``errors`` insertions, deletions, changes."""
    end, distance = min(_distances(needle, text), key=lambda one: one[1], default=(0, errors + 1))
    if distance > errors:
        return None
    # The same search backwards from the end tells the beginning; of several, the shortest match is meant.
    before = text[max(end - len(needle) - errors, 0) : end]
    length, _ = min(_distances(needle[::-1], before[::-1]), key=lambda one: one[1])
    return Hit(end - length, end, distance)


def _distances(needle: str, text: str) -> Iterator[tuple[int, int]]:
    """For every end in ``text``: the edit distance of the best match that ends there."""
    size = len(needle)
    masks: dict[str, int] = {}
    for bit, character in enumerate(needle):
        masks[character] = masks.get(character, 0) | 1 << bit
    full, top = (1 << size) - 1, 1 << (size - 1)
    plus, minus, distance = full, 0, size
    for end, character in enumerate(text, start=1):
        match = masks.get(character, 0)
        diagonal = (((match & plus) + plus) ^ plus) | match | minus
        horizontal_plus = minus | ~(diagonal | plus)
        horizontal_minus = plus & diagonal
        distance += bool(horizontal_plus & top) - bool(horizontal_minus & top)
        horizontal_plus = horizontal_plus << 1
        horizontal_minus = horizontal_minus << 1
        plus = (horizontal_minus | ~(diagonal | horizontal_plus)) & full
        minus = horizontal_plus & diagonal & full
        yield end, distance
